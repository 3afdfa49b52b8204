//! Document paths: where in a record a value lives.

mod syntax;

use std::fmt;

use smallvec::SmallVec;

use crate::error::{Error, ErrorKind};
use crate::text::Text;
use crate::value::MAX_DEPTH;

/// One step of a document path.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Segment {
    /// Into a record, struct or map: the name of an attribute or a map key, whatever characters it has.
    Name(Text),
    /// Into a list, counted from 0.
    Index(u32),
}

/// A path from a record to one of its values: segments, never joined text.
///
/// Most paths are made by a model's field accessors. It prints in DynamoDB's notation for people;
/// nothing reads that text back, so a key that holds a dot or a bracket is no special case.
///
/// ```
/// use structnosql_core::{DocumentPath, Segment};
///
/// let path: DocumentPath = [Segment::from("tokens"), Segment::from("t32"), Segment::from(0)].into_iter().collect();
/// assert_eq!(path.to_string(), "tokens.t32[0]");
/// assert!(path.starts_with(&DocumentPath::from("tokens")));
/// ```
#[derive(Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DocumentPath(SmallVec<[Segment; 4]>);

/// Segment by segment: a third of what the clone of a `SmallVec` takes.
impl Clone for DocumentPath {
    fn clone(&self) -> Self {
        let mut segments = SmallVec::with_capacity(self.0.len());
        for segment in &self.0 {
            segments.push(segment.clone());
        }
        DocumentPath(segments)
    }
}

impl DocumentPath {
    /// The record itself.
    #[inline]
    pub fn root() -> Self {
        DocumentPath(SmallVec::new())
    }

    /// The steps from the record, outermost first.
    #[inline]
    pub fn segments(&self) -> &[Segment] {
        &self.0
    }

    /// The path one step further.
    #[must_use]
    #[inline]
    pub fn child(mut self, segment: impl Into<Segment>) -> Self {
        self.push(segment.into());
        self
    }

    /// Makes this path one step longer.
    #[inline]
    pub(crate) fn push(&mut self, segment: Segment) {
        self.0.push(segment);
    }

    /// The path of the first `length` segments.
    #[must_use]
    pub fn prefix(&self, length: usize) -> Self {
        self.0.iter().take(length).cloned().collect()
    }

    /// Whether it leads to an item of a list, or into one.
    pub(crate) fn enters_list(&self) -> bool {
        self.0.iter().any(|segment| matches!(segment, Segment::Index(_)))
    }

    /// The path, or the outermost list that it enters: what a position in it means depends on all of that list.
    pub(crate) fn outside_lists(&self) -> DocumentPath {
        let list = self.0.iter().position(|segment| matches!(segment, Segment::Index(_)));
        self.prefix(list.unwrap_or(self.0.len()))
    }

    /// Refuses a path that DynamoDB knows nothing of: deeper than it nests, or with a name without a character.
    #[inline]
    pub(crate) fn check(&self) -> Result<(), Error> {
        let has_empty_name = self.0.iter().any(|segment| matches!(segment, Segment::Name(name) if name.is_empty()));
        if self.0.len() <= MAX_DEPTH && !has_empty_name { Ok(()) } else { Err(self.refused()) }
    }

    #[cold]
    fn refused(&self) -> Error {
        let problem = if self.0.len() > MAX_DEPTH {
            format!("it has {} levels, and DynamoDB nests at most {MAX_DEPTH} levels", self.0.len())
        } else {
            "it has an empty name, and in DynamoDB a name has at least one character".to_owned()
        };
        ErrorKind::Path { text: self.to_string(), problem }.into()
    }

    /// Whether this path is `ancestor` or lies below it.
    pub fn starts_with(&self, ancestor: &DocumentPath) -> bool {
        self.0.starts_with(&ancestor.0)
    }
}

impl Segment {
    /// The name, where it is one.
    pub(crate) fn name(&self) -> Option<&Text> {
        match self {
            Segment::Name(name) => Some(name),
            Segment::Index(_) => None,
        }
    }
}

impl From<&str> for Segment {
    fn from(name: &str) -> Self {
        Segment::Name(Text::from(name))
    }
}

impl From<Text> for Segment {
    fn from(name: Text) -> Self {
        Segment::Name(name)
    }
}

impl From<u32> for Segment {
    fn from(index: u32) -> Self {
        Segment::Index(index)
    }
}

/// A top-level attribute. The name is taken as it is: dots and brackets in it have no meaning.
impl From<&str> for DocumentPath {
    fn from(name: &str) -> Self {
        DocumentPath::root().child(name)
    }
}

impl FromIterator<Segment> for DocumentPath {
    fn from_iter<I: IntoIterator<Item = Segment>>(segments: I) -> Self {
        DocumentPath(segments.into_iter().collect())
    }
}

impl fmt::Display for DocumentPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("the record");
        }
        for (at, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Index(index) => write!(f, "[{index}]")?,
                Segment::Name(name) => {
                    f.write_str(if at == 0 { "" } else { "." })?;
                    ShownName(name).fmt(f)?;
                }
            }
        }
        Ok(())
    }
}

/// A name inside a longer text: quoted where it would read as more than a name.
pub(crate) struct ShownName<'n>(pub(crate) &'n str);

impl fmt::Display for ShownName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ShownName(name) = self;
        let reads_as_more = |c: char| c.is_control() || ".[]\" ".contains(c);
        match name.is_empty() || name.contains(reads_as_more) {
            true => write!(f, "{name:?}"),
            false => f.write_str(name),
        }
    }
}

impl fmt::Debug for DocumentPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
