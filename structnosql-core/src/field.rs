//! Field types: how Rust values become stored values and back.

mod collections;
#[cfg(feature = "rust_decimal")]
mod decimal;
#[cfg(any(feature = "chrono", feature = "jiff", feature = "time", feature = "uuid"))]
mod foreign;
mod into;
mod rest;
mod scalars;
#[cfg(feature = "serde")]
mod serde;
mod sets;
mod tagged;
mod template;
mod unit_enum;
mod untagged;
mod verbs;
mod version;
mod wrappers;

#[cfg(feature = "serde")]
pub use self::serde::Serde;
pub use collections::{IntoMapKey, MapKey};
pub use into::IntoField;
pub use rest::RestField;
pub use sets::SetMember;
pub(crate) use sets::{empty_set, encode_set};
pub use tagged::{TaggedEnum, decode_tagged, encode_tagged};
pub(crate) use template::key_beginning;
pub use template::{KeyTemplate, Template, TemplatePart, TemplateValue, decode_key, encode_key, key_part};
pub use unit_enum::{UnitEnum, decode_name, encode_name};
pub use untagged::decode_untagged;
pub use verbs::{ListField, NumberField, SetField};
pub use version::{VersionField, version_attribute};
pub use wrappers::Nullable;

use crate::handle::FieldPath;
use crate::mismatch::{Mismatch, Mismatches, all};
use crate::path::{DocumentPath, Segment};
use crate::presence::Presence;
use crate::schema::{FieldSchema, Shape};
use crate::value::{Map, Value};

/// A Rust type that a model's field may have.
///
/// Implemented for strings, `bool`, integers, floats, [`Number`](crate::Number), `Vec<u8>` (binary), `Vec` (lists),
/// `HashMap` and `BTreeMap`, `HashSet` and `BTreeSet`, `Option`, [`Nullable`], `Box`, [`Value`], and by
/// `#[derive(MapModel)]` for structs and enums; with the feature `serde` also for `Serde<T>` of any type that serialises,
/// and with the features `uuid`, `chrono`, `jiff`, `time` and `rust_decimal` for types of these crates:
///
/// ```
/// # #[cfg(all(feature = "chrono", feature = "rust_decimal", feature = "uuid"))]
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use chrono::NaiveDate;
/// use rust_decimal::Decimal;
/// use structnosql_core::{FieldValue, Value};
/// use uuid::Uuid;
///
/// let id = Uuid::from_u128(7).encode()?;
/// assert_eq!(id, Some(Value::from("00000000-0000-0000-0000-000000000007")));
/// assert_eq!(NaiveDate::decode(&Value::from("2026-11-21"))?.to_string(), "2026-11-21");
/// let price: Decimal = "0.10".parse()?;
/// assert_eq!(price.encode()?, Some(Value::Number("0.1".parse()?))); // every digit that counts
/// # Ok(())
/// # }
/// # #[cfg(not(all(feature = "chrono", feature = "rust_decimal", feature = "uuid")))]
/// # fn main() {}
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the type of a field",
    label = "not a field type",
    note = "derive `MapModel` for a struct or enum of your own",
    note = "field types are strings, `bool`, integers, floats, `Number`, `Vec`, maps, sets, `Option`, `Nullable`, `Box`, `Value`",
    note = "with the feature `serde`, any type that serialises is one inside `Serde<...>`"
)]
pub trait FieldValue: Sized + Send + Sync + 'static {
    /// The typed path to such a field of the model `M`.
    type Handle<M, P: Presence>: crate::Field<Model = M>;

    /// The typed path to a `Vec` of such values.
    #[doc(hidden)]
    type VecHandle<M, P: Presence>: crate::Field<Model = M, Value = Vec<Self>, Presence = P>;

    /// The declared type, for checks at run time.
    const SHAPE: &'static Shape;

    /// The declared type of a `Vec` of such values.
    #[doc(hidden)]
    const VEC_SHAPE: &'static Shape = &Shape::List(Self::SHAPE);

    /// Whether the type has a value for an absent attribute.
    #[doc(hidden)]
    const OPTIONAL: bool = false;

    /// Whether a stored NULL is a value of the type, and not the absence of one.
    #[doc(hidden)]
    const HOLDS_NULL: bool = false;

    /// The handle over an untyped path.
    fn handle<M, P: Presence>(path: DocumentPath) -> Self::Handle<M, P>;

    /// The handle of a `Vec` over an untyped path.
    #[doc(hidden)]
    fn vec_handle<M, P: Presence>(path: DocumentPath) -> Self::VecHandle<M, P>;

    /// The value to store; `None` leaves the attribute out.
    fn encode(&self) -> Result<Option<Value>, Mismatch>;

    /// The Rust value of a stored one.
    fn decode(value: &Value) -> Result<Self, Mismatch>;

    /// The Rust value of an absent attribute, where the type has one.
    #[doc(hidden)]
    fn absent() -> Option<Self> {
        None
    }

    // What the expansion of the derive does with a field. These are no functions with a bound on the type, since the
    // compiler would then tell of a type that is no field type once for each of them.

    /// Stores one field of a struct.
    #[doc(hidden)]
    fn write_field(value: &Self, map: &mut Map, field: &'static FieldSchema, wrong: &mut Mismatches) {
        match value.encode() {
            Ok(Some(value)) => drop(map.insert(field.name.clone(), value)),
            Ok(None) => {}
            Err(mismatch) => wrong.add(mismatch.under(Segment::Name(field.name.clone()))),
        }
    }

    /// Reads one field of a struct.
    #[doc(hidden)]
    fn read_field(map: &Map, field: &'static FieldSchema, wrong: &mut Mismatches) -> Option<Self> {
        let missing = || Mismatch::new(Self::SHAPE.describe(), "nothing");
        Self::read_field_or(map, field, wrong, || Self::absent().ok_or_else(missing))
    }

    /// Reads one field of a struct, which has a default.
    #[doc(hidden)]
    fn read_field_or(
        map: &Map,
        field: &'static FieldSchema,
        wrong: &mut Mismatches,
        default: impl FnOnce() -> Result<Self, Mismatch>,
    ) -> Option<Self> {
        let read = map.child(&field.name).map_or_else(default, Self::decode);
        wrong.keep(read.map_err(|mismatch| mismatch.under(Segment::Name(field.name.clone()))))
    }

    /// What to store for a field that has a default.
    #[doc(hidden)]
    fn stored_default(default: impl FnOnce() -> Result<Self, Mismatch>) -> Option<Value> {
        default().and_then(|value| value.encode()).ok().flatten()
    }

    /// The handle of a field, declared as `D`, of the struct at `parent`.
    #[doc(hidden)]
    #[inline]
    fn field_of<D: Presence, M, S, P: Presence>(
        mut parent: FieldPath<M, S, P>,
        field: &'static FieldSchema,
    ) -> Self::Handle<M, P::Child<D>> {
        parent.go_to(field.name.clone());
        Self::handle(parent.into_document_path())
    }

    /// The value to store for a `Vec` of such values.
    #[doc(hidden)]
    fn encode_vec(items: &[Self]) -> Result<Value, Mismatch> {
        let encode = |(index, item): (usize, &Self)| match item.encode() {
            Ok(value) => Ok(value.unwrap_or(Value::Null)),
            Err(mismatch) => Err(mismatch.under(Segment::Index(index as u32))),
        };
        all(items.iter().enumerate().map(encode)).map(Value::List)
    }

    /// The `Vec` of such values that is stored as `value`.
    #[doc(hidden)]
    fn decode_vec(value: &Value) -> Result<Vec<Self>, Mismatch> {
        let Value::List(items) = value else {
            return Err(Mismatch::type_of("a list", value));
        };
        let decode =
            |(index, item)| Self::decode(item).map_err(|mismatch| mismatch.under(Segment::Index(index as u32)));
        all(items.iter().enumerate().map(decode))
    }
}

/// The handle items of a type whose `Vec` is a list: all but `u8`.
macro_rules! vec_is_a_list {
    () => {
        type VecHandle<M, P: crate::presence::Presence> = crate::handle::ListHandle<M, Self, Vec<Self>, P>;

        fn vec_handle<M, P: crate::presence::Presence>(path: crate::path::DocumentPath) -> Self::VecHandle<M, P> {
            crate::handle::ListHandle::new(path)
        }
    };
}

/// The handle items of a type without accessors.
macro_rules! plain_handle {
    () => {
        type Handle<M, P: crate::presence::Presence> = crate::handle::FieldPath<M, Self, P>;

        fn handle<M, P: crate::presence::Presence>(path: crate::path::DocumentPath) -> Self::Handle<M, P> {
            crate::handle::FieldPath::new(path)
        }
    };
}

use {plain_handle, vec_is_a_list};
