//! Many records at a time, through the cache.

use std::sync::Arc;

use super::UnitOfWork;
use super::reads::{View, read_known};
use super::writes::Replacing;
use crate::backend::{Backend, BatchGetRequest, BatchWriteRequest};
use crate::base::Base;
use crate::batch::{
    Answered, BatchReport, ChunkRead, RecordWrite, Stop, Wanted, in_chunks, in_order, read_chunk, wanted, write_chunk,
};
use crate::error::{Error, ErrorKind};
use crate::failure::{Failure, FailureClass};
use crate::key::{Key, RecordKey};
use crate::link::Link;
use crate::path::DocumentPath;
use crate::report::Savepoint;
use crate::selection::{Reading, Selection};
use crate::value::{Map, Value};

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
        // Whoever holds several gates takes them in the order of their keys, which is that of the chunk.
        let mut gates = Vec::with_capacity(chunk.len());
        for (key, _) in &chunk {
            gates.push(self.enter(key).await);
        }
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
        self.shared.lock().statistics.misses += requests;
        for ((key, places, generation), answer) in asked.into_iter().zip(answers) {
            let read = answer.and_then(|item| {
                let of = RecordKey { schema: link.schema, key };
                self.learn_whole::<R, S>(of, item, consistent, generation, places, selection).map_err(Arc::new)
            });
            answered.push((key.clone(), read));
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
        if state.record_mut(key.key).generation == generation {
            state.raise(key.key);
            let record = state.record_mut(key.key);
            if consistent {
                record.know(Base::Unknown);
                record.base.learn_item(&[], item.as_ref());
            } else {
                record.base.fill_item(&[], item.as_ref());
            }
        }
        let record = state.record_mut(key.key);
        let mut alone = Base::Unknown;
        alone.learn_item(&[], item.as_ref());
        let fresh = [DocumentPath::root()];
        let read = |base| read_known::<R, S>(selection, &View { base, fresh: &fresh, ..View::of(record, key) });
        let lacking = || Failure::new(FailureClass::BadAnswer, "the answer does not hold what was asked for");
        let read = || read(&record.base).or_else(|| read(&alone)).unwrap_or_else(|| Err(lacking().into()));
        places.iter().map(|place| Ok((*place, read()?))).collect()
    }

    /// Writes and deletes whole records, in the order of their keys; what was pended for them before is dropped.
    pub(super) async fn replace_many<B: Backend>(&self, link: &Link<B>, writes: Vec<RecordWrite>) -> Result<(), Error> {
        let apart: Vec<(RecordWrite, Savepoint)> = writes
            .into_iter()
            .map(|write| (self.set_apart(&write.0), write))
            .map(|(later, write)| (write, later))
            .collect();
        let begin = |chunk, stop| self.replace_chunk(link, chunk, stop);
        let outcomes = in_chunks(apart, BatchWriteRequest::MAX_WRITES, begin).await;
        Ok(BatchReport::of(outcomes.into_iter().flatten()).map_err(ErrorKind::Batch)?)
    }

    async fn replace_chunk<B: Backend>(
        &self,
        link: &Link<B>,
        chunk: Vec<(RecordWrite, Savepoint)>,
        stop: Stop,
    ) -> Vec<(Key, Result<(), Arc<Error>>)> {
        let mut outcomes = Vec::with_capacity(chunk.len());
        let (mut begun, mut writes): (Vec<Replacing<'_>>, Vec<RecordWrite>) = (Vec::new(), Vec::new());
        for (write, later) in &chunk {
            match self.begin_replacing(&write.0, *later).await {
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
            let shown = item.map_or(Base::Absent, |item| Base::Known(Value::Map(item)));
            outcomes.push((key, replacing.finish(shown, sent).map_err(Arc::new)));
        }
        outcomes
    }
}
