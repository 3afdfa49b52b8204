//! Queries and scans.

use std::collections::BTreeMap;

use structnosql_core::key::KeyValue;
use structnosql_core::schema::KeyAttribute;
use structnosql_core::{Map, QueryRequest, ScanRequest, Text};

use super::{Checked, Wrong, check_kind};
use crate::schema::{Index, Schema};

impl Schema {
    pub(super) fn check_query(&self, request: &QueryRequest) -> Checked {
        let (partition_key, sort_key) = match &request.index {
            None => (&self.partition_key, self.sort_key.as_ref()),
            Some(name) => self.indexed(name).map(|index| (&index.partition_key, index.sort_key.as_ref()))?,
        };
        check_named(Some(partition_key), &request.partition.0, std::iter::once(&request.partition.1))?;
        if let Some((name, condition)) = &request.sort {
            check_named(sort_key, name, condition.operands())?;
        }
        let Some(start) = &request.start else { return Ok(()) };
        self.check_cursor(start, std::iter::once(partition_key).chain(sort_key))?;
        match start.get(&partition_key.name) == Some(&request.partition.1.to_value()) {
            true => Ok(()),
            false => Err(foreign_cursor()),
        }
    }

    pub(super) fn check_scan(&self, request: &ScanRequest) -> Checked {
        let index = request.index.as_ref().map(|name| self.indexed(name)).transpose()?;
        match &request.start {
            Some(start) => self.check_cursor(start, index.into_iter().flat_map(Index::key_attributes)),
            None => Ok(()),
        }
    }

    fn indexed(&self, name: &Text) -> Result<&Index, Wrong> {
        self.index(name).ok_or_else(|| Wrong::Request(format!("table `{}` has no index `{name}`", self.table)))
    }

    /// A cursor is exactly the key of a record and its key in what is read.
    fn check_cursor<'s>(&'s self, start: &Map, read_by: impl Iterator<Item = &'s KeyAttribute>) -> Checked {
        let keys: BTreeMap<&str, &KeyAttribute> =
            self.key_attributes().chain(read_by).map(|key| (key.name.as_str(), key)).collect();
        let fits = |key: &KeyAttribute| start.get(&key.name).is_some_and(|value| check_kind(key, value).is_ok());
        match keys.len() == start.len() && keys.values().all(|key| fits(key)) {
            true => Ok(()),
            false => Err(foreign_cursor()),
        }
    }
}

fn foreign_cursor() -> Wrong {
    Wrong::Request("the cursor is not one of this query".to_owned())
}

fn check_named<'v>(
    attribute: Option<&KeyAttribute>,
    name: &Text,
    values: impl Iterator<Item = &'v KeyValue<'static>>,
) -> Checked {
    let Some(attribute) = attribute.filter(|attribute| attribute.name == *name) else {
        return Err(Wrong::Request(format!("`{name}` is not the key of what is queried")));
    };
    for value in values {
        check_kind(attribute, &value.to_value())?;
    }
    Ok(())
}
