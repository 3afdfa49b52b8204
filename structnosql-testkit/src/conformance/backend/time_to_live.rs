//! Items that go out of date.

use structnosql_core::{Backend, FailureClass};

use super::stage::Stage;
use crate::conformance::Outcome;
use crate::conformance::finding::{fails, same};

pub(super) async fn it_is_enabled_once<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    let table = stage.own_table("ttl").await?;
    same("before", stage.backend.describe_time_to_live(&table).await?, None)?;
    stage.backend.enable_time_to_live(&table, "until").await?;
    same("after", stage.backend.describe_time_to_live(&table).await?, Some("until".into()))?;
    fails("again", stage.backend.enable_time_to_live(&table, "until").await, FailureClass::Invalid)?;
    Ok(())
}

pub(super) async fn a_table_that_is_not_there_has_none<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    let table = format!("conformance-unknown-{}", stage.tables.run);
    fails("asking", stage.backend.describe_time_to_live(&table).await, FailureClass::TableNotFound)?;
    fails("enabling", stage.backend.enable_time_to_live(&table, "until").await, FailureClass::TableNotFound)?;
    Ok(())
}
