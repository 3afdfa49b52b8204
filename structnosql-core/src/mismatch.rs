//! A value that is not what its place asks for.

use std::borrow::Cow;
use std::fmt;

use crate::path::{DocumentPath, Segment};
use crate::value::Value;

/// How many places a message names.
const SHOWN: usize = 20;

/// What was expected at a document path, and what was found there; or several of these, told together.
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
    /// What else is wrong in the same value. None of these has others of its own.
    others: Vec<Mismatch>,
}

impl Mismatch {
    /// A mismatch at the place that is looked at; [`under`](Self::under) says where that is.
    pub fn new(expected: impl Into<Cow<'static, str>>, found: impl Into<Cow<'static, str>>) -> Self {
        let (expected, found) = (expected.into(), found.into());
        Mismatch(Box::new(Detail { reversed: Vec::new(), expected, found, others: Vec::new() }))
    }

    /// A value of another type than `expected`.
    pub fn type_of(expected: impl Into<Cow<'static, str>>, found: &Value) -> Self {
        Mismatch::new(expected, found.kind())
    }

    /// The same mismatch, seen from one level above.
    #[must_use]
    pub fn under(mut self, segment: Segment) -> Self {
        for other in &mut self.0.others {
            other.0.reversed.push(segment.clone());
        }
        self.0.reversed.push(segment);
        self
    }

    /// The same mismatch, seen from the record.
    #[must_use]
    pub fn at(self, path: &DocumentPath) -> Self {
        self.inside(path.segments())
    }

    /// The same mismatch, seen from so much further above.
    #[must_use]
    pub(crate) fn inside(self, path: &[Segment]) -> Self {
        path.iter().rev().cloned().fold(self, Mismatch::under)
    }

    /// The same mismatch in another attribute of the record, where there is one for its own.
    #[must_use]
    pub(crate) fn with_attribute(mut self, renamed: impl Fn(&Segment) -> Option<Segment>) -> Self {
        let rename = |reversed: &mut Vec<Segment>| {
            if let Some(attribute) = reversed.last_mut()
                && let Some(other) = renamed(attribute)
            {
                *attribute = other;
            }
        };
        rename(&mut self.0.reversed);
        self.0.others.iter_mut().for_each(|other| rename(&mut other.0.reversed));
        self
    }

    /// Both, the other told after this one.
    #[must_use]
    pub fn and(mut self, mut other: Mismatch) -> Self {
        let more = std::mem::take(&mut other.0.others);
        self.0.others.push(other);
        self.0.others.extend(more);
        self
    }

    /// Each place where something is wrong: this one, and what is told with it.
    pub fn each(&self) -> impl Iterator<Item = &Mismatch> {
        std::iter::once(self).chain(&self.0.others)
    }

    /// Each place by itself.
    pub(crate) fn into_each(mut self) -> Vec<Mismatch> {
        let others = std::mem::take(&mut self.0.others);
        std::iter::once(self).chain(others).collect()
    }

    /// Where it is; the first place where there are several.
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
        for (at, one) in self.each().take(SHOWN).enumerate() {
            let gap = if at == 0 { "" } else { "; " };
            write!(f, "{gap}`{}`: expected {}, found {}", one.path(), one.expected(), one.found())?;
        }
        match self.each().count().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => write!(f, "; and {more} more"),
        }
    }
}

impl fmt::Debug for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Mismatch {}

/// What is wrong with the parts of one value, gathered so that all of it is told at once.
#[doc(hidden)]
#[derive(Debug, Default)]
pub struct Mismatches(Option<Mismatch>);

impl Mismatches {
    /// Adds what is wrong with a part.
    pub(crate) fn add(&mut self, mismatch: Mismatch) {
        self.0 = Some(match self.0.take() {
            Some(earlier) => earlier.and(mismatch),
            None => mismatch,
        });
    }

    /// The part, where nothing is wrong with it.
    #[inline]
    pub(crate) fn keep<T>(&mut self, part: Result<T, Mismatch>) -> Option<T> {
        part.map_err(|mismatch| self.add(mismatch)).ok()
    }

    /// What the parts make, where nothing is wrong with them.
    #[inline]
    pub(crate) fn or<T>(self, whole: T) -> Result<T, Mismatch> {
        self.0.map_or(Ok(whole), Err)
    }

    /// For the expansion of the derive: the struct of the parts, which is there where nothing is wrong with them.
    #[inline]
    pub fn built<T>(self, whole: Option<T>) -> Result<T, Mismatch> {
        self.or(())?;
        whole.ok_or_else(|| Mismatch::new("every field", "not all of them"))
    }
}

/// The result, unless more is wrong.
#[inline]
pub(crate) fn unless<T>(result: Result<T, Mismatch>, more: Option<Mismatch>) -> Result<T, Mismatch> {
    match (result, more) {
        (result, None) => result,
        (Ok(_), Some(more)) => Err(more),
        (Err(mismatch), Some(more)) => Err(mismatch.and(more)),
    }
}

/// Every part, where nothing is wrong with any.
pub(crate) fn all<T, C: FromIterator<T>>(parts: impl Iterator<Item = Result<T, Mismatch>>) -> Result<C, Mismatch> {
    let mut wrong = Mismatches::default();
    let whole = parts.filter_map(|part| wrong.keep(part)).collect();
    wrong.or(whole)
}
