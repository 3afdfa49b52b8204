use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::transact_write_items::{TransactWriteItemsError, TransactWriteItemsInput};
use aws_sdk_dynamodb::types::{
    ConditionCheck, Delete, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};
use structnosql_core::expression::Expressions;
use structnosql_core::{
    CheckRequest, DeleteRequest, Failure, PutRequest, TransactAction, TransactWriteRequest, UpdateRequest,
};

use crate::capacity;
use crate::convert::to_attributes;
use crate::failure::{classify_transaction, unsendable};
use crate::names::{names, values};

const STORED: ReturnValuesOnConditionCheckFailure = ReturnValuesOnConditionCheckFailure::AllOld;

/// Where the caller gives no token, the SDK makes one up for each attempt.
pub(crate) async fn transact_write(client: &Client, request: &TransactWriteRequest) -> Result<(), Failure> {
    let actions = request.actions.iter().map(to_action).collect::<Result<Vec<_>, _>>()?;
    let call = TransactWriteItemsInput::builder()
        .set_transact_items(Some(actions))
        .set_return_consumed_capacity(capacity::wanted())
        .set_client_request_token(request.token.as_ref().map(|token| token.as_str().to_owned()));
    match Box::pin(call.send_with(client)).await {
        Ok(output) => {
            capacity::written(output.consumed_capacity.unwrap_or_default());
            Ok(())
        }
        Err(error) => Err(classify_transaction(error, |error| match error {
            TransactWriteItemsError::TransactionCanceledException(cancelled) => cancelled.cancellation_reasons,
            _ => None,
        })),
    }
}

fn to_action(action: &TransactAction) -> Result<TransactWriteItem, Failure> {
    let item = TransactWriteItem::builder();
    Ok(match action {
        TransactAction::Put(put) => item.put(to_put(put)?),
        TransactAction::Update(update) => item.update(to_update(update)?),
        TransactAction::Delete(delete) => item.delete(to_delete(delete)?),
        TransactAction::Check(check) => item.condition_check(to_check(check)?),
    }
    .build())
}

fn to_put(request: &PutRequest) -> Result<Put, Failure> {
    let mut expressions = Expressions::default();
    Put::builder()
        .table_name(&*request.table)
        .set_item(Some(to_attributes(&request.item)))
        .set_condition_expression(request.condition.as_ref().map(|condition| expressions.condition(condition)))
        .set_expression_attribute_names(names(&expressions))
        .set_expression_attribute_values(values(expressions))
        .return_values_on_condition_check_failure(STORED)
        .build()
        .map_err(unsendable)
}

fn to_update(request: &UpdateRequest) -> Result<Update, Failure> {
    let mut expressions = Expressions::default();
    Update::builder()
        .table_name(&*request.table)
        .set_key(Some(to_attributes(&request.key)))
        .update_expression(expressions.update(&request.actions))
        .set_condition_expression(request.condition.as_ref().map(|condition| expressions.condition(condition)))
        .set_expression_attribute_names(names(&expressions))
        .set_expression_attribute_values(values(expressions))
        .return_values_on_condition_check_failure(STORED)
        .build()
        .map_err(unsendable)
}

fn to_delete(request: &DeleteRequest) -> Result<Delete, Failure> {
    let mut expressions = Expressions::default();
    Delete::builder()
        .table_name(&*request.table)
        .set_key(Some(to_attributes(&request.key)))
        .set_condition_expression(request.condition.as_ref().map(|condition| expressions.condition(condition)))
        .set_expression_attribute_names(names(&expressions))
        .set_expression_attribute_values(values(expressions))
        .return_values_on_condition_check_failure(STORED)
        .build()
        .map_err(unsendable)
}

fn to_check(request: &CheckRequest) -> Result<ConditionCheck, Failure> {
    let mut expressions = Expressions::default();
    ConditionCheck::builder()
        .table_name(&*request.table)
        .set_key(Some(to_attributes(&request.key)))
        .condition_expression(expressions.condition(&request.condition))
        .set_expression_attribute_names(names(&expressions))
        .set_expression_attribute_values(values(expressions))
        .return_values_on_condition_check_failure(STORED)
        .build()
        .map_err(unsendable)
}
