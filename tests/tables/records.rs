//! `put_record`, `put_record_return_old`, `create_record`, `get_record`, `delete_record`, `remove_record`.

use structnosql::{ConditionExt, TableDataModel};

use crate::model::{User, paul, plain};
use crate::support::{Outcome, Settle, on_both_tables};

on_both_tables! {
    async fn a_record_is_put_read_and_deleted(users: User, _probe) {
        assert_eq!(users.get_record("x42").await?, None);
        users.put_record(&paul()).await?;
        users.settle().await?;
        assert_eq!(users.get_record("x42").await?, Some(paul()));

        users.delete_record("x42").await?;
        users.settle().await?;
        assert_eq!(users.get_record("x42").await?, None);
    }

    async fn putting_replaces_the_whole_record(users: User, _probe) {
        users.put_record(&paul()).await?;
        users.put_record(&plain("x42")).await?;
        users.settle().await?;
        assert_eq!(users.get_record("x42").await?, Some(plain("x42")));
    }

    async fn creating_fails_where_there_is_one(users: User, _probe) {
        users.create_record(&paul()).await?;
        let error = users.create_record(&plain("x42")).await.unwrap_err();
        assert!(error.is_condition_failed());
        users.settle().await?;
        assert_eq!(users.get_record("x42").await?, Some(paul()));
    }

    async fn deleting_what_is_not_there_is_fine(users: User, _probe) {
        users.delete_record("nobody").await?;
        users.settle().await?;
        assert_eq!(users.get_record("nobody").await?, None);
    }

    async fn removing_gives_the_record_back(users: User, _probe) {
        users.put_record(&paul()).await?;
        assert_eq!(users.remove_record("x42").await?, Some(paul()));
        assert_eq!(users.remove_record("x42").await?, None);
        users.settle().await?;
        assert_eq!(users.get_record("x42").await?, None);
    }

    async fn a_put_gives_back_what_it_replaces(users: User, probe) {
        assert_eq!(users.put_record_return_old(&paul()).await?, None);
        assert_eq!(users.put_record_return_old(&plain("x42")).await?, Some(paul()));
        users.settle().await?;
        assert_eq!(users.get_record("x42").await?, Some(plain("x42")));
        probe.take();

        let f = User::fields;
        let error = users.put_record_return_old(&paul()).condition(f().age().gt(999)).await.unwrap_err();
        assert!(error.is_condition_failed());
        assert_eq!(users.put_record_return_old(&paul()).condition(f().age().lt(999)).await?, Some(plain("x42")));
        assert_eq!(probe.take(), ["put IF age>:v0", "put IF age<:v0"]);
    }

    async fn each_takes_one_request(users: User, probe) {
        users.put_record(&paul()).await?;
        users.create_record(&plain("y1")).await?;
        users.delete_record("y1").await?;
        users.remove_record("x42").await?;
        assert_eq!(probe.take(), ["put", "put IF attribute_not_exists(id)", "delete", "delete"]);
    }

    async fn a_record_knows_its_key(users: User, _probe) {
        users.put_record(&paul()).await?;
        let key = paul().key()?;
        assert_eq!(key.to_string(), "x42");
        assert_eq!(users.get_record(&key).await?, Some(paul()));
    }
}
