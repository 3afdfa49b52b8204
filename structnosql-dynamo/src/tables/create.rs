use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::create_table::CreateTableInput;
use aws_sdk_dynamodb::types::{BillingMode, GlobalSecondaryIndex, LocalSecondaryIndex};
use structnosql_core::{Billing, Failure, TableDefinition};

use super::parts::{attributes, keys, projection, throughput};
use crate::failure::{classify, unsendable};

pub(crate) async fn create(client: &Client, definition: &TableDefinition) -> Result<(), Failure> {
    let billing_mode = match definition.billing {
        Billing::OnDemand => BillingMode::PayPerRequest,
        Billing::Provisioned { .. } => BillingMode::Provisioned,
    };
    let throughput = throughput(definition.billing).map_err(unsendable)?;
    let of_table = std::iter::once(&definition.partition_key).chain(&definition.sort_key);
    let of_indexes =
        definition.indexes.iter().flat_map(|index| std::iter::once(&index.partition_key).chain(&index.sort_key));
    let mut call = CreateTableInput::builder()
        .table_name(&*definition.table)
        .billing_mode(billing_mode)
        .set_provisioned_throughput(throughput.clone())
        .set_key_schema(Some(keys(&definition.partition_key, definition.sort_key.as_ref()).map_err(unsendable)?))
        .set_attribute_definitions(Some(attributes(of_table.chain(of_indexes)).map_err(unsendable)?));
    for index in &definition.indexes {
        let keys = keys(&index.partition_key, index.sort_key.as_ref()).map_err(unsendable)?;
        let name = String::from(&*index.name);
        let projection = projection(&index.projection);
        call = if index.local {
            let built =
                LocalSecondaryIndex::builder().index_name(name).set_key_schema(Some(keys)).projection(projection);
            call.local_secondary_indexes(built.build().map_err(unsendable)?)
        } else {
            let built = GlobalSecondaryIndex::builder()
                .index_name(name)
                .set_key_schema(Some(keys))
                .projection(projection)
                .set_provisioned_throughput(throughput.clone());
            call.global_secondary_indexes(built.build().map_err(unsendable)?)
        };
    }
    Box::pin(call.send_with(client)).await.map(|_| ()).map_err(|error| classify(&error))
}
