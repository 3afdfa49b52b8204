//! Keys that are made of other values: `USER#{id}`.

mod excludes;

use std::borrow::Cow;
use std::fmt;

use super::{FieldValue, MapKey};
use crate::key::{KeyField, KeyValue};
use crate::mismatch::Mismatch;
use crate::schema::{Rule, Shape};
use crate::text::Text;
use crate::value::Value;

/// A struct that is stored as one text, by its template. Implemented by `#[derive(MapModel)]` with `#[map(key = "...")]`.
#[doc(hidden)]
pub trait KeyTemplate: FieldValue + KeyField {
    /// The declared types of its values, in the order of the template.
    const VALUES: &'static [&'static Shape];

    /// The declared type of the key: a text, held to the rules of its values.
    const KEY_SHAPE: &'static Shape = match any_ruled(Self::VALUES) {
        true => &Shape::Ruled(&Shape::String, &[Rule::With(keep_rules::<Self>)]),
        false => &Shape::String,
    };

    /// The texts of its values, in the order of the template.
    fn values(&self) -> Result<Vec<Text>, Mismatch>;

    /// The struct of these values.
    fn of_values(values: &[&str]) -> Result<Self, Mismatch>;
}

/// A type that values in a key may have: what the key of a map may be, and dates and times.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a value in a key",
    label = "a value in a key is a string, an integer, an id, a date or time, or an enum of unit variants"
)]
pub trait TemplateValue: Sized {
    /// The value as it stands in a key.
    fn text_in_key(&self) -> Result<Text, Mismatch>;

    /// The value that stands in a key as `text`.
    fn of_key_text(text: &str) -> Result<Self, Mismatch>;
}

#[diagnostic::do_not_recommend]
impl<T: MapKey> TemplateValue for T {
    fn text_in_key(&self) -> Result<Text, Mismatch> {
        Ok(MapKey::to_text(self))
    }

    fn of_key_text(text: &str) -> Result<Self, Mismatch> {
        MapKey::from_text(text)
    }
}

/// What all keys of a type look like.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Template {
    /// As it is written.
    pub text: &'static str,
    /// What it consists of; nothing where nothing is known of the keys.
    pub parts: &'static [TemplatePart],
}

/// A part of a key template.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub enum TemplatePart {
    /// It stands in every key.
    Text(&'static str),
    /// A value, filled up with zeros to so many digits where that is not 0.
    Value { digits: usize },
}

impl Template {
    /// That of keys which can be anything.
    pub(crate) const ANY: Template = Template { text: "", parts: &[] };

    /// Whether a stored key is one of its own.
    pub(crate) fn holds(&self, stored: &Value) -> bool {
        match stored {
            Value::String(text) => self.parts.is_empty() || split(self.parts, text).is_some(),
            _ => self.parts.is_empty(),
        }
    }

    /// How all its keys begin, and whether there is no more to them.
    pub(crate) fn beginning(&self) -> (&'static str, bool) {
        match self.parts {
            [TemplatePart::Text(text)] => (text, true),
            [TemplatePart::Text(text), ..] => (text, false),
            _ => ("", false),
        }
    }
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.parts {
            [] => f.write_str("anything"),
            _ => write!(f, "`{}`", self.text),
        }
    }
}

const fn any_ruled(shapes: &[&Shape]) -> bool {
    let mut at = 0;
    while at < shapes.len() {
        if matches!(shapes[at], Shape::Ruled(..)) {
            return true;
        }
        at += 1;
    }
    false
}

/// Whether the values in a key keep their rules. What is no key of the template is a mismatch already.
fn keep_rules<T: KeyTemplate>(value: &Value) -> Result<(), Mismatch> {
    let Value::String(text) = value else { return Ok(()) };
    let values = split(T::TEMPLATE.parts, text).unwrap_or_default();
    let broken = T::VALUES.iter().zip(values).filter_map(|(shape, value)| shape.broken_as_text(value));
    match broken.reduce(Mismatch::and) {
        Some(broken) => {
            let expected = format!("{} in the key `{}`", broken.expected(), T::TEMPLATE.text);
            Err(Mismatch::new(expected, broken.found().to_owned()))
        }
        None => Ok(()),
    }
}

/// The text of a key.
fn key_text<T: KeyTemplate>(key: &T) -> Result<Text, Mismatch> {
    let values = key.values()?;
    let mut text = String::new();
    let mut left = values.iter();
    for part in T::TEMPLATE.parts {
        match part {
            TemplatePart::Text(literal) => text.push_str(literal),
            TemplatePart::Value { digits } => {
                let value = left.next().map_or("", Text::as_str);
                if *digits > 0 && (value.len() > *digits || !value.bytes().all(|byte| byte.is_ascii_digit())) {
                    let expected =
                        format!("a whole number of at most {digits} digits for the key `{}`", T::TEMPLATE.text);
                    return Err(Mismatch::new(expected, "another value"));
                }
                text.extend(std::iter::repeat_n('0', digits.saturating_sub(value.len())));
                text.push_str(value);
            }
        }
    }
    // Read back it has to be the same key: no value may be empty, or look like what comes after it.
    match split(T::TEMPLATE.parts, &text) {
        Some(read) if read.iter().copied().eq(values.iter().map(Text::as_str)) => Ok(Text::from(text)),
        _ => {
            let expected = format!("values that can be told apart in the key `{}`", T::TEMPLATE.text);
            Err(Mismatch::new(expected, "one that is empty or holds what comes after it"))
        }
    }
}

/// The key that is stored as a text.
fn key_of_text<T: KeyTemplate>(text: &str) -> Result<T, Mismatch> {
    let other = || Mismatch::new(format!("a key `{}`", T::TEMPLATE.text), "another text");
    T::of_values(&split(T::TEMPLATE.parts, text).ok_or_else(other)?).map_err(|_| other())
}

/// Whether keys of the template can begin so.
fn may_begin(parts: &[TemplatePart], text: &str) -> bool {
    let mut rest = text;
    for (at, part) in parts.iter().enumerate() {
        match (part, parts.get(at + 1)) {
            (TemplatePart::Text(literal), _) => match rest.strip_prefix(literal) {
                Some(behind) => rest = behind,
                None => return literal.starts_with(rest),
            },
            (TemplatePart::Value { digits: 0 }, Some(TemplatePart::Text(next))) => match rest.find(next) {
                Some(0) => return false,
                Some(end) => rest = &rest[end..],
                // The value may go on.
                None => return true,
            },
            (TemplatePart::Value { digits: 0 }, _) => return true,
            (TemplatePart::Value { digits }, _) => {
                let value = rest.as_bytes().iter().take(*digits);
                if !value.clone().all(u8::is_ascii_digit) {
                    return false;
                }
                rest = &rest[value.len()..];
            }
        }
        if rest.is_empty() {
            return true;
        }
    }
    false
}

/// The value of a key attribute; for the expansion of the derive.
pub fn key_part<'a, T: KeyTemplate>(key: &T) -> Result<KeyValue<'a>, Mismatch> {
    Ok(KeyValue::String(Cow::Owned(key_text(key)?.to_string())))
}

/// A text that keys of the template can begin with, or one of them.
pub(crate) fn key_beginning<T: KeyTemplate>(text: &str) -> Result<KeyValue<'_>, Mismatch> {
    match may_begin(T::TEMPLATE.parts, text) {
        true => Ok(KeyValue::String(Cow::Borrowed(text))),
        false => Err(Mismatch::new(format!("the beginning of a key `{}`", T::TEMPLATE.text), "another text")),
    }
}

/// For the expansion of the derive.
pub fn encode_key<T: KeyTemplate>(key: &T) -> Result<Option<Value>, Mismatch> {
    key_text(key).map(|text| Some(Value::String(text)))
}

/// For the expansion of the derive.
pub fn decode_key<T: KeyTemplate>(value: &Value) -> Result<T, Mismatch> {
    match value {
        Value::String(text) => key_of_text(text),
        other => Err(Mismatch::type_of(format!("a key `{}`", T::TEMPLATE.text), other)),
    }
}

/// The values in a text; nothing where it is not of the template.
fn split<'t>(parts: &[TemplatePart], text: &'t str) -> Option<Vec<&'t str>> {
    let (mut rest, mut values) = (text, Vec::new());
    for (at, part) in parts.iter().enumerate() {
        match part {
            TemplatePart::Text(literal) => rest = rest.strip_prefix(literal)?,
            TemplatePart::Value { digits } => {
                let end = match parts.get(at + 1) {
                    Some(TemplatePart::Text(next)) => rest.find(next)?,
                    _ => rest.len(),
                };
                let (value, behind) = rest.split_at(end);
                values.push(if *digits > 0 { without_zeros(value, *digits)? } else { value });
                rest = behind;
            }
        }
    }
    (rest.is_empty() && values.iter().all(|value| !value.is_empty())).then_some(values)
}

fn without_zeros(value: &str, digits: usize) -> Option<&str> {
    let is_number = value.len() == digits && value.bytes().all(|byte| byte.is_ascii_digit());
    let number = value.trim_start_matches('0');
    is_number.then(|| if number.is_empty() { &value[digits - 1..] } else { number })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARTS: &[TemplatePart] = &[
        TemplatePart::Text("A#"),
        TemplatePart::Value { digits: 0 },
        TemplatePart::Text("##"),
        TemplatePart::Value { digits: 4 },
    ];

    #[test]
    fn a_text_is_the_beginning_of_a_key_where_one_can_go_on_from_it() {
        for beginning in ["", "A", "A#", "A#x", "A#x#", "A#x##", "A#x##00", "A#x##0042", "A#x#y"] {
            assert!(may_begin(PARTS, beginning), "{beginning}");
        }
        for other in ["B", "a", "A###", "A#x##x", "A#x##00421", "A#x##0042#"] {
            assert!(!may_begin(PARTS, other), "{other}");
        }
        assert!(may_begin(&[TemplatePart::Text("PROFILE")], "PRO"));
        assert!(!may_begin(&[TemplatePart::Text("PROFILE")], "PROFILES"));
    }

    #[test]
    fn a_text_is_split_along_its_template() {
        assert_eq!(split(PARTS, "A#x##0042"), Some(vec!["x", "42"]));
        assert_eq!(split(PARTS, "A#x##0000"), Some(vec!["x", "0"]));
        for other in ["", "A#", "B#x##0042", "A###0042", "A#x##42", "A#x##0042 ", "A#x##004x", "A#x#0042"] {
            assert_eq!(split(PARTS, other), None, "{other}");
        }
    }
}
