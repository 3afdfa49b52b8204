//! The requests that a fold takes: one, or several where DynamoDB forces them.

use std::borrow::Cow;
use std::fmt;

use super::whole::check_given;
use super::{Planned, plan};
use crate::action::Action;
use crate::base::Base;
use crate::condition::Condition;
use crate::error::Error;
use crate::failure::{Failure, FailureClass};
use crate::fold::{Fate, Fold};
use crate::lock::Terms;
use crate::path::DocumentPath;
use crate::report::OperationKind;
use crate::schema::TableSchema;

/// The first request of those that a fold takes.
pub(crate) struct Part {
    pub(crate) planned: Planned,
    /// Where there are more.
    pub(crate) split: Option<Parts>,
}

/// A fold that takes several requests.
pub(crate) struct Parts {
    /// What the first request carries.
    pub(crate) now: Fold,
    /// What the later ones do, in their order, and why they cannot go with the first.
    pub(crate) later: Vec<(Fold, Vec<Split>)>,
}

/// A pending change that does not go in one request with the others.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Split {
    /// Where.
    pub path: DocumentPath,
    /// Why.
    pub reason: SplitReason,
}

/// Why a record takes more than one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "camelCase"))]
#[non_exhaustive]
pub enum SplitReason {
    /// The set gains members and loses others, and an expression takes each path once.
    SetGainsAndLoses,
    /// The list grows at its front and changes elsewhere, and an expression takes each path once.
    ListGrowsAndChanges,
    /// With this change the expression would pass 4 KB, 300 operators or 2 MB of values.
    ExpressionLimits,
    /// This backend [sets and removes](crate::Capabilities::grouped_updates) in requests of their own.
    RemovesApart,
}

impl fmt::Display for Split {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.reason {
            SplitReason::SetGainsAndLoses => write!(f, "`{}` gains members and loses others", self.path),
            SplitReason::ListGrowsAndChanges => write!(f, "`{}` grows at its front and changes elsewhere", self.path),
            SplitReason::RemovesApart => write!(f, "`{}` is removed, which takes its own request here", self.path),
            SplitReason::ExpressionLimits => write!(f, "with `{}` the expression passes DynamoDB's limits", self.path),
        }
    }
}

/// Plans the first request that `fold` takes. It takes more where a set gains and loses members, where a list grows at
/// its front and changes elsewhere, and where an expression would be too long; not where what is known tells that one of
/// the two comes to nothing.
pub(crate) fn plan_part(schema: &TableSchema, base: &Base, fold: &Fold, terms: &Terms) -> Result<Part, Error> {
    check_capabilities(fold, terms)?;
    if !terms.can.grouped_updates && fold.has(OperationKind::Update) && fold.has(OperationKind::Remove) {
        let mut removals = fold.clone();
        let now = removals.take_kind(OperationKind::Update, Fate::Applied);
        let mut part = plan_part(schema, base, &now, terms)?;
        let mut splits = Vec::new();
        removals.visit(&mut |folded| splits.push(Split { path: folded.path, reason: SplitReason::RemovesApart }));
        part.split.get_or_insert(Parts { now, later: Vec::new() }).later.push((removals, splits));
        return Ok(part);
    }
    let takes_two = fold.takes_two();
    if takes_two && let Some(planned) = plan_in_one(schema, base, fold, terms)? {
        return Ok(Part { planned: next_request(planned, schema, base, terms)?, split: None });
    }
    let mut now = Cow::Borrowed(fold);
    let by_kind = if takes_two { now.to_mut().take_later() } else { Fold::default() };
    // Its plan is made when the first request is applied: too late to say what is missing.
    check_given(schema, &by_kind)?;
    let mut planned = plan(schema, base, &now, terms.can)?;
    let cuts = planned.cuts(schema, base, terms);
    if !takes_two && cuts.is_empty() {
        return Ok(Part { planned: next_request(planned, schema, base, terms)?, split: None });
    }
    let mut now = now.into_owned();
    let splits = splits_by_kind(&by_kind);
    let mut later = vec![(by_kind, splits)];
    // From the end, so that each change moves once.
    for action in cuts.iter().rev().filter_map(|at| planned.actions.get(*at)) {
        let split = Split { path: action.path.clone(), reason: SplitReason::ExpressionLimits };
        later.push((now.split_at(action), vec![split]));
    }
    later.reverse();
    later.retain(|(fold, _)| !fold.is_empty());
    if now.is_empty() && !later.is_empty() {
        // A single change of the fold is not cut.
        now = later.remove(0).0;
    }
    if !cuts.is_empty() {
        planned = plan(schema, base, &now, terms.can)?;
    }
    Ok(Part { planned: next_request(planned, schema, base, terms)?, split: Some(Parts { now, later }) })
}

/// Plans what would take two requests in the one that carries all of `fold`, where what is known allows that.
///
/// What comes to nothing is left out of it alone, which is refused where that is not so any more. Nothing is left out of
/// several requests: what is planned again after the refusal of one is what that one carries.
fn plan_in_one(schema: &TableSchema, base: &Base, fold: &Fold, terms: &Terms) -> Result<Option<Planned>, Error> {
    if !terms.can.conditions {
        return Ok(None);
    }
    let mut fold = fold.clone();
    let guards = fold.in_one(base);
    if fold.takes_two() {
        return Ok(None);
    }
    let mut planned = plan(schema, base, &fold, terms.can)?;
    planned.guards.extend(guards.into_iter().map(|guard| (0, guard)));
    Ok(Some(planned).filter(|planned| planned.cuts(schema, base, terms).is_empty()))
}

/// A plan as the next request; an error where there is none, and a condition would be refused.
fn next_request(planned: Planned, schema: &TableSchema, base: &Base, terms: &Terms) -> Result<Planned, Error> {
    let planned = planned.bound(schema, base, terms);
    let unmet = |condition: &Condition| !condition.holds(None);
    if planned.actions.is_empty() && *base == Base::Absent && terms.conditions.iter().any(unmet) {
        // No request will find it out.
        let message = "there is no record, and a condition asks for one";
        return Err(Failure::new(FailureClass::ConditionFailed, message).into());
    }
    Ok(planned)
}

/// Refuses what the database cannot do, before any of it is sent.
fn check_capabilities(fold: &Fold, terms: &Terms) -> Result<(), Error> {
    let Terms { conditions, raise, unchanged, can } = terms;
    if !can.conditions && (!conditions.is_empty() || raise.is_some() || *unchanged) {
        return Err(Failure::unsupported("conditions on writes").into());
    }
    let mut computed = None;
    if !can.computed_updates {
        fold.visit(&mut |folded| {
            if folded.path.enters_list() || !matches!(folded.action, Action::Set(_) | Action::Remove) {
                computed.get_or_insert(folded.path);
            }
        });
    }
    match computed {
        None => Ok(()),
        Some(path) => {
            let what = format!("updates that depend on what is stored, as that of `{path}` does");
            Err(Failure::unsupported(&what).into())
        }
    }
}

/// Which of the changes that were taken out by their kind are those that do not go with the rest.
fn splits_by_kind(later: &Fold) -> Vec<Split> {
    let mut splits = Vec::new();
    later.visit(&mut |folded| {
        let reason = match folded.action {
            Action::Members { .. } => SplitReason::SetGainsAndLoses,
            Action::Prepend(_) => SplitReason::ListGrowsAndChanges,
            _ => return,
        };
        splits.push(Split { path: folded.path, reason });
    });
    splits
}
