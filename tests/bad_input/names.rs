//! Names that mean something to DynamoDB, to expressions or to people: dots, spaces, `#`, `:`, emoji, reserved words.

use std::collections::BTreeMap;

use structnosql::{Field, FieldExt, MapModel, TableDataModel, Value};

use crate::support::{Outcome, Settle, map, on_both_tables};

#[derive(Clone, Debug, Default, PartialEq, TableDataModel)]
#[table(name = "odd-names")]
struct Odd {
    #[field(partition_key, rename = "the key.of #it")]
    key: String,
    #[field(rename = "a.b")]
    dotted: Option<String>,
    #[field(rename = "a")]
    a: Option<Inside>,
    #[field(rename = "#n0")]
    hash: Option<String>,
    #[field(rename = ":v0")]
    colon: Option<String>,
    #[field(rename = "two words")]
    spaced: Option<String>,
    #[field(rename = "list[0]")]
    bracketed: Option<String>,
    #[field(rename = "list")]
    list: Option<Vec<String>>,
    #[field(rename = "🦀")]
    crab: Option<String>,
    #[field(rename = "size")]
    size: Option<u32>,
    #[field(rename = "\"quoted\"")]
    quoted: Option<String>,
    r#type: Option<String>,
    table: Option<String>,
    set: Option<String>,
    remove: Option<String>,
    path: Option<String>,
    clone: Option<String>,
    map: Option<BTreeMap<String, Inside>>,
}

#[derive(Clone, Debug, Default, PartialEq, MapModel)]
struct Inside {
    b: Option<String>,
    #[field(rename = "b.c")]
    dotted: Option<String>,
}

fn odd() -> Odd {
    let text = |text: &str| Some(text.to_owned());
    let inside = Inside { b: text("inside"), dotted: text("dots inside") };
    Odd {
        key: "k".to_owned(),
        dotted: text("dots"),
        a: Some(inside.clone()),
        hash: text("hash"),
        colon: text("colon"),
        spaced: text("space"),
        bracketed: text("brackets"),
        list: Some(vec!["item".to_owned()]),
        crab: text("crab"),
        size: Some(1),
        quoted: text("quotes"),
        r#type: text("type"),
        table: text("table"),
        set: text("set"),
        remove: text("remove"),
        path: text("path"),
        clone: text("clone"),
        map: Some(HOSTILE.map(|key| (key.to_owned(), inside.clone())).into()),
    }
}

/// Keys of maps.
const HOSTILE: [&str; 12] = [".", "a.b", "[0]", "x[0].y", "#n0", ":v0", " ", "🦀", "{{k}}", "\"", "AND", "a\nb"];

on_both_tables! {
    async fn as_attributes(odds: Odd, _probe) {
        odds.put_record(&odd()).await?;
        odds.settle().await?;
        assert_eq!(odds.get_record("k").await?, Some(odd()));
        odds.settle().await?;
        let f = Odd::fields;
        let read = odds
            .get_field("k", [f().dotted(), f().hash(), f().colon(), f().spaced(), f().bracketed(), f().quoted()])
            .await?;
        let read = read.map(Option::unwrap);
        assert_eq!(read, ["dots", "hash", "colon", "space", "brackets", "quotes"]);
        let (b, dotted) = odds.get_field("k", (f().a().b(), f().a().dotted())).await?;
        assert_eq!((b.as_deref(), dotted.as_deref()), (Some("inside"), Some("dots inside")));
    }

    /// `a.b` is the attribute of that name, and `b` inside of `a` is another thing.
    async fn names_with_dots_are_not_paths(odds: Odd, _probe) {
        odds.put_record(&odd()).await?;
        let f = Odd::fields;
        odds.update_field("k", f().dotted(), "changed").await?;
        odds.delete_field("k", f().a().dotted()).await?;
        odds.update_field("k", f().bracketed(), "changed too").await?;
        odds.settle().await?;
        let read = odds.get_record("k").await?.unwrap();
        assert_eq!(read.dotted.as_deref(), Some("changed"));
        assert_eq!(read.a, Some(Inside { b: Some("inside".to_owned()), dotted: None }));
        assert_eq!((read.bracketed.as_deref(), read.list), (Some("changed too"), odd().list));
    }

    async fn fields_named_as_the_verbs_are(odds: Odd, _probe) {
        odds.put_record(&odd()).await?;
        let f = Odd::fields;
        odds.update_multiple_fields("k", [
            f().set().set("S"), f().remove().remove(), f().path().set("P"), f().clone().set("C"), f().r#type().set("T"),
            f().table().remove(), f().size().set(2),
        ]).await?;
        odds.settle().await?;
        let read = odds.get_record("k").await?.unwrap();
        assert_eq!((read.set.as_deref(), read.remove, read.path.as_deref()), (Some("S"), None, Some("P")));
        assert_eq!((read.clone.as_deref(), read.r#type.as_deref()), (Some("C"), Some("T")));
        assert_eq!((read.table, read.size), (None, Some(2)));
    }

    async fn as_keys_of_maps(odds: Odd, _probe) {
        odds.put_record(&odd()).await?;
        odds.settle().await?;
        let f = Odd::fields;
        for key in HOSTILE {
            assert_eq!(odds.get_field("k", f().map().key(key).b()).await?.as_deref(), Some("inside"), "{key:?}");
            odds.update_field("k", f().map().key(key).b(), key).await?;
            odds.delete_field("k", f().map().key(key).dotted()).await?;
        }
        odds.settle().await?;
        let read = odds.get_field("k", f().map()).await?.unwrap();
        assert_eq!(read.len(), HOSTILE.len());
        for key in HOSTILE {
            assert_eq!(read[key], Inside { b: Some(key.to_owned()), dotted: None }, "{key:?}");
        }
        for key in HOSTILE {
            let removed = odds.remove_field("k", f().map().key(key)).await?;
            assert_eq!(removed.and_then(|inside| inside.b).as_deref(), Some(key));
        }
        odds.settle().await?;
        assert_eq!(odds.get_field("k", f().map()).await?, Some(BTreeMap::new()));
    }

    async fn an_empty_name_is_refused(odds: Odd, probe) {
        let inside = Inside { b: None, dotted: None };
        let record = Odd { map: Some([("".to_owned(), inside.clone())].into()), ..odd() };
        let f = Odd::fields;
        let value = "cannot store `map.\"\"`: expected a name of at least one character, found an empty one";
        assert_eq!(odds.put_record(&record).await.unwrap_err().to_string(), value);
        let error = odds.update_field("k", f().map(), record.map.unwrap()).await.unwrap_err();
        assert_eq!(error.to_string(), value);
        for error in [
            odds.update_field("k", f().map().key(""), inside).await.unwrap_err(),
            odds.delete_field("k", f().map().key("")).await.unwrap_err(),
            odds.get_field("k", f().map().key("").b()).await.unwrap_err(),
        ] {
            let text = error.to_string();
            let problem = "it has an empty name, and in DynamoDB a name has at least one character";
            assert!(text.ends_with(problem), "{text}");
        }
        assert_eq!(probe.count(), 0);
    }

    async fn as_the_key_attribute(odds: Odd, _probe) {
        odds.put_record(&odd()).await?;
        odds.settle().await?;
        assert_eq!(odds.get_field("k", Odd::fields().key()).await?.as_deref(), Some("k"));
        let page = odds.query_field(Odd::indexes().primary("k"), Odd::fields().crab()).await?;
        assert_eq!(page.records[0].1.as_deref(), Some("crab"));
        assert!(odds.create_record(&odd()).await.unwrap_err().is_condition_failed());
    }

    async fn an_error_quotes_names_that_look_like_paths(odds: Odd, probe) {
        let inside = map([("x[0].y", Value::from(1))]);
        probe.store::<Odd>([("the key.of #it", "k".into()), ("a.b", 1.into()), ("map", inside)]).await?;
        let f = Odd::fields;
        let problem = |place: &str| format!("stored value does not fit the model: {place} (`.lenient()` reads what fits)");
        let error = odds.get_field("k", f().dotted()).await.unwrap_err();
        assert_eq!(error.to_string(), problem("`\"a.b\"`: expected a string, found number"));
        let error = odds.get_field("k", f().map().key("x[0].y")).await.unwrap_err();
        assert_eq!(error.to_string(), problem("`map.\"x[0].y\"`: expected a map, found number"));
    }
}

#[test]
fn paths_are_never_joined_text() {
    let f = Odd::fields;
    assert_ne!(f().dotted().path(), f().a().b().path());
    assert_eq!(f().dotted().path().to_string(), "\"a.b\"");
    assert_eq!(f().a().b().path().to_string(), "a.b");
    assert_eq!(f().map().key("").path().to_string(), "map.\"\"");
}
