//! `get_field` and `get_multiple_fields`, with every shape of selection.

use std::collections::{BTreeMap, HashMap};

use structnosql::{Projection, Source, TableDataModel, Value};

use crate::model::{Card, Token, User, paul, plain};
use crate::support::{Outcome, Settle, map, on_both_tables};

on_both_tables! {
    async fn a_field(users: User, probe) {
        users.put_record(&paul()).await?;
        users.settle().await?;
        probe.take();
        let f = User::fields;
        assert_eq!(users.get_field("x42", f().username()).await?, Some("Paul".to_owned()));
        // What a caching table learns of a record begins with whether it is there.
        assert_eq!(probe.take(), [users.expected("get SELECT username", "get SELECT id,username")]);
    }

    async fn a_field_at_any_depth(users: User, probe) {
        users.put_record(&paul()).await?;
        users.settle().await?;
        probe.take();
        let f = User::fields;
        assert_eq!(users.get_field("x42", f().home().street()).await?, Some("Elm Street".to_owned()));
        let expiration = f().tokens().key("t32").expiration_timestamp();
        assert_eq!(users.get_field("x42", expiration).await?, Some(1_618_322_249));
        assert_eq!(users.get_field("x42", f().visited().index(1)).await?, Some("Oslo".to_owned()));
        assert_eq!(users.get_field("x42", f().visited().index(7)).await?, None);
        assert_eq!(probe.take()[0], users.expected("get SELECT home.street", "get SELECT home.street,id"));
    }

    async fn whole_structs_maps_lists_and_sets(users: User, _probe) {
        users.put_record(&paul()).await?;
        users.settle().await?;
        let f = User::fields;
        assert_eq!(users.get_field("x42", f().home()).await?, paul().home);
        assert_eq!(users.get_field("x42", f().tokens()).await?, paul().tokens);
        let token = Token { expiration_timestamp: 1_618_322_249 };
        assert_eq!(users.get_field("x42", f().tokens().key("t32")).await?, Some(token));
        assert_eq!(users.get_field("x42", f().visited()).await?, paul().visited);
        assert_eq!(users.get_field("x42", f().roles()).await?, paul().roles);
    }

    async fn absent_fields_and_absent_records_are_none(users: User, _probe) {
        users.put_record(&plain("y1")).await?;
        users.settle().await?;
        let f = User::fields;
        for id in ["y1", "nobody"] {
            assert_eq!(users.get_field(id, f().username()).await?, None);
            assert_eq!(users.get_field(id, f().home().street()).await?, None);
            assert_eq!(users.get_field(id, f().tokens().key("t32").expiration_timestamp()).await?, None);
            assert_eq!(users.get_field(id, f().visited().index(0)).await?, None);
        }
        assert_eq!(users.get_field("y1", f().age()).await?, Some(20));
        assert_eq!(users.get_field("nobody", f().age()).await?, None);
    }

    async fn a_stored_null_is_none(users: User, probe) {
        let nulls = [("username", Value::Null), ("home", Value::Null)];
        probe.store::<User>([("id", "n1".into()), ("age", 1.into())].into_iter().chain(nulls)).await?;
        let f = User::fields;
        assert_eq!(users.get_field("n1", f().username()).await?, None);
        assert_eq!(users.get_field("n1", f().home().street()).await?, None);
        assert_eq!(users.get_record("n1").await?, Some(User { age: 1, ..plain("n1") }));
    }

    async fn a_tuple_in_one_request(users: User, probe) {
        users.put_record(&paul()).await?;
        users.settle().await?;
        probe.take();
        let f = User::fields;
        let (age, (street, visited)) =
            users.get_multiple_fields("x42", (f().age(), (f().home().street(), f().visited()))).await?;
        assert_eq!((age, street, visited), (Some(36), Some("Elm Street".to_owned()), paul().visited));
        assert_eq!(probe.count(), 1);
    }

    async fn twelve_fields_at_once(users: User, _probe) {
        users.put_record(&paul()).await?;
        users.settle().await?;
        let (f, v) = (User::fields, || User::fields().visited());
        let twelve = (
            f().id(), f().age(), f().username(), f().home(), f().tokens(), f().roles(), f().visited(),
            f().home().street(), f().home().post_code(), v().index(0), v().index(1), v().index(2),
        );
        let read = users.get_field("x42", twelve).await?;
        assert_eq!(read.0.as_deref(), Some("x42"));
        assert_eq!((read.8.as_deref(), read.11.as_deref()), (Some("12345"), Some("Lima")));
    }

    async fn arrays_vecs_and_maps_of_fields_of_one_type(users: User, probe) {
        users.put_record(&paul()).await?;
        users.settle().await?;
        probe.take();
        let visited = |at| User::fields().visited().index(at);
        assert_eq!(
            users.get_field("x42", [visited(2), visited(0)]).await?,
            [Some("Lima".to_owned()), Some("Rome".to_owned())]
        );
        users.settle().await?;
        assert_eq!(users.get_field("x42", vec![visited(1), visited(9)]).await?, [Some("Oslo".to_owned()), None]);
        users.settle().await?;
        let by_name = HashMap::from([("first", visited(0)), ("last", visited(2))]);
        assert_eq!(users.get_field("x42", by_name).await?["last"], Some("Lima".to_owned()));
        users.settle().await?;
        let by_number = BTreeMap::from([(1, visited(0)), (3, visited(2))]);
        assert_eq!(users.get_field("x42", by_number).await?[&3], Some("Lima".to_owned()));
        // DynamoDB does not tell which items of a list it returned: two items take the whole list.
        assert_eq!(probe.take(), [users.expected("get SELECT visited", "get SELECT id,visited"); 4]);
    }

    async fn an_empty_selection_reads_nothing(users: User, _probe) {
        users.put_record(&paul()).await?;
        users.settle().await?;
        let none: Vec<Option<String>> = users.get_field("x42", [User::fields().username()][..0].to_vec()).await?;
        assert_eq!(none, []);
    }

    async fn the_same_field_twice(users: User, _probe) {
        users.put_record(&paul()).await?;
        users.settle().await?;
        let f = User::fields;
        let (home, street, again) =
            users.get_field("x42", (f().home(), f().home().street(), f().home().street())).await?;
        assert_eq!((home, street.as_deref()), (paul().home, Some("Elm Street")));
        assert_eq!(again, street);
    }

    async fn a_projection_is_a_struct_of_your_own(users: User, _probe) {
        users.put_record(&paul()).await?;
        users.put_record(&plain("y1")).await?;
        users.settle().await?;
        let card = Card { age: 36, street: Some("Elm Street".to_owned()) };
        assert_eq!(users.get_field("x42", Card::projection()).await?, Some(card));
        assert_eq!(users.get_field("y1", Card::projection()).await?, Some(Card { age: 20, street: None }));
        assert_eq!(users.get_field("nobody", Card::projection()).await?, None);
        let (name, card) = users.get_field("y1", (User::fields().username(), Card::projection())).await?;
        assert_eq!((name, card), (None, Some(Card { age: 20, street: None })));
    }

    async fn the_key_reads_as_any_field(users: User, _probe) {
        users.put_record(&paul()).await?;
        users.settle().await?;
        assert_eq!(users.get_field("x42", User::fields().id()).await?, Some("x42".to_owned()));
        assert_eq!(users.get_field("nobody", User::fields().id()).await?, None);
    }

    async fn a_path_as_text_gives_the_stored_value(users: User, _probe) {
        users.put_record(&paul()).await?;
        users.settle().await?;
        let path = User::path("tokens.{{tokenId}}.expirationTimestamp", &[("tokenId", "t32")])?;
        assert_eq!(users.get_field("x42", path).await?, Some(Value::from(1_618_322_249)));
        let both = User::paths("(username, home.street)", &[])?;
        assert_eq!(users.get_field("x42", both).await?, [Some("Paul".into()), Some("Elm Street".into())]);
    }

    async fn skip_validation_gives_the_stored_value(users: User, _probe) {
        users.put_record(&paul()).await?;
        users.settle().await?;
        let home = users.get_field("x42", User::fields().home()).skip_validation().await?;
        assert_eq!(home, Some(map([("street", "Elm Street".into()), ("postCode", "12345".into())])));
        let record = users.get_record("x42").skip_validation().await?.unwrap();
        assert_eq!(record.as_map().unwrap().get("age"), Some(&Value::from(36)));
    }

    async fn eventually_consistent_reads_read_too(users: User, _probe) {
        users.put_record(&paul()).await?;
        users.settle().await?;
        assert_eq!(users.get_record("x42").eventually_consistent().await?, Some(paul()));
        users.settle().await?;
        let name = users.get_field("x42", User::fields().username()).eventually_consistent().await?;
        assert_eq!(name.as_deref(), Some("Paul"));
    }

    async fn debug_tells_that_it_came_from_the_database(users: User, _probe) {
        users.put_record(&paul()).await?;
        users.settle().await?;
        let f = User::fields;
        let (name, home) = users.debug().get_field("x42", (f().username(), f().home())).await?;
        assert_eq!((name.value.as_deref(), name.source, name.from_cache()), (Some("Paul"), Source::Database, false));
        assert_eq!(home.source, Source::Database);
        users.settle().await?;
        let record = users.debug().get_record("x42").await?;
        assert_eq!((record.value, record.source), (Some(paul()), Source::Database));
        users.settle().await?;
        let card = users.debug().get_multiple_fields("x42", Card::projection()).await?;
        assert_eq!(card.value.map(|card| card.age), Some(36));
    }

    async fn a_call_that_is_not_awaited_sends_nothing(users: User, probe) {
        drop(users.get_record("x42"));
        drop(users.update_field("x42", User::fields().age(), 1));
        assert_eq!(probe.count(), 0);
        assert_eq!(users.get_record("x42").await?, None);
    }
}
