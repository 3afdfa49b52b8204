//! All that is stored.

use std::collections::BTreeMap;
use std::sync::Arc;

use structnosql_core::{Failure, FailureClass, TableDefinition};

use super::lag::Lag;
use super::table::StoredTable;
use super::transact::Told;

#[derive(Clone, Debug, Default)]
pub(super) struct Store {
    pub(super) tables: BTreeMap<Arc<str>, StoredTable>,
    pub(super) tokens: BTreeMap<String, Told>,
    /// What tables are given that are late to reads which are not consistent.
    pub(super) lag: Option<u64>,
}

impl Store {
    pub(super) fn table(&self, name: &str) -> Result<&StoredTable, Failure> {
        self.tables.get(name).ok_or_else(|| no_table(name))
    }

    pub(super) fn table_mut(&mut self, name: &str) -> Result<&mut StoredTable, Failure> {
        self.tables.get_mut(name).ok_or_else(|| no_table(name))
    }

    pub(super) fn create(&mut self, definition: TableDefinition) -> Result<(), Failure> {
        if self.tables.contains_key(&definition.table) {
            let message = format!("there is a table `{}` already", definition.table);
            return Err(Failure::new(FailureClass::TableInUse, message));
        }
        let name = definition.table.clone();
        self.tables.insert(name, StoredTable::new(definition, self.lag.map(Lag::new)));
        Ok(())
    }

    pub(super) fn delete(&mut self, name: &str) -> Result<(), Failure> {
        self.tables.remove(name).map(drop).ok_or_else(|| no_table(name))
    }
}

fn no_table(name: &str) -> Failure {
    Failure::new(FailureClass::TableNotFound, format!("there is no table `{name}`"))
}
