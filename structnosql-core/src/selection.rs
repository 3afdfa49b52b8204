//! Selections: what a read asks for, and the shape of what it gives back.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::hash::{BuildHasher, Hash};

use crate::error::{Error, ErrorKind};
use crate::field::FieldValue;
use crate::handle::Field;
use crate::mismatch::{Mismatch, unless};
use crate::model::{TableDataModel, decode_record};
use crate::path::DocumentPath;
use crate::presence::{Presence, Removable};
use crate::schema::TableSchema;
use crate::value::{Map, Value};

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

/// Where a value that was read came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Source {
    /// A request that this read made.
    Database,
    /// What the table knew from earlier requests. [`cache_age`](crate::CachingTable::cache_age) tells how old it is.
    Cache,
    /// A change that was pending and was cleared without clearing the cache: it is not stored, and never will be.
    /// [`rollback`](crate::CachingTable::rollback) forgets it.
    Assumed,
    /// A change that is pending, in flight or in doubt.
    /// [`pending_for`](crate::CachingTable::pending_for) tells more.
    Pending,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Source::Database => "database",
            Source::Cache => "cache",
            Source::Assumed => "assumed",
            Source::Pending => "pending",
        })
    }
}

/// A value with its source, as the reads of `table.debug()` give it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sourced<T> {
    /// The value.
    pub value: T,
    /// Where it came from.
    pub source: Source,
}

impl<T> Sourced<T> {
    /// Whether the value was there without asking the database.
    pub fn from_cache(&self) -> bool {
        self.source != Source::Database
    }
}

/// The ways of reading a selection: [`Get`], [`Row`], [`Raw`] and [`Debugged`].
pub trait Reading: Sized + Send + Sync + 'static {
    /// What a field of presence `P` and type `T` reads as.
    type Leaf<P: Presence, T: FieldValue>: Send;
    /// What a struct `T` of several fields reads as.
    type Whole<T: Send>: Send;
    /// What a whole record reads as.
    type Record<T: Send>: Send;

    #[doc(hidden)]
    fn leaf<P: Presence, T: FieldValue>(found: Found<'_>, path: &DocumentPath) -> Result<Self::Leaf<P, T>, Unread>;

    #[doc(hidden)]
    fn whole<T: Send, S: Selection>(
        record: &impl RecordView,
        fields: &S,
        build: fn(S::Output<Row>) -> T,
    ) -> Result<Self::Whole<T>, Unread>;

    #[doc(hidden)]
    fn record<T: Send>(found: Found<'_>, decode: DecodeRecord<T>) -> Result<Self::Record<T>, Unread>;
}

/// What an item is read as.
#[doc(hidden)]
pub(crate) type DecodeRecord<T> = fn(&Map) -> Result<T, Mismatch>;

/// The reading of a get: `Option<T>` for every field.
#[derive(Clone, Copy, Debug)]
pub struct Get;

/// The reading of a row of a query: `T` for a required field, `Option<T>` for others.
#[derive(Clone, Copy, Debug)]
pub struct Row;

/// A reading without validation: the stored value of every field as it is.
#[derive(Clone, Copy, Debug)]
pub struct Raw;

/// The reading `R` with the source of every value.
#[derive(Clone, Copy, Debug)]
pub struct Debugged<R>(std::marker::PhantomData<R>);

#[inline]
fn decode<P: Presence, T: FieldValue>(found: Found<'_>, path: &DocumentPath) -> Result<Option<T>, Error> {
    match found.value {
        None => Ok(None),
        Some(Value::Null) if P::MAYBE_ABSENT && !T::HOLDS_NULL => Ok(None),
        Some(value) => match T::decode(value) {
            Ok(decoded) if !found.schema.has_rules() => Ok(Some(decoded)),
            decoded => check(decoded, value, found.schema, path),
        },
    }
}

/// Out of the way of values that fit and have no rules.
#[inline(never)]
fn check<T>(
    decoded: Result<T, Mismatch>,
    value: &Value,
    schema: &TableSchema,
    path: &DocumentPath,
) -> Result<Option<T>, Error> {
    let decoded = decoded.map_err(|mismatch| mismatch.at(path));
    Ok(Some(unless(decoded, schema.broken(path, value)).map_err(ErrorKind::StoredValue)?))
}

/// The record that a value is.
pub(crate) fn decode_item<T>(value: &Value, decode: DecodeRecord<T>) -> Result<T, Mismatch> {
    match value {
        Value::Map(item) => decode(item),
        other => Err(Mismatch::type_of("a record", other)),
    }
}

impl Reading for Get {
    type Leaf<P: Presence, T: FieldValue> = Option<T>;
    type Whole<T: Send> = Option<T>;
    type Record<T: Send> = Option<T>;

    fn record<T: Send>(found: Found<'_>, decode: DecodeRecord<T>) -> Result<Option<T>, Unread> {
        let decoded = found.value.map(|value| decode_item(value, decode));
        Ok(decoded.transpose().map_err(ErrorKind::StoredValue)?)
    }

    #[inline]
    fn leaf<P: Presence, T: FieldValue>(found: Found<'_>, path: &DocumentPath) -> Result<Option<T>, Unread> {
        Ok(decode::<P, T>(found, path)?)
    }

    fn whole<T: Send, S: Selection>(
        record: &impl RecordView,
        fields: &S,
        build: fn(S::Output<Row>) -> T,
    ) -> Result<Option<T>, Unread> {
        if record.exists()? { Row::whole(record, fields, build).map(Some) } else { Ok(None) }
    }
}

impl Reading for Row {
    type Leaf<P: Presence, T: FieldValue> = P::Row<T>;
    type Whole<T: Send> = T;
    type Record<T: Send> = T;

    fn record<T: Send>(found: Found<'_>, decode: DecodeRecord<T>) -> Result<T, Unread> {
        let missing = || ErrorKind::StoredValue(Mismatch::new("a record", "nothing"));
        Ok(Get::record(found, decode)?.ok_or_else(missing)?)
    }

    fn leaf<P: Presence, T: FieldValue>(found: Found<'_>, path: &DocumentPath) -> Result<P::Row<T>, Unread> {
        match decode::<P, T>(found, path)? {
            Some(value) => Ok(P::present(value)),
            None => P::absent().ok_or_else(|| {
                let missing = Mismatch::new(T::SHAPE.describe(), "nothing").at(path);
                Unread::Failed(ErrorKind::StoredValue(missing).into())
            }),
        }
    }

    fn whole<T: Send, S: Selection>(
        record: &impl RecordView,
        fields: &S,
        build: fn(S::Output<Row>) -> T,
    ) -> Result<T, Unread> {
        fields.read::<Row>(record).map(build)
    }
}

impl Reading for Raw {
    type Leaf<P: Presence, T: FieldValue> = Option<Value>;
    type Whole<T: Send> = Option<T>;
    type Record<T: Send> = Option<Value>;

    fn record<T: Send>(found: Found<'_>, _: DecodeRecord<T>) -> Result<Option<Value>, Unread> {
        Ok(found.value.cloned())
    }

    fn leaf<P: Presence, T: FieldValue>(found: Found<'_>, _: &DocumentPath) -> Result<Option<Value>, Unread> {
        Ok(found.value.cloned())
    }

    fn whole<T: Send, S: Selection>(
        record: &impl RecordView,
        fields: &S,
        build: fn(S::Output<Row>) -> T,
    ) -> Result<Option<T>, Unread> {
        Get::whole(record, fields, build)
    }
}

impl<R: Reading> Reading for Debugged<R> {
    type Leaf<P: Presence, T: FieldValue> = Sourced<R::Leaf<P, T>>;
    type Whole<T: Send> = Sourced<R::Whole<T>>;
    type Record<T: Send> = Sourced<R::Record<T>>;

    fn record<T: Send>(found: Found<'_>, decode: DecodeRecord<T>) -> Result<Sourced<R::Record<T>>, Unread> {
        let source = found.source;
        Ok(Sourced { value: R::record(found, decode)?, source })
    }

    fn leaf<P: Presence, T: FieldValue>(
        found: Found<'_>,
        path: &DocumentPath,
    ) -> Result<Sourced<R::Leaf<P, T>>, Unread> {
        let source = found.source;
        Ok(Sourced { value: R::leaf::<P, T>(found, path)?, source })
    }

    fn whole<T: Send, S: Selection>(
        record: &impl RecordView,
        fields: &S,
        build: fn(S::Output<Row>) -> T,
    ) -> Result<Sourced<R::Whole<T>>, Unread> {
        let traced = Traced { record, source: std::cell::Cell::new(Source::Pending) };
        let value = R::whole(&traced, fields, build)?;
        Ok(Sourced { value, source: traced.source.get() })
    }
}

/// Remembers the source that lies nearest to the database.
struct Traced<'r, V> {
    record: &'r V,
    source: std::cell::Cell<Source>,
}

impl<V: RecordView> RecordView for Traced<'_, V> {
    fn read_at<T>(&self, path: &DocumentPath, read: impl FnOnce(Found<'_>) -> Result<T, Unread>) -> Result<T, Unread> {
        self.record.read_at(path, |found| {
            self.source.set(self.source.get().min(found.source));
            read(found)
        })
    }

    fn exists(&self) -> Result<bool, Unread> {
        self.record.exists()
    }
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
