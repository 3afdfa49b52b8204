//! How each request is noted.

use std::sync::Arc;

use structnosql_core::expression::Expressions;
use structnosql_core::{
    BatchGetRequest, BatchUpdateRequest, BatchWrite, BatchWriteRequest, Condition, DeleteRequest, DocumentPath,
    GetRequest, Map, PutRequest, QueryRequest, ScanRequest, TransactAction, TransactGetRequest, TransactWriteRequest,
    UpdateRequest,
};

use super::{Sent, SentKind};

impl Sent {
    pub(crate) fn get(request: &GetRequest) -> Self {
        Sent::read(SentKind::Get, &request.table, &request.key, &request.projection)
    }

    fn read(kind: SentKind, table: &Arc<str>, key: &Map, projection: &[DocumentPath]) -> Self {
        let mut text = Clauses::default();
        text.add("SELECT ", |expressions| expressions.projection(projection));
        text.sent(kind, table, Some(key.clone()))
    }

    pub(crate) fn put(request: &PutRequest) -> Self {
        let mut text = Clauses::default();
        text.add_condition(request.condition.as_ref());
        text.sent(SentKind::Put, &request.table, None)
    }

    pub(crate) fn update(request: &UpdateRequest) -> Self {
        let mut text = Clauses::default();
        text.add("", |expressions| expressions.update(&request.actions));
        text.add_condition(request.condition.as_ref());
        text.sent(SentKind::Update, &request.table, Some(request.key.clone()))
    }

    pub(crate) fn delete(request: &DeleteRequest) -> Self {
        let mut text = Clauses::default();
        text.add_condition(request.condition.as_ref());
        text.sent(SentKind::Delete, &request.table, Some(request.key.clone()))
    }

    pub(crate) fn query(request: &QueryRequest) -> Self {
        let mut text = Clauses::default();
        text.add_selection(request.count_only, &request.projection);
        text.add("FROM ", |_| request.index.clone().unwrap_or_default().into());
        text.add("WHERE ", |expressions| expressions.key_condition(request.partition.clone(), request.sort.clone()));
        text.add_filter(request.filter.as_ref());
        let (name, value) = &request.partition;
        let key = [(name.clone(), value.to_value())].into_iter().collect();
        text.sent(SentKind::Query, &request.table, Some(key))
    }

    pub(crate) fn scan(request: &ScanRequest) -> Self {
        let mut text = Clauses::default();
        text.add_selection(request.count_only, &request.projection);
        text.add("FROM ", |_| request.index.clone().unwrap_or_default().into());
        text.add_filter(request.filter.as_ref());
        if let Some((segment, total)) = request.segment {
            text.add("SEGMENT ", |_| format!("{segment} OF {total}"));
        }
        text.sent(SentKind::Scan, &request.table, None)
    }

    pub(crate) fn batch_get(request: &BatchGetRequest) -> Self {
        let part = |key| Sent::read(SentKind::Get, &request.table, key, &request.projection);
        Sent::several(SentKind::BatchGet, request.keys.iter().map(part))
    }

    pub(crate) fn batch_write(request: &BatchWriteRequest) -> Self {
        let part = |write: &BatchWrite| match write {
            BatchWrite::Put(_) => Clauses::default().sent(SentKind::Put, &request.table, None),
            BatchWrite::Delete(key) => Clauses::default().sent(SentKind::Delete, &request.table, Some(key.clone())),
        };
        Sent::several(SentKind::BatchWrite, request.writes.iter().map(part))
    }

    pub(crate) fn batch_update(request: &BatchUpdateRequest) -> Self {
        Sent::several(SentKind::BatchUpdate, request.updates.iter().map(Sent::update))
    }

    pub(crate) fn transact_write(request: &TransactWriteRequest) -> Self {
        let part = |action: &TransactAction| match action {
            TransactAction::Put(put) => Sent::put(put),
            TransactAction::Update(update) => Sent::update(update),
            TransactAction::Delete(delete) => Sent::delete(delete),
            TransactAction::Check(check) => {
                let mut text = Clauses::default();
                text.add_condition(Some(&check.condition));
                text.sent(SentKind::Check, &check.table, Some(check.key.clone()))
            }
        };
        let token = request.token.clone();
        Sent { token, ..Sent::several(SentKind::TransactWrite, request.actions.iter().map(part)) }
    }

    pub(crate) fn transact_get(request: &TransactGetRequest) -> Self {
        let gets = request.gets.iter().map(|get| Sent::read(SentKind::Get, &get.table, &get.key, &get.projection));
        Sent::several(SentKind::TransactGet, gets)
    }

    /// A request about a table as a whole.
    pub(crate) fn table(kind: SentKind, table: &str) -> Self {
        Clauses::default().sent(kind, &Arc::from(table), None)
    }

    fn several(kind: SentKind, parts: impl Iterator<Item = Sent>) -> Self {
        let parts: Vec<Sent> = parts.collect();
        let table = parts.first().map(|first| first.table.clone()).unwrap_or_default();
        Sent { kind, table, key: None, expression: String::new(), parts, token: None }
    }
}

/// The expressions of one request, one after another.
#[derive(Default)]
struct Clauses {
    expressions: Expressions,
    text: String,
}

impl Clauses {
    fn add(&mut self, keyword: &str, render: impl FnOnce(&mut Expressions) -> String) {
        let clause = render(&mut self.expressions);
        if !clause.is_empty() {
            let gap = if self.text.is_empty() { "" } else { " " };
            self.text.extend([gap, keyword, &clause]);
        }
    }

    fn add_condition(&mut self, condition: Option<&Condition>) {
        if let Some(condition) = condition {
            self.add("IF ", |expressions| expressions.condition(condition));
        }
    }

    fn add_filter(&mut self, filter: Option<&Condition>) {
        if let Some(filter) = filter {
            self.add("FILTER ", |expressions| expressions.condition(filter));
        }
    }

    fn add_selection(&mut self, count_only: bool, projection: &[DocumentPath]) {
        match count_only {
            true => self.add("SELECT ", |_| "COUNT".to_owned()),
            false => self.add("SELECT ", |expressions| expressions.projection(projection)),
        }
    }

    fn sent(self, kind: SentKind, table: &Arc<str>, key: Option<Map>) -> Sent {
        let expression = self.expressions.with_names(&self.text);
        Sent { kind, table: table.clone(), key, expression, parts: Vec::new(), token: None }
    }
}
