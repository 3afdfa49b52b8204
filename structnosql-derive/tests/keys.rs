//! Primary keys and indexes, and the types that they may have.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use structnosql::index::{IndexKey, NoSortKey, begins_with, between};
use structnosql::schema::{IndexProjection, IndexSchema, KeyKind};
use structnosql::{Field, FieldValue, IntoKey, StructModel, TableDataModel, Value};
use structnosql_derive::{MapModel, TableDataModel};

#[derive(Debug, PartialEq, TableDataModel)]
#[table(name = "orders", rename_all = "camelCase")]
struct Order {
    #[field(partition_key)]
    customer: CustomerId,
    #[field(sort_key)]
    number: u64,
    #[field(index(name = "by-day", local, projection = keys_only))]
    order_day: String,
    #[field(index(name = "byState", projection = include(total_amount, note)))]
    state: Option<State>,
    #[field(index(name = "byState", sort), index(name = "made"))]
    made_at: i64,
    total_amount: u32,
    #[field(rename = "remark")]
    note: Option<String>,
}

/// Stored as the string inside, and nothing else may be given for it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, MapModel)]
struct CustomerId(String);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, MapModel)]
#[map(rename_all = "SCREAMING_SNAKE_CASE")]
enum State {
    Open,
    PaidFor,
    #[field(rename = "X")]
    Cancelled,
}

fn order() -> Order {
    Order {
        customer: CustomerId("c7".to_owned()),
        number: 12,
        order_day: "2026-11-21".to_owned(),
        state: Some(State::PaidFor),
        made_at: -5,
        total_amount: 3,
        note: None,
    }
}

#[test]
fn a_composite_key_is_given_as_a_pair() {
    fn key<M: TableDataModel>(key: impl IntoKey<M::Key>) -> String {
        key.into_key().map_or_else(|error| error.to_string(), |key| key.to_string())
    }
    let id = CustomerId("c7".to_owned());
    assert_eq!(order().key().unwrap().to_string(), "c7/12");
    assert_eq!(key::<Order>((&id, 12)), "c7/12");
    assert_eq!(key::<Order>((id, 12_u8)), "c7/12");
    assert_eq!(key::<Order>(&order().key().unwrap()), "c7/12");
}

fn described(index: &IndexSchema) -> (&str, &str, Option<&str>, IndexProjection, bool) {
    let sort = index.sort_key.as_ref().map(|key| key.name.as_str());
    (index.name, index.partition_key.name.as_str(), sort, index.projection, index.local)
}

#[test]
fn indexes_are_put_together_from_their_fields() {
    let indexes: Vec<_> = Order::table().indexes.iter().map(described).collect();
    let expected = [
        ("by-day", "customer", Some("orderDay"), IndexProjection::KeysOnly, true),
        ("byState", "state", Some("madeAt"), IndexProjection::Include(&["totalAmount", "remark"]), false),
        ("made", "madeAt", None, IndexProjection::All, false),
    ];
    assert_eq!(indexes, expected);
    let kinds: Vec<_> =
        Order::table().all_key_attributes().into_iter().map(|key| (key.name.as_str(), key.kind)).collect();
    let expected = [
        ("customer", KeyKind::String),
        ("number", KeyKind::Number),
        ("orderDay", KeyKind::String),
        ("state", KeyKind::String),
        ("madeAt", KeyKind::Number),
    ];
    assert_eq!(kinds, expected);
}

#[test]
fn index_methods_take_the_key_and_know_the_sort_key() {
    let id = CustomerId("c7".to_owned());
    let open = &State::Open;
    let _: IndexKey<Order, u64> = Order::indexes().primary(&id).sort(between(1, 9));
    let _: IndexKey<Order, String> = Order::indexes().by_day(&id).sort(begins_with("2026-"));
    let _: IndexKey<Order, i64> = Order::indexes().by_state(State::Open);
    let _: IndexKey<Order, i64> = Order::indexes().by_state(open);
    let _: IndexKey<Order, NoSortKey> = Order::indexes().made(4);
}

#[test]
fn enums_are_stored_as_their_names() {
    let item = order().encode_fields().unwrap();
    assert_eq!(item.get("state"), Some(&Value::from("PAID_FOR")));
    assert_eq!(item.get("customer"), Some(&Value::from("c7")));
    assert_eq!(Order::decode_fields(&item).unwrap(), order());
    assert_eq!(State::decode(&Value::from("X")).unwrap(), State::Cancelled);

    let mut item = item;
    item.insert("state", Value::from("LOST"));
    let error = Order::decode_fields(&item).unwrap_err();
    assert_eq!(error.to_string(), "`state`: expected one of `OPEN`, `PAID_FOR`, `X`, found another text");
    let error = State::decode(&Value::from(3)).unwrap_err();
    assert_eq!(error.expected(), "one of `OPEN`, `PAID_FOR`, `X`");
    assert_eq!(error.found(), "number");
}

#[derive(Debug, PartialEq, TableDataModel)]
#[table(name = "counts")]
struct Counts {
    #[field(partition_key)]
    state: State,
    by_state: HashMap<State, u32>,
    by_customer: BTreeMap<CustomerId, u32>,
    seen: BTreeSet<State>,
    customers: BTreeSet<CustomerId>,
    history: Vec<State>,
    plain: Wrapper,
}

/// What its inside cannot be, it is not either: this one is no key.
#[derive(Clone, Copy, Debug, PartialEq, MapModel)]
struct Wrapper(f64);

#[test]
fn enums_and_newtypes_are_keys_of_maps_and_members_of_sets() {
    let id = || CustomerId("c7".to_owned());
    let counts = Counts {
        state: State::Open,
        by_state: HashMap::from([(State::PaidFor, 1)]),
        by_customer: BTreeMap::from([(id(), 2)]),
        seen: BTreeSet::from([State::Open, State::Cancelled]),
        customers: BTreeSet::from([id()]),
        history: vec![State::Open, State::PaidFor],
        plain: Wrapper(0.5),
    };
    let item = counts.encode_fields().unwrap();
    assert_eq!(
        item.to_string(),
        concat!(
            r#"{"by_customer": {"c7": 2}, "by_state": {"PAID_FOR": 1}, "customers": {"c7"}, "#,
            r#""history": ["OPEN", "PAID_FOR"], "plain": 0.5, "seen": {"OPEN", "X"}, "state": "OPEN"}"#,
        )
    );
    assert_eq!(Counts::decode_fields(&item).unwrap(), counts);
    assert_eq!(counts.key().unwrap().to_string(), "OPEN");

    let f = Counts::fields;
    let open = &State::Open;
    assert_eq!(f().by_state().key(State::PaidFor).path().to_string(), "by_state.PAID_FOR");
    assert_eq!(f().by_state().key(open).path().to_string(), "by_state.OPEN");
    assert_eq!(f().by_customer().key(id()).path().to_string(), "by_customer.c7");
    assert_eq!(f().history().index(1).path().to_string(), "history[1]");
    assert_eq!(f().plain().path().to_string(), "plain");

    let unknown = Value::from_iter([("LOST", Value::from(1))]);
    let error = HashMap::<State, u32>::decode(&unknown).unwrap_err();
    assert_eq!(error.to_string(), "`LOST`: expected one of `OPEN`, `PAID_FOR`, `X`, found another text");
}
