//! Plain JSON values into the shapes that a model declares.

use super::{Shape, StructSchema};
use crate::mismatch::{Mismatch, all};
use crate::path::Segment;
use crate::value::{Map, Value};

impl StructSchema {
    /// JSON knows no sets and no binary: arrays become sets where one is declared, arrays of bytes become binary.
    pub(crate) fn read_json(&self, value: Value) -> Result<Map, Mismatch> {
        let Value::Map(map) = value else {
            return Err(Mismatch::type_of("a JSON object", &value));
        };
        let shaped = map.into_iter().map(|(name, value)| {
            let shape = self.shape_of(&name).unwrap_or(&Shape::Any);
            match shape.read_json(value) {
                Ok(value) => Ok((name, value)),
                Err(mismatch) => Err(mismatch.under(Segment::Name(name))),
            }
        });
        all(shaped)
    }
}

impl Shape {
    fn read_json(&self, value: Value) -> Result<Value, Mismatch> {
        match (self, value) {
            (Shape::Struct(schema), value @ Value::Map(_)) => schema().read_json(value).map(Value::Map),
            (Shape::Tagged(schema), Value::Map(map)) => match schema().variant_of(&map) {
                Some(fields) => fields.read_json(Value::Map(map)).map(Value::Map),
                None => Ok(Value::Map(map)),
            },
            (Shape::Map(values), Value::Map(map)) => {
                let shaped = map.into_iter().map(|(name, value)| match values.read_json(value) {
                    Ok(value) => Ok((name, value)),
                    Err(mismatch) => Err(mismatch.under(Segment::Name(name))),
                });
                all(shaped).map(Value::Map)
            }
            (Shape::List(items), Value::List(list)) => each(list, |item| items.read_json(item)).map(Value::List),
            (Shape::Nullable(inner) | Shape::Ruled(inner, _), value) => inner.read_json(value),
            (Shape::StringSet, Value::List(list)) => {
                let members = each(list, |item| match item {
                    Value::String(text) => Ok(text),
                    other => Err(Mismatch::type_of("a string", &other)),
                })?;
                Ok(Value::StringSet(members.into_iter().collect()))
            }
            (Shape::NumberSet, Value::List(list)) => {
                let members = each(list, |item| match item {
                    Value::Number(number) => Ok(number),
                    other => Err(Mismatch::type_of("a number", &other)),
                })?;
                Ok(Value::NumberSet(members.into_iter().collect()))
            }
            (Shape::Binary, Value::List(list)) => bytes(list).map(Value::Binary),
            (Shape::BinarySet, Value::List(list)) => {
                let members = each(list, |item| match item {
                    Value::List(list) => bytes(list),
                    other => Err(Mismatch::type_of("an array of bytes", &other)),
                })?;
                Ok(Value::BinarySet(members.into_iter().collect()))
            }
            // Whether anything else fits is for the model to say.
            (_, value) => Ok(value),
        }
    }
}

fn bytes(list: Vec<Value>) -> Result<Vec<u8>, Mismatch> {
    each(list, |item| match &item {
        Value::Number(number) => u8::try_from(number).map_err(|_| Mismatch::new("a byte", number.to_string())),
        other => Err(Mismatch::type_of("a byte", other)),
    })
}

fn each<T>(list: Vec<Value>, read: impl Fn(Value) -> Result<T, Mismatch>) -> Result<Vec<T>, Mismatch> {
    let read = |(index, item)| read(item).map_err(|mismatch| mismatch.under(Segment::Index(index as u32)));
    all(list.into_iter().enumerate().map(read))
}
