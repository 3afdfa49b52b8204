//! Changes inside maps and structs that are not there. DynamoDB fails an update whose path leads through nothing.

use std::collections::HashMap;

use structnosql::{CachingTable, ErrorKind, FailureClass, FieldExt, MapModel, TableDataModel, Value};

use crate::support::{Engine, Outcome, Probe, Step, caching, map};

#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "accounts", rename_all = "camelCase")]
struct Account {
    #[field(partition_key)]
    id: String,
    name: Option<String>,
    devices: Option<HashMap<String, Device>>,
    limits: Option<Limits>,
}

#[derive(Clone, Debug, PartialEq, MapModel)]
#[map(rename_all = "camelCase")]
struct Device {
    model: String,
    serial: u64,
    nickname: Option<String>,
    apps: Option<HashMap<String, u32>>,
}

#[derive(Clone, Debug, PartialEq, MapModel)]
#[map(rename_all = "camelCase")]
struct Limits {
    #[field(default = 100)]
    daily: u32,
    monthly: Option<u32>,
}

const NAMED: [(&str, &str); 2] = [("id", "a1"), ("name", "Ann")];

/// A record with a name alone; it is known as a whole, or not at all.
async fn stored(known: bool) -> Outcome<(CachingTable<Account, Engine>, Probe)> {
    let (accounts, probe) = caching::<Account>().await?;
    probe.store::<Account>(NAMED.map(|(name, value)| (name, value.into()))).await?;
    if known {
        accounts.get_record("a1").await?;
    }
    probe.take();
    Ok((accounts, probe))
}

async fn fresh(accounts: &CachingTable<Account, Engine>) -> Outcome<Account> {
    Ok(accounts.session().get_record("a1").await?.unwrap())
}

#[tokio::test]
async fn the_outermost_missing_map_is_set_as_a_whole() -> Outcome {
    let (accounts, probe) = stored(true).await?;
    let device = || Account::fields().devices().key("d1");
    accounts
        .update_multiple_fields(
            "a1",
            [device().model().set("X"), device().serial().set(7), device().apps().key("chess").set(3)],
        )
        .await?;
    let report = accounts.commit_operations().await?;
    assert_eq!(probe.take(), ["update SET devices=:v0 IF attribute_not_exists(devices)"]);
    assert_eq!(report.records[0].replans, 0);
    let device = fresh(&accounts).await?.devices.unwrap().remove("d1").unwrap();
    let apps = Some([("chess".to_owned(), 3)].into());
    assert_eq!(device, Device { model: "X".to_owned(), serial: 7, nickname: None, apps });
    Ok(())
}

#[tokio::test]
async fn where_nothing_is_known_it_is_sent_as_it_is_and_planned_again() -> Outcome {
    let (accounts, probe) = stored(false).await?;
    let device = || Account::fields().devices().key("d1");
    accounts.update_multiple_fields("a1", [device().model().set("X"), device().serial().set(7)]).await?;
    let report = accounts.commit_operations().await?;
    assert_eq!(
        probe.take(),
        [
            "update SET devices.d1.model=:v0,devices.d1.serial=:v1",
            "get SELECT devices,id",
            "update SET devices=:v0 IF attribute_not_exists(devices)",
        ]
    );
    assert_eq!((report.records[0].requests, report.records[0].replans), (3, 1));
    assert_eq!(fresh(&accounts).await?.devices.unwrap()["d1"].serial, 7);
    assert_eq!(accounts.get_field("a1", device().model()).await?.as_deref(), Some("X"));
    assert_eq!(probe.count(), 1, "only the fresh session's");
    Ok(())
}

/// The update was refused: nothing is in doubt, whatever becomes of the read that should tell why.
#[tokio::test]
async fn where_the_read_fails_everything_is_pending_again() -> Outcome {
    for class in [FailureClass::Throttled, FailureClass::Interrupted] {
        let (accounts, probe) = stored(false).await?;
        accounts.update_field("a1", Account::fields().limits().monthly(), 9).await?;
        probe.next([Step::Pass, Step::Refuse(class)]);
        let error = accounts.commit_operations().await.unwrap_err();
        let outcome = &error.commit_report().unwrap().records[0].outcome;
        assert!(matches!(outcome, structnosql::Outcome::Rejected(why) if !why.may_be_applied()), "{outcome}");
        accounts.commit_operations().await?;
        assert_eq!(fresh(&accounts).await?.limits.unwrap().monthly, Some(9));
    }
    Ok(())
}

#[tokio::test]
async fn where_the_parent_is_there_it_takes_one_request() -> Outcome {
    let (accounts, probe) = stored(false).await?;
    accounts.update_field("a1", Account::fields().limits(), Limits { daily: 1, monthly: None }).await?;
    accounts.commit_operations().await?;
    accounts.clear_cached_data();
    probe.take();
    accounts.update_field("a1", Account::fields().limits().monthly(), 9).await?;
    accounts.commit_operations().await?;
    assert_eq!(probe.take(), ["update SET limits.monthly=:v0"]);
    assert_eq!(fresh(&accounts).await?.limits, Some(Limits { daily: 1, monthly: Some(9) }));
    Ok(())
}

#[tokio::test]
async fn a_struct_without_its_required_fields_is_not_written() -> Outcome {
    for known in [true, false] {
        let (accounts, probe) = stored(known).await?;
        accounts.update_field("a1", Account::fields().devices().key("d1").nickname(), "Nick").await?;
        accounts.update_field("a1", Account::fields().name(), "Other").await?;
        let error = accounts.commit_operations().await.unwrap_err();
        let report = error.commit_report().unwrap();
        let structnosql::Outcome::Rejected(why) = &report.records[0].outcome else { panic!("{report}") };
        assert_eq!(
            why.to_string(),
            "`devices.d1` is absent and would come into being without its required `devices.d1.model`, \
             `devices.d1.serial`: set them in the same commit, or set `devices.d1` as a whole"
        );
        let ErrorKind::MissingParent { path, missing } = why.kind() else { panic!("{why}") };
        assert_eq!((path.to_string().as_str(), missing.len()), ("devices.d1", 2));
        assert_eq!(fresh(&accounts).await?.name.as_deref(), Some("Ann"), "nothing is written");
        assert_eq!(accounts.pending_operations().len(), 2, "nothing is lost");
        probe.take();
        // What is missing can be added; then it is committed.
        let device = || Account::fields().devices().key("d1");
        accounts.update_multiple_fields("a1", [device().model().set("X"), device().serial().set(7)]).await?;
        accounts.commit_operations().await?;
        assert_eq!(probe.count(), 1);
        assert_eq!(fresh(&accounts).await?.devices.unwrap()["d1"].nickname.as_deref(), Some("Nick"));
    }
    Ok(())
}

#[tokio::test]
async fn defaults_stand_in_for_required_fields() -> Outcome {
    for known in [true, false] {
        let (accounts, _) = stored(known).await?;
        accounts.update_field("a1", Account::fields().limits().monthly(), 9).await?;
        accounts.commit_operations().await?;
        assert_eq!(fresh(&accounts).await?.limits, Some(Limits { daily: 100, monthly: Some(9) }));
        assert_eq!(accounts.get_field("a1", Account::fields().limits().daily()).await?, Some(100));
    }
    Ok(())
}

#[tokio::test]
async fn defaults_are_seen_before_the_commit() -> Outcome {
    let (accounts, _) = stored(true).await?;
    accounts.update_field("a1", Account::fields().limits().monthly(), 9).await?;
    assert_eq!(accounts.get_field("a1", Account::fields().limits().daily()).await?, Some(100));
    Ok(())
}

#[tokio::test]
async fn a_removal_below_a_missing_map_is_left_out() -> Outcome {
    for known in [true, false] {
        let (accounts, probe) = stored(known).await?;
        accounts.delete_field("a1", Account::fields().devices().key("d1").nickname()).await?;
        accounts.update_field("a1", Account::fields().name(), "Bob").await?;
        accounts.commit_operations().await?;
        assert_eq!(probe.take().last().unwrap(), "update SET name=:v0");
        let account = fresh(&accounts).await?;
        assert_eq!((account.name.as_deref(), account.devices), (Some("Bob"), None));
        assert!(!accounts.has_pending_operations());
    }
    Ok(())
}

#[tokio::test]
async fn a_stored_null_counts_as_nothing() -> Outcome {
    for known in [true, false] {
        let (accounts, probe) = stored(false).await?;
        probe.store::<Account>([("id", "a1".into()), ("limits", Value::Null), ("name", "Ann".into())]).await?;
        if known {
            accounts.get_record("a1").await?;
        }
        probe.take();
        accounts.update_field("a1", Account::fields().limits().monthly(), 9).await?;
        accounts.delete_field("a1", Account::fields().devices().key("d1")).await?;
        accounts.commit_operations().await?;
        assert_eq!(probe.take().last().unwrap(), "update SET limits=:v0 IF attribute_type(limits,:v1)");
        let account = fresh(&accounts).await?;
        assert_eq!((account.limits, account.devices), (Some(Limits { daily: 100, monthly: Some(9) }), None));
    }
    Ok(())
}

#[tokio::test]
async fn another_program_that_made_the_map_meanwhile_keeps_what_it_wrote() -> Outcome {
    let (accounts, probe) = stored(true).await?;
    let theirs = map([("model", "Y".into()), ("serial", 1.into())]);
    probe.store::<Account>([("id", "a1".into()), ("devices", map([("d9", theirs)]))]).await?;
    let device = || Account::fields().devices().key("d1");
    accounts.update_multiple_fields("a1", [device().model().set("X"), device().serial().set(7)]).await?;
    let report = accounts.commit_operations().await?;
    assert_eq!(report.records[0].replans, 1);
    let devices = fresh(&accounts).await?.devices.unwrap();
    assert_eq!((devices["d9"].serial, devices["d1"].serial), (1, 7));
    assert!(probe.take().len() <= 4);
    Ok(())
}

#[tokio::test]
async fn a_map_that_another_program_removed_comes_back_with_the_change_alone() -> Outcome {
    let (accounts, probe) = stored(false).await?;
    accounts.update_field("a1", Account::fields().limits(), Limits { daily: 1, monthly: None }).await?;
    accounts.commit_operations().await?;
    probe.store::<Account>(NAMED.map(|(name, value)| (name, value.into()))).await?;
    accounts.update_field("a1", Account::fields().limits().monthly(), 9).await?;
    accounts.commit_operations().await?;
    assert_eq!(fresh(&accounts).await?.limits, Some(Limits { daily: 100, monthly: Some(9) }));
    Ok(())
}

#[tokio::test]
async fn a_record_that_is_not_there() -> Outcome {
    for known in [true, false] {
        let (accounts, _) = caching::<Account>().await?;
        if known {
            accounts.get_record("a1").await?;
        }
        let device = || Account::fields().devices().key("d1");
        accounts.update_multiple_fields("a1", [device().model().set("X"), device().serial().set(7)]).await?;
        accounts.delete_field("a1", Account::fields().name()).await?;
        accounts.commit_operations().await?;
        assert_eq!(fresh(&accounts).await?.devices.unwrap()["d1"].model, "X");
    }
    Ok(())
}

/// A removal alone makes no record, as it would in DynamoDB.
#[tokio::test]
async fn removals_alone_make_no_record() -> Outcome {
    for known in [true, false] {
        let (accounts, _) = caching::<Account>().await?;
        if known {
            accounts.get_record("a1").await?;
        }
        accounts.delete_field("a1", Account::fields().name()).await?;
        accounts.delete_field("a1", Account::fields().devices().key("d1")).await?;
        assert!(accounts.commit_operations().await?.is_complete());
        assert_eq!(accounts.session().get_field("a1", Account::fields().id()).await?, None);
        assert_eq!(accounts.get_record("a1").await?, None);
    }
    Ok(())
}

#[tokio::test]
async fn a_removed_struct_that_gets_a_field_again_needs_its_required_ones() -> Outcome {
    let (accounts, _) = stored(true).await?;
    let device = || Account::fields().devices().key("d1");
    accounts.update_multiple_fields("a1", [device().model().set("X"), device().serial().set(7)]).await?;
    accounts.commit_operations().await?;
    accounts.delete_field("a1", device()).await?;
    accounts.update_field("a1", device().nickname(), "Nick").await?;
    let error = accounts.commit_operations().await.unwrap_err();
    assert!(error.to_string().contains("`devices.d1.model`, `devices.d1.serial`"), "{error}");
    assert_eq!(fresh(&accounts).await?.devices.unwrap()["d1"].serial, 7);
    Ok(())
}

/// On a basic table as well: the map comes into being, or nothing is written.
#[tokio::test]
async fn a_basic_table_does_the_same() -> Outcome {
    let (accounts, probe) = crate::support::basic::<Account>().await?;
    probe.store::<Account>(NAMED.map(|(name, value)| (name, value.into()))).await?;
    let device = || Account::fields().devices().key("d1");
    let error = accounts.update_field("a1", device().nickname(), "Nick").await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::MissingParent { .. }), "{error}");
    accounts.update_multiple_fields("a1", [device().model().set("X"), device().serial().set(7)]).await?;
    accounts.update_field("a1", Account::fields().limits().monthly(), 1).await?;
    let account = accounts.get_record("a1").await?.unwrap();
    assert_eq!((account.devices.unwrap()["d1"].serial, account.limits.unwrap().daily), (7, 100));
    Ok(())
}
