use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::transact_get_items::{TransactGetItemsError, TransactGetItemsInput};
use aws_sdk_dynamodb::types::{Get, TransactGetItem};
use structnosql_core::expression::Expressions;
use structnosql_core::{Failure, FailureClass, Map, TransactGet, TransactGetRequest};

use crate::capacity;
use crate::convert::{to_attributes, to_map};
use crate::failure::{classify_transaction, unsendable};
use crate::names::names;

pub(crate) async fn transact_get(client: &Client, request: &TransactGetRequest) -> Result<Vec<Option<Map>>, Failure> {
    let gets = request.gets.iter().map(to_get).collect::<Result<Vec<_>, _>>()?;
    let call = TransactGetItemsInput::builder()
        .set_transact_items(Some(gets))
        .set_return_consumed_capacity(capacity::wanted());
    let output = match Box::pin(call.send_with(client)).await {
        Ok(output) => output,
        Err(error) => {
            return Err(classify_transaction(error, |error| match error {
                TransactGetItemsError::TransactionCanceledException(cancelled) => cancelled.cancellation_reasons,
                _ => None,
            }));
        }
    };
    capacity::read(output.consumed_capacity.unwrap_or_default());
    let answers = output.responses.unwrap_or_default();
    if answers.len() != request.gets.len() {
        return Err(Failure::new(FailureClass::BadAnswer, "a read of several items was not answered for each"));
    }
    answers.into_iter().map(|answer| answer.item.filter(|item| !item.is_empty()).map(to_map).transpose()).collect()
}

fn to_get(request: &TransactGet) -> Result<TransactGetItem, Failure> {
    let mut get = Get::builder().table_name(&*request.table).set_key(Some(to_attributes(&request.key)));
    if !request.projection.is_empty() {
        let mut expressions = Expressions::default();
        get = get
            .projection_expression(expressions.projection(&request.projection))
            .set_expression_attribute_names(names(&expressions));
    }
    Ok(TransactGetItem::builder().get(get.build().map_err(unsendable)?).build())
}
