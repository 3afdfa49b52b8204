//! What an operation touches: all that access is decided on.

use std::borrow::Cow;

use structnosql_core::{
    BatchWrite, CheckRequest, Condition, DeleteRequest, DocumentPath, Map, PutRequest, QueryRequest, ScanRequest, Text,
    TransactAction, UpdateRequest, Value,
};
use structnosql_external::wire::extension::Operation;

use super::grant::Verb;
use crate::tables::Tables;

/// What an operation touches.
pub(crate) struct Footprint<'o> {
    pub(crate) verb: Verb,
    pub(crate) table: &'o str,
    pub(crate) partition: Partition<'o>,
    pub(crate) index: Option<Asked<'o>>,
    pub(crate) reads: Reach<'o>,
    pub(crate) writes: Reach<'o>,
}

/// The index of an operation.
pub(crate) struct Asked<'o> {
    pub(crate) name: &'o str,
    /// The attributes of its key: whom an index finds, and in which order, tells their values, so using it is reading
    /// them. Of an index that is not there nothing is known.
    pub(crate) keys: Reach<'o>,
}

/// The records of an operation.
pub(crate) enum Partition<'o> {
    /// It is about the table, not about records.
    None,
    /// Those with this partition key value.
    One(Cow<'o, Value>),
    /// Any.
    Any,
}

/// The parts of a record that an operation touches.
pub(crate) enum Reach<'o> {
    Everything,
    Paths(Vec<Cow<'o, DocumentPath>>),
}

/// What is shown of the old item where an operation returns it.
#[derive(Clone, Copy)]
pub(crate) enum Old<'o> {
    /// All of it.
    Whole,
    /// These paths alone: the rest is dropped before it is answered.
    Paths(&'o [DocumentPath]),
}

const NOTHING: Reach<'static> = Reach::Paths(Vec::new());

impl<'o> Footprint<'o> {
    /// What an operation touches, table by table and record by record. Without its schema no record of a table can be
    /// told from another.
    pub(crate) fn all(operation: &'o Operation, tables: &'o Tables, old: Old<'o>) -> Vec<Self> {
        let of = Touched { tables, old };
        let mut footprints = match operation {
            Operation::Get(request) => vec![of.get(&request.table, &request.key, &request.projection)],
            Operation::Put(request) => vec![of.put(request)],
            Operation::Update(request) => vec![of.update(request)],
            Operation::Delete(request) => vec![of.delete(request)],
            Operation::Query(request) => vec![of.query(request)],
            Operation::Scan(request) => vec![of.scan(request)],
            Operation::BatchGet(request) => {
                request.keys.iter().map(|key| of.get(&request.table, key, &request.projection)).collect()
            }
            Operation::BatchWrite(request) => {
                let of_write = |write: &'o BatchWrite| match write {
                    BatchWrite::Put(item) => of.whole(Verb::Put, &request.table, item, NOTHING),
                    BatchWrite::Delete(key) => of.whole(Verb::Delete, &request.table, key, NOTHING),
                };
                request.writes.iter().map(of_write).collect()
            }
            Operation::BatchUpdate(request) => request.updates.iter().map(|update| of.update(update)).collect(),
            Operation::TransactWrite(request) => {
                let of_action = |action: &'o TransactAction| match action {
                    TransactAction::Put(request) => of.put(request),
                    TransactAction::Update(request) => of.update(request),
                    TransactAction::Delete(request) => of.delete(request),
                    TransactAction::Check(request) => of.check(request),
                };
                request.actions.iter().map(of_action).collect()
            }
            Operation::TransactGet(request) => {
                request.gets.iter().map(|get| of.get(&get.table, &get.key, &get.projection)).collect()
            }
            Operation::DescribeTable(named) | Operation::DescribeTimeToLive(named) => {
                vec![of_table(Verb::Describe, &named.table)]
            }
            Operation::CreateTable(definition) => vec![of_table(Verb::CreateTable, &definition.table)],
            Operation::UpdateTable(request) => vec![of_table(Verb::UpdateTable, &request.table)],
            Operation::EnableTimeToLive(named) => vec![of_table(Verb::UpdateTable, &named.table)],
            Operation::DeleteTable(named) => vec![of_table(Verb::DeleteTable, &named.table)],
        };
        for footprint in &mut footprints {
            let table = footprint.table;
            for reach in
                std::iter::once(&mut footprint.reads).chain(footprint.index.as_mut().map(|index| &mut index.keys))
            {
                if let Reach::Paths(paths) = reach {
                    paths.retain(|path| !tables.is_key(table, path));
                }
            }
        }
        footprints
    }
}

/// Finds out what requests touch.
struct Touched<'o> {
    tables: &'o Tables,
    old: Old<'o>,
}

impl<'o> Touched<'o> {
    fn partition(&self, table: &str, attributes: &'o Map) -> Partition<'o> {
        let value = self.tables.partition_key(table).and_then(|key| attributes.get(&key.name));
        value.map_or(Partition::Any, |value| Partition::One(Cow::Borrowed(value)))
    }

    fn get(&self, table: &'o str, key: &'o Map, projection: &'o [DocumentPath]) -> Footprint<'o> {
        let partition = self.partition(table, key);
        Footprint { verb: Verb::Get, table, partition, index: None, reads: projected(projection), writes: NOTHING }
    }

    fn put(&self, request: &'o PutRequest) -> Footprint<'o> {
        let reads = self.returned(request.condition.as_ref(), request.return_old);
        self.whole(Verb::Put, &request.table, &request.item, reads)
    }

    /// Of a write of a whole record.
    fn whole(&self, verb: Verb, table: &'o str, key: &'o Map, reads: Reach<'o>) -> Footprint<'o> {
        let partition = self.partition(table, key);
        Footprint { verb, table, partition, index: None, reads, writes: Reach::Everything }
    }

    fn update(&self, request: &'o UpdateRequest) -> Footprint<'o> {
        let paths = request.actions.iter().map(|action| Cow::Borrowed(&action.path));
        Footprint {
            verb: Verb::Update,
            table: &request.table,
            partition: self.partition(&request.table, &request.key),
            index: None,
            reads: self.returned(request.condition.as_ref(), request.return_old),
            writes: Reach::Paths(paths.collect()),
        }
    }

    fn delete(&self, request: &'o DeleteRequest) -> Footprint<'o> {
        let reads = self.returned(request.condition.as_ref(), request.return_old);
        self.whole(Verb::Delete, &request.table, &request.key, reads)
    }

    /// A check in a transaction tells as much as a condition of an update does.
    fn check(&self, request: &'o CheckRequest) -> Footprint<'o> {
        Footprint {
            verb: Verb::Get,
            table: &request.table,
            partition: self.partition(&request.table, &request.key),
            index: None,
            reads: conditions(Some(&request.condition)),
            writes: NOTHING,
        }
    }

    fn query(&self, request: &'o QueryRequest) -> Footprint<'o> {
        let (name, value) = &request.partition;
        let partition = match self.tables.partition_key(&request.table) {
            Some(key) if *name == key.name => Partition::One(Cow::Owned(value.to_value())),
            _ => Partition::Any,
        };
        let named = std::iter::once(name).chain(request.sort.as_ref().map(|(name, _)| name));
        let reads = match request.count_only {
            true => NOTHING,
            false => projected(&request.projection),
        };
        let index = request.index.as_ref().map(|name| self.asked(&request.table, name));
        let reads = reads.and(named.map(of_name)).and(read_by(request.filter.as_ref()));
        Footprint { verb: Verb::Query, table: &request.table, partition, index, reads, writes: NOTHING }
    }

    fn scan(&self, request: &'o ScanRequest) -> Footprint<'o> {
        let reads = match request.count_only {
            true => NOTHING,
            false => projected(&request.projection),
        };
        let index = request.index.as_ref().map(|name| self.asked(&request.table, name));
        let reads = reads.and(read_by(request.filter.as_ref()));
        Footprint { verb: Verb::Scan, table: &request.table, partition: Partition::Any, index, reads, writes: NOTHING }
    }

    fn asked(&self, table: &str, name: &'o Text) -> Asked<'o> {
        let keys: Vec<_> = self.tables.index_key(table, name).map(|key| of_name(&key.name)).collect();
        Asked { name, keys: if keys.is_empty() { Reach::Everything } else { Reach::Paths(keys) } }
    }

    fn returned(&self, condition: Option<&'o Condition>, return_old: bool) -> Reach<'o> {
        match (return_old, self.old) {
            (true, Old::Whole) => Reach::Everything,
            (true, Old::Paths(paths)) => conditions(condition).and(paths.iter().map(Cow::Borrowed)),
            (false, _) => conditions(condition),
        }
    }
}

fn of_table(verb: Verb, table: &str) -> Footprint<'_> {
    Footprint { verb, table, partition: Partition::None, index: None, reads: NOTHING, writes: NOTHING }
}

fn of_name<'o>(name: &Text) -> Cow<'o, DocumentPath> {
    Cow::Owned(DocumentPath::from(name.as_str()))
}

fn projected(paths: &[DocumentPath]) -> Reach<'_> {
    match paths.is_empty() {
        true => Reach::Everything,
        false => Reach::Paths(paths.iter().map(Cow::Borrowed).collect()),
    }
}

fn conditions(condition: Option<&Condition>) -> Reach<'_> {
    Reach::Paths(read_by(condition).collect())
}

fn read_by(condition: Option<&Condition>) -> impl Iterator<Item = Cow<'_, DocumentPath>> {
    condition.into_iter().flat_map(Condition::paths).map(Cow::Borrowed)
}

impl<'o> Reach<'o> {
    fn and(self, more: impl Iterator<Item = Cow<'o, DocumentPath>>) -> Self {
        match self {
            Reach::Everything => Reach::Everything,
            Reach::Paths(paths) => Reach::Paths(paths.into_iter().chain(more).collect()),
        }
    }
}
