//! Value rules, as far as a file can hold them: a function of the model's own is the client's to keep to.

use regex_lite::Regex;
use serde::{Deserialize, Serialize};
use structnosql_core::schema::{above, below, outside, unlike};
use structnosql_core::{Map, Mismatch, Number, Segment, Text, Value};

use super::{Schema, Shape};

/// What a model asks of a value beside its shape.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Rule {
    /// A number is not below this one.
    Min(Number),
    /// A number is not above this one.
    Max(Number),
    /// So many characters of a string, bytes of binary, items of a list, entries of a map or members of a set.
    Length {
        /// No fewer than these.
        #[serde(default)]
        min: usize,
        /// No more than these.
        #[serde(default = "any", skip_serializing_if = "is_any")]
        max: usize,
    },
    /// A string matches.
    Pattern(Pattern),
    /// The members of a set are of this shape.
    Members(Box<Shape>),
    /// The keys of a map are of this shape.
    Keys(Box<Shape>),
}

fn any() -> usize {
    usize::MAX
}

fn is_any(max: &usize) -> bool {
    *max == usize::MAX
}

/// A regular expression, in the syntax of `regex-lite`, which takes a time that grows no faster than the text.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Pattern(Regex);

impl TryFrom<String> for Pattern {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Regex::new(&text).map(Pattern).map_err(|error| format!("`{text}` is no pattern: {error}"))
    }
}

impl From<Pattern> for String {
    fn from(pattern: Pattern) -> String {
        pattern.0.as_str().to_owned()
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_str() == other.0.as_str()
    }
}

impl Schema {
    /// Whether a value of the shape keeps these rules. A NULL is no value that a rule could be about.
    pub(super) fn check_rules(&self, rules: &[Rule], value: &Value) -> Result<(), Mismatch> {
        if matches!(value, Value::Null) {
            return Ok(());
        }
        rules.iter().try_for_each(|rule| {
            let broken = match (rule, value) {
                (Rule::Min(least), value) => below(value, least),
                (Rule::Max(most), value) => above(value, most),
                (Rule::Length { min, max }, value) => outside(value, *min, *max),
                (Rule::Pattern(pattern), value) => unlike(value, pattern.0.as_str(), |text| pattern.0.is_match(text)),
                (Rule::Members(shape), set) => return self.check_each(shape, set),
                (Rule::Keys(shape), Value::Map(map)) => return self.check_keys(shape, map),
                (Rule::Keys(_), _) => None,
            };
            broken.map_or(Ok(()), Err)
        })
    }

    /// Whether what is put into a set, or taken from it, keeps the rules of its members. How many it comes to have is not
    /// known.
    pub(crate) fn check_members(&self, shape: &Shape, members: &Value) -> Result<(), Mismatch> {
        match shape {
            Shape::Nullable(inner) => self.check_members(inner, members),
            Shape::Ruled { shape, rules } => {
                let mut of_members = rules.iter().filter(|rule| matches!(rule, Rule::Members(_)));
                of_members.try_for_each(|rule| self.check_rules(std::slice::from_ref(rule), members))?;
                self.check_members(shape, members)
            }
            shape => self.check_value(shape, members),
        }
    }

    /// Whether a step into a map is by a key that keeps the rules of its keys.
    pub(crate) fn check_key_of(&self, map: &Shape, name: &Text) -> Result<(), Mismatch> {
        match map {
            Shape::Nullable(inner) => self.check_key_of(inner, name),
            Shape::Ruled { shape, rules } => {
                let keys = rules.iter().filter_map(|rule| if let Rule::Keys(keys) = rule { Some(keys) } else { None });
                keys.into_iter().try_for_each(|keys| self.check_name(keys, name))?;
                self.check_key_of(shape, name)
            }
            _ => Ok(()),
        }
    }

    fn check_each(&self, shape: &Shape, set: &Value) -> Result<(), Mismatch> {
        set.members().iter().try_for_each(|member| self.check_value(shape, member))
    }

    fn check_keys(&self, shape: &Shape, map: &Map) -> Result<(), Mismatch> {
        map.iter().try_for_each(|(name, _)| self.check_name(shape, name))
    }

    fn check_name(&self, shape: &Shape, name: &Text) -> Result<(), Mismatch> {
        let key = match shape.innermost() {
            Shape::Integer(_) => name.parse().map_or_else(|_| Value::String(name.clone()), Value::Number),
            _ => Value::String(name.clone()),
        };
        self.check_value(shape, &key).map_err(|mismatch| mismatch.under(Segment::Name(name.clone())))
    }
}
