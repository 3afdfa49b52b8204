//! The JSON of values, for descriptions of a wire. See [`typed`](super::typed).

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::typed::{Base64, Typed};
use super::{Map, Value};
use crate::backend::IdempotencyToken;
use crate::key::KeyValue;
use crate::number::Number;
use crate::path::{DocumentPath, Segment};
use crate::text::Text;

macro_rules! described {
    ($($(#[$attribute:meta])* $type:ty, $name:literal: |$generator:ident| $schema:expr;)*) => {$(
        impl JsonSchema for $type {
            fn schema_name() -> Cow<'static, str> {
                $name.into()
            }

            fn json_schema($generator: &mut SchemaGenerator) -> Schema {
                $schema
            }
        }
    )*};
}

described! {
    Value, "Value": |generator| {
        let mut schema = Typed::json_schema(generator);
        schema.insert("description".to_owned(), "A value in DynamoDB's typed notation: `{\"S\": \"text\"}`.".into());
        schema
    };
    Map, "Map": |generator| json_schema!({
        "description": "Attributes by their names.",
        "type": "object",
        "additionalProperties": generator.subschema_for::<Value>(),
    });
    Base64<'_>, "Base64": |_generator| json_schema!({ "type": "string", "contentEncoding": "base64" });
    Number, "Number": |_generator| json_schema!({
        "description": "A decimal number of up to 38 digits, as text.",
        "type": "string",
        "pattern": "^[+-]?[0-9.]+([eE][+-]?[0-9]+)?$",
    });
    Text, "Text": |_generator| json_schema!({ "type": "string" });
    Segment, "Segment": |_generator| json_schema!({
        "description": "An attribute's name, a map's key, or a position in a list.",
        "anyOf": [{ "type": "string" }, { "type": "integer", "minimum": 0, "maximum": u32::MAX }],
    });
    DocumentPath, "DocumentPath": |generator| json_schema!({
        "description": "A path from the record: the way down, step by step.",
        "type": "array",
        "items": generator.subschema_for::<Segment>(),
    });
    KeyValue<'static>, "KeyValue": |generator| {
        let mut schema = generator.subschema_for::<Value>();
        schema.insert("description".to_owned(), "A string, a number or binary.".into());
        schema
    };
    IdempotencyToken, "IdempotencyToken": |_generator| json_schema!({
        "type": "string",
        "minLength": 1,
        "maxLength": IdempotencyToken::MAX_LENGTH,
    });
}
