//! What a caching table must show and store, in plain trees: the model that the soak compares the engine with.
//!
//! It shares no code with the engine. It knows the database's content, which the engine has to find out, so that a
//! view is always whole: what the database holds, with what cleared operations left behind laid over, and the
//! visible operations over that.

mod action;
mod choices;
mod condition;
mod decimal;
mod pending;
mod record;
mod requirements;
mod shape;
mod tree;

pub(crate) use action::{Action, Kind};
pub(crate) use choices::Choice;
pub(crate) use condition::Condition;
pub(crate) use decimal::Decimal;
pub(crate) use pending::{List, Node, Pending, Slot};
pub(crate) use record::{Commit, Flight, Path, Record};
pub(crate) use shape::{Field, Shape};
pub(crate) use tree::{Entries, Member, Tree, entries_of, map_of};
