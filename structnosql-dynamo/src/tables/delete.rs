use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::delete_table::DeleteTableInput;
use structnosql_core::Failure;

use crate::failure::classify;

pub(crate) async fn delete(client: &Client, table: &str) -> Result<(), Failure> {
    Box::pin(DeleteTableInput::builder().table_name(table).send_with(client))
        .await
        .map(|_| ())
        .map_err(|error| classify(&error))
}
