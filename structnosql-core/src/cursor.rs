//! Where a page ended: what goes to the next request, and as text to whoever comes back for it.

use std::borrow::Cow;
use std::fmt;
use std::hash::Hasher;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use fnv::FnvHasher;
#[cfg(feature = "serde")]
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::{Error, ErrorKind};
use crate::failure::{Failure, FailureClass};
use crate::key::KeyValue;
use crate::number::Number;
use crate::schema::KeyAttribute;
use crate::value::Map;

/// The first byte of a cursor's text form, so that another form can be told from this one.
const VERSION: u8 = 1;
/// The bytes of a digest.
const DIGEST: usize = 4;

/// Where a page of a query or a scan ended and the next one starts.
///
/// It is made of the key of the last item that the database looked at. As text ([`Display`](fmt::Display),
/// [`FromStr`], and serde behind the feature `serde`) it is short and safe in a URL, and can be handed to a client that
/// comes back for the next page. It goes on with the question that it came from alone: the same table, index, partition
/// and direction, of a scan the same segment. A cursor of another question, and a text that was cut or changed, is an
/// error ([`ErrorKind::Cursor`]) before any request is sent.
///
/// The text holds **the values of the record's key attributes**, and those of the index's, in the clear to whoever
/// decodes it, and nothing else of the record. Its check finds accidents; it is no signature. Who forges one can
/// choose where the page starts within the partition that your code asks for, or within the table that it scans, and
/// nothing more. Where keys are secret, encrypt the text before it leaves the service.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs"));
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Error> {
/// # let (users, f) = (users().await?, User::fields);
/// use structnosql_core::Cursor;
///
/// let in_britain = || users.query_field(User::indexes().country("UK"), f().name()).limit(1);
/// let text = in_britain().await?.next.expect("a full page has a cursor").to_string();
/// let page = in_britain().start_from(text.parse::<Cursor>()?).await?;
/// assert!(page.records.is_empty());
///
/// let elsewhere = users.query_field(User::indexes().country("FR"), f().name()).start_from(text.parse()?);
/// assert_eq!(elsewhere.await.unwrap_err().to_string(), "wrong cursor: it is of another `country`");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, PartialEq)]
pub struct Cursor {
    origin: Origin,
    /// The values of the attributes that the question's cursors hold, in their order.
    values: Vec<KeyValue<'static>>,
}

/// The question that a cursor came from. Names stand in it as digests: it is compared, never read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Origin {
    table: [u8; DIGEST],
    index: [u8; DIGEST],
    way: Way,
}

/// Which way the question goes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Way {
    /// A query, from the smallest sort key up.
    Ascending,
    /// A query, from the largest sort key down.
    Descending,
    /// A scan of one segment, counted from 0, of so many.
    Scan(u32, u32),
}

impl Origin {
    pub(crate) fn new(table: &str, index: Option<&str>, way: Way) -> Self {
        Origin { table: digest(table.as_bytes()), index: digest(index.unwrap_or_default().as_bytes()), way }
    }

    /// What tells the cursor of another question from one of this.
    fn differs(&self, other: &Origin) -> Option<&'static str> {
        if self.table != other.table {
            Some("it is of another table")
        } else if self.index != other.index {
            Some("it is of another index")
        } else {
            match (self.way, other.way) {
                (one, other) if one == other => None,
                (Way::Scan(..), Way::Scan(..)) => Some("it is of another segment"),
                (Way::Scan(..), _) => Some("it is of a scan, and this is a query"),
                (_, Way::Scan(..)) => Some("it is of a query, and this is a scan"),
                _ => Some("it goes the other way: `descending` is as in the query that it came from"),
            }
        }
    }
}

impl Cursor {
    /// The cursor that says what the database said: the key of the last item, of these attributes.
    pub(crate) fn of(origin: Origin, attributes: &[&KeyAttribute], last: &Map) -> Result<Cursor, Failure> {
        let value = |attribute: &&KeyAttribute| {
            last.get(&attribute.name).and_then(KeyValue::of).filter(|value| value.check(attribute).is_ok())
        };
        match attributes.iter().map(value).collect() {
            Some(values) => Ok(Cursor { origin, values }),
            None => Err(Failure::new(FailureClass::BadAnswer, "the key of the page's last item is not whole")),
        }
    }

    /// What the database is told, where the cursor is one of this question's.
    pub(crate) fn into_start(self, origin: Origin, attributes: &[&KeyAttribute]) -> Result<Map, Error> {
        if let Some(problem) = self.origin.differs(&origin) {
            return Err(wrong(problem));
        }
        let named = || attributes.iter().zip(&self.values);
        if attributes.len() != self.values.len() || named().any(|(attribute, value)| value.check(attribute).is_err()) {
            return Err(wrong("its key is not one of this table and index"));
        }
        Ok(named().map(|(attribute, value)| (attribute.name.clone(), value.to_value())).collect())
    }

    fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![VERSION];
        match self.origin.way {
            Way::Ascending => bytes.push(b'a'),
            Way::Descending => bytes.push(b'd'),
            Way::Scan(segment, of) => {
                bytes.push(b's');
                push_number(&mut bytes, segment);
                push_number(&mut bytes, of);
            }
        }
        bytes.extend(self.origin.table);
        bytes.extend(self.origin.index);
        for value in &self.values {
            match value {
                KeyValue::String(text) => push_value(&mut bytes, b'S', text.as_bytes()),
                KeyValue::Number(number) => push_value(&mut bytes, b'N', number.to_string().as_bytes()),
                KeyValue::Binary(content) => push_value(&mut bytes, b'B', content),
            }
        }
        let check = digest(&bytes);
        bytes.extend(check);
        bytes
    }

    /// Nothing where the bytes are not those of a cursor, whole and unchanged.
    fn from_bytes(bytes: &[u8]) -> Option<Cursor> {
        let (content, check) = bytes.split_last_chunk::<DIGEST>()?;
        let (way, rest) = match content {
            [VERSION, b'a', rest @ ..] => (Way::Ascending, rest),
            [VERSION, b'd', rest @ ..] => (Way::Descending, rest),
            [VERSION, b's', rest @ ..] => {
                let (segment, rest) = split_number(rest)?;
                let (of, rest) = split_number(rest)?;
                (Way::Scan(segment, of), rest)
            }
            _ => return None,
        };
        let (table, rest) = rest.split_first_chunk::<DIGEST>()?;
        let (index, mut rest) = rest.split_first_chunk::<DIGEST>()?;
        let mut values = Vec::new();
        while let Some((tag, behind)) = rest.split_first() {
            let (length, behind) = split_number(behind)?;
            let (content, behind) = behind.split_at_checked(length as usize)?;
            let text = || std::str::from_utf8(content).ok();
            values.push(match tag {
                b'S' => KeyValue::String(Cow::Owned(text()?.to_owned())),
                b'N' => KeyValue::Number(text()?.parse::<Number>().ok()?),
                b'B' => KeyValue::Binary(Cow::Owned(content.to_vec())),
                _ => return None,
            });
            rest = behind;
        }
        let whole = *check == digest(content);
        whole.then_some(Cursor { origin: Origin { table: *table, index: *index, way }, values })
    }
}

pub(crate) fn wrong(problem: impl Into<String>) -> Error {
    ErrorKind::Cursor(problem.into()).into()
}

/// The same on every machine and in every version: cursors are kept.
fn digest(bytes: &[u8]) -> [u8; DIGEST] {
    let mut hasher = FnvHasher::default();
    hasher.write(bytes);
    let digest = hasher.finish();
    ((digest >> 32) as u32 ^ digest as u32).to_be_bytes()
}

fn push_value(bytes: &mut Vec<u8>, tag: u8, content: &[u8]) {
    bytes.push(tag);
    push_number(bytes, content.len() as u32);
    bytes.extend(content);
}

/// Seven bits a byte, the lowest first; the highest bit says that more follow.
fn push_number(bytes: &mut Vec<u8>, mut number: u32) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

fn split_number(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let mut number = 0;
    for (at, byte) in bytes.iter().enumerate().take(5) {
        number |= u32::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            return Some((number, &bytes[at + 1..]));
        }
    }
    None
}

/// The text form.
impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&URL_SAFE_NO_PAD.encode(self.to_bytes()))
    }
}

impl fmt::Debug for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cursor({self})")
    }
}

impl FromStr for Cursor {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok();
        bytes
            .and_then(|bytes| Cursor::from_bytes(&bytes))
            .ok_or_else(|| wrong("the text was cut, changed, or never one"))
    }
}

#[cfg(feature = "serde")]
impl Serialize for Cursor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(feature = "serde")]
impl<'de> Deserialize<'de> for Cursor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::KeyKind;
    use crate::text::Text;
    use crate::value::Value;

    fn attributes() -> [KeyAttribute; 3] {
        [("id", KeyKind::String), ("at", KeyKind::Number), ("tag", KeyKind::Binary)]
            .map(|(name, kind)| KeyAttribute { name: Text::from(name), kind })
    }

    fn cursor(id: &str) -> Cursor {
        let at = Value::Number("-12.5".parse().unwrap());
        let last = [("id", Value::from(id)), ("at", at), ("tag", Value::Binary(vec![0, 255]))].into_iter().collect();
        Cursor::of(Origin::new("users", Some("by-tag"), Way::Ascending), &attributes().each_ref(), &last).unwrap()
    }

    /// What clients keep must be readable by later versions.
    #[test]
    fn its_text_stays_what_it_is() {
        assert_eq!(cursor("x42").to_string(), "AWEgpLdCFzS-HVMDeDQyTgUtMTIuNUICAP-LFUVr");
    }

    #[test]
    fn its_text_reads_back() {
        for id in ["x", "ключ/?&=", &"x".repeat(127), &"x".repeat(128), &"x".repeat(2048)] {
            let text = cursor(id).to_string();
            assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'), "{text}");
            assert_eq!(text.parse::<Cursor>().unwrap(), cursor(id));
            let scan = Cursor { origin: Origin::new("users", None, Way::Scan(299, 300)), ..cursor(id) };
            assert_eq!(scan.to_string().parse::<Cursor>().unwrap(), scan);
        }
    }

    #[cfg(feature = "serde")]
    #[test]
    fn it_serialises_as_its_text() {
        let json = serde_json::to_string(&cursor("x42")).unwrap();
        assert_eq!(json, format!("\"{}\"", cursor("x42")));
        assert_eq!(serde_json::from_str::<Cursor>(&json).unwrap(), cursor("x42"));
        assert!(serde_json::from_str::<Cursor>("\"AQ\"").is_err());
    }

    #[test]
    fn a_text_that_was_cut_or_changed_is_none() {
        let text = cursor("x42").to_string();
        for length in 0..text.len() {
            text[..length].parse::<Cursor>().unwrap_err();
        }
        format!("{text}A").parse::<Cursor>().unwrap_err();
        let bytes = cursor("x42").to_bytes();
        for at in 0..bytes.len() {
            for bit in 0..8 {
                let mut changed = bytes.clone();
                changed[at] ^= 1 << bit;
                assert!(Cursor::from_bytes(&changed).is_none(), "byte {at}, bit {bit}");
            }
        }
        // A length that leads past the end, under a digest that is right.
        let mut long = bytes[..10].to_vec();
        long.extend([b'S', 0xff, 0xff, 0xff, 0x7f]);
        long.extend(digest(&long));
        assert!(Cursor::from_bytes(&long).is_none());
    }

    #[test]
    fn a_key_of_other_attributes_starts_nothing() {
        let origin = Origin::new("users", Some("by-tag"), Way::Ascending);
        let [id, at, tag] = attributes();
        for other in [&[&id, &at][..], &[&at, &id, &tag], &[&id, &at, &tag, &tag]] {
            let error = cursor("x42").into_start(origin, other).unwrap_err();
            assert_eq!(error.to_string(), "wrong cursor: its key is not one of this table and index");
        }
        assert!(cursor("x42").into_start(origin, &[&id, &at, &tag]).is_ok());
    }
}
