//! Exact decimal numbers, kept as text.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use smallvec::SmallVec;

use crate::text::Text;

/// The most significant digits that DynamoDB stores.
const MAX_DIGITS: usize = 38;
/// The longest integer written without an exponent: any that fits a `u128`.
const PLAIN_INTEGER_DIGITS: i32 = 39;
/// The decimal exponents of the leading digit that DynamoDB stores: 1E-130 to 9.9…E+125.
const MAGNITUDES: std::ops::RangeInclusive<i32> = -130..=125;

/// A DynamoDB number: up to 38 significant digits, magnitude 1E-130 to 9.9…E+125, or zero.
///
/// It is kept as decimal text in one canonical form, never as a float: `1.50` and `1.5` are the
/// same number, `-0` is `0`, and no digit is ever lost. See AWS's page on
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
pub struct Number(Text);

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
    /// The canonical decimal text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The exact sum, or an error where it needs more than 38 digits.
    pub fn checked_add(&self, other: &Number) -> Result<Number, NumberError> {
        Decimal::of(self).plus(&Decimal::of(other))?.into_number()
    }

    /// The exact difference, or an error where it needs more than 38 digits.
    pub fn checked_sub(&self, other: &Number) -> Result<Number, NumberError> {
        self.checked_add(&other.negated())
    }

    /// The same magnitude with the other sign.
    pub fn negated(&self) -> Number {
        match self.0.strip_prefix('-') {
            Some(positive) => Number(Text::from(positive)),
            None if self.0 == "0" => self.clone(),
            None => Number(Text::from(format!("-{}", self.0))),
        }
    }

    /// The nearest `f64`.
    pub fn to_f64(&self) -> f64 {
        self.0.parse().unwrap_or(f64::NAN)
    }
}

impl FromStr for Number {
    type Err = NumberError;

    fn from_str(text: &str) -> Result<Self, NumberError> {
        if is_canonical_integer(text.as_bytes()) {
            return Ok(Number(Text::from(text)));
        }
        Decimal::parse(text)?.into_number()
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

/// `digits × 10^exponent`, without leading or trailing zeros; zero has no digits.
struct Decimal {
    negative: bool,
    digits: SmallVec<[u8; MAX_DIGITS]>,
    exponent: i32,
}

impl Decimal {
    /// Of a number that was checked when it was made.
    fn of(number: &Number) -> Decimal {
        Decimal::parse(&number.0).unwrap_or(Decimal { negative: false, digits: SmallVec::new(), exponent: 0 })
    }

    fn parse(text: &str) -> Result<Decimal, NumberError> {
        let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, parse_exponent(exponent)?),
            None => (unsigned, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let written = whole.bytes().chain(fraction.bytes());
        if whole.len() + fraction.len() == 0 || !written.clone().all(|b| b.is_ascii_digit()) {
            return Err(NumberError::Malformed);
        }
        let fraction_length = i32::try_from(fraction.len()).map_err(|_| NumberError::TooManyDigits)?;
        Decimal {
            negative: text.starts_with('-'),
            digits: written.map(|b| b - b'0').skip_while(|d| *d == 0).collect(),
            exponent: exponent - fraction_length,
        }
        .trimmed()
    }

    fn trimmed(mut self) -> Result<Decimal, NumberError> {
        while self.digits.last() == Some(&0) {
            self.digits.pop();
            self.exponent += 1;
        }
        if self.digits.is_empty() {
            return Ok(Decimal { negative: false, exponent: 0, ..self });
        }
        if self.digits.len() > MAX_DIGITS {
            return Err(NumberError::TooManyDigits);
        }
        if !MAGNITUDES.contains(&self.magnitude()) {
            return Err(NumberError::OutOfRange);
        }
        Ok(self)
    }

    /// The decimal exponent of the leading digit.
    fn magnitude(&self) -> i32 {
        self.exponent + self.digits.len() as i32 - 1
    }

    fn plus(&self, other: &Decimal) -> Result<Decimal, NumberError> {
        if self.digits.is_empty() {
            return Ok(other.copied());
        }
        if other.digits.is_empty() {
            return Ok(self.copied());
        }
        let exponent = self.exponent.min(other.exponent);
        let (a, b) = (self.scaled_to(exponent)?, other.scaled_to(exponent)?);
        let (negative, magnitude) = if self.negative == other.negative {
            (self.negative, a.checked_add(b).ok_or(NumberError::TooManyDigits)?)
        } else if a >= b {
            (self.negative, a - b)
        } else {
            (other.negative, b - a)
        };
        let digits = magnitude.to_string().bytes().map(|b| b - b'0').skip_while(|d| *d == 0).collect();
        Decimal { negative, digits, exponent }.trimmed()
    }

    fn copied(&self) -> Decimal {
        Decimal { negative: self.negative, digits: self.digits.clone(), exponent: self.exponent }
    }

    /// The digits as an integer, in units of `10^exponent`.
    fn scaled_to(&self, exponent: i32) -> Result<u128, NumberError> {
        let digits = self.digits.iter().fold(0u128, |sum, d| sum * 10 + u128::from(*d));
        u32::try_from(self.exponent - exponent)
            .ok()
            .and_then(|shift| 10u128.checked_pow(shift))
            .and_then(|factor| digits.checked_mul(factor))
            .ok_or(NumberError::TooManyDigits)
    }

    fn into_number(self) -> Result<Number, NumberError> {
        let digits = || self.digits.iter().map(|d| char::from(b'0' + d));
        let length = self.digits.len() as i32;
        let mut text = String::with_capacity(MAX_DIGITS + 8);
        if self.negative {
            text.push('-');
        }
        let point = length + self.exponent;
        if length == 0 {
            text.push('0');
        } else if self.exponent >= 0 && point <= PLAIN_INTEGER_DIGITS {
            text.extend(digits());
            text.extend((0..self.exponent).map(|_| '0'));
        } else if self.exponent < 0 && point > 0 {
            text.extend(digits().take(point as usize));
            text.push('.');
            text.extend(digits().skip(point as usize));
        } else if self.exponent < 0 && -self.exponent <= MAX_DIGITS as i32 {
            text.push_str("0.");
            text.extend((0..-point).map(|_| '0'));
            text.extend(digits());
        } else {
            text.extend(digits().take(1));
            if length > 1 {
                text.push('.');
                text.extend(digits().skip(1));
            }
            text.push_str(&format!("E{}", self.magnitude()));
        }
        Ok(Number(Text::from(text)))
    }
}

fn parse_exponent(text: &str) -> Result<i32, NumberError> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(NumberError::Malformed);
    }
    // An exponent beyond this is out of range whatever the digits, unless they are all zero.
    Ok(text.parse::<i32>().unwrap_or(i32::MAX / 2).clamp(-100_000, 100_000))
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        let (a, b) = (Decimal::of(self), Decimal::of(other));
        let rank = |d: &Decimal| match (d.digits.is_empty(), d.negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        };
        let by_magnitude = || a.magnitude().cmp(&b.magnitude()).then_with(|| a.digits.cmp(&b.digits));
        rank(&a).cmp(&rank(&b)).then_with(|| match rank(&a) {
            0 => Ordering::Equal,
            1 => by_magnitude(),
            _ => by_magnitude().reverse(),
        })
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Without the `String` that formatting makes.
fn of_integer(negative: bool, mut magnitude: u64) -> Number {
    // The longest: -9223372036854775808 and 18446744073709551615.
    let mut text = [b'-'; 20];
    let mut start = text.len();
    loop {
        start -= 1;
        text[start] = b'0' + (magnitude % 10) as u8;
        magnitude /= 10;
        if magnitude == 0 {
            break;
        }
    }
    start -= usize::from(negative);
    Number(Text::from(str::from_utf8(&text[start..]).unwrap_or_default()))
}

macro_rules! from_integer {
    ($($int:ty: |$value:ident| $negative:expr, $magnitude:expr;)*) => {$(
        impl From<$int> for Number {
            fn from($value: $int) -> Self {
                of_integer($negative, $magnitude)
            }
        }
    )*};
}
from_integer! {
    i8: |value| value < 0, value.unsigned_abs().into();
    i16: |value| value < 0, value.unsigned_abs().into();
    i32: |value| value < 0, value.unsigned_abs().into();
    i64: |value| value < 0, value.unsigned_abs();
    isize: |value| value < 0, value.unsigned_abs() as u64;
    u8: |value| false, value.into();
    u16: |value| false, value.into();
    u32: |value| false, value.into();
    u64: |value| false, value;
    usize: |value| false, value as u64;
}

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

macro_rules! to_integer {
    ($($int:ty)*) => {$(
        impl TryFrom<&Number> for $int {
            type Error = NumberError;

            /// Fails where the number has a fraction or does not fit.
            #[inline]
            fn try_from(number: &Number) -> Result<Self, NumberError> {
                number.0.parse().map_err(|_| NumberError::OutOfRange)
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
            assert_eq!(number(written).as_str(), canonical, "{written}");
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
            assert_eq!(number(a).checked_add(&number(b)).unwrap().as_str(), sum, "{a} + {b}");
            assert_eq!(number(b).checked_add(&number(a)).unwrap().as_str(), sum, "{b} + {a}");
        }
        assert_eq!(number("1e60").checked_add(&number("1")), Err(NumberError::TooManyDigits));
        assert_eq!(number("1e60").checked_add(&number("0")).unwrap(), number("1e60"));
    }

    #[test]
    fn every_integer_has_its_text() {
        for value in [0, 1, -1, 9, 10, -10, 99, 100, i64::MAX, i64::MIN] {
            assert_eq!(Number::from(value).as_str(), value.to_string());
        }
        assert_eq!(Number::from(u64::MAX).as_str(), u64::MAX.to_string());
        assert_eq!(Number::from(i8::MIN).as_str(), "-128");
    }

    #[test]
    fn order_is_numeric() {
        let ascending = ["-1e10", "-2", "-1.5", "0", "1e-100", "0.5", "1.5", "9", "10", "1e99"].map(number);
        assert!(ascending.is_sorted());
    }

    #[test]
    fn floats_keep_their_shortest_text() {
        assert_eq!(Number::try_from(9.4).unwrap().as_str(), "9.4");
        assert_eq!(Number::try_from(0.1f32).unwrap().as_str(), "0.1");
        assert_eq!(Number::try_from(1e100).unwrap().to_f64(), 1e100);
    }
}
