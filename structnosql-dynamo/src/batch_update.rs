use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::batch_execute_statement::BatchExecuteStatementInput;
use aws_sdk_dynamodb::types::{BatchStatementRequest, BatchStatementResponse, ReturnValuesOnConditionCheckFailure};
use structnosql_core::expression::statement;
use structnosql_core::{BatchUpdateRequest, Failure, FailureClass, UpdateRequest};

use crate::capacity;
use crate::convert::to_attribute;
use crate::failure::{classify, of_part, unsendable};

pub(crate) async fn batch_update(
    client: &Client,
    request: &BatchUpdateRequest,
) -> Result<Vec<Result<(), Failure>>, Failure> {
    let statements = request.updates.iter().map(to_statement).collect::<Result<Vec<_>, _>>()?;
    let call = BatchExecuteStatementInput::builder()
        .set_statements(Some(statements))
        .set_return_consumed_capacity(capacity::wanted());
    let output = Box::pin(call.send_with(client)).await.map_err(|error| classify(&error))?;
    capacity::written(output.consumed_capacity.unwrap_or_default());
    let answers = output.responses.unwrap_or_default();
    if answers.len() != request.updates.len() {
        return Err(Failure::new(FailureClass::BadAnswer, "a batch of updates was not answered for each of them"));
    }
    Ok(answers.into_iter().map(of_answer).collect())
}

fn to_statement(update: &UpdateRequest) -> Result<BatchStatementRequest, Failure> {
    let Some(statement) = statement(update) else {
        let message = "an update that PartiQL cannot express: nothing was sent";
        return Err(Failure::new(FailureClass::Unsupported, message));
    };
    BatchStatementRequest::builder()
        .statement(statement.text)
        .set_parameters(Some(statement.parameters.iter().map(to_attribute).collect()))
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
        .build()
        .map_err(unsendable)
}

/// Each statement is answered for itself, under the success of the whole.
fn of_answer(answer: BatchStatementResponse) -> Result<(), Failure> {
    match answer.error {
        None => Ok(()),
        Some(error) => {
            let code = error.code.as_ref().map_or("", |code| code.as_str());
            Err(of_part(code, error.message, error.item))
        }
    }
}
