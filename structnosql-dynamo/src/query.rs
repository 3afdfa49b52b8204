use aws_sdk_dynamodb::Client;
use structnosql_core::expression::Expressions;
use structnosql_core::{Failure, QueryRequest, QueryResponse};

use crate::convert::{to_attributes, to_map};
use crate::failure::classify;
use crate::names::{names, values};

pub(crate) async fn query(client: &Client, request: QueryRequest) -> Result<QueryResponse, Failure> {
    let mut expressions = Expressions::default();
    let mut call = client
        .query()
        .table_name(&*request.table)
        .set_index_name(request.index.map(str::to_owned))
        .key_condition_expression(expressions.key_condition(request.partition, request.sort))
        .set_limit(request.limit.map(|limit| i32::try_from(limit).unwrap_or(i32::MAX)))
        .set_exclusive_start_key(request.start.map(to_attributes))
        .scan_index_forward(!request.descending)
        .consistent_read(request.consistent);
    if !request.projection.is_empty() {
        call = call.projection_expression(expressions.projection(&request.projection));
    }
    let output = call
        .set_expression_attribute_names(names(&expressions))
        .set_expression_attribute_values(values(expressions))
        .send()
        .await
        .map_err(|error| classify(&error))?;
    let items = output.items.unwrap_or_default();
    Ok(QueryResponse {
        scanned: u32::try_from(output.scanned_count).unwrap_or(0),
        items: items.into_iter().map(to_map).collect::<Result<_, _>>()?,
        next: output.last_evaluated_key.filter(|key| !key.is_empty()).map(to_map).transpose()?,
    })
}
