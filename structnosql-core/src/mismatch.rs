//! A value that is not what its place asks for.

use std::borrow::Cow;
use std::fmt;

use crate::path::{DocumentPath, Segment};
use crate::value::Value;

/// What was expected at a document path, and what was found there.
///
/// It grows its path from the inside out: whoever meets it on the way up adds its own segment.
#[derive(Clone, PartialEq)]
pub struct Mismatch(Box<Detail>);

#[derive(Clone, PartialEq)]
struct Detail {
    /// Innermost first.
    reversed: Vec<Segment>,
    expected: Cow<'static, str>,
    found: Cow<'static, str>,
}

impl Mismatch {
    /// A mismatch at the place that is looked at; [`under`](Self::under) says where that is.
    pub fn new(expected: impl Into<Cow<'static, str>>, found: impl Into<Cow<'static, str>>) -> Self {
        let (expected, found) = (expected.into(), found.into());
        Mismatch(Box::new(Detail { reversed: Vec::new(), expected, found }))
    }

    /// A value of another type than `expected`.
    pub fn type_of(expected: impl Into<Cow<'static, str>>, found: &Value) -> Self {
        Mismatch::new(expected, found.kind())
    }

    /// The same mismatch, seen from one level above.
    #[must_use]
    pub fn under(mut self, segment: Segment) -> Self {
        self.0.reversed.push(segment);
        self
    }

    /// The same mismatch, seen from the record.
    #[must_use]
    pub fn at(mut self, path: &DocumentPath) -> Self {
        self.0.reversed.extend(path.segments().iter().rev().cloned());
        self
    }

    /// Where it is.
    pub fn path(&self) -> DocumentPath {
        self.0.reversed.iter().rev().cloned().collect()
    }

    /// What the place asks for.
    pub fn expected(&self) -> &str {
        &self.0.expected
    }

    /// What is there: a type, or a value in words.
    pub fn found(&self) -> &str {
        &self.0.found
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: expected {}, found {}", self.path(), self.expected(), self.found())
    }
}

impl fmt::Debug for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Mismatch {}
