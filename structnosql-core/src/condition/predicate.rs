//! Typed conditions, made by the fields of a model.

use std::fmt;
use std::marker::PhantomData;

use super::{Comparison, Condition, Operand};
use crate::error::{Error, ErrorKind};
use crate::field::{FieldValue, IntoField, ListField, SetField};
use crate::handle::Field;
use crate::mismatch::Mismatch;
use crate::model::TableDataModel;
use crate::number::Number;
use crate::path::DocumentPath;
use crate::value::{StoredType, Value};

/// A condition on the stored records of the model `M`: `f().ratings().imdb().lt(9)`.
///
/// Given to `.condition(..)` of a write, it means the record as it is stored when the write is applied.
#[derive(Clone)]
#[must_use = "a condition does nothing until it is given to a write"]
pub struct Predicate<M> {
    condition: Result<Condition, Mismatch>,
    model: PhantomData<fn() -> M>,
}

impl<M> Predicate<M> {
    fn new(condition: Result<Condition, Mismatch>) -> Self {
        Predicate { condition, model: PhantomData }
    }

    /// Both hold.
    pub fn and(self, other: Predicate<M>) -> Self {
        Predicate::new(self.condition.and_then(|one| Ok(one.and(other.condition?))))
    }

    /// At least one of the two holds.
    pub fn or(self, other: Predicate<M>) -> Self {
        Predicate::new(self.condition.and_then(|one| Ok(one.or(other.condition?))))
    }
}

impl<M: TableDataModel> Predicate<M> {
    /// What the database is asked.
    pub(crate) fn into_condition(self) -> Result<Condition, Error> {
        let condition = self.condition.map_err(ErrorKind::InvalidValue)?;
        condition.check().map_err(ErrorKind::Condition)?;
        Ok(M::table().record.of_either_name(condition))
    }
}

/// The condition does not hold.
impl<M> std::ops::Not for Predicate<M> {
    type Output = Self;

    fn not(self) -> Self {
        Predicate::new(self.condition.map(|one| Condition::Not(Box::new(one))))
    }
}

impl<M> fmt::Debug for Predicate<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.condition {
            Ok(condition) => condition.fmt(f),
            Err(mismatch) => mismatch.fmt(f),
        }
    }
}

/// The conditions that a field can be asked for.
pub trait ConditionExt: Field {
    /// The stored value is equal to `value`.
    fn eq(self, value: impl IntoField<Self::Value>) -> Predicate<Self::Model> {
        compare(self, Comparison::Equal, value)
    }

    /// The stored value is not equal to `value`, or there is none.
    fn ne(self, value: impl IntoField<Self::Value>) -> Predicate<Self::Model> {
        compare(self, Comparison::NotEqual, value)
    }

    /// The stored value is less than `value`.
    fn lt(self, value: impl IntoField<Self::Value>) -> Predicate<Self::Model> {
        compare(self, Comparison::Less, value)
    }

    /// The stored value is less than or equal to `value`.
    fn le(self, value: impl IntoField<Self::Value>) -> Predicate<Self::Model> {
        compare(self, Comparison::LessOrEqual, value)
    }

    /// The stored value is greater than `value`.
    fn gt(self, value: impl IntoField<Self::Value>) -> Predicate<Self::Model> {
        compare(self, Comparison::Greater, value)
    }

    /// The stored value is greater than or equal to `value`.
    fn ge(self, value: impl IntoField<Self::Value>) -> Predicate<Self::Model> {
        compare(self, Comparison::GreaterOrEqual, value)
    }

    /// The stored value lies between the two, both included. The lower one comes first.
    fn between(self, low: impl IntoField<Self::Value>, high: impl IntoField<Self::Value>) -> Predicate<Self::Model> {
        of(self, |path| Ok(Condition::Between(Operand::Value(path), encode(low)?, encode(high)?)))
    }

    /// The stored value is one of these: 1 to 100 values.
    #[allow(clippy::wrong_self_convention, reason = "a field is a value, and the name is DynamoDB's")]
    fn is_in<V: IntoField<Self::Value>>(self, values: impl IntoIterator<Item = V>) -> Predicate<Self::Model> {
        let values = values.into_iter().map(encode).collect::<Result<Vec<_>, _>>();
        of(self, |path| Ok(Condition::In(Operand::Value(path), values?)))
    }

    /// The stored string or binary begins with `prefix`.
    fn begins_with(self, prefix: impl IntoField<Self::Value>) -> Predicate<Self::Model> {
        of(self, |path| Ok(Condition::BeginsWith(path, encode(prefix)?)))
    }

    /// The stored string contains `part`.
    fn contains(self, part: impl IntoField<Self::Value>) -> Predicate<Self::Model> {
        of(self, |path| Ok(Condition::Contains(path, encode(part)?)))
    }

    /// The stored set has this member.
    fn has_member(self, member: impl IntoField<<Self::Value as SetField>::Member>) -> Predicate<Self::Model>
    where
        Self::Value: SetField,
    {
        of(self, |path| Ok(Condition::Contains(path, encode(member)?)))
    }

    /// The stored list has an item equal to this one.
    fn has_item(self, item: impl IntoField<<Self::Value as ListField>::Item>) -> Predicate<Self::Model>
    where
        Self::Value: ListField,
    {
        of(self, |path| Ok(Condition::Contains(path, encode(item)?)))
    }

    /// Something is stored here, a NULL included.
    fn exists(self) -> Predicate<Self::Model> {
        of(self, |path| Ok(Condition::Exists(path)))
    }

    /// Nothing is stored here.
    fn not_exists(self) -> Predicate<Self::Model> {
        of(self, |path| Ok(Condition::NotExists(path)))
    }

    /// A value of this type is stored here, whatever the model says.
    fn attribute_type(self, stored_type: StoredType) -> Predicate<Self::Model> {
        of(self, |path| Ok(Condition::HasType(path, stored_type)))
    }

    /// The size of what is stored here: the length of a string or binary, the number of members of a set, list or map.
    fn size(self) -> SizeOf<Self::Model> {
        SizeOf { path: self.into_path(), model: PhantomData }
    }
}

impl<F: Field> ConditionExt for F {}

/// The size of a stored value, to be compared; made by [`ConditionExt::size`].
#[derive(Clone, Debug)]
#[must_use = "a size does nothing until it is compared"]
pub struct SizeOf<M> {
    path: DocumentPath,
    model: PhantomData<fn() -> M>,
}

macro_rules! size_comparisons {
    ($($(#[$doc:meta])* $name:ident: $comparison:ident;)*) => {
        impl<M> SizeOf<M> {
            $(
                $(#[$doc])*
                pub fn $name(self, size: usize) -> Predicate<M> {
                    let size = Value::Number(Number::from(size));
                    Predicate::new(Ok(Condition::Compare(Operand::Size(self.path), Comparison::$comparison, size)))
                }
            )*
        }
    };
}

size_comparisons! {
    /// The size is this.
    eq: Equal;
    /// The size is another than this.
    ne: NotEqual;
    /// The size is less than this.
    lt: Less;
    /// The size is at most this.
    le: LessOrEqual;
    /// The size is greater than this.
    gt: Greater;
    /// The size is at least this.
    ge: GreaterOrEqual;
}

fn of<F: Field>(field: F, condition: impl FnOnce(DocumentPath) -> Result<Condition, Mismatch>) -> Predicate<F::Model> {
    let path = field.into_path();
    Predicate::new(condition(path.clone()).map_err(|mismatch| mismatch.at(&path)))
}

fn compare<F: Field>(field: F, comparison: Comparison, value: impl IntoField<F::Value>) -> Predicate<F::Model> {
    of(field, |path| Ok(Condition::Compare(Operand::Value(path), comparison, encode(value)?)))
}

fn encode<T: FieldValue>(value: impl IntoField<T>) -> Result<Value, Mismatch> {
    value.into_field()?.encode()?.ok_or_else(|| Mismatch::new("a value to compare with", "none"))
}
