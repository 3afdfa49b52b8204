//! Values of every type of field are stored and read back, and what does not fit is told with its path.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use structnosql::{FieldValue, Map, Mismatch, Nullable, Number, StructModel, TableDataModel, Value};
use structnosql_derive::{MapModel, TableDataModel};

#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "kitchen-sink")]
struct Sink {
    #[field(partition_key)]
    id: String,
    flag: bool,
    small: i8,
    large: u128,
    float: f64,
    number: Number,
    binary: Vec<u8>,
    list: Vec<String>,
    nested: Vec<Vec<Option<u8>>>,
    map: HashMap<String, Inside>,
    sorted: BTreeMap<u32, bool>,
    strings: HashSet<String>,
    numbers: BTreeSet<i64>,
    binaries: BTreeSet<Vec<u8>>,
    option: Option<String>,
    nullable: Nullable<u8>,
    both: Option<Nullable<u8>>,
    boxed: Box<Inside>,
    any: Value,
    inside: Inside,
    #[field(rename = "other name")]
    renamed: u8,
}

#[derive(Clone, Debug, Default, PartialEq, MapModel)]
struct Inside {
    text: String,
    number: Option<u16>,
}

fn sink() -> Sink {
    let inside = Inside { text: "inside".to_owned(), number: Some(7) };
    Sink {
        id: "s1".to_owned(),
        flag: true,
        small: -128,
        large: 99_999_999_999_999_999_999_999_999_999_999_999_999,
        float: 9.4,
        number: Number::from(94),
        binary: vec![0, 255],
        list: vec!["a".to_owned(), String::new()],
        nested: vec![vec![], vec![Some(1), None]],
        map: HashMap::from([("key.with [signs]".to_owned(), inside.clone())]),
        sorted: BTreeMap::from([(2, true), (10, false)]),
        strings: HashSet::from(["x".to_owned()]),
        numbers: BTreeSet::from([-1, 1]),
        binaries: BTreeSet::from([vec![1], vec![2, 3]]),
        option: None,
        nullable: Nullable::Null,
        both: Some(Nullable::Null),
        boxed: Box::new(Inside { text: "boxed".to_owned(), number: None }),
        any: Value::from_iter([("anything", Value::Null)]),
        inside,
        renamed: 3,
    }
}

#[test]
fn every_type_of_field_is_read_as_it_was_stored() {
    let item = sink().encode_fields().unwrap();
    assert_eq!(Sink::decode_fields(&item).unwrap(), sink());
}

#[test]
fn values_are_stored_as_dynamodb_has_them() {
    let item = sink().encode_fields().unwrap();
    let stored = |name: &str| item.get(name).map(ToString::to_string);
    let kind = |name: &str| item.get(name).map(Value::kind);
    assert_eq!(stored("large").as_deref(), Some("99999999999999999999999999999999999999"));
    assert_eq!(stored("float").as_deref(), Some("9.4"));
    assert_eq!(kind("binary"), Some("binary"));
    assert_eq!(stored("nested").as_deref(), Some("[[], [1, null]]"));
    assert_eq!(stored("sorted").as_deref(), Some(r#"{"10": false, "2": true}"#));
    assert_eq!(kind("strings"), Some("string set"));
    assert_eq!(stored("numbers").as_deref(), Some("{-1, 1}"));
    assert_eq!(kind("binaries"), Some("binary set"));
    assert_eq!(stored("option"), None);
    assert_eq!(stored("nullable").as_deref(), Some("null"));
    assert_eq!(stored("boxed").as_deref(), Some(r#"{"text": "boxed"}"#));
    assert_eq!(stored("renamed"), None);
    assert_eq!(stored("other name").as_deref(), Some("3"));
}

/// The item of [`sink`] with one attribute changed, or taken out.
fn with(name: &str, value: Option<Value>) -> Result<Map, Mismatch> {
    let mut item = sink().encode_fields()?;
    match value {
        Some(value) => drop(item.insert(name, value)),
        None => drop(item.remove(name)),
    }
    Ok(item)
}

#[test]
fn what_does_not_fit_is_told_with_its_path() {
    let error =
        |name: &str, value: Option<Value>| Sink::decode_fields(&with(name, value).unwrap()).unwrap_err().to_string();
    let inside = |text: Value| Value::from_iter([("text", text)]);
    assert_eq!(error("flag", None), "`flag`: expected a boolean, found nothing");
    assert_eq!(error("flag", Some(Value::Null)), "`flag`: expected a boolean, found null");
    assert_eq!(error("small", Some(Value::from(128))), "`small`: expected i8, found a number that it cannot hold");
    assert_eq!(error("inside", Some(Value::from("x"))), "`inside`: expected a map, found string");
    assert_eq!(error("inside", Some(inside(Value::from(1)))), "`inside.text`: expected a string, found number");
    assert_eq!(
        error("map", Some(Value::from_iter([("a.b", inside(Value::Null))]))),
        r#"`map."a.b".text`: expected a string, found null"#
    );
    assert_eq!(
        error("nested", Some(Value::List(vec![Value::List(vec![Value::Null, Value::from("x")])]))),
        "`nested[0][1]`: expected u8, found string"
    );
    assert_eq!(
        error("sorted", Some(Value::from_iter([("x", Value::from(true))]))),
        r#"`sorted.x`: expected u32, found another map key"#
    );
}

#[test]
fn what_cannot_be_stored_is_told_with_its_path() {
    let error = |change: fn(&mut Sink)| {
        let mut sink = sink();
        change(&mut sink);
        sink.encode_fields().unwrap_err().to_string()
    };
    assert!(error(|sink| sink.float = f64::NAN).starts_with("`float`: expected a number that DynamoDB can hold"));
    assert!(error(|sink| sink.large = u128::MAX).starts_with("`large`: expected a number that DynamoDB can hold"));
    assert!(error(|sink| sink.strings.clear()).starts_with("`strings`: expected a set with at least one member"));
}

#[test]
fn attributes_that_the_model_does_not_declare_are_left_out() {
    assert_eq!(Sink::decode_fields(&with("unknown", Some(Value::Null)).unwrap()).unwrap(), sink());
}

#[derive(Clone, Debug, Default, PartialEq, TableDataModel)]
#[table(name = "methods")]
struct Method {
    #[field(partition_key)]
    id: String,
    returns: Option<Box<Parameter>>,
    parameters: HashMap<String, Parameter>,
}

#[derive(Clone, Debug, Default, PartialEq, MapModel)]
struct Parameter {
    name: String,
    children: HashMap<String, Parameter>,
    alternatives: Vec<Self>,
    owner: Option<Box<Self>>,
}

#[test]
fn models_may_hold_themselves() {
    use structnosql::Field;

    let leaf = Parameter { name: "leaf".to_owned(), ..Parameter::default() };
    let node = Parameter {
        name: "node".to_owned(),
        children: HashMap::from([("leaf".to_owned(), leaf.clone())]),
        alternatives: vec![leaf.clone()],
        owner: Some(Box::new(leaf)),
    };
    let method = Method {
        id: "m1".to_owned(),
        returns: Some(Box::new(node.clone())),
        parameters: HashMap::from([("node".to_owned(), node)]),
    };
    let item = method.encode_fields().unwrap();
    assert_eq!(Method::decode_fields(&item).unwrap(), method);

    let path = Method::fields().parameters().key("node").children().key("leaf").alternatives().index(0).owner().name();
    assert_eq!(path.path().to_string(), "parameters.node.children.leaf.alternatives[0].owner.name");
    assert!(Method::path("returns.children.{{key}}.owner.name", &[("key", "leaf")]).is_ok());
}

#[derive(Debug, PartialEq, TableDataModel)]
#[table(name = "prices")]
struct Price {
    #[field(partition_key)]
    id: String,
    #[field(default = "EUR")]
    currency: String,
    #[field(default = -1)]
    amount: Number,
    #[field(default)]
    notes: Vec<String>,
    #[field(default = Tax { rate: 1 << 4 })]
    tax: Tax,
    #[field(skip)]
    shown: u8,
}

#[derive(Debug, PartialEq, MapModel)]
struct Tax {
    rate: u8,
}

#[test]
fn an_absent_field_reads_as_its_default() {
    let item = Map::from_iter([("id", Value::from("p1"))]);
    let price = Price::decode_fields(&item).unwrap();
    let expected = Price {
        id: "p1".to_owned(),
        currency: "EUR".to_owned(),
        amount: Number::from(-1),
        notes: Vec::new(),
        tax: Tax { rate: 16 },
        shown: 0,
    };
    assert_eq!(price, expected);

    let defaults: Vec<Option<String>> =
        Price::schema().fields.iter().map(|field| Some(field.default?()?.to_string())).collect();
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(defaults, [None, text("\"EUR\""), text("-1"), text("[]"), text(r#"{"rate": 16}"#)]);
    assert!(Price::schema().fields.iter().all(|field| field.required == (field.name == "id")));
}

#[test]
fn a_field_that_is_skipped_is_not_stored() {
    let price = Price {
        id: "p1".to_owned(),
        currency: "USD".to_owned(),
        amount: Number::from(2),
        notes: Vec::new(),
        tax: Tax { rate: 1 },
        shown: 9,
    };
    let item = price.encode_fields().unwrap();
    assert_eq!(item.get("shown"), None);
    assert_eq!(Price::decode_fields(&item).unwrap(), Price { shown: 0, ..price });
    assert!(Price::schema().field("shown").is_none());
}

#[test]
fn json_arrays_become_the_sets_that_the_model_declares() {
    #[derive(Debug, TableDataModel)]
    #[table(name = "sets")]
    struct Sets {
        #[field(partition_key)]
        id: u64,
        inside: Option<Members>,
    }

    #[derive(Debug, PartialEq, MapModel)]
    struct Members {
        names: BTreeSet<String>,
        bytes: Vec<u8>,
    }

    let json = r#"{"id": 18446744073709551615, "inside": {"names": ["b", "a"], "bytes": [1, 2]}}"#;
    let [record] = Sets::from_json_reader(json.as_bytes()).unwrap().try_into().unwrap();
    assert_eq!(record.id, u64::MAX);
    let names = BTreeSet::from(["a".to_owned(), "b".to_owned()]);
    assert_eq!(record.inside, Some(Members { names, bytes: vec![1, 2] }));
    assert_eq!(Members::SHAPE.describe(), "a map");
}
