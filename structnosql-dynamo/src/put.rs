use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::put_item::{PutItemError, PutItemInput};
use aws_sdk_dynamodb::types::{ReturnValue, ReturnValuesOnConditionCheckFailure};
use structnosql_core::expression::Expressions;
use structnosql_core::{Failure, Map, PutRequest};

use crate::capacity;
use crate::convert::{to_attributes, to_old_item};
use crate::failure::classify_write;
use crate::names::{names, values};

pub(crate) async fn put(client: &Client, request: &PutRequest) -> Result<Option<Map>, Failure> {
    let mut call = PutItemInput::builder()
        .table_name(&*request.table)
        .set_item(Some(to_attributes(&request.item)))
        .set_return_consumed_capacity(capacity::wanted());
    if let Some(condition) = &request.condition {
        let mut expressions = Expressions::default();
        call = call
            .condition_expression(expressions.condition(condition))
            .set_expression_attribute_names(names(&expressions))
            .set_expression_attribute_values(values(expressions))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
    }
    if request.return_old {
        call = call.return_values(ReturnValue::AllOld);
    }
    match Box::pin(call.send_with(client)).await {
        Ok(output) => {
            capacity::written(output.consumed_capacity);
            to_old_item(output.attributes)
        }
        Err(error) => Err(classify_write(error, |error| match error {
            PutItemError::ConditionalCheckFailedException(failed) => failed.item,
            _ => None,
        })),
    }
}
