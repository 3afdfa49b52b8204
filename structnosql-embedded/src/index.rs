//! What is asked of an index that does not hold it. DynamoDB refuses that of a global index, and fetches it from the
//! table for a local one; the engine answers without it, as if it were absent.
//!
//! From AWS's pages "Using Global Secondary Indexes" and "Local secondary indexes".

use std::collections::BTreeMap;

use dynoxide::{Database, DynoxideError, NativeDatabase as Engine};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// The parts of a query or scan that say what it brings.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Asked {
    table_name: String,
    index_name: String,
    projection_expression: String,
    #[serde(default)]
    expression_attribute_names: BTreeMap<String, String>,
}

/// A table as it is described.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Table {
    key_schema: Vec<KeyElement>,
    #[serde(default)]
    local_secondary_indexes: Vec<Index>,
    #[serde(default)]
    global_secondary_indexes: Vec<Index>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Index {
    index_name: String,
    key_schema: Vec<KeyElement>,
    projection: Projection,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct KeyElement {
    attribute_name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Projection {
    projection_type: Option<String>,
    #[serde(default)]
    non_key_attributes: Vec<String>,
}

/// What has to be fetched from the table for the items that a local index finds.
pub(crate) struct Fetch {
    asked: Asked,
    keys: Vec<String>,
}

/// What a request asks of an index that does not hold it; nothing where the engine can be asked as it is, also where it
/// is to say what is wrong with the request.
pub(crate) fn lacking(database: &Database, body: &[u8]) -> dynoxide::Result<Option<Fetch>> {
    let Ok(asked) = serde_json::from_slice::<Asked>(body) else {
        return Ok(None);
    };
    let Some(table) = described(database, &asked.table_name) else {
        return Ok(None);
    };
    let is_asked = |index: &&Index| index.index_name == asked.index_name;
    let (index, local) = match table.local_secondary_indexes.iter().find(is_asked) {
        Some(index) => (index, true),
        None => match table.global_secondary_indexes.iter().find(is_asked) {
            Some(index) => (index, false),
            None => return Ok(None),
        },
    };
    let Some(attributes) = asked.attributes() else {
        return Ok(None);
    };
    let lacking: Vec<&str> = attributes.into_iter().filter(|name| !index.holds(&table, name)).collect();
    match (lacking.is_empty(), local) {
        (true, _) => Ok(None),
        (false, false) => Err(DynoxideError::ValidationException(format!(
            "One or more parameter values were invalid: Global secondary index {} does not project [{}]",
            index.index_name,
            lacking.join(", ")
        ))),
        (false, true) => {
            let keys = table.key_schema.iter().map(|key| key.attribute_name.clone()).collect();
            Ok(Some(Fetch { asked, keys }))
        }
    }
}

fn described(database: &Database, table: &str) -> Option<Table> {
    let request = serde_json::from_value(json!({ "TableName": table })).ok()?;
    let answer = serde_json::to_value(Engine::describe_table(database, request).ok()?).ok()?;
    Table::deserialize(answer.get("Table")?).ok()
}

impl Asked {
    /// The attributes that its paths begin with; nothing where a placeholder stands for none.
    fn attributes(&self) -> Option<Vec<&str>> {
        self.projection_expression.split(',').map(|path| self.attribute(path)).collect()
    }

    fn attribute<'a>(&'a self, path: &'a str) -> Option<&'a str> {
        let first = path.split(['.', '[']).next()?.trim();
        match first.starts_with('#') {
            true => self.expression_attribute_names.get(first).map(String::as_str),
            false => Some(first),
        }
    }
}

impl Index {
    fn holds(&self, table: &Table, attribute: &str) -> bool {
        let mut keys = table.key_schema.iter().chain(&self.key_schema);
        self.projection.projection_type.as_deref() == Some("ALL")
            || keys.any(|key| key.attribute_name == attribute)
            || self.projection.non_key_attributes.iter().any(|name| name == attribute)
    }
}

impl Fetch {
    /// The request for what the index holds: what it is asked for comes from the table.
    pub(crate) fn request(&self, body: &[u8]) -> Result<Value, serde_json::Error> {
        let mut request: Map<String, Value> = serde_json::from_slice(body)?;
        for member in ["ProjectionExpression", "Select"] {
            request.remove(member);
        }
        let used = ["KeyConditionExpression", "FilterExpression"].map(|member| request.get(member).cloned());
        let is_used = |name: &str| used.iter().flatten().filter_map(Value::as_str).any(|text| names(text, name));
        self.keep_names(&mut request, is_used);
        Ok(Value::Object(request))
    }

    /// The same items with what was asked for of them; nothing where there are none.
    pub(crate) fn of_items(&self, database: &Database, answer: &impl Serialize) -> dynoxide::Result<Option<Value>> {
        let mut answer = serde_json::to_value(answer).map_err(internal)?;
        let Some(items) = answer.get_mut("Items").and_then(Value::as_array_mut).filter(|items| !items.is_empty())
        else {
            return Ok(None);
        };
        for item in items {
            let key: Map<String, Value> =
                self.keys.iter().filter_map(|name| Some((name.clone(), item.get(name)?.clone()))).collect();
            let expression = &self.asked.projection_expression;
            let mut request = Map::from_iter([
                ("TableName".to_owned(), json!(self.asked.table_name)),
                ("Key".to_owned(), Value::Object(key)),
                ("ProjectionExpression".to_owned(), json!(expression)),
            ]);
            self.keep_names(&mut request, |name| names(expression, name));
            let request = serde_json::from_value(Value::Object(request)).map_err(internal)?;
            let found = serde_json::to_value(Engine::get_item(database, request)?).map_err(internal)?;
            *item = found.get("Item").cloned().unwrap_or_else(|| json!({}));
        }
        Ok(Some(answer))
    }

    /// A name that no expression uses is refused.
    fn keep_names(&self, request: &mut Map<String, Value>, is_used: impl Fn(&str) -> bool) {
        let names: Map<String, Value> = self
            .asked
            .expression_attribute_names
            .iter()
            .filter(|(name, _)| is_used(name))
            .map(|(name, attribute)| (name.clone(), json!(attribute)))
            .collect();
        request.remove("ExpressionAttributeNames");
        if !names.is_empty() {
            request.insert("ExpressionAttributeNames".to_owned(), Value::Object(names));
        }
    }
}

/// Whether an expression has this placeholder.
fn names(expression: &str, placeholder: &str) -> bool {
    expression.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '#').any(|word| word == placeholder)
}

fn internal(error: serde_json::Error) -> DynoxideError {
    DynoxideError::InternalServerError(error.to_string())
}
