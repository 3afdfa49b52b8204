//! Forgetting and dropping: each call, and what a read then sees.
//!
//! | call | the cache | the pending changes | a read sees |
//! |---|---|---|---|
//! | `clear_cached_data` | forgotten | kept, out of sight | the database |
//! | `clear_pending_operations` | takes over what reads showed | dropped | what it saw before |
//! | `clear_cached_data_and_pending_operations` | forgotten | dropped | the database |
//! | `rollback` | kept | dropped | what the database last showed |
//! | `refresh` | forgotten | kept, in sight | the database, with the changes over it |

use structnosql::{CachingTable, Source, TableDataModel};

use crate::model::{Address, User, paul, plain};
use crate::support::{Engine, Outcome, Probe, caching};

/// Paul is stored and cached; a new name is pending, and the removal of his home.
async fn pending() -> Outcome<(CachingTable<User, Engine>, Probe)> {
    let (users, probe) = caching::<User>().await?;
    users.put_record(&paul()).await?;
    users.update_field("x42", User::fields().username(), "Robinson").await?;
    users.delete_field("x42", User::fields().home()).await?;
    probe.take();
    Ok((users, probe))
}

/// What reads see of the name and the home, and how many requests they took.
async fn seen(users: &CachingTable<User, Engine>, probe: &Probe) -> Outcome<(Option<String>, Option<Address>, usize)> {
    probe.take();
    let (name, home) = users.get_field("x42", (User::fields().username(), User::fields().home())).await?;
    Ok((name, home, probe.count()))
}

fn stored(requests: usize) -> (Option<String>, Option<Address>, usize) {
    (paul().username, paul().home, requests)
}

fn changed(requests: usize) -> (Option<String>, Option<Address>, usize) {
    (Some("Robinson".to_owned()), None, requests)
}

async fn committed(users: &CachingTable<User, Engine>) -> Outcome<User> {
    users.commit_operations().await?;
    Ok(users.session().get_record("x42").await?.unwrap())
}

#[tokio::test]
async fn clear_cached_data_shows_the_database_and_keeps_what_is_pending() -> Outcome {
    let (users, probe) = pending().await?;
    users.clear_cached_data();
    assert_eq!(seen(&users, &probe).await?, stored(1));
    assert!(users.has_pending_update_operations() && users.has_pending_remove_operations());
    assert_eq!(users.pending_operations().len(), 2);
    let record = committed(&users).await?;
    assert_eq!((record.username.as_deref(), record.home), (Some("Robinson"), None));
    // What was out of sight is committed, and in sight.
    assert_eq!(seen(&users, &probe).await?, changed(0));
    Ok(())
}

#[tokio::test]
async fn clear_cached_data_for_record_forgets_that_one_alone() -> Outcome {
    let (users, probe) = pending().await?;
    users.put_record(&plain("y1")).await?;
    users.update_field("y1", User::fields().age(), 1).await?;
    users.clear_cached_data_for_record("x42");
    assert_eq!(seen(&users, &probe).await?, stored(1));
    assert_eq!(users.get_record("y1").await?, Some(User { age: 1, ..plain("y1") }));
    assert_eq!(probe.count(), 0);
    assert_eq!(users.pending_operations().len(), 3);
    users.clear_cached_data_for_record("nobody");
    users.clear_cached_data_for_record("");
    Ok(())
}

#[tokio::test]
async fn changes_after_a_clear_are_in_sight() -> Outcome {
    let (users, probe) = pending().await?;
    users.clear_cached_data();
    users.update_field("x42", User::fields().home().street(), "Main Street").await?;
    let (name, home, _) = seen(&users, &probe).await?;
    assert_eq!(name.as_deref(), Some("Paul"));
    assert_eq!(home.unwrap().street, "Main Street");
    // All of them are committed, in their order: the home was removed before it got a street.
    let record = committed(&users).await?;
    assert_eq!(record.username.as_deref(), Some("Robinson"));
    assert_eq!(record.home, Some(Address { street: "Main Street".to_owned(), post_code: None }));
    Ok(())
}

/// The discrepancy that the original library warns of.
#[tokio::test]
async fn clear_pending_operations_drops_them_and_reads_go_on_as_before() -> Outcome {
    let (users, probe) = pending().await?;
    users.clear_pending_operations();
    assert!(!users.has_pending_operations());
    assert_eq!(seen(&users, &probe).await?, changed(0));
    let name = users.debug().get_field("x42", User::fields().username()).await?;
    assert_eq!(name.source, Source::Assumed);
    assert_eq!(users.get_field("x42", User::fields().age()).await?, Some(36));
    assert!(users.get_record("x42").await?.unwrap().home.is_none());
    assert_eq!(probe.count(), 0);
    assert_eq!(committed(&users).await?, paul());
    // Only forgetting the cache ends it.
    users.clear_cached_data();
    assert_eq!(seen(&users, &probe).await?, stored(1));
    Ok(())
}

#[tokio::test]
async fn rollback_ends_it_too() -> Outcome {
    let (users, probe) = pending().await?;
    users.clear_pending_operations();
    users.rollback();
    // What the database last showed, without asking it again.
    assert_eq!(seen(&users, &probe).await?, stored(0));
    Ok(())
}

#[tokio::test]
async fn clear_pending_operations_where_nothing_was_known() -> Outcome {
    let (users, probe) = pending().await?;
    users.clear_cached_data_and_pending_operations();
    users.update_field("x42", User::fields().home().street(), "Main Street").await?;
    users.clear_pending_operations();
    // What was shown stays so; of the rest nothing was known.
    assert_eq!(users.get_field("x42", User::fields().home().street()).await?.as_deref(), Some("Main Street"));
    assert_eq!(probe.count(), 0);
    assert_eq!(users.get_field("x42", User::fields().home().post_code()).await?.as_deref(), Some("12345"));
    assert_eq!(probe.count(), 1);
    Ok(())
}

#[tokio::test]
async fn clear_pending_update_operations_drops_updates_alone() -> Outcome {
    let (users, probe) = pending().await?;
    users.clear_pending_update_operations();
    assert!(!users.has_pending_update_operations() && users.has_pending_remove_operations());
    assert_eq!(seen(&users, &probe).await?, changed(0));
    let record = committed(&users).await?;
    assert_eq!((record.username.as_deref(), record.home), (Some("Paul"), None));
    Ok(())
}

#[tokio::test]
async fn clear_pending_remove_operations_drops_removals_alone() -> Outcome {
    let (users, probe) = pending().await?;
    users.clear_pending_remove_operations();
    assert!(users.has_pending_update_operations() && !users.has_pending_remove_operations());
    assert_eq!(seen(&users, &probe).await?, changed(0));
    let record = committed(&users).await?;
    assert_eq!((record.username.as_deref(), record.home), (Some("Robinson"), paul().home));
    Ok(())
}

/// The kind is that of the result: a field removed and then set again is an update.
#[tokio::test]
async fn what_was_folded_is_dropped_as_one() -> Outcome {
    let (users, _) = pending().await?;
    users.update_field("x42", User::fields().home(), Address { street: "A".to_owned(), post_code: None }).await?;
    users.update_field("x42", User::fields().home().post_code(), "1").await?;
    users.delete_field("x42", User::fields().home().post_code()).await?;
    assert!(!users.has_pending_remove_operations());
    users.clear_pending_remove_operations();
    assert_eq!(users.pending_operations().len(), 2);
    users.clear_pending_update_operations();
    assert!(!users.has_pending_operations(), "the first removal does not come back");
    assert_eq!(committed(&users).await?, paul());
    Ok(())
}

#[tokio::test]
async fn clear_cached_data_and_pending_operations_starts_anew() -> Outcome {
    let (users, probe) = pending().await?;
    users.clear_cached_data_and_pending_operations();
    assert!(!users.has_pending_operations());
    assert_eq!(seen(&users, &probe).await?, stored(1));
    assert_eq!(committed(&users).await?, paul());
    Ok(())
}

#[tokio::test]
async fn rollback_shows_what_the_database_last_showed_without_asking() -> Outcome {
    let (users, probe) = pending().await?;
    users.rollback();
    assert!(!users.has_pending_operations());
    assert_eq!(seen(&users, &probe).await?, stored(0));
    assert_eq!(committed(&users).await?, paul());
    Ok(())
}

#[tokio::test]
async fn rollback_drops_what_was_hidden_too() -> Outcome {
    let (users, probe) = pending().await?;
    users.clear_cached_data();
    users.rollback();
    assert!(!users.has_pending_operations());
    assert_eq!(seen(&users, &probe).await?, stored(1));
    Ok(())
}

#[tokio::test]
async fn refresh_reads_anew_and_lays_the_changes_over() -> Outcome {
    let (users, probe) = pending().await?;
    let other = users.session();
    other.update_field("x42", User::fields().age(), 77).await?;
    other.commit_operations().await?;
    assert_eq!(users.get_field("x42", User::fields().age()).await?, Some(36));
    users.refresh();
    assert_eq!(seen(&users, &probe).await?, changed(0), "the changes need no request");
    assert_eq!(users.get_field("x42", User::fields().age()).await?, Some(77));
    assert_eq!(probe.count(), 1);
    Ok(())
}

#[tokio::test]
async fn refresh_brings_hidden_changes_back_into_sight() -> Outcome {
    let (users, probe) = pending().await?;
    users.clear_cached_data();
    assert_eq!(seen(&users, &probe).await?, stored(1));
    users.refresh();
    assert_eq!(seen(&users, &probe).await?, changed(0));
    Ok(())
}

#[tokio::test]
async fn refresh_forgets_what_cleared_operations_left_behind() -> Outcome {
    let (users, probe) = pending().await?;
    users.clear_pending_operations();
    users.refresh();
    assert_eq!(seen(&users, &probe).await?, stored(1));
    Ok(())
}

#[tokio::test]
async fn each_also_for_one_record() -> Outcome {
    let (users, probe) = pending().await?;
    users.update_field("y1", User::fields().age(), 1).await?;
    users.refresh_record("x42");
    assert_eq!(seen(&users, &probe).await?, changed(0));
    users.clear_pending_operations_for_record("x42");
    assert_eq!(seen(&users, &probe).await?, changed(0));
    users.rollback_record("x42");
    assert_eq!(seen(&users, &probe).await?, stored(1));
    assert_eq!(users.pending_operations().len(), 1);
    users.rollback_record("y1");
    users.rollback_record("nobody");
    users.refresh_record("nobody");
    users.clear_pending_operations_for_record("nobody");
    assert!(!users.has_pending_operations());
    Ok(())
}

#[tokio::test]
async fn all_of_them_may_be_called_at_any_time() -> Outcome {
    let (users, _) = caching::<User>().await?;
    for _ in 0..2 {
        users.clear_cached_data();
        users.clear_pending_operations();
        users.clear_pending_update_operations();
        users.clear_pending_remove_operations();
        users.clear_cached_data_and_pending_operations();
        users.rollback();
        users.refresh();
    }
    assert_eq!(users.get_record("x42").await?, None);
    Ok(())
}

/// The value is served, but nothing is planned upon it.
#[tokio::test]
async fn what_cleared_operations_left_behind_is_not_trusted_by_a_commit() -> Outcome {
    let (users, _) = pending().await?;
    users.clear_pending_operations();
    // Reads show no home. The database has one, and it must not be replaced by this street alone.
    users.update_field("x42", User::fields().home().street(), "Main Street").await?;
    let record = committed(&users).await?;
    assert_eq!(record.home, Some(Address { street: "Main Street".to_owned(), post_code: Some("12345".to_owned()) }));
    Ok(())
}

#[tokio::test]
async fn dropped_changes_of_a_record_that_is_not_there() -> Outcome {
    let (users, probe) = caching::<User>().await?;
    assert_eq!(users.get_record("new").await?, None);
    users.update_field("new", User::fields().age(), 1).await?;
    users.clear_pending_operations();
    assert_eq!(users.get_field("new", User::fields().age()).await?, Some(1));
    users.commit_operations().await?;
    users.rollback();
    assert_eq!(users.get_field("new", User::fields().age()).await?, None);
    assert_eq!(users.get_record("new").await?, None);
    assert_eq!(users.session().get_record("new").await?, None);
    assert!(probe.take().iter().all(|request| request.starts_with("get")));
    Ok(())
}
