//! The ways of reading a selection.

use std::fmt;

use super::{Found, RecordView, Selection, Unread};
use crate::error::{Error, ErrorKind};
use crate::field::FieldValue;
use crate::mismatch::{Mismatch, unless};
use crate::path::DocumentPath;
use crate::presence::Presence;
use crate::schema::TableSchema;
use crate::value::{Map, Value};

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
