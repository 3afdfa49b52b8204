use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::batch_get_item::BatchGetItemInput;
use aws_sdk_dynamodb::types::KeysAndAttributes;
use structnosql_core::expression::Expressions;
use structnosql_core::{BatchGetRequest, BatchGetResponse, Failure};

use crate::capacity;
use crate::convert::{to_attributes, to_map};
use crate::failure::{classify, unsendable};
use crate::names::names;

pub(crate) async fn batch_get(client: &Client, request: BatchGetRequest) -> Result<BatchGetResponse, Failure> {
    let table = request.table.to_string();
    let mut asked = KeysAndAttributes::builder()
        .set_keys(Some(request.keys.iter().map(to_attributes).collect()))
        .consistent_read(request.consistent);
    if !request.projection.is_empty() {
        let mut expressions = Expressions::default();
        asked = asked
            .projection_expression(expressions.projection(&request.projection))
            .set_expression_attribute_names(names(&expressions));
    }
    let asked = asked.build().map_err(unsendable)?;
    let call =
        BatchGetItemInput::builder().request_items(&table, asked).set_return_consumed_capacity(capacity::wanted());
    let output = Box::pin(call.send_with(client)).await.map_err(|error| classify(&error))?;
    capacity::read(output.consumed_capacity.unwrap_or_default());
    let items = output.responses.and_then(|mut responses| responses.remove(&table)).unwrap_or_default();
    let left = output.unprocessed_keys.and_then(|mut left| left.remove(&table)).map(|left| left.keys);
    Ok(BatchGetResponse {
        items: items.into_iter().map(to_map).collect::<Result<_, _>>()?,
        unprocessed: left.unwrap_or_default().into_iter().map(to_map).collect::<Result<_, _>>()?,
    })
}
