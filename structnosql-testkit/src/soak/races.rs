//! Histories of several tasks at a time that read and write few values through one cache, while another program writes
//! the same ones. Who goes on next is drawn with everything else.
//!
//! Each value that is written is another number, and it is noted when which was stored. So what a read may show follows
//! from what was cleared, shown and written before it began.

mod act;
mod draw;
mod judge;
mod past;
mod racer;
mod track;

use fastrand::Rng;

use super::Tally;
use super::bench::finished;
use super::history::{Failed, History};
use super::patience::finish;
use act::Act;
use racer::{Leaf, Stamp};
use track::Track;

/// A history of one table that caches.
#[derive(Clone)]
pub(super) struct Races {
    setting: Setting,
    steps: Vec<Step>,
}

/// What the table and its database are like.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setting {
    /// How many records the table keeps in its cache.
    bound: Option<usize>,
    /// Requests go wrong with this seed and probability.
    storm: Option<(u64, f64)>,
}

#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// One more task.
    Begin(Act),
    /// One of the tasks goes on, so many times.
    GoOn {
        task: usize,
        polls: usize,
    },
    GiveUp(usize),
    Clear(Clear),
    /// Another program sets a value, or deletes the record.
    Foreign(usize, Option<(Leaf, Stamp)>),
    /// All tasks go on to their ends, and what is shown then is looked at.
    Rest,
    /// Nothing is known of a record, and several tasks read the same of it.
    Crowd {
        record: usize,
        acts: Vec<Act>,
        seed: u64,
    },
}

/// Of one record, or of all.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Clear {
    CachedData(Option<usize>),
    CachedDataAndPending,
    Refresh(Option<usize>),
    Rollback(Option<usize>),
}

impl Clear {
    /// Whether it concerns the record.
    fn is_of(self, record: usize) -> bool {
        match self {
            Clear::CachedData(only) | Clear::Refresh(only) | Clear::Rollback(only) => {
                only.is_none_or(|only| only == record)
            }
            Clear::CachedDataAndPending => true,
        }
    }

    /// Whether what is pending is given up.
    fn drops(self) -> bool {
        matches!(self, Clear::CachedDataAndPending | Clear::Rollback(_))
    }

    /// Whether what was read is forgotten.
    fn forgets(self) -> bool {
        !matches!(self, Clear::Rollback(_))
    }
}

impl Races {
    pub(super) fn draw(rng: Rng) -> Races {
        let (setting, steps) = draw::history(rng);
        Races { setting, steps }
    }
}

impl History for Races {
    type Step = Step;

    fn steps(&mut self) -> &mut Vec<Step> {
        &mut self.steps
    }

    fn run(&self) -> Result<Tally, Failed> {
        let open = finished(finish(Track::open(self.setting))).and_then(|open| open);
        let mut track = open.map_err(Failed::at(0))?;
        for (at, step) in self.steps.iter().enumerate() {
            track.step(step).map_err(Failed::at(at))?;
        }
        track.end().map_err(|what| Failed { at: self.steps.len(), what: format!("at the end: {what}") })?;
        Ok(track.tally())
    }

    fn strip(&mut self) {
        self.without(|races| races.setting.storm = None);
        self.without(|races| races.setting.bound = None);
    }

    fn lines(&self) -> Vec<String> {
        let setting = format!("{:?}", self.setting);
        std::iter::once(setting).chain(self.steps.iter().map(|step| format!("{step:?}"))).collect()
    }
}
