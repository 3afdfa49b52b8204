//! Ids and times of other crates, stored as text. Each is behind the feature of its crate's name.
//!
//! A text sorts as what it stands for does, so that it can be a sort key: times are in UTC and always have nine digits
//! of a second, dates have four digits of a year.

#[cfg(any(feature = "chrono", feature = "jiff", feature = "time"))]
use super::TemplateValue;
use super::{FieldValue, SetMember, plain_handle, vec_is_a_list};
use crate::key::{IntoKeyPart, KeyField, KeyValue};
use crate::mismatch::Mismatch;
use crate::schema::{KeyKind, Shape};
use crate::text::Text;
use crate::value::Value;

/// `2026-11-21T10:45:55.000000000Z` is what every time is as long as.
#[cfg(any(feature = "chrono", feature = "jiff", feature = "time"))]
const TIME_LENGTH: usize = 30;
/// `2026-11-21`
#[cfg(any(feature = "chrono", feature = "jiff"))]
const DATE_LENGTH: usize = 10;

/// A text that sorts: it begins with a year of four digits, and is as long as the others.
#[cfg(any(feature = "chrono", feature = "jiff", feature = "time"))]
fn sorting(text: String, length: usize) -> Result<Text, Mismatch> {
    if text.len() == length && text.starts_with(|first: char| first.is_ascii_digit()) {
        return Ok(Text::from(text));
    }
    Err(Mismatch::new("a year from 0 to 9999, whose text sorts", "another year"))
}

/// Makes a type one that is stored as text: a field, a key and a member of sets.
macro_rules! text_field {
    ($type:ty, $expected:literal, |$value:ident| $encode:expr, |$text:ident| $decode:expr) => {
        #[doc = concat!("Stored as text: ", $expected, ".")]
        impl FieldValue for $type {
            plain_handle!();
            vec_is_a_list!();
            const SHAPE: &'static Shape = &Shape::String;

            fn encode(&self) -> Result<Option<Value>, Mismatch> {
                let $value = self;
                let encoded: Result<Text, Mismatch> = $encode;
                encoded.map(|text| Some(Value::String(text)))
            }

            fn decode(value: &Value) -> Result<Self, Mismatch> {
                let Value::String($text) = value else { return Err(Mismatch::type_of($expected, value)) };
                $decode.map_err(|_| Mismatch::new($expected, "another text"))
            }
        }

        impl SetMember for $type {
            const SET_SHAPE: &'static Shape = &Shape::StringSet;
        }

        impl KeyField for $type {
            const KIND: KeyKind = KeyKind::String;
        }

        impl IntoKeyPart<$type> for $type {
            fn into_part<'a>(self) -> Result<KeyValue<'a>, Mismatch>
            where
                Self: 'a,
            {
                let $value = &self;
                let encoded: Result<Text, Mismatch> = $encode;
                encoded.map(|text| KeyValue::String(text.as_str().to_owned().into()))
            }
        }

        impl IntoKeyPart<$type> for &$type {
            fn into_part<'a>(self) -> Result<KeyValue<'a>, Mismatch>
            where
                Self: 'a,
            {
                IntoKeyPart::<$type>::into_part(*self)
            }
        }
    };
}

/// Makes types that are stored as text values in keys: `ORDER#{day}`.
#[cfg(any(feature = "chrono", feature = "jiff", feature = "time"))]
macro_rules! template_values {
    ($($type:ty)*) => {$(
        impl TemplateValue for $type {
            fn text_in_key(&self) -> Result<Text, Mismatch> {
                let KeyValue::String(text) = IntoKeyPart::<$type>::into_part(self)? else { return Ok(Text::default()) };
                Ok(Text::from(text.as_ref()))
            }

            fn of_key_text(text: &str) -> Result<Self, Mismatch> {
                Self::decode(&Value::String(Text::from(text)))
            }
        }
    )*};
}

#[cfg(feature = "uuid")]
mod uuid {
    use ::uuid::Uuid;

    use super::*;
    use crate::field::{IntoMapKey, MapKey};

    text_field!(Uuid, "a UUID", |id| Ok(text_of(*id)), |text| Uuid::try_parse(text));

    fn text_of(id: Uuid) -> Text {
        Text::from(id.hyphenated().to_string())
    }

    impl MapKey for Uuid {
        fn to_text(&self) -> Text {
            text_of(*self)
        }

        fn from_text(text: &str) -> Result<Self, Mismatch> {
            Uuid::try_parse(text).map_err(|_| Mismatch::new("a UUID", "another map key"))
        }
    }

    impl IntoMapKey<Uuid> for Uuid {
        fn into_map_key(self) -> Text {
            self.to_text()
        }
    }
}

#[cfg(feature = "chrono")]
mod chrono {
    use ::chrono::{DateTime, NaiveDate, SecondsFormat, Utc};

    use super::*;

    text_field!(
        DateTime<Utc>,
        "a time in the form of RFC 3339",
        |time| sorting(time.to_rfc3339_opts(SecondsFormat::Nanos, true), TIME_LENGTH),
        |text| DateTime::parse_from_rfc3339(text).map(|time| time.with_timezone(&Utc))
    );
    text_field!(NaiveDate, "a date such as 2026-11-21", |date| sorting(date.to_string(), DATE_LENGTH), |text| text
        .parse());
    template_values!(DateTime<Utc> NaiveDate);
}

#[cfg(feature = "jiff")]
mod jiff {
    use ::jiff::Timestamp;
    use ::jiff::civil::Date;

    use super::*;

    text_field!(
        Timestamp,
        "a time in the form of RFC 3339",
        |time| sorting(format!("{time:.9}"), TIME_LENGTH),
        |text| text.parse()
    );
    text_field!(Date, "a date such as 2026-11-21", |date| sorting(date.to_string(), DATE_LENGTH), |text| text.parse());
    template_values!(Timestamp Date);
}

#[cfg(feature = "time")]
mod time {
    use ::time::format_description::well_known::Rfc3339;
    use ::time::{OffsetDateTime, UtcOffset};

    use super::*;

    text_field!(
        OffsetDateTime,
        "a time in the form of RFC 3339",
        |time| sorting(text_of(time.to_offset(UtcOffset::UTC)), TIME_LENGTH),
        |text| OffsetDateTime::parse(text, &Rfc3339)
    );
    template_values!(OffsetDateTime);

    fn text_of(time: OffsetDateTime) -> String {
        let (year, month, day) = (time.year(), u8::from(time.month()), time.day());
        let (hour, minute, second, nanosecond) = time.to_hms_nano();
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{nanosecond:09}Z")
    }
}
