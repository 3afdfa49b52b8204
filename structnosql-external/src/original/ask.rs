//! Requests of a backend in the words of the original's wire, or why it has no words for them.

use structnosql_core::{
    Action, Condition, DeleteRequest, DocumentPath, Failure, FailureClass, Map, Number, PageResponse, PutRequest,
    QueryRequest, Segment, UpdateRequest, Value,
};

use crate::wire::Plain;
use crate::wire::original::{
    ElementKey, Operation, Path, PathElement, Paths, PutRecord, QueryItems, Selectors, SetOne, SetSeveral, Setter,
};

/// Integers that every double tells apart from their neighbours.
const MAX_SAFE: f64 = 9_007_199_254_740_992.0;

/// An update, which does one of the two.
pub(super) enum Update {
    Set(Operation),
    Remove(Removals),
}

/// The paths that an update removes.
pub(super) struct Removals {
    key: Plain,
    paths: Vec<Path>,
    return_old: bool,
}

pub(super) fn unsupported(what: &str) -> Failure {
    let message = format!("the wire of StructNoSQL for Python has no {what}: nothing was sent");
    Failure::new(FailureClass::Unsupported, message)
}

pub(super) fn invalid(message: &str) -> Failure {
    Failure::new(FailureClass::Invalid, message)
}

pub(super) fn get(key: &Map, projection: &[DocumentPath]) -> Result<Operation, Failure> {
    let paths = projection.iter().map(|path| steps(path, "NoneType")).collect();
    Ok(Operation::GetItem(Paths { key_value: key_value(key)?, fields_path_elements: paths }))
}

pub(super) fn put(request: PutRequest) -> Result<Operation, Failure> {
    refuse_condition(request.condition.as_ref())?;
    if request.return_old {
        return Err(unsupported("records that a put replaces"));
    }
    for (name, value) in request.item.iter() {
        check_value(&DocumentPath::from(name.as_str()), value)?;
    }
    Ok(Operation::PutRecord(PutRecord { record_item_data: Plain(Value::Map(request.item)) }))
}

pub(super) fn delete(request: &DeleteRequest) -> Result<Operation, Failure> {
    refuse_condition(request.condition.as_ref())?;
    key_value(&request.key)?;
    let selectors = request.key.iter().map(|(name, value)| (name.to_string(), Plain(value.clone())));
    let selectors = Selectors { indexes_keys_selectors: selectors.collect() };
    Ok(match request.return_old {
        true => Operation::RemoveRecord(selectors),
        false => Operation::DeleteRecord(selectors),
    })
}

pub(super) fn query(request: &QueryRequest) -> Result<Operation, Failure> {
    let lacking = [
        ("queries of indexes", request.index.is_some()),
        ("sort keys", request.sort.is_some()),
        ("filters", request.filter.is_some()),
        ("cursors", request.start.is_some()),
    ];
    if let Some((what, _)) = lacking.into_iter().find(|(_, asked)| *asked) {
        return Err(unsupported(what));
    }
    let (name, value) = &request.partition;
    let key = [(name.clone(), value.to_value())].into_iter().collect();
    let projection = if request.count_only { &[DocumentPath::from(name.as_str())][..] } else { &request.projection };
    let Operation::GetItem(Paths { key_value, fields_path_elements }) = get(&key, projection)? else {
        return Err(invalid("a read that is none"));
    };
    Ok(match request.consistent {
        true => Operation::GetItem(Paths { key_value, fields_path_elements }),
        false => Operation::QueryItems(QueryItems {
            key_value,
            fields_path_elements,
            pagination_records_limit: request.limit,
            filter_expression: None,
            index_name: None,
            exclusive_start_key: None,
        }),
    })
}

/// Without a sort key there is one record a partition, and nothing after it.
pub(super) fn page(items: Vec<Map>, count_only: bool) -> PageResponse {
    let count = u32::try_from(items.len()).unwrap_or(u32::MAX);
    let items = if count_only { Vec::new() } else { items };
    PageResponse { items, count, scanned: count, next: None }
}

pub(super) fn update(request: UpdateRequest) -> Result<Update, Failure> {
    refuse_condition(request.condition.as_ref())?;
    let key = key_value(&request.key)?;
    let mut setters = Vec::new();
    let mut removed = Vec::new();
    for action in request.actions {
        let path = &action.path;
        if path.segments().iter().any(|segment| matches!(segment, Segment::Index(_))) {
            return Err(unsupported(&format!("positions of lists in writes, as `{path}` has one")));
        }
        match action.action {
            Action::Set(value) => setters.push(setter(path, value)?),
            Action::Remove => removed.push(steps(path, "NoneType")),
            _ => return Err(unsupported(&format!("updates that depend on what is stored, as that of `{path}` does"))),
        }
    }
    let return_old = request.return_old;
    match (setters.pop(), removed.is_empty()) {
        (Some(_), false) => Err(unsupported("update that both sets and removes")),
        (None, true) => Err(invalid("an update that changes nothing")),
        (None, false) => Ok(Update::Remove(Removals { key, paths: removed, return_old })),
        (Some(last), true) => {
            let nested = |setter: &Setter| setter.field_path_elements.len() > 1;
            if return_old && (nested(&last) || setters.iter().any(nested)) {
                // Where a parent is not there, the original answers with the new value for the old one.
                return Err(unsupported("old values of nested fields that are set"));
            }
            Ok(Update::Set(set(key, setters, last, return_old)))
        }
    }
}

fn set(key_value: Plain, mut setters: Vec<Setter>, last: Setter, return_old: bool) -> Operation {
    if setters.is_empty() {
        let Setter { value_to_set, field_path_elements } = last;
        return Operation::SetWithDefaults(SetOne {
            key_value,
            field_path_elements,
            value: value_to_set,
            return_old_value: return_old,
        });
    }
    setters.push(last);
    Operation::SetSeveral(SetSeveral { key_value, setters, return_old_values: return_old })
}

fn setter(path: &DocumentPath, value: Value) -> Result<Setter, Failure> {
    check_value(path, &value)?;
    let mut elements = steps(path, python_type(&value));
    if let Some(last) = elements.last_mut()
        && is_falsy(&value)
    {
        // Where it brings parents into being, the original stores the default for what Python takes for false.
        last.custom_default_value = Some(Plain(value.clone()));
    }
    Ok(Setter { value_to_set: Plain(value), field_path_elements: elements })
}

impl Removals {
    /// Whether no path can keep the others from being removed.
    pub(super) fn is_single(&self) -> bool {
        self.paths.len() == 1 || self.paths.iter().all(|path| path.len() == 1)
    }

    pub(super) fn together(&self) -> Operation {
        self.operation(self.paths.clone(), self.return_old || !self.is_single())
    }

    pub(super) fn apart(&self) -> impl Iterator<Item = Operation> {
        self.paths.iter().map(|path| self.operation(vec![path.clone()], self.return_old))
    }

    fn operation(&self, paths: Vec<Path>, return_old: bool) -> Operation {
        let paths = Paths { key_value: self.key.clone(), fields_path_elements: paths };
        if return_old { Operation::Remove(paths) } else { Operation::Delete(paths) }
    }
}

/// Puts the parts of one record together.
pub(super) fn merge(whole: &mut Map, part: Map) {
    for (name, value) in part {
        match (whole.get_mut(&name), value) {
            (Some(Value::Map(whole)), Value::Map(part)) => merge(whole, part),
            (_, value) => drop(whole.insert(name, value)),
        }
    }
}

fn refuse_condition(condition: Option<&Condition>) -> Result<(), Failure> {
    if condition.is_some() { Err(unsupported("conditions")) } else { Ok(()) }
}

/// The original reads a record's key as text, whatever it is.
fn key_value(key: &Map) -> Result<Plain, Failure> {
    let mut attributes = key.iter();
    match (attributes.next(), attributes.next()) {
        (Some((_, value @ Value::String(_))), None) => Ok(Plain(value.clone())),
        (Some(_), Some(_)) => Err(unsupported("sort keys")),
        _ => Err(unsupported("keys that are no strings")),
    }
}

/// A path's steps. The type of each is told by the next one; that of the last is given.
fn steps(path: &DocumentPath, last: &str) -> Path {
    let segments = path.segments();
    let step = |(at, segment): (usize, &Segment)| PathElement {
        element_key: match segment {
            Segment::Name(name) => ElementKey::Text(name.to_string()),
            Segment::Index(index) => ElementKey::Number(i64::from(*index)),
        },
        default_type: match segments.get(at + 1) {
            Some(Segment::Index(_)) => "list".to_owned(),
            Some(Segment::Name(_)) => "dict".to_owned(),
            None => last.to_owned(),
        },
        custom_default_value: None,
    };
    segments.iter().enumerate().map(step).collect()
}

fn python_type(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "str",
        Value::Number(_) => "float",
        Value::Map(_) => "dict",
        Value::List(_) => "list",
        // The original's own service knows no `bool`; the value stands beside it where it matters.
        _ => "NoneType",
    }
}

fn is_falsy(value: &Value) -> bool {
    match value {
        Value::String(text) => text.is_empty(),
        Value::Number(number) => *number == Number::from(0),
        Value::Map(map) => map.is_empty(),
        Value::List(list) => list.is_empty(),
        Value::Bool(value) => !value,
        _ => false,
    }
}

/// Whether a value arrives as it is sent, and comes back so.
fn check_value(path: &DocumentPath, value: &Value) -> Result<(), Failure> {
    let refuse = |what: &str| Err(unsupported(&format!("{what}, as `{path}` would be")));
    match value {
        Value::StringSet(_) | Value::NumberSet(_) | Value::BinarySet(_) => refuse("sets"),
        Value::Binary(_) => refuse("binary"),
        Value::Number(number) if !is_double(number) => refuse("numbers that a double does not hold"),
        Value::Map(map) => {
            map.iter().try_for_each(|(name, value)| check_value(&path.clone().child(name.clone()), value))
        }
        Value::List(items) => (0u32..).zip(items).try_for_each(|(at, item)| check_value(&path.clone().child(at), item)),
        _ => Ok(()),
    }
}

/// Whether a number is the shortest text of a double, or an integer that no double is rounded to.
fn is_double(number: &Number) -> bool {
    let double = number.to_f64();
    double.abs() <= MAX_SAFE && double.to_string().parse::<Number>().is_ok_and(|same| same == *number)
}

#[cfg(test)]
mod tests {
    use structnosql_core::UpdateAction;

    use super::*;

    #[test]
    fn only_numbers_that_come_back_as_they_were_are_sent() {
        for fits in ["0", "-1", "0.1", "1.5", "9007199254740992", "-9007199254740992", "1E-10", "123456.789"] {
            assert!(is_double(&fits.parse().unwrap()), "{fits}");
        }
        for not in ["9007199254740993", "0.10000000000000000001", "12345678901234567890", "1E+30"] {
            assert!(!is_double(&not.parse().unwrap()), "{not}");
        }
    }

    #[test]
    fn what_the_wire_cannot_say_is_refused() {
        let path = |text: &str| DocumentPath::from(text);
        let key = |value: Value| [("id", value)].into_iter().collect::<Map>();
        let request = |actions| UpdateRequest {
            table: "t".into(),
            key: key("a".into()),
            actions,
            condition: None,
            return_old: false,
        };
        let set = |value| vec![UpdateAction::new(path("a"), Action::Set(value))];
        let one = || Number::from(1);
        let refused = [
            (set(Value::Binary(vec![1])), "binary"),
            (set(Value::StringSet([structnosql_core::Text::from("x")].into())), "sets"),
            (set(Value::Number("9007199254740993".parse().unwrap())), "double"),
            (vec![UpdateAction::new(path("a").child(0u32), Action::Remove)], "positions"),
            (vec![UpdateAction::new(path("a"), Action::Increment { from: one(), by: one() })], "depend on"),
            ([set(Value::Null), vec![UpdateAction::new(path("b"), Action::Remove)]].concat(), "both"),
        ];
        for (actions, says) in refused {
            let failure = update(request(actions)).err().unwrap();
            assert_eq!(failure.class(), FailureClass::Unsupported);
            assert!(failure.message().contains(says), "{says}: {failure}");
        }
        let condition = Some(Condition::Exists(path("a")));
        assert!(update(UpdateRequest { condition, ..request(set(Value::Null)) }).is_err());
        let two = [("id", Value::from("a")), ("at", Value::from("b"))].into_iter().collect();
        for key in [key(Value::from(5)), two] {
            assert!(get(&key, &[]).is_err());
        }
    }

    #[test]
    fn a_step_tells_what_the_next_one_is_in() {
        let path = DocumentPath::from("a").child(3u32).child("b");
        let told: Vec<_> = steps(&path, "str").into_iter().map(|step| (step.element_key, step.default_type)).collect();
        let text = |text: &str| ElementKey::Text(text.to_owned());
        let expected = [(text("a"), "list"), (ElementKey::Number(3), "dict"), (text("b"), "str")];
        assert_eq!(told, expected.map(|(key, of)| (key, of.to_owned())));
    }
}
