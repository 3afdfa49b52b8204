use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::update_table::UpdateTableInput;
use aws_sdk_dynamodb::types::{CreateGlobalSecondaryIndexAction, GlobalSecondaryIndexUpdate};
use structnosql_core::{Failure, FailureClass, UpdateTableRequest};

use super::parts::{attributes, keys, projection, throughput};
use crate::failure::{classify, unsendable};

pub(crate) async fn update(client: &Client, request: &UpdateTableRequest) -> Result<(), Failure> {
    let index = &request.add_index;
    if index.local {
        let message = format!("the index `{}` is a local one: it can only be created with its table", index.name);
        return Err(Failure::new(FailureClass::Invalid, message));
    }
    let of_index = std::iter::once(&index.partition_key).chain(&index.sort_key);
    let created = CreateGlobalSecondaryIndexAction::builder()
        .index_name(&*index.name)
        .set_key_schema(Some(keys(&index.partition_key, index.sort_key.as_ref()).map_err(unsendable)?))
        .projection(projection(&index.projection))
        .set_provisioned_throughput(throughput(request.billing).map_err(unsendable)?)
        .build()
        .map_err(unsendable)?;
    let call = UpdateTableInput::builder()
        .table_name(&*request.table)
        .set_attribute_definitions(Some(attributes(of_index).map_err(unsendable)?))
        .global_secondary_index_updates(GlobalSecondaryIndexUpdate::builder().create(created).build());
    Box::pin(call.send_with(client)).await.map(|_| ()).map_err(|error| classify(&error))
}
