//! Whether values fit their places, and plain JSON brought into their shapes.

use std::collections::BTreeMap;

use structnosql_core::{Map, Mismatch, Number, Segment, Value};

use super::{Schema, Shape};

impl Schema {
    /// Whether a whole record fits the model.
    pub(crate) fn check_record(&self, item: &Map) -> Result<(), Mismatch> {
        self.check_fields(&self.record, item)
    }

    fn check_fields(&self, of: &str, map: &Map) -> Result<(), Mismatch> {
        let Some(fields) = self.structs.get(of) else {
            return Err(Mismatch::new("a struct of the model", "none"));
        };
        for (name, field) in &fields.0 {
            if field.required && !map.contains(name) {
                return Err(Mismatch::new(field.shape.describe().to_owned(), "nothing").under(name.as_str().into()));
            }
        }
        map.iter().try_for_each(|(name, value)| {
            let checked = match self.inside(of, name) {
                Some(place) => self.check_value(place.shape(), value),
                None => Err(Mismatch::new("a field of the model", "another name")),
            };
            checked.map_err(|mismatch| mismatch.under(Segment::Name(name.clone())))
        })
    }

    /// Whether a value fits a shape.
    pub(crate) fn check_value(&self, shape: &Shape, value: &Value) -> Result<(), Mismatch> {
        let fits = match (shape, value) {
            (Shape::Any, _) | (Shape::Nullable(_), Value::Null) => true,
            (Shape::Nullable(inner), value) => return self.check_value(inner, value),
            (Shape::Ruled { shape, rules }, value) => {
                self.check_value(shape, value)?;
                return self.check_rules(rules, value);
            }
            (Shape::String, Value::String(_))
            | (Shape::Bool, Value::Bool(_))
            | (Shape::Number, Value::Number(_))
            | (Shape::Binary, Value::Binary(_))
            | (Shape::StringSet, Value::StringSet(_))
            | (Shape::NumberSet, Value::NumberSet(_))
            | (Shape::BinarySet, Value::BinarySet(_)) => true,
            (Shape::Integer(name), Value::Number(number)) => {
                return match is_of(name, number) {
                    true => Ok(()),
                    false => Err(Mismatch::new(name.clone(), "a number that is none")),
                };
            }
            (Shape::OneOf(names), Value::String(text)) => {
                return match names.iter().any(|name| *text == name.as_str()) {
                    true => Ok(()),
                    false => Err(Mismatch::new("one of the enum's names", "another string")),
                };
            }
            (Shape::Struct(name), Value::Map(map)) => return self.check_fields(name, map),
            (Shape::Tagged { tag, variants }, Value::Map(map)) => return self.check_variant(tag, variants, map),
            (Shape::Union(shapes), value) => shapes.iter().any(|shape| self.check_value(shape, value).is_ok()),
            (Shape::Map(values), Value::Map(map)) => {
                return map.iter().try_for_each(|(name, value)| {
                    self.check_value(values, value).map_err(|mismatch| mismatch.under(Segment::Name(name.clone())))
                });
            }
            (Shape::List(items), Value::List(list)) => {
                return (0..).zip(list).try_for_each(|(at, item)| {
                    self.check_item(items, item).map_err(|mismatch| mismatch.under(Segment::Index(at)))
                });
            }
            _ => false,
        };
        if fits { Ok(()) } else { Err(Mismatch::type_of(shape.describe().to_owned(), value)) }
    }

    fn check_variant(&self, tag: &str, variants: &BTreeMap<String, String>, map: &Map) -> Result<(), Mismatch> {
        let named = match map.get(tag) {
            Some(Value::String(name)) => variants.get(name.as_str()),
            _ => None,
        };
        let Some(fields) = named else {
            return Err(Mismatch::new("one of the enum's names", "something else").under(tag.into()));
        };
        let mut inside = map.clone();
        inside.remove(tag);
        self.check_fields(fields, &inside)
    }

    /// An absent item of a list of options is stored as NULL.
    fn check_item(&self, items: &Shape, item: &Value) -> Result<(), Mismatch> {
        if matches!(item, Value::Null) { Ok(()) } else { self.check_value(items, item) }
    }

    /// Plain JSON in the shape of its place: arrays become sets, and arrays of bytes binary, where these are declared.
    pub(crate) fn shaped(&self, shape: &Shape, value: Value) -> Value {
        match (shape, value) {
            (Shape::Nullable(inner) | Shape::Ruled { shape: inner, .. }, value) => self.shaped(inner, value),
            (Shape::Struct(name), Value::Map(map)) => Value::Map(self.shaped_fields(name, map)),
            (Shape::Tagged { tag, variants }, Value::Map(map)) => match map.get(tag) {
                Some(Value::String(name)) if let Some(fields) = variants.get(name.as_str()) => {
                    Value::Map(self.shaped_fields(fields, map))
                }
                _ => Value::Map(map),
            },
            (Shape::Union(shapes), value) => {
                let mut shaped = shapes.iter().map(|shape| (shape, self.shaped(shape, value.clone())));
                let fitting = shaped.find(|(shape, value)| self.check_value(shape, value).is_ok());
                fitting.map_or(value, |(_, value)| value)
            }
            (Shape::Map(values), Value::Map(map)) => {
                map.into_iter().map(|(name, value)| (name, self.shaped(values, value))).collect()
            }
            (Shape::List(items), Value::List(list)) => {
                Value::List(list.into_iter().map(|item| self.shaped(items, item)).collect())
            }
            (Shape::StringSet, Value::List(list)) => {
                members(list, |item| if let Value::String(text) = item { Some(text.clone()) } else { None })
                    .map_or_else(Value::List, Value::StringSet)
            }
            (Shape::NumberSet, Value::List(list)) => members(list, number).map_or_else(Value::List, Value::NumberSet),
            (Shape::Binary, Value::List(list)) => match bytes(&list) {
                Some(bytes) => Value::Binary(bytes),
                None => Value::List(list),
            },
            (Shape::BinarySet, Value::List(list)) => {
                members(list, |item| if let Value::List(list) = item { bytes(list) } else { None })
                    .map_or_else(Value::List, Value::BinarySet)
            }
            (_, value) => value,
        }
    }

    /// A whole record of plain JSON.
    pub(crate) fn shaped_record(&self, map: Map) -> Map {
        self.shaped_fields(&self.record, map)
    }

    fn shaped_fields(&self, of: &str, map: Map) -> Map {
        map.into_iter()
            .map(|(name, value)| match self.inside(of, &name) {
                Some(place) => (name, self.shaped(place.shape(), value)),
                None => (name, value),
            })
            .collect()
    }
}

/// The members of a set, or the list as it was where an item is none.
fn members<T: Ord, S: FromIterator<T>>(list: Vec<Value>, read: impl Fn(&Value) -> Option<T>) -> Result<S, Vec<Value>> {
    match list.iter().map(read).collect::<Option<S>>() {
        Some(members) if !list.is_empty() => Ok(members),
        _ => Err(list),
    }
}

fn number(item: &Value) -> Option<Number> {
    if let Value::Number(number) = item { Some(number.clone()) } else { None }
}

fn bytes(list: &[Value]) -> Option<Vec<u8>> {
    list.iter().map(|item| u8::try_from(&number(item)?).ok()).collect()
}

macro_rules! integers {
    ($($int:ident)*) => {
        /// Whether a number is one of an integer type.
        fn is_of(name: &str, number: &Number) -> bool {
            match name {
                $(stringify!($int) => $int::try_from(number).is_ok(),)*
                _ => false,
            }
        }
    };
}
integers!(i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize);
