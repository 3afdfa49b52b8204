//! `Option`, `Nullable` and `Box`.

use super::{FieldValue, vec_is_a_list};
use crate::mismatch::Mismatch;
use crate::path::DocumentPath;
use crate::presence::Presence;
use crate::schema::Shape;
use crate::value::Value;

/// May be absent. `None` leaves the attribute out (inside lists and maps it is NULL); a stored NULL reads as `None`.
impl<T: FieldValue> FieldValue for Option<T> {
    type Handle<M, P: Presence> = T::Handle<M, P::OrAbsent>;
    vec_is_a_list!();
    const SHAPE: &'static Shape = T::SHAPE;
    const OPTIONAL: bool = true;
    const HOLDS_NULL: bool = T::HOLDS_NULL;

    fn handle<M, P: Presence>(path: DocumentPath) -> Self::Handle<M, P> {
        T::handle(path)
    }

    fn encode(&self) -> Result<Option<Value>, Mismatch> {
        match self {
            Some(value) => value.encode(),
            None => Ok(None),
        }
    }

    fn decode(value: &Value) -> Result<Self, Mismatch> {
        match value {
            Value::Null if !T::HOLDS_NULL => Ok(None),
            present => T::decode(present).map(Some),
        }
    }

    fn absent() -> Option<Self> {
        Some(None)
    }
}

/// A value or NULL, told apart from an absent attribute; `Option<Nullable<T>>` has all three.
///
/// ```
/// use structnosql_core::{FieldValue, Nullable, Value};
///
/// assert_eq!(Nullable::<u32>::Null.encode()?, Some(Value::Null));
/// assert_eq!(Option::<Nullable<u32>>::decode(&Value::Null)?, Some(Nullable::Null));
/// assert_eq!(Option::<u32>::decode(&Value::Null)?, None);
/// # Ok::<(), structnosql_core::Mismatch>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Nullable<T> {
    /// A stored NULL.
    Null,
    /// A stored value.
    Value(T),
}

impl<T: FieldValue> FieldValue for Nullable<T> {
    super::plain_handle!();
    vec_is_a_list!();
    const SHAPE: &'static Shape = &Shape::Nullable(T::SHAPE);
    const HOLDS_NULL: bool = true;

    fn encode(&self) -> Result<Option<Value>, Mismatch> {
        match self {
            Nullable::Null => Ok(Some(Value::Null)),
            Nullable::Value(value) => value.encode(),
        }
    }

    fn decode(value: &Value) -> Result<Self, Mismatch> {
        match value {
            Value::Null => Ok(Nullable::Null),
            present => T::decode(present).map(Nullable::Value),
        }
    }
}

/// As the inside. Recursive structs need one somewhere.
impl<T: FieldValue> FieldValue for Box<T> {
    type Handle<M, P: Presence> = T::Handle<M, P>;
    vec_is_a_list!();
    const SHAPE: &'static Shape = T::SHAPE;
    const OPTIONAL: bool = T::OPTIONAL;
    const HOLDS_NULL: bool = T::HOLDS_NULL;

    fn handle<M, P: Presence>(path: DocumentPath) -> Self::Handle<M, P> {
        T::handle(path)
    }

    fn encode(&self) -> Result<Option<Value>, Mismatch> {
        T::encode(self)
    }

    fn decode(value: &Value) -> Result<Self, Mismatch> {
        T::decode(value).map(Box::new)
    }

    fn absent() -> Option<Self> {
        T::absent().map(Box::new)
    }
}
