//! The derive macros of StructNoSQL. Use them through the crate `structnosql`, which exports each together with the
//! trait of the same name.
//!
//! [`TableDataModel`] makes a struct the record of a table, [`MapModel`] makes structs and enums the types of its
//! fields, [`Projection`] reads several fields into a struct, and [`Collection`] several models by one query. A mistake
//! in a model is a compile error at the field or attribute that has it, which says what to write instead; several are
//! told at once.

mod ast;
mod attr;
mod casing;
mod check;
mod errors;
mod expand;
mod suggest;

use attr::Place;
use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Makes a struct with named fields the record of a table.
///
/// ```
/// # use structnosql_derive::{MapModel, TableDataModel};
/// use structnosql::{Field, MapModel, Number, TableDataModel};
///
/// #[derive(TableDataModel)]
/// #[table(name = "movies-table", rename_all = "camelCase")]
/// struct Movie {
///     #[field(partition_key)]
///     id: String,
///     #[field(index)]
///     primary_type: String,
///     name: String,
///     ratings: Option<Ratings>,
/// }
///
/// #[derive(MapModel)]
/// struct Ratings {
///     imdb: Option<Number>,
/// }
///
/// assert_eq!(Movie::fields().ratings().imdb().path().to_string(), "ratings.imdb");
/// let thrillers = Movie::indexes().primary_type("Thriller");
/// ```
///
/// Beside its impls the derive makes two structs, as visible as the model. `MovieFields` has an accessor for each
/// stored field, as visible as the field and with its documentation. `MovieIndexes` has the method `primary`, which
/// queries the table by its key, and one for each index. They have no other methods, so that a field may have any
/// name.
///
/// # `#[table(...)]`
///
/// - `name = "movies-table"`: the table's name, unless another is given when it is opened. Required.
/// - `rename_all = "camelCase"`: how the names of fields are stored. The rules are those of serde: `lowercase`,
///   `UPPERCASE`, `PascalCase`, `camelCase`, `snake_case`, `SCREAMING_SNAKE_CASE`, `kebab-case` and
///   `SCREAMING-KEBAB-CASE`.
/// - `crate = "path"`: where the crate `structnosql` is found, if it has another name.
///
/// # `#[field(...)]`
///
/// - `partition_key`: the table's partition key, which one field has to be. A key is a string, an integer, a
///   `Number`, binary, or a `MapModel` enum or struct around one of these. It cannot be written by an update.
/// - `sort_key`: the table's sort key. A key is then given as a pair `(partition, sort)`.
/// - `rename = "stored"`: the name that the field is stored under.
/// - `alias = "earlier"`, as often as there are: a name that the field was stored under earlier. What is stored there is
///   read, by whole records and by paths, and conditions and filters are asked of either name; the field's own goes
///   first. The next write of the field stores it under its own name and takes the earlier ones away in the same
///   request. Keys, fields of indexes, a `version` and a `ttl` take none: DynamoDB finds these under one name.
/// - `default`, `default = 1`, `default = Currency::Euro`: what the field reads as where it is absent: its type's
///   `Default`, a literal (converted as the value of an update is), or any expression of its type. Such a field may
///   be removed. An `Option` takes none: it reads as `None`.
/// - `read_only`: the field is written only with the whole record; updates of it do not compile.
/// - `version`: the field counts the writes of its record, for optimistic locking: every write raises it by one, and is
///   refused where another writer has raised it since the record was read. It is a `u32`, `u64`, `u128`, `i32`, `i64` or
///   `i128`, which reads as 0 where it is absent; updates of it do not compile. One field may be it.
/// - `skip`: the field is not stored, and reads as its type's `Default`.
/// - `flatten`: the field, a map such as `HashMap<String, Value>`, holds the attributes that no other field has. They
///   are read into it and written from it with the whole record, so that they survive `put_record`. It has no accessor.
/// - `ttl`: the attribute by whose time, in seconds since 1970, DynamoDB deletes records that are out of date, some time
///   later ([time to live](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html)). A table that
///   `open` creates has it enabled; an existing one is left as it is.
/// - `min`, `max`, `length`, `pattern`, `with`: see [rules](#rules).
/// - `index`, `index(...)`: see below.
///
/// ```
/// # use structnosql_derive::TableDataModel;
/// use std::collections::BTreeMap;
///
/// use structnosql::{StructModel, TableDataModel, Value};
///
/// #[derive(TableDataModel)]
/// #[table(name = "orders")]
/// struct Order {
///     #[field(partition_key)]
///     customer: String,
///     #[field(sort_key)]
///     number: u64,
///     #[field(read_only, rename = "created")]
///     created_at: i64,
///     #[field(default = "EUR")]
///     currency: String,
///     #[field(default)]
///     lines: Vec<String>,
///     #[field(ttl)]
///     kept_until: Option<u64>,
///     #[field(skip)]
///     is_shown: bool,
///     #[field(flatten)]
///     rest: BTreeMap<String, Value>,
/// }
///
/// let order = Order {
///     customer: "c7".to_owned(),
///     number: 12,
///     created_at: 1_618_322_249,
///     currency: "USD".to_owned(),
///     lines: Vec::new(),
///     kept_until: None,
///     is_shown: true,
///     rest: BTreeMap::from([("colour".to_owned(), Value::from("red"))]),
/// };
/// assert_eq!(order.key()?.to_string(), "c7/12");
/// assert!(order.encode_fields()?.get("is_shown").is_none());
/// assert_eq!(order.encode_fields()?.get("colour"), Some(&Value::from("red")));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Rules
///
/// A field can be held to more than its type. A table checks its rules before it pends or sends a value, and on what
/// reads bring; all that a record breaks is told in one error, with the paths. An `Option` that is `None`, and a NULL,
/// break none.
///
/// - `min = 1`, `max = 99.5`: a number's bounds, both allowed: any expression of a numeric type, compared exactly.
/// - `length = 1..=64`, `1..`, `..=64`, `8`: how many characters (Unicode scalar values) of a string, bytes of binary,
///   items of a list, entries of a map or members of a set.
/// - `pattern = "^[a-z-]+$"`: a regular expression of the crate [`regex-lite`](https://docs.rs/regex-lite), which a
///   string has to match somewhere: `^` and `$` make it the whole string. A wrong one does not compile.
/// - `with = path::to::function`: a function from a reference to the field's type (of an `Option` or a `Box` the type
///   inside) to `Result<(), E>`. The error says in words what is expected.
///
/// A rule of the items of a list or set, or of a map's keys or values, is one of a struct around their type.
///
/// ```
/// # use structnosql_derive::{MapModel, TableDataModel};
/// use structnosql::{MapModel, TableDataModel};
///
/// #[derive(TableDataModel)]
/// #[table(name = "people")]
/// struct Person {
///     #[field(partition_key, pattern = "^p[0-9]+$")]
///     id: String,
///     #[field(min = 18, max = 150)]
///     age: Option<u8>,
///     #[field(length = 1..=3)]
///     emails: Vec<Email>,
/// }
///
/// #[derive(MapModel)]
/// struct Email(#[field(length = ..=254, with = has_domain)] String);
///
/// fn has_domain(address: &str) -> Result<(), &'static str> {
///     match address.split_once('@') {
///         Some((_, domain)) if domain.contains('.') => Ok(()),
///         _ => Err("an address with a domain"),
///     }
/// }
///
/// let json = r#"{"id": "p1", "age": 17, "emails": ["anna"]}"#;
/// let error = Person::from_json_reader(json.as_bytes()).err().map(|error| error.to_string());
/// let expected = "JSON does not fit the model: `[0].age`: expected a number of at least 18, found a smaller one; \
///                 `[0].emails[0]`: expected an address with a domain, found another value";
/// assert_eq!(error.as_deref(), Some(expected));
/// ```
///
/// What only the database knows is not checked: what an increment comes to, or how long a list is after an append. A
/// condition on the write does that. The same goes for a `with` of a struct where one of its fields is updated.
///
/// # `index(...)`
///
/// A bare `index` declares a global secondary index with this field as its partition key and all attributes in it,
/// named as the field is stored. Its method is named after the field. A field may have several `index(...)`, with:
///
/// - `name = "by-author"`: the index's name. Its method is that name in `snake_case`: `by_author`.
/// - `sort`: the field is the sort key of the index of this name, which another field is the partition key of.
/// - `local`: a local secondary index, which has the table's partition key and this field as its sort key.
/// - `projection = all`, `keys_only` or `include(title, year)`: which fields the index holds besides the keys.
/// - `method = by_writer`: another name for the method.
///
/// A field of an index may be an `Option`: records without it are not in the index.
///
/// ```
/// # use structnosql_derive::TableDataModel;
/// use structnosql::TableDataModel;
/// use structnosql::index::{begins_with, greater};
///
/// #[derive(TableDataModel)]
/// #[table(name = "books")]
/// struct Book {
///     #[field(partition_key)]
///     library: String,
///     #[field(sort_key)]
///     shelf: u32,
///     #[field(index(name = "by-author", projection = include(title)))]
///     author: Option<String>,
///     #[field(index(name = "by-author", sort))]
///     year: u16,
///     #[field(index(name = "by-title", local, projection = keys_only))]
///     title: String,
/// }
///
/// let recent = Book::indexes().by_author("Le Guin").sort(greater(1970));
/// let dispossessed = Book::indexes().by_title("Lyon").sort(begins_with("The D"));
/// let upper_shelves = Book::indexes().primary("Lyon").sort(greater(7));
/// ```
#[proc_macro_derive(TableDataModel, attributes(table, field))]
pub fn derive_table_data_model(input: TokenStream) -> TokenStream {
    expand::derive(parse_macro_input!(input as DeriveInput), Place::Table).into()
}

/// Makes a struct or an enum the type of fields.
///
/// A struct with named fields is stored as a map. Beside its impls the derive makes `TokenFields`, the path to such a
/// struct, with an accessor for each field. A struct may hold itself, behind a `Box` or in a list or map.
///
/// A struct around one type is stored as that type is, and can be what that type can be: a key, the key of a map, a
/// member of a set. It can be held to [rules](macro@TableDataModel#rules), as in
/// `struct Email(#[field(length = ..=254)] String)`. An enum of unit variants is stored as the name of its variant, and
/// can be all of these too.
///
/// ```
/// # use structnosql_derive::{MapModel, TableDataModel};
/// use std::collections::HashMap;
///
/// use structnosql::{Field, MapModel, TableDataModel};
///
/// #[derive(TableDataModel)]
/// #[table(name = "users")]
/// struct User {
///     #[field(partition_key)]
///     id: UserId,
///     tokens: HashMap<Device, Token>,
/// }
///
/// #[derive(MapModel)]
/// struct UserId(String);
///
/// #[derive(MapModel, PartialEq, Eq, Hash)]
/// #[map(rename_all = "kebab-case")]
/// enum Device {
///     DesktopComputer,
///     #[field(rename = "mobile")]
///     Phone,
/// }
///
/// #[derive(MapModel)]
/// #[map(rename_all = "camelCase")]
/// struct Token {
///     expiration_timestamp: i64,
///     #[field(default)]
///     scopes: Vec<String>,
/// }
///
/// let expiration = User::fields().tokens().key(Device::DesktopComputer).expiration_timestamp();
/// assert_eq!(expiration.path().to_string(), "tokens.desktop-computer.expirationTimestamp");
/// ```
///
/// # Enums with data
///
/// `#[map(tag = "kind")]` stores an enum as a map: the fields of its variant, and beside them the variant's name under
/// `kind`. A variant names its fields, is around a struct that derives `MapModel`, or has none.
///
/// `#[map(untagged)]` stores what is inside a variant alone, and reads the first variant, in their order, that the
/// stored value fits: a field that holds one of several types. Where a value fits two variants, as `3` does an integer
/// and a float, it is read as the first.
///
/// Either is written and read as a whole: there are no paths into a variant.
///
/// ```
/// # use structnosql_derive::MapModel;
/// use structnosql::{FieldValue, MapModel};
///
/// #[derive(MapModel)]
/// #[map(tag = "kind", rename_all = "kebab-case")]
/// enum Payment {
///     CreditCard {
///         #[field(length = 16)]
///         number: String,
///         cents: u32,
///     },
///     Transfer(Transfer),
///     Cash,
/// }
///
/// #[derive(MapModel)]
/// struct Transfer {
///     iban: String,
/// }
///
/// #[derive(MapModel)]
/// #[map(untagged)]
/// enum Setting {
///     Number(f64),
///     Text(String),
///     Several(Vec<Setting>),
/// }
///
/// let transfer = Payment::Transfer(Transfer { iban: "DE02".to_owned() }).encode()?;
/// assert_eq!(transfer.map(|value| value.to_string()).as_deref(), Some(r#"{"iban": "DE02", "kind": "transfer"}"#));
/// let several = Setting::Several(vec![Setting::Number(1.5), Setting::Text("a".to_owned())]).encode()?;
/// assert_eq!(several.map(|value| value.to_string()).as_deref(), Some(r#"[1.5, "a"]"#));
///
/// let unknown = Payment::decode(&[("kind", "cheque".into())].into_iter().collect()).err();
/// let message = "`kind`: expected one of `credit-card`, `transfer`, `cash`, found another text";
/// assert_eq!(unknown.map(|mismatch| mismatch.to_string()).as_deref(), Some(message));
/// # Ok::<(), structnosql::Mismatch>(())
/// ```
///
/// # Keys of several values
///
/// `#[map(key = "ORDER#{shop}#{number:06}")]` stores a struct as one text, for a table that holds several entities or keys
/// of several parts. A value is a string, an integer, what else can be the key of a map, or a date or time; `:06` fills a
/// whole number up with zeros to six digits, so that keys are in the order of the numbers. Every field stands in the key
/// once, and between two there is a text. A value that could not be told from what comes after it, and an empty one, is an
/// error before any request; a stored text that is not of the template does not fit the model.
///
/// A query of an entity whose sort key begins with a text brings the records whose sort keys begin so, unless it gives
/// another condition.
///
/// ```
/// # use structnosql_derive::{MapModel, TableDataModel};
/// use structnosql::{MapModel, TableDataModel};
///
/// #[derive(MapModel)]
/// #[map(key = "CUSTOMER#{id}")]
/// struct CustomerKey {
///     id: String,
/// }
///
/// #[derive(MapModel)]
/// #[map(key = "ORDER#{number:06}")]
/// struct OrderKey {
///     number: u32,
/// }
///
/// #[derive(TableDataModel)]
/// #[table(name = "shop")]
/// struct Order {
///     #[field(partition_key)]
///     pk: CustomerKey,
///     #[field(sort_key)]
///     sk: OrderKey,
///     total: u32,
/// }
///
/// let order = Order { pk: CustomerKey { id: "ann".to_owned() }, sk: OrderKey { number: 40 }, total: 12 };
/// assert_eq!(order.key()?.to_string(), "CUSTOMER#ann/ORDER#000040");
/// # Ok::<(), structnosql::Error>(())
/// ```
///
/// # Attributes
///
/// `#[map(...)]` takes `rename_all` and `crate`, as [`TableDataModel`] does for `#[table(...)]`; of an enum
/// `rename_all` is about the variants. A struct takes `key = "..."`; an enum takes `tag = "..."` or `untagged`, and
/// `rename_all_fields = "camelCase"` for the fields of its variants. `#[field(...)]` takes
/// `rename`, `default`, `read_only`, `skip`, `flatten` and the rules on a field, as there (in a variant no `read_only` and
/// no `flatten`), the rules on what a struct or an `untagged` variant is around, and `rename` on a variant.
#[proc_macro_derive(MapModel, attributes(map, field))]
pub fn derive_map_model(input: TokenStream) -> TokenStream {
    expand::derive(parse_macro_input!(input as DeriveInput), Place::Map).into()
}

/// Reads several fields of a record into a struct, in one request: `Card::projection()` is a selection for every call
/// that takes one.
///
/// A field reads the model's field of the same name, or the one that `path` names: accessors without their empty
/// parentheses. Its type is what that field reads as in a row of a query: the model's type where the field is always
/// there, an `Option` where it may be absent.
///
/// ```
/// # use structnosql_derive::{MapModel, Projection, TableDataModel};
/// use std::collections::HashMap;
///
/// use structnosql::{MapModel, Projection, TableDataModel};
///
/// #[derive(TableDataModel)]
/// #[table(name = "users")]
/// struct User {
///     #[field(partition_key)]
///     id: String,
///     name: String,
///     tokens: Option<HashMap<String, Token>>,
/// }
///
/// #[derive(MapModel)]
/// struct Token {
///     expires: i64,
/// }
///
/// #[derive(Projection)]
/// #[projection(model = User)]
/// struct Card {
///     name: String,
///     #[field(path = tokens.key("t32").expires)]
///     expires: Option<i64>,
/// }
///
/// assert_eq!(format!("{:?}", Card::projection()), "[name, tokens.t32.expires]");
/// ```
///
/// # Attributes
///
/// `#[projection(...)]` takes `model = User`, which is required, and `crate` as [`TableDataModel`] does.
/// `#[field(...)]` takes `path`.
#[proc_macro_derive(Projection, attributes(projection, field))]
pub fn derive_projection(input: TokenStream) -> TokenStream {
    expand::derive(parse_macro_input!(input as DeriveInput), Place::Projection).into()
}

/// Makes an enum a collection: entities that stand together in a table, read by one query.
///
/// Each variant is around a model. These are of one table, by the `name` that they give it, and declare the table's key
/// under the same names and types. An item is of the model whose [key templates](macro@MapModel#keys-of-several-values)
/// its key is of, so that no key may be of two: that is found out when the program is compiled.
///
/// ```
/// # use structnosql_derive::{Collection, MapModel, TableDataModel};
/// use structnosql::{Collection, MapModel, TableDataModel};
///
/// #[derive(MapModel)]
/// #[map(key = "CUSTOMER#{id}")]
/// struct CustomerKey {
///     id: String,
/// }
///
/// #[derive(MapModel)]
/// #[map(key = "PROFILE")]
/// struct ProfileKey {}
///
/// #[derive(MapModel)]
/// #[map(key = "ORDER#{number:06}")]
/// struct OrderKey {
///     number: u32,
/// }
///
/// #[derive(TableDataModel)]
/// #[table(name = "shop")]
/// struct Customer {
///     #[field(partition_key)]
///     pk: CustomerKey,
///     #[field(sort_key)]
///     sk: ProfileKey,
///     name: String,
/// }
///
/// #[derive(TableDataModel)]
/// #[table(name = "shop")]
/// struct Order {
///     #[field(partition_key)]
///     pk: CustomerKey,
///     #[field(sort_key)]
///     sk: OrderKey,
///     total: u32,
/// }
///
/// #[derive(Collection)]
/// enum CustomerItem {
///     Customer(Customer),
///     Order(Order),
/// }
/// ```
///
/// `CustomerItem::over((&customers, &orders))` is then a table whose `query_records` gives a `CustomerItem` for each item.
///
/// # Attributes
///
/// `#[collection(...)]` takes `crate`, as [`TableDataModel`] does for `#[table(...)]`.
#[proc_macro_derive(Collection, attributes(collection))]
pub fn derive_collection(input: TokenStream) -> TokenStream {
    expand::derive(parse_macro_input!(input as DeriveInput), Place::Collection).into()
}
