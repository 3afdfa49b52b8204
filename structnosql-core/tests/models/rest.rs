//! `flatten`: attributes that the model does not name survive a rewrite.

use std::collections::{BTreeMap, HashMap};

use structnosql_core::{
    BasicTable, CachingTable, ErrorKind, FieldExt, FieldValue, Map, StructModel, TableDataModel, Value,
};
use structnosql_derive::{MapModel, TableDataModel};
use structnosql_testkit::{Counted, Reference};

use super::{item, store};

#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "users", rename_all = "camelCase", crate = "structnosql_core")]
struct User {
    #[field(partition_key)]
    user_id: String,
    name: Option<String>,
    #[field(skip)]
    is_shown: bool,
    badges: Vec<Badge>,
    shape: Option<Shape>,
    #[field(flatten)]
    rest: HashMap<String, Value>,
}

#[derive(Clone, Debug, PartialEq, MapModel)]
#[map(crate = "structnosql_core")]
struct Badge {
    level: u8,
    #[field(flatten)]
    scores: BTreeMap<Name, Score>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, MapModel)]
#[map(crate = "structnosql_core")]
struct Name(String);

#[derive(Clone, Copy, Debug, PartialEq, MapModel)]
#[map(crate = "structnosql_core")]
struct Score(#[field(max = 10)] u8);

#[derive(Clone, Debug, PartialEq, MapModel)]
#[map(tag = "kind", crate = "structnosql_core")]
enum Shape {
    Badge(Badge),
}

fn stored() -> Map {
    let badge = Value::from_iter([("level", Value::from(1)), ("speed", Value::from(9))]);
    item(&[
        ("userId", "x42".into()),
        ("name", "Robinson".into()),
        ("badges", vec![badge].into()),
        ("colour", "red".into()),
        ("set", Value::StringSet(["a".into()].into())),
    ])
}

fn badge(score: u8) -> Badge {
    Badge { level: 1, scores: BTreeMap::from([(Name("speed".into()), Score(score))]) }
}

type Users = CachingTable<User, Counted<Reference>>;

async fn users() -> Users {
    let users = Users::open(Counted::new(Reference::new())).await.unwrap();
    store::<User>(users.backend(), stored()).await;
    users
}

#[tokio::test]
async fn what_the_model_does_not_name_survives_a_rewrite() {
    let users = users().await;
    let mut robinson = users.get_record("x42").await.unwrap().unwrap();
    assert_eq!(robinson.rest.len(), 2);
    assert_eq!(robinson.rest["colour"], Value::from("red"));
    assert_eq!(robinson.badges, [badge(9)]);

    robinson.name = None;
    robinson.rest.insert("size".into(), 7.into());
    users.put_record(&robinson).await.unwrap();
    users.clear_cached_data();
    let raw = users.get_record("x42").skip_validation().await.unwrap().unwrap();
    let mut expected = stored();
    expected.remove("name");
    expected.insert("size", 7.into());
    assert_eq!(raw, Value::Map(expected));
    assert_eq!(users.get_record("x42").await.unwrap(), Some(robinson));
}

#[tokio::test]
async fn a_name_of_another_field_is_refused() {
    let users = users().await;
    let rest = HashMap::from([("name".to_owned(), Value::from("x")), ("isShown".to_owned(), Value::Null)]);
    let user = User { user_id: "x1".into(), name: None, is_shown: true, badges: vec![], shape: None, rest };
    let error = users.put_record(&user).await.unwrap_err();
    assert_eq!(error.to_string(), "cannot store `name`: expected a name that no other field has, found that of `name`");
}

#[tokio::test]
async fn rules_types_and_leniency_reach_into_the_rest() {
    let users = users().await;
    let f = User::fields;
    let error = users.update_multiple_fields("x42", [f().badges().append([badge(11)])]).await.unwrap_err();
    let ErrorKind::InvalidValue(mismatch) = error.kind() else { panic!("{error}") };
    assert_eq!(mismatch.path().to_string(), "badges[0].speed");

    let mut wrong = stored();
    let entries = [("level", Value::from(1)), ("speed", Value::from("x")), ("luck", 11.into()), ("wit", 3.into())];
    wrong.insert("badges", vec![Value::from_iter(entries)].into());
    store::<User>(users.backend(), wrong).await;
    let basic = BasicTable::<User, _>::attach(users.backend().clone());
    let fit = basic.get_field("x42", f().badges()).lenient().await.unwrap();
    let scores = BTreeMap::from([(Name("wit".into()), Score(3))]);
    assert_eq!(fit.value, Some(vec![Badge { level: 1, scores }]));
    let places: Vec<String> = fit.misfits.iter().map(|misfit| misfit.path().to_string()).collect();
    assert_eq!(places, ["badges[0].speed", "badges[0].luck"]);
}

#[test]
fn a_tag_is_no_part_of_the_rest() {
    let shape = Shape::Badge(badge(1));
    let stored = shape.encode().unwrap().unwrap();
    assert_eq!(stored.to_string(), r#"{"kind": "Badge", "level": 1, "speed": 1}"#);
    assert_eq!(Shape::decode(&stored).unwrap(), shape);
}

#[test]
fn json_keeps_what_the_model_does_not_name() {
    let json = r#"{"userId": "x1", "badges": [], "colour": "red"}"#;
    let users = User::from_json_reader(json.as_bytes()).unwrap();
    assert_eq!(users[0].rest, HashMap::from([("colour".to_owned(), Value::from("red"))]));
    assert_eq!(users[0].encode_fields().unwrap().len(), 3);
}
