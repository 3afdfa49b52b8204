//! Many records in few requests: in chunks as large as DynamoDB takes, and again what it left, after a pause.

mod report;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::stream::{self, StreamExt};

use crate::backend::{Backend, BatchGetRequest, BatchWrite, BatchWriteRequest};
use crate::error::{Error, ErrorKind};
use crate::failure::{Failure, FailureClass};
use crate::key::{Key, RecordKey};
use crate::link::Link;
use crate::schema::TableSchema;
use crate::value::Map;

pub use report::BatchReport;

/// How many chunks are under way at the same time.
const CONCURRENT_CHUNKS: usize = 8;
/// After so many answers in a row that left everything undone, what is left is given up.
const FRUITLESS_ANSWERS: u32 = 8;
/// The longest that the first of the pauses between them can be.
const FIRST_PAUSE: Duration = Duration::from_millis(50);

/// What a record is to be; nothing where it is to be deleted.
pub(crate) type RecordWrite = (Key, Option<Map>);

/// A record that is asked for, and its places among the keys.
pub(crate) type Wanted = (Key, Vec<usize>);

/// What was read of a record at each of its places, or why it was not.
pub(crate) type Answered<T> = Result<Vec<(usize, T)>, Arc<Error>>;

/// What a chunk of reads brought: of each key the item, if there is one, or why it could not be asked.
pub(crate) struct ChunkRead {
    pub(crate) answers: Vec<Result<Option<Map>, Failure>>,
    pub(crate) requests: u64,
}

/// Each key once, in their order, with its places.
pub(crate) fn wanted(keys: Vec<Key>) -> Vec<Wanted> {
    let mut wanted: BTreeMap<Key, Vec<usize>> = BTreeMap::new();
    for (place, key) in keys.into_iter().enumerate() {
        wanted.entry(key).or_default().push(place);
    }
    wanted.into_iter().collect()
}

/// What was read, by its place, where all of it was.
pub(crate) fn in_order<T>(places: usize, answered: impl Iterator<Item = (Key, Answered<T>)>) -> Result<Vec<T>, Error> {
    let mut ordered: Vec<Option<T>> = (0..places).map(|_| None).collect();
    let outcomes = answered.map(|(key, answered)| {
        let outcome = answered.map(|read| read.into_iter().for_each(|(place, output)| ordered[place] = Some(output)));
        (key, outcome)
    });
    BatchReport::of(outcomes).map_err(ErrorKind::Batch)?;
    Ok(ordered.into_iter().flatten().collect())
}

/// Has chunks of `size` worked on, several at the same time. Behind a chunk that `fails` in a way that lasts, none is
/// begun: it would fail alike.
pub(crate) async fn in_chunks<T, O, F>(work: Vec<T>, size: usize, begin: impl Fn(Vec<T>, Stop) -> F) -> Vec<O>
where
    F: Future<Output = O>,
{
    let stop = Stop::default();
    let mut work = work.into_iter();
    let chunks = std::iter::from_fn(|| {
        let chunk: Vec<T> = work.by_ref().take(size).collect();
        (!chunk.is_empty()).then_some(chunk)
    });
    stream::iter(chunks).map(|chunk| begin(chunk, stop.clone())).buffer_unordered(CONCURRENT_CHUNKS).collect().await
}

/// Whether later chunks are not to be begun.
#[derive(Clone, Default)]
pub(crate) struct Stop(Arc<AtomicBool>);

impl Stop {
    fn check(&self) -> Result<(), Failure> {
        match self.0.load(Ordering::Relaxed) {
            false => Ok(()),
            true => Err(Failure::new(FailureClass::NotSent, "an earlier request of the batch failed")),
        }
    }

    fn note(&self, failure: &Failure) {
        if !failure.class().is_transient() {
            self.0.store(true, Ordering::Relaxed);
        }
    }
}

/// Reads a chunk of different records whole.
pub(crate) async fn read_chunk<B: Backend>(link: &Link<B>, keys: &[Key], consistent: bool, stop: &Stop) -> ChunkRead {
    let mut answers: Vec<Result<Option<Map>, Failure>> = vec![Ok(None); keys.len()];
    let attributes: Vec<Map> = keys.iter().map(|key| RecordKey { schema: link.schema, key }.attributes()).collect();
    let mut left = Left::of(link.schema, keys);
    let mut requests = 0;
    let failed = loop {
        if left.positions.is_empty() {
            break None;
        }
        if let Err(failure) = stop.check() {
            break Some(failure);
        }
        let keys = left.positions.iter().map(|at| attributes[*at].clone()).collect();
        let request = BatchGetRequest { table: link.table.clone(), keys, projection: Vec::new(), consistent };
        requests += 1;
        let response = match link.backend.batch_get(request).await {
            Ok(response) => response,
            Err(failure) => break Some(failure),
        };
        let mut strange = false;
        for mut item in response.items {
            link.schema.record.adopt(&mut item);
            link.schema.record.lend_names(&mut item);
            match left.position(&item) {
                Some(at) => answers[at] = Ok(Some(item)),
                None => strange = true,
            }
        }
        if strange {
            break Some(Failure::new(FailureClass::BadAnswer, "an item of a key that was not asked for"));
        }
        match left.go_on(response.unprocessed.iter()) {
            Ok(()) => left.pause().await,
            Err(failure) => break Some(failure),
        }
    };
    if let Some(failure) = failed {
        stop.note(&failure);
        left.positions.into_iter().for_each(|at| answers[at] = Err(failure.clone()));
    }
    ChunkRead { answers, requests }
}

/// Writes and deletes a chunk of different records; what became of each.
pub(crate) async fn write_chunk<B: Backend>(
    link: &Link<B>,
    writes: &[RecordWrite],
    stop: &Stop,
) -> Vec<Result<(), Failure>> {
    let keys: Vec<Key> = writes.iter().map(|(key, _)| key.clone()).collect();
    let mut outcomes = vec![Ok(()); writes.len()];
    let mut left = Left::of(link.schema, &keys);
    let failed = loop {
        if left.positions.is_empty() {
            return outcomes;
        }
        if let Err(failure) = stop.check() {
            break failure;
        }
        let write = |at: &usize| match &writes[*at] {
            (_, Some(item)) => BatchWrite::Put(item.clone()),
            (key, None) => BatchWrite::Delete(RecordKey { schema: link.schema, key }.attributes()),
        };
        let request =
            BatchWriteRequest { table: link.table.clone(), writes: left.positions.iter().map(write).collect() };
        let unprocessed = match link.backend.batch_write(request).await {
            Ok(unprocessed) => unprocessed,
            Err(failure) => break failure,
        };
        let items = unprocessed.iter().map(|write| match write {
            BatchWrite::Put(item) | BatchWrite::Delete(item) => item,
        });
        match left.go_on(items) {
            Ok(()) => left.pause().await,
            Err(failure) => break failure,
        }
    };
    stop.note(&failed);
    left.positions.into_iter().for_each(|at| outcomes[at] = Err(failed.clone()));
    outcomes
}

/// What of a chunk is still to be done.
struct Left<'k> {
    schema: &'static TableSchema,
    by_key: HashMap<&'k Key, usize>,
    positions: Vec<usize>,
    fruitless: u32,
}

impl<'k> Left<'k> {
    fn of(schema: &'static TableSchema, keys: &'k [Key]) -> Self {
        let by_key = keys.iter().enumerate().map(|(at, key)| (key, at)).collect();
        Left { schema, by_key, positions: (0..keys.len()).collect(), fruitless: 0 }
    }

    fn position(&self, item: &Map) -> Option<usize> {
        self.by_key.get(&Key::of_item(self.schema, item).ok()?).copied()
    }

    /// Notes what an answer left undone, and gives up where answer after answer did nothing.
    fn go_on<'i>(&mut self, unprocessed: impl Iterator<Item = &'i Map>) -> Result<(), Failure> {
        let unprocessed: Option<Vec<usize>> = unprocessed.map(|item| self.position(item)).collect();
        let Some(unprocessed) = unprocessed else {
            return Err(Failure::new(FailureClass::BadAnswer, "it leaves a record undone that it was not asked for"));
        };
        self.fruitless = if unprocessed.len() < self.positions.len() { 0 } else { self.fruitless + 1 };
        self.positions = unprocessed;
        if self.fruitless == FRUITLESS_ANSWERS {
            let message = format!("the database left them undone {FRUITLESS_ANSWERS} times in a row");
            return Err(Failure::new(FailureClass::Throttled, message));
        }
        Ok(())
    }

    /// Exponential backoff with full jitter, as AWS asks for where something is left unprocessed.
    async fn pause(&self) {
        if !self.positions.is_empty() {
            let longest = FIRST_PAUSE * (1 << self.fruitless);
            tokio::time::sleep(longest.mul_f64(fastrand::f64())).await;
        }
    }
}
