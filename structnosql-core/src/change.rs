//! Changes of single fields, typed by their model.

use std::fmt;
use std::marker::PhantomData;

use crate::action::Action;
use crate::error::{Error, ErrorKind};
use crate::failure::{Failure, FailureClass};
use crate::field::{FieldValue, IntoField, ListField, NumberField, SetField, empty_set};
use crate::handle::Field;
use crate::mismatch::Mismatch;
use crate::number::Number;
use crate::path::{DocumentPath, Segment};
use crate::presence::{Removable, Writable};
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

impl<M> Change<M> {
    pub(crate) fn new(path: DocumentPath, action: Action) -> Self {
        Change { path, action: Ok(action), model: PhantomData }
    }

    /// The change that `action` makes of a field, or why its values cannot be stored.
    #[inline]
    fn of<F: Field<Model = M>>(field: F, action: impl FnOnce(&DocumentPath) -> Result<Action, Mismatch>) -> Self {
        let path = field.into_path();
        let action = action(&path).map_err(|mismatch| ErrorKind::InvalidValue(mismatch.at(&path)).into());
        Change { path, action, model: PhantomData }
    }

    /// The path and what is done there, or why there can be no such path, or why the value cannot be stored.
    #[inline]
    pub(crate) fn into_parts(self) -> Result<(DocumentPath, Action), Error> {
        let action = self.action?;
        self.path.check()?;
        Ok((self.path, action))
    }
}

/// What stores a value in a field, or why it cannot be stored there.
#[inline]
pub(crate) fn storing<F: Field>(field: &F, value: impl IntoField<F::Value>) -> Result<Action, Error> {
    match encode(field.path(), value) {
        Ok(value) => Ok(Action::Set(value)),
        Err(mismatch) => Err(ErrorKind::InvalidValue(mismatch.at(field.path())).into()),
    }
}

/// A value that fits no item is refused before anything is pended or sent.
#[inline]
pub(crate) fn check_size(path: &DocumentPath, action: &Action) -> Result<(), Error> {
    // No number is too large, and counting its digits would be a good part of what pending one takes.
    match !matches!(action, Action::Set(Value::Number(_))) && action.size() > MAX_ITEM_SIZE {
        true => Err(too_large(path, action)),
        false => Ok(()),
    }
}

#[cold]
fn too_large(path: &DocumentPath, action: &Action) -> Error {
    let size = action.size();
    let message = format!("`{path}` has {size} bytes; DynamoDB stores at most {MAX_ITEM_SIZE} in an item");
    Failure::new(FailureClass::TooLarge, message).into()
}

impl<M> fmt::Debug for Change<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.action {
            Ok(action) => write!(f, "{} {}", action.verb(), self.path),
            Err(error) => write!(f, "{error}"),
        }
    }
}

/// The verbs of fields. They live beside the handles, so that a model may have a field named `set`.
///
/// Every one of them makes a [`Change`] for [`update_multiple_fields`](crate::Table::update_multiple_fields).
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs"));
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Error> {
/// # let (users, f) = (users().await?, User::fields);
/// let changes = [f().name().set("Paul"), f().visits().increment(1), f().tokens().key("t32").remove()];
/// users.update_multiple_fields("x42", changes).await?;
/// users.commit_operations().await?; // one UpdateItem
/// assert_eq!(users.get_field("x42", f().visits()).await?, Some(8));
/// # Ok(())
/// # }
/// ```
pub trait FieldExt: Field {
    /// Stores `value` here.
    #[inline]
    fn set(self, value: impl IntoField<Self::Value>) -> Change<Self::Model>
    where
        Self::Presence: Writable,
    {
        Change::of(self, |path| Ok(Action::Set(encode(path, value)?)))
    }

    /// Stores `value` here if nothing is stored here when the change is applied.
    fn set_if_absent(self, value: impl IntoField<Self::Value>) -> Change<Self::Model>
    where
        Self::Presence: Writable,
    {
        Change::of(self, |path| Ok(Action::SetIfAbsent(encode(path, value)?)))
    }

    /// Takes the value here out.
    fn remove(self) -> Change<Self::Model>
    where
        Self::Presence: Removable,
    {
        Change::new(self.into_path(), Action::Remove)
    }

    /// Adds `by`, which may be negative, to the number here; an absent one counts as 0.
    fn increment(self, by: impl IntoField<Number>) -> Change<Self::Model>
    where
        Self::Value: NumberField,
        Self::Presence: Writable,
    {
        Change::of(self, |_| Ok(Action::Increment { from: Number::from(0), by: by.into_field()? }))
    }

    /// Adds items to the end of the list here, which comes into being where it is absent.
    fn append<V: IntoField<<Self::Value as ListField>::Item>>(
        self,
        items: impl IntoIterator<Item = V>,
    ) -> Change<Self::Model>
    where
        Self::Value: ListField,
        Self::Presence: Writable,
    {
        Change::of(self, |path| grow::<Self::Value, V>(path, items, Action::Append))
    }

    /// Adds items to the front of the list here, in this order; the list comes into being where it is absent.
    fn prepend<V: IntoField<<Self::Value as ListField>::Item>>(
        self,
        items: impl IntoIterator<Item = V>,
    ) -> Change<Self::Model>
    where
        Self::Value: ListField,
        Self::Presence: Writable,
    {
        Change::of(self, |path| grow::<Self::Value, V>(path, items, Action::Prepend))
    }

    /// Adds members to the set here, which comes into being where it is absent.
    fn insert_into_set<V: IntoField<<Self::Value as SetField>::Member>>(
        self,
        members: impl IntoIterator<Item = V>,
    ) -> Change<Self::Model>
    where
        Self::Value: SetField,
        Self::Presence: Writable,
    {
        Change::of(self, |_| Ok(Action::Members { add: set_of::<Self::Value, V>(members)?, remove: None }))
    }

    /// Takes members out of the set here; a set that loses its last member is removed.
    fn remove_from_set<V: IntoField<<Self::Value as SetField>::Member>>(
        self,
        members: impl IntoIterator<Item = V>,
    ) -> Change<Self::Model>
    where
        Self::Value: SetField,
        Self::Presence: Writable,
    {
        Change::of(self, |_| Ok(Action::Members { add: None, remove: set_of::<Self::Value, V>(members)? }))
    }
}

impl<F: Field> FieldExt for F {}

#[inline]
fn encode<T: FieldValue>(path: &DocumentPath, value: impl IntoField<T>) -> Result<Value, Mismatch> {
    let value = value.into_field()?.encode()?;
    let value = value.ok_or_else(|| Mismatch::new("a value (remove the field instead)", "none"))?;
    check_value(path, &value)?;
    Ok(value)
}

/// No items at all still bring the list into being, as DynamoDB's `list_append` does.
fn grow<T: ListField, V: IntoField<T::Item>>(
    path: &DocumentPath,
    items: impl IntoIterator<Item = V>,
    grown: fn(Vec<Value>) -> Action,
) -> Result<Action, Mismatch> {
    let items: Vec<T::Item> = items.into_iter().map(V::into_field).collect::<Result<_, _>>()?;
    match T::Item::encode_vec(&items)? {
        Value::List(items) if items.is_empty() => Ok(Action::SetIfAbsent(Value::List(items))),
        Value::List(items) => {
            items.iter().try_for_each(|item| check_value(&path.clone().child(0), item))?;
            Ok(grown(items))
        }
        other => Err(Mismatch::type_of("a list", &other)),
    }
}

/// The members as a set; nothing where there are none.
fn set_of<T: SetField, V: IntoField<T::Member>>(
    members: impl IntoIterator<Item = V>,
) -> Result<Option<Value>, Mismatch> {
    let members: Vec<T::Member> = members.into_iter().map(V::into_field).collect::<Result<_, _>>()?;
    if members.is_empty() { Ok(None) } else { crate::field::encode_set(members.iter()).map(Some) }
}

/// Refuses what DynamoDB would: over 32 levels, counted from the record's attributes, names without a character, and
/// sets without a member.
#[inline]
pub(crate) fn check_value(path: &DocumentPath, value: &Value) -> Result<(), Mismatch> {
    let holds_values = !matches!(value, Value::Number(_) | Value::String(_) | Value::Bool(_));
    let levels = path.segments().len() + if holds_values { value.depth() } else { 0 };
    if levels > MAX_DEPTH {
        return Err(Mismatch::new("at most 32 levels of nesting", format!("{levels} levels")));
    }
    if holds_values { check_inside(value) } else { Ok(()) }
}

fn check_inside(value: &Value) -> Result<(), Mismatch> {
    match value {
        Value::Map(map) => map.iter().try_for_each(|(name, value)| {
            let checked = if name.is_empty() {
                Err(Mismatch::new("a name of at least one character", "an empty one"))
            } else {
                check_inside(value)
            };
            checked.map_err(|mismatch| mismatch.under(name.clone().into()))
        }),
        Value::List(items) => (0..)
            .zip(items)
            .try_for_each(|(at, item)| check_inside(item).map_err(|mismatch| mismatch.under(Segment::Index(at)))),
        set if set.is_empty_set() => Err(empty_set()),
        _ => Ok(()),
    }
}

/// The verbs of fields as functions, for where a model's own field has the name of a verb.
pub mod ops {
    use super::{Change, Field, FieldExt, IntoField, ListField, Number, NumberField, Removable, SetField, Writable};

    /// [`FieldExt::set`].
    pub fn set<F: Field>(field: F, value: impl IntoField<F::Value>) -> Change<F::Model>
    where
        F::Presence: Writable,
    {
        FieldExt::set(field, value)
    }

    /// [`FieldExt::set_if_absent`].
    pub fn set_if_absent<F: Field>(field: F, value: impl IntoField<F::Value>) -> Change<F::Model>
    where
        F::Presence: Writable,
    {
        FieldExt::set_if_absent(field, value)
    }

    /// [`FieldExt::remove`].
    pub fn remove<F: Field>(field: F) -> Change<F::Model>
    where
        F::Presence: Removable,
    {
        FieldExt::remove(field)
    }

    /// [`FieldExt::increment`].
    pub fn increment<F: Field>(field: F, by: impl IntoField<Number>) -> Change<F::Model>
    where
        F::Value: NumberField,
        F::Presence: Writable,
    {
        FieldExt::increment(field, by)
    }

    /// [`FieldExt::append`].
    pub fn append<F: Field, V>(field: F, items: impl IntoIterator<Item = V>) -> Change<F::Model>
    where
        F::Value: ListField,
        F::Presence: Writable,
        V: IntoField<<F::Value as ListField>::Item>,
    {
        FieldExt::append(field, items)
    }

    /// [`FieldExt::prepend`].
    pub fn prepend<F: Field, V>(field: F, items: impl IntoIterator<Item = V>) -> Change<F::Model>
    where
        F::Value: ListField,
        F::Presence: Writable,
        V: IntoField<<F::Value as ListField>::Item>,
    {
        FieldExt::prepend(field, items)
    }

    /// [`FieldExt::insert_into_set`].
    pub fn insert_into_set<F: Field, V>(field: F, members: impl IntoIterator<Item = V>) -> Change<F::Model>
    where
        F::Value: SetField,
        F::Presence: Writable,
        V: IntoField<<F::Value as SetField>::Member>,
    {
        FieldExt::insert_into_set(field, members)
    }

    /// [`FieldExt::remove_from_set`].
    pub fn remove_from_set<F: Field, V>(field: F, members: impl IntoIterator<Item = V>) -> Change<F::Model>
    where
        F::Value: SetField,
        F::Presence: Writable,
        V: IntoField<<F::Value as SetField>::Member>,
    {
        FieldExt::remove_from_set(field, members)
    }
}
