//! Whether what the table lists, plans and says to be in doubt is what the model has pending.

use structnosql_core::{Action, OperationKind, PendingOperation, RecordPlan, UpdateAction, Value};

use super::bench::{Bench, Checked, id, plan_of};
use super::sense::first_list;
use super::step::RECORDS;
use super::world::World;
use crate::model::{Decimal, Flight, Kind, Node, Record, Tree};

impl Bench {
    /// Checks what the table says of pending operations: states in which others are pending are ruled out.
    pub(crate) fn agree(&mut self) -> Checked {
        let plan = self.table.plan_commit();
        for record in 0..RECORDS {
            let planned = plan_of(&plan, record);
            let in_doubt = planned.is_some_and(|planned| planned.in_doubt.is_some());
            let listed = self.table.pending_for(id(record));
            let kinds = [OperationKind::Update, OperationKind::Remove]
                .map(|kind| listed.iter().any(|operation| operation.action.kind() == kind));
            let place = &mut self.places[record];
            let said = |world: &World| {
                let record = &world.record;
                (record.is_dirty(), record.is_in_doubt(), [Kind::Update, Kind::Remove].map(|kind| record.has(kind)))
            };
            let expected: Vec<_> = place.worlds.iter().map(said).collect();
            let shown = (planned.is_some(), in_doubt, kinds);
            place.worlds.retain(|world| {
                let (pending, doubt, expected) = said(world);
                (pending, doubt) == (planned.is_some(), in_doubt)
                    && (expected == kinds || !world.record.has_certain_kinds())
            });
            if place.worlds.is_empty() {
                return Err(format!(
                    "{} has {shown:?} as (pending, in doubt, [updates, removals]), expected one of {expected:?}; it \
                     lists {listed:?} and plans {planned:?}",
                    id(record)
                ));
            }
            let told = Told::new(&listed, planned);
            if place.worlds.iter().any(|world| told.is_of(&world.record)) {
                place.worlds.retain(|world| told.is_of(&world.record));
            }
            place.tidy();
            place.seen.clear();
            place.remember();
        }
        self.agree_on_flags()
    }

    fn agree_on_flags(&self) -> Checked {
        let table = &self.table;
        if !self.places.iter().all(|place| place.record().has_certain_kinds()) {
            return Ok(());
        }
        let any = |has: &dyn Fn(&Record) -> bool| self.places.iter().any(|place| has(place.record()));
        let said = (
            table.has_pending_operations(),
            table.has_pending_update_operations(),
            table.has_pending_remove_operations(),
        );
        let expected =
            (any(&Record::is_dirty), any(&|record| record.has(Kind::Update)), any(&|record| record.has(Kind::Remove)));
        if said == expected {
            return Ok(());
        }
        Err(format!("has_pending (any, update, remove) is {said:?}, expected {expected:?}"))
    }
}

/// What the table tells of a record that shows which of several requests is in doubt.
struct Told<'p> {
    /// Whether a list grows at its front, at its end, a set gains members, loses some.
    ends: [bool; 4],
    /// Nothing is to be sent but what is in doubt.
    idle: bool,
    /// What the request in doubt does.
    in_doubt: Option<&'p [UpdateAction]>,
}

impl<'p> Told<'p> {
    fn new(listed: &[PendingOperation], planned: Option<&'p RecordPlan>) -> Told<'p> {
        let any = |is: fn(&Action) -> bool| listed.iter().any(|operation| is(&operation.action));
        Told {
            ends: [
                any(|action| matches!(action, Action::Prepend(_))),
                any(|action| matches!(action, Action::Append(_))),
                any(|action| matches!(action, Action::Members { add: Some(_), .. })),
                any(|action| matches!(action, Action::Members { remove: Some(_), .. })),
            ],
            idle: planned.is_none_or(|planned| planned.updates.as_ref().is_ok_and(Vec::is_empty)),
            in_doubt: planned.and_then(|planned| planned.in_doubt.as_ref()).map(|it| &it.update.request.actions[..]),
        }
    }

    fn is_of(&self, record: &Record) -> bool {
        record.ends() == self.ends
            && (self.idle || !record.whole().is_empty() || record.goes_on())
            // What is to be taken out may be known not to be there.
            && !(self.idle && (record.whole().creates() || record.goes_on()))
            && self.in_doubt.is_none_or(|actions| record.flight.as_ref().is_some_and(|flight| carries(flight, actions)))
    }
}

/// Whether the next request of a flight may do just this.
fn carries(flight: &Flight, actions: &[UpdateAction]) -> bool {
    let Some(part) = flight.parts.get(flight.settled) else { return actions.is_empty() };
    let before = flight.before.clone().map(Tree::Map);
    // A list that grows at its front does so in a request of its own, or comes into being.
    let prepends = part.ends()[0];
    let is_prepend = |action: &UpdateAction| match action.action {
        Action::Prepend(_) => true,
        Action::Set(Value::List(_)) => prepends,
        _ => false,
    };
    let is_carried = |UpdateAction { path, action }: &UpdateAction| {
        let path = path.segments();
        let Some(node) = part.at(path) else { return false };
        let left = || node.over(before.as_ref().and_then(|before| before.get(path)));
        match (action, node) {
            _ if first_list(path).is_some() => true,
            (Action::Set(value), _) => Tree::of(value) == left(),
            (Action::Remove, _) => left().is_none(),
            (Action::Increment { by, .. }, Node::Count { by: model, .. }) => {
                Decimal::parse(&by.to_string()) == Some(*model)
            }
            (Action::Increment { .. }, _) => left().is_some(),
            (Action::Members { add, remove }, Node::Members { add: gained, remove: lost }) => {
                let is_half = |half: &Option<Value>, members| {
                    half.as_ref().is_none_or(|half| Tree::of(half) == Tree::of_members(members))
                };
                is_half(add, gained.clone()) && is_half(remove, lost.clone())
            }
            (Action::Append(items), Node::List(list)) => list.gains(false) == trees(items),
            (Action::Prepend(items), Node::List(list)) => list.gains(true) == trees(items),
            _ => true,
        }
    };
    actions.iter().any(is_prepend) == prepends && actions.iter().all(is_carried)
}

fn trees(items: &[Value]) -> Vec<Tree> {
    items.iter().filter_map(Tree::of).collect()
}
