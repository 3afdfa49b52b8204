//! Short immutable strings: attribute names, map keys, string values.

use std::borrow::{Borrow, Cow};
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;

use smol_str::SmolStr;

/// An immutable string that is cheap to clone and keeps up to 23 bytes inline.
///
/// Attribute names, map keys and string values are mostly short; holding them inline
/// is what lets a cached record live in a few allocations.
///
/// ```
/// use structnosql_core::Text;
///
/// let name = Text::from("primaryType");
/// assert_eq!(name, "primaryType");
/// assert_eq!(name.len(), 11);
/// ```
#[derive(Clone)]
pub struct Text(Repr);

#[derive(Clone)]
enum Repr {
    Plain(SmolStr),
    Field(&'static FieldName),
}

/// The name of a model's field. Its schema holds the only one there is, and lends it to paths and stored values: two
/// names that are the same one are told to be so by where they are in memory.
#[doc(hidden)]
#[derive(Debug)]
pub struct FieldName {
    pub name: &'static str,
    /// Its place among the sorted names of its struct.
    pub at: usize,
}

impl Text {
    /// A text over a string literal, without copying it.
    pub const fn from_static(text: &'static str) -> Self {
        Self(Repr::Plain(SmolStr::new_static(text)))
    }

    /// The name of a model's field; for the expansion of the derive.
    #[doc(hidden)]
    pub const fn of_field(field: &'static FieldName) -> Self {
        Self(Repr::Field(field))
    }

    /// Whether it is the very name of this field, as its schema has it.
    #[inline]
    fn is_the(&self, field: &'static FieldName) -> bool {
        matches!(self.0, Repr::Field(other) if std::ptr::eq(field, other))
    }

    /// The text as a string slice.
    #[inline]
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Repr::Plain(text) => text.as_str(),
            Repr::Field(field) => field.name,
        }
    }
}

/// What `name` has among entries sorted by name.
///
/// A field of a model is looked for first where a struct with all of its fields has it: nearly always it is there.
#[inline]
pub(crate) fn find<'e, T>(entries: &'e [(Text, T)], name: &Text) -> Option<&'e T> {
    match &name.0 {
        Repr::Field(field) => match entries.get(field.at) {
            Some((entry, value)) if entry.is_the(field) => Some(value),
            _ => find_elsewhere(entries, name),
        },
        Repr::Plain(text) if entries.len() <= FEW => find_among_few(entries, text),
        Repr::Plain(_) => find_elsewhere(entries, name),
    }
}

/// Out of the way of what is found where it is expected.
#[inline(never)]
fn find_elsewhere<'e, T>(entries: &'e [(Text, T)], name: &Text) -> Option<&'e T> {
    position(entries, name).ok().map(|at| &entries[at].1)
}

/// Among few it is quicker to see which is the same than which comes before: short texts are the same where a few words
/// of memory are.
#[inline(never)]
fn find_among_few<'e, T>(entries: &'e [(Text, T)], name: &SmolStr) -> Option<&'e T> {
    let same = |(entry, _): &&(Text, T)| match &entry.0 {
        Repr::Plain(text) => text == name,
        Repr::Field(field) => field.name == name.as_str(),
    };
    entries.iter().find(same).map(|(_, value)| value)
}

/// Where `name` is among entries sorted by name, or where it belongs.
#[inline]
pub(crate) fn position<T>(entries: &[(Text, T)], name: &Text) -> Result<usize, usize> {
    if entries.is_empty() {
        return Err(0);
    }
    // Comparing where names are in memory is quicker than comparing what they are, where only few come before.
    if let Repr::Field(field) = name.0 {
        if entries.get(field.at).is_some_and(|(entry, _)| entry.is_the(field)) {
            return Ok(field.at);
        }
        if let Some(at) = entries.iter().take(FEW).position(|(entry, _)| entry.is_the(field)) {
            return Ok(at);
        }
    }
    position_of(entries, name)
}

/// More names than are pending for most structs, and so few that each may be looked at.
const FEW: usize = 4;

/// Most names are told apart by their first byte, without a call that compares memory.
pub(crate) fn position_of<T>(entries: &[(Text, T)], name: &str) -> Result<usize, usize> {
    let first = |text: &str| text.as_bytes().first().copied().unwrap_or_default();
    let name_first = first(name);
    let (mut low, mut high) = (0, entries.len());
    while low < high {
        let middle = low.midpoint(high);
        let entry = entries[middle].0.as_str();
        match first(entry).cmp(&name_first).then_with(|| entry.cmp(name)) {
            Ordering::Less => low = middle + 1,
            Ordering::Greater => high = middle,
            Ordering::Equal => return Ok(middle),
        }
    }
    Err(low)
}

impl Default for Text {
    fn default() -> Self {
        Text::from_static("")
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Text {}

impl Hash for Text {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl PartialOrd for Text {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Text {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl Deref for Text {
    type Target = str;

    #[inline]
    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl Borrow<str> for Text {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

impl AsRef<str> for Text {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl From<&str> for Text {
    #[inline]
    fn from(text: &str) -> Self {
        Self(Repr::Plain(SmolStr::new(text)))
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self(Repr::Plain(SmolStr::from(text)))
    }
}

impl From<&String> for Text {
    fn from(text: &String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<Cow<'_, str>> for Text {
    fn from(text: Cow<'_, str>) -> Self {
        Self(Repr::Plain(SmolStr::from(text)))
    }
}

impl From<Text> for String {
    fn from(text: Text) -> Self {
        match text.0 {
            Repr::Plain(text) => text.into(),
            Repr::Field(field) => field.name.to_owned(),
        }
    }
}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self)
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

#[cfg(test)]
impl Text {
    /// Whether a schema has lent it.
    pub(crate) fn is_field(&self) -> bool {
        matches!(self.0, Repr::Field(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_wherever_they_are_expected() {
        let names = ["", "a", "aa", "ab", "b", "ba", "é"];
        let entries: Vec<(Text, ())> = names.map(|name| (Text::from(name), ())).into();
        for (at, name) in names.into_iter().enumerate() {
            assert_eq!(position_of(&entries, name), Ok(at), "{name:?}");
            for expected in [at, 0, 3, 99] {
                let field: &'static FieldName = Box::leak(Box::new(FieldName { name, at: expected }));
                assert_eq!(position(&entries, &Text::of_field(field)), Ok(at), "{name:?} at {expected}");
            }
        }
        let absent = ["0", "aaa", "ac", "c"].map(|name| position_of(&entries, name));
        assert_eq!(absent, [Err(1), Err(3), Err(4), Err(6)]);
    }

    #[test]
    fn a_text_is_found_among_few_and_many_names() {
        let long = "a name that is longer than what is kept inline";
        let names = ["", "a", long, "a name", "b", "ba", "é"];
        let mut entries: Vec<(Text, &str)> = names.map(|name| (Text::from(name), name)).into();
        entries.sort();
        let field: &'static FieldName = Box::leak(Box::new(FieldName { name: "b", at: 1 }));
        for count in 0..=names.len() {
            let mut few = entries[..count].to_vec();
            for (name, found) in &entries {
                let expected = few.iter().find(|(_, value)| value == found).map(|(_, value)| value);
                assert_eq!(find(&few, name), expected, "{name:?} among {count}");
            }
            few.iter_mut().filter(|(name, _)| name == "b").for_each(|(name, _)| *name = Text::of_field(field));
            assert_eq!(find(&few, &Text::from("b")), few.iter().find(|(name, _)| name == "b").map(|(_, value)| value));
        }
    }

    #[test]
    fn a_name_takes_three_words() {
        assert_eq!(size_of::<Text>(), size_of::<String>());
        assert_eq!(size_of::<Option<Text>>(), size_of::<String>());
    }
}
