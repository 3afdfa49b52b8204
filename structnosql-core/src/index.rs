//! Index keys: what a query asks an index or the table for.

mod field;
pub mod text;

pub use field::{IndexKeyField, IntoIndexPart};

use std::marker::PhantomData;

use serde::{Deserialize, Serialize};

use crate::field::Template;
use crate::key::{IntoKeyPart, KeyValue};
use crate::mismatch::Mismatch;
use crate::schema::KeyAttribute;
use crate::text::Text;
use crate::value::Value;

/// A partition key value of the table or of one of its indexes, with an optional condition on the sort key.
///
/// Made by the methods of a model's `indexes()`; see [`TableDataModel`](crate::TableDataModel).
#[derive(Clone, Debug)]
#[must_use = "an index key does nothing until it is given to a query"]
pub struct IndexKey<M, S> {
    index: Option<&'static str>,
    partition_name: Text,
    sort_name: Option<Text>,
    partition: Result<KeyValue<'static>, Mismatch>,
    sort: Option<Result<SortCondition, Mismatch>>,
    beginning: Option<SortCondition>,
    model: PhantomData<fn() -> (M, S)>,
}

/// The sort key type of a table or index that has no sort key.
#[derive(Clone, Copy, Debug)]
pub struct NoSortKey;

impl<M, S> IndexKey<M, S> {
    /// For the expansion of the derive.
    #[doc(hidden)]
    pub fn new<P>(
        index: Option<&'static str>,
        partition_name: Text,
        sort_name: Option<Text>,
        partition: impl IntoKeyPart<P>,
    ) -> Self {
        Self::of(index, partition_name, sort_name, partition.into_part().map(KeyValue::into_owned))
    }

    fn of(
        index: Option<&'static str>,
        partition_name: Text,
        sort_name: Option<Text>,
        partition: Result<KeyValue<'static>, Mismatch>,
    ) -> Self {
        let at = partition_name.clone();
        let partition = partition.map_err(|error| error.under(at.into()));
        IndexKey { index, partition_name, sort_name, partition, sort: None, beginning: None, model: PhantomData }
    }

    /// For the expansion of the derive: without another condition, only the sort keys that begin as the template does.
    #[doc(hidden)]
    pub fn beginning(mut self, template: Template) -> Self {
        self.beginning = beginning(template.beginning());
        self
    }

    /// The same key for the rows of a collection, of which all sort keys of the table begin so.
    pub(crate) fn of_collection<C>(self, common: (&'static str, bool)) -> IndexKey<C, S> {
        let IndexKey { index, partition_name, sort_name, partition, sort, .. } = self;
        // What its entities have in an index nothing says.
        let beginning = if index.is_none() { beginning(common) } else { None };
        IndexKey { index, partition_name, sort_name, partition, sort, beginning, model: PhantomData }
    }

    /// Only records whose sort key meets the condition.
    ///
    /// ```
    /// use structnosql_core::index::{begins_with, between, greater};
    /// # use structnosql_core::index::SortRange;
    /// # fn given<S>(_: impl Into<Option<SortRange<S>>>) {}
    /// # given::<String>(begins_with::<String>("2026-"));
    /// # given::<u32>(between::<u32>(1, 9));
    /// # given::<u32>(greater::<u32>(5));
    /// ```
    pub fn sort(mut self, range: SortRange<S>) -> Self {
        self.set_sort(range);
        self
    }

    pub(crate) fn set_sort(&mut self, range: SortRange<S>) {
        let at = self.sort_name.clone().unwrap_or_default();
        self.sort = Some(range.condition.map_err(|error| error.under(at.into())));
    }

    pub(crate) fn into_parts(self) -> Result<IndexParts, Mismatch> {
        Ok(IndexParts {
            index: self.index,
            partition: (self.partition_name, self.partition?),
            sort: self.sort_name.zip(self.sort.transpose()?.or(self.beginning)),
        })
    }
}

/// An index key whose values have been checked.
pub(crate) struct IndexParts {
    pub(crate) index: Option<&'static str>,
    pub(crate) partition: (Text, KeyValue<'static>),
    pub(crate) sort: Option<(Text, SortCondition)>,
}

/// A condition on a sort key of type `S`, made by [`equal`], [`less`], [`less_or_equal`], [`greater`],
/// [`greater_or_equal`], [`between`] and [`begins_with`].
#[derive(Clone, Debug)]
pub struct SortRange<S> {
    condition: Result<SortCondition, Mismatch>,
    sort: PhantomData<fn() -> S>,
}

/// A condition on a sort key, by AWS's page on
/// [key condition expressions](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.KeyConditionExpressions.html).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum SortCondition {
    /// Equal to the value.
    Equal(KeyValue<'static>),
    /// Less than the value.
    Less(KeyValue<'static>),
    /// Less than or equal to the value.
    LessOrEqual(KeyValue<'static>),
    /// Greater than the value.
    Greater(KeyValue<'static>),
    /// Greater than or equal to the value.
    GreaterOrEqual(KeyValue<'static>),
    /// From the first value to the second, both included.
    Between(KeyValue<'static>, KeyValue<'static>),
    /// Strings and binary that begin with the value.
    BeginsWith(KeyValue<'static>),
}

impl SortCondition {
    /// Whether a stored sort key value meets the condition; nothing stored meets none.
    pub(crate) fn holds(&self, stored: Option<&Value>) -> bool {
        let Some(stored) = stored.and_then(KeyValue::of) else {
            return false;
        };
        match self {
            SortCondition::Equal(value) => stored == *value,
            SortCondition::Less(value) => stored < *value,
            SortCondition::LessOrEqual(value) => stored <= *value,
            SortCondition::Greater(value) => stored > *value,
            SortCondition::GreaterOrEqual(value) => stored >= *value,
            SortCondition::Between(low, high) => (low..=high).contains(&&stored),
            SortCondition::BeginsWith(prefix) => match (&stored, prefix) {
                (KeyValue::String(text), KeyValue::String(prefix)) => text.starts_with(prefix.as_ref()),
                (KeyValue::Binary(bytes), KeyValue::Binary(prefix)) => bytes.starts_with(prefix),
                _ => false,
            },
        }
    }

    /// Refuses what DynamoDB would: values that are no keys, bounds the wrong way round, the beginning of a number.
    pub(crate) fn check(&self, sort_key: &KeyAttribute) -> Result<(), Mismatch> {
        self.operands().try_for_each(|operand| operand.check(sort_key))?;
        let wrong = |expected: &'static str, found: String| {
            Err(Mismatch::new(expected, found).under(sort_key.name.clone().into()))
        };
        match self {
            SortCondition::Between(low, high) if low > high => {
                wrong("bounds of `between` from the lower to the upper one", format!("{low} before {high}"))
            }
            SortCondition::BeginsWith(KeyValue::Number(_)) => {
                wrong("a string or binary for `begins_with`", "a number".to_owned())
            }
            _ => Ok(()),
        }
    }

    /// The values that the sort key is compared with.
    pub fn operands(&self) -> impl Iterator<Item = &KeyValue<'static>> {
        let (first, second) = match self {
            SortCondition::Between(low, high) => (low, Some(high)),
            SortCondition::Equal(value)
            | SortCondition::Less(value)
            | SortCondition::LessOrEqual(value)
            | SortCondition::Greater(value)
            | SortCondition::GreaterOrEqual(value)
            | SortCondition::BeginsWith(value) => (value, None),
        };
        std::iter::once(first).chain(second)
    }
}

/// The condition on keys that begin so, or of which that is all there is.
fn beginning((text, whole): (&'static str, bool)) -> Option<SortCondition> {
    let value = || KeyValue::String(text.into());
    match whole {
        true => Some(SortCondition::Equal(value())),
        false => (!text.is_empty()).then(|| SortCondition::BeginsWith(value())),
    }
}

fn owned<S>(value: impl IntoKeyPart<S>) -> Result<KeyValue<'static>, Mismatch> {
    value.into_part().map(KeyValue::into_owned)
}

fn range<S>(condition: Result<SortCondition, Mismatch>) -> SortRange<S> {
    SortRange { condition, sort: PhantomData }
}

/// Sort keys equal to `value`.
pub fn equal<S>(value: impl IntoKeyPart<S>) -> SortRange<S> {
    range(owned(value).map(SortCondition::Equal))
}

/// Sort keys less than `value`.
pub fn less<S>(value: impl IntoKeyPart<S>) -> SortRange<S> {
    range(owned(value).map(SortCondition::Less))
}

/// Sort keys less than or equal to `value`.
pub fn less_or_equal<S>(value: impl IntoKeyPart<S>) -> SortRange<S> {
    range(owned(value).map(SortCondition::LessOrEqual))
}

/// Sort keys greater than `value`.
pub fn greater<S>(value: impl IntoKeyPart<S>) -> SortRange<S> {
    range(owned(value).map(SortCondition::Greater))
}

/// Sort keys greater than or equal to `value`.
pub fn greater_or_equal<S>(value: impl IntoKeyPart<S>) -> SortRange<S> {
    range(owned(value).map(SortCondition::GreaterOrEqual))
}

/// Sort keys from `low` to `high`, both included.
pub fn between<S>(low: impl IntoKeyPart<S>, high: impl IntoKeyPart<S>) -> SortRange<S> {
    range(owned(low).and_then(|low| Ok(SortCondition::Between(low, owned(high)?))))
}

/// Sort keys that begin with `prefix`: strings and binary only, as in DynamoDB.
pub fn begins_with<S>(prefix: impl IntoKeyPart<S>) -> SortRange<S> {
    range(owned(prefix).map(SortCondition::BeginsWith))
}
