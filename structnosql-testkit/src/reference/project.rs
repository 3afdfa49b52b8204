//! What a read returns of an item.
//!
//! From AWS's page "Using projection expressions": attributes that are not there are left out, and of a list the
//! elements that were asked for come back in their order, without gaps.

use structnosql_core::{DocumentPath, Map, Segment, Value};

/// The parts of the item at these paths; all of it where there are none.
pub(super) fn project(item: &Map, paths: &[DocumentPath]) -> Map {
    if paths.is_empty() {
        return item.clone();
    }
    let mut paths: Vec<&[Segment]> = paths.iter().map(DocumentPath::segments).collect();
    paths.sort_unstable();
    map_parts(item, &paths)
}

fn map_parts(map: &Map, paths: &[&[Segment]]) -> Map {
    let mut parts = Map::new();
    for group in by_first(paths) {
        if let Some(Segment::Name(name)) = group[0].first()
            && let Some(part) = map.get(name).and_then(|value| value_parts(value, group))
        {
            parts.insert(name.clone(), part);
        }
    }
    parts
}

/// The parts of the value that the paths, which all begin with the segment that leads to it, lead to.
fn value_parts(value: &Value, paths: &[&[Segment]]) -> Option<Value> {
    let below: Vec<&[Segment]> = paths.iter().map(|path| &path[1..]).collect();
    if below.iter().any(|path| path.is_empty()) {
        return Some(value.clone());
    }
    match value {
        Value::Map(map) => Some(map_parts(map, &below)).filter(|parts| !parts.is_empty()).map(Value::Map),
        Value::List(list) => {
            let parts: Vec<Value> = by_first(&below)
                .filter_map(|group| match group[0].first() {
                    Some(Segment::Index(index)) => value_parts(list.get(*index as usize)?, group),
                    _ => None,
                })
                .collect();
            Some(parts).filter(|parts| !parts.is_empty()).map(Value::List)
        }
        _ => None,
    }
}

/// Sorted paths, grouped by their first segment.
fn by_first<'g, 'p>(paths: &'g [&'p [Segment]]) -> impl Iterator<Item = &'g [&'p [Segment]]> {
    paths.chunk_by(|one, other| one.first() == other.first())
}
