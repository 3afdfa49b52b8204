//! Opening tables: describe, create, wait, compare with the model.

use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use super::Table;
use crate::backend::{Backend, Billing, IndexDefinition, IndexedAttributes, TableDefinition};
use crate::error::{Error, ErrorKind};
use crate::failure::FailureClass;
use crate::link::Link;
use crate::mode::Mode;
use crate::model::TableDataModel;
use crate::schema::{IndexProjection, IndexSchema, KeyAttribute, TableSchema};
use crate::text::Text;

/// How often a created table is looked at until it can be used.
const WAIT_STEPS: u32 = 240;
/// The pause between two looks.
const WAIT_STEP: Duration = Duration::from_millis(500);

impl<M: TableDataModel, B: Backend, W: Mode + Default> Table<M, B, W> {
    /// Opens the model's table: checks that its keys and indexes are the model's, or creates it with all of them
    /// (billed on demand), waits until it can be used, and lets records go out of date by the model's `ttl`.
    ///
    /// # Errors
    ///
    /// `TableMismatch` says what differs, and changes nothing; `TableNotActive` where the wait takes over two minutes;
    /// a failed request.
    pub async fn open(backend: B) -> Result<Self, Error> {
        Self::open_named(M::table().name, backend).await
    }

    /// [`open`](Self::open), for a table of another name than the model's: `"prod-movies"`.
    ///
    /// # Errors
    ///
    /// As `open`.
    pub async fn open_named(name: impl Into<Arc<str>>, backend: B) -> Result<Self, Error> {
        let table = Self::attach_named(name, backend);
        table.ensure().await?;
        Ok(table)
    }

    /// The model's table, without looking whether it is there: no request is sent.
    ///
    /// For services that know their tables, and for tests of what happens when there is none.
    pub fn attach(backend: B) -> Self {
        Self::attach_named(M::table().name, backend)
    }

    /// [`attach`](Self::attach), for a table of another name than the model's.
    pub fn attach_named(name: impl Into<Arc<str>>, backend: B) -> Self {
        let link = Link { backend: Arc::new(backend), table: name.into(), schema: M::table() };
        Table { link, mode: W::default(), model: PhantomData }
    }

    async fn ensure(&self) -> Result<(), Error> {
        let Link { backend, table, schema } = self.link();
        let expected = schema.definition(table.clone());
        let mut created = false;
        for step in 0..WAIT_STEPS {
            match backend.describe_table(table).await? {
                Some(found) if found.active => {
                    check(&expected, &found.definition)?;
                    return if created { self.enable_time_to_live().await } else { Ok(()) };
                }
                Some(_) => {}
                None if created => {}
                None => match backend.create_table(expected.clone()).await {
                    Ok(()) => created = true,
                    // Somebody else creates it at this moment.
                    Err(failure) if failure.class() == FailureClass::TableInUse => created = true,
                    Err(failure) => return Err(failure.into()),
                },
            }
            // Engines on this machine are ready at once: the first looks follow closely.
            tokio::time::sleep(WAIT_STEP.min(Duration::from_millis(1 << step.min(16)))).await;
        }
        let seconds = WAIT_STEP.as_secs_f64() * f64::from(WAIT_STEPS);
        Err(ErrorKind::TableNotActive { table: table.to_string(), seconds: seconds as u64 }.into())
    }

    /// Lets the records of a created table go out of date, where the model says by which attribute.
    async fn enable_time_to_live(&self) -> Result<(), Error> {
        let Link { backend, table, schema, .. } = self.link();
        let Some(attribute) = &schema.time_to_live else { return Ok(()) };
        match backend.enable_time_to_live(table, attribute).await {
            Ok(()) => Ok(()),
            Err(failure) if failure.class() == FailureClass::Unsupported => {
                tracing::warn!(%table, %attribute, "this backend deletes no records that are out of date");
                Ok(())
            }
            // Somebody else, who created the table at the same moment, may have been first.
            Err(failure) => match backend.describe_time_to_live(table).await? {
                Some(enabled) if enabled == *attribute => Ok(()),
                _ => Err(failure.into()),
            },
        }
    }
}

impl TableSchema {
    /// The table as it is created.
    fn definition(&self, table: Arc<str>) -> TableDefinition {
        TableDefinition {
            table,
            partition_key: self.partition_key.clone(),
            sort_key: self.sort_key.clone(),
            indexes: self.indexes.iter().map(IndexSchema::definition).collect(),
            billing: Billing::OnDemand,
        }
    }
}

impl IndexSchema {
    fn definition(&self) -> IndexDefinition {
        IndexDefinition {
            name: Text::from_static(self.name),
            partition_key: self.partition_key.clone(),
            sort_key: self.sort_key.clone(),
            projection: match self.projection {
                IndexProjection::All => IndexedAttributes::All,
                IndexProjection::KeysOnly => IndexedAttributes::KeysOnly,
                IndexProjection::Include(names) => {
                    let mut names: Vec<Text> = names.iter().map(|name| Text::from_static(name)).collect();
                    names.sort_unstable();
                    IndexedAttributes::Include(names)
                }
            },
            local: self.local,
        }
    }
}

/// An existing table may have more indexes than the model, not others.
fn check(expected: &TableDefinition, found: &TableDefinition) -> Result<(), Error> {
    let mut differences = Vec::new();
    let mut compare = |what: String, expected: String, found: String| {
        if expected != found {
            differences.push(format!("{what} is {found} and should be {expected}"));
        }
    };
    compare("the partition key".to_owned(), key(Some(&expected.partition_key)), key(Some(&found.partition_key)));
    compare("the sort key".to_owned(), key(expected.sort_key.as_ref()), key(found.sort_key.as_ref()));
    for index in &expected.indexes {
        let shown = found.indexes.iter().find(|found| found.name == index.name);
        compare(format!("index `{}`", index.name), described(index), shown.map_or("missing".to_owned(), described));
    }
    match differences.is_empty() {
        true => Ok(()),
        false => Err(ErrorKind::TableMismatch { table: expected.table.to_string(), differences }.into()),
    }
}

fn key(attribute: Option<&KeyAttribute>) -> String {
    attribute.map_or("none".to_owned(), |attribute| format!("`{}` ({})", attribute.name, attribute.kind.describe()))
}

fn described(index: &IndexDefinition) -> String {
    let scope = if index.local { "local" } else { "global" };
    let attributes = match &index.projection {
        IndexedAttributes::All => "all attributes".to_owned(),
        IndexedAttributes::KeysOnly => "the keys only".to_owned(),
        IndexedAttributes::Include(names) => format!("the keys and {}", names.join(", ")),
    };
    let (partition, sort) = (key(Some(&index.partition_key)), key(index.sort_key.as_ref()));
    format!("a {scope} one with partition key {partition}, sort key {sort} and {attributes}")
}
