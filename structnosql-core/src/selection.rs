//! Selections: what a read asks for, and the shape of what it gives back.

mod reading;

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, Hash};

use crate::error::Error;
use crate::handle::Field;
use crate::model::{TableDataModel, decode_record};
use crate::path::DocumentPath;
use crate::presence::Removable;
use crate::schema::TableSchema;
use crate::value::Value;

pub use reading::{Debugged, Get, Raw, Reading, Row, Source, Sourced};
pub(crate) use reading::{DecodeRecord, decode_item};

/// What a read asks for: one field, a tuple of selections, an array or `Vec` of them, a map of named
/// ones, or a struct that derives `Projection`. The answer has the same shape.
///
/// For a get every field is an `Option`, since the record may be missing; in a row of a query a
/// field that its model requires is plain.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a selection of fields",
    label = "expected a field, a tuple, array, `Vec` or map of fields, or a projection",
    note = "a field is `Model::fields().name()`; a struct of several is made by `#[derive(Projection)]`",
    note = "the fields of one selection are all of one model"
)]
pub trait Selection: Send + Sync {
    /// The model that its paths start at.
    type Model;
    /// What it reads, in one of the ways of [`Reading`].
    type Output<R: Reading>: Send;

    /// Whether it reads otherwise where there is no record than where there is one without anything at its paths.
    #[doc(hidden)]
    const ASKS_FOR_RECORD: bool = false;

    /// Calls `visit` with each path.
    #[doc(hidden)]
    fn visit<'s>(&'s self, visit: &mut dyn FnMut(&'s DocumentPath));

    /// Reads every path from one record.
    #[doc(hidden)]
    fn read<R: Reading>(&self, record: &impl RecordView) -> Result<Self::Output<R>, Unread>;
}

/// One record, as far as it is known.
#[doc(hidden)]
pub trait RecordView {
    /// Reads what is at the path. The value is lent: nothing is copied that is only looked at.
    fn read_at<T>(&self, path: &DocumentPath, read: impl FnOnce(Found<'_>) -> Result<T, Unread>) -> Result<T, Unread>;

    /// Whether the record is there at all.
    fn exists(&self) -> Result<bool, Unread>;
}

/// Why a selection could not be read from what is known of a record.
#[doc(hidden)]
#[derive(Debug)]
pub enum Unread {
    /// Something selected is not known: the database has to be asked.
    Unknown,
    /// It is known, and wrong.
    Failed(Error),
}

impl<E: Into<Error>> From<E> for Unread {
    fn from(error: E) -> Self {
        Unread::Failed(error.into())
    }
}

/// A value and where it came from.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Found<'v> {
    pub value: Option<&'v Value>,
    pub source: Source,
    /// What the record is declared as.
    pub schema: &'static TableSchema,
}

impl<F: Field> Selection for F {
    type Model = F::Model;
    type Output<R: Reading> = R::Leaf<F::Presence, F::Value>;

    fn visit<'s>(&'s self, visit: &mut dyn FnMut(&'s DocumentPath)) {
        visit(self.path());
    }

    #[inline]
    fn read<R: Reading>(&self, record: &impl RecordView) -> Result<Self::Output<R>, Unread> {
        record.read_at(self.path(), |found| R::leaf::<F::Presence, F::Value>(found, self.path()))
    }
}

/// Selects the whole record.
#[doc(hidden)]
#[derive(Debug)]
pub struct WholeRecord<M> {
    path: DocumentPath,
    model: std::marker::PhantomData<fn() -> M>,
}

impl<M> Default for WholeRecord<M> {
    fn default() -> Self {
        WholeRecord { path: DocumentPath::root(), model: std::marker::PhantomData }
    }
}

impl<M: TableDataModel> Selection for WholeRecord<M> {
    type Model = M;
    type Output<R: Reading> = R::Record<M>;

    fn visit<'s>(&'s self, visit: &mut dyn FnMut(&'s DocumentPath)) {
        visit(&self.path);
    }

    fn read<R: Reading>(&self, record: &impl RecordView) -> Result<Self::Output<R>, Unread> {
        record.read_at(&self.path, |found| R::record(found, decode_record::<M>))
    }
}

macro_rules! tuples {
    ($($first:ident $(($item:ident, $at:tt))*;)*) => {$(
        impl<$first: Selection, $($item: Selection<Model = $first::Model>),*> Selection for ($first, $($item,)*) {
            type Model = $first::Model;
            type Output<R: Reading> = ($first::Output<R>, $($item::Output<R>,)*);
            const ASKS_FOR_RECORD: bool = $first::ASKS_FOR_RECORD $(|| $item::ASKS_FOR_RECORD)*;

            fn visit<'s>(&'s self, visit: &mut dyn FnMut(&'s DocumentPath)) {
                self.0.visit(visit);
                $(self.$at.visit(visit);)*
            }

            fn read<R: Reading>(&self, record: &impl RecordView) -> Result<Self::Output<R>, Unread> {
                Ok((self.0.read::<R>(record)?, $(self.$at.read::<R>(record)?,)*))
            }
        }
    )*};
}
tuples! {
    A;
    A (B, 1);
    A (B, 1) (C, 2);
    A (B, 1) (C, 2) (D, 3);
    A (B, 1) (C, 2) (D, 3) (E, 4);
    A (B, 1) (C, 2) (D, 3) (E, 4) (F, 5);
    A (B, 1) (C, 2) (D, 3) (E, 4) (F, 5) (G, 6);
    A (B, 1) (C, 2) (D, 3) (E, 4) (F, 5) (G, 6) (H, 7);
    A (B, 1) (C, 2) (D, 3) (E, 4) (F, 5) (G, 6) (H, 7) (I, 8);
    A (B, 1) (C, 2) (D, 3) (E, 4) (F, 5) (G, 6) (H, 7) (I, 8) (J, 9);
    A (B, 1) (C, 2) (D, 3) (E, 4) (F, 5) (G, 6) (H, 7) (I, 8) (J, 9) (K, 10);
    A (B, 1) (C, 2) (D, 3) (E, 4) (F, 5) (G, 6) (H, 7) (I, 8) (J, 9) (K, 10) (L, 11);
}

impl<S: Selection> Selection for Vec<S> {
    type Model = S::Model;
    type Output<R: Reading> = Vec<S::Output<R>>;
    const ASKS_FOR_RECORD: bool = S::ASKS_FOR_RECORD;

    fn visit<'s>(&'s self, visit: &mut dyn FnMut(&'s DocumentPath)) {
        self.iter().for_each(|selection| selection.visit(visit));
    }

    fn read<R: Reading>(&self, record: &impl RecordView) -> Result<Self::Output<R>, Unread> {
        self.iter().map(|selection| selection.read::<R>(record)).collect()
    }
}

impl<S: Selection, const N: usize> Selection for [S; N] {
    type Model = S::Model;
    type Output<R: Reading> = [S::Output<R>; N];
    const ASKS_FOR_RECORD: bool = S::ASKS_FOR_RECORD;

    fn visit<'s>(&'s self, visit: &mut dyn FnMut(&'s DocumentPath)) {
        self.iter().for_each(|selection| selection.visit(visit));
    }

    fn read<R: Reading>(&self, record: &impl RecordView) -> Result<Self::Output<R>, Unread> {
        // There is no fallible `from_fn` for arrays yet; the lengths are equal by construction.
        let all: Vec<_> = self.iter().map(|selection| selection.read::<R>(record)).collect::<Result<_, _>>()?;
        all.try_into().map_err(|_| Unread::Unknown)
    }
}

macro_rules! named {
    () => {
        type Model = S::Model;
        const ASKS_FOR_RECORD: bool = S::ASKS_FOR_RECORD;

        fn visit<'s>(&'s self, visit: &mut dyn FnMut(&'s DocumentPath)) {
            self.values().for_each(|selection| selection.visit(visit));
        }

        fn read<R: Reading>(&self, record: &impl RecordView) -> Result<Self::Output<R>, Unread> {
            self.iter().map(|(name, selection)| Ok((name.clone(), selection.read::<R>(record)?))).collect()
        }
    };
}

impl<K, S, H> Selection for HashMap<K, S, H>
where
    K: Clone + Eq + Hash + Send + Sync,
    S: Selection,
    H: BuildHasher + Default + Send + Sync,
{
    type Output<R: Reading> = HashMap<K, S::Output<R>, H>;
    named!();
}

impl<K: Clone + Ord + Send + Sync, S: Selection> Selection for BTreeMap<K, S> {
    type Output<R: Reading> = BTreeMap<K, S::Output<R>>;
    named!();
}

/// A selection whose fields may all be removed.
#[diagnostic::on_unimplemented(
    message = "not every field of this selection can be removed",
    note = "a field that its model requires stays: declare it as an `Option` to make it removable"
)]
pub trait RemovableSelection: Selection {}

impl<F: Field> RemovableSelection for F where F::Presence: Removable {}
impl<S: RemovableSelection> RemovableSelection for Vec<S> {}
impl<S: RemovableSelection, const N: usize> RemovableSelection for [S; N] {}

impl<K, S, H> RemovableSelection for HashMap<K, S, H>
where
    K: Clone + Eq + Hash + Send + Sync,
    S: RemovableSelection,
    H: BuildHasher + Default + Send + Sync,
{
}

impl<K: Clone + Ord + Send + Sync, S: RemovableSelection> RemovableSelection for BTreeMap<K, S> {}

macro_rules! removable_tuples {
    ($($first:ident $($item:ident)*;)*) => {$(
        impl<$first: RemovableSelection, $($item: RemovableSelection<Model = $first::Model>),*> RemovableSelection
            for ($first, $($item,)*)
        {
        }
    )*};
}
removable_tuples! {
    A;
    A B;
    A B C;
    A B C D;
    A B C D E;
    A B C D E F;
    A B C D E F G;
    A B C D E F G H;
    A B C D E F G H I;
    A B C D E F G H I J;
    A B C D E F G H I J K;
    A B C D E F G H I J K L;
}
