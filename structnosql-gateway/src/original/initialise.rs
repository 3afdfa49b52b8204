//! Setting values whose parents may not be there: the original brings these into being.

use structnosql_core::{
    Action, Backend, Condition, DocumentPath, Failure, FailureClass, GetRequest, Map, Mismatch, Segment, StoredType,
    UpdateAction, UpdateRequest, Value,
};
use structnosql_external::wire::Plain;
use structnosql_external::wire::extension::{Answer, Operation};
use structnosql_external::wire::original as wire;

use super::project::{project, projection};
use super::{Original, invalid, other_kind};
use crate::access::Old;
use crate::gateway::Admitted;

/// How often a record is looked at again that others change at the same time.
pub(super) const ATTEMPTS: usize = 4;

/// A value to store, and what to store in the place of each parent that is not there.
struct Setting {
    path: DocumentPath,
    value: Value,
    defaults: Vec<Option<Value>>,
}

impl<B: Backend> Original<'_, B> {
    /// Stores values; gives what was at their paths, where that is asked for.
    pub(super) async fn set(
        &self,
        key: Plain,
        setters: Vec<wire::Setter>,
        return_old: bool,
    ) -> Result<Option<Map>, Failure> {
        if setters.is_empty() {
            return Err(invalid("`setters` is empty"));
        }
        let key = self.key(key)?;
        let settings = setters.into_iter().map(|setter| self.setting(setter)).collect::<Result<Vec<_>, _>>()?;
        let paths: Vec<DocumentPath> = settings.iter().map(|setting| setting.path.clone()).collect();
        let set = |setting: &Setting| UpdateAction::new(setting.path.clone(), Action::Set(setting.value.clone()));
        let actions = settings.iter().map(set).collect();
        let request = UpdateRequest { table: self.table(), key: key.clone(), actions, condition: None, return_old };
        for default in settings.iter().flat_map(Setting::brought) {
            let request = UpdateRequest { actions: vec![default], return_old: false, ..request.clone() };
            self.gateway.allow(self.client, &Operation::Update(request), Old::Whole)?;
        }
        let mut answer = self.item(Operation::Update(request.clone()), Old::Paths(&paths)).await;
        for _ in 0..ATTEMPTS {
            match answer {
                Ok(old) => return Ok(old.map(|old| project(&old, &paths))),
                Err(failure) if !is_stale(failure.class()) => return Err(failure),
                Err(_) => {}
            }
            let stored = self.stored(&key, &paths).await?.unwrap_or_default();
            let (actions, condition) = self.initialising(&stored, &settings)?;
            let request = UpdateRequest { actions, condition, ..request.clone() };
            // What may be written was decided before; a parent that is not there is brought into being with it.
            answer = match self.gateway.run(Admitted::by_the_service(Operation::Update(request))).await {
                Answer::Item(old) => Ok(old),
                Answer::Failed(failure) => Err(failure),
                _ => Err(other_kind()),
            };
        }
        answer.map(|old| old.map(|old| project(&old, &paths)))
    }

    fn setting(&self, setter: wire::Setter) -> Result<Setting, Failure> {
        let defaults = setter.field_path_elements.iter().map(|element| element.custom_default_value.clone());
        let defaults = defaults.map(|default| default.map(|Plain(value)| value)).collect();
        let path = self.path(setter.field_path_elements)?;
        let value = match self.schema.place(&path) {
            Some(place) => self.schema.shaped(place.shape(), setter.value_to_set.0),
            None => setter.value_to_set.0,
        };
        Ok(Setting { path, value, defaults })
    }

    /// What is stored where these paths begin.
    pub(super) async fn stored(&self, key: &Map, paths: &[DocumentPath]) -> Result<Option<Map>, Failure> {
        let mut attributes = projection(&paths.iter().map(|path| path.prefix(1)).collect::<Vec<_>>());
        attributes.push(self.key_path());
        let request = GetRequest { table: self.table(), key: key.clone(), projection: attributes, consistent: true };
        match self.gateway.run(Admitted::by_the_service(Operation::Get(request))).await {
            Answer::Item(item) => Ok(item),
            Answer::Failed(failure) => Err(failure),
            _ => Err(other_kind()),
        }
    }

    /// The update that stores the values and, where parents are not there, the outermost of these with them in it.
    fn initialising(
        &self,
        stored: &Map,
        settings: &[Setting],
    ) -> Result<(Vec<UpdateAction>, Option<Condition>), Failure> {
        let mut values: Vec<(DocumentPath, Value)> = Vec::new();
        let mut guards = Vec::new();
        for setting in settings {
            let length = setting.path.segments().len();
            let absent = (1..length).find(|at| is_absent(stored, &setting.path.prefix(*at)));
            let Some(at) = absent else {
                values.push((setting.path.clone(), setting.value.clone()));
                continue;
            };
            let ancestor = setting.path.prefix(at);
            let place = match values.iter().position(|(path, _)| *path == ancestor) {
                Some(known) => known,
                None => {
                    guards.push(match find(stored, &ancestor) {
                        Some(_) => Condition::HasType(ancestor.clone(), StoredType::Null),
                        None => Condition::NotExists(ancestor.clone()),
                    });
                    values.push((ancestor, setting.default_at(at - 1)));
                    values.len() - 1
                }
            };
            setting.put_into(&mut values[place].1, at)?;
        }
        for (path, value) in &values {
            self.check_created(path, value)?;
        }
        let actions = values.into_iter().map(|(path, value)| UpdateAction::new(path, Action::Set(value))).collect();
        Ok((actions, Condition::all(guards)))
    }

    /// A struct that comes into being has to be whole.
    fn check_created(&self, path: &DocumentPath, value: &Value) -> Result<(), Failure> {
        let Some(place) = self.schema.place(path) else { return Ok(()) };
        self.schema.check_value(place.shape(), value).map_err(|mismatch: Mismatch| {
            invalid(format!("`{path}` is not there, and cannot come into being so: {}", mismatch.at(path)))
        })
    }
}

impl Setting {
    /// What comes into being with parents that are not there, beside the value: as much as if it were set.
    fn brought(&self) -> impl Iterator<Item = UpdateAction> {
        let parents =
            (1..self.path.segments().len()).map(|length| (self.path.prefix(length), self.default_at(length - 1)));
        let filled = parents.filter(|(_, default)| default.as_map().is_some_and(|map| !map.is_empty()));
        filled.map(|(path, default)| UpdateAction::new(path, Action::Set(default)))
    }

    fn default_at(&self, at: usize) -> Value {
        match self.defaults.get(at) {
            Some(Some(value @ Value::Map(_))) => value.clone(),
            _ => Value::from(Map::new()),
        }
    }

    /// Puts the value into an ancestor of so many segments.
    fn put_into(&self, ancestor: &mut Value, at: usize) -> Result<(), Failure> {
        let segments = self.path.segments();
        let mut place = ancestor;
        for (at, segment) in segments.iter().enumerate().skip(at) {
            let (Value::Map(map), Segment::Name(name)) = (place, segment) else {
                return Err(invalid(format!("`{}` leads through a list that is not there", self.path)));
            };
            if at + 1 == segments.len() {
                map.insert(name.clone(), self.value.clone());
                return Ok(());
            }
            if !map.contains(name) {
                map.insert(name.clone(), self.default_at(at));
            }
            match map.get_mut(name) {
                Some(below) => place = below,
                None => return Ok(()),
            }
        }
        Ok(())
    }
}

fn is_stale(class: FailureClass) -> bool {
    matches!(class, FailureClass::InvalidPath | FailureClass::ConditionFailed)
}

/// What is stored at a path.
pub(super) fn find<'i>(item: &'i Map, path: &DocumentPath) -> Option<&'i Value> {
    let (Segment::Name(name), below) = path.segments().split_first()? else { return None };
    item.get(name)?.descend(below)
}

fn is_absent(item: &Map, path: &DocumentPath) -> bool {
    matches!(find(item, path), None | Some(Value::Null))
}
