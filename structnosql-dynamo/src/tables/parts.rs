//! What creating a table and adding an index to one are described with.

use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, KeySchemaElement, KeyType, Projection, ProjectionType, ProvisionedThroughput,
    ScalarAttributeType,
};
use structnosql_core::schema::{KeyAttribute, KeyKind};
use structnosql_core::{Billing, IndexedAttributes};

/// Every attribute of a key, once: DynamoDB refuses one that is defined twice, or that no key uses.
pub(super) fn attributes<'k>(
    keys: impl Iterator<Item = &'k KeyAttribute>,
) -> Result<Vec<AttributeDefinition>, BuildError> {
    let mut all: Vec<&KeyAttribute> = Vec::new();
    for attribute in keys {
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

pub(super) fn keys(partition: &KeyAttribute, sort: Option<&KeyAttribute>) -> Result<Vec<KeySchemaElement>, BuildError> {
    let element = |attribute: &KeyAttribute, key_type| {
        KeySchemaElement::builder().attribute_name(&*attribute.name).key_type(key_type).build()
    };
    std::iter::once(element(partition, KeyType::Hash))
        .chain(sort.map(|attribute| element(attribute, KeyType::Range)))
        .collect()
}

pub(super) fn projection(indexed: &IndexedAttributes) -> Projection {
    let (kind, names) = match indexed {
        IndexedAttributes::All => (ProjectionType::All, None),
        IndexedAttributes::KeysOnly => (ProjectionType::KeysOnly, None),
        IndexedAttributes::Include(names) => {
            (ProjectionType::Include, Some(names.iter().map(|name| String::from(&**name)).collect()))
        }
    };
    Projection::builder().projection_type(kind).set_non_key_attributes(names).build()
}

/// Capacity of its own, where it is paid for by the hour.
pub(super) fn throughput(billing: Billing) -> Result<Option<ProvisionedThroughput>, BuildError> {
    match billing {
        Billing::OnDemand => Ok(None),
        Billing::Provisioned { read_units, write_units } => ProvisionedThroughput::builder()
            .read_capacity_units(i64::from(read_units))
            .write_capacity_units(i64::from(write_units))
            .build()
            .map(Some),
    }
}
