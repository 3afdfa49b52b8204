//! Bugs to plant, one at a time: a soak that finds nothing proves nothing unless it finds these.
//!
//! Each is a replacement of text in the sources. The program `soak --planted` applies it to a copy, builds that and
//! runs it.

/// A bug to plant.
#[derive(Clone, Copy, Debug)]
pub struct Planted {
    /// What goes wrong with it.
    pub name: &'static str,
    /// The file, from the workspace's root.
    pub file: &'static str,
    /// The text in it, which occurs once.
    pub old: &'static str,
    /// What takes its place.
    pub new: &'static str,
}

macro_rules! planted {
    ($($name:literal in $file:literal: $old:literal => $new:literal;)*) => {
        /// The bugs to plant.
        pub const PLANTED: &[Planted] = &[$(Planted {
            name: $name,
            file: concat!("structnosql-core/src/", $file, ".rs"),
            old: $old,
            new: $new,
        }),*];
    };
}

planted! {
    "a commit that is given up leaves what was sent pending" in "unit/commit/flight":
        "record.sealed.as_ref().is_some_and(|sealed| sealed.request.is_some())" => "false";
    "a removal in doubt is taken for applied" in "unit/commit/doubt":
        "action.over(stored).is_ok_and(|left| left.as_ref() == stored)"
        => "action.over(stored).is_ok_and(|left| left.is_none() || left.as_ref() == stored)";
    "what a commit could not apply is younger than what came meanwhile" in "record/sealed":
        "self.layers.splice(0..0, layers);" => "self.layers.extend(layers);";
    "what a commit could not apply is lost" in "record/sealed":
        "self.layers.splice(0..0, layers);" => "drop(layers);";
    "a clear during a commit is undone by its failure" in "record/sealed":
        "            if dropped {" => "            if dropped && self.layers.is_empty() && false {";
    "a commit goes into a cache that was cleared meanwhile" in "record/sealed":
        "            if unfenced {" => "            if unfenced || !actions.is_empty() {";
    "the second request of a commit is lost" in "record/sealed":
        "let goes_on = !sealed.later.is_empty();" => "let goes_on = sealed.later.len() > 1;";
    "a savepoint keeps the operation after it" in "record/clear":
        "self.layers.retain(|layer| layer.first < savepoint.0);"
        => "self.layers.retain(|layer| layer.first <= savepoint.0);";
    "an operation is folded into hidden ones" in "record/layer":
        "!self.hidden && savepoint.is_none_or" => "savepoint.is_none_or";
    "a condition is forgotten" in "record/pend":
        "top.conditions.push(Conditional { condition: condition.clone(), operations });"
        => "top.conditions.truncate(condition.paths().len().min(1)); drop(operations);";
    "half of a refused write stays pending" in "record/pend":
        "top.fold.restore(saved);" => "drop(saved);";
    "a condition may read what is pending" in "record/view":
        "pending.next().cloned()" => "pending.next().cloned().filter(|_| self.layers.is_empty())";
    "clearing the cache hides all but the newest operations" in "record/clear":
        "sealed.chain(&mut self.layers).for_each(|layer| layer.hidden = true);"
        => "sealed.chain(self.layers.iter_mut().rev().skip(1)).for_each(|layer| layer.hidden = true);";
    "what was pended before a put comes back" in "unit/turn":
        "record.drop_before(*later);" => "let _ = later;";
    "a write at once under a changed cache keeps what was known" in "unit/turn":
        "if fenced { Known::default() } else" => "if fenced && record.generation == 0 { Known::default() } else";
    "a put that a clear has overtaken fills the cache" in "unit/turn":
        "if !fenced {" => "if !fenced || self.generation > 0 {";
    "a read that a clear has overtaken fills the cache" in "unit/reads":
        "if state.record_mut(key).generation == generation {"
        => "if state.record_mut(key).generation >= generation {";
    "a parent is served from cached children" in "base":
        "        if !self.whole {" => "        if !self.whole && self.children.is_empty() {";
    "removals from a list shift one another" in "base":
        "removals.sort_unstable_by(|a, b| b.path.cmp(&a.path));"
        => "removals.sort_unstable_by(|a, b| a.path.cmp(&b.path));";
    "removals are noted before what they would shift" in "base":
        "in others.into_iter().chain(removals)" => "in removals.into_iter().chain(others)";
    "removing a field brings a record into being" in "plan":
        "self.guards.push((0, schema.record_exists()));" => "";
    "a position right behind a removed item is one too small" in "fold/list":
        "if *removed <= stored {" => "if *removed < stored {";
    "positions are not moved by what a commit took out" in "fold/parts":
        "*removed < at).count()" => "*removed + 1 < at).count()";
    "items added at the front come in the wrong order" in "fold/list":
        "drop(self.prepended.splice(0..0, items.into_iter().map(item)))"
        => "self.prepended.extend(items.into_iter().map(item))";
    "a member that is taken out again is added" in "action":
        "(left(add, &less)?, left(remove, &more)?)" => "(add, left(remove, &more)?)";
    "the first of two increments is lost" in "action":
        "Ok(Action::Increment { from, by: sum(&by, &more)? })" => "Ok(Action::Increment { from, by: more })";
    "an increment in doubt is sent again" in "backend/item":
        "!once && !in_list" => "(!once || matches!(self.action, Action::Increment { .. })) && !in_list";
    "only the first request of a write at once is remembered" in "at_once":
        "if self.learns || !self.later.is_empty() {" => "if self.return_old || !self.later.is_empty() {";
    "a record with pending operations is evicted" in "record":
        "!self.is_dirty() && self.dirty_at.is_none() && self.gate.is_none()" => "self.gate.is_none()";
    "the record that was used last is evicted" in "unit/state":
        "entry.record.last_used > latest ||" => "entry.record.last_used < latest ||";
    "a whole record that a clear has overtaken fills the cache" in "unit/batch":
        "if self.record_mut(key.key).generation == generation {"
        => "if self.record_mut(key.key).generation >= generation {";
    "what a prefetch brings goes to other records" in "unit/batch":
        "in chunk.into_iter().zip(answers).zip(generations)" => "in chunk.into_iter().rev().zip(answers).zip(generations)";
    "two tasks talk to the database about one record" in "unit/gate":
        "Some(entered.gate.clone().lock_owned().await);" => "entered.gate.clone().try_lock_owned().ok();";
    "a rollback keeps what cleared operations left" in "base":
        "                node.forget_assumed();\n" => "";
    "a record is created over another" in "table/record":
        "condition: missing, creates, ..Put::of(item)" => "creates, ..Put::of(item)";
    "changes past the limits of an expression are lost" in "plan/parts":
        "later.push((now.split_at(action), vec![split]));" => "drop((now.split_at(action), split));";
    "a change in a list goes to the item that is stored there" in "record/pend":
        "Err(Refusal::Unknown(above)) => self.fold_value_in(&above, path, action, operation, key),"
        => "Err(Refusal::Unknown(_)) => self.fold_value_in(&path.prefix(1), path, action, operation, key),";
    "a later read moves the version that a record was read at" in "lock":
        "Some(lock) => lock.torn |= lock.at.as_ref() != version," => "Some(lock) => lock.at = version.cloned(),";
    "an own write leaves the version that was read" in "lock":
        "lock.at = Some(Value::Number(raised(read.as_ref())));" => "let _ = raised(read.as_ref());";
    "an unchecked write leaves the version that was read" in "lock":
        "(Raise::Unchecked, lock) => *lock = None," => "(Raise::Unchecked, _) => {}";
    "a record is deleted without a look at its version" in "whole":
        "self.link.schema.version.is_some() && !self.delete.unchecked" => "false";
    "a row that a pending change takes out of the filter still fits" in "unit/rows":
        "self.rows.filter.as_ref().is_none_or(|filter| still_meets(view, filter))" => "true";
    "a range of sort keys ends before its upper bound" in "index":
        "(low..=high).contains(&&stored)" => "(low..high).contains(&&stored)";
    "a cursor goes on in the other direction" in "rows":
        "Which::OfKey { descending: true, .. } => Way::Descending" => "Which::OfKey { descending: true, .. } => Way::Ascending";
    "a transaction is sent again with another token" in "transaction":
        "match backend.transact_write(request).await {"
        => "match backend.transact_write(TransactWriteRequest { token: IdempotencyToken::random().ok(), ..request }).await {";
    "a transaction writes what is pending" in "unit/transact":
        "pending_change(&write.changes)" => "pending_change(&write.changes[..0])";
    "an empty place is kept for a record that was forgotten" in "unit/state":
        "let vacant = record.is_vacant();" => "let vacant = false;";
    "a miss counts twice" in "unit/reads":
        "self.shared.lock().statistics.misses += 1;" => "self.shared.lock().statistics.misses += 2;";
    "what a table took for granted is in a transaction's way" in "transaction":
        "Meaning::Stale if !exhausted => {" => "Meaning::Stale if !exhausted && false => {";
    "a request that never left is told as refused" in "unit/commit/flight":
        "failure.class() == FailureClass::NotSent => Outcome::NotSent(error)"
        => "failure.class() == FailureClass::NotSent => Outcome::Rejected(error)";
    "a second filter takes the first one's place" in "table/rows":
        "earlier.into_iter().chain([" => "earlier.into_iter().take(0).chain([";
    "a page that a clear has overtaken fills the cache" in "unit/rows":
        "Some(record) => record.generation > generation," => "Some(record) => record.generation > generation + 1,";
    "a clear is none for records of which nothing is known" in "unit/clear":
        "        state.generation += 1;\n" => "";
    "a page that was asked for before a commit is newer than it" in "unit/commit/flight":
        "        state.raise(self.key.key);\n        state.tidy(self.key.key);\n        outcome"
        => "        state.tidy(self.key.key);\n        outcome";
    "a reader that has waited asks again" in "unit/reads":
        "if let Some(read) = self.known::<R, S>(of, selection) {"
        => "if let Some(read) = self.known::<R, S>(of, selection).filter(|_| false) {";
    "the other requests of a commit in doubt are lost where the first was applied" in "unit/commit/doubt":
        "            if !applied || record.settle(&key) {\n"
        => "            if !applied || (record.settle(&key) && record.sealed.take().is_none()) {\n";
    "what a first request has applied is pending again with the rest" in "record/sealed":
        "            sealed.unsplit = None;\n" => "";
    "a transaction that is throttled when it is sent again counts as refused" in "unit/commit/told":
        "FailureClass::ConditionFailed | FailureClass::InvalidPath)"
        => "FailureClass::ConditionFailed | FailureClass::InvalidPath | FailureClass::Throttled)";
    "a token is trusted for longer than the database keeps it" in "told":
        "Duration::from_secs(9 * 60)" => "Duration::from_secs(19 * 60)";
    "one record of a transaction in doubt is sent again alone" in "unit/commit/doubt":
        "Some(sealed) if sealed.told.is_some() =>" => "Some(sealed) if sealed.told.is_some() && !sealed.is_repeatable() =>";
    "what is said of one record of a transaction holds for that alone" in "unit/commit/told":
        "told.as_ref().map_or(std::slice::from_ref(key), |told| &told.keys)"
        => "told.as_ref().filter(|_| false).map_or(std::slice::from_ref(key), |told| &told.keys)";
    "a batch takes a record along that another commit has left in doubt" in "unit/commit/batched":
        "let is_in_doubt = self.shared.lock().record_mut(key).is_in_doubt();" => "let is_in_doubt = false;";
    "savepoints are forgotten when a commit of two requests fails" in "record/sealed":
        "self.unsplit.unwrap_or_else(" => "self.unsplit.filter(|_| self.later.is_empty()).unwrap_or_else(";
    "hidden operations are in sight beside others that take two requests" in "record/sealed":
        "sealed.layers.iter().all(|layer| layer.hidden)" => "sealed.layers.iter().any(|layer| layer.hidden)";
    "a record is as old as the newest of what is known of it" in "record":
        "if self.known_since.is_none() && self.base != Base::Unknown {" => "if self.base != Base::Unknown {";
    "what was read as long ago as it may be is too old" in "record":
        "age > max_age" => "age >= max_age";
    "a change is placed in a list that is too old" in "unit/state":
        "if self.bounds.max_age.is_some() {" => "if self.bounds.max_age.is_some() && self.dirty.is_empty() {";
    "a session has no bounds" in "unit":
        "UnitOfWork { shared: Shared::bounded(bounds) }"
        => "UnitOfWork { shared: Shared::bounded(cache::Bounds { max_age: None, ..bounds }) }";
}
