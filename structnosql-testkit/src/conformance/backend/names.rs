//! Names and keys of any characters.

use structnosql_core::{Backend, Condition, DocumentPath, Value};

use super::stage::{Stage, at, map, remove, set};
use crate::conformance::Outcome;
use crate::conformance::finding::same;

/// Names that mean something in an expression, in a path's notation, in JSON, or to DynamoDB itself.
const HOSTILE: [&str; 36] = [
    "a.b",
    ".",
    "..",
    "a..b",
    "a[0]",
    "[0]",
    "]",
    "[",
    "[]",
    "{{key}}",
    "#n0",
    ":v0",
    "#",
    ":",
    "-",
    "first-name",
    "a b",
    " ",
    "\t",
    "\n",
    "\"",
    "'",
    "\\",
    "\u{1}",
    "$",
    "%",
    "*",
    "(",
    ")",
    "0",
    "1st",
    "name",
    "SELECT",
    "size",
    "ünï\u{301}",
    "🎬 film",
];

/// Sets under the name, reads it, depends on it, and removes it.
async fn lives<B: Backend>(stage: &Stage<'_, B>, path: DocumentPath, name: &str) -> Outcome {
    let what = format!("{name:?}");
    let below = path.child(name);
    stage.update("a", vec![set(below.clone(), numbered(1))]).await?;
    let found = stage.read("a", vec![below.clone()]).await?;
    let segments = below.segments();
    same(&what, found.map(Value::Map).as_ref().and_then(|item| item.descend(segments)), Some(&numbered(1)))?;
    let mut request = stage.update_request("a", vec![set(below.clone().child(name), 2)]);
    request.condition = Some(Condition::Exists(below.clone()));
    stage.backend.update(request).await?;
    let mut request = stage.update_request("a", vec![remove(below.clone())]);
    request.condition = Some(Condition::Exists(below.clone().child(name)));
    stage.backend.update(request).await?;
    let left = stage.stored("a").await?.map(Value::Map);
    same(&what, left.as_ref().and_then(|item| item.descend(segments)), None)
}

fn numbered(number: i64) -> Value {
    Value::Map(map([("n", number.into())]))
}

pub(super) async fn attributes_may_have_any_name<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    for name in HOSTILE.into_iter().chain([LONG]) {
        lives(stage, DocumentPath::root(), name).await?;
    }
    Ok(())
}

pub(super) async fn map_entries_may_have_any_name<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    stage.put(stage.item("a", [("m", Value::from(map([])))])).await?;
    for name in HOSTILE.into_iter().chain([LONG]) {
        lives(stage, at("m"), name).await?;
    }
    let all = Value::from_iter(HOSTILE.map(|name| (name, Value::from(name))));
    let item = stage.put(stage.item("a", [("m", all)])).await?;
    same("all of them", stage.stored("a").await?, Some(item))
}

/// 200 bytes.
const LONG: &str = "a name of fifty bytes, which is longer than most; \
    a name of fifty bytes, which is longer than most; \
    a name of fifty bytes, which is longer than most; \
    a name of fifty bytes, which is longer than most; ";

pub(super) async fn keys_may_have_any_value<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    for name in HOSTILE {
        let item = stage.put(stage.item(name, [("n", name.into())])).await?;
        same(&format!("{name:?}"), stage.stored(name).await?, Some(item))?;
    }
    Ok(())
}
