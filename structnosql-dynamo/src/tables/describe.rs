use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::describe_table::{DescribeTableError, DescribeTableInput};
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, IndexStatus, KeySchemaElement, KeyType, Projection, ProjectionType,
    ScalarAttributeType, TableDescription as Described, TableStatus,
};
use structnosql_core::schema::{KeyAttribute, KeyKind};
use structnosql_core::{
    Billing, Failure, FailureClass, IndexDefinition, IndexedAttributes, TableDefinition, TableDescription, Text,
};

use crate::failure::classify;

pub(crate) async fn describe(client: &Client, table: &str) -> Result<Option<TableDescription>, Failure> {
    let output = match Box::pin(DescribeTableInput::builder().table_name(table).send_with(client)).await {
        Ok(output) => output,
        Err(error) if error.as_service_error().is_some_and(DescribeTableError::is_resource_not_found_exception) => {
            return Ok(None);
        }
        Err(error) => return Err(classify(&error)),
    };
    let described = output.table.ok_or_else(|| incomplete("no table"))?;
    let attributes = described.attribute_definitions();
    let global = described.global_secondary_indexes();
    let mut indexes = Vec::new();
    for index in global {
        indexes.push(read_index(index.index_name(), index.key_schema(), index.projection(), attributes, false)?);
    }
    for index in described.local_secondary_indexes() {
        indexes.push(read_index(index.index_name(), index.key_schema(), index.projection(), attributes, true)?);
    }
    let (partition_key, sort_key) = read_keys(described.key_schema(), attributes)?;
    let active = described.table_status() == Some(&TableStatus::Active)
        && global.iter().all(|index| index.index_status() == Some(&IndexStatus::Active));
    let billing = read_billing(&described);
    let definition = TableDefinition { table: table.into(), partition_key, sort_key, indexes, billing };
    Ok(Some(TableDescription { active, definition }))
}

fn read_index(
    name: Option<&str>,
    keys: &[KeySchemaElement],
    projection: Option<&Projection>,
    attributes: &[AttributeDefinition],
    local: bool,
) -> Result<IndexDefinition, Failure> {
    let (partition_key, sort_key) = read_keys(keys, attributes)?;
    let name = Text::from(name.ok_or_else(|| incomplete("no index name"))?);
    Ok(IndexDefinition { name, partition_key, sort_key, projection: read_projection(projection)?, local })
}

fn read_projection(projection: Option<&Projection>) -> Result<IndexedAttributes, Failure> {
    let projection = projection.ok_or_else(|| incomplete("no projection"))?;
    match projection.projection_type() {
        Some(ProjectionType::All) => Ok(IndexedAttributes::All),
        Some(ProjectionType::KeysOnly) => Ok(IndexedAttributes::KeysOnly),
        Some(ProjectionType::Include) => {
            let mut names: Vec<Text> = projection.non_key_attributes().iter().map(Text::from).collect();
            names.sort();
            Ok(IndexedAttributes::Include(names))
        }
        _ => Err(incomplete("no known projection type")),
    }
}

fn read_keys(
    keys: &[KeySchemaElement],
    attributes: &[AttributeDefinition],
) -> Result<(KeyAttribute, Option<KeyAttribute>), Failure> {
    let of_type = |key_type: KeyType| {
        let key = keys.iter().find(|key| *key.key_type() == key_type)?;
        let definition = attributes.iter().find(|definition| definition.attribute_name() == key.attribute_name())?;
        let kind = match definition.attribute_type() {
            ScalarAttributeType::S => KeyKind::String,
            ScalarAttributeType::N => KeyKind::Number,
            ScalarAttributeType::B => KeyKind::Binary,
            _ => return None,
        };
        Some(KeyAttribute { name: Text::from(key.attribute_name()), kind })
    };
    let partition = of_type(KeyType::Hash).ok_or_else(|| incomplete("no partition key"))?;
    let sort = of_type(KeyType::Range);
    if sort.is_none() && keys.len() > 1 {
        return Err(incomplete("a second key attribute that is no sort key"));
    }
    Ok((partition, sort))
}

fn incomplete(what: &str) -> Failure {
    Failure::new(FailureClass::BadAnswer, format!("the description of the table has {what}"))
}

/// Tables from before there was a choice have no billing mode.
fn read_billing(described: &Described) -> Billing {
    let mode = described.billing_mode_summary().and_then(|summary| summary.billing_mode());
    let units = |units: Option<i64>| units.and_then(|units| u32::try_from(units).ok()).unwrap_or(0);
    match described.provisioned_throughput() {
        Some(throughput) if mode != Some(&BillingMode::PayPerRequest) => Billing::Provisioned {
            read_units: units(throughput.read_capacity_units()),
            write_units: units(throughput.write_capacity_units()),
        },
        _ => Billing::OnDemand,
    }
}
