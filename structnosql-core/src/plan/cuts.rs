//! Where a plan is cut into requests: DynamoDB bounds the expressions of each.

use std::borrow::Cow;
use std::ops::Range;

use super::Planned;
use crate::base::Base;
use crate::condition::Condition;
use crate::expression::Expressions;
use crate::lock::Terms;
use crate::schema::TableSchema;

impl Planned {
    /// Where the actions are cut so that each piece goes in one request, with its conditions. The first is sent on these
    /// terms, the others on those that it leaves.
    pub(super) fn cuts(&self, schema: &TableSchema, base: &Base, terms: &Terms) -> Vec<usize> {
        let mut cuts = Vec::new();
        if self.actions.len() <= 1 || *base == Base::Absent && !self.creates() {
            // One alone goes, whatever its size; or nothing of it is sent.
            return cuts;
        }
        // What is stored under an earlier name goes with the action that it makes room for.
        let goes_with_another = |at: &usize| schema.record.is_old(&self.actions[*at].path);
        let (mut from, mut terms) = (0, Cow::Borrowed(terms));
        loop {
            let end = from + self.fitting(from, schema, base, &terms);
            if end == self.actions.len() {
                return cuts;
            }
            let mut places = (from + 1..=end).rev().chain(end + 1..self.actions.len());
            let Some(cut) = places.find(|at| !goes_with_another(at)) else {
                return cuts;
            };
            cuts.push(cut);
            from = cut;
            terms = Cow::Owned(terms.of_the_next());
        }
    }

    /// How many of the actions from `from` on go in one request.
    fn fitting(&self, from: usize, schema: &TableSchema, base: &Base, terms: &Terms) -> usize {
        let version = terms.version_action(schema);
        let with_version = version.iter().chain(&self.actions[from..]);
        let count = Expressions::fitting(with_version).saturating_sub(version.iter().len());
        // One alone goes, whatever its size: the database has the last word on it.
        let count = count.max(1);
        let fits =
            |count: &usize| self.piece(from..from + count).bound(schema, base, terms).has_room(&terms.conditions);
        let is_free = version.is_none() && !terms.unchanged && terms.conditions.is_empty() && self.guards.is_empty();
        if is_free || fits(&count) {
            return count;
        }
        let counts: Vec<usize> = (1..=count).collect();
        match counts.partition_point(fits) {
            // It is the caller's condition that is too long.
            0 => count,
            fitting => fitting,
        }
    }

    fn piece(&self, range: Range<usize>) -> Planned {
        let guards = self.guards.iter().filter(|(at, _)| range.contains(at));
        let guards = guards.map(|(at, guard)| (at - range.start, guard.clone())).collect();
        Planned { actions: self.actions[range].to_vec(), guards, checks: Vec::new() }
    }

    /// Whether its conditions go with its actions.
    fn has_room(&self, conditions: &[Condition]) -> bool {
        self.condition(conditions, &self.checks).is_none_or(|condition| {
            let mut expressions = Expressions::default();
            expressions.update(&self.actions);
            expressions.condition_fits(&condition)
        })
    }
}
