//! Exact decimals of the model's own.

use std::fmt;

use structnosql_core::Number;

/// Digits behind the point that the soak's numbers have at most.
const PLACES: usize = 4;

/// A number in ten-thousandths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Decimal(i128);

impl Decimal {
    pub(crate) const ZERO: Decimal = Decimal(0);

    pub(crate) fn of_ten_thousandths(number: i128) -> Decimal {
        Decimal(number)
    }

    pub(crate) fn plus(self, other: Decimal) -> Decimal {
        Decimal(self.0 + other.0)
    }

    pub(crate) fn to_number(self) -> Number {
        // A decimal's text is that of a number.
        self.to_string().parse().unwrap_or_else(|_| Number::from(0))
    }

    /// The number of a decimal text without an exponent; nothing where it has more places than the soak writes.
    pub(crate) fn parse(text: &str) -> Option<Decimal> {
        let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
        let (whole, places) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = [whole, places].iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
        if whole.is_empty() || places.len() > PLACES || !all_digits {
            return None;
        }
        format!("{whole}{places:0<PLACES$}").parse::<i128>().ok().map(|number| Decimal(sign * number))
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scale = 10u128.pow(PLACES as u32);
        let (whole, places) = (self.0.unsigned_abs() / scale, self.0.unsigned_abs() % scale);
        let sign = if self.0 < 0 { "-" } else { "" };
        write!(f, "{sign}{whole}")?;
        if places > 0 { write!(f, ".{places:0PLACES$}") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_read_and_written_exactly() {
        for text in ["0", "-1", "12.0500", "-0.0001", "99999999999999999999.5000"] {
            assert_eq!(Decimal::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Decimal::parse("1.5"), Decimal::parse("1.5000"));
        assert_eq!(Decimal::parse("-0"), Decimal::parse("0"));
        assert_eq!(Decimal::parse("0.1").unwrap().plus(Decimal::parse("0.2").unwrap()).to_string(), "0.3000");
        for text in ["", "1e3", "1.00001", "x", "-"] {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
    }
}
