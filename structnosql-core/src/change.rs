//! Changes of single fields, typed by their model.

use std::fmt;
use std::marker::PhantomData;

use crate::error::{Error, ErrorKind};
use crate::failure::{Failure, FailureClass};
use crate::field::{FieldValue, IntoField};
use crate::handle::Field;
use crate::mismatch::Mismatch;
use crate::path::DocumentPath;
use crate::presence::{Removable, Writable};
use crate::report::OperationKind;
use crate::value::{MAX_DEPTH, MAX_ITEM_SIZE, Value};

/// One change of one field of the model `M`, made by [`FieldExt`] or the functions of [`ops`](crate::ops).
///
/// Changes of fields of different types are one type, so that an array can hold several.
#[must_use = "a change does nothing until it is given to an update"]
pub struct Change<M> {
    path: DocumentPath,
    action: Result<Action, Error>,
    model: PhantomData<fn() -> M>,
}

/// What is done at a path.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Action {
    /// Store the value.
    Set(Value),
    /// Take the value out.
    Remove,
}

impl Action {
    /// Which of the two kinds of operations it is.
    pub fn kind(&self) -> OperationKind {
        match self {
            Action::Set(_) => OperationKind::Update,
            Action::Remove => OperationKind::Remove,
        }
    }
}

impl<M> Change<M> {
    pub(crate) fn new(path: DocumentPath, action: Action) -> Self {
        Change { path, action: Ok(action), model: PhantomData }
    }

    /// Stores `value` in `field`.
    pub fn set<F>(field: F, value: impl IntoField<F::Value>) -> Self
    where
        F: Field<Model = M>,
        F::Presence: Writable,
    {
        let path = field.into_path();
        let action = match value.into_field().and_then(|value| encode(&path, &value)) {
            Ok(value) => Ok(Action::Set(value)),
            Err(mismatch) => Err(ErrorKind::InvalidValue(mismatch.at(&path)).into()),
        };
        Change { path, action, model: PhantomData }
    }

    /// Takes the value of `field` out.
    pub fn remove<F>(field: F) -> Self
    where
        F: Field<Model = M>,
        F::Presence: Removable,
    {
        Change::new(field.into_path(), Action::Remove)
    }

    /// The path and what is done there, or why the value cannot be stored.
    pub(crate) fn into_parts(self) -> Result<(DocumentPath, Action), Error> {
        Ok((self.path, self.action?))
    }
}

fn encode<T: FieldValue>(path: &DocumentPath, value: &T) -> Result<Value, Mismatch> {
    let value = value.encode()?.ok_or_else(|| Mismatch::new("a value (remove the field instead)", "none"))?;
    check_depth(path, &value)?;
    Ok(value)
}

/// DynamoDB holds 32 levels, counted from the record's attributes.
pub(crate) fn check_depth(path: &DocumentPath, value: &Value) -> Result<(), Mismatch> {
    let levels = path.segments().len() + value.depth();
    if levels > MAX_DEPTH {
        return Err(Mismatch::new("at most 32 levels of nesting", format!("{levels} levels")));
    }
    Ok(())
}

/// A value that fits no item is refused before anything is pended or sent.
pub(crate) fn check_size(changes: &[(DocumentPath, Action)]) -> Result<(), Error> {
    for (path, action) in changes {
        if let Action::Set(value) = action {
            let size = value.size();
            if size > MAX_ITEM_SIZE {
                let message = format!("`{path}` has {size} bytes; DynamoDB stores at most {MAX_ITEM_SIZE} in an item");
                return Err(Failure::new(FailureClass::TooLarge, message).into());
            }
        }
    }
    Ok(())
}

impl<M> fmt::Debug for Change<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.action {
            Ok(Action::Set(_)) => write!(f, "set {}", self.path),
            Ok(Action::Remove) => write!(f, "remove {}", self.path),
            Err(error) => write!(f, "{error}"),
        }
    }
}

/// The verbs of fields. They live beside the handles, so that a model may have a field named `set`.
pub trait FieldExt: Field {
    /// A change that stores `value` here.
    fn set(self, value: impl IntoField<Self::Value>) -> Change<Self::Model>
    where
        Self: Sized,
        Self::Presence: Writable,
    {
        Change::set(self, value)
    }

    /// A change that takes the value here out.
    fn remove(self) -> Change<Self::Model>
    where
        Self: Sized,
        Self::Presence: Removable,
    {
        Change::remove(self)
    }
}

impl<F: Field> FieldExt for F {}

/// The verbs of fields as functions, for where a model's own field has the name of a verb.
pub mod ops {
    use super::{Change, Field, IntoField, Removable, Writable};

    /// A change that stores `value` in `field`.
    pub fn set<F: Field>(field: F, value: impl IntoField<F::Value>) -> Change<F::Model>
    where
        F::Presence: Writable,
    {
        Change::set(field, value)
    }

    /// A change that takes the value of `field` out.
    pub fn remove<F: Field>(field: F) -> Change<F::Model>
    where
        F::Presence: Removable,
    {
        Change::remove(field)
    }
}
