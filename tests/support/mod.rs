//! What the tests of tables share.

#![allow(dead_code, unused_imports, unused_macros, reason = "each test binary uses a part of it")]

mod stage;

pub(crate) use stage::{Engine, Hold, Probe, Step};
use structnosql::backend::PutRequest;
use structnosql::{Backend, BasicTable, CachingTable, Map, TableDataModel, Value};

/// What tests return, so that they can write `?`.
pub(crate) type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;

/// A caching table of `M` on an empty engine, and the probe under it. The requests of opening it are not counted.
pub(crate) async fn caching<M: TableDataModel>() -> Outcome<(CachingTable<M, Engine>, Probe)> {
    let probe = Probe::in_memory()?;
    let table = CachingTable::open(probe.0.clone()).await?;
    probe.take();
    Ok((table, probe))
}

/// A basic table of `M` on an empty engine, and the probe under it. The requests of opening it are not counted.
pub(crate) async fn basic<M: TableDataModel>() -> Outcome<(BasicTable<M, Engine>, Probe)> {
    let probe = Probe::in_memory()?;
    let table = BasicTable::open(probe.0.clone()).await?;
    probe.take();
    Ok((table, probe))
}

impl Probe {
    /// Stores an item in the model's table as another program would, whether or not it fits the model.
    pub(crate) async fn store<M: TableDataModel>(&self, item: impl IntoIterator<Item = (&str, Value)>) -> Outcome {
        let item: Map = item.into_iter().collect();
        let request = PutRequest { table: M::table().name.into(), item, condition: None, return_old: false };
        self.other_program().put(request).await?;
        Ok(())
    }
}

/// A stored map.
pub(crate) fn map<const N: usize>(entries: [(&str, Value); N]) -> Value {
    entries.into_iter().collect()
}

/// Brings everything that was written into the database and forgets what is cached, so that whatever is read next
/// comes from there. A basic table has it there already.
pub(crate) trait Settle {
    async fn settle(&self) -> Outcome;

    /// What is expected of this kind of table, where the two differ.
    fn expected<T>(&self, of_basic: T, of_caching: T) -> T;
}

impl<M: TableDataModel> Settle for BasicTable<M, Engine> {
    async fn settle(&self) -> Outcome {
        Ok(())
    }

    fn expected<T>(&self, of_basic: T, _: T) -> T {
        of_basic
    }
}

impl<M: TableDataModel> Settle for CachingTable<M, Engine> {
    async fn settle(&self) -> Outcome {
        self.commit_operations().await?;
        self.clear_cached_data();
        Ok(())
    }

    fn expected<T>(&self, _: T, of_caching: T) -> T {
        of_caching
    }
}

/// Runs each test twice: on a basic table, and on a caching one. Both have the same verbs.
macro_rules! on_both_tables {
    ($($(#[$attribute:meta])* async fn $test:ident($table:ident: $model:ty, $probe:ident) $body:block)*) => {$(
        mod $test {
            use super::*;

            $(#[$attribute])*
            #[tokio::test]
            async fn basic() -> Outcome {
                let ($table, $probe) = crate::support::basic::<$model>().await?;
                $body
                Ok(())
            }

            $(#[$attribute])*
            #[tokio::test]
            async fn caching() -> Outcome {
                let ($table, $probe) = crate::support::caching::<$model>().await?;
                $body
                Ok(())
            }
        }
    )*};
}
pub(crate) use on_both_tables;
