use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::get_item::GetItemInput;
use structnosql_core::expression::Expressions;
use structnosql_core::{Failure, GetRequest, Map};

use crate::capacity;
use crate::convert::{to_attributes, to_map};
use crate::failure::classify;
use crate::names::names;

/// An item without any of the projected parts comes back empty, and is there all the same.
pub(crate) async fn get(client: &Client, request: GetRequest) -> Result<Option<Map>, Failure> {
    let mut call = GetItemInput::builder()
        .table_name(&*request.table)
        .set_key(Some(to_attributes(&request.key)))
        .consistent_read(request.consistent)
        .set_return_consumed_capacity(capacity::wanted());
    if !request.projection.is_empty() {
        let mut expressions = Expressions::default();
        call = call
            .projection_expression(expressions.projection(&request.projection))
            .set_expression_attribute_names(names(&expressions));
    }
    let output = Box::pin(call.send_with(client)).await.map_err(|error| classify(&error))?;
    capacity::read(output.consumed_capacity);
    output.item.map(to_map).transpose()
}
