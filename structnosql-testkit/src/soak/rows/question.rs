//! Queries and scans: how they are asked, and which rows they are about.

use fastrand::Rng;
use structnosql_core::index::{
    IndexKey, SortRange, begins_with, between, equal, greater, greater_or_equal, less, less_or_equal,
};

use super::filter::Filter;
use super::reading::{Id, Reading, Shelf};

pub(crate) const PLACES: [&str; 2] = ["north", "south"];
pub(crate) const KINDS: [&str; 2] = ["air", "water"];
pub(crate) const CODES: [&str; 8] = ["a", "ab", "abc", "b", "ba", "c", "ca", "z"];
/// The smallest day and amount that are drawn.
pub(crate) const LEAST: i64 = -3;

#[derive(Clone, Debug)]
pub(crate) struct Question {
    pub(crate) of: Of,
    pub(crate) range: Option<Range>,
    pub(crate) descending: bool,
    pub(crate) filter: Option<Filter>,
    pub(crate) limit: Option<u32>,
    pub(crate) way: Way,
    /// Of a basic table, which knows of nothing that is pending.
    pub(crate) basic: bool,
}

/// Which rows are looked at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Of {
    Place(&'static str),
    Kind(&'static str),
    Amounts(&'static str),
    /// Everything, or what is in the index of kinds, in so many segments.
    All {
        kinds: bool,
        segments: u32,
    },
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Way {
    /// Whole records, page by page, over cursors as text.
    Pages,
    /// Some fields of them, in the same way.
    Parts,
    Count,
}

/// A condition on the sort key; bounds are numbered.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Range {
    bounds: Bounds,
    low: usize,
    high: usize,
}

#[derive(Clone, Copy, Debug)]
enum Bounds {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Between,
    /// Of texts; numbers are equal.
    BeginsWith,
}

impl Question {
    pub(crate) fn draw(rng: &mut Rng) -> Question {
        let (place, kind) = (PLACES[rng.usize(..PLACES.len())], KINDS[rng.usize(..KINDS.len())]);
        let of = match rng.u32(..8) {
            0..3 => Of::Place(place),
            3..5 => Of::Kind(kind),
            5 => Of::Amounts(place),
            _ => Of::All { kinds: rng.bool(), segments: [1, 1, 2, 5][rng.usize(..4)] },
        };
        let range = if rng.bool() { Some(Range::draw(rng)) } else { None };
        // The local index holds nothing that a filter could read, and no whole records.
        let holds_all = !matches!(of, Of::Amounts(_));
        let filter = if holds_all && rng.u32(..3) == 0 { Some(Filter::draw(rng, 0)) } else { None };
        let way = match rng.u32(..5) {
            0..2 if holds_all => Way::Pages,
            0..4 => Way::Parts,
            _ => Way::Count,
        };
        let limit = if rng.bool() { Some(rng.u32(1..5)) } else { None };
        Question { of, range, descending: rng.bool(), filter, limit, way, basic: rng.u32(..4) == 0 }
    }

    /// The keys of what is looked at, in the order in which it is.
    pub(crate) fn looks_at(&self, shelf: &Shelf) -> Vec<Id> {
        let mut found: Vec<(Sort, Id)> = shelf
            .stored
            .iter()
            .filter_map(|(id, reading)| {
                Some((self.sort_of(reading).filter(|sort| self.is_in_range(sort))?, id.clone()))
            })
            .collect();
        found.sort();
        if self.descending && !matches!(self.of, Of::All { .. }) {
            found.reverse();
        }
        found.into_iter().map(|(_, id)| id).collect()
    }

    /// Whether a record is among those that were asked for.
    pub(crate) fn is_about(&self, reading: &Reading) -> bool {
        self.sort_of(reading).is_some_and(|sort| self.is_in_range(&sort))
            && self.filter.as_ref().is_none_or(|filter| filter.holds(reading))
    }

    /// The sort key of a record that is looked at.
    fn sort_of(&self, reading: &Reading) -> Option<Sort> {
        let Reading { place, day, kind, code, amount, .. } = reading;
        match self.of {
            Of::Place(asked) => (place == asked).then_some(Sort::Number(*day)),
            Of::Kind(asked) if kind.as_deref() == Some(asked) => code.clone().map(Sort::Text),
            Of::Kind(_) => None,
            Of::Amounts(asked) => amount.filter(|_| place == asked).map(Sort::Number),
            Of::All { kinds: true, .. } if kind.is_none() || code.is_none() => None,
            Of::All { .. } => Some(Sort::None),
        }
    }

    fn is_in_range(&self, sort: &Sort) -> bool {
        self.range.is_none_or(|range| match sort {
            Sort::None => true,
            Sort::Number(number) => range.holds(*number, number_at, |_, _| false),
            Sort::Text(text) => {
                range.holds(text.clone(), |at| text_at(at).to_owned(), |text, prefix| text.starts_with(prefix))
            }
        })
    }

    /// The question as a key of days or amounts.
    pub(crate) fn of_numbers(&self, key: IndexKey<Reading, i64>) -> IndexKey<Reading, i64> {
        let given = |range: &Range| match range.bounds {
            Bounds::BeginsWith => equal(number_at(range.low)),
            _ => range.given(number_at),
        };
        self.range.as_ref().map(given).into_iter().fold(key, IndexKey::sort)
    }

    /// The question as a key of codes.
    pub(crate) fn of_texts(&self, key: IndexKey<Reading, String>) -> IndexKey<Reading, String> {
        let given = |range: &Range| match range.bounds {
            Bounds::BeginsWith => begins_with(text_at(range.low)),
            _ => range.given(text_at),
        };
        self.range.as_ref().map(given).into_iter().fold(key, IndexKey::sort)
    }
}

/// A sort key.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Sort {
    None,
    Number(i64),
    Text(String),
}

fn number_at(bound: usize) -> i64 {
    LEAST + bound as i64
}

fn text_at(bound: usize) -> &'static str {
    CODES[bound % CODES.len()]
}

impl Range {
    fn draw(rng: &mut Rng) -> Range {
        let all = [
            Bounds::Equal,
            Bounds::Less,
            Bounds::LessOrEqual,
            Bounds::Greater,
            Bounds::GreaterOrEqual,
            Bounds::Between,
            Bounds::Between,
            Bounds::BeginsWith,
            Bounds::BeginsWith,
        ];
        let low = rng.usize(..CODES.len());
        Range { bounds: all[rng.usize(..all.len())], low, high: rng.usize(low..CODES.len()) }
    }

    fn holds<V: Ord>(&self, value: V, at: impl Fn(usize) -> V, begins: impl Fn(&V, &V) -> bool) -> bool {
        let (low, high) = (at(self.low), at(self.high));
        match self.bounds {
            Bounds::Equal => value == low,
            Bounds::Less => value < low,
            Bounds::LessOrEqual => value <= low,
            Bounds::Greater => value > low,
            Bounds::GreaterOrEqual => value >= low,
            Bounds::Between => low <= value && value <= high,
            Bounds::BeginsWith => value == low || begins(&value, &low),
        }
    }

    fn given<S, V: structnosql_core::key::IntoKeyPart<S>>(&self, at: impl Fn(usize) -> V) -> SortRange<S> {
        let (low, high) = (at(self.low), at(self.high));
        match self.bounds {
            Bounds::Equal | Bounds::BeginsWith => equal(low),
            Bounds::Less => less(low),
            Bounds::LessOrEqual => less_or_equal(low),
            Bounds::Greater => greater(low),
            Bounds::GreaterOrEqual => greater_or_equal(low),
            Bounds::Between => between(low, high),
        }
    }
}
