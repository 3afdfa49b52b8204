//! `delete_field`, `delete_multiple_fields`, and `remove_field`, `remove_multiple_fields`, which give the values back.

use structnosql::{TableDataModel, Value};

use crate::model::{Token, User, paul, plain};
use crate::support::{Outcome, Settle, on_both_tables};

on_both_tables! {
    async fn a_field_is_deleted(users: User, _probe) {
        users.put_record(&paul()).await?;
        users.delete_field("x42", User::fields().username()).await?;
        assert_eq!(users.get_field("x42", User::fields().username()).await?, None);
        users.settle().await?;
        assert_eq!(users.get_record("x42").await?, Some(User { username: None, ..paul() }));
    }

    async fn a_field_deep_inside_is_deleted(users: User, _probe) {
        users.put_record(&paul()).await?;
        let f = User::fields;
        users.delete_field("x42", f().home().post_code()).await?;
        users.delete_field("x42", f().tokens().key("t32")).await?;
        users.delete_field("x42", f().visited().index(0)).await?;
        users.settle().await?;
        let user = users.get_record("x42").await?.unwrap();
        assert_eq!(user.home.unwrap().post_code, None);
        assert_eq!(user.tokens, Some([].into()));
        assert_eq!(user.visited.unwrap(), ["Oslo", "Lima"]);
    }

    async fn several_fields_are_deleted(users: User, _probe) {
        users.put_record(&paul()).await?;
        let f = User::fields;
        users.delete_multiple_fields("x42", (f().username(), f().home(), f().tokens().key("t32"))).await?;
        users.settle().await?;
        let left = users.get_record("x42").await?;
        assert_eq!(left, Some(User { username: None, home: None, tokens: Some([].into()), ..paul() }));
    }

    async fn items_of_a_list_by_the_positions_seen_one_after_another(users: User, _probe) {
        users.put_record(&paul()).await?;
        let visited = |at| User::fields().visited().index(at);
        users.delete_field("x42", visited(0)).await?;
        users.delete_field("x42", visited(0)).await?;
        users.settle().await?;
        assert_eq!(users.get_field("x42", User::fields().visited()).await?.unwrap(), ["Lima"]);
    }

    async fn nothing_there_is_fine(users: User, _probe) {
        users.put_record(&plain("y1")).await?;
        users.settle().await?;
        let f = User::fields;
        users.delete_field("y1", f().username()).await?;
        users.delete_multiple_fields("y1", (f().home().post_code(), f().tokens().key("t"))).await?;
        users.settle().await?;
        assert_eq!(users.get_record("y1").await?, Some(plain("y1")));
    }

    /// DynamoDB itself would make an item of the key alone.
    async fn deleting_from_a_record_that_is_not_there_makes_none(users: User, _probe) {
        let f = User::fields;
        users.delete_field("nobody", f().username()).await?;
        users.delete_field("nobody", f().tokens().key("t")).await?;
        assert_eq!(users.remove_field("nobody", f().home()).await?, None);
        users.settle().await?;
        assert_eq!(users.get_field("nobody", f().id()).await?, None);
    }

    async fn a_removed_field_is_given_back(users: User, _probe) {
        users.put_record(&paul()).await?;
        users.settle().await?;
        let f = User::fields;
        assert_eq!(users.remove_field("x42", f().username()).await?.as_deref(), Some("Paul"));
        assert_eq!(users.remove_field("x42", f().username()).await?, None);
        let token = Token { expiration_timestamp: 1_618_322_249 };
        assert_eq!(users.remove_field("x42", f().tokens().key("t32")).await?, Some(token));
        assert_eq!(users.remove_field("x42", f().visited().index(1)).await?.as_deref(), Some("Oslo"));
        users.settle().await?;
        let left = users.get_record("x42").await?.unwrap();
        assert_eq!((left.username, left.tokens), (None, Some([].into())));
        assert_eq!(left.visited.unwrap(), ["Rome", "Lima"]);
    }

    async fn several_removed_fields_are_given_back(users: User, _probe) {
        users.put_record(&paul()).await?;
        users.settle().await?;
        let f = User::fields;
        let fields = (f().username(), (f().home().post_code(), f().tokens().key("no")));
        let (name, (code, none)) = users.remove_multiple_fields("x42", fields).await?;
        assert_eq!((name.as_deref(), code.as_deref(), none), (Some("Paul"), Some("12345"), None));
        users.settle().await?;
        let left = users.get_record("x42").await?.unwrap();
        assert_eq!((left.username, left.home.unwrap().post_code), (None, None));
    }

    async fn removing_under_a_parent_that_is_not_there_gives_none(users: User, _probe) {
        users.put_record(&plain("y1")).await?;
        users.settle().await?;
        let f = User::fields;
        assert_eq!(users.remove_field("y1", f().tokens().key("t32")).await?, None);
        // And the record is as it was, for this table and for others.
        assert_eq!(users.get_field("y1", f().age()).await?, Some(20));
        users.settle().await?;
        assert_eq!(users.get_record("y1").await?, Some(plain("y1")));
    }

    async fn an_item_of_a_list_that_is_not_there(users: User, probe) {
        probe.store::<User>([("id", "y1".into()), ("age", 20.into()), ("home", Value::Null)]).await?;
        let item = || User::fields().visited().index(0);
        users.delete_field("y1", item()).await?;
        assert_eq!(users.remove_field("y1", item()).await?, None);
        users.delete_multiple_fields("nobody", (item(), User::fields().username())).await?;
        users.settle().await?;
        users.get_record("y1").await?;
        users.delete_field("y1", item()).await?;
        users.settle().await?;
        probe.store::<User>([("id", "y1".into()), ("age", 20.into()), ("visited", Value::Null)]).await?;
        users.delete_field("y1", item()).await?;
        assert_eq!(users.remove_field("y1", item()).await?, None);
        users.settle().await?;
        assert_eq!(users.get_record("y1").await?, Some(plain("y1")));
        assert_eq!(users.get_field("nobody", User::fields().id()).await?, None);
    }

    async fn fields_of_one_type_are_removed_by_vec(users: User, _probe) {
        users.put_record(&paul()).await?;
        users.settle().await?;
        let visited = |at| User::fields().visited().index(at);
        let old = users.remove_multiple_fields("x42", vec![visited(2), visited(0)]).await?;
        assert_eq!(old, [Some("Lima".to_owned()), Some("Rome".to_owned())]);
        users.settle().await?;
        assert_eq!(users.get_field("x42", User::fields().visited()).await?.unwrap(), ["Oslo"]);
    }

    async fn an_empty_selection_removes_nothing(users: User, probe) {
        users.delete_multiple_fields("x42", [User::fields().username()][..0].to_vec()).await?;
        users.settle().await?;
        assert_eq!(probe.count(), 0);
    }

    async fn if_exists_returning_old_values_refuses_where_there_is_no_record(users: User, _probe) {
        let error = users.remove_field("nobody", User::fields().username()).if_exists().await.unwrap_err();
        assert!(error.is_condition_failed());
    }
}
