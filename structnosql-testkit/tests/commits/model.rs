//! A table whose requests are counted and may go wrong.

use std::collections::{BTreeSet, HashMap};

use structnosql_core::{Backend, CachingTable, Call, Commit, CommitReport, Error, Map, Value};
use structnosql_derive::TableDataModel;
use structnosql_testkit::{Counted, Faulty, Reference};

#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "users", crate = "structnosql_core")]
pub(crate) struct User {
    #[field(partition_key)]
    pub(crate) id: String,
    pub(crate) name: Option<String>,
    pub(crate) visits: Option<u64>,
    pub(crate) tags: Option<BTreeSet<String>>,
    pub(crate) notes: Option<Vec<String>>,
    pub(crate) scores: Option<HashMap<String, i64>>,
}

pub(crate) type Engine = Faulty<Counted<Reference>>;
pub(crate) type Users = CachingTable<User, Engine>;

/// How a commit is told to be made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Mode {
    Plain,
    ExactlyOnce,
    Atomic,
    Batched,
    BatchedOnce,
    OneAtATime,
}

pub(crate) const MODES: [Mode; 6] =
    [Mode::Plain, Mode::ExactlyOnce, Mode::Atomic, Mode::Batched, Mode::BatchedOnce, Mode::OneAtATime];

impl Mode {
    pub(crate) fn with<B: Backend>(self, commit: Call<Commit<'_, B>>) -> Call<Commit<'_, B>> {
        match self {
            Mode::Plain => commit,
            Mode::ExactlyOnce => commit.exactly_once(),
            Mode::Atomic => commit.atomic(),
            Mode::Batched => commit.batched(),
            Mode::BatchedOnce => commit.batched().exactly_once(),
            Mode::OneAtATime => commit.exactly_once().concurrency(1),
        }
    }

    pub(crate) async fn commit(self, users: &Users) -> Result<CommitReport, Error> {
        self.with(users.commit_operations()).await
    }

    /// Whether it applies an increment once whatever happens.
    pub(crate) fn counts_once(self) -> bool {
        !matches!(self, Mode::Plain | Mode::Batched)
    }
}

pub(crate) fn user(id: &str) -> User {
    let (name, notes) = (Some("Paul".to_owned()), Some(vec!["first".to_owned()]));
    User { id: id.to_owned(), name, visits: Some(7), tags: None, notes, scores: None }
}

pub(crate) fn ids(count: usize) -> Vec<String> {
    (0..count).map(|at| format!("u{at:03}")).collect()
}

/// A table over these stored users, which it knows.
pub(crate) async fn stored(ids: &[String]) -> Users {
    let users = Users::open(Faulty::new(Counted::new(Reference::new()))).await.unwrap();
    for id in ids {
        users.put_record(&user(id)).await.unwrap();
    }
    users.backend().inner().reset();
    users
}

/// The same table, seen by a unit of work that knows nothing.
pub(crate) fn unknown(users: &Users) -> Users {
    users.session()
}

/// What was sent since the last look, one request a line.
pub(crate) fn sent(users: &Users) -> Vec<String> {
    let log = users.backend().inner().log();
    users.backend().inner().reset();
    log.iter().map(ToString::to_string).collect()
}

/// The stored item.
pub(crate) fn item(users: &Users, id: &str) -> Option<Map> {
    let key: Map = [("id", Value::from(id))].into_iter().collect();
    users.backend().inner().inner().item("users", &key)
}

/// The stored value of an attribute.
pub(crate) fn value(users: &Users, id: &str, attribute: &str) -> Option<Value> {
    item(users, id)?.get(attribute).cloned()
}
