//! Steps that commit, clear, and query.

use structnosql_core::{Outcome, RecordReport, Segment, TableDataModel};

use super::bench::{Bench, Checked, finished, id, is_missing_parent, tree};
use super::document::{Document, FIELDS, field};
use super::patience::finish;
use super::step::{Clear, RECORDS};
use crate::model::{Commit, Kind, Path, Record, Tree};

impl Bench {
    /// Commits; nothing where the step makes no sense here.
    pub(crate) fn commit(&mut self, kind: Option<Kind>, only: Option<usize>) -> Result<bool, String> {
        if kind.is_some() && !self.records.iter().all(kinds_are_apart) {
            return Ok(false);
        }
        let planned = self.planned();
        let before = self.counted().requests();
        let table = &self.table;
        let committed = match (kind, only) {
            (None, None) => finished(finish(table.commit_operations()))?,
            (None, Some(record)) => finished(finish(table.commit_record(&id(record))))?,
            (Some(Kind::Update), _) => finished(finish(table.commit_update_operations()))?,
            (Some(Kind::Remove), _) => finished(finish(table.commit_remove_operations()))?,
        };
        let report = match &committed {
            Ok(report) => report,
            Err(error) => error.commit_report().ok_or_else(|| format!("a commit failed: {error}"))?,
        };
        let sent = self.counted().requests() - before;
        if report.requests() as usize != sent {
            return Err(format!("a commit reports {} requests and sent {sent}", report.requests()));
        }
        for record in 0..RECORDS {
            let of_record = report.records.iter().find(|one| one.key.to_string() == id(record));
            if only.is_some_and(|only| only != record) {
                if of_record.is_some() {
                    return Err(format!("a commit of another record reports {}", id(record)));
                }
                continue;
            }
            let planned = if kind.is_none() { planned[record] } else { None };
            self.check_commit(record, kind, of_record, planned)
                .map_err(|error| format!("{}: {error} ({of_record:?})", id(record)))?;
        }
        Ok(true)
    }

    /// How many requests the plan has for each record; nothing for one that is not in it.
    fn planned(&self) -> [Option<usize>; RECORDS] {
        let plan = self.table.plan_commit();
        std::array::from_fn(|record| {
            plan.records.iter().find(|planned| planned.key.to_string() == id(record)).map(|planned| planned.requests())
        })
    }

    fn check_commit(
        &mut self,
        record: usize,
        kind: Option<Kind>,
        report: Option<&RecordReport>,
        planned: Option<usize>,
    ) -> Checked {
        let stored = self.stored(record)?;
        let known = self.known[record];
        let model = &mut self.records[record];
        let (expected, after) = (model.expected(kind, FIELDS), model.committed(kind));
        let guesses = model.stale && model.whole.has_list();
        let Some(report) = report else {
            return if expected == Commit::Nothing { Ok(()) } else { Err("it is not in the report".to_owned()) };
        };
        match &report.outcome {
            Outcome::Committed => {
                // A table that takes an older state for granted may find that nothing is left to do.
                let idle = model.stale && stored == model.db;
                if expected != Commit::Applied && expected != Commit::Nothing && !guesses && !idle {
                    return Err(format!("committed, expected {expected:?}"));
                }
                if !model.stale {
                    check_requests(report, planned, model, known, after != model.db)?;
                }
                let least = model.committed_sets(kind).map(Tree::Map);
                let (stored_tree, after_tree) = (stored.clone().map(Tree::Map), after.clone().map(Tree::Map));
                // Operations of several layers leave maps that one fold of them does not bring into being.
                let compared =
                    |tree: Option<&Tree>| if model.layered { Tree::without_empty(tree) } else { tree.cloned() };
                let [shown, all, least] = [&stored_tree, &after_tree, &least].map(|tree| compared(tree.as_ref()));
                let fits = match (guesses, model.stale) {
                    (true, _) => true,
                    (false, true) => Tree::is_between(shown.as_ref(), all.as_ref(), least.as_ref()),
                    (false, false) => shown == all,
                };
                if !fits {
                    let text = |tree: Option<Tree>| tree.map_or("nothing".to_owned(), |tree| tree.to_string());
                    return Err(format!("the database holds {}, expected {}", text(stored_tree), text(after_tree)));
                }
                model.commit(kind, stored);
                Ok(())
            }
            Outcome::Rejected(error) => {
                let missing_or_absent = is_missing_parent(error) || error.is_condition_failed();
                let allowed = match expected {
                    Commit::Nothing => false,
                    Commit::Applied => false,
                    Commit::NoRecord => error.is_condition_failed(),
                    Commit::Missing => is_missing_parent(error) || (model.must_exist && missing_or_absent),
                };
                if !allowed && !model.stale {
                    return Err(format!("rejected, expected {expected:?}"));
                }
                if stored != model.db {
                    return Err("a rejected commit changed the database".to_owned());
                }
                model.layered |= kind.is_some() || model.visible != model.whole;
                Ok(())
            }
            _ => Err("neither committed nor rejected".to_owned()),
        }
    }

    /// Clears; nothing where the step makes no sense here.
    pub(crate) fn clear(&mut self, clear: Clear) -> Result<bool, String> {
        if let Clear::PendingOf(_) = clear
            && !self.records.iter().all(|record| kinds_are_apart(record) && !record.has_mixed_list())
        {
            return Ok(false);
        }
        if let Clear::Pending(only) = clear {
            self.know_lists(only)?;
        } else if let Clear::PendingOf(_) = clear {
            self.know_lists(None)?;
        }
        let table = &self.table;
        match clear {
            Clear::CachedData(None) => table.clear_cached_data(),
            Clear::CachedData(Some(record)) => table.clear_cached_data_for_record(id(record)),
            Clear::Pending(None) => table.clear_pending_operations(),
            Clear::Pending(Some(record)) => table.clear_pending_operations_for_record(id(record)),
            Clear::PendingOf(Kind::Update) => table.clear_pending_update_operations(),
            Clear::PendingOf(Kind::Remove) => table.clear_pending_remove_operations(),
            Clear::CachedDataAndPending => table.clear_cached_data_and_pending_operations(),
            Clear::Rollback(None) => table.rollback(),
            Clear::Rollback(Some(record)) => table.rollback_record(id(record)),
            Clear::Refresh(None) => table.refresh(),
            Clear::Refresh(Some(record)) => table.refresh_record(id(record)),
        }
        let (Clear::CachedData(only) | Clear::Pending(only) | Clear::Rollback(only) | Clear::Refresh(only)) = clear
        else {
            (0..RECORDS).for_each(|record| self.cleared(record, clear));
            return Ok(true);
        };
        (0..RECORDS)
            .filter(|record| only.is_none_or(|only| only == *record))
            .for_each(|record| self.cleared(record, clear));
        Ok(true)
    }

    fn cleared(&mut self, record: usize, clear: Clear) {
        let model = &mut self.records[record];
        let assumed = !model.assumed.is_empty();
        match clear {
            Clear::CachedData(_) => model.clear_cached_data(),
            Clear::Pending(_) => model.clear_pending(),
            Clear::PendingOf(kind) => model.clear_pending_kind(kind),
            Clear::CachedDataAndPending => {
                model.rollback();
                model.clear_cached_data();
            }
            Clear::Rollback(_) => model.rollback(),
            Clear::Refresh(_) => model.refresh(),
        }
        match clear {
            Clear::CachedData(_) | Clear::CachedDataAndPending | Clear::Refresh(_) => self.known[record] = false,
            _ => self.known[record] &= !assumed && self.records[record].assumed.is_empty(),
        }
    }

    /// Reads the lists with pending changes: what they show can be left in sight only where they are known.
    fn know_lists(&mut self, only: Option<usize>) -> Checked {
        for record in (0..RECORDS).filter(|record| only.is_none_or(|only| only == *record)) {
            let mut lists: Vec<Path> = Vec::new();
            self.records[record].visible.visit(&[], &mut |path, node| {
                if node.is_list() {
                    lists.push(path.to_vec());
                }
            });
            if !lists.is_empty() {
                self.look(record, &lists)?;
            }
        }
        Ok(())
    }

    pub(crate) fn query(&mut self, category: &str, paths: &[Path]) -> Checked {
        let fields: Vec<_> = paths.iter().map(field).collect();
        let index = Document::indexes().category(category);
        let page = match finished(finish(self.table.query_field(index, fields)))? {
            Ok(page) => page,
            Err(error) if self.records.iter().any(|record| record.stale) && error.is_stored_value() => return Ok(()),
            Err(error) => return Err(format!("a query failed: {error}")),
        };
        let asked = Some(Tree::Text(category.to_owned()));
        let matching = |record: &Record| record.db.as_ref().and_then(|db| db.get("category")) == asked.as_ref();
        let expected: Vec<usize> = (0..RECORDS).filter(|record| matching(&self.records[*record])).collect();
        let found: Vec<String> = page.records.iter().map(|(key, _)| key.to_string()).collect();
        if found != expected.iter().map(|record| id(*record)).collect::<Vec<_>>() {
            return Err(format!("a query of {category} found {found:?}, expected {expected:?}"));
        }
        for (record, (key, row)) in expected.iter().zip(&page.records) {
            for (path, value) in paths.iter().zip(row) {
                let value = value.as_ref().map(tree).transpose()?;
                self.check(*record, path, value.as_ref()).map_err(|error| format!("a row of a query: {error}"))?;
            }
            let model = &self.records[*record];
            let differs = model.look(&[Segment::from("category")]) != asked;
            if !model.stale && model.assumed.is_empty() && differs != page.pending_mismatch.contains(key) {
                return Err(format!("{key} has {differs} as mismatch; the page says otherwise"));
            }
        }
        Ok(())
    }
}

fn check_requests(
    report: &RecordReport,
    planned: Option<usize>,
    model: &Record,
    known: bool,
    must_write: bool,
) -> Checked {
    let (requests, replans) = (report.requests as usize, report.replans as usize);
    if replans > 1 || (known && model.assumed.is_empty() && replans > 0) {
        return Err(format!("planned {replans} times again without another writer"));
    }
    if requests > 1 + 2 * replans || (must_write && requests == 0) {
        return Err(format!("{requests} requests"));
    }
    if let Some(planned) = planned
        && !(planned + replans..=planned + 2 * replans).contains(&requests)
    {
        return Err(format!("{planned} requests planned, {requests} sent"));
    }
    Ok(())
}

/// Whether the operations of one kind can be told from the others: the engine takes the changes that several layers
/// of operations make of one list as a whole, and conditions go with layers.
fn kinds_are_apart(record: &Record) -> bool {
    let layered = record.layered || record.visible != record.whole;
    !(layered && (record.must_exist || record.whole.has_list()))
}
