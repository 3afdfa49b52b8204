//! Many records at a time, through the cache.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::UnitOfWork;
use super::gate::Gate;
use super::reads::{View, read_known};
use super::state::State;
use super::turn::{Apart, Replacing};
use crate::backend::{Backend, BatchGetRequest, BatchWriteRequest};
use crate::base::{Base, Lookup};
use crate::batch::{
    Answered, BatchReport, ChunkRead, RecordWrite, Stop, Wanted, in_chunks, in_order, read_chunk, wanted, write_chunk,
};
use crate::error::{Error, ErrorKind};
use crate::failure::{Failure, FailureClass};
use crate::key::{IntoKey, Key, RecordKey};
use crate::link::Link;
use crate::model::TableDataModel;
use crate::path::DocumentPath;
use crate::selection::{Reading, Selection};
use crate::table::CachingTable;
use crate::value::Map;

impl UnitOfWork {
    /// Reads whole records in the order of the keys, and fetches those that are not known.
    pub(super) async fn fetch_many<R: Reading, S: Selection, B: Backend>(
        &self,
        link: &Link<B>,
        keys: Vec<Key>,
        selection: &S,
        consistent: bool,
    ) -> Result<Vec<S::Output<R>>, Error> {
        let count = keys.len();
        let mut answered = Vec::new();
        let mut unknown = Vec::new();
        for (key, places) in wanted(keys) {
            match self.known_at::<R, S>(RecordKey { schema: link.schema, key: &key }, &places, selection) {
                Some(read) => answered.push((key, read)),
                None => unknown.push((key, places)),
            }
        }
        let begin = |chunk, stop| self.fetch_chunk::<R, S, B>(link, chunk, selection, consistent, stop);
        let fetched = in_chunks(unknown, BatchGetRequest::MAX_KEYS, begin).await;
        in_order(count, answered.into_iter().chain(fetched.into_iter().flatten()))
    }

    /// Reads what is known, once for each place.
    fn known_at<R: Reading, S: Selection>(
        &self,
        key: RecordKey<'_>,
        places: &[usize],
        selection: &S,
    ) -> Option<Answered<S::Output<R>>> {
        let read = |place: &usize| Some((*place, self.known::<R, S>(key, selection)?));
        let read: Vec<_> = places.iter().map(read).collect::<Option<_>>()?;
        Some(read.into_iter().map(|(place, read)| Ok((place, read?))).collect::<Result<_, Error>>().map_err(Arc::new))
    }

    /// Fetches records that were not known a moment ago.
    async fn fetch_chunk<R: Reading, S: Selection, B: Backend>(
        &self,
        link: &Link<B>,
        chunk: Vec<Wanted>,
        selection: &S,
        consistent: bool,
        stop: Stop,
    ) -> Vec<(Key, Answered<S::Output<R>>)> {
        let gates = self.enter_all(chunk.iter().map(|(key, _)| key)).await;
        let mut answered = Vec::with_capacity(chunk.len());
        let mut asked = Vec::with_capacity(chunk.len());
        for (key, places) in &chunk {
            // Whoever was in before may have brought it.
            match self.known_at::<R, S>(RecordKey { schema: link.schema, key }, places, selection) {
                Some(read) => answered.push((key.clone(), read)),
                None => asked.push((key, places, self.shared.lock().record_mut(key).generation)),
            }
        }
        let keys: Vec<Key> = asked.iter().map(|(key, ..)| (*key).clone()).collect();
        let ChunkRead { answers, requests } = read_chunk(link, &keys, consistent, &stop).await;
        {
            let statistics = &mut self.shared.lock().statistics;
            statistics.misses += asked.iter().map(|(_, places, _)| places.len() as u64).sum::<u64>();
            statistics.read_requests += requests;
        }
        for ((key, places, generation), answer) in asked.into_iter().zip(answers) {
            let read = answer.map_err(Error::from).and_then(|item| {
                let of = RecordKey { schema: link.schema, key };
                self.learn_whole::<R, S>(of, item, consistent, generation, places, selection)
            });
            answered.push((key.clone(), read.map_err(Arc::new)));
        }
        drop(gates);
        answered
    }

    /// Takes a whole record in, unless the cache was cleared since it was asked for, and reads it once for each place.
    fn learn_whole<R: Reading, S: Selection>(
        &self,
        key: RecordKey<'_>,
        item: Option<Map>,
        consistent: bool,
        generation: u64,
        places: &[usize],
        selection: &S,
    ) -> Result<Vec<(usize, S::Output<R>)>, Error> {
        let mut state = self.shared.lock();
        state.take_in(key, item.as_ref(), consistent, generation);
        let record = state.record_mut(key.key);
        let mut alone = Base::Unknown;
        alone.learn_item(&[], item.as_ref());
        let fresh = [DocumentPath::root()];
        let read = |base| read_known::<R, S>(selection, &View { base, fresh: &fresh, ..View::of(record, key) });
        let lacking = || Failure::new(FailureClass::BadAnswer, "the answer does not hold what was asked for");
        let read = || read(&record.base).or_else(|| read(&alone)).unwrap_or_else(|| Err(lacking().into()));
        places.iter().map(|place| Ok((*place, read()?))).collect()
    }

    /// Brings in whole the records that are not known so.
    pub(super) async fn prefetch<B: Backend>(&self, link: &Link<B>, keys: BTreeSet<Key>) -> Result<(), Error> {
        let unknown: Vec<Key> = keys.into_iter().filter(|key| !self.knows_whole(key)).collect();
        let begin = |chunk, stop| self.prefetch_chunk(link, chunk, stop);
        let outcomes = in_chunks(unknown, BatchGetRequest::MAX_KEYS, begin).await;
        Ok(BatchReport::of(outcomes.into_iter().flatten()).map_err(ErrorKind::Batch)?)
    }

    fn knows_whole(&self, key: &Key) -> bool {
        let mut state = self.shared.lock();
        state.record_to_read(key).is_some_and(|record| record.base.lookup(&[]) != Lookup::Unknown)
    }

    async fn prefetch_chunk<B: Backend>(
        &self,
        link: &Link<B>,
        mut chunk: Vec<Key>,
        stop: Stop,
    ) -> Vec<(Key, Result<(), Arc<Error>>)> {
        let all = chunk.clone();
        let gates = self.enter_all(all.iter()).await;
        // Whoever was in before may have brought it.
        chunk.retain(|key| !self.knows_whole(key));
        let generations: Vec<u64> = {
            let mut state = self.shared.lock();
            chunk.iter().map(|key| state.record_mut(key).generation).collect()
        };
        let ChunkRead { answers, requests } = read_chunk(link, &chunk, true, &stop).await;
        let mut outcomes = Vec::with_capacity(chunk.len());
        {
            let mut state = self.shared.lock();
            state.statistics.read_requests += requests;
            for ((key, answer), generation) in chunk.into_iter().zip(answers).zip(generations) {
                let outcome = answer.map(|item| {
                    state.take_in(RecordKey { schema: link.schema, key: &key }, item.as_ref(), true, generation)
                });
                outcomes.push((key, outcome.map_err(|failure| Arc::new(failure.into()))));
            }
        }
        drop(gates);
        outcomes
    }

    /// Whoever holds several gates takes them in the order of their keys, as these come.
    pub(super) async fn enter_all<'u>(&'u self, keys: impl Iterator<Item = &'u Key>) -> Vec<Gate<'u>> {
        let mut gates = Vec::new();
        for key in keys {
            gates.push(self.enter(key).await);
        }
        gates
    }

    /// Writes and deletes whole records, in the order of their keys; what was pended for them before is dropped.
    pub(super) async fn replace_many<B: Backend>(&self, link: &Link<B>, writes: Vec<RecordWrite>) -> Result<(), Error> {
        let apart: Vec<(&RecordWrite, Apart<'_>)> =
            writes.iter().map(|write| (write, self.set_apart(&write.0))).collect();
        let begin = |chunk, stop| self.replace_chunk(link, chunk, stop);
        let outcomes = in_chunks(apart, BatchWriteRequest::MAX_WRITES, begin).await;
        Ok(BatchReport::of(outcomes.into_iter().flatten()).map_err(ErrorKind::Batch)?)
    }

    async fn replace_chunk<B: Backend>(
        &self,
        link: &Link<B>,
        chunk: Vec<(&RecordWrite, Apart<'_>)>,
        stop: Stop,
    ) -> Vec<(Key, Result<(), Arc<Error>>)> {
        let mut outcomes = Vec::with_capacity(chunk.len());
        let (mut begun, mut writes): (Vec<Replacing<'_>>, Vec<RecordWrite>) = (Vec::new(), Vec::new());
        for (write, apart) in chunk {
            match apart.begin().await {
                Ok(replacing) => {
                    begun.push(replacing);
                    writes.push(write.clone());
                }
                Err(error) => outcomes.push((write.0.clone(), Err(Arc::new(error)))),
            }
        }
        if writes.is_empty() {
            return outcomes;
        }
        begun.iter_mut().for_each(Replacing::sending);
        let sent = write_chunk(link, &writes, &stop).await;
        for ((replacing, (key, item)), sent) in begun.into_iter().zip(writes).zip(sent) {
            let sent = sent.map_err(Error::from);
            outcomes.push((key, replacing.finish(link.schema, item.as_ref(), sent).map_err(Arc::new)));
        }
        outcomes
    }
}

impl State {
    /// Takes a whole record in, unless the cache was cleared since it was asked for.
    fn take_in(&mut self, key: RecordKey<'_>, item: Option<&Map>, consistent: bool, generation: u64) {
        if self.record_mut(key.key).generation == generation {
            self.raise(key.key);
            self.record_mut(key.key).learn(key.schema, &[], item, consistent);
        }
    }
}

impl<M: TableDataModel, B: Backend> CachingTable<M, B> {
    /// Reads any number of records into the cache that are not known whole: what is read of them afterwards takes no
    /// request. A record that is not there is known to be absent then.
    ///
    /// It sends `BatchGetItem` requests of up to 100 keys, several at the same time, and asks again for what the
    /// database leaves unprocessed, after growing pauses. What is pending lies over what comes, and where
    /// [`max_cached_records`](Self::max_cached_records) is less than there are keys, the first are forgotten again.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Error> {
    /// # let (users, f) = (users().await?, User::fields);
    /// users.prefetch(["x42", "nobody"]).await?; // one request
    /// assert_eq!(users.get_field("x42", f().visits()).await?, Some(7));
    /// assert_eq!(users.get_record("nobody").await?, None);
    /// assert_eq!(users.backend().requests(), 1);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// A key that is not one of the table's, before any request. [`Batch`](ErrorKind::Batch) with the keys that could not
    /// be read; the other records are known all the same.
    pub async fn prefetch<I>(&self, keys: I) -> Result<(), Error>
    where
        I: IntoIterator<Item: IntoKey<M::Key>>,
    {
        let schema = self.link().schema;
        let keys = keys.into_iter().map(|key| Ok(schema.key(key)?.into_owned())).collect::<Result<_, Error>>()?;
        self.mode().prefetch(self.link(), keys).await
    }
}
