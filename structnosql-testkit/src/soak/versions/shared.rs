//! The one record that several writers share, and its changes.

use std::collections::BTreeSet;

use structnosql_core::{Change, FieldExt, TableDataModel};
use structnosql_derive::TableDataModel;

/// A record with a version, which every write checks and raises.
#[derive(Clone, Debug, Default, PartialEq, TableDataModel)]
#[table(name = "shared", crate = "structnosql_core")]
pub(crate) struct Shared {
    #[field(partition_key)]
    pub(crate) id: String,
    /// The increment of operation `k` is 10 to the power of `k`: a digit tells how often it was applied.
    pub(crate) sum: Option<i128>,
    #[field(min = 0, max = 9_999)]
    pub(crate) left: Option<i64>,
    #[field(default = 7)]
    pub(crate) right: i64,
    pub(crate) log: Option<Vec<String>>,
    pub(crate) marks: Option<BTreeSet<String>>,
    #[field(version)]
    pub(crate) version: u64,
}

pub(crate) const ID: &str = "s";
/// What is there where `right` is not.
pub(crate) const RIGHT: i64 = 7;
/// An `i128` has room for so many increments.
pub(crate) const INCREMENTS: u32 = 36;
/// The largest `left` that its rule allows.
pub(crate) const MOST: i64 = 9_999;

/// A field that writers change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Name {
    Sum,
    Left,
    Right,
    Log,
    Marks,
}

pub(crate) const NAMES: [Name; 5] = [Name::Sum, Name::Left, Name::Right, Name::Log, Name::Marks];

/// The value of a field.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Field {
    Number(Option<i128>),
    Log(Option<Vec<String>>),
    Marks(Option<BTreeSet<String>>),
}

#[derive(Clone, Debug)]
pub(crate) enum Edit {
    /// The increment of this operation.
    Add(u32),
    Left(Option<i64>),
    Right(Option<i64>),
    Log(String),
    Mark(&'static str),
    /// With a mark that is added, it takes two requests.
    Unmark(&'static str),
}

impl Shared {
    pub(crate) fn unwritten() -> Shared {
        Shared { id: ID.to_owned(), right: RIGHT, ..Shared::default() }
    }

    pub(crate) fn field(&self, name: Name) -> Field {
        match name {
            Name::Sum => Field::Number(self.sum),
            Name::Left => Field::Number(self.left.map(i128::from)),
            Name::Right => Field::Number(Some(self.right.into())),
            Name::Log => Field::Log(self.log.clone()),
            Name::Marks => Field::Marks(self.marks.clone()),
        }
    }
}

impl Edit {
    pub(crate) fn change(&self) -> Change<Shared> {
        let f = Shared::fields;
        match self {
            Edit::Add(at) => f().sum().increment(10i128.pow(*at)),
            Edit::Left(Some(value)) => f().left().set(*value),
            Edit::Left(None) => f().left().remove(),
            Edit::Right(Some(value)) => f().right().set(*value),
            Edit::Right(None) => f().right().remove(),
            Edit::Log(line) => f().log().append([line.as_str()]),
            Edit::Mark(mark) => f().marks().insert_into_set([*mark]),
            Edit::Unmark(mark) => f().marks().remove_from_set([*mark]),
        }
    }

    pub(crate) fn name(&self) -> Name {
        match self {
            Edit::Add(_) => Name::Sum,
            Edit::Left(_) => Name::Left,
            Edit::Right(_) => Name::Right,
            Edit::Log(_) => Name::Log,
            Edit::Mark(_) | Edit::Unmark(_) => Name::Marks,
        }
    }

    /// Whether the field's rule forbids it.
    pub(crate) fn is_refused(&self) -> bool {
        matches!(self, Edit::Left(Some(value)) if !(0..=MOST).contains(value))
    }

    /// Whether it stores something where nothing was.
    pub(crate) fn creates(&self) -> bool {
        !matches!(self, Edit::Left(None) | Edit::Right(None) | Edit::Unmark(_))
    }

    /// Whether what it leaves is the same whatever was there.
    pub(crate) fn is_set(&self) -> bool {
        matches!(self, Edit::Left(_) | Edit::Right(_))
    }

    pub(crate) fn apply(&self, record: &mut Shared) {
        match self {
            Edit::Add(at) => record.sum = Some(record.sum.unwrap_or(0) + 10i128.pow(*at)),
            Edit::Left(value) => record.left = *value,
            Edit::Right(value) => record.right = value.unwrap_or(RIGHT),
            Edit::Log(line) => record.log.get_or_insert_default().push(line.clone()),
            Edit::Mark(mark) => drop(record.marks.get_or_insert_default().insert((*mark).to_owned())),
            Edit::Unmark(mark) => {
                let marks = record.marks.take().unwrap_or_default();
                let left: BTreeSet<String> = marks.into_iter().filter(|one| one != mark).collect();
                record.marks = Some(left).filter(|left| !left.is_empty());
            }
        }
    }
}
