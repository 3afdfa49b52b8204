//! The refusals that DynamoDB tells apart only by their text.

use structnosql_core::FailureClass;

/// The class of a `ValidationException`.
///
/// Everything that is wrong with a request has this one code. Beginnings are compared, since some engines
/// append what the path or the index was; a text that AWS changes is classed as
/// [`FailureClass::Invalid`], which is true of it as well.
pub(crate) fn of_validation(message: &str) -> FailureClass {
    // Names the expression that is at fault, such as `Invalid UpdateExpression: `.
    let message = match message.strip_prefix("Invalid ").and_then(|rest| rest.split_once("Expression: ")) {
        Some((_, reason)) => reason,
        None => message,
    };
    let begins = |texts: &[&str]| texts.iter().any(|text| message.starts_with(text));
    if begins(&INVALID_PATH) {
        FailureClass::InvalidPath
    } else if begins(&TOO_LARGE) {
        FailureClass::TooLarge
    } else if begins(&NO_SUCH_INDEX) {
        FailureClass::TableNotFound
    } else {
        FailureClass::Invalid
    }
}

const INVALID_PATH: [&str; 1] = ["The document path provided in the update expression is invalid for update"];

const TOO_LARGE: [&str; 3] = [
    "Item size has exceeded the maximum allowed size",
    "Item size to update has exceeded the maximum allowed size",
    "Expression size has exceeded the maximum allowed size",
];

/// Only a missing table has a code of its own.
const NO_SUCH_INDEX: [&str; 1] = ["The table does not have the specified index"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_text_has_its_class() {
        for (message, class) in [
            ("The document path provided in the update expression is invalid for update", FailureClass::InvalidPath),
            (
                "The document path provided in the update expression is invalid for update: a.b",
                FailureClass::InvalidPath,
            ),
            ("Item size has exceeded the maximum allowed size", FailureClass::TooLarge),
            ("Item size to update has exceeded the maximum allowed size", FailureClass::TooLarge),
            (
                "Invalid UpdateExpression: Expression size has exceeded the maximum allowed size; expression size: 4097",
                FailureClass::TooLarge,
            ),
            ("The table does not have the specified index: byYear", FailureClass::TableNotFound),
            ("Invalid UpdateExpression: Syntax error; token: \"Item size\", near: \"x\"", FailureClass::Invalid),
            ("The provided key element does not match the schema", FailureClass::Invalid),
            ("", FailureClass::Invalid),
        ] {
            assert_eq!(of_validation(message), class, "{message}");
        }
    }
}
