//! Updates as statements of PartiQL, the only form in which DynamoDB takes several in one request.

use crate::action::Action;
use crate::backend::UpdateRequest;
use crate::condition::{Comparison, Condition, Operand};
use crate::path::{DocumentPath, Segment};
use crate::value::{Map, Value};

/// The longest statement that DynamoDB takes, in bytes.
const MAX_STATEMENT: usize = 8192;

/// A statement, and the values behind its question marks.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// Its text.
    pub text: String,
    /// The values, in the order of the question marks.
    pub parameters: Vec<Value>,
}

/// The update as a statement; nothing where PartiQL cannot say it, or not surely in the same sense.
///
/// Names stand in the text itself, in double quotes: PartiQL has no placeholders for them. What it has no words for is a
/// value that is set only where none is stored, a condition but for comparisons and for what is or is not there, a name
/// with a double quote, and a statement over 8 KB. Of positions in lists AWS does not say what several in one statement
/// come to. See AWS's page on
/// [update statements](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.update.html).
///
/// ```
/// use structnosql_core::expression::statement;
/// use structnosql_core::{Action, DocumentPath, Map, UpdateAction, UpdateRequest, Value};
///
/// let key: Map = [("id", Value::from("x42"))].into_iter().collect();
/// let actions = vec![
///     UpdateAction::new(DocumentPath::from("name").child("first.last"), Action::Set(Value::from("Paul"))),
///     UpdateAction::new(DocumentPath::from("token"), Action::Remove),
/// ];
/// let update = UpdateRequest { table: "users".into(), key, actions, condition: None, return_old: false };
/// let statement = statement(&update).unwrap();
/// assert_eq!(statement.text, r#"UPDATE "users" SET "name"."first.last"=? REMOVE "token" WHERE "id"=?"#);
/// assert_eq!(statement.parameters, [Value::from("Paul"), Value::from("x42")]);
/// ```
pub fn statement(update: &UpdateRequest) -> Option<Statement> {
    if update.actions.is_empty() || update.return_old {
        return None;
    }
    let mut writer = Writer { text: String::from("UPDATE "), parameters: Vec::new() };
    writer.name(&update.table)?;
    update.actions.iter().try_for_each(|action| writer.action(&action.path, &action.action))?;
    writer.text.push_str(" WHERE ");
    writer.key(&update.key)?;
    if let Some(condition) = &update.condition {
        writer.text.push_str(" AND ");
        writer.condition(condition)?;
    }
    let Writer { text, parameters } = writer;
    (text.len() <= MAX_STATEMENT).then_some(Statement { text, parameters })
}

struct Writer {
    text: String,
    parameters: Vec<Value>,
}

/// Each part gives nothing where it cannot be said.
impl Writer {
    fn action(&mut self, path: &DocumentPath, action: &Action) -> Option<()> {
        match action {
            Action::Set(value) => {
                self.assign(path)?;
                self.value(value.clone());
            }
            Action::Remove => {
                self.text.push_str(" REMOVE ");
                self.path(path)?;
            }
            Action::Increment { by, .. } => {
                self.assign(path)?;
                self.path(path)?;
                self.text.push('+');
                self.value(Value::Number(by.clone()));
            }
            Action::Append(items) => {
                self.assign(path)?;
                self.text.push_str("list_append(");
                self.path(path)?;
                self.text.push(',');
                self.value(Value::List(items.clone()));
                self.text.push(')');
            }
            Action::Prepend(items) => {
                self.assign(path)?;
                self.text.push_str("list_append(");
                self.value(Value::List(items.clone()));
                self.text.push(',');
                self.path(path)?;
                self.text.push(')');
            }
            Action::Members { add: Some(members), remove: None } => self.members("set_add(", path, members)?,
            Action::Members { add: None, remove: Some(members) } => self.members("set_delete(", path, members)?,
            Action::Members { .. } | Action::SetIfAbsent(_) => return None,
        }
        Some(())
    }

    fn assign(&mut self, path: &DocumentPath) -> Option<()> {
        self.text.push_str(" SET ");
        self.path(path)?;
        self.text.push('=');
        Some(())
    }

    fn members(&mut self, function: &str, path: &DocumentPath, members: &Value) -> Option<()> {
        self.assign(path)?;
        self.text.push_str(function);
        self.path(path)?;
        self.text.push(',');
        self.value(members.clone());
        self.text.push(')');
        Some(())
    }

    fn key(&mut self, key: &Map) -> Option<()> {
        for (at, (name, value)) in key.iter().enumerate() {
            self.text.push_str(if at > 0 { " AND " } else { "" });
            self.name(name)?;
            self.text.push('=');
            self.value(value.clone());
        }
        Some(())
    }

    fn condition(&mut self, condition: &Condition) -> Option<()> {
        match condition {
            Condition::All(all) if !all.is_empty() => all.iter().enumerate().try_for_each(|(at, one)| {
                self.text.push_str(if at > 0 { " AND " } else { "" });
                self.condition(one)
            }),
            Condition::Exists(path) => {
                self.path(path)?;
                self.text.push_str(" IS NOT MISSING");
                Some(())
            }
            Condition::NotExists(path) => {
                self.path(path)?;
                self.text.push_str(" IS MISSING");
                Some(())
            }
            // What is not there is unequal to everything for a condition, and neither way for PartiQL.
            Condition::Compare(Operand::Value(path), comparison, value) if *comparison != Comparison::NotEqual => {
                self.path(path)?;
                self.text.push_str(comparison.symbol());
                self.value(value.clone());
                Some(())
            }
            _ => None,
        }
    }

    fn path(&mut self, path: &DocumentPath) -> Option<()> {
        path.segments().iter().enumerate().try_for_each(|(at, segment)| match segment {
            Segment::Name(name) => {
                self.text.push_str(if at > 0 { "." } else { "" });
                self.name(name)
            }
            Segment::Index(_) => None,
        })
    }

    fn name(&mut self, name: &str) -> Option<()> {
        if name.is_empty() || name.contains(|c: char| c == '"' || c.is_control()) {
            return None;
        }
        self.text.extend(["\"", name, "\""]);
        Some(())
    }

    fn value(&mut self, value: Value) {
        self.text.push('?');
        self.parameters.push(value);
    }
}
