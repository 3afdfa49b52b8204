//! One record: what the database holds, what is pending, what a caller must see.

use structnosql_core::Segment;

use super::action::{Action, Kind, Refused};
use super::condition::Condition;
use super::pending::{Node, Pending};
use super::shape::Field;
use super::tree::{Entries, Tree};

/// A path from a record to one of its values.
pub(crate) type Path = Vec<Segment>;

/// One record of a caching table and of its database.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Record {
    /// What a record that comes into being has: its key.
    pub(crate) key: Entries,
    pub(crate) db: Option<Entries>,
    /// Pending operations, oldest first.
    pub(crate) layers: Vec<Layer>,
    /// Operations of a commit under way, or in doubt: older than all layers.
    pub(crate) flight: Option<Flight>,
    /// What cleared operations left in sight.
    pub(crate) assumed: Pending,
    /// Later operations are not to be dropped with the ones before this time.
    pub(crate) boundary: u64,
    /// Another writer changed the record since the cache was last forgotten.
    pub(crate) stale: bool,
    /// What is pending was decided while a value that is set where it is absent was under way.
    pub(crate) is_unsure_of_kinds: bool,
}

/// Operations between two points that callers can tell apart: a savepoint, a cleared cache, a whole-record write.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Layer {
    /// When the first of them was accepted.
    pub(crate) first: u64,
    pub(crate) visible: bool,
    pub(crate) pending: Pending,
    pub(crate) conditions: Vec<Conditional>,
}

/// A condition, and the paths of the operations that it came with: it goes away with the last of them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Conditional {
    condition: Condition,
    paths: Vec<Path>,
}

/// Operations that one or several requests carry.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Flight {
    pub(crate) layers: Vec<Layer>,
    /// The record when they were taken.
    pub(crate) before: Option<Entries>,
    /// What all of them do.
    pub(crate) whole: Pending,
    /// What each request does.
    pub(crate) parts: Vec<Pending>,
    /// How many of them the database has applied, and how many the table knows of.
    pub(crate) applied: usize,
    pub(crate) settled: usize,
    /// They go with a token: nobody else is kept from the record between their being sent again and what follows.
    pub(crate) told: bool,
    /// An answer was lost.
    pub(crate) doubt: bool,
    /// They are not to be restored if they fail.
    pub(crate) dropped: bool,
}

/// What a commit must come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Commit {
    Applied,
    /// A condition does not hold.
    Unmet,
    /// A struct would come into being without its required fields.
    Missing,
}

impl Flight {
    /// The same with fewer things put off: what the table knows may tell that they need not be.
    pub(crate) fn with_fewer_requests(&self) -> Vec<Flight> {
        let mut count = 0;
        in_requests(&self.whole, &mut || {
            count += 1;
            true
        });
        let of = |choice: u32| {
            let mut at = 0;
            let parts = in_requests(&self.whole, &mut || {
                at += 1;
                choice & (1 << (at - 1)) != 0
            });
            Flight { parts, ..self.clone() }
        };
        match count {
            0..=3 => (0..(1 << count) - 1).map(of).collect(),
            _ => vec![of(0)],
        }
    }
}

impl Record {
    pub(crate) fn new(key: Entries) -> Record {
        Record {
            key,
            db: None,
            layers: Vec::new(),
            flight: None,
            assumed: Pending::default(),
            boundary: 0,
            stale: false,
            is_unsure_of_kinds: false,
        }
    }

    fn lay<'l>(&self, layers: impl IntoIterator<Item = &'l Layer>, below: Option<Entries>) -> Option<Entries> {
        layers.into_iter().fold(below, |below, layer| layer.pending.over_record(below.as_ref(), &self.key))
    }

    fn lay_visible<'l>(&self, layers: impl IntoIterator<Item = &'l Layer>, base: Option<Entries>) -> Option<Entries> {
        self.lay(layers.into_iter().filter(|layer| layer.visible), base)
    }

    /// What lies below the layers when the requests under way are applied.
    pub(crate) fn landed(&self) -> Option<Entries> {
        match &self.flight {
            None => self.db.clone(),
            Some(flight) => {
                let over = |below: Option<Entries>, part: &Pending| part.over_record(below.as_ref(), &self.key);
                flight.parts[flight.applied..].iter().fold(self.db.clone(), over)
            }
        }
    }

    /// The records that a caller may see: one, but where a write is in doubt.
    fn views(&self, assumed: &Pending) -> Vec<Option<Entries>> {
        let base = |db: &Option<Entries>| match assumed.is_empty() {
            true => db.clone(),
            false => assumed.over_record(db.as_ref(), &self.key),
        };
        match &self.flight {
            None => vec![self.lay_visible(&self.layers, base(&self.db))],
            Some(flight) if !flight.doubt => {
                vec![self.lay_visible(flight.layers.iter().chain(&self.layers), base(&flight.before))]
            }
            Some(flight) => vec![
                self.lay_visible(flight.layers.iter().chain(&self.layers), base(&self.db)),
                self.lay_visible(&self.layers, base(&self.db)),
            ],
        }
    }

    /// The whole record as a caller sees it.
    pub(crate) fn view(&self) -> Option<Entries> {
        self.views(&self.assumed).swap_remove(0)
    }

    /// What a caller sees at the path.
    pub(crate) fn look(&self, path: &[Segment]) -> Option<Tree> {
        Tree::Map(self.view()?).get(path).cloned()
    }

    /// Whether a caller may see this at the path. What cleared operations left in sight may give way to what the
    /// database holds at any read.
    pub(crate) fn may_show(&self, path: &[Segment], shown: Option<&Tree>) -> bool {
        if self.stale || self.is_list_in_doubt(path) {
            return true;
        }
        let at = |view: Option<Entries>| view.map(Tree::Map).and_then(|view| view.get(path).cloned());
        let assumed = self.views(&self.assumed).into_iter().map(at);
        let stored = self.views(&Pending::default()).into_iter().map(at);
        assumed.zip(stored).any(|(assumed, stored)| {
            let (assumed, stored) = (assumed.as_ref(), stored.as_ref());
            Tree::is_between(shown, assumed, stored)
                || ((self.is_layered() || !self.assumed.is_empty()) && {
                    let [shown, assumed, stored] = [shown, assumed, stored].map(|one| self.without_empty(path, one));
                    Tree::is_between(shown.as_ref(), assumed.as_ref(), stored.as_ref())
                })
        })
    }

    /// A later operation that takes out what one in an earlier layer stored, or one that was cleared, leaves the maps that
    /// this one brought into being, and the record itself, until they are committed.
    fn without_empty(&self, path: &[Segment], tree: Option<&Tree>) -> Option<Tree> {
        let is_key = |tree: &Tree| match path {
            [] => matches!(tree, Tree::Map(entries) if *entries == self.key),
            [_] => self.key.values().any(|value| value == tree),
            _ => false,
        };
        Tree::without_empty(tree).filter(|tree| !is_key(tree))
    }

    /// Whether the engine keeps the operations in several layers.
    pub(crate) fn is_layered(&self) -> bool {
        self.flight.is_some() || self.layers.len() > 1 || self.layers.iter().any(|layer| !layer.visible)
    }

    fn is_list_in_doubt(&self, path: &[Segment]) -> bool {
        let doubtful = self.flight.iter().filter(|flight| flight.doubt).flat_map(|flight| &flight.parts);
        doubtful.into_iter().any(|part| {
            let mut met = false;
            part.visit(&[], &mut |at, node| met |= node.is_list() && (at.starts_with(path) || path.starts_with(at)));
            met
        })
    }

    /// Pends the operations, all or none, at this time; `mark` is that of the last savepoint.
    pub(crate) fn pend(
        &mut self,
        changes: &[(Path, Action)],
        condition: Option<&Condition>,
        now: u64,
        mark: u64,
    ) -> Result<(), Refused> {
        let before = self.layers.clone();
        let least = mark.max(self.boundary);
        if !self.layers.last().is_some_and(|layer| layer.visible && layer.first >= least) {
            self.layers.push(Layer { first: now, visible: true, pending: Pending::default(), conditions: Vec::new() });
        }
        let folded = changes.iter().try_for_each(|(path, action)| {
            self.fold(path, action)?;
            if let Some(top) = self.layers.last_mut() {
                top.conditions = conditions_of(&top.conditions, &top.pending);
            }
            Ok(())
        });
        if folded.is_err() {
            self.layers = before;
            return folded;
        }
        if let Some(top) = self.layers.last_mut() {
            let paths = || changes.iter().map(|(path, _)| path.clone()).collect();
            let conditional = condition.map(|condition| Conditional { condition: condition.clone(), paths: paths() });
            top.conditions.extend(conditions_of(conditional.as_slice(), &top.pending));
        }
        self.drop_empty();
        Ok(())
    }

    fn fold(&mut self, path: &Path, action: &Action) -> Result<(), Refused> {
        let mut new = Pending::of(path, action, &self.view().unwrap_or_else(|| self.key.clone()))?;
        if self.finds_nothing(path, action) {
            new = Pending::default();
        }
        // What it follows came to what the table knew, which may not be what is stored.
        let follows = |layer: &Layer| matches!(layer.pending.at(path), Some(Node::IfAbsent(_)));
        self.is_unsure_of_kinds |= self.stale && self.layers.iter().any(follows);
        let Some((top, below)) = self.layers.split_last() else { return Ok(()) };
        // What it comes to over several layers may be worked out from what is known, as one value.
        let is_below = |layer: &Layer| layer.pending.at(path).is_some();
        self.is_unsure_of_kinds |= matches!(action, Action::SetIfAbsent(_)) && below.iter().any(is_below);
        // Where it comes to nothing beside others, it goes away with one of these.
        let is_map = top.pending.at(path).is_some_and(Node::is_keep);
        self.is_unsure_of_kinds |= matches!(action, Action::SetIfAbsent(_)) && is_map;
        // It may become a value that older layers have a part in.
        let worked_out = match (action, top.pending.at(path)) {
            (Action::SetIfAbsent(_), Some(node)) => Some(&path[..]).filter(|_| !matches!(node, Node::Set { .. })),
            _ => top.pending.if_absent(path),
        };
        let assembled = worked_out.filter(|path| self.is_assembled(below, path));
        let below = self.lay(below, self.landed());
        let mut folded = top.pending.clone().then(&new, below.as_ref());
        if let Some(path) = assembled {
            folded.assemble(path);
        }
        if let Some(top) = self.layers.last_mut() {
            top.pending = folded;
        }
        Ok(())
    }

    /// Whether a map at or below the path comes into being with changes of what is in it.
    fn is_assembled(&self, layers: &[Layer], path: &[Segment]) -> bool {
        let landed = self.landed();
        let pending = composed(layers, landed.as_ref());
        let landed = landed.map(Tree::Map);
        let stored = landed.as_ref().and_then(|record| record.get(path));
        pending.at(path).is_some_and(|node| node.assembles(stored))
    }

    /// Whether nothing is there to take out of a value that an older layer sets where it is absent.
    fn finds_nothing(&self, path: &Path, action: &Action) -> bool {
        let Some((top, older)) = self.layers.split_last() else { return false };
        let is_if_absent = |layer: &Layer, at: usize| matches!(layer.pending.at(&path[..at]), Some(Node::IfAbsent(_)));
        matches!(action, Action::Remove | Action::Take(_))
            && top.pending.at(path).is_none()
            && older.iter().any(|layer| (1..path.len()).any(|at| is_if_absent(layer, at)))
            && self.look(path).is_none()
    }

    fn drop_empty(&mut self) {
        self.layers.retain(|layer| !layer.pending.is_empty());
    }

    /// Whether the operations could be pended.
    pub(crate) fn accepts(&self, changes: &[(Path, Action)]) -> bool {
        self.clone().pend(changes, None, u64::MAX, 0).is_ok()
    }

    /// The operations as one write of its own, over what the database holds.
    pub(crate) fn at_once(&self, changes: &[(Path, Action)]) -> Result<Pending, Refused> {
        let mut alone = Record { db: self.db.clone(), ..Record::new(self.key.clone()) };
        alone.pend(changes, None, 1, 0)?;
        Ok(alone.whole())
    }

    /// All pending operations in one, but for those under way.
    pub(crate) fn whole(&self) -> Pending {
        composed(&self.layers, self.landed().as_ref())
    }

    /// Whether something is pending at, above or below the path.
    pub(crate) fn touches(&self, path: &[Segment]) -> bool {
        self.unsettled().any(|pending| pending.at(path).is_some())
    }

    /// What is pending or under way, without what a first request of several has settled.
    fn unsettled(&self) -> impl Iterator<Item = &Pending> {
        let (layers, parts) = match &self.flight {
            None => (&[][..], &[][..]),
            Some(flight) if flight.settled == 0 => (&flight.layers[..], &[][..]),
            Some(flight) => (&[][..], &flight.parts[flight.settled..]),
        };
        layers.iter().chain(&self.layers).map(|layer| &layer.pending).chain(parts)
    }

    pub(crate) fn all_layers(&self) -> impl Iterator<Item = &Layer> {
        self.flight.iter().flat_map(|flight| &flight.layers).chain(&self.layers)
    }

    /// Whether an answer was lost, and with it what became of the request under way.
    pub(crate) fn is_in_doubt(&self) -> bool {
        self.flight.as_ref().is_some_and(|flight| flight.doubt)
    }

    /// Whether what is under way takes another request after this one.
    pub(crate) fn goes_on(&self) -> bool {
        self.flight.as_ref().is_some_and(|flight| flight.parts.len() > flight.settled + 1)
    }

    pub(crate) fn is_dirty(&self) -> bool {
        self.flight.is_some() || !self.layers.is_empty()
    }

    pub(crate) fn has_list(&self) -> bool {
        self.all_layers().any(|layer| layer.pending.has_list())
    }

    pub(crate) fn has(&self, kind: Kind) -> bool {
        let mut under_way = self.flight.iter().flat_map(|flight| &flight.parts[flight.settled..]);
        self.whole().has(kind) || under_way.any(|part| part.has(kind))
    }

    /// Whether the kinds of what is pending are certain. What follows a value that is set where it is absent comes to
    /// another value for the engine, where the two may yet become one.
    pub(crate) fn has_certain_kinds(&self) -> bool {
        let layers: Vec<&Layer> = self.all_layers().collect();
        let certain = |(at, layer): (usize, &&Layer)| {
            let mut certain = true;
            layer.pending.visit(&[], &mut |path, node| {
                let follows = || layers[at + 1..].iter().any(|layer| layer.pending.at(path).is_some());
                certain &= !matches!(node, Node::IfAbsent(_)) || !follows();
            });
            certain
        };
        !self.is_unsure_of_kinds && layers.iter().enumerate().all(certain)
    }

    /// Whether a list grows at its front, at its end, a set gains members, loses some: in what is listed as pending.
    pub(crate) fn ends(&self) -> [bool; 4] {
        let under_way = self.flight.iter().flat_map(|flight| &flight.parts[flight.settled..]);
        let mut ends = [false; 4];
        for of_one in under_way.chain([&self.whole()]).map(Pending::ends) {
            ends.iter_mut().zip(of_one).for_each(|(ends, of_one)| *ends |= of_one);
        }
        ends
    }

    /// The record was written or deleted as a whole; operations accepted since `mark` stay.
    pub(crate) fn replace(&mut self, db: Option<Entries>, mark: u64) {
        self.layers.retain(|layer| layer.first >= mark);
        self.assumed = Pending::default();
        // Positions that were given before count in another list.
        self.stale |= self.has_list();
        self.db = db;
    }

    /// The whole-record write that was called then is over.
    pub(crate) fn end_replacing(&mut self, since: u64) {
        if self.boundary == since {
            self.boundary = 0;
        }
    }

    /// The record may have been written as a whole, which the table does not know: what is pending stays. Positions in
    /// lists, and what followed a value that is set where it is absent, were decided on what was stored before.
    pub(crate) fn lose_track(&mut self) {
        let is_decided = |node: &Node| node.is_list() || matches!(node, Node::IfAbsent(_));
        let decided = self.all_layers().any(|layer| layer.pending.any(is_decided));
        self.stale |= decided;
    }

    fn show(&mut self, visible: bool) {
        let under_way = self.flight.iter_mut().flat_map(|flight| &mut flight.layers);
        under_way.chain(&mut self.layers).for_each(|layer| layer.visible = visible);
        self.assumed = Pending::default();
        // What is pending was decided on what had been read.
        self.stale &= self.is_dirty();
    }

    pub(crate) fn clear_cached_data(&mut self) {
        self.show(false);
    }

    pub(crate) fn refresh(&mut self) {
        self.show(true);
    }

    pub(crate) fn rollback(&mut self) {
        self.drop_pending();
        self.assumed = Pending::default();
    }

    fn drop_pending(&mut self) -> Vec<Layer> {
        if let Some(flight) = &mut self.flight {
            flight.dropped = true;
        }
        std::mem::take(&mut self.layers)
    }

    pub(crate) fn rollback_to(&mut self, mark: u64) {
        self.layers.retain(|layer| layer.first < mark);
    }

    pub(crate) fn clear_pending(&mut self) {
        let dropped = self.drop_pending();
        self.assume(&dropped);
    }

    pub(crate) fn clear_pending_kind(&mut self, kind: Kind) {
        let dropped = self.take(kind);
        self.assume(&dropped);
    }

    fn assume(&mut self, dropped: &[Layer]) {
        let base = self.flight.as_ref().map_or(&self.db, |flight| &flight.before);
        let base = self.assumed.over_record(base.as_ref(), &self.key).or_else(|| base.clone());
        let shown = self.lay_visible(dropped, base).map(Tree::Map);
        let visible = dropped.iter().filter(|layer| layer.visible);
        let mut assumed = self.assumed.clone();
        for layer in visible {
            layer.pending.visit(&[], &mut |path, _| {
                // What is still pending there goes over what is stored.
                if self.touches(path) {
                    return;
                }
                let value = shown.as_ref().and_then(|record| record.get(path));
                let action = value.map_or(Action::Remove, |value| Action::Set(value.clone()));
                // No path of it leads into a list: a list that changes is taken over as a whole.
                if let Ok(one) = Pending::of(path, &action, &Entries::new()) {
                    assumed = std::mem::take(&mut assumed).then(&one, None);
                }
            });
        }
        self.assumed = assumed;
    }

    /// Takes the operations of one kind out, layer by layer.
    fn take(&mut self, kind: Kind) -> Vec<Layer> {
        let whole = match self.layers.len() {
            0 | 1 => None,
            _ => Some(self.whole().take(kind)),
        };
        let mut taken = Vec::new();
        for layer in &mut self.layers {
            let pending = match &whole {
                None => layer.pending.take(kind),
                Some(whole) => {
                    let (mut of_kind, mut kept) = (Pending::default(), Pending::default());
                    layer.pending.visit(&[], &mut |path, node| match whole.at(path) {
                        Some(_) => of_kind.put(path, node.clone()),
                        None => kept.put(path, node.clone()),
                    });
                    layer.pending = kept;
                    of_kind
                }
            };
            if !pending.is_empty() {
                let conditions = conditions_of(&layer.conditions, &pending);
                layer.conditions = conditions_of(&layer.conditions, &layer.pending);
                taken.push(Layer { pending, conditions, ..*layer });
            }
        }
        self.drop_empty();
        taken
    }

    /// Takes the operations, or those of one kind, for a commit. Gives whether there are any.
    pub(crate) fn seal(&mut self, kind: Option<Kind>) -> bool {
        let layers = match kind {
            None => std::mem::take(&mut self.layers),
            Some(kind) => self.take(kind),
        };
        if layers.is_empty() {
            return false;
        }
        let whole = composed(&layers, self.db.as_ref());
        let parts = in_requests(&whole, &mut || true);
        let before = self.db.clone();
        let (told, doubt, dropped) = (false, false, false);
        self.flight = Some(Flight { layers, before, whole, parts, applied: 0, settled: 0, told, doubt, dropped });
        true
    }

    /// The next request under way has been applied.
    pub(crate) fn apply_next(&mut self) {
        if let Some(flight) = &mut self.flight
            && let Some(part) = flight.parts.get(flight.applied)
        {
            self.db = part.over_record(self.db.as_ref(), &self.key);
            flight.applied += 1;
        }
    }

    /// The requests under way that are known to be applied are done; the others are pending again.
    pub(crate) fn land(&mut self) {
        let was_unsure = self.is_unsure_of_kinds;
        self.is_unsure_of_kinds = !self.layers.is_empty() && !self.has_certain_kinds();
        let Some(mut flight) = self.flight.take() else { return };
        let applied = flight.parts.iter().take(flight.settled).cloned().collect::<Vec<_>>();
        if flight.settled > 0 {
            let hidden = flight.layers.iter().all(|layer| !layer.visible);
            let first = flight.layers.first().map_or(0, |layer| layer.first);
            let later = flight.parts.split_off(flight.settled);
            let layer = |pending| Layer { first, visible: !hidden, pending, conditions: Vec::new() };
            flight.layers = later.into_iter().map(layer).collect();
        }
        applied.iter().for_each(|part| self.learn(part));
        match flight.dropped {
            true => self.assume(&flight.layers),
            false => {
                self.is_unsure_of_kinds |= was_unsure && !flight.layers.is_empty();
                self.layers.splice(0..0, flight.layers);
            }
        }
    }

    /// What was written is known; of what had been left in sight, only the rest still is.
    fn learn(&mut self, written: &Pending) {
        let mut assumed = self.assumed.clone();
        let stored = self.db.clone().map(Tree::Map);
        written.visit(&[], &mut |path, _| {
            if assumed.at(path).is_some() {
                let value = stored.as_ref().and_then(|record| record.get(path));
                let action = value.map_or(Action::Remove, |value| Action::Set(value.clone()));
                match Pending::of(path, &action, &Entries::new()) {
                    Ok(one) => assumed = std::mem::take(&mut assumed).then(&one, None),
                    Err(Refused) => assumed = Pending::default(),
                }
            }
        });
        self.assumed = assumed;
    }

    /// What the requests under way must come to.
    pub(crate) fn expected(&self, fields: &[Field]) -> Commit {
        let Some(flight) = &self.flight else { return Commit::Applied };
        let below = self.db.clone().unwrap_or_else(|| self.key.clone());
        let due = |layer: &Layer| conditions_of(&layer.conditions, &layer.pending);
        let mut conditions = flight.layers.iter().flat_map(due);
        if flight.parts.iter().any(|part| !part.is_met(&below, fields)) {
            Commit::Missing
        } else if flight.applied == 0 && conditions.any(|it| !it.condition.holds(self.db.as_ref())) {
            Commit::Unmet
        } else {
            Commit::Applied
        }
    }

    /// Whether positions of the list mean the same to a caller and to the database.
    pub(crate) fn has_plain_list(&self, list: &[Segment]) -> bool {
        !self.stale && self.has_certain_length(list)
    }

    /// Whether a list has as many items for a caller as for the database, once everything is applied.
    pub(crate) fn has_certain_length(&self, list: &[Segment]) -> bool {
        let hidden = self.all_layers().any(|layer| !layer.visible && layer.pending.at(list).is_some());
        let doubtful = self.is_in_doubt()
            && self.flight.iter().flat_map(|flight| &flight.layers).any(|layer| layer.pending.at(list).is_some());
        !hidden && !doubtful && self.assumed.at(list).is_none()
    }

    /// Whether a list has changes of both kinds.
    pub(crate) fn has_mixed_list(&self) -> bool {
        self.whole().any(|node| matches!(node, Node::List(list) if list.is_mixed()))
    }
}

/// What each request does where these are put off that are chosen.
fn in_requests(whole: &Pending, chosen: &mut dyn FnMut() -> bool) -> Vec<Pending> {
    let mut now = whole.clone();
    let mut later = now.take_later(chosen);
    let mut parts = vec![now];
    while !later.is_empty() {
        let next = later.take_later(&mut || true);
        parts.push(std::mem::replace(&mut later, next));
    }
    parts
}

/// Those that came with something of what is pending.
fn conditions_of(conditions: &[Conditional], pending: &Pending) -> Vec<Conditional> {
    let kept = conditions.iter().map(|it| {
        let paths = it.paths.iter().filter(|path| pending.is_changed_by(path)).cloned().collect();
        Conditional { condition: it.condition.clone(), paths }
    });
    kept.filter(|it| !it.paths.is_empty()).collect()
}

fn composed(layers: &[Layer], below: Option<&Entries>) -> Pending {
    layers.iter().fold(Pending::default(), |whole, layer| whole.then(&layer.pending, below))
}
