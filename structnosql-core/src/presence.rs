//! Presence: whether a field may be absent, removed, written. Types without values.

use std::marker::PhantomData;

/// Whether a field may be absent when its record is there, and what may be done with it.
///
/// One of [`Required`], [`Optional`], [`Inner`], [`Key`], [`Version`] and [`ReadOnly`].
pub trait Presence: Sealed + Copy + Send + Sync + 'static {
    /// The presence of a field declared as `D` inside a value of this presence.
    type Child<D: Presence>: Presence;
    /// What a required field becomes where it is declared inside a value of this presence.
    #[doc(hidden)]
    type Inside: Presence;
    /// What a field of this presence becomes where its type is an `Option`.
    #[doc(hidden)]
    type OrAbsent: Presence;
    /// What a row of a query holds for the field: `T` where it is always there, `Option<T>` otherwise.
    type Row<T: Send>: Send;

    /// A present value, as a row holds it.
    #[doc(hidden)]
    fn present<T: Send>(value: T) -> Self::Row<T>;

    /// The absent value, as a row holds it; nothing where the field must be there.
    #[doc(hidden)]
    fn absent<T: Send>() -> Option<Self::Row<T>>;

    /// Whether a stored NULL reads as absent.
    #[doc(hidden)]
    const MAYBE_ABSENT: bool;
}

/// Always there: it can be written, not removed.
#[derive(Clone, Copy, Debug)]
pub struct Required;

/// An `Option`, a map's value or a list's item: it can be written and removed.
#[derive(Clone, Copy, Debug)]
pub struct Optional;

/// Required by a parent that may itself be absent: it can be written, and removed only with its parent.
#[derive(Clone, Copy, Debug)]
pub struct Inner;

/// Part of the primary key: it can only be read.
#[derive(Clone, Copy, Debug)]
pub struct Key;

/// The record's version: it can only be read, and a record that nothing has versioned yet has none.
#[derive(Clone, Copy, Debug)]
pub struct Version;

/// Declared `read_only`, or inside what is so: read as `P`, written only with the whole record.
#[derive(Clone, Copy, Debug)]
pub struct ReadOnly<P>(PhantomData<P>);

/// A presence that updates may write to.
#[diagnostic::on_unimplemented(
    message = "this field cannot be written by an update",
    label = "a field of presence `{Self}` is not writable",
    note = "a key field never changes: put a record with the other key and delete this one",
    note = "a `version` is raised by the table with every write of its record",
    note = "a `read_only` field is written only by `put_record` and `create_record`"
)]
pub trait Writable: Presence {}

/// A presence that updates may remove.
#[diagnostic::on_unimplemented(
    message = "this field cannot be removed",
    label = "a field of presence `{Self}` is required by its model",
    note = "declare it as an `Option` to make it removable, or remove the struct that requires it"
)]
pub trait Removable: Writable {}

impl Writable for Required {}
impl Writable for Optional {}
impl Writable for Inner {}
impl Removable for Optional {}

/// Implementations are the six presences of this module.
#[doc(hidden)]
pub trait Sealed {}
impl Sealed for Required {}
impl Sealed for Optional {}
impl Sealed for Inner {}
impl Sealed for Key {}
impl Sealed for Version {}
impl<P> Sealed for ReadOnly<P> {}

macro_rules! always_there {
    () => {
        type Row<T: Send> = T;
        const MAYBE_ABSENT: bool = false;

        fn present<T: Send>(value: T) -> T {
            value
        }

        fn absent<T: Send>() -> Option<T> {
            None
        }
    };
}

macro_rules! maybe_absent {
    () => {
        type Row<T: Send> = Option<T>;
        const MAYBE_ABSENT: bool = true;

        fn present<T: Send>(value: T) -> Option<T> {
            Some(value)
        }

        fn absent<T: Send>() -> Option<Option<T>> {
            Some(None)
        }
    };
}

impl Presence for Required {
    type Child<D: Presence> = D;
    type Inside = Inner;
    type OrAbsent = Optional;
    always_there!();
}

impl Presence for Optional {
    type Child<D: Presence> = D::Inside;
    type Inside = Optional;
    type OrAbsent = Optional;
    maybe_absent!();
}

impl Presence for Inner {
    type Child<D: Presence> = D::Inside;
    type Inside = Inner;
    type OrAbsent = Optional;
    maybe_absent!();
}

impl Presence for Key {
    type Child<D: Presence> = ReadOnly<D>;
    type Inside = Key;
    type OrAbsent = Key;
    always_there!();
}

impl Presence for Version {
    type Child<D: Presence> = ReadOnly<D::Inside>;
    type Inside = Version;
    type OrAbsent = Version;
    maybe_absent!();
}

impl<P: Presence> Presence for ReadOnly<P> {
    type Child<D: Presence> = ReadOnly<P::Child<D>>;
    type Inside = ReadOnly<P::Inside>;
    type OrAbsent = ReadOnly<P::OrAbsent>;
    type Row<T: Send> = P::Row<T>;
    const MAYBE_ABSENT: bool = P::MAYBE_ABSENT;

    fn present<T: Send>(value: T) -> P::Row<T> {
        P::present(value)
    }

    fn absent<T: Send>() -> Option<P::Row<T>> {
        P::absent()
    }
}
