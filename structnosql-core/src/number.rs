//! Exact decimal numbers.

mod decimal;

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use crate::text::Text;
use decimal::{Decimal, MAX_DIGITS};

/// A DynamoDB number: up to 38 significant digits, magnitude 1E-130 to 9.9…E+125, or zero.
///
/// It is printed in one canonical form and never kept as a float: `1.50` and `1.5` are the same number, `-0` is `0`,
/// and no digit is ever lost. See AWS's page on
/// [data types](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html#HowItWorks.DataTypes.Number).
///
/// ```
/// use structnosql_core::Number;
///
/// let price: Number = "1.50".parse()?;
/// assert_eq!(price, "1.5".parse()?);
/// assert_eq!(price.checked_add(&Number::from(2))?.to_string(), "3.5");
/// assert!(price < Number::from(2));
/// assert!("NaN".parse::<Number>().is_err());
/// # Ok::<(), structnosql_core::NumberError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Number(Repr);

/// There is one for each number, so that numbers are equal where these are.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Repr {
    /// An integer that fits, as most numbers do.
    Integer(i64),
    /// Any other number, in its canonical form.
    Text(Text),
}

/// Why a text, a float or a sum is not a number that DynamoDB can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NumberError {
    /// The text is not a decimal number.
    #[error("not a decimal number")]
    Malformed,
    /// The float is NaN or infinite.
    #[error("NaN and infinity are not numbers that DynamoDB can hold")]
    NotFinite,
    /// More than 38 significant digits.
    #[error("more than 38 significant digits")]
    TooManyDigits,
    /// Smaller than 1E-130 or larger than 9.9…E+125.
    #[error("magnitude outside 1E-130 to 9.9E+125")]
    OutOfRange,
}

impl Number {
    /// The exact sum, or an error where it needs more than 38 digits.
    pub fn checked_add(&self, other: &Number) -> Result<Number, NumberError> {
        match (&self.0, &other.0) {
            (Repr::Integer(a), Repr::Integer(b)) if let Some(sum) = a.checked_add(*b) => Ok(Number::from(sum)),
            _ => Ok(Number::of_canonical(Decimal::of(self).plus(&Decimal::of(other))?.into_text())),
        }
    }

    /// The exact difference, or an error where it needs more than 38 digits.
    pub fn checked_sub(&self, other: &Number) -> Result<Number, NumberError> {
        self.checked_add(&other.negated())
    }

    /// The same magnitude with the other sign.
    pub fn negated(&self) -> Number {
        match &self.0 {
            Repr::Integer(value) => Number::of_canonical((-i128::from(*value)).to_string()),
            Repr::Text(text) => Number::of_canonical(match text.strip_prefix('-') {
                Some(positive) => positive.to_owned(),
                None => format!("-{text}"),
            }),
        }
    }

    /// The nearest `f64`.
    pub fn to_f64(&self) -> f64 {
        match &self.0 {
            Repr::Integer(value) => *value as f64,
            Repr::Text(text) => text.parse().unwrap_or(f64::NAN),
        }
    }

    /// How many digits it is written with.
    pub(crate) fn digits(&self) -> usize {
        match &self.0 {
            Repr::Integer(value) => value.unsigned_abs().checked_ilog10().map_or(1, |log| log as usize + 1),
            Repr::Text(text) => text.bytes().filter(u8::is_ascii_digit).count(),
        }
    }

    /// Whether it is less than zero.
    pub(crate) fn is_negative(&self) -> bool {
        match &self.0 {
            Repr::Integer(value) => *value < 0,
            Repr::Text(text) => text.starts_with('-'),
        }
    }

    /// The number that is written so in its canonical form.
    fn of_canonical(text: impl AsRef<str> + Into<Text>) -> Number {
        match text.as_ref().parse() {
            Ok(integer) => Number(Repr::Integer(integer)),
            Err(_) => Number(Repr::Text(text.into())),
        }
    }
}

impl FromStr for Number {
    type Err = NumberError;

    fn from_str(text: &str) -> Result<Self, NumberError> {
        if is_canonical_integer(text.as_bytes()) {
            return Ok(Number::of_canonical(text));
        }
        Ok(Number::of_canonical(Decimal::parse(text)?.into_text()))
    }
}

fn is_canonical_integer(text: &[u8]) -> bool {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    match digits.first() {
        None => false,
        Some(b'0') => text == b"0",
        Some(_) => digits.len() <= MAX_DIGITS && digits.iter().all(u8::is_ascii_digit),
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        match (&self.0, &other.0) {
            (Repr::Integer(a), Repr::Integer(b)) => a.cmp(b),
            _ => Decimal::of(self).cmp(&Decimal::of(other)),
        }
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Integer(value) => fmt::Display::fmt(value, f),
            Repr::Text(text) => f.pad(text),
        }
    }
}

/// Its digits, as [`Display`](fmt::Display) writes them, without the machinery of formatting.
impl From<&Number> for String {
    fn from(number: &Number) -> String {
        match &number.0 {
            Repr::Integer(value) => value.to_string(),
            Repr::Text(text) => text.as_str().to_owned(),
        }
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

macro_rules! from_integer {
    ($($int:ty)*) => {$(
        impl From<$int> for Number {
            #[inline]
            fn from(value: $int) -> Self {
                Number(Repr::Integer(value.into()))
            }
        }
    )*};
}
from_integer!(i8 i16 i32 i64 u8 u16 u32);

macro_rules! from_wide_integer {
    ($($int:ty)*) => {$(
        impl From<$int> for Number {
            #[inline]
            fn from(value: $int) -> Self {
                match value.try_into() {
                    Ok(integer) => Number(Repr::Integer(integer)),
                    Err(_) => Number(Repr::Text(Text::from(value.to_string()))),
                }
            }
        }
    )*};
}
from_wide_integer!(isize u64 usize);

macro_rules! try_from_text {
    ($($source:ty)*) => {$(
        impl TryFrom<$source> for Number {
            type Error = NumberError;

            fn try_from(value: $source) -> Result<Self, NumberError> {
                value.to_string().parse()
            }
        }
    )*};
}
// A 128-bit integer may have 39 digits.
try_from_text!(i128 u128);

macro_rules! try_from_float {
    ($($float:ty)*) => {$(
        impl TryFrom<$float> for Number {
            type Error = NumberError;

            /// The shortest decimal that reads back as the same float.
            fn try_from(value: $float) -> Result<Self, NumberError> {
                if !value.is_finite() {
                    return Err(NumberError::NotFinite);
                }
                format!("{value:e}").parse()
            }
        }
    )*};
}
try_from_float!(f32 f64);

/// An integer that few types can hold. Out of the way of the others.
#[cold]
fn parse<T: FromStr>(text: &Text) -> Result<T, NumberError> {
    text.parse().map_err(|_| NumberError::OutOfRange)
}

macro_rules! to_integer {
    ($($int:ty)*) => {$(
        impl TryFrom<&Number> for $int {
            type Error = NumberError;

            /// Fails where the number has a fraction or does not fit.
            #[inline]
            fn try_from(number: &Number) -> Result<Self, NumberError> {
                match &number.0 {
                    Repr::Integer(value) => (*value).try_into().map_err(|_| NumberError::OutOfRange),
                    Repr::Text(text) => parse(text),
                }
            }
        }
    )*};
}
to_integer!(i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize);

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Number {
        text.parse().unwrap()
    }

    #[test]
    fn one_number_has_one_text() {
        for (written, canonical) in [
            ("0", "0"),
            ("-0", "0"),
            ("+0.000e7", "0"),
            ("1.50", "1.5"),
            ("0015", "15"),
            ("-1e3", "-1000"),
            ("12e-1", "1.2"),
            (".5", "0.5"),
            ("5.", "5"),
            ("0.00012", "0.00012"),
            ("1e-40", "1E-40"),
            ("123e-130", "1.23E-128"),
            ("1e125", "1E125"),
            ("1e37", "10000000000000000000000000000000000000"),
            ("12345678901234567890123456789012345678", "12345678901234567890123456789012345678"),
        ] {
            assert_eq!(number(written).to_string(), canonical, "{written}");
            assert_eq!(number(canonical), number(written));
        }
    }

    #[test]
    fn what_dynamodb_cannot_hold_is_refused() {
        for (text, error) in [
            ("", NumberError::Malformed),
            ("-", NumberError::Malformed),
            (".", NumberError::Malformed),
            ("1e", NumberError::Malformed),
            ("NaN", NumberError::Malformed),
            ("0x10", NumberError::Malformed),
            ("1 ", NumberError::Malformed),
            ("123456789012345678901234567890123456789", NumberError::TooManyDigits),
            ("1e126", NumberError::OutOfRange),
            ("1e-131", NumberError::OutOfRange),
            ("1e99999999999", NumberError::OutOfRange),
        ] {
            assert_eq!(text.parse::<Number>(), Err(error), "{text}");
        }
        assert_eq!(Number::try_from(f64::NAN), Err(NumberError::NotFinite));
        assert_eq!(Number::try_from(u128::MAX), Err(NumberError::TooManyDigits));
        assert_eq!(number("100000000000000000000000000000000000000"), number("1e38"));
    }

    #[test]
    fn sums_are_exact() {
        for (a, b, sum) in [
            ("0.1", "0.2", "0.3"),
            ("1", "-1", "0"),
            ("-5", "3", "-2"),
            ("1e20", "1e-10", "100000000000000000000.0000000001"),
            ("1e38", "-1", "99999999999999999999999999999999999999"),
        ] {
            assert_eq!(number(a).checked_add(&number(b)).unwrap().to_string(), sum, "{a} + {b}");
            assert_eq!(number(b).checked_add(&number(a)).unwrap().to_string(), sum, "{b} + {a}");
        }
        assert_eq!(number("1e60").checked_add(&number("1")), Err(NumberError::TooManyDigits));
        assert_eq!(number("1e60").checked_add(&number("0")).unwrap(), number("1e60"));
    }

    #[test]
    fn every_integer_has_its_text() {
        for value in [0, 1, -1, 9, 10, -10, 99, 100, i64::MAX, i64::MIN] {
            assert_eq!(Number::from(value).to_string(), value.to_string());
        }
        assert_eq!(Number::from(u64::MAX).to_string(), u64::MAX.to_string());
        assert_eq!(Number::from(i8::MIN).to_string(), "-128");
    }

    #[test]
    fn a_number_is_one_whichever_way_it_was_made() {
        let around = ["9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809"];
        for text in around {
            assert_eq!(number(text).to_string(), text);
            assert_eq!(number(&format!("{text}.0")), number(text));
            assert_eq!(number(text).negated().negated(), number(text));
            assert_eq!(number(text), Number::try_from(text.parse::<i128>().unwrap()).unwrap());
        }
        assert_eq!(number("1e3"), Number::from(1000));
        assert_eq!(Number::from(i64::MIN).negated(), Number::from(1u64 << 63));
        assert_eq!(Number::from(i64::MAX).checked_add(&number("1")).unwrap(), Number::from(1u64 << 63));
        assert_eq!(number("1.5").checked_add(&number("0.5")).unwrap(), Number::from(2));
        assert_eq!(i64::try_from(&number("9223372036854775808")), Err(NumberError::OutOfRange));
        assert_eq!(i64::try_from(&number("1.5")), Err(NumberError::OutOfRange));
        assert_eq!(u64::try_from(&number("18446744073709551615")), Ok(u64::MAX));
    }

    #[test]
    fn order_is_numeric() {
        let ascending =
            ["-1e19", "-1e10", "-2", "-1.5", "0", "1e-100", "0.5", "1.5", "9", "10", "9223372036854775808", "1e99"]
                .map(number);
        assert!(ascending.is_sorted());
    }

    #[test]
    fn floats_keep_their_shortest_text() {
        assert_eq!(Number::try_from(9.4).unwrap().to_string(), "9.4");
        assert_eq!(Number::try_from(0.1f32).unwrap().to_string(), "0.1");
        assert_eq!(Number::try_from(1e100).unwrap().to_f64(), 1e100);
    }
}
