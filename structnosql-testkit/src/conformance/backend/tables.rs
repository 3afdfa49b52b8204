//! Tables, and requests that do not fit one.

use std::sync::Arc;
use std::time::Duration;

use structnosql_core::key::KeyValue;
use structnosql_core::schema::KeyKind;
use structnosql_core::{
    Backend, Billing, DeleteRequest, FailureClass, GetRequest, IndexDefinition, IndexedAttributes, Map, PutRequest,
    QueryRequest, TableDefinition, UpdateTableRequest, Value,
};

use super::stage::{Stage, attribute, create, map, ordered, set, wait};
use crate::conformance::Outcome;
use crate::conformance::finding::{fails, same};

pub(super) async fn a_table_is_described_as_it_was_created<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    let described = stage.backend.describe_table(&stage.tables.ordered).await?;
    // Servers list indexes in any order.
    let found = described.map(|mut described| {
        described.definition.indexes.sort_by(|a, b| a.name.cmp(&b.name));
        (described.active, described.definition)
    });
    same("the table", found, Some((true, ordered(&stage.tables.ordered))))
}

fn unknown<B: Backend>(stage: &Stage<'_, B>) -> Arc<str> {
    format!("conformance-unknown-{}", stage.tables.run).into()
}

pub(super) async fn an_unknown_table_is_none<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    same("the description", stage.backend.describe_table(&unknown(stage)).await?, None)
}

pub(super) async fn an_unknown_table_is_not_found<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    let (table, key) = (unknown(stage), stage.key("a"));
    let get = GetRequest { table: table.clone(), key: key.clone(), projection: Vec::new(), consistent: true };
    fails("a get", stage.backend.get(get).await, FailureClass::TableNotFound)?;
    let mut put = stage.put_request(key.clone());
    put.table = table.clone();
    fails("a put", stage.backend.put(put).await, FailureClass::TableNotFound)?;
    let mut update = stage.update_request("a", vec![set("n", 1)]);
    update.table = table.clone();
    fails("an update", stage.backend.update(update).await, FailureClass::TableNotFound)?;
    let delete = DeleteRequest { table: table.clone(), key, condition: None, return_old: false };
    fails("a delete", stage.backend.delete(delete).await, FailureClass::TableNotFound)?;
    let query = QueryRequest { table, ..stage.query_request(None, "id", "a") };
    fails("a query", stage.backend.query(query).await, FailureClass::TableNotFound)?;
    Ok(())
}

pub(super) async fn an_unknown_index_is_not_found<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    let request = stage.query_request(Some("byNothing"), "id", "a");
    fails("a query", stage.backend.query(request).await, FailureClass::TableNotFound)?;
    Ok(())
}

pub(super) async fn a_table_is_created_once<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    let again = stage.backend.create_table(ordered(&stage.tables.ordered)).await;
    fails("creating it again", again, FailureClass::TableInUse)?;
    Ok(())
}

pub(super) async fn capacity_may_be_provisioned<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    let table: Arc<str> = format!("conformance-provisioned-{}", stage.tables.run).into();
    let billing = Billing::Provisioned { read_units: 3, write_units: 2 };
    create(stage.backend, TableDefinition { billing, ..ordered(&table) }).await?;
    let described = stage.backend.describe_table(&table).await?;
    same("how it is paid", described.map(|described| described.definition.billing), Some(billing))
}

pub(super) async fn a_deleted_table_is_gone<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    let table = stage.own_table("deleted").await?;
    stage.backend.delete_table(&table).await?;
    while stage.backend.describe_table(&table).await?.is_some() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    fails("deleting it again", stage.backend.delete_table(&table).await, FailureClass::TableNotFound)?;
    Ok(())
}

pub(super) async fn an_added_index_finds_the_items_that_are_there<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    let table = stage.own_table("indexed").await?;
    let put = |item: Map| stage.backend.put(PutRequest { table: table.clone(), ..stage.put_request(item) });
    let genre = || Value::from(stage.own("genre"));
    let item = stage.item("a", [("genre", genre()), ("year", 1979.into()), ("n", 1.into())]);
    put(item.clone()).await?;
    put(stage.item("b", [("genre", genre())])).await?;
    let add_index = IndexDefinition {
        name: "byGenre".into(),
        partition_key: attribute("genre", KeyKind::String),
        sort_key: Some(attribute("year", KeyKind::Number)),
        projection: IndexedAttributes::All,
        local: false,
    };
    let request = UpdateTableRequest { table: table.clone(), add_index: add_index.clone(), billing: Billing::OnDemand };
    stage.backend.update_table(request.clone()).await?;
    wait(stage.backend, &table).await?;
    let indexes = stage.backend.describe_table(&table).await?.map(|described| described.definition.indexes);
    same("the indexes", indexes, Some(vec![add_index.clone()]))?;
    let query = QueryRequest { table: table.clone(), ..stage.query_request(Some("byGenre"), "genre", "genre") };
    same("the items", stage.backend.query(query).await?.items, vec![item])?;
    fails("adding it again", stage.backend.update_table(request.clone()).await, FailureClass::Invalid)?;
    let local = UpdateTableRequest { add_index: IndexDefinition { local: true, ..add_index }, ..request };
    fails("adding a local one", stage.backend.update_table(local).await, FailureClass::Invalid)?;
    Ok(())
}

pub(super) async fn a_wrong_key_is_refused<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    let ordered = || stage.tables.ordered.clone();
    let id = || Value::from(stage.own("a"));
    for (what, table, key) in [
        ("no sort key", ordered(), map([("id", id())])),
        ("no partition key", ordered(), map([("at", 1.into())])),
        ("a sort key of another type", ordered(), map([("id", id()), ("at", "1".into())])),
        ("one attribute too many", stage.tables.plain.clone(), map([("id", id()), ("at", 1.into())])),
        ("another name", stage.tables.plain.clone(), map([("key", id())])),
        ("another type", stage.tables.plain.clone(), map([("id", 1.into())])),
        ("an empty text", stage.tables.plain.clone(), map([("id", "".into())])),
    ] {
        let get = GetRequest { table: table.clone(), key: key.clone(), projection: Vec::new(), consistent: true };
        fails(what, stage.backend.get(get).await, FailureClass::Invalid)?;
        let mut update = stage.update_request("a", vec![set("n", 1)]);
        (update.table, update.key) = (table, key);
        fails(what, stage.backend.update(update).await, FailureClass::Invalid)?;
    }
    Ok(())
}

pub(super) async fn keys_may_be_numbers_and_binary<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    let table: Arc<str> = format!("conformance-keys-{}", stage.tables.run).into();
    let definition = TableDefinition {
        table: table.clone(),
        partition_key: attribute("number", KeyKind::Number),
        sort_key: Some(attribute("bytes", KeyKind::Binary)),
        indexes: Vec::new(),
        billing: Billing::OnDemand,
    };
    create(stage.backend, definition).await?;
    let item = |bytes: &[u8]| -> Map { map([("number", 7.into()), ("bytes", Value::Binary(bytes.to_vec()))]) };
    let sorted: [&[u8]; 4] = [&[0], &[1, 255], &[2], &[255, 0]];
    for bytes in [2, 0, 3, 1].map(|position: usize| sorted[position]) {
        let mut request = stage.put_request(item(bytes));
        request.table = table.clone();
        stage.backend.put(request).await?;
    }
    let partition = ("number".into(), KeyValue::Number(7.into()));
    let request = QueryRequest { table, partition, ..stage.query_request(None, "id", "a") };
    same("the items", stage.backend.query(request).await?.items, sorted.map(item).to_vec())
}

pub(super) async fn a_global_index_is_not_read_consistently<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    let request = QueryRequest { consistent: true, ..stage.query_request(Some("byGroup"), "group", "g") };
    fails("the query", stage.backend.query(request).await, FailureClass::Invalid)?;
    Ok(())
}
