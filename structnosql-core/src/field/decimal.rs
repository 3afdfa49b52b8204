//! `rust_decimal::Decimal`, stored as a number.

use ::rust_decimal::Decimal;

use super::{FieldValue, NumberField, SetMember, plain_handle, vec_is_a_list};
use crate::mismatch::Mismatch;
use crate::number::Number;
use crate::schema::Shape;
use crate::value::Value;

/// Stored as N, every digit of it. A stored number of more digits than a `Decimal` has does not fit.
impl FieldValue for Decimal {
    plain_handle!();
    vec_is_a_list!();
    const SHAPE: &'static Shape = &Shape::Number;

    fn encode(&self) -> Result<Option<Value>, Mismatch> {
        number(self).map(|number| Some(Value::Number(number)))
    }

    fn decode(value: &Value) -> Result<Self, Mismatch> {
        let Value::Number(stored) = value else { return Err(Mismatch::type_of("a number", value)) };
        let text = stored.to_string();
        let decimal = Decimal::from_str_exact(&text).or_else(|_| Decimal::from_scientific(&text)).ok();
        let exact = decimal.filter(|decimal| number(decimal).is_ok_and(|number| number == *stored));
        exact.ok_or_else(|| Mismatch::new("a number of at most 28 digits", "one that a `Decimal` cannot hold"))
    }
}

fn number(decimal: &Decimal) -> Result<Number, Mismatch> {
    let number = decimal.to_string().parse();
    number.map_err(|_| Mismatch::new("a number that DynamoDB can hold", "another one"))
}

impl NumberField for Decimal {}

impl SetMember for Decimal {
    const SET_SHAPE: &'static Shape = &Shape::NumberSet;
}
