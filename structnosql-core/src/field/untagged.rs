//! Enums around several types, stored as the one that a value is of.

use super::FieldValue;
use crate::mismatch::Mismatch;
use crate::schema::Shape;
use crate::value::Value;

/// For the expansion of the derive: the first variant that the value fits.
pub fn decode_untagged<E: FieldValue>(
    value: &Value,
    variants: &[fn(&Value) -> Result<E, Mismatch>],
) -> Result<E, Mismatch> {
    let fitting = variants.iter().find_map(|decode| decode(value).ok());
    fitting.ok_or_else(|| Mismatch::type_of(any_of(E::SHAPE), value))
}

/// `i64, a number or a string`.
fn any_of(shape: &Shape) -> String {
    let Shape::Union(shapes) = shape else { return shape.describe().to_owned() };
    let mut names: Vec<&str> = shapes().iter().map(|shape| shape.describe()).collect();
    names.dedup();
    match names.split_last() {
        Some((last, others)) if !others.is_empty() => format!("{} or {last}", others.join(", ")),
        _ => names.concat(),
    }
}
