//! Lenient reads: what fits of a stored value, and a list of what does not.

use std::borrow::Cow;

use crate::error::{Error, ErrorKind};
use crate::field::FieldValue;
use crate::mismatch::{Mismatch, unless};
use crate::path::{DocumentPath, Segment};
use crate::presence::Presence;
use crate::schema::{Declared, TableSchema};
use crate::selection::{DecodeRecord, Found, Get, Reading, RecordView, Row, Selection, Unread, decode_item};
use crate::value::Value;

/// What fits the model of a value that was read by [`lenient`](crate::Call::lenient), and what does not.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Fit<T> {
    /// The value without what does not fit; `None` where it is absent, or where nothing of it can stand without that.
    pub value: Option<T>,
    /// What does not fit, each by its path in the record.
    pub misfits: Vec<Mismatch>,
}

impl<T> Fit<T> {
    /// Whether all of the stored value fits.
    pub fn is_whole(&self) -> bool {
        self.misfits.is_empty()
    }
}

/// The reading of a lenient get: what does not fit is left out and listed.
#[derive(Clone, Copy, Debug)]
pub struct Lenient;

impl Reading for Lenient {
    type Leaf<P: Presence, T: FieldValue> = Fit<T>;
    type Whole<T: Send> = Fit<T>;
    type Record<T: Send> = Fit<T>;

    fn leaf<P: Presence, T: FieldValue>(found: Found<'_>, path: &DocumentPath) -> Result<Fit<T>, Unread> {
        let is_absent = |value: &Value| matches!(value, Value::Null) && P::MAYBE_ABSENT && !T::HOLDS_NULL;
        Ok(match found.value {
            Some(value) if !is_absent(value) => fit(value, found.schema, path, |value| {
                let decoded = T::decode(value).map_err(|mismatch| mismatch.at(path));
                unless(decoded, found.schema.broken(path, value))
            }),
            _ => Fit { value: None, misfits: Vec::new() },
        })
    }

    /// A projection is read whole or not at all.
    fn whole<T: Send, S: Selection>(
        record: &impl RecordView,
        fields: &S,
        build: fn(S::Output<Row>) -> T,
    ) -> Result<Fit<T>, Unread> {
        match Get::whole(record, fields, build) {
            Ok(value) => Ok(Fit { value, misfits: Vec::new() }),
            Err(Unread::Failed(error)) => match error.into_kind() {
                ErrorKind::StoredValue(mismatch) => Ok(Fit { value: None, misfits: mismatch.into_each() }),
                other => Err(Error::from(other).into()),
            },
            Err(Unread::Unknown) => Err(Unread::Unknown),
        }
    }

    fn record<T: Send>(found: Found<'_>, decode: DecodeRecord<T>) -> Result<Fit<T>, Unread> {
        Ok(match found.value {
            Some(value) => fit(value, found.schema, &DocumentPath::root(), |value| decode_item(value, decode)),
            None => Fit { value: None, misfits: Vec::new() },
        })
    }
}

/// Takes out what does not fit, at the nearest place around it that the model does not require, until the rest does.
///
/// Every turn takes something out of the value, or is the last.
fn fit<T>(
    stored: &Value,
    schema: &TableSchema,
    path: &DocumentPath,
    decode: impl Fn(&Value) -> Result<T, Mismatch>,
) -> Fit<T> {
    let declared = Declared::Record(schema.record).at(path.segments());
    let mut misfits = Vec::new();
    let mut rest = Cow::Borrowed(stored);
    loop {
        let mismatch = match decode(&rest) {
            Ok(value) => return Fit { value: Some(value), misfits },
            Err(mismatch) => mismatch,
        };
        let mut places = Vec::new();
        for one in mismatch.into_each() {
            places.extend(removable(declared, path, &one));
            if !misfits.contains(&one) {
                misfits.push(one);
            }
        }
        if places.is_empty() || !take_out(rest.to_mut(), places) {
            return Fit { value: None, misfits };
        }
    }
}

/// The nearest place at or around a mismatch that can be taken out, below `path`.
fn removable(declared: Declared, path: &DocumentPath, mismatch: &Mismatch) -> Option<DocumentPath> {
    let place = mismatch.path();
    let below = place.segments().get(path.segments().len()..)?;
    let mut declared = declared;
    let mut nearest = None;
    for (at, segment) in below.iter().enumerate() {
        if declared.may_lose(segment) {
            nearest = Some(at + 1);
        }
        declared = declared.below(segment);
    }
    Some(below[..nearest?].iter().cloned().collect())
}

/// Takes out what is at these places, if all of them are there. An item goes before those in front of it, so that
/// positions stay what they are.
fn take_out(value: &mut Value, mut places: Vec<DocumentPath>) -> bool {
    places.sort_unstable_by(|a, b| order(b).cmp(order(a)));
    places.dedup();
    let is_outermost = |place: &&DocumentPath| !places.iter().any(|other| other != *place && place.starts_with(other));
    let mut outermost = places.iter().filter(is_outermost);
    outermost.all(|place| value.descend(place.segments()).is_some() && value.remove_at(place.segments()).is_ok())
}

/// Names before names, positions by number.
fn order(place: &DocumentPath) -> impl Iterator<Item = (u32, &str)> {
    place.segments().iter().map(|segment| match segment {
        Segment::Name(name) => (0, name.as_str()),
        Segment::Index(at) => (*at, ""),
    })
}
