//! What one caching table is known to know of the shared record.

use std::collections::{BTreeMap, BTreeSet};

use super::shared::{Edit, Field, NAMES, Name, Shared};

/// What is stored, as far as a version goes: none where there is no record.
pub(crate) fn version_of(stored: Option<&Shared>) -> Option<u64> {
    stored.map(|stored| stored.version)
}

/// What is stored of a field.
pub(crate) fn field_of(stored: Option<&Shared>, name: Name) -> Field {
    stored.map_or_else(|| Shared::unwritten().field(name), |stored| stored.field(name))
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Writer {
    /// The version that its first read showed.
    read_at: Option<Option<u64>>,
    /// A later read showed another one.
    pub(crate) torn: bool,
    /// What it may know of each field, none for nothing: nothing is known of one that is not here.
    known: BTreeMap<Name, Vec<Option<Field>>>,
    pub(crate) pending: Vec<Edit>,
    /// The record as it last read it whole.
    pub(crate) held: Option<Shared>,
}

impl Writer {
    pub(crate) fn forget(&mut self) {
        *self = Writer { pending: std::mem::take(&mut self.pending), ..Writer::default() };
    }

    /// The same with nothing pending.
    pub(crate) fn without_pending(&self) -> Writer {
        Writer { pending: Vec::new(), ..self.clone() }
    }

    /// A request has shown these fields of the record, and its version.
    pub(crate) fn see(&mut self, stored: Option<&Shared>, names: &[Name]) {
        let version = version_of(stored);
        self.torn |= *self.read_at.get_or_insert(version) != version;
        // Of a record that is not there everything is known.
        for name in if stored.is_some() { names } else { &NAMES } {
            self.may_know(*name, field_of(stored, *name));
        }
    }

    /// A request may have shown all fields as well.
    pub(crate) fn may_have_seen_all(&mut self, stored: Option<&Shared>) {
        for name in NAMES {
            self.known.entry(name).or_insert_with(|| vec![None]);
            self.may_know(name, field_of(stored, name));
        }
    }

    fn may_know(&mut self, name: Name, value: Field) {
        let known = self.known.entry(name).or_default();
        if !known.contains(&Some(value.clone())) {
            known.push(Some(value));
        }
    }

    /// Whether it has seen some version.
    pub(crate) fn has_read(&self) -> bool {
        self.read_at.is_some()
    }

    /// Whether a write that checks the version succeeds.
    pub(crate) fn may_write(&self, stored: Option<&Shared>) -> bool {
        !self.torn && self.read_at.is_none_or(|read_at| read_at == version_of(stored))
    }

    /// Whether what it knows of the written fields is what is stored: certainly, certainly not, or perhaps.
    pub(crate) fn is_unchanged(&self, stored: Option<&Shared>) -> Option<bool> {
        let known = || self.pending.iter().filter_map(|edit| Some((edit.name(), self.known.get(&edit.name())?)));
        let fits =
            |name: Name, value: &Option<Field>| value.as_ref().is_none_or(|value| *value == field_of(stored, name));
        if known().all(|(name, values)| values.iter().all(|value| fits(name, value))) {
            // Whether a default is stored, or read because nothing is, makes a difference for the database alone.
            let is_default =
                |(name, _): (Name, _)| name == Name::Right && field_of(stored, name) == field_of(None, name);
            return (!known().any(is_default)).then_some(true);
        }
        known().any(|(name, values)| !values.iter().any(|value| fits(name, value))).then_some(false)
    }

    /// What is pending was written, with a look at the version or without: then what it knew may have been old.
    pub(crate) fn wrote(&mut self, stored: &Shared, checked: bool) {
        (self.read_at, self.torn) = (checked.then_some(Some(stored.version)), false);
        for name in self.pending.iter().map(Edit::name).collect::<BTreeSet<Name>>() {
            let known = self.known.remove(&name).unwrap_or_else(|| vec![None]);
            let written = Some(stored.field(name));
            let is_set = self.pending.iter().any(|edit| edit.name() == name && edit.is_set());
            let known = match is_set {
                true => vec![written],
                // What an addition comes to is known where it is known what it is added to.
                false => {
                    let left = |below: &Option<Field>| below.as_ref().map(|below| self.over(name, below));
                    known.iter().map(left).chain([written]).collect()
                }
            };
            self.known.insert(name, known);
        }
        self.pending.clear();
    }

    /// Whether it may show this of a field, with what is pending laid over.
    pub(crate) fn may_show(&self, name: Name, shown: &Field) -> bool {
        let nothing = [None];
        let known = self.known.get(&name).map_or(&nothing[..], Vec::as_slice);
        let absent = field_of(None, name);
        known.iter().any(|below| self.over(name, below.as_ref().unwrap_or(&absent)) == *shown)
    }

    /// The field with what is pending laid over.
    pub(crate) fn over(&self, name: Name, below: &Field) -> Field {
        let mut record = Shared::unwritten();
        match (name, below) {
            (Name::Sum, Field::Number(sum)) => record.sum = *sum,
            (Name::Left, Field::Number(left)) => record.left = left.and_then(|left| i64::try_from(left).ok()),
            (Name::Right, Field::Number(Some(right))) => record.right = i64::try_from(*right).unwrap_or_default(),
            (_, Field::Log(log)) => record.log = log.clone(),
            (_, Field::Marks(marks)) => record.marks = marks.clone(),
            _ => {}
        }
        self.pending.iter().for_each(|edit| edit.apply(&mut record));
        record.field(name)
    }
}
