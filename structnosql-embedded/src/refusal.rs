//! Bodies that the engine's request types refuse, in DynamoDB's terms.

use dynoxide::DynoxideError;
use serde_json::error::Category;

type Kind = fn(String) -> DynoxideError;

/// The marks with which the engine's `Deserialize` impls, which can only fail
/// with text, say what kind of error they mean. No mark may reach a user.
const MARKS: [(&str, Kind); 5] = [
    ("VALIDATION:", DynoxideError::ValidationException),
    ("VALIDATION_REQUEST:", DynoxideError::ValidationException),
    ("VALIDATION_AS_READ:", DynoxideError::ValidationException),
    ("SERIALIZATION:", DynoxideError::SerializationException),
    ("SERIALIZATION_AS_READ:", DynoxideError::SerializationException),
];

/// What `serde_json` says of a value that is absent where one is required, or
/// that names nothing known: DynamoDB calls these invalid, and anything else of
/// the wrong shape not serialised.
const INVALID: [&str; 5] =
    ["missing field", "unknown variant", "invalid type: null", "empty AttributeValue", "Supplied AttributeValue"];

/// The error to answer a body with that could not be read.
pub(crate) fn of(error: &serde_json::Error) -> DynoxideError {
    let text = error.to_string();
    // The JSON reader stops at 128 levels, two for each level of a document:
    // far past the 32 that DynamoDB stores.
    if text.starts_with("recursion limit exceeded") {
        return DynoxideError::ValidationException(
            "Nesting Levels have exceeded supported limits: Attributes in the item have nested \
             levels beyond supported limit"
                .to_owned(),
        );
    }
    if error.classify() != Category::Data {
        return DynoxideError::SerializationException(format!("the body is not JSON: {text}"));
    }
    let text = without_position(&text);
    for (mark, kind) in MARKS {
        if let Some(message) = text.strip_prefix(mark) {
            return kind(message.to_owned());
        }
    }
    if INVALID.iter().any(|start| text.contains(start)) {
        DynoxideError::ValidationException(text.to_owned())
    } else {
        DynoxideError::SerializationException(text.to_owned())
    }
}

/// The message without the place in the body, which its sender never saw.
fn without_position(text: &str) -> &str {
    text.rsplit_once(" at line ").map_or(text, |(message, _)| message)
}
