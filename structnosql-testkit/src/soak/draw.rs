//! Drawing values, paths and changes at random.

mod calls;

use std::collections::{BTreeSet, VecDeque};

use fastrand::Rng;
use structnosql_core::Segment;

use super::document::FIELDS;
use super::habits::{Climate, Habits};
use super::step::RECORDS;
use crate::model::{Action, Condition, Decimal, Entries, Field, Member, Path, Shape, Tree};

/// Names of map entries: few, so that they meet, and some that would read as several segments.
const NAMES: [&str; 4] = ["a", "b", "c.d", "e[0]"];
const MEMBERS: [&str; 5] = ["v", "w", "x", "y", "z"];
/// How many places are remembered.
const RECENT: usize = 4;
const CATEGORIES: [&str; 2] = ["red", "blue"];

/// Draws values, paths and calls.
pub(crate) struct Draw {
    pub(crate) rng: Rng,
    habits: Habits,
    /// Each written number is another one, so that a lost or doubled write shows.
    next_number: i64,
    /// Only these fields are written in this case, so that operations meet.
    fields: Vec<&'static Field>,
    /// Where something was written or read of late.
    recent: VecDeque<Place>,
}

/// A value of the record: its path, its shape, and whether it has to be there.
type Place = (Path, &'static Shape, bool);

impl Draw {
    pub(crate) fn new(mut rng: Rng, climate: Climate) -> Draw {
        let habits = Habits::draw(&mut rng, climate);
        let mut fields: Vec<&'static Field> = FIELDS[1..].iter().collect();
        rng.shuffle(&mut fields);
        match rng.usize(..4) {
            0 => fields.retain(|field| matches!(field.shape, Shape::List(_))),
            1 => fields.truncate(2),
            2 => fields.truncate(4),
            _ => {}
        }
        Draw { rng, habits, next_number: 0, fields, recent: VecDeque::new() }
    }

    fn chance(&mut self, of_hundred: u32) -> bool {
        self.rng.u32(..100) < of_hundred
    }

    fn record(&mut self) -> usize {
        // They meet the more often.
        [0, 0, 0, 1, 1, 2][self.rng.usize(..2 * RECORDS)]
    }

    fn name(&mut self) -> &'static str {
        NAMES[self.rng.usize(..NAMES.len())]
    }

    fn number(&mut self) -> Decimal {
        self.next_number += 1;
        let places = [0, 0, 0, 5000, 2500, 1][self.rng.usize(..6)];
        let number = i128::from(self.next_number) * 10_000 + places;
        Decimal::of_ten_thousandths(if self.chance(15) { -number } else { number })
    }

    fn members(&mut self, shape: &Shape) -> BTreeSet<Member> {
        let count = self.rng.usize(1..4);
        let member = |index: usize| match shape {
            Shape::Numbers => Member::Number(Decimal::of_ten_thousandths(index as i128 * 5000)),
            _ => Member::Text(MEMBERS[index].to_owned()),
        };
        (0..count).map(|_| member(self.rng.usize(..MEMBERS.len()))).collect()
    }

    /// A value that fits the shape.
    fn value(&mut self, shape: &Shape, depth: usize) -> Tree {
        match shape {
            Shape::Text => Tree::Text(format!("t{}", self.number())),
            Shape::Number => Tree::Number(self.number()),
            Shape::Bool => Tree::Bool(self.rng.bool()),
            Shape::Texts | Shape::Numbers => Tree::Members(self.members(shape)),
            Shape::List(of) => Tree::List(
                (0..self.rng.usize(..if depth < 2 { 6 } else { 3 })).map(|_| self.value(of, depth + 1)).collect(),
            ),
            Shape::Map(of) => {
                let length = if depth > 3 { 0 } else { self.rng.usize(..3) };
                Tree::Map((0..length).map(|_| (self.name().to_owned(), self.value(of, depth + 1))).collect())
            }
            Shape::Struct(fields) => Tree::Map(self.entries(fields, depth)),
        }
    }

    fn entries(&mut self, fields: &[Field], depth: usize) -> Entries {
        let mut entries = Entries::new();
        for field in fields {
            if field.required || (depth < 4 && self.chance(45)) {
                let value = self.field_value(field, depth);
                entries.insert(field.name.to_owned(), value);
            }
        }
        entries
    }

    fn field_value(&mut self, field: &Field, depth: usize) -> Tree {
        match field.name {
            "category" => self.category(),
            _ => self.value(field.shape, depth + 1),
        }
    }

    fn category(&mut self) -> Tree {
        Tree::Text(CATEGORIES[self.rng.usize(..CATEGORIES.len())].to_owned())
    }

    /// A whole record without its key, as another program may have stored it.
    pub(crate) fn stored_item(&mut self) -> Entries {
        let item = self.item();
        self.entries_with_nulls(item, &FIELDS[1..])
    }

    /// A whole record without its key.
    pub(crate) fn item(&mut self) -> Entries {
        self.entries(&FIELDS[1..], 0)
    }

    /// A value as another program may have stored it: NULL in the place of maps, structs and lists that need not be
    /// there.
    pub(crate) fn with_nulls(&mut self, tree: Tree, shape: &Shape) -> Tree {
        match (tree, shape) {
            (Tree::Map(entries), Shape::Struct(fields)) => Tree::Map(self.entries_with_nulls(entries, fields)),
            (Tree::Map(entries), Shape::Map(of)) => {
                Tree::Map(entries.into_iter().map(|(name, value)| (name, self.with_nulls(value, of))).collect())
            }
            (Tree::List(items), Shape::List(of)) => {
                Tree::List(items.into_iter().map(|item| self.with_nulls(item, of)).collect())
            }
            (tree, _) => tree,
        }
    }

    pub(crate) fn entries_with_nulls(&mut self, entries: Entries, fields: &[Field]) -> Entries {
        let with_nulls = |(name, value): (String, Tree)| {
            let Some(field) = fields.iter().find(|field| field.name == name) else { return (name, value) };
            let can_be_null = !field.required && matches!(value, Tree::Map(_) | Tree::List(_));
            match can_be_null && self.chance(self.habits.null) {
                true => (name, Tree::Null),
                false => (name, self.with_nulls(value, field.shape)),
            }
        };
        entries.into_iter().map(with_nulls).collect()
    }

    /// A path to a value of the record, and what is there; the key is not among them.
    fn place(&mut self) -> Place {
        let again = !self.recent.is_empty() && self.chance(self.habits.again);
        let place = if again {
            let recent = self.recent[self.rng.usize(..self.recent.len())].clone();
            if self.rng.bool() { recent } else { self.inside(recent) }
        } else {
            let field = self.fields[self.rng.usize(..self.fields.len())];
            self.inside((vec![Segment::from(field.name)], field.shape, field.required))
        };
        self.recent.truncate(RECENT - 1);
        self.recent.push_front(place.clone());
        place
    }

    /// The place, or one inside it.
    fn inside(&mut self, (mut path, mut shape, mut required): Place) -> Place {
        while self.chance(self.habits.deeper) && path.len() < 8 {
            match shape {
                Shape::Struct(fields) => {
                    let field = &fields[self.rng.usize(..fields.len())];
                    path.push(Segment::from(field.name));
                    (shape, required) = (field.shape, field.required);
                }
                Shape::Map(of) => {
                    path.push(Segment::from(self.name()));
                    (shape, required) = (of, false);
                }
                Shape::List(of) => {
                    path.push(Segment::from(self.rng.u32(..5)));
                    (shape, required) = (of, false);
                }
                _ => break,
            }
        }
        (path, shape, required)
    }

    /// A path to read: the record itself and its key now and then.
    pub(crate) fn path(&mut self) -> Path {
        match self.rng.u32(..20) {
            0 => Path::new(),
            1 => vec![Segment::from("id")],
            _ => self.place().0,
        }
    }

    fn paths(&mut self, most: usize) -> Vec<Path> {
        let count = self.rng.usize(1..=most);
        (0..count).map(|_| self.path()).collect()
    }

    fn change(&mut self, (path, shape, required): Place) -> (Path, Action) {
        if !required && self.chance(self.habits.remove) {
            return (path, Action::Remove);
        }
        let is_category = path.as_slice() == [Segment::from("category")];
        let action = match shape {
            _ if is_category => Action::Set(self.category()),
            Shape::Number if self.chance(55) => Action::Increment(self.number()),
            Shape::Texts | Shape::Numbers if self.chance(40) => Action::Insert(self.members(shape)),
            Shape::Texts | Shape::Numbers if self.chance(70) => Action::Take(self.members(shape)),
            Shape::List(of) if self.chance(60) => {
                let items: Vec<Tree> = (0..self.rng.usize(1..3)).map(|_| self.value(of, 2)).collect();
                if self.rng.bool() { Action::Append(items) } else { Action::Prepend(items) }
            }
            // A stored NULL is as good as nothing for what lies below it.
            Shape::Map(_) | Shape::Struct(_) | Shape::List(_) if !required && self.chance(self.habits.null) => {
                Action::Set(Tree::Null)
            }
            shape => {
                let value = self.value(shape, 1);
                Action::Set(self.with_nulls(value, shape))
            }
        };
        match action {
            // Whether an append fits such a list shows where that is known alone.
            Action::Set(Tree::Null) if matches!(shape, Shape::List(_)) => (path, Action::Set(Tree::Null)),
            Action::Set(value) if !is_category && self.chance(self.habits.if_absent) => {
                (path, Action::SetIfAbsent(value))
            }
            action => (path, action),
        }
    }

    fn condition(&mut self) -> Option<Condition> {
        if !self.chance(self.habits.condition) {
            return None;
        }
        Some(match self.rng.u32(..4) {
            0 => Condition::record_exists(),
            1 => Condition::Exists(self.place().0),
            2 => Condition::NotExists(self.place().0),
            _ => match self.place() {
                (path, Shape::Number, _) => Condition::Above(path, self.number()),
                (path, shape, _) => Condition::Equals(path, self.value(shape, 3)),
            },
        })
    }
}
