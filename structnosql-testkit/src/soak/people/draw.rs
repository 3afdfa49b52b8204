//! Drawing records as other programs store them, and what is done with them.

use fastrand::Rng;

use super::Step;
use super::fit::fill;
use super::person::{FIELDS, Wanted, Way, old_names};
use crate::model::{Action, Decimal, Entries, Field, Path, Shape, Tree};

const KEYS: [&str; 2] = ["a", "b"];

/// Where a case reads and writes: in a few places, so that they meet.
pub(super) fn places(rng: &mut Rng) -> Vec<Wanted> {
    let some = if rng.bool() { 3 } else { 16 };
    (0..some).map(|_| wanted(rng)).collect()
}

impl Step {
    pub(super) fn draw(rng: &mut Rng, places: &[Wanted]) -> Step {
        match rng.u32(..32) {
            0..3 => Step::Store(stored(rng)),
            3..14 => Step::Pend((0..rng.usize(1..4)).map(|_| change(rng, places)).collect()),
            14 => Step::Savepoint,
            15..26 => {
                let ways = [Way::Typed, Way::Typed, Way::Raw, Way::Lenient];
                Step::Read(places[rng.usize(..places.len())], ways[rng.usize(..ways.len())])
            }
            26 => Step::Put(entries(rng, &FIELDS[1..], 0)),
            27..30 => Step::Commit,
            30 => Step::Refresh,
            _ => Step::Rollback,
        }
    }
}

fn number(rng: &mut Rng) -> Decimal {
    Decimal::of_ten_thousandths(i128::from(rng.i32(-99..1_000)) * 10_000)
}

fn value(rng: &mut Rng, shape: &Shape, misfits: u32) -> Tree {
    if rng.u32(..100) < misfits {
        // Sometimes it fits all the same.
        return [Tree::Bool(true), Tree::Text("t".to_owned()), Tree::Number(number(rng)), Tree::List(Vec::new())]
            [rng.usize(..4)]
        .clone();
    }
    match shape {
        Shape::Number => Tree::Number(number(rng)),
        Shape::Struct(fields) => Tree::Map(entries(rng, fields, misfits)),
        Shape::Map(of) => {
            Tree::Map((0..rng.usize(..3)).map(|at| (KEYS[at].to_owned(), value(rng, of, misfits))).collect())
        }
        Shape::List(of) => Tree::List((0..rng.usize(..4)).map(|_| value(rng, of, misfits)).collect()),
        _ => Tree::Text(format!("t{}", rng.u32(..100))),
    }
}

fn entries(rng: &mut Rng, fields: &[Field], misfits: u32) -> Entries {
    let mut entries = Entries::new();
    for field in fields {
        if rng.u32(..100) < 60 {
            entries.insert(field.name.to_owned(), value(rng, field.shape, misfits));
        }
    }
    entries
}

/// A record as another program stores it: some of it under earlier names, some of it NULL, some of another type.
fn stored(rng: &mut Rng) -> Entries {
    let misfits = [0, 0, 5, 30][rng.usize(..4)];
    let mut stored = Entries::new();
    for (name, value) in entries(rng, &FIELDS[1..], misfits) {
        let value = if name != "level" && rng.u32(..12) == 0 { Tree::Null } else { value };
        let old = old_names(&name);
        let under = if old.is_empty() || rng.bool() { name.as_str() } else { old[rng.usize(..old.len())] };
        // Under both, where one program moved it and another one wrote it again.
        if rng.u32(..10) == 0 {
            let field = FIELDS.iter().find(|field| field.name == name);
            let moved = field.map_or_else(|| value.clone(), |field| self::value(rng, field.shape, misfits));
            stored.insert(name.clone(), moved);
        }
        stored.insert(under.to_owned(), value);
    }
    stored
}

fn wanted(rng: &mut Rng) -> Wanted {
    let key = KEYS[rng.usize(..KEYS.len())];
    let all = [
        Wanted::Record,
        Wanted::Name,
        Wanted::Visits,
        Wanted::Origin,
        Wanted::Level,
        Wanted::Home,
        Wanted::City,
        Wanted::Floor,
        Wanted::Spot,
        Wanted::Row,
        Wanted::Places,
        Wanted::PlaceOf(key),
        Wanted::FloorOf(key),
        Wanted::Stops,
        Wanted::StopAt(rng.u32(..3)),
        Wanted::CityAt(rng.u32(..3)),
        Wanted::RowAt(rng.u32(..3)),
        Wanted::RowOf(key),
    ];
    all[rng.usize(..all.len())]
}

/// A value as its model writes it: with its defaults.
fn whole(rng: &mut Rng, shape: &Shape) -> Tree {
    let mut whole = value(rng, shape, 0);
    fill(&mut whole, shape);
    whole
}

fn change(rng: &mut Rng, places: &[Wanted]) -> (Path, Action) {
    let wanted = match places[rng.usize(..places.len())] {
        // Of what is in lists the other histories have enough.
        Wanted::Record | Wanted::StopAt(_) => Wanted::City,
        wanted => wanted,
    };
    let (path, shape) = (wanted.path(), wanted.shape());
    let action = match (rng.u32(..8), shape) {
        (0..2, _) => Action::Remove,
        (2..5, Shape::Number) => Action::Increment(number(rng)),
        (5, shape) => Action::SetIfAbsent(whole(rng, shape)),
        (_, shape) => Action::Set(whole(rng, shape)),
    };
    (path, action)
}
