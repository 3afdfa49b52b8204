//! Paths of one expression that cannot stand beside one another.

use structnosql_core::{DocumentPath, Failure, FailureClass, Segment};

/// Refuses paths of which one is equal to or below another, or which enter one value as a list and as a map.
pub(super) fn check<'p>(paths: impl IntoIterator<Item = &'p DocumentPath>) -> Result<(), Failure> {
    let mut sorted: Vec<&[Segment]> = paths.into_iter().map(DocumentPath::segments).collect();
    // Sorted, a path stands right before those below it, and the children of one value stand together.
    sorted.sort_unstable();
    if sorted.first().is_some_and(|path| !matches!(path.first(), Some(Segment::Name(_)))) {
        return Err(refusal("a document path does not begin with an attribute"));
    }
    for pair in sorted.windows(2) {
        let (first, second) = (pair[0], pair[1]);
        if second.starts_with(first) {
            return Err(refusal("two document paths overlap with each other"));
        }
        let differ = first.iter().zip(second).find(|(one, other)| one != other);
        if let Some((Segment::Name(_), Segment::Index(_)) | (Segment::Index(_), Segment::Name(_))) = differ {
            return Err(refusal("two document paths conflict with each other"));
        }
    }
    Ok(())
}

fn refusal(message: &str) -> Failure {
    Failure::new(FailureClass::Invalid, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(segments: &[&str]) -> DocumentPath {
        let segment = |text: &&str| text.parse().map_or_else(|_| Segment::from(*text), Segment::Index);
        segments.iter().map(segment).collect()
    }

    #[test]
    fn equal_prefixes_and_mixed_kinds_are_refused() {
        let refused = |paths: &[&[&str]]| check(&paths.iter().map(|p| path(p)).collect::<Vec<_>>()).is_err();
        assert!(refused(&[&["a"], &["a"]]));
        assert!(refused(&[&["a", "b"], &["c"], &["a"]]));
        assert!(refused(&[&["a", "0"], &["a", "b"]]));
        assert!(refused(&[&["a", "b", "c"], &["a", "0", "c"], &["a", "c"]]));
        assert!(refused(&[&[]]));
        assert!(refused(&[&["0"]]));
        assert!(!refused(&[&["a", "b"], &["a", "c"], &["a-b"], &["l", "0"], &["l", "1"]]));
    }
}
