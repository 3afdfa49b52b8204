use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::update_item::{UpdateItemError, UpdateItemInput};
use aws_sdk_dynamodb::types::{ReturnValue, ReturnValuesOnConditionCheckFailure};
use structnosql_core::expression::Expressions;
use structnosql_core::{Failure, Map, UpdateRequest};

use crate::capacity;
use crate::convert::{to_attributes, to_old_item};
use crate::failure::classify_write;
use crate::names::{names, values};

pub(crate) async fn update(client: &Client, request: &UpdateRequest) -> Result<Option<Map>, Failure> {
    let mut expressions = Expressions::default();
    let mut call = UpdateItemInput::builder()
        .table_name(&*request.table)
        .set_key(Some(to_attributes(&request.key)))
        .set_return_consumed_capacity(capacity::wanted());
    // Without actions it creates the item where it is not there; DynamoDB refuses an empty expression.
    if !request.actions.is_empty() {
        call = call.update_expression(expressions.update(&request.actions));
    }
    if let Some(condition) = &request.condition {
        call = call
            .condition_expression(expressions.condition(condition))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
    }
    if request.return_old {
        call = call.return_values(ReturnValue::AllOld);
    }
    call =
        call.set_expression_attribute_names(names(&expressions)).set_expression_attribute_values(values(expressions));
    match Box::pin(call.send_with(client)).await {
        Ok(output) => {
            capacity::written(output.consumed_capacity);
            to_old_item(output.attributes)
        }
        Err(error) => Err(classify_write(error, |error| match error {
            UpdateItemError::ConditionalCheckFailedException(failed) => failed.item,
            _ => None,
        })),
    }
}
