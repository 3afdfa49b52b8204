//! Stored names as the names of the fields that a model declares.

use super::{Shape, StructSchema};
use crate::value::{Map, Value};

impl StructSchema {
    /// Lends the model's names to what the database answered: paths that accessors made find them without comparing
    /// text, and long ones are kept once.
    pub(crate) fn lend_names(&self, map: &mut Map) {
        for field in self.fields {
            if let Some(value) = map.rename(&field.name) {
                field.shape.lend_names(value);
            }
        }
    }
}

impl Shape {
    fn lend_names(&self, value: &mut Value) {
        match (self, value) {
            (Shape::Struct(schema), Value::Map(map)) => schema().lend_names(map),
            (Shape::Tagged(schema), Value::Map(map)) => {
                if let Some(fields) = schema().variant_of(map) {
                    fields.lend_names(map);
                }
            }
            (Shape::Map(values), Value::Map(map)) => map.iter_mut().for_each(|(_, value)| values.lend_names(value)),
            (Shape::List(items), Value::List(list)) => list.iter_mut().for_each(|item| items.lend_names(item)),
            (Shape::Nullable(inner) | Shape::Ruled(inner, _), value) => inner.lend_names(value),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::FieldSchema;
    use crate::text::{FieldName, Text};

    const fn field(name: &'static FieldName, shape: &'static Shape) -> FieldSchema {
        FieldSchema {
            name: Text::of_field(name),
            rust_name: "",
            shape,
            required: false,
            default: None,
            read_only: false,
        }
    }

    static INSIDE: StructSchema = StructSchema {
        name: "Inside",
        fields: &[field(&FieldName { name: "b", at: 0 }, &Shape::Bool)],
        rest: None,
        aliases: &[],
    };
    static RECORD: StructSchema = StructSchema {
        name: "Record",
        fields: &[
            field(&FieldName { name: "map", at: 1 }, &Shape::Map(&Shape::Struct(|| &INSIDE))),
            field(&FieldName { name: "list", at: 0 }, &Shape::List(&Shape::Nullable(&Shape::Struct(|| &INSIDE)))),
        ],
        rest: None,
        aliases: &[],
    };

    #[test]
    fn names_of_fields_are_lent_wherever_a_struct_stands() {
        let inside = || Value::from_iter([("b", Value::Bool(true))]);
        let answered = |item: Value| match item {
            Value::Map(map) => map,
            other => panic!("{other}"),
        };
        let mut item = answered(Value::from_iter([
            ("map", Value::from_iter([("b", inside())])),
            ("list", Value::List(vec![Value::Null, inside()])),
            ("other", inside()),
        ]));
        let before = item.clone();
        RECORD.lend_names(&mut item);
        assert_eq!(item, before);

        let lent = |map: &Map| map.iter().map(|(name, _)| name.is_field()).collect::<Vec<_>>();
        assert_eq!(lent(&item), [true, true, false]);
        let key = item.get("map").and_then(|map| map.as_map()).unwrap();
        assert_eq!(lent(key), [false], "a map's key is no field, whatever it is called");
        assert_eq!(lent(key.get("b").and_then(|inside| inside.as_map()).unwrap()), [true]);
        let Some(Value::List(items)) = item.get("list") else { panic!("{item}") };
        assert_eq!(lent(items[1].as_map().unwrap()), [true]);
    }
}
