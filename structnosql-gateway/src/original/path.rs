use structnosql_core::{Backend, DocumentPath, Failure, MAX_DEPTH, Segment};
use structnosql_external::wire::original as wire;

use super::{Original, invalid};
use crate::schema::Shape;

impl<B: Backend> Original<'_, B> {
    /// A path of this wire. Its keys do not tell names from positions: the model does.
    pub(super) fn path(&self, elements: wire::Path) -> Result<DocumentPath, Failure> {
        if elements.len() > MAX_DEPTH {
            return Err(invalid(format!("a path has more than {MAX_DEPTH} levels")));
        }
        let mut path = DocumentPath::root();
        for element in elements {
            let shape = self.schema.place(&path).map(|place| place.shape().innermost());
            path = path.child(segment(element.element_key, shape));
        }
        match path.segments().is_empty() {
            true => Err(invalid("a path without elements")),
            false => Ok(path),
        }
    }

    /// What a read asks for: everything where no path is given.
    pub(super) fn selected(&self, paths: Vec<wire::Path>) -> Result<Vec<DocumentPath>, Failure> {
        paths.into_iter().map(|path| self.path(path)).collect()
    }

    pub(super) fn paths(&self, paths: Vec<wire::Path>) -> Result<Vec<DocumentPath>, Failure> {
        match paths.is_empty() {
            true => Err(invalid("no paths are given")),
            false => self.selected(paths),
        }
    }
}

/// What is no position of a list is a name, which no list has: whether the model knows of a list here is told only to
/// who may do something with it.
fn segment(key: wire::ElementKey, container: Option<&Shape>) -> Segment {
    match (key, container) {
        (wire::ElementKey::Text(text), Some(Shape::List(_))) => {
            text.parse().map_or_else(|_| Segment::from(text.as_str()), Segment::Index)
        }
        (wire::ElementKey::Number(number), Some(Shape::List(_) | Shape::Any)) => {
            u32::try_from(number).map_or_else(|_| Segment::from(number.to_string().as_str()), Segment::Index)
        }
        (wire::ElementKey::Text(text), _) => Segment::from(text.as_str()),
        (wire::ElementKey::Number(number), _) => Segment::from(number.to_string().as_str()),
    }
}
