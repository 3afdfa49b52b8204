//! Value rules: what a model asks of a value beside its type.
//!
//! They are data of the schema and are checked on stored values; `broken` walks through a value to find them.

use std::fmt;
use std::sync::OnceLock;

use regex_lite::Regex;

use super::Shape;
use crate::field::FieldValue;
use crate::mismatch::Mismatch;
use crate::number::Number;
use crate::path::Segment;
use crate::value::Value;

/// A rule of a value. It asks nothing of a value of another type than it is about: that is a mismatch already.
#[derive(Clone, Copy, Debug)]
pub enum Rule {
    /// A number is not below this one.
    Min(fn() -> Result<Number, Mismatch>),
    /// A number is not above this one.
    Max(fn() -> Result<Number, Mismatch>),
    /// So many characters of a string, bytes of binary, items of a list, entries of a map or members of a set.
    Length {
        /// No fewer than these.
        min: usize,
        /// No more than these.
        max: usize,
    },
    /// A string matches.
    Pattern(fn() -> &'static Pattern),
    /// A function of the model's own accepts the value.
    With(fn(&Value) -> Result<(), Mismatch>),
    /// The members of a set keep the rules of this shape.
    Members(&'static Shape),
    /// The keys of a map keep the rules of this shape.
    Keys(&'static Shape),
}

/// A regular expression that the derive has checked.
#[derive(Debug)]
pub struct Pattern {
    text: &'static str,
    compiled: OnceLock<Option<Regex>>,
}

impl Pattern {
    /// For the expansion of the derive.
    pub const fn new(text: &'static str) -> Self {
        Pattern { text, compiled: OnceLock::new() }
    }

    /// The expression, in the syntax of `regex-lite`.
    pub fn text(&self) -> &'static str {
        self.text
    }

    fn matches(&self, text: &str) -> bool {
        let compiled = self.compiled.get_or_init(|| Regex::new(self.text).ok());
        compiled.as_ref().is_some_and(|regex| regex.is_match(text))
    }
}

/// What the function of a `with` returns: nothing wrong, or in words what it expects.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say what is expected of the value",
    label = "this function returns `{Self}`",
    note = "return `Result<(), &'static str>`, or another error that prints: `Err(\"an even number\")`"
)]
pub trait Verdict {
    /// What was expected, where it was not met.
    fn expected(self) -> Option<String>;
}

impl<E: fmt::Display> Verdict for Result<(), E> {
    fn expected(self) -> Option<String> {
        self.err().map(|expected| expected.to_string())
    }
}

/// For the expansion of the derive: what a function of the model's own says of a value. One of another type is not
/// its affair.
pub fn accepted<T: FieldValue, V: Verdict>(value: &Value, rule: impl FnOnce(&T) -> V) -> Result<(), Mismatch> {
    match T::decode(value).ok().and_then(|value| rule(&value).expected()) {
        Some(expected) => Err(Mismatch::new(expected, "another value")),
        None => Ok(()),
    }
}

impl Rule {
    /// How the value breaks the rule.
    pub(super) fn broken(&self, value: &Value) -> Option<Mismatch> {
        match (self, value) {
            (Rule::Min(least), value) => least().map_or_else(Some, |least| below(value, &least)),
            (Rule::Max(most), value) => most().map_or_else(Some, |most| above(value, &most)),
            (Rule::Length { min, max }, value) => outside(value, *min, *max),
            (Rule::Pattern(pattern), value) => {
                let pattern = pattern();
                unlike(value, pattern.text, |text| pattern.matches(text))
            }
            (Rule::With(rule), value) => rule(value).err(),
            (Rule::Members(shape), set) => {
                set.members().iter().filter_map(|member| shape.broken(member)).reduce(Mismatch::and)
            }
            (Rule::Keys(shape), Value::Map(map)) => {
                let broken = |(name, _)| Some(shape.broken(&shape.key(name))?.under(Segment::Name(Clone::clone(name))));
                map.iter().filter_map(broken).reduce(Mismatch::and)
            }
            _ => None,
        }
    }
}

/// How a number breaks the rule `min`.
pub fn below(value: &Value, least: &Number) -> Option<Mismatch> {
    let broken = matches!(value, Value::Number(number) if number < least);
    broken.then(|| Mismatch::new(format!("a number of at least {least}"), "a smaller one"))
}

/// How a number breaks the rule `max`.
pub fn above(value: &Value, most: &Number) -> Option<Mismatch> {
    let broken = matches!(value, Value::Number(number) if number > most);
    broken.then(|| Mismatch::new(format!("a number of at most {most}"), "a larger one"))
}

/// How a value breaks the rule `length`.
pub fn outside(value: &Value, min: usize, max: usize) -> Option<Mismatch> {
    let (length, unit) = length(value)?;
    (!(min..=max).contains(&length)).then(|| Mismatch::new(range(min, max, unit), length.to_string()))
}

/// How a string breaks the rule `pattern`.
pub fn unlike(value: &Value, pattern: &str, matches: impl Fn(&str) -> bool) -> Option<Mismatch> {
    let broken = matches!(value, Value::String(text) if !matches(text));
    broken.then(|| Mismatch::new(format!("a text that matches `{pattern}`"), "another text"))
}

/// How long a value is, and in what.
fn length(value: &Value) -> Option<(usize, &'static str)> {
    Some(match value {
        Value::String(text) => (text.chars().count(), "characters"),
        Value::Binary(bytes) => (bytes.len(), "bytes"),
        Value::List(items) => (items.len(), "items"),
        Value::Map(map) => (map.len(), "entries"),
        Value::StringSet(members) => (members.len(), "members"),
        Value::NumberSet(members) => (members.len(), "members"),
        Value::BinarySet(members) => (members.len(), "members"),
        Value::Null | Value::Bool(_) | Value::Number(_) => return None,
    })
}

fn range(min: usize, max: usize, unit: &str) -> String {
    match (min, max) {
        (min, max) if min == max => format!("exactly {min} {unit}"),
        (0, max) => format!("at most {max} {unit}"),
        (min, usize::MAX) => format!("at least {min} {unit}"),
        (min, max) => format!("{min} to {max} {unit}"),
    }
}
