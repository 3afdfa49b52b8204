//! One record: what the database holds, what is pending, what a caller must see.

use structnosql_core::Segment;

use super::pending::{Action, Kind, Node, Pending, Refused};
use super::requirements;
use super::shape::Field;
use super::tree::{Entries, Tree};

/// A path from a record to one of its values.
pub(crate) type Path = Vec<Segment>;

/// One record of a caching table and of its database.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    /// What a record that comes into being has: its key.
    pub(crate) key: Entries,
    pub(crate) db: Option<Entries>,
    /// The operations that a caller sees.
    pub(crate) visible: Pending,
    /// All operations that a commit has to send.
    pub(crate) whole: Pending,
    /// What cleared operations left in sight.
    pub(crate) assumed: Pending,
    /// An operation asks for a record that is there.
    pub(crate) must_exist: bool,
    /// The engine keeps the operations in several layers.
    pub(crate) layered: bool,
    /// Another writer changed the record since the cache was last forgotten.
    pub(crate) stale: bool,
}

/// What a commit must come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Commit {
    /// Nothing of the kind is pending.
    Nothing,
    Applied,
    /// There is no record, and an operation asks for one.
    NoRecord,
    /// A struct would come into being without its required fields.
    Missing,
}

impl Record {
    pub(crate) fn new(key: Entries) -> Record {
        Record {
            key,
            db: None,
            visible: Pending::default(),
            whole: Pending::default(),
            assumed: Pending::default(),
            must_exist: false,
            layered: false,
            stale: false,
        }
    }

    /// The operations laid over a record, or over none.
    pub(crate) fn laid(&self, pending: &Pending, below: Option<Entries>) -> Option<Entries> {
        match below {
            None if !pending.has(Kind::Update) => None,
            below => Some(pending.over(&below.unwrap_or_else(|| self.key.clone()))),
        }
    }

    fn base(&self) -> Option<Entries> {
        self.laid(&self.assumed, self.db.clone())
    }

    /// The whole record as a caller sees it.
    pub(crate) fn view(&self) -> Option<Entries> {
        self.laid(&self.visible, self.base())
    }

    /// What a caller sees at the path.
    pub(crate) fn look(&self, path: &[Segment]) -> Option<Tree> {
        Tree::Map(self.view()?).get(path).cloned()
    }

    /// Whether a caller may see this at the path. What cleared operations left in sight may give way to what the
    /// database holds at any read.
    pub(crate) fn may_show(&self, path: &[Segment], shown: Option<&Tree>) -> bool {
        if self.assumed.is_empty() {
            return self.look(path).as_ref() == shown || (self.layered && self.is_alike(path, shown));
        }
        let database = self.laid(&self.visible, self.db.clone()).map(Tree::Map);
        let database = database.as_ref().and_then(|record| record.get(path));
        let assumed = self.look(path);
        Tree::is_between(shown, assumed.as_ref(), database)
            || (self.layered && {
                let [shown, assumed, database] = [shown, assumed.as_ref(), database].map(Tree::without_empty);
                Tree::is_between(shown.as_ref(), assumed.as_ref(), database.as_ref())
            })
    }

    /// Whether this is what a caller sees, but for empty maps: of operations in several layers, a later one that
    /// takes out what an earlier one stored leaves the maps that this one brought into being, until it is committed.
    /// A NULL in their place counts as empty too.
    fn is_alike(&self, path: &[Segment], shown: Option<&Tree>) -> bool {
        let Some(view) = self.view() else {
            let shown = Tree::without_empty(shown);
            return shown.is_none_or(|shown| path.len() <= 1 && shown.is_key(&self.key));
        };
        Tree::without_empty(Tree::Map(view).get(path)) == Tree::without_empty(shown)
    }

    /// Pends the operations, all or none.
    pub(crate) fn pend(&mut self, changes: &[(Path, Action)], must_exist: bool) -> Result<(), Refused> {
        let (base, mut visible, mut whole) = (self.base(), self.visible.clone(), self.whole.clone());
        for (path, action) in changes {
            visible.add(path, action.clone(), base.as_ref())?;
            whole.add(path, action.clone(), self.db.as_ref())?;
        }
        (self.visible, self.whole) = (visible, whole);
        self.must_exist |= must_exist;
        self.tidy();
        Ok(())
    }

    /// Whether the operations could be pended.
    pub(crate) fn accepts(&self, changes: &[(Path, Action)]) -> bool {
        self.clone().pend(changes, false).is_ok()
    }

    /// The operations as one write of its own, over what the database holds.
    pub(crate) fn at_once(&self, changes: &[(Path, Action)]) -> Result<Record, Refused> {
        let mut alone = Record { db: self.db.clone(), ..Record::new(self.key.clone()) };
        alone.pend(changes, false)?;
        Ok(alone)
    }

    /// The record was written or deleted as a whole.
    pub(crate) fn replace(&mut self, db: Option<Entries>) {
        *self = Record { db, ..Record::new(self.key.clone()) };
    }

    pub(crate) fn clear_cached_data(&mut self) {
        self.layered |= !self.whole.is_empty();
        self.visible = Pending::default();
        self.assumed = Pending::default();
        self.stale &= self.whole.has_list();
    }

    pub(crate) fn refresh(&mut self) {
        self.visible = self.whole.clone();
        self.assumed = Pending::default();
        self.stale &= self.whole.has_list();
    }

    pub(crate) fn rollback(&mut self) {
        self.visible = Pending::default();
        self.whole = Pending::default();
        self.assumed = Pending::default();
        self.tidy();
    }

    pub(crate) fn clear_pending(&mut self) {
        let dropped = std::mem::take(&mut self.visible);
        self.whole = Pending::default();
        self.assume(&dropped);
        self.tidy();
    }

    pub(crate) fn clear_pending_kind(&mut self, kind: Kind) {
        let (whole, dropped) = self.take(kind);
        drop(whole);
        self.assume(&dropped);
        self.tidy();
    }

    fn assume(&mut self, dropped: &Pending) {
        let shown = self.laid(dropped, self.base()).map(Tree::Map);
        let mut assumed = self.assumed.clone();
        dropped.visit(&[], &mut |path, _| {
            let action = match shown.as_ref().and_then(|record| record.get(path)) {
                Some(value) => Action::Set(value.clone()),
                None => Action::Remove,
            };
            // No path of it leads into a list: a list that changes is taken over as a whole.
            if assumed.add(path, action, None).is_err() {
                assumed = self.assumed.clone();
            }
        });
        self.assumed = assumed;
    }

    /// Takes the operations of one kind out: what a commit has to send of them, and what a caller sees of them.
    fn take(&mut self, kind: Kind) -> (Pending, Pending) {
        if self.visible == self.whole {
            self.visible.take(kind);
            let taken = self.whole.take(kind);
            return (taken.clone(), taken);
        }
        let taken = self.whole.take(kind);
        let mut visible = Pending::default();
        self.visible.visit(&[], &mut |path, node| {
            if taken.at(path).is_none() {
                visible.put(path, node.clone());
            }
        });
        let mut dropped = Pending::default();
        self.visible.visit(&[], &mut |path, node| {
            if taken.at(path).is_some() {
                dropped.put(path, node.clone());
            }
        });
        self.visible = visible;
        (taken, dropped)
    }

    /// What a commit of everything, or of one kind, must come to.
    pub(crate) fn expected(&self, kind: Option<Kind>, fields: &[Field]) -> Commit {
        let mut taken = self.whole.clone();
        if let Some(kind) = kind {
            taken = taken.take(kind);
        }
        let below = self.db.clone().unwrap_or_else(|| self.key.clone());
        if taken.is_empty() {
            Commit::Nothing
        } else if !requirements::are_met(&taken, &below, fields) {
            Commit::Missing
        } else if self.must_exist && self.db.is_none() {
            Commit::NoRecord
        } else {
            Commit::Applied
        }
    }

    /// What the database holds after such a commit.
    pub(crate) fn committed(&self, kind: Option<Kind>) -> Option<Entries> {
        let mut taken = self.whole.clone();
        if let Some(kind) = kind {
            taken = taken.take(kind);
        }
        self.laid(&taken, self.db.clone())
    }

    /// What it holds at least where the engine took another state of the record for granted: what is to be removed
    /// may still be there.
    pub(crate) fn committed_sets(&self, kind: Option<Kind>) -> Option<Entries> {
        match kind {
            Some(Kind::Remove) => self.db.clone(),
            _ => self.laid(&self.whole.clone().take(Kind::Update), self.db.clone()),
        }
    }

    /// The operations, or those of one kind, have been applied.
    pub(crate) fn commit(&mut self, kind: Option<Kind>, db: Option<Entries>) {
        let taken = match kind {
            Some(kind) => self.take(kind).0,
            None => {
                self.visible = Pending::default();
                std::mem::take(&mut self.whole)
            }
        };
        self.db = db;
        // What was written is known; of what had been left in sight, only the rest still is.
        let mut assumed = self.assumed.clone();
        let stored = self.db.clone().map(Tree::Map);
        taken.visit(&[], &mut |path, _| {
            if assumed.at(path).is_some() {
                let action = match stored.as_ref().and_then(|record| record.get(path)) {
                    Some(value) => Action::Set(value.clone()),
                    None => Action::Remove,
                };
                if assumed.add(path, action, None).is_err() {
                    assumed = Pending::default();
                }
            }
        });
        self.assumed = assumed;
        self.tidy();
    }

    fn tidy(&mut self) {
        if self.whole.is_empty() {
            self.must_exist = false;
            self.layered = false;
        }
    }

    /// Whether positions of the list mean the same to a caller and to the database.
    pub(crate) fn has_plain_list(&self, list: &[Segment]) -> bool {
        !self.stale && self.visible.at(list) == self.whole.at(list) && self.assumed.at(list).is_none()
    }

    /// Whether a list has changes of both kinds.
    pub(crate) fn has_mixed_list(&self) -> bool {
        let mut mixed = false;
        self.whole.visit(&[], &mut |_, node| {
            if let Node::List(list) = node {
                mixed |= list.is_mixed();
            }
        });
        mixed
    }
}
