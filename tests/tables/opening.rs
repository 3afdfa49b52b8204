//! Opening tables: what `open` creates, finds, and refuses; `attach`; sessions.

use structnosql::{BasicTable, CachingTable, TableDataModel};

use crate::model::{Movie, User, paul, plain};
use crate::support::{Engine, Outcome, Probe};

/// The error of opening the table that `Is` made as one of the model `Should`.
async fn mismatch<Is: TableDataModel, Should: TableDataModel>() -> Outcome<String> {
    let probe = Probe::in_memory()?;
    BasicTable::<Is, _>::open_named("things", probe.0.clone()).await?;
    probe.take();
    let error = BasicTable::<Should, _>::open_named("things", probe.0.clone()).await.unwrap_err();
    assert_eq!(probe.take(), ["describe"], "nothing is changed");
    Ok(error.to_string())
}

#[tokio::test]
async fn a_table_that_is_not_there_is_created_and_used() -> Outcome {
    let probe = Probe::in_memory()?;
    let users = CachingTable::<User, _>::open(probe.0.clone()).await?;
    assert_eq!(users.name(), "users");
    assert_eq!(probe.take(), ["describe", "create", "describe"]);
    users.put_record(&paul()).await?;
    Ok(())
}

#[tokio::test]
async fn a_table_that_is_there_is_found() -> Outcome {
    let probe = Probe::in_memory()?;
    BasicTable::<Movie, _>::open(probe.0.clone()).await?;
    probe.take();
    BasicTable::<Movie, _>::open(probe.0.clone()).await?;
    assert_eq!(probe.take(), ["describe"]);
    Ok(())
}

#[tokio::test]
async fn a_table_may_have_another_name_than_its_model() -> Outcome {
    let probe = Probe::in_memory()?;
    let test = BasicTable::<User, _>::open_named("test-users", probe.0.clone()).await?;
    let production = BasicTable::<User, _>::open_named("users", probe.0.clone()).await?;
    test.put_record(&paul()).await?;
    assert_eq!(test.name(), "test-users");
    assert_eq!(production.get_record("x42").await?, None);
    Ok(())
}

#[tokio::test]
async fn attach_sends_nothing() -> Outcome {
    let probe = Probe::in_memory()?;
    let users = BasicTable::<User, Engine>::attach(probe.0.clone());
    assert_eq!(probe.count(), 0);
    let error = users.get_record("x42").await.unwrap_err();
    assert!(error.is_table_not_found());

    BasicTable::<User, Engine>::open_named("other", probe.0.clone()).await?;
    let users = CachingTable::<User, Engine>::attach_named("other", probe.0.clone());
    users.put_record(&paul()).await?;
    Ok(())
}

#[tokio::test]
async fn basic_and_caching_tables_share_the_database() -> Outcome {
    let (basic, probe) = crate::support::basic::<User>().await?;
    let caching = CachingTable::<User, _>::attach(probe.0.clone());
    basic.put_record(&paul()).await?;
    assert_eq!(caching.get_record("x42").await?, Some(paul()));
    Ok(())
}

#[tokio::test]
async fn a_session_knows_nothing_of_the_others() -> Outcome {
    let (users, probe) = crate::support::caching::<User>().await?;
    users.put_record(&paul()).await?;
    users.update_field("x42", User::fields().age(), 1).await?;
    let session = users.session();
    assert_eq!(session.name(), "users");
    assert!(!session.has_pending_operations());
    assert_eq!(session.get_field("x42", User::fields().age()).await?, Some(36));
    assert_eq!(users.get_field("x42", User::fields().age()).await?, Some(1));
    session.clear_cached_data_and_pending_operations();
    assert!(users.has_pending_operations());
    assert_eq!(probe.take(), ["put", "get SELECT age,id"]);
    users.close().await?;
    Ok(())
}

#[tokio::test]
async fn close_commits() -> Outcome {
    let (users, probe) = crate::support::caching::<User>().await?;
    users.put_record(&plain("y1")).await?;
    users.update_field("y1", User::fields().age(), 9).await?;
    let report = users.close().await?;
    assert!(report.is_complete());
    let users = BasicTable::<User, _>::attach(probe.0.clone());
    assert_eq!(users.get_field("y1", User::fields().age()).await?, Some(9));
    Ok(())
}

mod models {
    use super::*;

    #[derive(TableDataModel)]
    #[table(name = "things")]
    pub(super) struct ById {
        #[field(partition_key)]
        id: String,
    }

    #[derive(TableDataModel)]
    #[table(name = "things")]
    pub(super) struct ByNumber {
        #[field(partition_key)]
        id: u64,
    }

    #[derive(TableDataModel)]
    #[table(name = "things")]
    pub(super) struct ByName {
        #[field(partition_key)]
        name: String,
    }

    #[derive(TableDataModel)]
    #[table(name = "things")]
    pub(super) struct ByIdAndTime {
        #[field(partition_key)]
        id: String,
        #[field(sort_key)]
        time: u64,
    }

    #[derive(TableDataModel)]
    #[table(name = "things")]
    pub(super) struct Indexed {
        #[field(partition_key)]
        id: String,
        #[field(index)]
        kind: String,
    }

    #[derive(TableDataModel)]
    #[table(name = "things")]
    pub(super) struct IndexedByNumber {
        #[field(partition_key)]
        id: String,
        #[field(index)]
        kind: u8,
    }

    #[derive(TableDataModel)]
    #[table(name = "things")]
    pub(super) struct IndexedKeysOnly {
        #[field(partition_key)]
        id: String,
        #[field(index(projection = keys_only))]
        kind: String,
    }

    #[derive(TableDataModel)]
    #[table(name = "things")]
    pub(super) struct IndexedWithName {
        #[field(partition_key)]
        id: String,
        #[field(index(projection = include(name)))]
        kind: String,
        name: String,
    }

    #[derive(TableDataModel)]
    #[table(name = "things")]
    pub(super) struct Local {
        #[field(partition_key)]
        id: String,
        #[field(sort_key)]
        time: u64,
        #[field(index(name = "kind", local))]
        kind: String,
    }

    #[derive(TableDataModel)]
    #[table(name = "things")]
    pub(super) struct Global {
        #[field(partition_key, index(name = "kind"))]
        id: String,
        #[field(sort_key)]
        time: u64,
        #[field(index(name = "kind", sort))]
        kind: String,
    }
}
use models::*;

#[tokio::test]
async fn another_partition_key_is_refused() -> Outcome {
    assert_eq!(
        mismatch::<ById, ByNumber>().await?,
        "table `things` does not match the model: the partition key is `id` (a string) and should be `id` (a number)"
    );
    assert_eq!(
        mismatch::<ById, ByName>().await?,
        "table `things` does not match the model: the partition key is `id` (a string) and should be `name` (a string)"
    );
    Ok(())
}

#[tokio::test]
async fn another_sort_key_is_refused() -> Outcome {
    assert_eq!(
        mismatch::<ById, ByIdAndTime>().await?,
        "table `things` does not match the model: the sort key is none and should be `time` (a number)"
    );
    assert_eq!(
        mismatch::<ByIdAndTime, ById>().await?,
        "table `things` does not match the model: the sort key is `time` (a number) and should be none"
    );
    Ok(())
}

#[tokio::test]
async fn a_missing_index_is_refused_and_one_more_is_fine() -> Outcome {
    assert_eq!(
        mismatch::<ById, Indexed>().await?,
        "table `things` does not match the model: index `kind` is missing and should be a global one with partition \
         key `kind` (a string), sort key none and all attributes"
    );
    let probe = Probe::in_memory()?;
    BasicTable::<Indexed, _>::open(probe.0.clone()).await?;
    BasicTable::<ById, _>::open(probe.0.clone()).await?;
    Ok(())
}

#[tokio::test]
async fn another_index_of_the_same_name_is_refused() -> Outcome {
    assert_eq!(
        mismatch::<Indexed, IndexedByNumber>().await?,
        "table `things` does not match the model: index `kind` is a global one with partition key `kind` (a string), \
         sort key none and all attributes and should be a global one with partition key `kind` (a number), sort key \
         none and all attributes"
    );
    let found = mismatch::<Indexed, IndexedKeysOnly>().await?;
    assert!(found.ends_with("sort key none and the keys only"), "{found}");
    let found = mismatch::<IndexedKeysOnly, IndexedWithName>().await?;
    assert!(found.ends_with("sort key none and the keys and name"), "{found}");
    let found = mismatch::<Global, Local>().await?;
    assert!(found.contains("is a global one") && found.contains("should be a local one"), "{found}");
    Ok(())
}

#[tokio::test]
async fn every_difference_is_told_at_once() -> Outcome {
    let found = mismatch::<ByIdAndTime, IndexedByNumber>().await?;
    assert_eq!(found.matches(" should be ").count(), 2, "{found}");
    Ok(())
}
