//! Enums of unit variants, stored as strings.

use super::{FieldValue, IntoMapKey, MapKey, SetMember};
use crate::key::{IntoKeyPart, KeyField, KeyValue};
use crate::mismatch::Mismatch;
use crate::schema::{KeyKind, Shape};
use crate::text::Text;
use crate::value::Value;

/// An enum of unit variants. Implemented by `#[derive(MapModel)]`, for what else such an enum can be.
#[doc(hidden)]
pub trait UnitEnum: FieldValue {
    /// The stored names of the variants.
    const NAMES: &'static [&'static str];

    /// The stored name.
    fn name(&self) -> &'static str;

    /// The variant that is stored as `name`.
    fn of_name(name: &str) -> Option<Self>;
}

/// For the expansion of the derive.
pub fn encode_name<E: UnitEnum>(value: &E) -> Result<Option<Value>, Mismatch> {
    Ok(Some(Value::String(Text::from_static(value.name()))))
}

/// For the expansion of the derive.
pub fn decode_name<E: UnitEnum>(value: &Value) -> Result<E, Mismatch> {
    match value {
        Value::String(name) => E::of_name(name).ok_or_else(|| unknown::<E>()),
        other => Err(Mismatch::type_of(one_of(E::NAMES.iter().copied()), other)),
    }
}

fn unknown<E: UnitEnum>() -> Mismatch {
    Mismatch::new(one_of(E::NAMES.iter().copied()), "another text")
}

/// What a text has to be where it is one of several.
pub(super) fn one_of(names: impl Iterator<Item = &'static str>) -> String {
    let quoted: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    match quoted.as_slice() {
        [only] => only.clone(),
        several => format!("one of {}", several.join(", ")),
    }
}

#[diagnostic::do_not_recommend]
impl<E: UnitEnum> MapKey for E {
    fn to_text(&self) -> Text {
        Text::from_static(self.name())
    }

    fn from_text(text: &str) -> Result<Self, Mismatch> {
        E::of_name(text).ok_or_else(|| unknown::<E>())
    }
}

#[diagnostic::do_not_recommend]
impl<E: UnitEnum> IntoMapKey<E> for E {
    fn into_map_key(self) -> Text {
        self.to_text()
    }
}

#[diagnostic::do_not_recommend]
impl<E: UnitEnum> SetMember for E {
    const SET_SHAPE: &'static Shape = &Shape::StringSet;
}

#[diagnostic::do_not_recommend]
impl<E: UnitEnum> KeyField for E {
    const KIND: KeyKind = KeyKind::String;
}

#[diagnostic::do_not_recommend]
impl<E: UnitEnum> IntoKeyPart<E> for E {
    fn into_part<'a>(self) -> Result<KeyValue<'a>, Mismatch>
    where
        Self: 'a,
    {
        Ok(KeyValue::String(self.name().into()))
    }
}

#[diagnostic::do_not_recommend]
impl<E: UnitEnum> IntoKeyPart<E> for &E {
    fn into_part<'a>(self) -> Result<KeyValue<'a>, Mismatch>
    where
        Self: 'a,
    {
        Ok(KeyValue::String(self.name().into()))
    }
}
