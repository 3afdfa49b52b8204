//! The name and value tables that go with the expressions of a request.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use structnosql_core::expression::{Expressions, name_placeholder, value_placeholder};

use crate::convert::to_attribute;

type Names = HashMap<String, String>;
type Values = HashMap<String, AttributeValue>;

/// The names behind `#n0`, `#n1` and so on; nothing where there are none, since DynamoDB refuses an empty table.
pub(crate) fn names(expressions: &Expressions) -> Option<Names> {
    let names = expressions.names();
    (!names.is_empty()).then(|| {
        names.iter().enumerate().map(|(position, name)| (name_placeholder(position), String::from(&**name))).collect()
    })
}

/// The values behind `:v0`, `:v1` and so on; nothing where there are none.
pub(crate) fn values(expressions: Expressions) -> Option<Values> {
    let values = expressions.into_values();
    (!values.is_empty()).then(|| {
        let numbered = values.iter().enumerate();
        numbered.map(|(position, value)| (value_placeholder(position), to_attribute(value))).collect()
    })
}
