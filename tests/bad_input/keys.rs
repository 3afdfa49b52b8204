//! Keys that are not keys of the table. What can be seen without a request is refused without one.

use structnosql::{BasicTable, IntoKey, Key, TableDataModel};

use crate::model::{Event, Thing, thing};
use crate::support::{Engine, Outcome, Probe, basic, caching};

/// What every verb says of a key, on both tables, without a request.
async fn errors<K>(key: K) -> Outcome<Vec<String>>
where
    K: IntoKey<<Thing as TableDataModel>::Key> + Clone,
{
    let f = Thing::fields;
    let mut errors = Vec::new();
    macro_rules! verbs {
        ($things:ident) => {
            errors.extend([
                $things.get_record(key.clone()).await.unwrap_err(),
                $things.get_field(key.clone(), f().name()).await.unwrap_err(),
                $things.delete_record(key.clone()).await.unwrap_err(),
                $things.remove_record(key.clone()).await.unwrap_err(),
                $things.update_field(key.clone(), f().name(), "A").await.unwrap_err(),
                $things.update_field_return_old(key.clone(), f().name(), "A").await.unwrap_err(),
                $things.delete_field(key.clone(), f().name()).await.unwrap_err(),
                $things.remove_field(key.clone(), f().name()).await.unwrap_err(),
            ])
        };
    }
    let (things, probe) = basic::<Thing>().await?;
    verbs!(things);
    assert_eq!(probe.count(), 0);
    let (things, probe) = caching::<Thing>().await?;
    verbs!(things);
    errors.push(things.commit_record(key.clone()).await.unwrap_err());
    // These have no error to give: such a key is the key of no record.
    things.clear_cached_data_for_record(key.clone());
    things.rollback_record(key.clone());
    assert!(things.pending_for(key.clone()).is_empty());
    assert_eq!(probe.count(), 0);
    assert!(!things.has_pending_operations());
    Ok(errors.iter().map(ToString::to_string).collect())
}

/// A key that another table's page has given.
async fn key_of_event() -> Outcome<Key> {
    let event = Event { source: "s".to_owned(), at: 7, kind: "k".to_owned(), text: None };
    let (events, _) = basic::<Event>().await?;
    events.put_record(&event).await?;
    let page = events.query_field(Event::indexes().primary("s"), Event::fields().text()).await?;
    Ok(page.records[0].0.clone())
}

#[tokio::test]
async fn an_empty_key() -> Outcome {
    for error in errors("").await? {
        assert_eq!(error, "wrong key: `id`: expected a key value that is not empty, found an empty one");
    }
    let (things, probe) = basic::<Thing>().await?;
    let error = things.put_record(&thing("")).await.unwrap_err();
    assert_eq!(error.to_string(), "wrong key: `id`: expected a key value that is not empty, found an empty one");
    assert_eq!(probe.count(), 0);
    Ok(())
}

#[tokio::test]
async fn a_key_of_another_table_with_a_sort_key() -> Outcome {
    let key = key_of_event().await?;
    for error in errors(&key).await? {
        assert!(error.starts_with("wrong key: ") && error.contains("a partition key alone"), "{error}");
    }
    Ok(())
}

#[tokio::test]
async fn a_key_of_another_table_without_a_sort_key() -> Outcome {
    let (events, probe) = basic::<Event>().await?;
    let key = thing("x").key()?;
    let error = events.get_record(&key).await.unwrap_err();
    assert_eq!(error.to_string(), "wrong key: `at`: expected a sort key value, found none");
    assert_eq!(probe.count(), 0);
    Ok(())
}

#[tokio::test]
async fn a_key_of_another_type() -> Outcome {
    #[derive(TableDataModel)]
    #[table(name = "numbered")]
    struct Numbered {
        #[field(partition_key)]
        id: u64,
    }
    let key = Numbered { id: 7 }.key()?;
    for error in errors(&key).await? {
        assert_eq!(error, "wrong key: `id`: expected a string, found number");
    }
    Ok(())
}

#[tokio::test]
async fn a_number_that_the_key_s_type_cannot_hold() -> Outcome {
    let (events, probe) = basic::<Event>().await?;
    for (at, found) in [(-1, "-1"), (i64::MAX, "9223372036854775807")] {
        let error = events.get_record(("s", at)).await.unwrap_err();
        assert_eq!(error.to_string(), format!("wrong key: `at`: expected u32, found {found}"));
    }
    assert_eq!(probe.count(), 0);
    Ok(())
}

#[tokio::test]
async fn an_empty_key_of_an_index() -> Outcome {
    let event = |kind: &str| Event { source: "s".to_owned(), at: 7, kind: kind.to_owned(), text: None };
    let problem = "wrong key: `kind`: expected a key value that is not empty, found an empty one";
    let (events, probe) = caching::<Event>().await?;
    assert_eq!(events.put_record(&event("")).await.unwrap_err().to_string(), problem);
    let key = ("s", 7);
    let kind = Event::fields().kind();
    assert_eq!(events.update_field(key, kind.clone(), "").await.unwrap_err().to_string(), problem);
    assert_eq!(events.update_field_return_old(key, kind, "").await.unwrap_err().to_string(), problem);
    assert!(!events.has_pending_operations());
    assert_eq!(probe.count(), 0);
    Ok(())
}

/// The model is not the table's: the database says so.
#[tokio::test]
async fn a_model_with_another_key_than_the_table() -> Outcome {
    let probe = Probe::in_memory()?;
    BasicTable::<Event, Engine>::open(probe.0.clone()).await?;
    let things = BasicTable::<Thing, Engine>::attach_named("events", probe.0.clone());
    let error = things.get_record("a").await.unwrap_err();
    assert!(error.to_string().starts_with("request refused: The provided key element does not match"), "{error}");
    Ok(())
}

#[tokio::test]
async fn keys_of_any_characters() -> Outcome {
    let (things, _) = caching::<Thing>().await?;
    for id in ["a.b", "a b", "#n0", ":v0", "🦀", "[0]", "{{x}}", "\"", "\n", "SELECT", "a/b", "\u{0}"] {
        things.put_record(&thing(id)).await?;
        things.update_field(id, Thing::fields().count(), 3).await?;
    }
    things.commit_operations().await?;
    things.clear_cached_data();
    for id in ["a.b", "#n0", "🦀", "a/b", "\u{0}"] {
        assert_eq!(things.get_field(id, Thing::fields().count()).await?, Some(3), "{id}");
    }
    Ok(())
}
