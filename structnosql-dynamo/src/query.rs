use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::query::QueryInput;
use aws_sdk_dynamodb::types::Select;
use structnosql_core::expression::Expressions;
use structnosql_core::{Failure, PageResponse, QueryRequest};

use crate::capacity;
use crate::convert::to_attributes;
use crate::failure::classify;
use crate::names::{names, values};
use crate::page::{number, page};

pub(crate) async fn query(client: &Client, request: QueryRequest) -> Result<PageResponse, Failure> {
    let mut expressions = Expressions::default();
    let mut call = QueryInput::builder()
        .table_name(&*request.table)
        .set_index_name(request.index.map(String::from))
        .key_condition_expression(expressions.key_condition(request.partition, request.sort))
        .set_limit(request.limit.map(number))
        .set_exclusive_start_key(request.start.as_ref().map(to_attributes))
        .scan_index_forward(!request.descending)
        .consistent_read(request.consistent)
        .set_return_consumed_capacity(capacity::wanted());
    if let Some(filter) = &request.filter {
        call = call.filter_expression(expressions.condition(filter));
    }
    if request.count_only {
        call = call.select(Select::Count);
    } else if !request.projection.is_empty() {
        call = call.projection_expression(expressions.projection(&request.projection));
    }
    let call =
        call.set_expression_attribute_names(names(&expressions)).set_expression_attribute_values(values(expressions));
    let output = Box::pin(call.send_with(client)).await.map_err(|error| classify(&error))?;
    capacity::read(output.consumed_capacity);
    page(output.items, output.count, output.scanned_count, output.last_evaluated_key)
}
