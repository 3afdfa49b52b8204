//! The records that are queried, and what they look like with changes laid over.

use std::collections::{BTreeMap, BTreeSet};

use structnosql_core::{Change, FieldExt, TableDataModel};
use structnosql_derive::TableDataModel;

/// A record in a partition, in a global index, and in a local one that holds keys alone.
#[derive(Clone, Debug, Default, PartialEq, TableDataModel)]
#[table(name = "readings", crate = "structnosql_core")]
pub(crate) struct Reading {
    #[field(partition_key)]
    pub(crate) place: String,
    #[field(sort_key)]
    pub(crate) day: i64,
    #[field(index(name = "by-kind"))]
    pub(crate) kind: Option<String>,
    #[field(index(name = "by-kind", sort))]
    pub(crate) code: Option<String>,
    #[field(index(name = "by-amount", local, projection = keys_only))]
    pub(crate) amount: Option<i64>,
    pub(crate) note: Option<String>,
    pub(crate) labels: Option<BTreeSet<String>>,
}

/// A record's key.
pub(crate) type Id = (String, i64);

/// A change of one record.
#[derive(Clone, Debug)]
pub(crate) enum Edit {
    Kind(Option<&'static str>),
    Code(Option<&'static str>),
    Amount(Option<i64>),
    Add(i64),
    Note(Option<String>),
    Label(&'static str),
    Unlabel(&'static str),
}

impl Reading {
    pub(crate) fn of((place, day): Id) -> Reading {
        Reading { place, day, ..Reading::default() }
    }

    pub(crate) fn id(&self) -> Id {
        (self.place.clone(), self.day)
    }

    /// Whether it is its key alone.
    pub(crate) fn is_bare(&self) -> bool {
        *self == Reading::of(self.id())
    }
}

impl Edit {
    pub(crate) fn change(&self) -> Change<Reading> {
        let f = Reading::fields;
        match self {
            Edit::Kind(Some(kind)) => f().kind().set(*kind),
            Edit::Kind(None) => f().kind().remove(),
            Edit::Code(Some(code)) => f().code().set(*code),
            Edit::Code(None) => f().code().remove(),
            Edit::Amount(Some(amount)) => f().amount().set(*amount),
            Edit::Amount(None) => f().amount().remove(),
            Edit::Add(by) => f().amount().increment(*by),
            Edit::Note(Some(note)) => f().note().set(note),
            Edit::Note(None) => f().note().remove(),
            Edit::Label(label) => f().labels().insert_into_set([*label]),
            Edit::Unlabel(label) => f().labels().remove_from_set([*label]),
        }
    }

    /// The field that it changes.
    pub(crate) fn field(&self) -> &'static str {
        match self {
            Edit::Kind(_) => "kind",
            Edit::Code(_) => "code",
            Edit::Amount(_) | Edit::Add(_) => "amount",
            Edit::Note(_) => "note",
            Edit::Label(_) | Edit::Unlabel(_) => "labels",
        }
    }

    fn apply(&self, reading: &mut Reading) {
        let owned = |text: &Option<&str>| text.map(str::to_owned);
        match self {
            Edit::Kind(kind) => reading.kind = owned(kind),
            Edit::Code(code) => reading.code = owned(code),
            Edit::Amount(amount) => reading.amount = *amount,
            Edit::Add(by) => reading.amount = Some(reading.amount.unwrap_or(0) + by),
            Edit::Note(note) => reading.note = note.clone(),
            Edit::Label(label) => drop(reading.labels.get_or_insert_default().insert((*label).to_owned())),
            Edit::Unlabel(label) => {
                let labels = reading.labels.take().unwrap_or_default();
                let left: BTreeSet<String> = labels.into_iter().filter(|one| one != label).collect();
                reading.labels = Some(left).filter(|left| !left.is_empty());
            }
        }
    }
}

/// What is stored and what is pending.
#[derive(Default)]
pub(crate) struct Shelf {
    pub(crate) stored: BTreeMap<Id, Reading>,
    pending: Vec<Pended>,
}

struct Pended {
    id: Id,
    edit: Edit,
    visible: bool,
}

impl Shelf {
    pub(crate) fn pend(&mut self, id: Id, edit: Edit) {
        self.pending.push(Pended { id, edit, visible: true });
    }

    pub(crate) fn show(&mut self, visible: bool) {
        self.pending.iter_mut().for_each(|pended| pended.visible = visible);
    }

    pub(crate) fn rollback(&mut self) {
        self.pending.clear();
    }

    /// The record is written or deleted as a whole.
    pub(crate) fn replace(&mut self, id: &Id, reading: Option<Reading>) {
        self.pending.retain(|pended| pended.id != *id);
        match reading {
            Some(reading) => drop(self.stored.insert(id.clone(), reading)),
            None => drop(self.stored.remove(id)),
        }
    }

    pub(crate) fn commit(&mut self) {
        for id in self.pending.iter().map(|pended| pended.id.clone()).collect::<BTreeSet<Id>>() {
            if let Some(reading) = self.over(&id, |_| true) {
                self.stored.insert(id, reading);
            }
        }
        self.pending.clear();
    }

    /// Whether something is pending for the record.
    pub(crate) fn is_dirty(&self, id: &Id) -> bool {
        self.pending.iter().any(|pended| pended.id == *id)
    }

    /// Whether a change of the field is pending.
    pub(crate) fn touches(&self, id: &Id, field: &str) -> bool {
        self.pending.iter().any(|pended| pended.id == *id && pended.edit.field() == field)
    }

    /// The record as a caller sees it.
    pub(crate) fn view(&self, id: &Id) -> Option<Reading> {
        self.over(id, |pended| pended.visible)
    }

    /// The stored record with what is pending and chosen.
    fn over(&self, id: &Id, which: impl Fn(&Pended) -> bool) -> Option<Reading> {
        let edits = self.pending.iter().filter(|pended| pended.id == *id && which(pended));
        self.edited(id, edits.map(|pended| &pended.edit))
    }

    /// The stored record with these changes. Of a record that is not there only what they set is.
    pub(crate) fn edited<'e>(&self, id: &Id, edits: impl IntoIterator<Item = &'e Edit>) -> Option<Reading> {
        let stored = self.stored.get(id);
        let mut reading = stored.cloned().unwrap_or_else(|| Reading::of(id.clone()));
        edits.into_iter().for_each(|edit| edit.apply(&mut reading));
        Some(reading).filter(|reading| stored.is_some() || !reading.is_bare())
    }
}
