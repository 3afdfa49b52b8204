use aws_sdk_dynamodb::Client;
use structnosql_core::Failure;

use crate::attempts::send;
use crate::failure::classify;

pub(crate) async fn delete(client: &Client, table: &str) -> Result<(), Failure> {
    send!(client.delete_table().table_name(table)).map(|_| ()).map_err(|error| classify(&error))
}
