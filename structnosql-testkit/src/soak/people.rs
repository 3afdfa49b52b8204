//! Histories of a record that other programs have written: under earlier names of its fields, without its defaults, and
//! with values that do not fit. It is read in each way, changed and committed.

mod check;
mod draw;
mod fit;
mod person;

use fastrand::Rng;
use structnosql_core::{Billing, Change, Error, FieldExt, Segment, StructModel};

use super::Tally;
use super::bench::{Checked, finished};
use super::history::{Failed, History};
use super::patience::finish;
use crate::model::{Action, Entries, Path, Record, Tree, entries_of, map_of};
use crate::{Counted, Reference};
use fit::{adopted, complete, fitting, name_of};
use person::{ID, Person, Table, Wanted, Way, field, number, old_names};

/// A history of one record.
#[derive(Clone)]
pub(super) struct People {
    steps: Vec<Step>,
}

#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// Another program stores the record, and this one hears of it.
    Store(Entries),
    Pend(Vec<(Path, Action)>),
    Savepoint,
    Read(Wanted, Way),
    Put(Entries),
    Commit,
    Refresh,
    Rollback,
}

impl People {
    pub(super) fn draw(mut rng: Rng) -> People {
        let places = draw::places(&mut rng);
        let steps = (0..rng.usize(5..60)).map(|_| Step::draw(&mut rng, &places)).collect();
        People { steps }
    }
}

/// The table under test, and the model of its record.
struct House {
    table: Table,
    /// As it is stored, under whichever names.
    stored: Entries,
    /// The same under the fields' own names, and what is pending.
    record: Record,
    now: u64,
    mark: u64,
}

fn key() -> Entries {
    Entries::from([("id".to_owned(), Tree::Text(ID.to_owned()))])
}

impl House {
    async fn open() -> Result<House, Error> {
        let table = Table::attach(Counted::new(Reference::new()));
        table.create_table(Billing::OnDemand).await?;
        table.backend().inner().put_item(table.name(), map_of(&key()))?;
        let mut house = House { table, stored: key(), record: Record::new(key()), now: 1, mark: 0 };
        house.record.db = Some(key());
        Ok(house)
    }

    async fn step(&mut self, step: &Step) -> Checked {
        let said = |error: Error| error.to_string();
        self.now += 1;
        match step {
            Step::Store(item) => {
                let item = item.clone().into_iter().chain(key()).collect::<Entries>();
                let reference = self.table.backend().inner();
                reference.put_item(self.table.name(), map_of(&item)).map_err(|failure| failure.to_string())?;
                self.table.rollback();
                self.table.refresh();
                self.record = Record { db: Some(adopted(&item)), ..Record::new(key()) };
                self.stored = item;
            }
            Step::Pend(changes) => self.pend(changes).await?,
            Step::Savepoint => {
                let _ = self.table.savepoint();
                self.mark = self.now;
            }
            Step::Read(wanted, way) => self.read(*wanted, *way).await?,
            Step::Put(item) => {
                let item = item.clone().into_iter().chain(key()).collect::<Entries>();
                let person = Person::decode_fields(&map_of(&item)).map_err(|mismatch| mismatch.to_string())?;
                self.table.put_record(&person).await.map_err(said)?;
                let Some(Tree::Map(stored)) = fitting(&Tree::Map(item), &person::RECORD) else { return Ok(()) };
                self.record = Record { db: Some(stored.clone()), ..Record::new(key()) };
                self.stored = stored;
            }
            Step::Commit => self.commit().await?,
            Step::Refresh => self.table.refresh(),
            Step::Rollback => {
                self.table.rollback();
                self.record.rollback();
            }
        }
        self.check_stored()
    }

    async fn pend(&mut self, changes: &[(Path, Action)]) -> Checked {
        if !self.accepts(changes) {
            return Ok(());
        }
        let typed = changes.iter().map(|(path, action)| change(path, action)).collect::<Vec<_>>();
        self.table.update_multiple_fields(ID, typed).await.map_err(|error| format!("it was refused: {error}"))?;
        self.record.pend(changes, None, self.now, self.mark).map_err(|_| "the model refuses it")?;
        match self.table.has_pending_operations() == self.record.is_dirty() {
            true => Ok(()),
            false => Err(format!("something is pending: {}", self.record.is_dirty())),
        }
    }

    /// Whether nothing is in the way of the changes that does not fit.
    fn accepts(&self, changes: &[(Path, Action)]) -> bool {
        let leads = |tree: &Tree, path: &Path| {
            (0..path.len()).all(|length| match tree.get(&path[..length]) {
                None | Some(Tree::Null) => !path[length..].iter().any(|segment| name_of(segment).is_none()),
                Some(Tree::Map(_)) => name_of(&path[length]).is_some(),
                Some(Tree::List(items)) => {
                    matches!(path[length], Segment::Index(at) if (at as usize) < items.len())
                }
                Some(_) => false,
            })
        };
        let fits = |record: Option<Entries>, path: &Path, action: &Action| {
            let record = Tree::Map(record.unwrap_or_else(key));
            leads(&record, path) && action.over(record.get(path)).is_ok()
        };
        let mut record = self.record.clone();
        changes.iter().all(|(path, action)| {
            let before = fits(record.db.clone(), path, action) && fits(record.view(), path, action);
            before && record.pend(&[(path.clone(), action.clone())], None, self.now, self.mark).is_ok()
        })
    }

    async fn commit(&mut self) -> Checked {
        let committed = self.table.commit_operations().await;
        committed.map_err(|error| format!("a commit failed: {error}"))?;
        let pending = self.record.whole();
        let written: Vec<String> = pending.nodes().map(|(name, _)| name.to_owned()).collect();
        let mut left = pending.over_record(self.record.db.as_ref(), &self.record.key).unwrap_or_else(key);
        complete(&pending, self.record.db.as_ref(), &mut left, &person::shapes());
        self.record = Record { db: Some(left), ..Record::new(key()) };
        self.stored = self.look()?;
        // What finds nothing to do moves nothing.
        let moved = |name: &String| self.record.db.as_ref().is_some_and(|left| left.contains_key(name));
        let stays = |name: &&String| old_names(name).iter().any(|old| self.stored.contains_key(*old));
        match written.iter().filter(|name| moved(name)).find(stays) {
            Some(name) => Err(format!("`{name}` was written and is still stored under an earlier name")),
            None => Ok(()),
        }
    }

    fn look(&self) -> Result<Entries, String> {
        let item = self.table.backend().inner().item(self.table.name(), &map_of(&key())).ok_or("nothing is stored")?;
        entries_of(&item).ok_or_else(|| "a value of a type that nobody wrote".to_owned())
    }

    fn check_stored(&self) -> Checked {
        let stored = self.look()?;
        match stored == self.stored && self.record.db.as_ref() == Some(&adopted(&stored)) {
            true => Ok(()),
            false => Err(format!("{stored:?} is stored, expected {:?}", self.record.db)),
        }
    }
}

fn change(path: &Path, action: &Action) -> Change<Person> {
    match action {
        Action::Set(value) => field(path).set(value.to_value()),
        Action::SetIfAbsent(value) => field(path).set_if_absent(value.to_value()),
        Action::Increment(by) => number(path).increment(by.to_number()),
        _ => field(path).remove(),
    }
}

impl History for People {
    type Step = Step;

    fn steps(&mut self) -> &mut Vec<Step> {
        &mut self.steps
    }

    fn run(&self) -> Result<Tally, Failed> {
        let open = finished(finish(House::open())).and_then(|house| house.map_err(|error| error.to_string()));
        let mut house = open.map_err(Failed::at(0))?;
        for (at, step) in self.steps.iter().enumerate() {
            let done = finished(finish(house.step(step))).and_then(|done| done);
            done.map_err(|problem| Failed { at, what: format!("{step:?}: {problem}") })?;
        }
        let requests = house.table.backend().requests() as u64;
        house.table.rollback();
        Ok(Tally { cases: 1, operations: self.steps.len() as u64, requests, ..Tally::default() })
    }

    fn lines(&self) -> Vec<String> {
        self.steps.iter().map(|step| format!("{step:?}")).collect()
    }
}
