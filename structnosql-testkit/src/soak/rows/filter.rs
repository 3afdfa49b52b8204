//! Filters, as they are asked for and as they are meant.

use std::cmp::Ordering;

use fastrand::Rng;
use structnosql_core::{ConditionExt, Predicate, TableDataModel};

use super::reading::Reading;

/// A condition on what is not a key.
#[derive(Clone, Debug)]
pub(crate) enum Filter {
    Amount(Relation, i64),
    AmountFrom(i64, i64),
    AmountIn(Vec<i64>),
    Note(Relation, &'static str),
    NoteBegins(&'static str),
    NoteContains(&'static str),
    NoteIsThere(bool),
    NoteSize(Relation, usize),
    Label(&'static str),
    Labels(Relation, usize),
    Not(Box<Filter>),
    Both(Box<Filter>, Box<Filter>),
    Either(Box<Filter>, Box<Filter>),
}

/// How a value is compared with another.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Relation {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

const RELATIONS: [Relation; 6] = [
    Relation::Equal,
    Relation::Unequal,
    Relation::Less,
    Relation::LessOrEqual,
    Relation::Greater,
    Relation::GreaterOrEqual,
];
const TEXTS: [&str; 5] = ["a", "ab", "b", "é", "x"];

impl Relation {
    /// Nothing is unequal to everything, and has no other relation to it.
    fn holds<T: Ord>(self, stored: Option<T>, other: &T) -> bool {
        let order = stored.map(|stored| stored.cmp(other));
        match self {
            Relation::Equal => order == Some(Ordering::Equal),
            Relation::Unequal => order != Some(Ordering::Equal),
            Relation::Less => order == Some(Ordering::Less),
            Relation::LessOrEqual => matches!(order, Some(Ordering::Less | Ordering::Equal)),
            Relation::Greater => order == Some(Ordering::Greater),
            Relation::GreaterOrEqual => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
        }
    }
}

macro_rules! related {
    ($field:expr, $relation:expr, $value:expr) => {
        match $relation {
            Relation::Equal => $field.eq($value),
            Relation::Unequal => $field.ne($value),
            Relation::Less => $field.lt($value),
            Relation::LessOrEqual => $field.le($value),
            Relation::Greater => $field.gt($value),
            Relation::GreaterOrEqual => $field.ge($value),
        }
    };
}

impl Filter {
    pub(crate) fn draw(rng: &mut Rng, depth: u32) -> Filter {
        let relation = RELATIONS[rng.usize(..RELATIONS.len())];
        let text = TEXTS[rng.usize(..TEXTS.len())];
        let number = rng.i64(-2..12);
        let kinds = if depth < 2 { 13 } else { 10 };
        let inner = |rng: &mut Rng| Box::new(Filter::draw(rng, depth + 1));
        match rng.u32(..kinds) {
            0 => Filter::Amount(relation, number),
            1 => Filter::AmountFrom(number, number + rng.i64(0..6)),
            2 => Filter::AmountIn((0..rng.i64(1..4)).map(|_| rng.i64(-2..12)).collect()),
            3 => Filter::Note(relation, text),
            4 => Filter::NoteBegins(text),
            5 => Filter::NoteContains(text),
            6 => Filter::NoteIsThere(rng.bool()),
            7 => Filter::NoteSize(relation, rng.usize(..4)),
            8 => Filter::Label(text),
            9 => Filter::Labels(relation, rng.usize(..3)),
            10 => Filter::Not(inner(rng)),
            11 => Filter::Both(inner(rng), inner(rng)),
            _ => Filter::Either(inner(rng), inner(rng)),
        }
    }

    /// One of the texts of which filters speak.
    pub(crate) fn text(rng: &mut Rng) -> &'static str {
        TEXTS[rng.usize(..TEXTS.len())]
    }

    pub(crate) fn predicate(&self) -> Predicate<Reading> {
        let f = Reading::fields;
        match self {
            Filter::Amount(relation, value) => related!(f().amount(), relation, *value),
            Filter::AmountFrom(low, high) => f().amount().between(*low, *high),
            Filter::AmountIn(values) => f().amount().is_in(values.iter().copied()),
            Filter::Note(relation, value) => related!(f().note(), relation, *value),
            Filter::NoteBegins(prefix) => f().note().begins_with(*prefix),
            Filter::NoteContains(part) => f().note().contains(*part),
            Filter::NoteIsThere(true) => f().note().exists(),
            Filter::NoteIsThere(false) => f().note().not_exists(),
            Filter::NoteSize(relation, size) => related!(f().note().size(), relation, *size),
            Filter::Label(label) => f().labels().has_member(*label),
            Filter::Labels(relation, size) => related!(f().labels().size(), relation, *size),
            Filter::Not(one) => !one.predicate(),
            Filter::Both(one, other) => one.predicate().and(other.predicate()),
            Filter::Either(one, other) => one.predicate().or(other.predicate()),
        }
    }

    /// The fields that it reads.
    pub(crate) fn fields(&self) -> Vec<&'static str> {
        match self {
            Filter::Amount(..) | Filter::AmountFrom(..) | Filter::AmountIn(_) => vec!["amount"],
            Filter::Label(_) | Filter::Labels(..) => vec!["labels"],
            Filter::Not(one) => one.fields(),
            Filter::Both(one, other) | Filter::Either(one, other) => [one.fields(), other.fields()].concat(),
            _ => vec!["note"],
        }
    }

    pub(crate) fn holds(&self, reading: &Reading) -> bool {
        let note = reading.note.as_deref();
        match self {
            Filter::Amount(relation, value) => relation.holds(reading.amount, value),
            Filter::AmountFrom(low, high) => reading.amount.is_some_and(|amount| *low <= amount && amount <= *high),
            Filter::AmountIn(values) => reading.amount.is_some_and(|amount| values.contains(&amount)),
            Filter::Note(relation, value) => relation.holds(note, value),
            Filter::NoteBegins(prefix) => note.is_some_and(|note| note.starts_with(prefix)),
            Filter::NoteContains(part) => note.is_some_and(|note| note.contains(part)),
            Filter::NoteIsThere(there) => note.is_some() == *there,
            // Sizes of texts are counted in bytes.
            Filter::NoteSize(relation, size) => relation.holds(note.map(str::len), size),
            Filter::Label(label) => reading.labels.as_ref().is_some_and(|labels| labels.contains(*label)),
            Filter::Labels(relation, size) => relation.holds(reading.labels.as_ref().map(|set| set.len()), size),
            Filter::Not(one) => !one.holds(reading),
            Filter::Both(one, other) => one.holds(reading) && other.holds(reading),
            Filter::Either(one, other) => one.holds(reading) || other.holds(reading),
        }
    }
}
