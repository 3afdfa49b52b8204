//! Whether a request fits its table's model: decided before the database sees anything of it.

mod pages;
mod sizes;

use structnosql_core::key::KeyValue;
use structnosql_core::schema::KeyAttribute;
use structnosql_core::{
    Action, BatchWrite, Condition, DocumentPath, Failure, FailureClass, MAX_DEPTH, Map, Mismatch, Segment,
    TransactAction, UpdateAction, UpdateRequest, Value,
};
use structnosql_external::wire::extension::Operation;

use crate::schema::{Place, Schema, Shape};
use crate::tables::Tables;

/// What is wrong with a request: its path, what the model asks for and what was found, never a value.
type Checked = Result<(), Wrong>;

enum Wrong {
    /// The key is not one of the model's records.
    Key(Mismatch),
    Value(Mismatch),
    Request(String),
}

impl From<Mismatch> for Wrong {
    fn from(mismatch: Mismatch) -> Self {
        Wrong::Value(mismatch)
    }
}

impl Tables {
    /// Refuses an operation that does not fit the models of its tables. What is in tables without a model is the
    /// database's to judge.
    pub(crate) fn check(&self, operation: &Operation) -> Result<(), Failure> {
        sizes::check_sizes(operation)?;
        match operation {
            Operation::Get(request) => {
                self.fits(&request.table, |schema| schema.check_get(&request.key, &request.projection))
            }
            Operation::Put(request) => {
                self.fits(&request.table, |schema| schema.check_put(&request.item, request.condition.as_ref()))
            }
            Operation::Update(request) => self.fits(&request.table, |schema| schema.check_update(request)),
            Operation::Delete(request) => {
                self.fits(&request.table, |schema| schema.check_delete(&request.key, request.condition.as_ref()))
            }
            Operation::Query(request) => {
                self.fits(&request.table, |schema| schema.check_query(request))?;
                self.know(&request.table, request.filter.as_ref(), &request.projection)
            }
            Operation::Scan(request) => {
                self.fits(&request.table, |schema| schema.check_scan(request))?;
                self.know(&request.table, request.filter.as_ref(), &request.projection)
            }
            Operation::BatchGet(request) => {
                let fits = |key| self.fits(&request.table, |schema| schema.check_get(key, &request.projection));
                request.keys.iter().try_for_each(fits)
            }
            Operation::BatchWrite(request) => {
                let fits = |write: &BatchWrite| {
                    self.fits(&request.table, |schema| match write {
                        BatchWrite::Put(item) => schema.check_put(item, None),
                        BatchWrite::Delete(key) => schema.check_delete(key, None),
                    })
                };
                request.writes.iter().try_for_each(fits)
            }
            Operation::BatchUpdate(request) => request
                .updates
                .iter()
                .try_for_each(|update| self.fits(&update.table, |schema| schema.check_update(update))),
            Operation::TransactWrite(request) => request.actions.iter().try_for_each(|action| match action {
                TransactAction::Put(put) => {
                    self.fits(&put.table, |schema| schema.check_put(&put.item, put.condition.as_ref()))
                }
                TransactAction::Update(update) => self.fits(&update.table, |schema| schema.check_update(update)),
                TransactAction::Delete(delete) => {
                    self.fits(&delete.table, |schema| schema.check_delete(&delete.key, delete.condition.as_ref()))
                }
                TransactAction::Check(check) => {
                    self.fits(&check.table, |schema| schema.check_delete(&check.key, Some(&check.condition)))
                }
            }),
            Operation::TransactGet(request) => request
                .gets
                .iter()
                .try_for_each(|get| self.fits(&get.table, |schema| schema.check_get(&get.key, &get.projection))),
            Operation::DescribeTable(_) | Operation::DescribeTimeToLive(_) => Ok(()),
            Operation::CreateTable(definition) => self.fits(&definition.table, Schema::check_table),
            Operation::UpdateTable(request) => self.fits(&request.table, Schema::check_table),
            Operation::DeleteTable(named) => self.fits(&named.table, Schema::check_table),
            Operation::EnableTimeToLive(named) => self.fits(&named.table, Schema::check_table),
        }
    }

    /// Whether something fits one of the models of its table. Of several the one tells what is wrong whose key it has.
    fn fits(&self, table: &str, check: impl Fn(&Schema) -> Checked) -> Result<(), Failure> {
        let mut wrong = None;
        for model in self.models(table) {
            match (check(model), &wrong) {
                (Ok(()), _) => return Ok(()),
                (Err(one), None | Some(Wrong::Key(_))) => wrong = Some(one),
                (Err(_), _) => {}
            }
        }
        let message = match wrong {
            None => return Ok(()),
            Some(Wrong::Key(mismatch) | Wrong::Value(mismatch)) => {
                format!("the request does not fit table `{table}`: {mismatch}")
            }
            Some(Wrong::Request(message)) => message,
        };
        Err(Failure::new(FailureClass::Invalid, message))
    }

    /// Whether the models of a table have what a query or scan reads: it may meet records of all of them.
    fn know(&self, table: &str, filter: Option<&Condition>, projection: &[DocumentPath]) -> Result<(), Failure> {
        let filtered = filter.into_iter().flat_map(Condition::paths);
        filtered.chain(projection).try_for_each(|path| self.fits(table, |schema| schema.declared(path).map(drop)))
    }
}

impl Schema {
    fn check_get(&self, key: &Map, projection: &[DocumentPath]) -> Checked {
        self.check_key(key)?;
        self.check_paths(projection)
    }

    fn check_put(&self, item: &Map, condition: Option<&Condition>) -> Checked {
        self.check_own_key(item)?;
        check_depth(item)?;
        self.check_record(item)?;
        self.check_condition(condition)
    }

    fn check_update(&self, request: &UpdateRequest) -> Checked {
        self.check_key(&request.key)?;
        // It may bring the record into being.
        self.check_own_key(&request.key)?;
        self.check_condition(request.condition.as_ref())?;
        match request.actions.is_empty() {
            true => Err(Wrong::Request("the update changes nothing".to_owned())),
            false => request.actions.iter().try_for_each(|action| self.check_action(action)),
        }
    }

    fn check_delete(&self, key: &Map, condition: Option<&Condition>) -> Checked {
        self.check_key(key)?;
        self.check_condition(condition)
    }

    fn check_table(&self) -> Checked {
        Err(Wrong::Request(format!("table `{}` has a model: its owner creates and changes it", self.table)))
    }

    /// A key is exactly the key attributes, of their types.
    fn check_key(&self, key: &Map) -> Checked {
        let mut attributes = 0;
        for attribute in self.key_attributes() {
            attributes += 1;
            match key.get(&attribute.name) {
                Some(value) => check_kind(attribute, value)?,
                None => return Err(missing(attribute).into()),
            }
        }
        match key.len() == attributes {
            true => Ok(()),
            false => Err(Wrong::Request("the key has more than the table's key attributes".to_owned())),
        }
    }

    /// Whether the key is one that the model's records can have.
    fn check_own_key(&self, item: &Map) -> Checked {
        self.key_attributes().try_for_each(|key| {
            let path = DocumentPath::from(key.name.as_str());
            let value = item.get(&key.name).ok_or_else(|| Wrong::Key(missing(key)))?;
            let Some(place) = self.place(&path) else { return Ok(()) };
            self.check_value(place.shape(), value).map_err(|mismatch| Wrong::Key(mismatch.at(&path)))
        })
    }

    fn check_paths(&self, paths: &[DocumentPath]) -> Checked {
        paths.iter().try_for_each(|path| self.declared(path).map(drop))
    }

    fn check_condition(&self, condition: Option<&Condition>) -> Checked {
        condition.into_iter().flat_map(Condition::paths).try_for_each(|path| self.declared(path).map(drop))
    }

    fn declared(&self, path: &DocumentPath) -> Result<Place<'_>, Wrong> {
        if path.segments().len() > MAX_DEPTH {
            return Err(Wrong::Request(format!("a path has more than {MAX_DEPTH} levels")));
        }
        self.place(path).ok_or_else(|| Wrong::Request(format!("table `{}` has no `{path}`", self.table)))
    }

    fn check_action(&self, UpdateAction { path, action }: &UpdateAction) -> Checked {
        let place = self.declared(path)?;
        if self.is_key(path) {
            return Err(Wrong::Request(format!("`{path}` is a key attribute, and cannot change")));
        }
        if self.is_read_only(path) {
            return Err(Wrong::Request(format!("`{path}` cannot be changed by updates")));
        }
        self.check_steps(path)?;
        let shape = place.shape();
        let at = |mismatch: Mismatch| Wrong::from(mismatch.at(path));
        match action {
            Action::Set(value) | Action::SetIfAbsent(value) => {
                check_depth_of(path, value)?;
                self.check_value(shape, value).map_err(at)?;
            }
            Action::Remove => {
                if let Place::Field(field) = place
                    && field.required
                {
                    return Err(Wrong::Request(format!("`{path}` is required, and cannot be removed")));
                }
            }
            Action::Increment { from, by } => {
                if !matches!(shape.innermost(), Shape::Number | Shape::Integer(_) | Shape::Any) {
                    return Err(at(Mismatch::new(shape.describe().to_owned(), "an increment")));
                }
                if matches!(shape.innermost(), Shape::Integer(_)) && [from, by].iter().any(|number| !is_whole(number)) {
                    return Err(at(Mismatch::new(shape.describe().to_owned(), "a fraction")));
                }
            }
            Action::Members { add, remove } => {
                if let Some(members) = add {
                    self.check_members(shape, members).map_err(at)?;
                }
                if let Some(members) = remove {
                    self.check_value(shape.innermost(), members).map_err(at)?;
                }
            }
            Action::Append(items) | Action::Prepend(items) => {
                let list = Value::List(items.clone());
                // How long the list comes to be is not known.
                check_depth_of(path, &list)?;
                self.check_value(shape.innermost(), &list).map_err(at)?;
            }
            // An action of a later version, which nothing here can judge.
            _ => return Err(Wrong::Request(format!("what is to be done at `{path}` is not known here"))),
        }
        Ok(())
    }

    /// Whether the keys of maps on the way keep their rules.
    fn check_steps(&self, path: &DocumentPath) -> Checked {
        for (length, segment) in path.segments().iter().enumerate() {
            let above = path.prefix(length);
            if let (Segment::Name(name), Some(place)) = (segment, self.place(&above)) {
                self.check_key_of(place.shape(), name).map_err(|mismatch| mismatch.at(&above))?;
            }
        }
        Ok(())
    }

    /// Whether the path is, or lies below, a field that updates leave alone.
    fn is_read_only(&self, path: &DocumentPath) -> bool {
        (1..=path.segments().len())
            .any(|length| matches!(self.place(&path.prefix(length)), Some(Place::Field(field)) if field.read_only))
    }
}

fn check_kind(attribute: &KeyAttribute, value: &Value) -> Result<(), Mismatch> {
    let kind = KeyValue::of(value).map(|value| value.kind());
    match kind == Some(attribute.kind) {
        true => Ok(()),
        false => Err(Mismatch::type_of(attribute.kind.describe(), value).under(attribute.name.clone().into())),
    }
}

fn missing(attribute: &KeyAttribute) -> Mismatch {
    Mismatch::new(attribute.kind.describe(), "nothing").under(attribute.name.clone().into())
}

fn is_whole(number: &structnosql_core::Number) -> bool {
    i128::try_from(number).is_ok()
}

fn check_depth(item: &Map) -> Checked {
    item.iter().try_for_each(|(name, value)| check_depth_of(&DocumentPath::from(name.as_str()), value))
}

/// Levels are counted from the record's attributes, as DynamoDB does.
fn check_depth_of(path: &DocumentPath, value: &Value) -> Checked {
    let levels = path.segments().len() + value.depth();
    match levels <= MAX_DEPTH {
        true => Ok(()),
        false => Err(Mismatch::new("at most 32 levels of nesting", format!("{levels} levels")).at(path).into()),
    }
}
