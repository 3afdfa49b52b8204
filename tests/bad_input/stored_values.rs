//! Stored values that do not fit the model: an error that names path, expected and found; never an absent field.

use structnosql::{ErrorKind, FieldExt, Projection, TableDataModel, Value};

use crate::model::{Thing, thing};
use crate::support::{Outcome, Probe, map, on_both_tables};

fn misfit(places: &str) -> String {
    format!("stored value does not fit the model: {places} (`.lenient()` reads what fits)")
}

/// A record that another program stored: a text where a number should be, at several places.
async fn stored(probe: &Probe) -> Outcome {
    let part = map([("weight", "heavy".into())]);
    probe
        .store::<Thing>([
            ("id", "a".into()),
            ("count", 300.into()),
            ("name", 7.into()),
            ("kind", "Ancient".into()),
            ("tags", vec![Value::from("x")].into()),
            ("parts", map([("a.b", part.clone())])),
            ("history", vec![map([("weight", 1.into())]), part].into()),
            ("byNumber", map([("one", "x".into())])),
        ])
        .await
}

#[derive(Debug, Projection)]
#[projection(model = Thing)]
#[allow(dead_code)]
struct Summary {
    count: u8,
}

on_both_tables! {
    async fn every_field_says_where_and_what(things: Thing, probe) {
        stored(&probe).await?;
        let f = Thing::fields;
        let messages = [
            things.get_field("a", f().count()).await.unwrap_err(),
            things.get_field("a", f().name()).await.unwrap_err(),
            things.get_field("a", f().kind()).await.unwrap_err(),
            things.get_field("a", f().tags()).await.unwrap_err(),
            things.get_field("a", f().parts()).await.unwrap_err(),
            things.get_field("a", f().parts().key("a.b").weight()).await.unwrap_err(),
            things.get_field("a", f().history().index(1)).await.unwrap_err(),
            things.get_field("a", f().by_number()).await.unwrap_err(),
        ]
        .map(|error| {
            assert!(error.is_stored_value());
            error.to_string()
        });
        assert_eq!(messages, [
            "`count`: expected u8, found a number that it cannot hold",
            "`name`: expected a string, found number",
            "`kind`: expected one of `Old`, `New`, found another text",
            "`tags`: expected a string set, found list",
            "`parts.\"a.b\".weight`: expected i64, found string",
            "`parts.\"a.b\".weight`: expected i64, found string",
            "`history[1].weight`: expected i64, found string",
            "`byNumber.one`: expected u32, found another map key",
        ]
        .map(misfit));
    }

    async fn every_verb_that_reads(things: Thing, probe) {
        stored(&probe).await?;
        let f = Thing::fields;
        let first = "`count`: expected u8, found a number that it cannot hold";
        // All of what does not fit, in the order of the model's fields.
        let others = [
            "`name`: expected a string, found number",
            "`kind`: expected one of `Old`, `New`, found another text",
            "`tags`: expected a string set, found list",
            "`parts.\"a.b\".weight`: expected i64, found string",
            "`history[1].weight`: expected i64, found string",
            "`byNumber.one`: expected u32, found another map key",
        ];
        let (count, record) = (misfit(first), misfit(&format!("{first}; {}", others.join("; "))));
        assert_eq!(things.get_record("a").await.unwrap_err().to_string(), record);
        assert_eq!(things.get_multiple_fields("a", (f().huge(), f().count())).await.unwrap_err().to_string(), count);
        assert_eq!(things.get_field("a", Summary::projection()).await.unwrap_err().to_string(), count);
        assert_eq!(things.debug().get_field("a", f().count()).await.unwrap_err().to_string(), count);
        let index = || Thing::indexes().primary("a");
        assert_eq!(things.query_field(index(), f().count()).await.unwrap_err().to_string(), count);
        assert_eq!(things.debug().query_field(index(), f().count()).await.unwrap_err().to_string(), count);
    }

    /// What fits can be read all the same.
    async fn the_other_fields_are_not_lost(things: Thing, probe) {
        stored(&probe).await?;
        let f = Thing::fields;
        assert!(things.get_record("a").await.is_err());
        assert_eq!(things.get_field("a", f().history().index(0).weight()).await?, Some(1));
        assert_eq!(things.get_field("a", f().huge()).await?, None);
    }

    async fn skip_validation_gives_what_is_stored(things: Thing, probe) {
        stored(&probe).await?;
        let f = Thing::fields;
        assert_eq!(things.get_field("a", f().count()).skip_validation().await?, Some(Value::from(300)));
        let (name, tags) = things.get_field("a", (f().name(), f().tags())).skip_validation().await?;
        assert_eq!((name, tags), (Some(Value::from(7)), Some(vec![Value::from("x")].into())));
        let record = things.get_record("a").skip_validation().await?.unwrap();
        assert_eq!(record.as_map().unwrap().len(), 8);
        assert_eq!(things.get_field("a", f().huge()).skip_validation().await?, None);
    }

    async fn a_required_field_that_is_absent(things: Thing, probe) {
        probe.store::<Thing>([("id", "a".into()), ("parts", map([("p", map([]))]))]).await?;
        let f = Thing::fields;
        let count = misfit("`count`: expected u8, found nothing");
        let record = misfit("`count`: expected u8, found nothing; `parts.p.weight`: expected i64, found nothing");
        assert_eq!(things.get_record("a").await.unwrap_err().to_string(), record);
        assert_eq!(things.get_field("a", Summary::projection()).await.unwrap_err().to_string(), count);
        let row = things.query_field(Thing::indexes().primary("a"), f().count()).await.unwrap_err();
        assert_eq!(row.to_string(), count);
        let part = things.get_field("a", f().parts().key("p")).await.unwrap_err();
        let weight = misfit("`parts.p.weight`: expected i64, found nothing");
        assert_eq!(part.to_string(), weight);
        // By itself it is only absent.
        assert_eq!(things.get_field("a", f().count()).await?, None);
    }

    async fn a_null_where_the_model_requires_a_value(things: Thing, probe) {
        probe.store::<Thing>([("id", "a".into()), ("count", Value::Null)]).await?;
        let error = things.get_field("a", Thing::fields().count()).await.unwrap_err();
        assert_eq!(error.to_string(), misfit("`count`: expected u8, found null"));
    }

    async fn attributes_that_the_model_does_not_know_are_left_alone(things: Thing, probe) {
        probe.store::<Thing>([("id", "a".into()), ("count", 1.into()), ("foreign", map([("x", Value::Null)]))]).await?;
        assert_eq!(things.get_record("a").await?.unwrap().count, 1);
        things.update_field("a", Thing::fields().count(), 2).await?;
        crate::support::Settle::settle(&things).await?;
        let record = things.get_record("a").skip_validation().await?.unwrap();
        assert!(record.as_map().unwrap().contains("foreign"));
    }

    /// The write is applied, and the error holds what was there.
    async fn an_old_value_that_does_not_fit(things: Thing, probe) {
        stored(&probe).await?;
        let f = Thing::fields;
        let error = things.remove_field("a", f().name()).await.unwrap_err();
        assert!(error.is_stored_value());
        assert_eq!(
            error.to_string(),
            "the write was applied, but what was stored before does not fit the model: `name`: expected a string, \
             found number"
        );
        let ErrorKind::Replaced { old, .. } = error.kind() else { panic!("{error}") };
        assert_eq!(old.get("name"), Some(&Value::from(7)));
        assert_eq!(things.get_field("a", f().name()).await?, None);

        stored(&probe).await?;
        let error = things.remove_record("a").await.unwrap_err();
        let ErrorKind::Replaced { old, .. } = error.kind() else { panic!("{error}") };
        assert_eq!(old.len(), 8);
        assert_eq!(things.get_record("a").await?, None);

        stored(&probe).await?;
        let error = things.put_record_return_old(&thing("a")).await.unwrap_err();
        let ErrorKind::Replaced { old, .. } = error.kind() else { panic!("{error}") };
        assert_eq!(old.len(), 8);
        assert_eq!(things.get_record("a").await?, Some(thing("a")));
    }

    async fn a_value_that_does_not_fit_can_be_overwritten_and_removed(things: Thing, probe) {
        stored(&probe).await?;
        let f = Thing::fields;
        things.update_multiple_fields("a", [
            f().count().set(3), f().name().set("A"), f().kind().remove(), f().tags().remove(), f().parts().remove(),
            f().history().remove(), f().by_number().remove(),
        ]).await?;
        crate::support::Settle::settle(&things).await?;
        let expected = Thing { count: 3, name: Some("A".to_owned()), ..thing("a") };
        assert_eq!(things.get_record("a").await?, Some(expected));
    }
}

/// Where the table knows that the value does not fit, nothing is pended: the old value could not be given.
#[tokio::test]
async fn a_known_old_value_that_does_not_fit() -> Outcome {
    let (things, probe) = crate::support::caching::<Thing>().await?;
    stored(&probe).await?;
    things.get_record("a").skip_validation().await?;
    probe.take();
    let error = things.remove_field("a", Thing::fields().name()).await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::StoredValue(_)), "{error}");
    assert!(!things.has_pending_operations());
    assert_eq!(probe.count(), 0);
    Ok(())
}

#[tokio::test]
async fn json_that_does_not_fit_says_where() {
    for (json, message) in [
        (
            r#"[{"id": "a", "count": 1}, {"id": "b", "count": "x"}]"#,
            "JSON does not fit the model: `[1].count`: expected u8, found string",
        ),
        (r#"[{"id": "a"}]"#, "JSON does not fit the model: `[0].count`: expected u8, found nothing"),
        (
            r#"{"id": "a", "count": 1, "price": 123456789012345678901234567890123456789}"#,
            "JSON does not fit the model: `price`: expected a number of at most 38 digits, found \
             123456789012345678901234567890123456789 (more than 38 significant digits)",
        ),
    ] {
        let error = Thing::from_json_reader(json.as_bytes()).unwrap_err();
        assert_eq!(error.to_string(), message);
    }
    let error = Thing::from_json_reader(&b"[{\"id\": "[..]).unwrap_err();
    assert!(error.to_string().starts_with("cannot read JSON: EOF"), "{error}");
}
