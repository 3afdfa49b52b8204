//! Lenient reads: what fits, and a list of what does not.

use std::collections::BTreeMap;

use structnosql_core::{BasicTable, CachingTable, Fit, Projection as _, TableDataModel, Value};
use structnosql_derive::{MapModel, Projection, TableDataModel};
use structnosql_testkit::{Counted, Reference};

use super::{item, store};

#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "things", crate = "structnosql_core")]
struct Thing {
    #[field(partition_key)]
    id: String,
    count: Option<u8>,
    #[field(default = 7, max = 10)]
    level: u32,
    parts: Vec<Part>,
    #[field(length = ..=2)]
    names: BTreeMap<String, Name>,
    owner: Option<Part>,
    state: Option<State>,
}

#[derive(Clone, Debug, PartialEq, MapModel)]
#[map(crate = "structnosql_core")]
struct Part {
    weight: i64,
    inner: Option<Box<Part>>,
    counts: Option<Vec<u8>>,
    sizes: Option<Vec<u16>>,
}

#[derive(Clone, Debug, PartialEq, MapModel)]
#[map(crate = "structnosql_core")]
struct Name(#[field(length = 1..=3)] String);

#[derive(Clone, Debug, PartialEq, MapModel)]
#[map(tag = "kind", crate = "structnosql_core")]
enum State {
    Open { since: u64 },
}

#[derive(Debug, PartialEq, Projection)]
#[projection(model = Thing, crate = "structnosql_core")]
struct Summary {
    count: Option<u8>,
}

type Things = CachingTable<Thing, Counted<Reference>>;

fn map<const N: usize>(entries: [(&'static str, Value); N]) -> Value {
    Value::from_iter(entries)
}

fn weight(weight: i64) -> Part {
    Part { weight, inner: None, counts: None, sizes: None }
}

async fn stored(fields: &[(&'static str, Value)]) -> Things {
    let things = Things::open(Counted::new(Reference::new())).await.unwrap();
    store::<Thing>(things.backend(), item(fields)).await;
    things
}

fn places<T>(fit: &Fit<T>) -> Vec<String> {
    let mut places: Vec<String> = fit.misfits.iter().map(|misfit| misfit.path().to_string()).collect();
    places.sort_unstable();
    places
}

fn wrong() -> [(&'static str, Value); 7] {
    let text = || Value::from("x");
    [
        ("id", "t1".into()),
        ("count", text()),
        ("level", 11.into()),
        (
            "parts",
            vec![
                map([("weight", text())]),
                map([
                    ("weight", 1.into()),
                    ("inner", map([("weight", text())])),
                    ("sizes", vec![1.into(), text()].into()),
                ]),
                Value::Null,
                map([("weight", 2.into()), ("counts", text())]),
                map([]),
            ]
            .into(),
        ),
        ("names", map([("a", "long".into()), ("b", "ok".into()), ("c", 3.into())])),
        ("owner", map([("weight", text())])),
        ("state", map([("kind", "Open".into()), ("since", text())])),
    ]
}

#[tokio::test]
async fn what_fits_of_a_record_is_read_and_the_rest_is_listed() {
    let things = stored(&wrong()).await;
    let fitting = Thing {
        id: "t1".into(),
        count: None,
        level: 7,
        parts: vec![Part { sizes: Some(vec![1]), ..weight(1) }, weight(2)],
        names: BTreeMap::from([("b".into(), Name("ok".into()))]),
        owner: None,
        state: None,
    };
    let misfits = [
        "count",
        "level",
        "names",
        "names.a",
        "names.c",
        "owner.weight",
        "parts[0].weight",
        "parts[1].inner.weight",
        "parts[1].sizes[1]",
        "parts[2]",
        "parts[3].counts",
        "parts[4].weight",
        "state.since",
    ];
    assert!(things.get_record("t1").await.unwrap_err().is_stored_value());
    let basic = BasicTable::<Thing, _>::attach(things.backend().clone());
    for fit in [things.get_record("t1").lenient().await.unwrap(), basic.get_record("t1").lenient().await.unwrap()] {
        assert_eq!(fit.value, Some(fitting.clone()));
        assert!(!fit.is_whole());
        // Of `names` there were too many, until two of them were left out.
        assert_eq!(places(&fit), misfits);
    }
}

#[tokio::test]
async fn nothing_stands_without_what_the_model_requires() {
    let mut without_parts = wrong();
    without_parts[3].1 = "x".into();
    let things = stored(&without_parts).await;
    let fit = things.get_record("t1").lenient().await.unwrap();
    assert_eq!(fit.value, None);
    assert_eq!(places(&fit), ["count", "level", "names", "names.a", "names.c", "owner.weight", "parts", "state.since"]);
}

#[tokio::test]
async fn single_fields_are_read_the_same_way() {
    let things = stored(&wrong()).await;
    let f = Thing::fields;
    let (count, parts, size) = (f().count(), f().parts(), f().parts().index(1).sizes());
    let (count, parts, sizes) = things.get_field("t1", (count, parts, size)).lenient().await.unwrap();
    assert_eq!((count.value, count.misfits.len()), (None, 1));
    assert_eq!(parts.value, Some(vec![Part { sizes: Some(vec![1]), ..weight(1) }, weight(2)]));
    assert_eq!(sizes.value, Some(vec![1]));
    assert_eq!(places(&sizes), ["parts[1].sizes[1]"]);
    // Read whole or not at all.
    let summary = things.get_field("t1", Summary::projection()).lenient().await.unwrap();
    assert_eq!((summary.value, summary.misfits.len()), (None, 1));
}

#[tokio::test]
async fn what_is_absent_is_no_misfit() {
    let things = stored(&[("id", "t1".into()), ("count", Value::Null)]).await;
    let f = Thing::fields;
    let absent = things.get_record("t2").lenient().await.unwrap();
    assert!(absent.is_whole() && absent.value.is_none());
    let (count, level) = things.get_field("t1", (f().count(), f().level())).lenient().await.unwrap();
    assert!(count.is_whole() && level.is_whole() && count.value.is_none() && level.value.is_none());
    // A required field that is absent leaves no record.
    let record = things.get_record("t1").lenient().await.unwrap();
    assert_eq!((record.value.is_none(), places(&record)), (true, vec!["names".to_owned(), "parts".to_owned()]));
}

#[tokio::test]
async fn one_wrong_record_does_not_cost_the_others() {
    let things = stored(&wrong()).await;
    let basic = BasicTable::<Thing, _>::attach(things.backend().clone());
    let right = Thing {
        id: "t0".into(),
        parts: vec![weight(3)],
        ..things.get_record("t1").lenient().await.unwrap().value.unwrap()
    };
    basic.put_record(&right).await.unwrap();

    assert!(things.scan_records().await.unwrap_err().is_stored_value());
    for page in [things.scan_records().lenient().await.unwrap(), basic.scan_records().lenient().await.unwrap()] {
        let [(_, first), (_, second)] = <[_; 2]>::try_from(page.records).unwrap();
        let (mut whole, mut partly) = (first, second);
        if !whole.is_whole() {
            std::mem::swap(&mut whole, &mut partly);
        }
        assert_eq!((whole.value, whole.misfits), (Some(right.clone()), Vec::new()));
        assert_eq!((partly.value.unwrap().parts.len(), partly.misfits.len()), (2, 13));
    }

    assert!(things.get_records(["t0", "t1", "t2"]).await.unwrap_err().is_stored_value());
    for records in [
        things.get_records(["t0", "t1", "t2"]).lenient().await.unwrap(),
        basic.get_records(["t0", "t1", "t2"]).lenient().await.unwrap(),
    ] {
        let misfits: Vec<(bool, usize)> = records.iter().map(|fit| (fit.value.is_some(), fit.misfits.len())).collect();
        assert_eq!(misfits, [(true, 0), (true, 13), (false, 0)]);
    }
}

#[tokio::test]
async fn rows_are_read_as_they_are_stored_with_what_is_pending_laid_over() {
    use futures_util::TryStreamExt;

    let (things, f) = (stored(&wrong()).await, Thing::fields);
    things.update_field("t1", f().level(), 3).await.unwrap();
    let rows: Vec<_> =
        things.scan_field((f().count(), f().level())).skip_validation().items().try_collect().await.unwrap();
    let (count, level) = &rows[0].1;
    assert_eq!((count, level), (&Some(Value::from("x")), &Some(Value::from(3))));
    let raw = things.get_records(["t1"]).skip_validation().await.unwrap();
    assert_eq!(raw[0].as_ref().unwrap().descend(f().level().as_path().segments()), Some(&Value::from(3)));
}
