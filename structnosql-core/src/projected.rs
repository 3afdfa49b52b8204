//! Projections: several fields of a record, read into a struct.

use std::fmt;

use crate::path::DocumentPath;
use crate::selection::{Reading, RecordView, Row, Selection, Unread};

/// A struct that several fields of a record are read into. Implemented by `#[derive(Projection)]`.
#[diagnostic::on_unimplemented(message = "`{Self}` is not a projection", label = "derive `Projection` for it")]
pub trait Projection: Sized + Send {
    /// The model whose fields it reads.
    type Model;

    /// The selection that reads it, for any call that takes one: `movies.get_field("b12", Card::projection())`.
    fn projection() -> Projected<Self, impl Selection<Model = Self::Model>>;
}

/// The selection of a [`Projection`] `T`: it reads the fields of the selection `S` into a `T`.
pub struct Projected<T, S: Selection> {
    fields: S,
    build: fn(S::Output<Row>) -> T,
}

impl<T, S: Selection> Projected<T, S> {
    /// For the expansion of the derive.
    #[doc(hidden)]
    pub fn new(fields: S, build: fn(S::Output<Row>) -> T) -> Self {
        Projected { fields, build }
    }
}

impl<T: Send, S: Selection> Selection for Projected<T, S> {
    type Model = S::Model;
    type Output<R: Reading> = R::Whole<T>;
    const ASKS_FOR_RECORD: bool = true;

    fn visit<'s>(&'s self, visit: &mut dyn FnMut(&'s DocumentPath)) {
        self.fields.visit(visit);
    }

    fn read<R: Reading>(&self, record: &impl RecordView) -> Result<R::Whole<T>, Unread> {
        R::whole(record, &self.fields, self.build)
    }
}

impl<T, S: Selection + Clone> Clone for Projected<T, S> {
    fn clone(&self) -> Self {
        Projected { fields: self.fields.clone(), build: self.build }
    }
}

impl<T, S: Selection> fmt::Debug for Projected<T, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut paths = f.debug_list();
        self.fields.visit(&mut |path| {
            paths.entry(path);
        });
        paths.finish()
    }
}

/// What a field reads as is what the projection declares for it; for the expansion of the derive.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "this field reads as `{Self}`, not as `{T}`",
    label = "write `{Self}` here",
    note = "a field that may be absent reads as an `Option`, and so does every field inside it"
)]
pub trait ReadsAs<T> {
    fn reads_as(self) -> T;
}

impl<T> ReadsAs<T> for T {
    fn reads_as(self) -> T {
        self
    }
}
