//! Changing a value in place, at a path below it.

use super::Value;
use crate::action::Action;
use crate::mismatch::Mismatch;
use crate::path::Segment;

impl Value {
    /// Stores `new` at `segments` below this value.
    ///
    /// Maps that are missing on the way come into being, and a NULL on the way counts as missing, as it does
    /// for an `Option`; gives whether one did. A position past a list's end appends. Where it fails the value stays what
    /// it was.
    pub(crate) fn set_at(&mut self, segments: &[Segment], new: Value) -> Result<bool, Mismatch> {
        let Some((segment, below)) = segments.split_first() else {
            *self = new;
            return Ok(false);
        };
        let made = |new: Value| {
            let mut child = Value::Null;
            child.set_at(below, new).map(|_| child)
        };
        let changed = match (&mut *self, segment) {
            (Value::Null, Segment::Name(name)) => made(new).map(|child| {
                *self = Value::Map([(name.clone(), child)].into_iter().collect());
                true
            }),
            (Value::Map(map), Segment::Name(name)) => match map.get_mut(name) {
                Some(child) => child.set_at(below, new),
                None => made(new).map(|child| {
                    map.insert(name.clone(), child);
                    !below.is_empty()
                }),
            },
            (Value::List(items), Segment::Index(index)) => match items.get_mut(*index as usize) {
                Some(item) => item.set_at(below, new),
                None if below.is_empty() => {
                    items.push(new);
                    Ok(false)
                }
                None => Err(Mismatch::new("a list item", "nothing past the end of the list")),
            },
            (other, segment) => return Err(segment.mismatch_with(other)),
        };
        changed.map_err(|mismatch| mismatch.under(segment.clone()))
    }

    /// Stores what an action makes of what is at `segments` below this value; gives whether a map on the way came into
    /// being.
    pub(crate) fn change_at(&mut self, segments: &[Segment], action: &Action) -> Result<bool, Mismatch> {
        match action.over(self.find(segments)?)? {
            Some(inner) => self.set_at(segments, inner),
            None => self.remove_at(segments).map(|()| false),
        }
    }

    /// Takes out what is at `segments` below this value; nothing there is fine.
    pub(crate) fn remove_at(&mut self, segments: &[Segment]) -> Result<(), Mismatch> {
        let Some((segment, below)) = segments.split_first() else {
            return Ok(());
        };
        let removed = match (&mut *self, segment) {
            (Value::Null, _) => Ok(()),
            (Value::Map(map), Segment::Name(name)) if below.is_empty() => {
                map.remove(name);
                Ok(())
            }
            (Value::Map(map), Segment::Name(name)) => map.get_mut(name).map_or(Ok(()), |child| child.remove_at(below)),
            (Value::List(items), Segment::Index(index)) if below.is_empty() => {
                if (*index as usize) < items.len() {
                    items.remove(*index as usize);
                }
                Ok(())
            }
            (Value::List(items), Segment::Index(index)) => {
                items.get_mut(*index as usize).map_or(Ok(()), |item| item.remove_at(below))
            }
            (other, segment) => return Err(segment.mismatch_with(other)),
        };
        removed.map_err(|mismatch| mismatch.under(segment.clone()))
    }

    /// What is at `segments` below this value; an error where the way leads through a value without children.
    pub(crate) fn find(&self, segments: &[Segment]) -> Result<Option<&Value>, Mismatch> {
        let mut value = self;
        for (at, segment) in segments.iter().enumerate() {
            value = match (value, segment) {
                (Value::Map(map), Segment::Name(name)) => match map.child(name) {
                    Some(child) => child,
                    None => return Ok(None),
                },
                (Value::List(items), Segment::Index(index)) => match items.get(*index as usize) {
                    Some(item) => item,
                    None => return Ok(None),
                },
                (Value::Null, _) => return Ok(None),
                (other, segment) => {
                    let mismatch = segment.mismatch_with(other);
                    return Err(segments[..at].iter().rev().cloned().fold(mismatch, Mismatch::under));
                }
            };
        }
        Ok(Some(value))
    }
}

impl Segment {
    /// This segment cannot be followed from `value`.
    pub(crate) fn mismatch_with(&self, value: &Value) -> Mismatch {
        Mismatch::type_of(self.container(), value)
    }

    /// What a value must be to have such a segment below it.
    pub(crate) fn container(&self) -> &'static str {
        match self {
            Segment::Name(_) => "a map",
            Segment::Index(_) => "a list",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DocumentPath;

    fn path(segments: &[Segment]) -> DocumentPath {
        segments.iter().cloned().collect()
    }

    #[test]
    fn missing_maps_come_into_being_and_lists_grow() {
        let mut value = Value::from_iter([("l", Value::List(vec![Value::from(1)]))]);
        value.set_at(path(&["a".into(), "b".into()]).segments(), Value::from(2)).unwrap();
        value.set_at(path(&["l".into(), 9.into()]).segments(), Value::from(3)).unwrap();
        assert_eq!(value.to_string(), r#"{"a": {"b": 2}, "l": [1, 3]}"#);
        value.remove_at(path(&["l".into(), 0.into()]).segments()).unwrap();
        value.remove_at(path(&["x".into(), "y".into()]).segments()).unwrap();
        assert_eq!(value.to_string(), r#"{"a": {"b": 2}, "l": [3]}"#);
    }

    #[test]
    fn a_null_is_no_list_and_stays_what_it_is() {
        let mut value = Value::from_iter([("l", Value::Null)]);
        let item = path(&["l".into(), 0.into()]);
        let refused = value.set_at(item.segments(), Value::from(1)).unwrap_err();
        assert_eq!(refused.to_string(), "`l`: expected a list, found null");
        let inside = path(&["l".into(), 0.into(), "a".into()]);
        value.set_at(inside.segments(), Value::from(1)).unwrap_err();
        assert_eq!(value.to_string(), r#"{"l": null}"#);
        value.set_at(path(&["l".into(), "a".into(), 0.into()]).segments(), Value::from(1)).unwrap_err();
        assert_eq!(value.to_string(), r#"{"l": null}"#);
    }

    #[test]
    fn a_value_without_children_is_a_conflict() {
        let mut value = Value::from_iter([("a", Value::from("text"))]);
        let below = path(&["a".into(), "b".into()]);
        assert_eq!(
            value.set_at(below.segments(), Value::Null).unwrap_err().to_string(),
            "`a`: expected a map, found string"
        );
        assert_eq!(value.remove_at(below.segments()).unwrap_err().path(), DocumentPath::from("a"));
        assert_eq!(value.find(below.segments()).unwrap_err().path(), DocumentPath::from("a"));
        assert_eq!(value.to_string(), r#"{"a": "text"}"#);
    }
}
