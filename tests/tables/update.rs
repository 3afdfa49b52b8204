//! `update_field`, `update_multiple_fields` and the two that return old values.

use structnosql::{ChangedValues, FieldExt, TableDataModel, ops};

use crate::model::{Address, Token, User, paul, plain};
use crate::support::{Outcome, Settle, on_both_tables};

on_both_tables! {
    async fn a_field_is_updated(users: User, _probe) {
        users.put_record(&paul()).await?;
        let f = User::fields;
        users.update_field("x42", f().username(), "Robinson").await?;
        assert_eq!(users.get_field("x42", f().username()).await?.as_deref(), Some("Robinson"));
        users.settle().await?;
        assert_eq!(users.get_record("x42").await?, Some(User { username: Some("Robinson".to_owned()), ..paul() }));
    }

    async fn values_of_every_shape(users: User, _probe) {
        users.put_record(&plain("x42")).await?;
        let f = User::fields;
        users.update_field("x42", f().age(), 36).await?;
        users.update_field("x42", f().username(), "Paul").await?;
        users.update_field("x42", f().home(), paul().home.unwrap()).await?;
        users.update_field("x42", f().tokens(), paul().tokens.unwrap()).await?;
        users.update_field("x42", f().roles(), ["admin", "author"]).await?;
        users.update_field("x42", f().visited(), ["Rome", "Oslo", "Lima"]).await?;
        users.settle().await?;
        assert_eq!(users.get_record("x42").await?, Some(paul()));
    }

    async fn deep_inside(users: User, _probe) {
        users.put_record(&paul()).await?;
        let f = User::fields;
        users.update_field("x42", f().home().post_code(), "99999").await?;
        users.update_field("x42", f().tokens().key("t32").expiration_timestamp(), 7).await?;
        users.update_field("x42", f().tokens().key("new"), Token { expiration_timestamp: 8 }).await?;
        users.update_field("x42", f().visited().index(1), "Bern").await?;
        users.settle().await?;
        let user = users.get_record("x42").await?.unwrap();
        assert_eq!(user.home.unwrap().post_code.as_deref(), Some("99999"));
        assert_eq!(user.tokens.as_ref().unwrap()["t32"].expiration_timestamp, 7);
        assert_eq!(user.tokens.unwrap()["new"].expiration_timestamp, 8);
        assert_eq!(user.visited.unwrap(), ["Rome", "Bern", "Lima"]);
    }

    async fn past_the_end_of_a_list_is_appended(users: User, _probe) {
        users.put_record(&paul()).await?;
        users.update_field("x42", User::fields().visited().index(40), "Bern").await?;
        assert_eq!(users.get_field("x42", User::fields().visited()).await?.unwrap(), ["Rome", "Oslo", "Lima", "Bern"]);
        users.settle().await?;
        assert_eq!(users.get_field("x42", User::fields().visited()).await?.unwrap(), ["Rome", "Oslo", "Lima", "Bern"]);
    }

    /// As DynamoDB does, and the original library did.
    async fn a_record_that_is_not_there_comes_into_being(users: User, _probe) {
        users.update_field("new", User::fields().age(), 3).await?;
        users.settle().await?;
        assert_eq!(users.get_record("new").await?, Some(User { age: 3, ..plain("new") }));
    }

    async fn maps_that_are_not_there_come_into_being(users: User, _probe) {
        users.put_record(&plain("y1")).await?;
        users.settle().await?;
        let f = User::fields;
        users.update_field("y1", f().tokens().key("t1").expiration_timestamp(), 5).await?;
        users.update_field("y1", f().home().street(), "Main Street").await?;
        users.settle().await?;
        let user = users.get_record("y1").await?.unwrap();
        assert_eq!(user.tokens.unwrap()["t1"], Token { expiration_timestamp: 5 });
        assert_eq!(user.home, Some(Address { street: "Main Street".to_owned(), post_code: None }));
    }

    async fn several_changes_at_once(users: User, _probe) {
        users.put_record(&paul()).await?;
        let f = User::fields;
        users.update_multiple_fields("x42", [
            f().age().set(37),
            f().username().remove(),
            ops::set(f().home().street(), "Main Street"),
            ops::remove(f().home().post_code()),
        ]).await?;
        users.settle().await?;
        let user = users.get_record("x42").await?.unwrap();
        assert_eq!((user.age, user.username), (37, None));
        assert_eq!(user.home, Some(Address { street: "Main Street".to_owned(), post_code: None }));
    }

    async fn changes_of_one_call_are_applied_in_their_order(users: User, _probe) {
        users.put_record(&paul()).await?;
        let f = User::fields;
        users.update_multiple_fields("x42", [
            f().username().set("A"),
            f().username().remove(),
            f().username().set("B"),
            f().tokens().remove(),
            f().tokens().key("t1").set(Token { expiration_timestamp: 1 }),
            f().home().set(Address { street: "S".to_owned(), post_code: None }),
            f().home().post_code().set("1"),
        ]).await?;
        users.settle().await?;
        let user = users.get_record("x42").await?.unwrap();
        assert_eq!(user.username.as_deref(), Some("B"));
        assert_eq!(user.tokens, Some([("t1".to_owned(), Token { expiration_timestamp: 1 })].into()));
        assert_eq!(user.home, Some(Address { street: "S".to_owned(), post_code: Some("1".to_owned()) }));
    }

    async fn no_changes_are_no_request(users: User, probe) {
        users.update_multiple_fields("x42", []).await?;
        let old: ChangedValues<User> = users.update_multiple_fields_return_old("x42", []).await?;
        users.settle().await?;
        assert!(old.get(&User::fields().age()).is_err());
        assert_eq!(probe.take(), [""; 0]);
    }

    async fn the_new_values_are_returned(users: User, _probe) {
        users.put_record(&paul()).await?;
        users.settle().await?;
        let f = User::fields;
        let changes = [f().age().increment(1), f().visited().append(["Bern"]), f().home().post_code().remove()];
        let new = users.update_multiple_fields_return_new("x42", changes).await?;
        assert_eq!((new.get(&f().age())?, new.get(&f().home().post_code())?), (Some(37), None));
        assert_eq!(new.get(&f().visited())?.map(|cities| cities.len()), Some(4));
        users.settle().await?;
        assert_eq!(users.get_field("x42", f().age()).await?, Some(37));
    }

    async fn the_old_value_is_returned(users: User, _probe) {
        users.put_record(&paul()).await?;
        users.settle().await?;
        let f = User::fields;
        assert_eq!(users.update_field_return_old("x42", f().username(), "A").await?.as_deref(), Some("Paul"));
        assert_eq!(users.update_field_return_old("x42", f().username(), "B").await?.as_deref(), Some("A"));
        let token = Token { expiration_timestamp: 1 };
        assert_eq!(users.update_field_return_old("x42", f().tokens().key("n"), token).await?, None);
        let city = users.update_field_return_old("x42", f().visited().index(0), "Bern").await?;
        assert_eq!(city.as_deref(), Some("Rome"));
        users.settle().await?;
        assert_eq!(users.get_field("x42", f().username()).await?.as_deref(), Some("B"));
        assert_eq!(users.get_field("x42", f().visited().index(0)).await?.as_deref(), Some("Bern"));
    }

    async fn the_old_value_of_a_record_that_was_not_there_is_none(users: User, _probe) {
        assert_eq!(users.update_field_return_old("new", User::fields().age(), 3).await?, None);
        users.settle().await?;
        assert_eq!(users.get_record("new").await?, Some(User { age: 3, ..plain("new") }));
    }

    async fn the_old_value_under_a_parent_that_was_not_there_is_none(users: User, _probe) {
        users.put_record(&plain("y1")).await?;
        users.settle().await?;
        let f = User::fields;
        let expiration = f().tokens().key("t").expiration_timestamp();
        assert_eq!(users.update_field_return_old("y1", expiration.clone(), 3).await?, None);
        users.settle().await?;
        assert_eq!(users.get_field("y1", expiration).await?, Some(3));
        assert_eq!(users.get_field("y1", f().age()).await?, Some(20));
    }

    async fn the_old_values_of_several(users: User, _probe) {
        users.put_record(&paul()).await?;
        users.settle().await?;
        let f = User::fields;
        let old = users.update_multiple_fields_return_old("x42", [
            f().username().remove(),
            f().age().set(1),
            f().home().set(Address { street: "Main Street".to_owned(), post_code: None }),
        ]).await?;
        assert_eq!(old.get(&f().username())?.as_deref(), Some("Paul"));
        assert_eq!(old.get(&f().age())?, Some(36));
        // Also what lies inside a field that was changed.
        assert_eq!(old.get(&f().home().post_code())?.as_deref(), Some("12345"));
        let error = old.get(&f().visited()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "wrong path \"visited\": it was not among the changes whose values were asked for"
        );
    }

    async fn if_exists_changes_a_record_that_is_there(users: User, _probe) {
        users.put_record(&paul()).await?;
        users.settle().await?;
        users.update_field("x42", User::fields().age(), 1).if_exists().await?;
        users.settle().await?;
        assert_eq!(users.get_field("x42", User::fields().age()).await?, Some(1));
        let old = users.update_field_return_old("x42", User::fields().age(), 2).if_exists().await?;
        assert_eq!(old, Some(1));
    }

    async fn if_exists_returning_the_old_value_refuses_where_there_is_no_record(users: User, _probe) {
        let error = users.update_field_return_old("nobody", User::fields().age(), 1).if_exists().await.unwrap_err();
        assert!(error.is_condition_failed());
        users.settle().await?;
        assert_eq!(users.get_record("nobody").await?, None);
    }
}

/// A caching table finds it out at commit, or at once where it knows that there is none.
#[tokio::test]
async fn if_exists_refuses_where_there_is_no_record() -> Outcome {
    let (users, _) = crate::support::basic::<User>().await?;
    let error = users.update_field("nobody", User::fields().age(), 1).if_exists().await.unwrap_err();
    assert!(error.is_condition_failed());
    assert_eq!(users.get_record("nobody").await?, None);

    let (users, _) = crate::support::caching::<User>().await?;
    users.update_field("nobody", User::fields().age(), 1).if_exists().await?;
    let error = users.commit_operations().await.unwrap_err();
    assert_eq!(error.commit_report().unwrap().uncommitted().count(), 1);
    users.clear_cached_data_and_pending_operations();
    assert_eq!(users.get_record("nobody").await?, None);
    let error = users.update_field("nobody", User::fields().age(), 1).if_exists().await.unwrap_err();
    assert_eq!(error.to_string(), "condition failed: there is no record `nobody`");
    assert!(!users.has_pending_operations());
    Ok(())
}
