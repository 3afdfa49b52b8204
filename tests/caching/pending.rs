//! Looking at what is pending, and at what a commit would send.

use structnosql::{Action, FailureClass, FieldExt, TableDataModel, Value};

use crate::model::{Address, User, paul};
use crate::support::{Outcome, Step, caching};

#[tokio::test]
async fn nothing_is_pending_at_first() -> Outcome {
    let (users, _) = caching::<User>().await?;
    assert!(!users.has_pending_operations());
    assert!(!users.has_pending_update_operations());
    assert!(!users.has_pending_remove_operations());
    assert!(users.pending_operations().is_empty());
    assert!(users.plan_commit().is_empty());
    assert_eq!(users.plan_commit().to_string(), "0 records, 0 requests, 0 write units");
    Ok(())
}

#[tokio::test]
async fn no_changes_leave_nothing_pending() -> Outcome {
    let (users, probe) = caching::<User>().await?;
    users.update_multiple_fields("x42", []).await?;
    users.update_multiple_fields("x42", []).if_exists().await?;
    users.delete_multiple_fields("x42", [User::fields().username()][..0].to_vec()).await?;
    assert!(!users.has_pending_operations());
    assert_eq!(users.plan_commit().records.len(), 0);
    assert!(users.commit_operations().await?.records.is_empty());
    assert_eq!(probe.count(), 0);
    Ok(())
}

#[tokio::test]
async fn both_kinds_are_told_apart() -> Outcome {
    let (users, _) = caching::<User>().await?;
    users.update_field("x42", User::fields().age(), 1).await?;
    assert!(users.has_pending_operations() && users.has_pending_update_operations());
    assert!(!users.has_pending_remove_operations());
    users.delete_field("y1", User::fields().username()).await?;
    assert!(users.has_pending_remove_operations());
    Ok(())
}

#[tokio::test]
async fn operations_fold() -> Outcome {
    let (users, _) = caching::<User>().await?;
    let f = User::fields;
    users.update_field("x42", f().username(), "A").await?;
    users.update_field("x42", f().username(), "B").await?;
    let pending = users.pending_operations();
    assert_eq!(pending.len(), 1);
    assert_eq!((pending[0].key.to_string(), pending[0].path.to_string()), ("x42".to_owned(), "username".to_owned()));
    assert_eq!(pending[0].action, Action::Set(Value::from("B")));
    assert_eq!(pending[0].operations.len(), 2);
    assert!(pending[0].operations[0] < pending[0].operations[1]);
    users.delete_field("x42", f().username()).await?;
    assert_eq!(users.pending_operations()[0].action, Action::Remove);
    Ok(())
}

#[tokio::test]
async fn a_change_of_the_whole_takes_the_place_of_changes_inside() -> Outcome {
    let (users, _) = caching::<User>().await?;
    let f = User::fields;
    users.update_field("x42", f().home().street(), "A").await?;
    users.delete_field("x42", f().home().post_code()).await?;
    assert_eq!(users.pending_operations().len(), 2);
    users.update_field("x42", f().home(), Address { street: "B".to_owned(), post_code: None }).await?;
    users.update_field("x42", f().home().post_code(), "1").await?;
    let pending = users.pending_operations();
    assert_eq!(pending.len(), 1);
    let Action::Set(value) = &pending[0].action else { panic!("it is a set") };
    assert_eq!(value.to_string(), r#"{"postCode": "1", "street": "B"}"#);
    assert_eq!(pending[0].operations.len(), 4);
    Ok(())
}

#[tokio::test]
async fn they_are_listed_by_record_and_path() -> Outcome {
    let (users, _) = caching::<User>().await?;
    let f = User::fields;
    users.update_field("y1", f().age(), 1).await?;
    users.update_multiple_fields("x42", [f().username().remove(), f().age().set(2)]).await?;
    let listed: Vec<String> =
        users.pending_operations().iter().map(|one| format!("{} {}", one.key, one.path)).collect();
    assert_eq!(listed, ["x42 age", "x42 username", "y1 age"]);
    assert_eq!(users.pending_for("y1").len(), 1);
    assert_eq!(users.pending_for("nobody").len(), 0);
    Ok(())
}

#[tokio::test]
async fn what_was_refused_says_why() -> Outcome {
    let (users, probe) = caching::<User>().await?;
    users.update_field("x42", User::fields().age(), 1).await?;
    assert!(users.pending_operations()[0].rejected.is_none());
    probe.next([Step::Refuse(FailureClass::Throttled)]);
    users.commit_operations().await.unwrap_err();
    assert!(users.pending_operations()[0].rejected.as_ref().unwrap().is_throttled());
    users.commit_operations().await?;
    assert!(users.pending_operations().is_empty());
    Ok(())
}

#[tokio::test]
async fn a_plan_shows_what_would_be_sent() -> Outcome {
    let (users, probe) = caching::<User>().await?;
    let f = User::fields;
    users.put_record(&paul()).await?;
    users.update_field("x42", f().home().street(), "Main Street").await?;
    users.delete_field("x42", f().username()).await?;
    users.update_field("new", f().age(), 9).await?;
    users.delete_field("other", f().username()).await?;
    probe.take();
    let plan = users.plan_commit();
    assert_eq!(plan.requests(), 3);
    assert_eq!(
        plan.to_string(),
        "3 records, 3 requests, 3 write units at least\
         \n  record  units  bytes  update\
         \n  new        1+     16  SET age=:v0\
         \n  other      1+     41  REMOVE username IF attribute_exists(id)\
         \n  x42         1     55  SET home.street=:v0 REMOVE username"
    );
    assert_eq!(plan.records[2].expressions(), ["SET #n0.#n1=:v0 REMOVE #n2"]);
    assert_eq!(probe.count(), 0);
    Ok(())
}

#[tokio::test]
async fn a_plan_shows_what_cannot_be_committed() -> Outcome {
    let (users, probe) = caching::<User>().await?;
    users.get_record("new").await?;
    users.update_field("new", User::fields().home().post_code(), "1").await?;
    probe.take();
    assert_eq!(
        users.plan_commit().to_string(),
        "1 record, 0 requests, 0 write units; 1 record cannot be committed\
         \n  record  units  bytes  update\
         \n  new         -      -  cannot be committed: `home` is absent and would come into being without its required `home.street`: \
         set them in the same commit, or set `home` as a whole"
    );
    assert_eq!(probe.count(), 0);
    Ok(())
}

#[tokio::test]
async fn a_plan_shows_that_nothing_needs_to_be_sent() -> Outcome {
    let (users, _) = caching::<User>().await?;
    users.get_record("nobody").await?;
    users.delete_field("nobody", User::fields().username()).await?;
    assert!(users.has_pending_operations());
    assert!(users.plan_commit().is_empty());
    assert_eq!(
        users.plan_commit().to_string(),
        "1 record, 0 requests, 0 write units\
         \n  record  units  bytes  update\
         \n  nobody      0      0  nothing to send"
    );
    Ok(())
}
