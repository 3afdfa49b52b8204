//! Writes in doubt, of which the table is told what became of them.

use structnosql_core::Resolution;

use super::bench::{Bench, Checked, id, plan_of};
use super::step::RECORDS;
use super::world::World;

impl Bench {
    /// The records whose writes in doubt were sent with this one's in a transaction.
    pub(super) fn together(&self, record: usize) -> Vec<usize> {
        let plan = self.table.plan_commit();
        let planned = plan_of(&plan, record);
        let Some(in_doubt) = planned.and_then(|planned| planned.in_doubt.as_ref()) else { return Vec::new() };
        (0..RECORDS).filter(|other| in_doubt.together().iter().any(|key| key.to_string() == id(*other))).collect()
    }

    /// Tells the table truly what became of a write in doubt, and with it of those that it went with.
    pub(crate) fn resolve(&mut self, record: usize) -> Checked {
        let mut records = self.together(record);
        if records.is_empty() {
            records.push(record);
        }
        records.retain(|record| self.places[*record].record().is_in_doubt());
        if records.is_empty() {
            return Ok(());
        }
        // Where both may be true of a record they differ in what nobody can see of it.
        let may_be = |applied: bool| {
            let fits = |record: &usize| self.places[*record].worlds.iter().any(|world| is_applied(world) == applied);
            records.iter().all(fits)
        };
        let Some(applied) = [true, false].into_iter().find(|applied| may_be(*applied)) else {
            return Err(format!("a part of a transaction over {records:?} is applied"));
        };
        for record in &records {
            let place = &mut self.places[*record];
            place.worlds.retain(|world| is_applied(world) == applied);
            place.change(|record| {
                if let Some(flight) = record.flight.as_mut().filter(|_| applied) {
                    flight.settled += 1;
                }
                record.land();
            });
        }
        let resolution = if applied { Resolution::Applied } else { Resolution::NotApplied };
        self.table.resolve_in_doubt(id(record), resolution);
        Ok(())
    }
}

/// Whether the request in doubt has been applied.
fn is_applied(world: &World) -> bool {
    world.record.flight.as_ref().is_some_and(|flight| flight.applied > flight.settled)
}
