//! What is done about a table in the database, whichever of its models asks.

use std::time::Duration;

use tokio::time::Instant;

use crate::backend::{Backend, TableDescription};
use crate::error::{Error, ErrorKind};
use crate::failure::{Failure, FailureClass};
use crate::link::Link;

/// How long a table that is opened or created is waited for.
pub(super) const PATIENCE: Duration = Duration::from_secs(120);
/// The longest pause between two looks at a table that is waited for.
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

impl<B: Backend> Link<B> {
    pub(super) async fn describe(&self) -> Result<Option<TableDescription>, Error> {
        Ok(self.backend.describe_table(&self.table).await?)
    }

    /// Waits for a table that was just created, and lets its records go out of date, where the model says so.
    pub(super) async fn wait_for_new(&self) -> Result<TableDescription, Error> {
        let described = self.wait(PATIENCE, false).await?;
        if let Some(attribute) = &self.schema.time_to_live {
            match self.enable_time_to_live().await {
                Err(error) if error.failure().is_some_and(|failure| failure.class() == FailureClass::Unsupported) => {
                    let table = &self.table;
                    tracing::warn!(%table, %attribute, "this backend deletes no records that are out of date");
                }
                enabled => enabled?,
            }
        }
        Ok(described)
    }

    /// A table that was just created may not be there yet for a moment.
    pub(super) async fn wait(&self, patience: Duration, must_exist: bool) -> Result<TableDescription, Error> {
        let since = Instant::now();
        // Engines on this machine are ready at once: the first looks follow closely.
        let mut pause = Duration::from_millis(1);
        loop {
            match self.describe().await? {
                Some(found) if found.active => return Ok(found),
                None if must_exist => {
                    let message = format!("there is no table `{}`", self.table);
                    return Err(Failure::new(FailureClass::TableNotFound, message).into());
                }
                _ if since.elapsed() >= patience => {
                    let (table, seconds) = (self.table.to_string(), patience.as_secs());
                    return Err(ErrorKind::TableNotActive { table, seconds }.into());
                }
                _ => tokio::time::sleep(pause).await,
            }
            pause = LONGEST_PAUSE.min(pause * 2);
        }
    }

    pub(super) async fn enable_time_to_live(&self) -> Result<(), Error> {
        let Link { backend, table, schema, .. } = self;
        let invalid = |message| Err(Failure::new(FailureClass::Invalid, message).into());
        let Some(attribute) = &schema.time_to_live else {
            return invalid(format!("the model of `{table}` has no field with `ttl`"));
        };
        let Err(failure) = backend.enable_time_to_live(table, attribute).await else {
            return Ok(());
        };
        if failure.class() != FailureClass::Invalid {
            return Err(failure.into());
        }
        // DynamoDB refuses to enable what is enabled.
        match backend.describe_time_to_live(table).await? {
            Some(enabled) if enabled == *attribute => Ok(()),
            Some(other) => invalid(format!("the records of `{table}` live by `{other}` already: disable that first")),
            None => Err(failure.into()),
        }
    }
}
