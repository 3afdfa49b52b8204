//! The requests that a fold takes: one, or several where DynamoDB forces them.

use std::borrow::Cow;
use std::fmt;

use super::{Planned, plan};
use crate::action::Action;
use crate::base::Base;
use crate::condition::Condition;
use crate::error::Error;
use crate::expression::Expressions;
use crate::failure::{Failure, FailureClass};
use crate::fold::{Fate, Fold};
use crate::lock::{Terms, unchanged};
use crate::path::{DocumentPath, Segment};
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
    if let Some(planned) = plan_in_one(schema, base, fold, terms)? {
        return Ok(Part { planned, split: None });
    }
    let plan = |fold: &Fold| plan(schema, base, fold, terms);
    let fitting = |planned: &Planned| planned.fitting(schema, base, terms);
    let mut now = fold.clone();
    let by_kind = now.take_later();
    let mut planned = plan(&now)?;
    let mut later = Vec::new();
    // What is stored under an earlier name goes with the action that it makes room for.
    let goes_with_another =
        |at: &usize| planned.actions.get(*at).is_some_and(|action| schema.record.is_old(&action.path));
    let first_later = (0..=fitting(&planned)).rev().find(|at| !goes_with_another(at));
    if let Some(action) = first_later.and_then(|at| planned.actions.get(at)) {
        let split = Split { path: action.path.clone(), reason: SplitReason::ExpressionLimits };
        later.push((now.split_at(action), vec![split]));
        planned = plan(&now)?;
    }
    let splits = splits_by_kind(&by_kind);
    later.push((by_kind, splits));
    later.retain(|(fold, _)| !fold.is_empty());
    Ok(Part { planned, split: Some(Parts { now, later }) })
}

/// Plans the one request that carries all of `fold`, where there is one.
///
/// What comes to nothing is left out of it alone, which is refused where that is not so any more. Nothing is left out of
/// several requests: what is planned again after the refusal of one is what that one carries.
fn plan_in_one(schema: &TableSchema, base: &Base, fold: &Fold, terms: &Terms) -> Result<Option<Planned>, Error> {
    let (mut fold, mut guards) = (Cow::Borrowed(fold), Vec::new());
    if fold.takes_two() && terms.can.conditions {
        guards = fold.to_mut().in_one(base);
    }
    if fold.takes_two() {
        return Ok(None);
    }
    let mut planned = plan(schema, base, &fold, terms)?;
    planned.guards.extend(guards);
    let unmet = |condition: &Condition| !condition.holds(None);
    if planned.actions.is_empty() && *base == Base::Absent && terms.conditions.iter().any(unmet) {
        // No request will find it out.
        let message = "there is no record, and a condition asks for one";
        return Err(Failure::new(FailureClass::ConditionFailed, message).into());
    }
    Ok(Some(planned).filter(|planned| planned.fitting(schema, base, terms) >= planned.actions.len()))
}

impl Planned {
    /// How many of the actions go in one request with their conditions.
    fn fitting(&self, schema: &TableSchema, base: &Base, terms: &Terms) -> usize {
        // The version and one action alone go, whatever their size: the database has the last word on it.
        let least = if terms.raise.is_some() { 2 } else { 1 };
        let mut expressions = Expressions::default();
        let condition = self.condition(&terms.conditions, &self.checks);
        let conditions_fit = condition.is_none_or(|condition| expressions.condition_fits(&condition));
        let count = expressions.fitting(&self.actions).max(least);
        if conditions_fit || !terms.unchanged {
            return count;
        }
        // What was read of fewer paths takes fewer conditions.
        let fits = |count: &usize| {
            let checks = unchanged(schema, base, &self.actions[..*count]);
            let condition = self.condition(&terms.conditions, &checks);
            condition.is_none_or(|condition| Expressions::default().condition_fits(&condition))
        };
        let counts: Vec<usize> = (least..=count.min(self.actions.len())).collect();
        least + counts.partition_point(fits).saturating_sub(1)
    }
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
            let in_list = folded.path.segments().iter().any(|segment| matches!(segment, Segment::Index(_)));
            if in_list || !matches!(folded.action, Action::Set(_) | Action::Remove) {
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
