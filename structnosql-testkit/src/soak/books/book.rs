//! Books, and the entries that are made in them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use structnosql_core::{
    Action, CachingTable, Change, ConditionExt, FieldExt, Map, PendingOperation, Predicate, TableDataModel,
    UpdateAction, Value,
};
use structnosql_derive::TableDataModel;

use crate::{Counted, Faulty, Reference};

pub(super) type Store = Counted<Faulty<Reference>>;
pub(super) type Table = CachingTable<Book, Store>;

pub(super) const BOOKS: usize = 4;
/// A sum has room for so many entries.
pub(super) const POWERS: u32 = 36;
/// So many members and notes are there before any entry.
pub(super) const FIRST: u32 = 12;

#[derive(Clone, Debug, Default, PartialEq, TableDataModel)]
#[table(name = "books", crate = "structnosql_core")]
pub(super) struct Book {
    #[field(partition_key)]
    id: String,
    /// The entry of number `k` is 10 to the power of `k`: a digit tells how often it was added.
    sum: Option<i128>,
    log: Option<Vec<String>>,
    marks: Option<BTreeSet<String>>,
    notes: Option<HashMap<String, String>>,
    /// Another program has closed it.
    pub(super) closed: Option<u32>,
}

/// That nobody has closed the book.
pub(super) fn is_open() -> Predicate<Book> {
    Book::fields().closed().not_exists()
}

/// An entry; no two in a book are of the same number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Entry {
    Add(u32),
    Append(u32),
    Prepend(u32),
    Mark(u32),
    /// One of the first members is taken out.
    Unmark(u32),
    Note(u32),
    /// One of the first notes is taken out.
    Erase(u32),
}

pub(super) fn id(book: usize) -> String {
    format!("b{book}")
}

pub(super) fn key(book: usize) -> Map {
    [("id", Value::from(id(book)))].into_iter().collect()
}

fn text(number: u32) -> String {
    format!("e{number}")
}

fn first(number: u32) -> String {
    format!("f{number}")
}

fn number_of(text: &str, kind: char) -> Option<u32> {
    text.strip_prefix(kind)?.parse().ok()
}

impl Entry {
    pub(super) fn change(self) -> Change<Book> {
        let f = Book::fields;
        match self {
            Entry::Add(power) => f().sum().increment(10i128.pow(power)),
            Entry::Append(number) => f().log().append([text(number)]),
            Entry::Prepend(number) => f().log().prepend([text(number)]),
            Entry::Mark(number) => f().marks().insert_into_set([text(number)]),
            Entry::Unmark(number) => f().marks().remove_from_set([first(number)]),
            Entry::Note(number) => f().notes().key(text(number)).set("noted"),
            Entry::Erase(number) => f().notes().key(first(number)).remove(),
        }
    }

    /// Whether it is committed and cleared with removals.
    pub(super) fn is_removal(self) -> bool {
        matches!(self, Entry::Erase(_))
    }

    /// Whether it takes something out that was there first.
    pub(super) fn takes_out(self) -> bool {
        matches!(self, Entry::Unmark(_) | Entry::Erase(_))
    }
}

/// How often a book shows each entry.
pub(super) type Shown = BTreeMap<Entry, u32>;

impl Book {
    /// One that is there before any entry.
    pub(super) fn first(book: usize) -> Book {
        let names = || (0..FIRST).map(first);
        Book {
            id: id(book),
            sum: Some(0),
            log: Some(vec!["always".to_owned()]),
            marks: Some(names().chain(["always".to_owned()]).collect()),
            notes: Some(names().map(|name| (name, "first".to_owned())).collect()),
            ..Book::default()
        }
    }

    /// What it shows, where those that are taken out were there.
    pub(super) fn shown(&self, was_there: bool) -> Shown {
        let mut shown = Shown::new();
        let mut count = |entry: Entry, times: u32| *shown.entry(entry).or_default() += times;
        let digits = self.sum.unwrap_or(0).to_string();
        for (power, digit) in (0..).zip(digits.chars().rev()) {
            count(Entry::Add(power), digit.to_digit(10).unwrap_or(0));
        }
        for number in self.log.iter().flatten().filter_map(|text| number_of(text, 'e')) {
            // At which end it was added its place tells.
            count(Entry::Append(number), 1);
        }
        for number in self.marks.iter().flatten().filter_map(|text| number_of(text, 'e')) {
            count(Entry::Mark(number), 1);
        }
        for number in self.notes.iter().flatten().filter_map(|(name, _)| number_of(name, 'e')) {
            count(Entry::Note(number), 1);
        }
        for number in (0..FIRST).filter(|_| was_there) {
            let is_marked = self.marks.as_ref().is_some_and(|marks| marks.contains(&first(number)));
            let is_noted = self.notes.as_ref().is_some_and(|notes| notes.contains_key(&first(number)));
            count(Entry::Unmark(number), u32::from(!is_marked));
            count(Entry::Erase(number), u32::from(!is_noted));
        }
        shown.retain(|_, times| *times > 0);
        shown
    }

    /// The numbers in its log, in their order.
    pub(super) fn logged(&self) -> Vec<u32> {
        self.log.iter().flatten().filter_map(|text| number_of(text, 'e')).collect()
    }
}

/// The entries that pending operations are made of.
pub(super) fn pending(operations: &[PendingOperation]) -> Vec<Entry> {
    operations.iter().flat_map(|one| made_of(&one.path.to_string(), &one.action)).collect()
}

/// The entries that a request is made of.
pub(super) fn sent(actions: &[UpdateAction]) -> Vec<Entry> {
    actions.iter().flat_map(|one| made_of(&one.path.to_string(), &one.action)).collect()
}

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.to_string()),
        _ => None,
    }
}

fn made_of(path: &str, action: &Action) -> Vec<Entry> {
    let texts = |value: &Value| -> Vec<String> {
        match value {
            Value::StringSet(members) => members.iter().map(ToString::to_string).collect(),
            Value::List(items) => items.iter().filter_map(text_of).collect(),
            Value::Map(map) => map.iter().map(|(name, _)| name.to_string()).collect(),
            _ => Vec::new(),
        }
    };
    let entries = |value: &Value, kind: char, entry: fn(u32) -> Entry| -> Vec<Entry> {
        texts(value).iter().filter_map(|text| number_of(text, kind)).map(entry).collect()
    };
    let items = |items: &[Value]| entries(&Value::List(items.to_vec()), 'e', Entry::Append);
    match (path, action) {
        ("sum", Action::Increment { by, .. }) => {
            let digits: Vec<char> = by.to_string().chars().rev().collect();
            (0..).zip(digits).filter(|(_, digit)| *digit != '0').map(|(power, _)| Entry::Add(power)).collect()
        }
        (_, Action::Append(added) | Action::Prepend(added)) => items(added),
        (_, Action::Members { add, remove }) => {
            let added = add.iter().flat_map(|add| entries(add, 'e', Entry::Mark));
            added.chain(remove.iter().flat_map(|remove| entries(remove, 'f', Entry::Unmark))).collect()
        }
        ("log", Action::Set(value)) => entries(value, 'e', Entry::Append),
        ("notes", Action::Set(value)) => entries(value, 'e', Entry::Note),
        (note, action) => {
            let name = note.rsplit('.').next().unwrap_or_default();
            let entry = match action {
                Action::Remove => number_of(name, 'f').map(Entry::Erase),
                _ => number_of(name, 'e').map(Entry::Note),
            };
            entry.into_iter().collect()
        }
    }
}

/// As entries are shown: a log does not tell at which end one was added.
pub(super) fn as_shown(entry: Entry) -> Entry {
    match entry {
        Entry::Prepend(number) => Entry::Append(number),
        entry => entry,
    }
}
