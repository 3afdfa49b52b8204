//! The conformance cases find what is wrong with a backend.

#![allow(clippy::unwrap_used, reason = "a failed step fails the test")]

use structnosql_core::{
    Action, Backend, BatchGetRequest, BatchGetResponse, BatchUpdateRequest, BatchWrite, BatchWriteRequest,
    Capabilities, DeleteRequest, Failure, FailureClass, GetRequest, Map, PageResponse, PutRequest, QueryRequest,
    ScanRequest, TableDefinition, TableDescription, TransactGetRequest, TransactWriteRequest, UpdateRequest,
};
use structnosql_embedded::Embedded;
use structnosql_testkit::conformance::{Verdict, backend};

/// One thing that a backend does wrong.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Bug {
    ForgetsConditionsOfPuts,
    ForgetsConditionsOfUpdates,
    ForgetsConditionsOfDeletes,
    LosesTheFailedItem,
    ReadsWholeItems,
    ForgetsRemoves,
    ReturnsNothingOld,
    ReplacesSilently,
    ForgetsTheOrder,
    StopsAfterOnePage,
    ForgetsTheSortCondition,
    TakesIndexesForTheTable,
    CallsEveryRefusalInvalid,
    ForgetsFilters,
    CountsWithItems,
    ForgetsSegments,
    ForgetsTokens,
    LosesReasons,
    LosesAKeyOfABatch,
    AnswersOneStatementForAll,
}

struct Broken<B> {
    inner: B,
    bug: Bug,
}

impl<B> Broken<B> {
    fn has(&self, bug: Bug) -> bool {
        self.bug == bug
    }

    fn changed(&self, failure: Failure) -> Failure {
        match self.bug {
            Bug::LosesTheFailedItem => Failure::new(failure.class(), failure.message()),
            Bug::CallsEveryRefusalInvalid => Failure::new(FailureClass::Invalid, failure.message()),
            _ => failure,
        }
    }
}

impl<B: Backend> Backend for Broken<B> {
    fn capabilities(&self) -> Capabilities {
        Capabilities { time_to_live: false, ..self.inner.capabilities() }
    }

    async fn get(&self, mut request: GetRequest) -> Result<Option<Map>, Failure> {
        if self.has(Bug::ReadsWholeItems) {
            request.projection.clear();
        }
        self.inner.get(request).await.map_err(|failure| self.changed(failure))
    }

    async fn put(&self, mut request: PutRequest) -> Result<Option<Map>, Failure> {
        match self.bug {
            Bug::ForgetsConditionsOfPuts => request.condition = None,
            Bug::ReplacesSilently => request.return_old = false,
            _ => {}
        }
        self.inner.put(request).await.map_err(|failure| self.changed(failure))
    }

    async fn update(&self, mut request: UpdateRequest) -> Result<Option<Map>, Failure> {
        match self.bug {
            Bug::ForgetsConditionsOfUpdates => request.condition = None,
            Bug::ForgetsRemoves => request.actions.retain(|action| action.action != Action::Remove),
            Bug::ReturnsNothingOld => request.return_old = false,
            _ => {}
        }
        self.inner.update(request).await.map_err(|failure| self.changed(failure))
    }

    async fn delete(&self, mut request: DeleteRequest) -> Result<Option<Map>, Failure> {
        match self.bug {
            Bug::ForgetsConditionsOfDeletes => request.condition = None,
            Bug::ReturnsNothingOld => request.return_old = false,
            _ => {}
        }
        self.inner.delete(request).await.map_err(|failure| self.changed(failure))
    }

    async fn query(&self, mut request: QueryRequest) -> Result<PageResponse, Failure> {
        match self.bug {
            Bug::ForgetsTheOrder => request.descending = false,
            Bug::ForgetsTheSortCondition => request.sort = None,
            Bug::TakesIndexesForTheTable => request.index = request.index.filter(|index| index != "byName"),
            Bug::ReadsWholeItems => request.projection.clear(),
            Bug::ForgetsFilters => request.filter = None,
            Bug::CountsWithItems => request.count_only = false,
            _ => {}
        }
        let page = self.inner.query(request).await.map_err(|failure| self.changed(failure))?;
        let next = page.next.filter(|_| !self.has(Bug::StopsAfterOnePage));
        Ok(PageResponse { next, ..page })
    }

    async fn scan(&self, mut request: ScanRequest) -> Result<PageResponse, Failure> {
        if self.has(Bug::ForgetsSegments) {
            request.segment = None;
        }
        self.inner.scan(request).await.map_err(|failure| self.changed(failure))
    }

    async fn batch_get(&self, mut request: BatchGetRequest) -> Result<BatchGetResponse, Failure> {
        if self.has(Bug::LosesAKeyOfABatch) && request.keys.len() == BatchGetRequest::MAX_KEYS {
            request.keys.pop();
        }
        self.inner.batch_get(request).await.map_err(|failure| self.changed(failure))
    }

    async fn batch_write(&self, request: BatchWriteRequest) -> Result<Vec<BatchWrite>, Failure> {
        self.inner.batch_write(request).await.map_err(|failure| self.changed(failure))
    }

    async fn batch_update(&self, request: BatchUpdateRequest) -> Result<Vec<Result<(), Failure>>, Failure> {
        let answers = self.inner.batch_update(request).await.map_err(|failure| self.changed(failure))?;
        match answers.iter().position(Result::is_err) {
            Some(failed) if self.has(Bug::AnswersOneStatementForAll) => {
                Ok(vec![answers[failed].clone(); answers.len()])
            }
            _ => Ok(answers),
        }
    }

    async fn transact_write(&self, mut request: TransactWriteRequest) -> Result<(), Failure> {
        if self.has(Bug::ForgetsTokens) {
            request.token = None;
        }
        self.inner.transact_write(request).await.map_err(|failure| match self.bug {
            Bug::LosesReasons => Failure::new(failure.class(), failure.message()),
            _ => self.changed(failure),
        })
    }

    async fn transact_get(&self, request: TransactGetRequest) -> Result<Vec<Option<Map>>, Failure> {
        self.inner.transact_get(request).await.map_err(|failure| self.changed(failure))
    }

    async fn describe_table(&self, table: &str) -> Result<Option<TableDescription>, Failure> {
        self.inner.describe_table(table).await
    }

    async fn create_table(&self, definition: TableDefinition) -> Result<(), Failure> {
        self.inner.create_table(definition).await.map_err(|failure| self.changed(failure))
    }
}

#[tokio::test]
async fn every_bug_is_found_by_the_case_for_it() {
    for (bug, case) in [
        (Bug::ForgetsConditionsOfPuts, "conditions::a_put_may_depend_on_absence"),
        (Bug::ForgetsConditionsOfUpdates, "updates::a_guarded_remove_creates_nothing"),
        (Bug::ForgetsConditionsOfDeletes, "conditions::a_delete_may_depend_on_presence"),
        (Bug::LosesTheFailedItem, "conditions::a_failed_delete_brings_the_stored_item"),
        (Bug::ReadsWholeItems, "items::a_projection_brings_its_paths_alone"),
        (Bug::ForgetsRemoves, "updates::setting_and_removing_go_together"),
        (Bug::ReturnsNothingOld, "items::a_deleted_item_is_gone_and_comes_back_where_asked_for"),
        (Bug::ReplacesSilently, "items::a_put_gives_back_what_it_replaces_where_asked_for"),
        (Bug::ForgetsTheOrder, "queries::descending_turns_the_order"),
        (Bug::StopsAfterOnePage, "queries::pages_cover_everything_once"),
        (Bug::ForgetsTheSortCondition, "queries::sort_conditions_select"),
        (Bug::TakesIndexesForTheTable, "indexes::a_local_index_is_read_consistently"),
        (Bug::CallsEveryRefusalInvalid, "tables::an_unknown_table_is_not_found"),
        (Bug::ForgetsFilters, "queries::a_filter_leaves_items_out"),
        (Bug::CountsWithItems, "queries::counting_brings_no_items"),
        (Bug::ForgetsSegments, "scans::segments_share_the_items"),
        (Bug::ForgetsTokens, "transactions::a_token_makes_repeating_harmless"),
        (Bug::LosesReasons, "transactions::one_failed_condition_undoes_all"),
        (Bug::LosesAKeyOfABatch, "batches::a_hundred_keys_are_one_read"),
        (Bug::AnswersOneStatementForAll, "statements::each_is_answered_for_itself"),
    ] {
        let broken = Broken { inner: Embedded::in_memory().unwrap().dynamo(), bug };
        let report = backend::run(&broken, &[]).await;
        let found = report.verdicts().any(|(name, verdict)| name == case && matches!(verdict, Verdict::Failed(_)));
        assert!(found, "{bug:?}:\n{report}");
    }
}
