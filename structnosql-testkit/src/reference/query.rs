//! Queries of a table or of one of its indexes.
//!
//! From AWS's pages "Querying tables in DynamoDB" and "Filter expressions for the Query operation": items with equal
//! sort keys follow one another in no documented order (here: that of the table's key).

use structnosql_core::index::SortCondition;
use structnosql_core::key::KeyValue;
use structnosql_core::schema::KeyAttribute;
use structnosql_core::{Failure, Map, PageResponse, QueryRequest};

use super::condition;
use super::keys::{Keys, Place};
use super::page::{self, Wanted};
use super::table::{KeyPart, StoredTable, invalid};

pub(super) fn query(table: &StoredTable, request: &QueryRequest) -> Result<PageResponse, Failure> {
    let keys = Keys::of(table, request.index.as_ref(), request.consistent)?;
    check_keys(&keys, request)?;
    let partition = part(&request.partition.1);
    let mut found: Vec<(Place, &Map)> = Vec::new();
    for item in table.items() {
        let Some(place) = keys.place_of(table, item)? else {
            continue;
        };
        let meets = match (&request.sort, &place.1) {
            (None, _) => true,
            (Some((_, condition)), Some(value)) => meets(value, condition)?,
            (Some(_), None) => false,
        };
        if place.0 == partition && meets {
            found.push((place, item));
        }
    }
    found.sort_by(|(one, _), (other, _)| one.cmp(other));
    if request.descending {
        found.reverse();
    }
    if let Some(start) = &request.start {
        let start = keys.place(table, start)?;
        found.retain(|(place, _)| if request.descending { *place < start } else { *place > start });
    }
    let (filter, projection) = (request.filter.as_ref(), &request.projection);
    let wanted = Wanted { filter, projection, limit: request.limit, count_only: request.count_only };
    page::page(table, &keys, found.into_iter().map(|(_, item)| item), &wanted)
}

fn check_keys(keys: &Keys<'_>, request: &QueryRequest) -> Result<(), Failure> {
    if request.partition.0 != keys.partition.name || request.partition.1.kind() != keys.partition.kind {
        return Err(invalid("the key condition is not on the partition key"));
    }
    if let Some((name, condition)) = &request.sort {
        let fits =
            |sort: &KeyAttribute| sort.name == *name && condition.operands().all(|operand| operand.kind() == sort.kind);
        if !keys.sort.is_some_and(fits) {
            return Err(invalid("the key condition is not on the sort key"));
        }
    }
    let is_key = |name: &str| keys.partition.name == *name || keys.sort.is_some_and(|sort| sort.name == *name);
    match request.filter.as_ref().is_some_and(|filter| condition::attributes(filter).into_iter().any(is_key)) {
        true => Err(invalid("a filter cannot read the key attributes of what is queried")),
        false => Ok(()),
    }
}

fn part(value: &KeyValue<'_>) -> KeyPart {
    match value {
        KeyValue::String(text) => KeyPart::String(text.as_ref().into()),
        KeyValue::Number(number) => KeyPart::Number(number.clone()),
        KeyValue::Binary(bytes) => KeyPart::Binary(bytes.to_vec()),
    }
}

fn meets(value: &KeyPart, condition: &SortCondition) -> Result<bool, Failure> {
    Ok(match condition {
        SortCondition::Equal(operand) => *value == part(operand),
        SortCondition::Less(operand) => *value < part(operand),
        SortCondition::LessOrEqual(operand) => *value <= part(operand),
        SortCondition::Greater(operand) => *value > part(operand),
        SortCondition::GreaterOrEqual(operand) => *value >= part(operand),
        SortCondition::Between(low, high) if part(low) > part(high) => {
            return Err(invalid("the bounds of BETWEEN are the wrong way round"));
        }
        SortCondition::Between(low, high) => part(low) <= *value && *value <= part(high),
        SortCondition::BeginsWith(prefix) => match (value, part(prefix)) {
            (KeyPart::String(text), KeyPart::String(prefix)) => text.starts_with(prefix.as_str()),
            (KeyPart::Binary(bytes), KeyPart::Binary(prefix)) => bytes.starts_with(&prefix),
            _ => return Err(invalid("begins_with takes strings and binary")),
        },
    })
}
