//! Primary keys: the values that single one record out.

use std::borrow::Cow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;

use crate::action::Action;
use crate::error::{Error, ErrorKind};
use crate::field::Template;
use crate::mismatch::Mismatch;
use crate::number::Number;
use crate::path::{DocumentPath, Segment};
use crate::schema::{KeyAttribute, KeyKind, TableSchema};
use crate::text::Text;
use crate::value::{Map, Value};

/// One key attribute's value, borrowed where the caller holds it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeyValue<'a> {
    /// S.
    String(Cow<'a, str>),
    /// N.
    Number(Number),
    /// B.
    Binary(Cow<'a, [u8]>),
}

impl KeyValue<'_> {
    /// The type of the key attribute that holds it.
    #[inline]
    pub fn kind(&self) -> KeyKind {
        match self {
            KeyValue::String(_) => KeyKind::String,
            KeyValue::Number(_) => KeyKind::Number,
            KeyValue::Binary(_) => KeyKind::Binary,
        }
    }

    /// The value as it is stored.
    pub fn to_value(&self) -> Value {
        match self {
            KeyValue::String(text) => Value::String(Text::from(text.as_ref())),
            KeyValue::Number(number) => Value::Number(number.clone()),
            KeyValue::Binary(bytes) => Value::Binary(bytes.to_vec()),
        }
    }

    /// The same value, borrowing nothing.
    pub fn into_owned(self) -> KeyValue<'static> {
        match self {
            KeyValue::String(text) => KeyValue::String(Cow::Owned(text.into_owned())),
            KeyValue::Number(number) => KeyValue::Number(number),
            KeyValue::Binary(bytes) => KeyValue::Binary(Cow::Owned(bytes.into_owned())),
        }
    }

    /// The key value that a stored value is; nothing where no key has its type.
    pub fn of(value: &Value) -> Option<KeyValue<'static>> {
        match value {
            Value::String(text) => Some(KeyValue::String(Cow::Owned(text.to_string()))),
            Value::Number(number) => Some(KeyValue::Number(number.clone())),
            Value::Binary(bytes) => Some(KeyValue::Binary(Cow::Owned(bytes.clone()))),
            _ => None,
        }
    }

    #[inline]
    fn is_empty(&self) -> bool {
        match self {
            KeyValue::String(text) => text.is_empty(),
            KeyValue::Number(_) => false,
            KeyValue::Binary(bytes) => bytes.is_empty(),
        }
    }

    /// Whether it is what the schema declares for `attribute`.
    #[inline]
    fn fits(&self, attribute: &KeyAttribute) -> bool {
        self.kind() == attribute.kind && !self.is_empty()
    }

    /// Checks the value against what the schema declares for `attribute`.
    pub(crate) fn check(&self, attribute: &KeyAttribute) -> Result<(), Mismatch> {
        if self.fits(attribute) { Ok(()) } else { Err(self.refused(attribute)) }
    }

    #[cold]
    fn refused(&self, attribute: &KeyAttribute) -> Mismatch {
        let mismatch = match self.kind() == attribute.kind {
            true => Mismatch::new("a key value that is not empty", "an empty one"),
            false => Mismatch::type_of(attribute.kind.describe(), &self.to_value()),
        };
        mismatch.under(attribute.name.clone().into())
    }
}

impl KeyKind {
    /// What error messages call it.
    pub fn describe(self) -> &'static str {
        match self {
            KeyKind::String => "a string",
            KeyKind::Number => "a number",
            KeyKind::Binary => "binary",
        }
    }
}

impl fmt::Display for KeyValue<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KeyValue::String(text) => f.pad(text),
            KeyValue::Number(number) => fmt::Display::fmt(number, f),
            KeyValue::Binary(bytes) => bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}")),
        }
    }
}

/// The primary key of one record: a partition key value and, where the table has one, a sort key value.
#[derive(Clone, Debug, Eq, PartialOrd, Ord)]
pub struct KeyRef<'a> {
    partition: KeyValue<'a>,
    sort: Option<KeyValue<'a>>,
}

/// A string alone, which most keys are, is compared first.
impl PartialEq for KeyRef<'_> {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        match (self.text(), other.text()) {
            (Some(a), Some(b)) => a == b,
            _ => self.equals(other),
        }
    }
}

/// The keys of one table are all of one kind: nothing but their values tells them apart.
impl Hash for KeyValue<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self {
            KeyValue::String(text) => state.write(text.as_bytes()),
            KeyValue::Number(number) => number.hash(state),
            KeyValue::Binary(bytes) => state.write(bytes),
        }
    }
}

impl Hash for KeyRef<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.partition.hash(state);
        if let Some(sort) = &self.sort {
            sort.hash(state);
        }
    }
}

impl KeyRef<'_> {
    /// The string that it is, where it is nothing else.
    #[inline]
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            KeyRef { partition: KeyValue::String(text), sort: None } => Some(text),
            _ => None,
        }
    }

    #[inline(never)]
    fn equals(&self, other: &Self) -> bool {
        self.partition == other.partition && self.sort == other.sort
    }
}

impl<'a> KeyRef<'a> {
    /// A key of these values.
    pub fn new(partition: KeyValue<'a>, sort: Option<KeyValue<'a>>) -> Self {
        KeyRef { partition, sort }
    }

    /// The partition key's value.
    pub fn partition(&self) -> &KeyValue<'a> {
        &self.partition
    }

    /// The sort key's value, where the table has a sort key.
    pub fn sort(&self) -> Option<&KeyValue<'a>> {
        self.sort.as_ref()
    }

    /// The same key, borrowing nothing.
    pub fn into_owned(self) -> Key {
        Key(KeyRef { partition: self.partition.into_owned(), sort: self.sort.map(KeyValue::into_owned) })
    }

    /// Whether its values are what the schema declares.
    #[inline]
    fn fits(&self, schema: &TableSchema) -> bool {
        self.partition.fits(&schema.partition_key)
            && match (&self.sort, &schema.sort_key) {
                (None, None) => true,
                (Some(value), Some(attribute)) => value.fits(attribute),
                _ => false,
            }
    }

    fn refused(&self, schema: &TableSchema) -> Mismatch {
        match (self.partition.check(&schema.partition_key), &self.sort, &schema.sort_key) {
            (Err(mismatch), ..) => mismatch,
            (Ok(()), Some(value), Some(attribute)) => value.refused(attribute),
            _ => self.wrong_parts(schema),
        }
    }

    fn wrong_parts(&self, schema: &TableSchema) -> Mismatch {
        match &schema.sort_key {
            Some(attribute) => Mismatch::new("a sort key value", "none").under(attribute.name.clone().into()),
            None => {
                let extra = Mismatch::new("a partition key alone", "a sort key value too");
                extra.under(schema.partition_key.name.clone().into())
            }
        }
    }
}

/// A key that was checked against a table's schema.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct RecordKey<'k> {
    pub(crate) schema: &'static TableSchema,
    pub(crate) key: &'k KeyRef<'k>,
}

impl RecordKey<'_> {
    /// The key attributes by their stored names.
    pub(crate) fn attributes(&self) -> Map {
        let sort = self.schema.sort_key.as_ref().zip(self.key.sort());
        let entries = std::iter::once((&self.schema.partition_key, self.key.partition())).chain(sort);
        entries.map(|(attribute, value)| (attribute.name.clone(), value.to_value())).collect()
    }
}

/// Prints the key's values, a sort key after a slash.
impl fmt::Display for KeyRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.sort {
            None => fmt::Display::fmt(&self.partition, f),
            Some(sort) => write!(f, "{}/{sort}", self.partition),
        }
    }
}

/// An owned primary key, as pages and reports carry it.
///
/// It can be handed back to any call that takes a key.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key(KeyRef<'static>);

impl Key {
    /// The key of a stored item of this table.
    pub(crate) fn of_item(schema: &TableSchema, item: &Map) -> Result<Key, Mismatch> {
        let value = |attribute: &KeyAttribute| {
            let at = |mismatch: Mismatch| mismatch.under(Segment::Name(attribute.name.clone()));
            let stored =
                item.get(&attribute.name).ok_or_else(|| at(Mismatch::new(attribute.kind.describe(), "nothing")))?;
            let value = KeyValue::of(stored).ok_or_else(|| at(Mismatch::type_of(attribute.kind.describe(), stored)))?;
            value.check(attribute)?;
            Ok(value)
        };
        let sort = schema.sort_key.as_ref().map(value).transpose()?;
        Ok(Key(KeyRef { partition: value(&schema.partition_key)?, sort }))
    }
}

impl Deref for Key {
    type Target = KeyRef<'static>;

    fn deref(&self) -> &KeyRef<'static> {
        &self.0
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// A key of a partition key alone, of type `P`.
#[derive(Debug)]
pub struct One<P>(std::marker::PhantomData<fn() -> P>);

/// A key of a partition key of type `P` and a sort key of type `S`.
#[derive(Debug)]
pub struct Two<P, S>(std::marker::PhantomData<fn() -> (P, S)>);

/// A field type that a key attribute may have: strings, numbers and binary.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a key",
    label = "a key attribute is a string, a number or binary",
    note = "use `String`, an integer, `Number`, `Vec<u8>` or an enum that derives `MapModel`",
    note = "a `partition_key` or `sort_key` is always there, and so is never an `Option`; an `index` key may be one"
)]
pub trait KeyField {
    /// The type of the stored attribute.
    const KIND: KeyKind;

    /// What all of them look like.
    #[doc(hidden)]
    const TEMPLATE: Template = Template::ANY;
}

/// What can be given where a model's primary key is asked for: a single value for a partition key
/// alone, a pair where there is a sort key, or a [`Key`] from a page or report.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a key of this table",
    label = "the key of this table is `{K}`",
    note = "`One<P>` is a partition key alone: give a value for a `P`",
    note = "`Two<P, S>` has a sort key too: give a pair of values `(partition, sort)`"
)]
pub trait IntoKey<K> {
    /// The key, borrowing from what was given.
    fn into_key<'a>(self) -> Result<KeyRef<'a>, Mismatch>
    where
        Self: 'a;
}

/// What can be given for one key attribute of type `P`.
#[diagnostic::on_unimplemented(message = "`{Self}` is not a value for a key of type `{P}`", label = "expected `{P}`")]
pub trait IntoKeyPart<P> {
    /// The key value, borrowing from what was given.
    fn into_part<'a>(self) -> Result<KeyValue<'a>, Mismatch>
    where
        Self: 'a;
}

/// What is wrong with a part is told of its position: its name is the table's affair.
fn part<'a, P>(position: u32, given: impl IntoKeyPart<P> + 'a) -> Result<KeyValue<'a>, Mismatch> {
    given.into_part().map_err(|mismatch| mismatch.under(Segment::Index(position)))
}

impl TableSchema {
    /// The key that was given, if it is one of the table's.
    #[inline]
    pub(crate) fn key<'a, K>(&self, given: impl IntoKey<K> + 'a) -> Result<KeyRef<'a>, Error> {
        match given.into_key() {
            Ok(key) if key.fits(self) => Ok(key),
            given => Err(self.no_key(given)),
        }
    }

    /// Refuses what cannot be the key of an index: DynamoDB takes no empty ones.
    pub(crate) fn check_index_value(&self, attribute: &str, value: &Value) -> Result<(), Error> {
        for index in self.indexes {
            for key in index.key_attributes().filter(|key| key.name == attribute) {
                // A value of another type can only be what the model declares: the table has another key then.
                if let Some(value) = KeyValue::of(value) {
                    value.check(key).map_err(ErrorKind::Key)?;
                }
            }
        }
        Ok(())
    }

    /// [`key`](Self::key) for a write, which may bring a record with this key into being.
    #[inline]
    pub(crate) fn key_to_write<'a, K>(&self, given: impl IntoKey<K> + 'a) -> Result<KeyRef<'a>, Error> {
        match self.key(given) {
            Ok(key) if self.has_rules() => self.key_in_rules(key),
            key => key,
        }
    }

    #[inline(never)]
    fn key_in_rules<'a>(&self, key: KeyRef<'a>) -> Result<KeyRef<'a>, Error> {
        let parts =
            std::iter::once((&self.partition_key, key.partition())).chain(self.sort_key.as_ref().zip(key.sort()));
        let broken = |(attribute, value)| self.broken_key(attribute, value);
        match parts.filter_map(broken).reduce(Mismatch::and) {
            Some(mismatch) => Err(ErrorKind::Key(mismatch).into()),
            None => Ok(key),
        }
    }

    /// [`check_index_value`](Self::check_index_value) for a change.
    #[inline]
    pub(crate) fn check_index_key(&self, path: &DocumentPath, action: &Action) -> Result<(), Error> {
        match (path.segments(), action) {
            ([Segment::Name(name)], Action::Set(value) | Action::SetIfAbsent(value)) => {
                self.check_index_value(name, value)
            }
            _ => Ok(()),
        }
    }

    #[cold]
    fn no_key(&self, given: Result<KeyRef<'_>, Mismatch>) -> Error {
        ErrorKind::Key(given.map_or_else(|mismatch| self.with_name(mismatch), |key| key.refused(self))).into()
    }

    fn with_name(&self, mismatch: Mismatch) -> Mismatch {
        let attribute = match mismatch.path().segments() {
            [Segment::Index(0)] => Some(&self.partition_key),
            [Segment::Index(1)] => self.sort_key.as_ref(),
            _ => None,
        };
        match attribute {
            Some(attribute) => {
                let (expected, found) = (mismatch.expected().to_owned(), mismatch.found().to_owned());
                Mismatch::new(expected, found).under(attribute.name.clone().into())
            }
            None => mismatch,
        }
    }
}

#[diagnostic::do_not_recommend]
impl<P, A: IntoKeyPart<P>> IntoKey<One<P>> for A {
    fn into_key<'a>(self) -> Result<KeyRef<'a>, Mismatch>
    where
        Self: 'a,
    {
        Ok(KeyRef::new(part(0, self)?, None))
    }
}

impl<P, S, A: IntoKeyPart<P>, B: IntoKeyPart<S>> IntoKey<Two<P, S>> for (A, B) {
    fn into_key<'a>(self) -> Result<KeyRef<'a>, Mismatch>
    where
        Self: 'a,
    {
        Ok(KeyRef::new(part(0, self.0)?, Some(part(1, self.1)?)))
    }
}

impl<P, S> IntoKey<Two<P, S>> for &Key {
    fn into_key<'a>(self) -> Result<KeyRef<'a>, Mismatch>
    where
        Self: 'a,
    {
        Ok(self.0.clone())
    }
}

impl<P, S> IntoKey<Two<P, S>> for Key {
    fn into_key<'a>(self) -> Result<KeyRef<'a>, Mismatch>
    where
        Self: 'a,
    {
        Ok(self.0)
    }
}

impl<P: KeyField> IntoKeyPart<P> for &Key {
    fn into_part<'a>(self) -> Result<KeyValue<'a>, Mismatch>
    where
        Self: 'a,
    {
        self.clone().into_partition()
    }
}

impl<P: KeyField> IntoKeyPart<P> for Key {
    fn into_part<'a>(self) -> Result<KeyValue<'a>, Mismatch>
    where
        Self: 'a,
    {
        self.into_partition()
    }
}

impl Key {
    fn into_partition(self) -> Result<KeyValue<'static>, Mismatch> {
        match self.0.sort {
            None => Ok(self.0.partition),
            Some(_) => Err(Mismatch::new("a partition key alone", "a key with a sort key value")),
        }
    }
}

impl KeyField for String {
    const KIND: KeyKind = KeyKind::String;
}

impl KeyField for Number {
    const KIND: KeyKind = KeyKind::Number;
}

impl KeyField for Vec<u8> {
    const KIND: KeyKind = KeyKind::Binary;
}

macro_rules! key_parts {
    ($($given:ty => $field:ty: |$value:ident| $part:expr;)*) => {$(
        impl<'g> IntoKeyPart<$field> for $given {
            fn into_part<'a>(self) -> Result<KeyValue<'a>, Mismatch>
            where
                Self: 'a,
            {
                let $value = self;
                Ok($part)
            }
        }
    )*};
}

key_parts! {
    &'g str => String: |text| KeyValue::String(Cow::Borrowed(text));
    &'g String => String: |text| KeyValue::String(Cow::Borrowed(text));
    String => String: |text| KeyValue::String(Cow::Owned(text));
    Cow<'g, str> => String: |text| KeyValue::String(text);
    Number => Number: |number| KeyValue::Number(number);
    &'g Number => Number: |number| KeyValue::Number(number.clone());
    &'g [u8] => Vec<u8>: |bytes| KeyValue::Binary(Cow::Borrowed(bytes));
    &'g Vec<u8> => Vec<u8>: |bytes| KeyValue::Binary(Cow::Borrowed(bytes));
    Vec<u8> => Vec<u8>: |bytes| KeyValue::Binary(Cow::Owned(bytes));
}

/// Any integer may be given for any integer key; one that the key's type cannot hold is an error.
macro_rules! integer_keys {
    (@each $field:ty: $($given:ty)*) => {$(
        impl IntoKeyPart<$field> for $given {
            fn into_part<'a>(self) -> Result<KeyValue<'a>, Mismatch> {
                let fitting = <$field>::try_from(self).ok().and_then(|int| Number::try_from(int).ok());
                fitting.map(KeyValue::Number).ok_or_else(|| Mismatch::new(stringify!($field), self.to_string()))
            }
        }
    )*};
    ($($field:ty)*) => {$(
        impl KeyField for $field {
            const KIND: KeyKind = KeyKind::Number;
        }

        integer_keys!(@each $field: i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize);
    )*};
}
integer_keys!(i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize);
