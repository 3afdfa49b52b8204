//! The life of a table: opened, created, waited for, compared with the model, deleted.

use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use super::Table;
use super::life::PATIENCE;
use crate::backend::{Backend, Billing, TableDescription, UpdateTableRequest};
use crate::difference::{TableDifference, differences};
use crate::error::{Error, ErrorKind};
use crate::failure::FailureClass;
use crate::link::Link;
use crate::mode::Mode;
use crate::model::TableDataModel;
use crate::text::Text;

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
    /// For services that know their tables, for [creating](Self::create_table) one otherwise than `open` does, and for
    /// tests of what happens when there is none.
    pub fn attach(backend: B) -> Self {
        Self::attach_named(M::table().name, backend)
    }

    /// [`attach`](Self::attach), for a table of another name than the model's.
    pub fn attach_named(name: impl Into<Arc<str>>, backend: B) -> Self {
        let link = Link { backend: Arc::new(backend), table: name.into(), schema: M::table() };
        Table { link, mode: W::default(), model: PhantomData }
    }
}

impl<M: TableDataModel, B: Backend, W: Mode> Table<M, B, W> {
    async fn ensure(&self) -> Result<(), Error> {
        let found = match self.describe_table().await? {
            Some(found) if found.active => found,
            // It may be about to be deleted, and gone when that is done.
            Some(_) => match self.link().wait(PATIENCE, true).await {
                Ok(found) => found,
                Err(error) if error.is_table_not_found() => self.create(Billing::OnDemand).await?,
                Err(error) => return Err(error),
            },
            None => self.create(Billing::OnDemand).await?,
        };
        self.refuse(self.compare(Some(&found)))
    }

    /// Creates the table, or lets somebody do it who does at this moment, and waits for it.
    async fn create(&self, billing: Billing) -> Result<TableDescription, Error> {
        let Link { backend, table, schema, .. } = self.link();
        match backend.create_table(schema.definition(table.clone(), billing)).await {
            Err(failure) if failure.class() != FailureClass::TableInUse => Err(failure.into()),
            _ => self.link().wait_for_new().await,
        }
    }

    /// Creates the model's table with all its indexes, waits until it can be used, and lets records go out of date by the
    /// model's `ttl`.
    ///
    /// [`open`](Self::open) does so on demand where there is none. This is for a table that is paid otherwise:
    /// provisioned, with so many units for the table and as many for each global index.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Error> {
    /// use structnosql_core::Billing;
    ///
    /// let users = CachingTable::<User, _>::attach_named("prod-users", Reference::new());
    /// users.create_table(Billing::Provisioned { read_units: 5, write_units: 2 }).await?;
    /// assert!(users.check().await?.is_empty());
    ///
    /// users.delete_table().await?;
    /// assert_eq!(users.describe_table().await?, None);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// There is a table of this name already; `TableNotActive` where the wait takes over two minutes.
    pub async fn create_table(&self, billing: Billing) -> Result<(), Error> {
        let Link { backend, table, schema, .. } = self.link();
        backend.create_table(schema.definition(table.clone(), billing)).await?;
        self.link().wait_for_new().await.map(drop)
    }

    /// What the table is: its keys, its indexes, how it is paid, and whether all of it can be used; `None` where there
    /// is no such table.
    ///
    /// # Errors
    ///
    /// A failed request.
    pub async fn describe_table(&self) -> Result<Option<TableDescription>, Error> {
        self.link().describe().await
    }

    /// What the table has otherwise than the model, nothing where they agree. Nothing is changed.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Error> {
    /// let users = CachingTable::<User, _>::attach(Reference::new());
    /// for difference in users.check().await? {
    ///     println!("{}: {difference}", users.name()); // users: there is no such table
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// A failed request.
    pub async fn check(&self) -> Result<Vec<TableDifference>, Error> {
        let found = self.describe_table().await?;
        let mut differences = self.compare(found.as_ref());
        if let (Some(model), Some(_)) = (&self.link().schema.time_to_live, found) {
            let table = self.link().backend.describe_time_to_live(self.name()).await?;
            if table.as_ref() != Some(model) {
                differences.push(TableDifference::TimeToLive { model: model.clone(), table });
            }
        }
        Ok(differences)
    }

    fn compare(&self, found: Option<&TableDescription>) -> Vec<TableDifference> {
        let Link { table, schema, .. } = self.link();
        match found {
            Some(found) => differences(&schema.definition(table.clone(), Billing::OnDemand), &found.definition),
            None => vec![TableDifference::Missing],
        }
    }

    fn refuse(&self, mut differences: Vec<TableDifference>) -> Result<(), Error> {
        differences.retain(|difference| !difference.is_harmless());
        match differences.is_empty() {
            true => Ok(()),
            false => Err(ErrorKind::TableMismatch { table: self.name().to_owned(), differences }.into()),
        }
    }

    /// Adds the global indexes that the model has and the table has not; gives their names.
    ///
    /// DynamoDB adds one at a time, and fills it from all items of the table, which may take hours and costs what
    /// writing them does. `patience` is how long each is waited for. Where that is not enough the error is
    /// `TableNotActive`; the index goes on being filled, and calling again goes on with the next one.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> structnosql_core::Result<()> {
    /// use std::time::Duration;
    ///
    /// # mod before {
    /// #     #[derive(structnosql_derive::TableDataModel)]
    /// #     #[table(name = "notes", crate = "structnosql_core")]
    /// #     pub struct Note {
    /// #         #[field(partition_key)]
    /// #         id: String,
    /// #     }
    /// # }
    /// # use structnosql_core::{BasicTable, TableDataModel};
    /// # use structnosql_derive::TableDataModel;
    /// # let backend = structnosql_testkit::Reference::new();
    /// # BasicTable::<before::Note, _>::open(backend.clone()).await?;
    /// #[derive(TableDataModel)]
    /// # #[table(crate = "structnosql_core")]
    /// #[table(name = "notes")]
    /// struct Note {
    ///     #[field(partition_key)]
    ///     id: String,
    ///     #[field(index)] // the table is older than this
    ///     topic: Option<String>,
    /// }
    ///
    /// let notes = BasicTable::<Note, _>::attach(backend);
    /// assert_eq!(notes.check().await?.len(), 1);
    /// let added = notes.add_missing_indexes(Duration::from_secs(3600)).await?;
    /// assert_eq!(added, ["topic"]);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// `TableMismatch` where the table differs in more than that, before anything is changed: keys, local indexes and
    /// existing indexes cannot be changed. `TableNotActive`; a failed request.
    pub async fn add_missing_indexes(&self, patience: Duration) -> Result<Vec<Text>, Error> {
        let described = self.link().wait(patience, true).await?;
        let mut missing = Vec::new();
        let mut others = Vec::new();
        for difference in self.compare(Some(&described)) {
            match difference {
                TableDifference::IndexMissing(index) if !index.local => missing.push(index),
                other => others.push(other),
            }
        }
        self.refuse(others)?;
        let mut added = Vec::new();
        for index in missing {
            let (table, billing) = (self.link().table.clone(), described.definition.billing);
            let name = index.name.clone();
            self.link().backend.update_table(UpdateTableRequest { table, add_index: index, billing }).await?;
            self.link().wait(patience, true).await?;
            added.push(name);
        }
        Ok(added)
    }

    /// Waits until the table and all its indexes can be used.
    ///
    /// # Errors
    ///
    /// `TableNotActive` where `patience` is not enough; `is_table_not_found` where there is no such table.
    pub async fn wait_until_active(&self, patience: Duration) -> Result<(), Error> {
        self.link().wait(patience, true).await.map(drop)
    }

    /// Deletes the table and all that is in it. It may be there for a while yet; what a caching table knows, it goes on
    /// knowing.
    ///
    /// # Errors
    ///
    /// There is no such table; a failed request.
    pub async fn delete_table(&self) -> Result<(), Error> {
        Ok(self.link().backend.delete_table(&self.link().table).await?)
    }

    /// Lets the database delete each record some time after the time in the model's `ttl` field. It is so already: fine.
    ///
    /// A table that [`open`](Self::open) or [`create_table`](Self::create_table) creates has it enabled; this is for one
    /// that was there before. Records stay readable until they are deleted, within days. See AWS's page on
    /// [time to live](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html).
    ///
    /// # Errors
    ///
    /// A model without such a field, before any request; a table whose records live by another attribute already; a
    /// failed request.
    pub async fn enable_time_to_live(&self) -> Result<(), Error> {
        self.link().enable_time_to_live().await
    }
}
