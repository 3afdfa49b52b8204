//! What is returned of an item, as the original's server does with DynamoDB's projections: of a list the items that
//! were asked for, without gaps.

use structnosql_core::{DocumentPath, Map, Segment, Value};

/// The paths to ask the database for: lists as a whole, since items of one list that come back do not tell their
/// positions.
pub(super) fn projection(paths: &[DocumentPath]) -> Vec<DocumentPath> {
    let is_index = |segment: &Segment| matches!(segment, Segment::Index(_));
    let upto_list = |path: &DocumentPath| match path.segments().iter().position(is_index) {
        Some(at) => path.prefix(at),
        None => path.clone(),
    };
    let mut asked: Vec<DocumentPath> = paths.iter().map(upto_list).collect();
    asked.sort_unstable();
    // Sorted, a path stands right before those below it.
    asked.dedup_by(|path, kept| path.starts_with(kept));
    asked
}

/// The value at a path.
pub(super) fn value(item: &Map, path: &DocumentPath) -> Option<Value> {
    super::initialise::find(item, path).cloned()
}

/// The parts of an item at these paths; all of it where there are none.
pub(super) fn project(item: &Map, paths: &[DocumentPath]) -> Map {
    if paths.is_empty() {
        return item.clone();
    }
    let mut paths: Vec<&[Segment]> = paths.iter().map(DocumentPath::segments).collect();
    paths.sort_unstable();
    map_parts(item, &paths)
}

fn map_parts(map: &Map, paths: &[&[Segment]]) -> Map {
    let part = |group: &&[&[Segment]]| match group[0].first() {
        Some(Segment::Name(name)) => Some((name.clone(), value_parts(map.get(name)?, group)?)),
        _ => None,
    };
    by_first(paths).collect::<Vec<_>>().iter().filter_map(part).collect()
}

/// The parts of a value that paths lead to which all begin with the step to it.
fn value_parts(value: &Value, paths: &[&[Segment]]) -> Option<Value> {
    let below: Vec<&[Segment]> = paths.iter().map(|path| &path[1..]).collect();
    if below.iter().any(|path| path.is_empty()) {
        return Some(value.clone());
    }
    match value {
        Value::Map(map) => Some(map_parts(map, &below)).filter(|parts| !parts.is_empty()).map(Value::Map),
        Value::List(list) => {
            let part = |group: &[&[Segment]]| match group[0].first() {
                Some(Segment::Index(index)) => value_parts(list.get(*index as usize)?, group),
                _ => None,
            };
            let parts: Vec<Value> = by_first(&below).filter_map(part).collect();
            Some(parts).filter(|parts| !parts.is_empty()).map(Value::List)
        }
        _ => None,
    }
}

/// Sorted paths, grouped by their first step.
fn by_first<'g, 'p>(paths: &'g [&'p [Segment]]) -> impl Iterator<Item = &'g [&'p [Segment]]> {
    paths.chunk_by(|one, other| one.first() == other.first())
}
