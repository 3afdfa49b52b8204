//! A map of attributes: entries sorted by name in one allocation.

use std::fmt;

use super::{Shown, Value};
use crate::text::{Text, find, position, position_of};

/// A map from names to values, in the order of the names.
///
/// DynamoDB's items and M values hold few entries and are read far more often than they grow, so
/// the entries are one sorted array: compact, quick to search, compared in one pass.
///
/// ```
/// use structnosql_core::{Map, Value};
///
/// let mut item = Map::new();
/// item.insert("id", Value::from("b12"));
/// assert_eq!(item.get("id"), Some(&Value::from("b12")));
/// assert_eq!(item.remove("id"), Some(Value::from("b12")));
/// assert!(item.is_empty());
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Map(Vec<(Text, Value)>);

impl Map {
    /// A map without entries, with room for so many.
    pub fn with_capacity(entries: usize) -> Self {
        Map(Vec::with_capacity(entries))
    }

    /// A map without entries.
    pub const fn new() -> Self {
        Map(Vec::new())
    }

    /// The value of `name`.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.position(name).ok().map(|at| &self.0[at].1)
    }

    /// The value of `name`, to be changed in place.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Value> {
        self.position(name).ok().map(|at| &mut self.0[at].1)
    }

    /// Whether there is an entry `name`.
    pub fn contains(&self, name: &str) -> bool {
        self.position(name).is_ok()
    }

    /// Sets the value of `name` and returns the one it replaces.
    pub fn insert(&mut self, name: impl Into<Text>, value: Value) -> Option<Value> {
        let name = name.into();
        match position(&self.0, &name) {
            Ok(at) => Some(std::mem::replace(&mut self.0[at].1, value)),
            Err(at) => {
                self.0.insert(at, (name, value));
                None
            }
        }
    }

    /// Takes the entry `name` out.
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        self.position(name).ok().map(|at| self.0.remove(at).1)
    }

    /// The number of entries.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no entries.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The entries, in the order of their names.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Text, &Value)> {
        self.0.iter().map(|(name, value)| (name, value))
    }

    /// The values, in the order of their names.
    pub fn values(&self) -> impl ExactSizeIterator<Item = &Value> {
        self.0.iter().map(|(_, value)| value)
    }

    /// The value at the end of a segment of a path.
    #[inline]
    pub(crate) fn child(&self, name: &Text) -> Option<&Value> {
        find(&self.0, name)
    }

    /// The value of the entry with this name, which is `name` itself from then on.
    pub(crate) fn rename(&mut self, name: &Text) -> Option<&mut Value> {
        let at = position(&self.0, name).ok()?;
        let (same, value) = &mut self.0[at];
        same.clone_from(name);
        Some(value)
    }

    /// The values, to be changed in place.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = (&Text, &mut Value)> {
        self.0.iter_mut().map(|(name, value)| (&*name, value))
    }

    fn position(&self, name: &str) -> Result<usize, usize> {
        position_of(&self.0, name)
    }
}

/// Of entries with the same name the last one stays.
impl<K: Into<Text>> FromIterator<(K, Value)> for Map {
    fn from_iter<I: IntoIterator<Item = (K, Value)>>(entries: I) -> Self {
        let mut entries: Vec<(Text, Value)> = entries.into_iter().map(|(k, v)| (k.into(), v)).collect();
        entries.sort_by(|a, b| a.0.cmp(&b.0));
        entries.dedup_by(|later, kept| {
            let same = later.0 == kept.0;
            if same {
                std::mem::swap(later, kept);
            }
            same
        });
        entries.shrink_to_fit();
        Map(entries)
    }
}

impl IntoIterator for Map {
    type Item = (Text, Value);
    type IntoIter = std::vec::IntoIter<(Text, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl fmt::Display for Map {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter().map(|(name, value)| (name, Shown(value)))).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_of_equal_names_stays() {
        let map: Map = [("b", 1), ("a", 2), ("b", 3)].map(|(k, v)| (k, Value::from(v))).into_iter().collect();
        assert_eq!(map.to_string(), r#"{"a": 2, "b": 3}"#);
    }
}
