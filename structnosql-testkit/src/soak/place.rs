//! A record, and what may have become of it.

use super::world::{Clock, Job, World, closure};
use crate::model::{Entries, Path, Record};

/// A record, and what may have become of it.
pub(crate) struct Place {
    /// What fits all that has been seen; one state where no call is under way and nothing in doubt.
    pub(crate) worlds: Vec<World>,
    /// Every state that it may have been in since the step began.
    pub(crate) seen: Vec<World>,
    /// What the calls under way want of it.
    pub(crate) jobs: [Option<Job>; 2],
    pub(crate) stored: Option<Entries>,
    /// The table has read everything of it.
    pub(crate) known: bool,
    /// What reads have shown of it since.
    pub(crate) kept: Vec<Path>,
    /// The read under way may see it as it was.
    pub(crate) late: bool,
}

impl Place {
    /// Takes in what calls under way can have done by now.
    pub(crate) fn advance(&mut self, clock: Clock) {
        closure(&mut self.worlds, &self.jobs, clock);
        self.remember();
    }

    pub(crate) fn remember(&mut self) {
        for world in &self.worlds {
            if !self.seen.contains(world) {
                self.seen.push(world.clone());
            }
        }
    }

    /// What cleared operations left in sight may have given way to what is stored, since a commit looked at it.
    pub(crate) fn may_have_seen_stored(&mut self) {
        let mut without = Vec::new();
        for world in self.worlds.iter().filter(|world| !world.record.assumed.is_empty()) {
            for left in world.record.assumed.parts() {
                let mut world = world.clone();
                world.record.assumed = left;
                without.push(world);
            }
        }
        self.worlds.extend(without);
    }

    /// Changes every state that the record may be in.
    pub(crate) fn change(&mut self, change: impl Fn(&mut Record)) {
        self.worlds.iter_mut().for_each(|world| change(&mut world.record));
        self.tidy();
    }

    pub(crate) fn tidy(&mut self) {
        let mut kept: Vec<World> = Vec::new();
        for world in std::mem::take(&mut self.worlds) {
            if !kept.contains(&world) {
                kept.push(world);
            }
        }
        self.worlds = kept;
        self.remember();
    }

    /// The first of the states.
    pub(crate) fn record(&self) -> &Record {
        &self.worlds[0].record
    }

    pub(crate) fn is_stale(&self) -> bool {
        self.worlds.iter().any(|world| world.record.stale)
    }

    /// Whether everything that is seen is stored or pending: cleared operations have left nothing in sight.
    pub(crate) fn shows_no_more(&self) -> bool {
        self.worlds.iter().all(|world| world.record.assumed.is_empty())
    }
}
