//! A record whose fields have earlier names and defaults, in Rust and in the model's own words.

use std::collections::HashMap;

use structnosql_core::presence::Optional;
use structnosql_core::{CachingTable, Error, FieldPath, Mismatch, Number, TableDataModel, Value};
use structnosql_derive::{MapModel, TableDataModel};

use super::fit::name_of;
use crate::model::{Decimal, Entries, Field, Path, Shape, Tree};
use crate::{Counted, Reference};

pub(super) type Table = CachingTable<Person, Counted<Reference>>;

#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "people", crate = "structnosql_core")]
pub(super) struct Person {
    #[field(partition_key)]
    id: String,
    #[field(alias = "name", alias = "full_name")]
    display_name: Option<String>,
    #[field(alias = "visits")]
    visit_count: Option<Number>,
    #[field(read_only)]
    origin: Option<String>,
    #[field(default = Number::from(5))]
    level: Number,
    #[field(alias = "address")]
    home: Option<Place>,
    places: Option<HashMap<String, Place>>,
    #[field(alias = "route")]
    stops: Option<Vec<Place>>,
}

#[derive(Clone, Debug, PartialEq, MapModel)]
#[map(crate = "structnosql_core")]
struct Place {
    city: Option<String>,
    #[field(default = Number::from(3))]
    floor: Number,
    spot: Option<Spot>,
}

#[derive(Clone, Debug, PartialEq, MapModel)]
#[map(crate = "structnosql_core")]
struct Spot {
    note: Option<String>,
    #[field(default = Number::from(1))]
    row: Number,
}

pub(super) const ID: &str = "p";

pub(super) static FIELDS: &[Field] = &[
    Field::required("id", &Shape::Text),
    Field::optional("display_name", &Shape::Text),
    Field::optional("visit_count", &Shape::Number),
    Field::optional("origin", &Shape::Text),
    Field::optional("level", &Shape::Number),
    Field::optional("home", &PLACE),
    Field::optional("places", &PLACES),
    Field::optional("stops", &STOPS),
];

pub(super) static RECORD: Shape = Shape::Struct(FIELDS);

static PLACES: Shape = Shape::Map(&PLACE);

static STOPS: Shape = Shape::List(&PLACE);

static PLACE: Shape = Shape::Struct(&[
    Field::optional("city", &Shape::Text),
    Field::optional("floor", &Shape::Number),
    Field::optional("spot", &SPOT),
]);

static SPOT: Shape = Shape::Struct(&[Field::optional("note", &Shape::Text), Field::optional("row", &Shape::Number)]);

/// The earlier names of an attribute, in the order in which they count.
pub(super) fn old_names(name: &str) -> &'static [&'static str] {
    match name {
        "display_name" => &["name", "full_name"],
        "visit_count" => &["visits"],
        "home" => &["address"],
        "stops" => &["route"],
        _ => &[],
    }
}

/// The name of the attribute that this is an earlier name of.
pub(super) fn own_name(name: &str) -> &str {
    let is_own = |field: &&Field| field.name == name || old_names(field.name).contains(&name);
    FIELDS.iter().find(is_own).map_or(name, |field| field.name)
}

/// What is there of a field where nothing is stored.
pub(super) fn default_of(name: &str) -> Option<Tree> {
    let whole = match name {
        "level" => 5,
        "floor" => 3,
        "row" => 1,
        _ => return None,
    };
    Some(Tree::Number(Decimal::of_ten_thousandths(whole * 10_000)))
}

/// A field to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    Record,
    Name,
    Visits,
    Origin,
    Level,
    Home,
    City,
    Floor,
    Spot,
    Row,
    Places,
    PlaceOf(&'static str),
    FloorOf(&'static str),
    Stops,
    StopAt(u32),
    CityAt(u32),
    RowAt(u32),
    RowOf(&'static str),
}

/// How it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Typed,
    /// Without validation.
    Raw,
    Lenient,
}

/// What a read has shown, and what it says not to fit.
pub(super) type Read = (Option<Tree>, Vec<Mismatch>);

impl Wanted {
    pub(super) fn path(self) -> Path {
        let names = |names: &[&str]| names.iter().map(|name| (*name).into()).collect::<Path>();
        match self {
            Wanted::Record => Path::new(),
            Wanted::Name => names(&["display_name"]),
            Wanted::Visits => names(&["visit_count"]),
            Wanted::Origin => names(&["origin"]),
            Wanted::Level => names(&["level"]),
            Wanted::Home => names(&["home"]),
            Wanted::City => names(&["home", "city"]),
            Wanted::Floor => names(&["home", "floor"]),
            Wanted::Spot => names(&["home", "spot"]),
            Wanted::Row => names(&["home", "spot", "row"]),
            Wanted::Places => names(&["places"]),
            Wanted::PlaceOf(key) => names(&["places", key]),
            Wanted::FloorOf(key) => names(&["places", key, "floor"]),
            Wanted::Stops => names(&["stops"]),
            Wanted::StopAt(at) => vec!["stops".into(), at.into()],
            Wanted::CityAt(at) => vec!["stops".into(), at.into(), "city".into()],
            Wanted::RowAt(at) => vec!["stops".into(), at.into(), "spot".into(), "row".into()],
            Wanted::RowOf(key) => names(&["places", key, "spot", "row"]),
        }
    }

    pub(super) fn shape(self) -> &'static Shape {
        match self {
            Wanted::Record => &RECORD,
            Wanted::Name | Wanted::Origin | Wanted::City | Wanted::CityAt(_) => &Shape::Text,
            Wanted::Visits
            | Wanted::Level
            | Wanted::Floor
            | Wanted::Row
            | Wanted::FloorOf(_)
            | Wanted::RowAt(_)
            | Wanted::RowOf(_) => &Shape::Number,
            Wanted::Home | Wanted::PlaceOf(_) | Wanted::StopAt(_) => &PLACE,
            Wanted::Spot => &SPOT,
            Wanted::Places => &PLACES,
            Wanted::Stops => &STOPS,
        }
    }

    /// What may be read of it where nothing is stored.
    pub(super) fn default(self) -> Option<Tree> {
        self.path().last().and_then(name_of).and_then(default_of)
    }

    pub(super) async fn read(self, table: &Table, way: Way) -> Result<Read, Error> {
        let f = Person::fields;
        macro_rules! read {
            ($call:expr) => {
                match way {
                    Way::Typed => $call.await.map(|read| (read.map(Plain::plain), Vec::new())),
                    Way::Raw => {
                        $call.skip_validation().await.map(|read| (read.as_ref().and_then(Tree::of), Vec::new()))
                    }
                    Way::Lenient => $call.lenient().await.map(|fit| (fit.value.map(Plain::plain), fit.misfits)),
                }
            };
        }
        match self {
            Wanted::Record => read!(table.get_record(ID)),
            Wanted::Name => read!(table.get_field(ID, f().display_name())),
            Wanted::Visits => read!(table.get_field(ID, f().visit_count())),
            Wanted::Origin => read!(table.get_field(ID, f().origin())),
            Wanted::Level => read!(table.get_field(ID, f().level())),
            Wanted::Home => read!(table.get_field(ID, f().home())),
            Wanted::City => read!(table.get_field(ID, f().home().city())),
            Wanted::Floor => read!(table.get_field(ID, f().home().floor())),
            Wanted::Spot => read!(table.get_field(ID, f().home().spot())),
            Wanted::Row => read!(table.get_field(ID, f().home().spot().row())),
            Wanted::Places => read!(table.get_field(ID, f().places())),
            Wanted::PlaceOf(key) => read!(table.get_field(ID, f().places().key(key))),
            Wanted::FloorOf(key) => read!(table.get_field(ID, f().places().key(key).floor())),
            Wanted::Stops => read!(table.get_field(ID, f().stops())),
            Wanted::StopAt(at) => read!(table.get_field(ID, f().stops().index(at))),
            Wanted::CityAt(at) => read!(table.get_field(ID, f().stops().index(at).city())),
            Wanted::RowAt(at) => read!(table.get_field(ID, f().stops().index(at).spot().row())),
            Wanted::RowOf(key) => read!(table.get_field(ID, f().places().key(key).spot().row())),
        }
    }
}

/// The fields of the record with their shapes.
pub(super) fn shapes() -> Vec<(&'static str, &'static Shape)> {
    FIELDS.iter().map(|field| (field.name, field.shape)).collect()
}

/// A field that is written as it is given.
pub(super) fn field(path: &Path) -> FieldPath<Person, Value, Optional> {
    FieldPath::new(path.iter().cloned().collect())
}

/// A number that is changed by another.
pub(super) fn number(path: &Path) -> FieldPath<Person, Number, Optional> {
    FieldPath::new(path.iter().cloned().collect())
}

/// Values as plain trees, with what is absent left out.
trait Plain {
    fn plain(self) -> Tree;
}

fn entries<const N: usize>(fields: [(&str, Option<Tree>); N]) -> Tree {
    Tree::Map(fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect())
}

impl Plain for String {
    fn plain(self) -> Tree {
        Tree::Text(self)
    }
}

impl Plain for Number {
    fn plain(self) -> Tree {
        Decimal::parse(&self.to_string()).map_or(Tree::Null, Tree::Number)
    }
}

impl Plain for Spot {
    fn plain(self) -> Tree {
        entries([("note", self.note.map(Plain::plain)), ("row", Some(self.row.plain()))])
    }
}

impl Plain for Place {
    fn plain(self) -> Tree {
        let spot = self.spot.map(Plain::plain);
        entries([("city", self.city.map(Plain::plain)), ("floor", Some(self.floor.plain())), ("spot", spot)])
    }
}

impl Plain for HashMap<String, Place> {
    fn plain(self) -> Tree {
        Tree::Map(self.into_iter().map(|(key, place)| (key, place.plain())).collect::<Entries>())
    }
}

impl Plain for Vec<Place> {
    fn plain(self) -> Tree {
        Tree::List(self.into_iter().map(Plain::plain).collect())
    }
}

impl Plain for Person {
    fn plain(self) -> Tree {
        entries([
            ("id", Some(self.id.plain())),
            ("display_name", self.display_name.map(Plain::plain)),
            ("visit_count", self.visit_count.map(Plain::plain)),
            ("origin", self.origin.map(Plain::plain)),
            ("level", Some(self.level.plain())),
            ("home", self.home.map(Plain::plain)),
            ("places", self.places.map(Plain::plain)),
            ("stops", self.stops.map(Plain::plain)),
        ])
    }
}
