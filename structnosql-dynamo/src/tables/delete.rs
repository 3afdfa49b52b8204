use aws_sdk_dynamodb::Client;
use structnosql_core::Failure;

use crate::failure::classify;

pub(crate) async fn delete(client: Client, table: String) -> Result<(), Failure> {
    client.delete_table().table_name(table).send().await.map(|_| ()).map_err(|error| classify(&error))
}
