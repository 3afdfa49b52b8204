//! Which paths a request names, and what its answer says of them.

use crate::base::Base;
use crate::path::{DocumentPath, Segment};
use crate::schema::TableSchema;
use crate::selection::Selection;
use crate::value::{Map, Value};

/// The paths to ask for so that a selection can be read from one record; empty for whole records.
pub(crate) fn projection<S: Selection>(schema: &TableSchema, selection: &S) -> Vec<DocumentPath> {
    let paths = paths(selection);
    // Without any path the whole record would be asked for.
    match S::ASKS_FOR_RECORD || paths.is_empty() {
        true => with_key(schema, paths),
        false => asked(schema, paths),
    }
}

/// The paths to ask for so that a selection can be read from rows, of which each has its key; empty for whole records.
pub(crate) fn projection_of_rows<S: Selection>(schema: &TableSchema, selection: &S) -> Vec<DocumentPath> {
    with_key(schema, paths(selection))
}

fn paths(selection: &impl Selection) -> Vec<DocumentPath> {
    let mut paths = Vec::new();
    selection.visit(&mut |path| paths.push(path.clone()));
    paths
}

/// `paths` and the record's key: it tells a record that is absent from one that lacks what was asked for.
pub(crate) fn with_key(schema: &TableSchema, mut paths: Vec<DocumentPath>) -> Vec<DocumentPath> {
    paths.extend(schema.key_attributes().map(|attribute| DocumentPath::from(attribute.name.as_str())));
    asked(schema, paths)
}

fn asked(schema: &TableSchema, paths: Vec<DocumentPath>) -> Vec<DocumentPath> {
    if paths.iter().any(|path| path.segments().is_empty()) {
        return Vec::new();
    }
    reduced(schema.record.with_old_names(paths))
}

/// `paths`, the record's key and its version: what is learnt of a record is of the version that it is read at.
pub(crate) fn with_version(schema: &TableSchema, mut paths: Vec<DocumentPath>) -> Vec<DocumentPath> {
    paths.extend(schema.version_path());
    with_key(schema, paths)
}

/// The same paths without any that is equal to or below another, and with at most one item of each list.
///
/// DynamoDB refuses overlapping paths, and answers several items of a list without telling which is which:
/// such a list is asked for as a whole.
fn reduced(mut paths: Vec<DocumentPath>) -> Vec<DocumentPath> {
    loop {
        paths.sort_unstable();
        // Sorted, a path stands right before those below it.
        paths.dedup_by(|path, kept| path.starts_with(kept));
        let Some(list) = paths.iter().find_map(|path| list_asked_twice(path, &paths)) else {
            return paths;
        };
        paths.push(list);
    }
}

fn list_asked_twice(path: &DocumentPath, paths: &[DocumentPath]) -> Option<DocumentPath> {
    let items = path.segments().iter().enumerate().filter(|(_, segment)| matches!(segment, Segment::Index(_)));
    items.map(|(at, _)| at).find_map(|at| {
        let list = path.prefix(at);
        let other =
            |other: &&DocumentPath| other.starts_with(&list) && other.segments().get(at) != path.segments().get(at);
        paths.iter().find(other).map(|_| list)
    })
}

/// What the answer to a projected read holds at one of the projected paths: of a list it holds the one item alone.
pub(crate) fn answered<'i>(item: &'i Map, path: &DocumentPath) -> Option<&'i Value> {
    let (Segment::Name(name), below) = path.segments().split_first()? else {
        return None;
    };
    below.iter().try_fold(item.get(name)?, |value, segment| match (value, segment) {
        (Value::Map(map), Segment::Name(name)) => map.get(name),
        (Value::List(items), Segment::Index(_)) => items.first(),
        _ => None,
    })
}

impl Base {
    /// Notes the answer to a consistent read of `projection`, or of the whole record where that is empty.
    pub(crate) fn learn_item(&mut self, projection: &[DocumentPath], item: Option<&Map>) {
        match item {
            None => *self = Base::Absent,
            Some(item) if projection.is_empty() => *self = Base::Known(Value::Map(item.clone())),
            Some(item) => {
                for path in projection {
                    self.learn(path.segments(), answered(item, path).cloned());
                }
            }
        }
    }

    /// Notes the answer to a read that may lag behind, where nothing is known yet.
    pub(crate) fn fill_item(&mut self, projection: &[DocumentPath], item: Option<&Map>) {
        match item {
            None => self.fill(&[], None),
            Some(item) if projection.is_empty() => self.fill(&[], Some(&Value::Map(item.clone()))),
            Some(item) => {
                for path in projection {
                    self.fill(path.segments(), answered(item, path));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(segments: &[&str]) -> DocumentPath {
        let segment = |text: &&str| text.parse().map_or_else(|_| Segment::from(*text), Segment::Index);
        segments.iter().map(segment).collect()
    }

    #[test]
    fn paths_below_others_and_second_items_of_lists_go() {
        let asked =
            [&["a", "b"][..], &["a"], &["a-b"], &["l", "1"], &["l", "3", "x"], &["m", "2", "x"], &["m", "2", "y"]];
        let reduced = reduced(asked.into_iter().map(path).collect());
        assert_eq!(format!("{reduced:?}"), "[a, a-b, l, m[2].x, m[2].y]");
    }
}
