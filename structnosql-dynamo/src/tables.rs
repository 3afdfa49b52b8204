//! What a table is, and making one.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::operation::describe_table::DescribeTableError;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, IndexStatus, KeySchemaElement, KeyType,
    LocalSecondaryIndex, Projection, ProjectionType, ScalarAttributeType, TableStatus,
};
use structnosql_core::schema::{KeyAttribute, KeyKind};
use structnosql_core::{
    Failure, FailureClass, IndexDefinition, IndexedAttributes, TableDefinition, TableDescription, Text,
};

use crate::failure::classify;

pub(crate) async fn describe(client: &Client, table: &str) -> Result<Option<TableDescription>, Failure> {
    let output = match client.describe_table().table_name(table).send().await {
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
    let definition = TableDefinition { table: table.into(), partition_key, sort_key, indexes };
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

/// Asks for a table that is paid by request.
pub(crate) async fn create(client: Client, definition: TableDefinition) -> Result<(), Failure> {
    let mut call = client
        .create_table()
        .table_name(&*definition.table)
        .billing_mode(BillingMode::PayPerRequest)
        .set_key_schema(Some(keys(&definition.partition_key, definition.sort_key.as_ref()).map_err(unsendable)?))
        .set_attribute_definitions(Some(attributes(&definition).map_err(unsendable)?));
    for index in &definition.indexes {
        let keys = keys(&index.partition_key, index.sort_key.as_ref()).map_err(unsendable)?;
        let name = String::from(&*index.name);
        let projection = projection(&index.projection);
        call = if index.local {
            let built =
                LocalSecondaryIndex::builder().index_name(name).set_key_schema(Some(keys)).projection(projection);
            call.local_secondary_indexes(built.build().map_err(unsendable)?)
        } else {
            let built =
                GlobalSecondaryIndex::builder().index_name(name).set_key_schema(Some(keys)).projection(projection);
            call.global_secondary_indexes(built.build().map_err(unsendable)?)
        };
    }
    call.send().await.map(|_| ()).map_err(|error| classify(&error))
}

/// Every attribute of a key, once: DynamoDB refuses one that is defined twice, or that no key uses.
fn attributes(definition: &TableDefinition) -> Result<Vec<AttributeDefinition>, BuildError> {
    let of_table = std::iter::once(&definition.partition_key).chain(&definition.sort_key);
    let of_indexes =
        definition.indexes.iter().flat_map(|index| std::iter::once(&index.partition_key).chain(&index.sort_key));
    let mut all: Vec<&KeyAttribute> = Vec::new();
    for attribute in of_table.chain(of_indexes) {
        if !all.contains(&attribute) {
            all.push(attribute);
        }
    }
    let define = |attribute: &KeyAttribute| {
        let kind = match attribute.kind {
            KeyKind::String => ScalarAttributeType::S,
            KeyKind::Number => ScalarAttributeType::N,
            KeyKind::Binary => ScalarAttributeType::B,
        };
        AttributeDefinition::builder().attribute_name(&*attribute.name).attribute_type(kind).build()
    };
    all.into_iter().map(define).collect()
}

fn keys(partition: &KeyAttribute, sort: Option<&KeyAttribute>) -> Result<Vec<KeySchemaElement>, BuildError> {
    let element = |attribute: &KeyAttribute, key_type| {
        KeySchemaElement::builder().attribute_name(&*attribute.name).key_type(key_type).build()
    };
    std::iter::once(element(partition, KeyType::Hash))
        .chain(sort.map(|attribute| element(attribute, KeyType::Range)))
        .collect()
}

fn projection(indexed: &IndexedAttributes) -> Projection {
    let (kind, names) = match indexed {
        IndexedAttributes::All => (ProjectionType::All, None),
        IndexedAttributes::KeysOnly => (ProjectionType::KeysOnly, None),
        IndexedAttributes::Include(names) => {
            (ProjectionType::Include, Some(names.iter().map(|name| String::from(&**name)).collect()))
        }
    };
    Projection::builder().projection_type(kind).set_non_key_attributes(names).build()
}

fn unsendable(error: BuildError) -> Failure {
    Failure::new(FailureClass::Invalid, error.to_string())
}
