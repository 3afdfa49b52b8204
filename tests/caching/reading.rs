//! Reads ask the database only for what the table does not know.

use structnosql::backend::PutRequest;
use structnosql::{Backend, CachingTable, FailureClass, FieldExt, Projection, Source, StructModel, TableDataModel};

use crate::model::{Address, Card, User, paul, plain};
use crate::support::{Engine, Outcome, Probe, Step, caching};

/// Paul is stored, and nothing is cached.
async fn stored() -> Outcome<(CachingTable<User, Engine>, Probe)> {
    let (users, probe) = caching::<User>().await?;
    users.put_record(&paul()).await?;
    users.clear_cached_data();
    probe.take();
    Ok((users, probe))
}

/// Another program gives the record another name.
async fn renamed_elsewhere(probe: &Probe) -> Outcome {
    let item = User { username: Some("Foreign".to_owned()), ..paul() }.encode_fields()?;
    let request = PutRequest { table: "users".into(), item, condition: None, return_old: false };
    probe.other_program().put(request).await?;
    Ok(())
}

#[tokio::test]
async fn a_field_is_read_once() -> Outcome {
    let (users, probe) = stored().await?;
    for _ in 0..3 {
        assert_eq!(users.get_field("x42", User::fields().username()).await?.as_deref(), Some("Paul"));
    }
    assert_eq!(probe.take(), ["get SELECT id,username"]);
    Ok(())
}

#[tokio::test]
async fn the_source_tells_request_cache_and_pending_change_apart() -> Outcome {
    let (users, _) = stored().await?;
    let f = User::fields;
    let source = async || Ok::<_, structnosql::Error>(users.debug().get_field("x42", f().age()).await?.source);
    assert_eq!(source().await?, Source::Database);
    assert_eq!(source().await?, Source::Cache);
    users.update_field("x42", f().age(), 1).await?;
    assert_eq!(source().await?, Source::Pending);
    users.commit_operations().await?;
    assert_eq!(source().await?, Source::Cache);
    Ok(())
}

#[tokio::test]
async fn what_is_known_in_part_is_fetched_in_part() -> Outcome {
    let (users, probe) = stored().await?;
    let f = User::fields;
    users.get_field("x42", f().username()).await?;
    probe.take();
    let (name, age, code) = users.debug().get_field("x42", (f().username(), f().age(), f().home().post_code())).await?;
    assert_eq!((name.source, age.source, code.source), (Source::Cache, Source::Database, Source::Database));
    assert_eq!(probe.take(), ["get SELECT age,home.postCode,id"]);
    Ok(())
}

#[tokio::test]
async fn absence_is_known_too() -> Outcome {
    let (users, probe) = caching::<User>().await?;
    users.put_record(&plain("y1")).await?;
    users.clear_cached_data();
    probe.take();
    let f = User::fields;
    for _ in 0..2 {
        assert_eq!(users.get_field("y1", f().home()).await?, None);
        // Nothing can be inside what is absent.
        assert_eq!(users.get_field("y1", f().home().street()).await?, None);
        assert_eq!(users.get_field("nobody", f().age()).await?, None);
        assert_eq!(users.get_record("nobody").await?, None);
    }
    assert_eq!(probe.take(), ["get SELECT home,id", "get SELECT age,id"]);
    Ok(())
}

#[tokio::test]
async fn a_leaf_does_not_make_its_parent_known() -> Outcome {
    let (users, probe) = stored().await?;
    let f = User::fields;
    users.get_field("x42", (f().home().street(), f().home().post_code())).await?;
    // Every declared field is known, but other programs may have stored more.
    assert_eq!(users.get_field("x42", f().home()).await?, paul().home);
    assert_eq!(probe.take(), ["get SELECT home.postCode,home.street,id", "get SELECT home,id"]);
    Ok(())
}

#[tokio::test]
async fn an_absent_leaf_says_nothing_of_its_parent() -> Outcome {
    let (users, probe) = caching::<User>().await?;
    users.put_record(&User { home: Some(Address { street: "A".to_owned(), post_code: None }), ..plain("y1") }).await?;
    users.clear_cached_data();
    let f = User::fields;
    assert_eq!(users.get_field("y1", f().home().post_code()).await?, None);
    assert_eq!(users.get_field("y1", f().tokens().key("t").expiration_timestamp()).await?, None);
    probe.take();
    assert_eq!(users.get_field("y1", f().home().street()).await?.as_deref(), Some("A"));
    assert_eq!(users.get_field("y1", f().tokens()).await?, None);
    assert_eq!(probe.count(), 2);
    Ok(())
}

#[tokio::test]
async fn a_whole_parent_serves_what_is_inside() -> Outcome {
    let (users, probe) = stored().await?;
    let f = User::fields;
    users.get_field("x42", (f().home(), f().tokens(), f().visited())).await?;
    assert_eq!(probe.count(), 1);
    assert_eq!(users.get_field("x42", f().home().street()).await?.as_deref(), Some("Elm Street"));
    assert_eq!(users.get_field("x42", f().tokens().key("t32").expiration_timestamp()).await?, Some(1_618_322_249));
    assert_eq!(users.get_field("x42", f().tokens().key("other")).await?, None);
    assert_eq!(users.get_field("x42", f().visited().index(2)).await?.as_deref(), Some("Lima"));
    assert_eq!(users.get_field("x42", f().visited().index(3)).await?, None);
    assert_eq!(probe.count(), 0);
    Ok(())
}

#[tokio::test]
async fn a_whole_record_serves_everything() -> Outcome {
    let (users, probe) = stored().await?;
    users.get_record("x42").await?;
    assert_eq!(probe.take(), ["get"]);
    users.get_field("x42", User::fields().roles()).await?;
    users.get_field("x42", Card::projection()).await?;
    assert_eq!(users.get_record("x42").await?, Some(paul()));
    assert_eq!(probe.count(), 0);
    Ok(())
}

#[tokio::test]
async fn fields_do_not_make_the_record_known() -> Outcome {
    let (users, probe) = stored().await?;
    let f = User::fields;
    users
        .get_field("x42", (f().id(), f().age(), f().username(), f().home(), f().tokens(), f().roles(), f().visited()))
        .await?;
    users.get_record("x42").await?;
    assert_eq!(probe.count(), 2);
    Ok(())
}

#[tokio::test]
async fn a_put_makes_the_record_known() -> Outcome {
    let (users, probe) = caching::<User>().await?;
    users.put_record(&paul()).await?;
    users.create_record(&plain("y1")).await?;
    users.delete_record("z1").await?;
    probe.take();
    assert_eq!(users.get_record("x42").await?, Some(paul()));
    assert_eq!(users.get_record("y1").await?, Some(plain("y1")));
    assert_eq!(users.get_record("z1").await?, None);
    assert_eq!(probe.count(), 0);
    Ok(())
}

#[tokio::test]
async fn a_failed_read_teaches_nothing() -> Outcome {
    let (users, probe) = stored().await?;
    probe.next([Step::Refuse(FailureClass::Throttled)]);
    assert!(users.get_record("x42").await.unwrap_err().is_throttled());
    assert_eq!(users.get_record("x42").await?, Some(paul()));
    Ok(())
}

#[tokio::test]
async fn a_consistent_read_replaces_what_was_known_below_it() -> Outcome {
    let (users, probe) = stored().await?;
    users.get_field("x42", User::fields().username()).await?;
    renamed_elsewhere(&probe).await?;
    assert_eq!(users.get_field("x42", User::fields().username()).await?.as_deref(), Some("Paul"));
    users.get_record("x42").await?;
    assert_eq!(users.get_field("x42", User::fields().username()).await?.as_deref(), Some("Foreign"));
    Ok(())
}

#[tokio::test]
async fn an_eventually_consistent_read_does_not_replace_what_is_known() -> Outcome {
    let (users, probe) = stored().await?;
    users.get_field("x42", User::fields().username()).await?;
    renamed_elsewhere(&probe).await?;
    let record = users.get_record("x42").eventually_consistent().await?.unwrap();
    assert_eq!((record.username.as_deref(), record.age), (Some("Paul"), 36));
    Ok(())
}

#[tokio::test]
async fn pending_changes_lie_over_what_is_read() -> Outcome {
    let (users, probe) = stored().await?;
    let f = User::fields;
    users.update_field("x42", f().home().street(), "Main Street").await?;
    users.delete_field("x42", f().tokens().key("t32")).await?;
    assert_eq!(probe.count(), 0);
    // What is changed needs no request; what lies around it does.
    assert_eq!(users.get_field("x42", f().home().street()).await?.as_deref(), Some("Main Street"));
    assert_eq!(users.get_field("x42", f().tokens().key("t32").expiration_timestamp()).await?, None);
    assert_eq!(probe.count(), 0);
    let home = users.debug().get_field("x42", f().home()).await?;
    assert_eq!(home.value.as_ref().unwrap().post_code.as_deref(), Some("12345"));
    assert_eq!((home.value.unwrap().street.as_str(), home.source), ("Main Street", Source::Pending));
    let record = users.get_record("x42").await?.unwrap();
    assert_eq!((record.home.unwrap().street.as_str(), record.tokens), ("Main Street", Some([].into())));
    assert_eq!(probe.count(), 2);
    Ok(())
}

#[tokio::test]
async fn a_record_that_will_come_into_being_reads_as_it_will_be() -> Outcome {
    let (users, probe) = caching::<User>().await?;
    let f = User::fields;
    users.get_record("new").await?;
    users.update_multiple_fields("new", [f().age().set(3), f().home().street().set("S")]).await?;
    probe.take();
    let expected = User { age: 3, home: Some(Address { street: "S".to_owned(), post_code: None }), ..plain("new") };
    assert_eq!(users.get_record("new").await?, Some(expected.clone()));
    assert_eq!(users.get_field("new", f().id()).await?.as_deref(), Some("new"));
    assert_eq!(users.get_field("new", Card::projection()).await?, Some(Card { age: 3, street: Some("S".to_owned()) }));
    assert_eq!(probe.count(), 0);
    users.commit_operations().await?;
    users.clear_cached_data();
    assert_eq!(users.get_record("new").await?, Some(expected));
    Ok(())
}

/// A change to a record of which nothing is known is not the record.
#[tokio::test]
async fn a_pending_change_alone_does_not_answer_for_the_record() -> Outcome {
    let (users, probe) = stored().await?;
    users.update_field("x42", User::fields().age(), 1).await?;
    assert_eq!(users.get_record("x42").await?, Some(User { age: 1, ..paul() }));
    assert_eq!(probe.count(), 1);
    Ok(())
}

#[tokio::test]
async fn values_that_are_handed_out_are_copies() -> Outcome {
    let (users, _) = stored().await?;
    let mut record = users.get_record("x42").await?.unwrap();
    record.username = Some("Changed".to_owned());
    assert_eq!(users.get_record("x42").await?, Some(paul()));
    Ok(())
}

#[tokio::test]
async fn old_values_need_no_request_where_they_are_known() -> Outcome {
    let (users, probe) = stored().await?;
    let f = User::fields;
    users.get_field("x42", f().username()).await?;
    probe.take();
    assert_eq!(users.update_field_return_old("x42", f().username(), "A").await?.as_deref(), Some("Paul"));
    assert_eq!(users.remove_field("x42", f().username()).await?.as_deref(), Some("A"));
    assert_eq!(users.remove_field("x42", f().username()).await?, None);
    assert_eq!(probe.count(), 0);
    assert!(users.has_pending_remove_operations());
    Ok(())
}

#[tokio::test]
async fn old_values_that_are_not_known_come_with_the_write_itself() -> Outcome {
    let (users, probe) = stored().await?;
    let f = User::fields;
    assert_eq!(users.remove_field("x42", f().username()).await?.as_deref(), Some("Paul"));
    assert_eq!(probe.take(), ["update REMOVE username IF attribute_exists(id)"]);
    assert!(!users.has_pending_operations());
    // It brought the whole record.
    assert_eq!(users.get_record("x42").await?, Some(User { username: None, ..paul() }));
    assert_eq!(probe.count(), 0);
    Ok(())
}

#[tokio::test]
async fn old_values_over_a_pending_change_are_what_reads_show() -> Outcome {
    let (users, probe) = stored().await?;
    let f = User::fields;
    users.update_field("x42", f().home().street(), "Main Street").await?;
    let old = users.remove_field("x42", f().home()).await?.unwrap();
    assert_eq!((old.street.as_str(), old.post_code.as_deref()), ("Main Street", Some("12345")));
    assert_eq!(probe.take(), ["get SELECT home,id"]);
    users.commit_operations().await?;
    assert_eq!(probe.take(), ["update REMOVE home"]);
    Ok(())
}

#[tokio::test]
async fn an_old_value_whose_answer_was_lost_leaves_the_record_to_be_read_again() -> Outcome {
    let (users, probe) = caching::<User>().await?;
    let f = User::fields;
    users.put_record(&paul()).await?;
    users.clear_cached_data();
    users.update_field("x42", f().age(), 1).await?;
    probe.next([Step::Lose]);
    let error = users.remove_field("x42", f().username()).await.unwrap_err();
    assert!(error.may_be_applied());
    assert_eq!(users.get_field("x42", f().username()).await?, None);
    assert_eq!(users.pending_operations().len(), 1);
    assert_eq!(users.get_record("x42").await?, Some(User { age: 1, username: None, ..paul() }));
    Ok(())
}

#[tokio::test]
async fn two_tasks_that_replace_a_value_each_see_what_the_other_left() -> Outcome {
    let (users, _probe) = caching::<User>().await?;
    let f = User::fields;
    users.put_record(&paul()).await?;
    users.clear_cached_data();
    let (a, b) = tokio::join!(async { users.update_field_return_old("x42", f().username(), "A").await }, async {
        users.update_field_return_old("x42", f().username(), "B").await
    });
    let mut seen = [a?.unwrap(), b?.unwrap()];
    seen.sort();
    let last = users.get_field("x42", f().username()).await?.unwrap();
    let mut all = vec![seen[0].clone(), seen[1].clone(), last];
    all.sort();
    assert_eq!(all, ["A", "B", "Paul"]);
    Ok(())
}

#[tokio::test]
async fn an_old_value_under_a_hidden_change_is_what_reads_show() -> Outcome {
    let (users, _probe) = caching::<User>().await?;
    let f = User::fields;
    users.put_record(&paul()).await?;
    users.update_field("x42", f().username(), "hidden").await?;
    users.clear_cached_data();
    assert_eq!(users.remove_field("x42", f().username()).await?.as_deref(), Some("Paul"));
    users.commit_operations().await?;
    assert_eq!(users.session().get_field("x42", f().username()).await?, None);
    assert_eq!(users.get_field("x42", f().username()).await?, None);
    Ok(())
}
