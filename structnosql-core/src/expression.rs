//! Expressions: the one place where paths become text.
//!
//! What is emitted follows a fixed grammar: keywords, list indexes, and the placeholders `#n0` and
//! `:v0`. Names and values of users appear in the two tables beside the text, never in it; only in a
//! [`statement`], which has no placeholders for names, they stand in double quotes.

mod names;
mod statement;

use std::fmt::Write;

use smallvec::{SmallVec, smallvec};

use crate::action::Action;
use crate::backend::UpdateAction;
use crate::condition::{Condition, Operand};
use crate::index::SortCondition;
use crate::key::KeyValue;
use crate::path::{DocumentPath, Segment, ShownName};
use crate::text::Text;
use crate::value::Value;

pub use statement::{Statement, statement};

use names::Names;

/// The longest expression that DynamoDB takes, in bytes.
const MAX_EXPRESSION: usize = 4096;
/// The most operators and functions in one update expression.
const MAX_OPERATORS: usize = 300;
/// The largest values of one expression in all, in bytes.
const MAX_VALUES: usize = 2 * 1024 * 1024;

/// The longest text of one step of a path, twice, or of what is done at its end.
const LONGEST_STEP: usize = 40;

/// Renders the expressions of one request, which share their placeholders.
///
/// ```
/// use structnosql_core::expression::Expressions;
/// use structnosql_core::{Action, DocumentPath, UpdateAction, Value};
///
/// let mut expressions = Expressions::default();
/// let update = expressions.update(&[
///     UpdateAction::new(DocumentPath::from("name").child("first.last"), Action::Set(Value::from("Paul"))),
///     UpdateAction::new(DocumentPath::from("tokens").child(2), Action::Remove),
/// ]);
/// assert_eq!(update, "SET #n0.#n1=:v0 REMOVE #n2[2]");
/// assert_eq!(expressions.names(), ["name", "first.last", "tokens"]);
/// assert_eq!(expressions.with_names(&update), r#"SET name."first.last"=:v0 REMOVE tokens[2]"#);
/// assert_eq!(expressions.into_values(), [Value::from("Paul")]);
/// ```
#[derive(Debug, Default)]
pub struct Expressions {
    names: Names,
    values: Vec<Value>,
    /// How many values have their place in a text. While an action is rendered they are more than `values`.
    placed: u32,
}

/// The placeholder of the name at `position` in [`Expressions::names`].
pub fn name_placeholder(position: usize) -> String {
    placeholder("#n", position)
}

/// The placeholder of the value at `position` in [`Expressions::into_values`].
pub fn value_placeholder(position: usize) -> String {
    placeholder(":v", position)
}

fn placeholder(sigil: &str, position: usize) -> String {
    let mut text = String::with_capacity(8);
    text.push_str(sigil);
    push_number(&mut text, position as u32);
    text
}

impl Expressions {
    /// An update expression: `SET … REMOVE … ADD … DELETE …`.
    pub fn update(&mut self, actions: &[UpdateAction]) -> String {
        let mut clauses = Clauses::default();
        for action in actions {
            self.action(&mut clauses, action);
            self.values.extend(operands(&action.action));
        }
        clauses.joined()
    }

    /// Renders an action, and leaves out its [`operands`].
    fn action(&mut self, clauses: &mut Clauses, UpdateAction { path, action }: &UpdateAction) {
        match action {
            Action::Remove => {
                clause(&mut clauses.remove, "REMOVE ");
                self.path(&mut clauses.remove, path);
            }
            Action::Members { add, remove } => {
                for (text, keyword, members) in
                    [(&mut clauses.add, "ADD ", add), (&mut clauses.delete, "DELETE ", remove)]
                {
                    if members.is_some() {
                        clause(text, keyword);
                        self.path(text, path);
                        text.push(' ');
                        self.place(text);
                    }
                }
            }
            Action::Set(_) => {
                self.assign(&mut clauses.set, path);
                self.place(&mut clauses.set);
            }
            Action::SetIfAbsent(_) => {
                self.assign(&mut clauses.set, path);
                self.stored_or_operand(&mut clauses.set, path);
            }
            Action::Increment { .. } => {
                self.assign(&mut clauses.set, path);
                self.stored_or_operand(&mut clauses.set, path);
                clauses.set.push('+');
                self.place(&mut clauses.set);
            }
            Action::Append(_) => {
                self.assign(&mut clauses.set, path);
                clauses.set.push_str("list_append(");
                self.stored_or_operand(&mut clauses.set, path);
                clauses.set.push(',');
                self.place(&mut clauses.set);
                clauses.set.push(')');
            }
            Action::Prepend(_) => {
                self.assign(&mut clauses.set, path);
                clauses.set.push_str("list_append(");
                self.place(&mut clauses.set);
                clauses.set.push(',');
                self.stored_or_operand(&mut clauses.set, path);
                clauses.set.push(')');
            }
        }
    }

    fn assign(&mut self, set: &mut String, path: &DocumentPath) {
        clause(set, "SET ");
        self.path(set, path);
        set.push('=');
    }

    fn stored_or_operand(&mut self, text: &mut String, path: &DocumentPath) {
        text.push_str("if_not_exists(");
        self.path(text, path);
        text.push(',');
        self.place(text);
        text.push(')');
    }

    /// How many of `actions` fit one update expression by its limits.
    ///
    /// See AWS's page on
    /// [quotas](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html#limits-expression-parameters).
    pub fn fitting<'a>(actions: impl Iterator<Item = &'a UpdateAction> + Clone) -> usize {
        let mut steps = actions.clone().map(|action| action.path.segments().len() + 1);
        if steps.try_fold(MAX_EXPRESSION / LONGEST_STEP, usize::checked_sub).is_some() {
            // Whatever the names and numbers, it fits; rendering it would tell no more.
            return actions.count();
        }
        let mut expressions = Expressions::default();
        let mut clauses = Clauses::default();
        let (mut operators, mut bytes) = (0, 0);
        for (at, action) in actions.clone().enumerate() {
            operators += match action.action {
                Action::Increment { .. } | Action::Append(_) | Action::Prepend(_) => 2,
                Action::SetIfAbsent(_) => 1,
                _ => 0,
            };
            expressions.action(&mut clauses, action);
            bytes += action.action.size();
            if clauses.length() > MAX_EXPRESSION || operators > MAX_OPERATORS || bytes > MAX_VALUES {
                return at;
            }
        }
        actions.count()
    }

    /// Whether a condition keeps to the limits, beside what is rendered already.
    pub(crate) fn condition_fits(&mut self, condition: &Condition) -> bool {
        self.condition(condition).len() <= MAX_EXPRESSION
            && operators(condition) <= MAX_OPERATORS
            && self.values.iter().map(Value::size).sum::<usize>() <= MAX_VALUES
    }

    /// A condition expression.
    pub fn condition(&mut self, condition: &Condition) -> String {
        let mut text = String::new();
        self.push_condition(&mut text, condition);
        text
    }

    /// A projection expression.
    pub fn projection(&mut self, paths: &[DocumentPath]) -> String {
        let mut text = String::new();
        for path in paths {
            clause(&mut text, "");
            self.path(&mut text, path);
        }
        text
    }

    /// A key condition expression.
    pub fn key_condition(&mut self, partition: (Text, KeyValue<'_>), sort: Option<(Text, SortCondition)>) -> String {
        let mut text = String::new();
        self.name(&mut text, &partition.0);
        text.push('=');
        self.value(&mut text, partition.1.to_value());
        if let Some((name, condition)) = sort {
            text.push_str(" AND ");
            self.sort_condition(&mut text, &name, &condition);
        }
        text
    }

    /// The names behind `#n0`, `#n1` and so on.
    pub fn names(&self) -> &[Text] {
        self.names.all()
    }

    /// A text that these expressions have rendered, for people: with names in place of `#n0`, `#n1` and so on.
    pub fn with_names(&self, text: &str) -> String {
        let mut parts = text.split("#n");
        let mut shown = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let digits = part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len());
            let (number, rest) = part.split_at(digits);
            if let Some(name) = number.parse().ok().and_then(|number: usize| self.names().get(number)) {
                // Writing to a `String` cannot fail.
                let _ = write!(shown, "{}", ShownName(name));
            }
            shown.push_str(rest);
        }
        shown
    }

    /// The values behind `:v0`, `:v1` and so on.
    pub fn into_values(self) -> Vec<Value> {
        self.values
    }

    fn push_condition(&mut self, text: &mut String, condition: &Condition) {
        match condition {
            Condition::Exists(path) => self.function(text, "attribute_exists", path, None),
            Condition::NotExists(path) => self.function(text, "attribute_not_exists", path, None),
            Condition::HasType(path, stored_type) => {
                self.function(text, "attribute_type", path, Some(Value::from(stored_type.code())));
            }
            Condition::BeginsWith(path, prefix) => self.function(text, "begins_with", path, Some(prefix.clone())),
            Condition::Contains(path, member) => self.function(text, "contains", path, Some(member.clone())),
            Condition::Compare(operand, comparison, value) => {
                self.operand(text, operand);
                text.push_str(comparison.symbol());
                self.value(text, value.clone());
            }
            Condition::Between(operand, low, high) => {
                self.operand(text, operand);
                text.push_str(" BETWEEN ");
                self.value(text, low.clone());
                text.push_str(" AND ");
                self.value(text, high.clone());
            }
            Condition::In(operand, values) => {
                self.operand(text, operand);
                for (at, value) in values.iter().enumerate() {
                    text.push_str(if at == 0 { " IN (" } else { "," });
                    self.value(text, value.clone());
                }
                text.push(')');
            }
            Condition::All(all) => self.joined(text, " AND ", all),
            Condition::Any(any) => self.joined(text, " OR ", any),
            Condition::Not(one) => {
                text.push_str("NOT ");
                self.nested(text, one);
            }
        }
    }

    fn joined(&mut self, text: &mut String, word: &str, conditions: &[Condition]) {
        for (at, one) in conditions.iter().enumerate() {
            text.push_str(if at > 0 { word } else { "" });
            self.nested(text, one);
        }
    }

    /// A condition inside another one, in parentheses where it joins several.
    fn nested(&mut self, text: &mut String, condition: &Condition) {
        let joins = matches!(condition, Condition::All(_) | Condition::Any(_) | Condition::Between(..));
        text.push_str(if joins { "(" } else { "" });
        self.push_condition(text, condition);
        text.push_str(if joins { ")" } else { "" });
    }

    fn operand(&mut self, text: &mut String, operand: &Operand) {
        match operand {
            Operand::Value(path) => self.path(text, path),
            Operand::Size(path) => self.function(text, "size", path, None),
        }
    }

    fn sort_condition(&mut self, text: &mut String, name: &Text, condition: &SortCondition) {
        let operator = match condition {
            SortCondition::Equal(_) => "=",
            SortCondition::Less(_) => "<",
            SortCondition::LessOrEqual(_) => "<=",
            SortCondition::Greater(_) => ">",
            SortCondition::GreaterOrEqual(_) => ">=",
            SortCondition::BeginsWith(prefix) => {
                text.push_str("begins_with(");
                self.name(text, name);
                text.push(',');
                self.value(text, prefix.to_value());
                text.push(')');
                return;
            }
            SortCondition::Between(low, high) => {
                self.name(text, name);
                text.push_str(" BETWEEN ");
                self.value(text, low.to_value());
                text.push_str(" AND ");
                self.value(text, high.to_value());
                return;
            }
        };
        self.name(text, name);
        text.push_str(operator);
        for operand in condition.operands() {
            self.value(text, operand.to_value());
        }
    }

    fn function(&mut self, text: &mut String, name: &str, path: &DocumentPath, argument: Option<Value>) {
        text.push_str(name);
        text.push('(');
        self.path(text, path);
        if let Some(argument) = argument {
            text.push(',');
            self.value(text, argument);
        }
        text.push(')');
    }

    fn path(&mut self, text: &mut String, path: &DocumentPath) {
        for (at, segment) in path.segments().iter().enumerate() {
            match segment {
                Segment::Name(name) => {
                    if at > 0 {
                        text.push('.');
                    }
                    self.name(text, name);
                }
                Segment::Index(index) => {
                    text.push('[');
                    push_number(text, *index);
                    text.push(']');
                }
            }
        }
    }

    fn name(&mut self, text: &mut String, name: &Text) {
        text.push_str("#n");
        push_number(text, self.names.position(name));
    }

    fn value(&mut self, text: &mut String, value: Value) {
        self.place(text);
        self.values.push(value);
    }

    /// The placeholder of the next value.
    fn place(&mut self, text: &mut String) {
        text.push_str(":v");
        push_number(text, self.placed);
        self.placed += 1;
    }
}

/// The values of an action, in the order of their places in its text.
fn operands(action: &Action) -> SmallVec<[Value; 2]> {
    match action {
        Action::Remove => smallvec![],
        Action::Set(value) | Action::SetIfAbsent(value) => smallvec![value.clone()],
        Action::Increment { from, by } => smallvec![Value::Number(from.clone()), Value::Number(by.clone())],
        Action::Append(items) => smallvec![Value::List(Vec::new()), Value::List(items.clone())],
        Action::Prepend(items) => smallvec![Value::List(items.clone()), Value::List(Vec::new())],
        Action::Members { add, remove } => add.iter().chain(remove).cloned().collect(),
    }
}

/// How many operators and functions a condition has.
fn operators(condition: &Condition) -> usize {
    match condition {
        Condition::All(all) | Condition::Any(all) => {
            all.iter().map(operators).sum::<usize>() + all.len().saturating_sub(1)
        }
        Condition::Not(one) => 1 + operators(one),
        _ => 1,
    }
}

/// The clauses of an update expression.
#[derive(Default)]
struct Clauses {
    set: String,
    remove: String,
    add: String,
    delete: String,
}

impl Clauses {
    fn joined(self) -> String {
        let used = [self.set, self.remove, self.add, self.delete].into_iter().filter(|clause| !clause.is_empty());
        used.reduce(|joined, clause| joined + " " + &clause).unwrap_or_default()
    }

    /// The length of the joined text.
    fn length(&self) -> usize {
        let lengths = [&self.set, &self.remove, &self.add, &self.delete].map(String::len);
        let used = lengths.iter().filter(|length| **length > 0).count();
        lengths.iter().sum::<usize>() + used.saturating_sub(1)
    }
}

/// Opens the clause with its keyword, or goes on with a comma.
fn clause(text: &mut String, keyword: &str) {
    match text.is_empty() {
        true => {
            text.reserve(LONGEST_STEP);
            text.push_str(keyword);
        }
        false => text.push(','),
    }
}

/// Without the machinery of formatting, which takes longer than all else where there are hundreds of placeholders.
fn push_number(text: &mut String, number: u32) {
    if number >= 10 {
        push_number(text, number / 10);
    }
    text.push(char::from(b'0' + (number % 10) as u8));
}
