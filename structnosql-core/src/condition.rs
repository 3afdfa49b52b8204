//! Conditions that a stored item must meet for a write to be applied.

use crate::path::DocumentPath;
use crate::value::Value;

/// A condition on the stored item; see AWS's page on
/// [condition expressions](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.ConditionExpressions.html).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Condition {
    /// Something is stored at the path, a NULL included.
    Exists(DocumentPath),
    /// Nothing is stored at the path.
    NotExists(DocumentPath),
    /// A NULL is stored at the path.
    IsNull(DocumentPath),
    /// Every one of them.
    All(Vec<Condition>),
}

impl Condition {
    /// Both conditions, without nesting one list in another.
    #[must_use]
    pub fn and(self, other: Condition) -> Condition {
        match (self, other) {
            (Condition::All(mut all), Condition::All(more)) => {
                all.extend(more);
                Condition::All(all)
            }
            (Condition::All(mut all), one) => {
                all.push(one);
                Condition::All(all)
            }
            (one, Condition::All(mut all)) => {
                all.insert(0, one);
                Condition::All(all)
            }
            (one, other) if one == other => one,
            (one, other) => Condition::All(vec![one, other]),
        }
    }

    /// The paths that it reads.
    pub(crate) fn paths(&self) -> Vec<&DocumentPath> {
        match self {
            Condition::Exists(path) | Condition::NotExists(path) | Condition::IsNull(path) => vec![path],
            Condition::All(all) => all.iter().flat_map(Condition::paths).collect(),
        }
    }

    /// Whether it holds for an item, or for no item.
    pub(crate) fn holds(&self, item: Option<&Value>) -> bool {
        let at = |path: &DocumentPath| item.and_then(|item| item.descend(path.segments()));
        match self {
            Condition::Exists(path) => at(path).is_some(),
            Condition::NotExists(path) => at(path).is_none(),
            Condition::IsNull(path) => at(path) == Some(&Value::Null),
            Condition::All(all) => all.iter().all(|one| one.holds(item)),
        }
    }

    /// All of `conditions`, or nothing where there are none.
    pub fn all(conditions: impl IntoIterator<Item = Condition>) -> Option<Condition> {
        conditions.into_iter().reduce(Condition::and)
    }
}
