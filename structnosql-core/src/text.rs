//! Short immutable strings: attribute names, map keys, string values.

use std::borrow::{Borrow, Cow};
use std::cmp::Ordering;
use std::fmt;
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
#[derive(Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Text(SmolStr);

impl Text {
    /// A text over a string literal, without copying it.
    pub const fn from_static(text: &'static str) -> Self {
        Self(SmolStr::new_static(text))
    }

    /// The text as a string slice.
    #[inline]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

/// Where `name` is among entries sorted by name, or where it belongs.
///
/// Most names are told apart by their first byte, without a call that compares memory.
pub(crate) fn position<T>(entries: &[(Text, T)], name: &str) -> Result<usize, usize> {
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

impl Deref for Text {
    type Target = str;

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
    fn from(text: &str) -> Self {
        Self(SmolStr::new(text))
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self(SmolStr::from(text))
    }
}

impl From<&String> for Text {
    fn from(text: &String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<Cow<'_, str>> for Text {
    fn from(text: Cow<'_, str>) -> Self {
        Self(SmolStr::from(text))
    }
}

impl From<Text> for String {
    fn from(text: Text) -> Self {
        text.0.into()
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
