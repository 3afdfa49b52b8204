//! Digits and exponent of a number: parsing, exact sums, order, and the canonical form.

use std::cmp::Ordering;

use smallvec::SmallVec;

use super::{Number, NumberError};

/// The most significant digits that DynamoDB stores.
pub(super) const MAX_DIGITS: usize = 38;
/// The longest integer written without an exponent: any that fits a `u128`.
const PLAIN_INTEGER_DIGITS: i32 = 39;
/// The decimal exponents of the leading digit that DynamoDB stores: 1E-130 to 9.9…E+125.
const MAGNITUDES: std::ops::RangeInclusive<i32> = -130..=125;

/// `digits × 10^exponent`, without leading or trailing zeros; zero has no digits.
pub(super) struct Decimal {
    negative: bool,
    digits: SmallVec<[u8; MAX_DIGITS]>,
    exponent: i32,
}

impl Decimal {
    /// Of a number that was checked when it was made.
    pub(super) fn of(number: &Number) -> Decimal {
        Decimal::parse(&number.to_string()).unwrap_or(Decimal { negative: false, digits: SmallVec::new(), exponent: 0 })
    }

    pub(super) fn parse(text: &str) -> Result<Decimal, NumberError> {
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

    pub(super) fn plus(&self, other: &Decimal) -> Result<Decimal, NumberError> {
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

    /// The one way that the number is written.
    pub(super) fn into_text(self) -> String {
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
        text
    }

    pub(super) fn cmp(&self, other: &Decimal) -> Ordering {
        let rank = |d: &Decimal| match (d.digits.is_empty(), d.negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        };
        let by_magnitude = || self.magnitude().cmp(&other.magnitude()).then_with(|| self.digits.cmp(&other.digits));
        rank(self).cmp(&rank(other)).then_with(|| match rank(self) {
            0 => Ordering::Equal,
            1 => by_magnitude(),
            _ => by_magnitude().reverse(),
        })
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
