//! StructNoSQL for Python against a gateway, and its executor as the service of the client here. `ci/python` installs it,
//! and `ci/engines` the databases that its executor needs; without them this is left out, and says so.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use structnosql_core::{BasicTable, CachingTable, FailureClass, FieldExt, TableDataModel};
use structnosql_derive::{MapModel, TableDataModel};
use structnosql_external::Original;
use structnosql_gateway::{ApiKey, Gateway, Grant, KeyHash, Schema};
use structnosql_testkit::Reference;

use crate::server::serve;

#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "users", crate = "structnosql_core")]
struct User {
    #[field(partition_key)]
    id: String,
    name: Option<String>,
    visits: Option<u32>,
    rating: Option<f64>,
    tokens: Option<BTreeMap<String, Token>>,
    notes: Option<Vec<String>>,
}

#[derive(Clone, Debug, PartialEq, MapModel)]
#[map(crate = "structnosql_core")]
struct Token {
    expires: i64,
    scope: Option<String>,
}

/// What a variable holds that a script sets.
fn set_by(script: &str, variable: &str) -> Option<String> {
    let value = std::env::var(variable).ok();
    if value.is_none() {
        // Unlike what is printed, this is shown for a test that passes.
        writeln!(std::io::stderr(), "LEFT OUT: {variable} is not set; `{script}` sets it").ok();
    }
    value
}

/// The interpreter that has the package, where there is one.
fn python() -> Option<String> {
    set_by("ci/python", "STRUCTNOSQL_PYTHON")
}

/// Runs the package's tables against a service at this address, all their operations.
async fn run_client(python: String, address: String) {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/python/client.py");
    let run = move || Command::new(python).args(["-I", script, &address, "a token"]).output().unwrap();
    let output = tokio::task::spawn_blocking(run).await.unwrap();
    let said = [output.stdout, output.stderr].map(|said| String::from_utf8_lossy(&said).into_owned()).concat();
    assert!(output.status.success(), "{said}");
    assert!(said.contains("operations: "), "{said}");
}

async fn gateway() -> (Arc<Gateway<Reference>>, BasicTable<User, Reference>) {
    let database = Reference::new();
    let users = BasicTable::<User, _>::open(database.clone()).await.unwrap();
    let key = ApiKey::new("python", KeyHash::of("a token")).grant(Grant::everything("users"));
    (Gateway::builder(database).table(Schema::of::<User>()).key(key).build(), users)
}

#[cfg(feature = "openapi")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_python_package_sends_and_hears_is_described() {
    let Some(python) = python() else { return };
    let (address, exchanges) = crate::contract::tapped(gateway().await.0).await;
    run_client(python, address).await;
    let operations: std::collections::BTreeSet<_> =
        exchanges.lock().unwrap().iter().map(|(asked, _)| asked["operationType"].to_string()).collect();
    assert_eq!(operations.len(), 11, "{operations:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_python_package_works_against_a_gateway() {
    let Some(python) = python() else { return };
    let (gateway, users) = gateway().await;
    run_client(python, serve(gateway).await).await;

    // What it wrote, as Rust reads it.
    let tokens = [("t1", Token { expires: 6, scope: None }), ("t2", Token { expires: 9, scope: None })];
    let expected = User {
        id: "p1".to_owned(),
        name: Some("Pierre".to_owned()),
        visits: Some(99),
        rating: None,
        tokens: Some(tokens.map(|(key, token)| (key.to_owned(), token)).into()),
        notes: None,
    };
    assert_eq!(users.get_record("p1").await.unwrap(), Some(expected));
    let p2 = users.get_record("p2").await.unwrap().unwrap();
    assert_eq!((p2.name, p2.visits, p2.tokens), (None, None, Some(BTreeMap::new())));
    for gone in ["p3", "p4", "p5"] {
        assert_eq!(users.get_record(gone).await.unwrap(), None, "{gone}");
    }
}

/// The package's executor, served by a script.
struct Executor {
    child: Child,
    address: String,
}

impl Executor {
    fn start(python: &str, engine: &str, table: &str) -> Executor {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/python/executor.py");
        let mut command = Command::new(python);
        command.args(["-I", script, engine, "a token", table]);
        let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut executor = Executor { child: piped.spawn().unwrap(), address: String::new() };
        let out = executor.child.stdout.as_mut().unwrap();
        BufReader::with_capacity(1, out).read_line(&mut executor.address).unwrap();
        executor.address = executor.address.trim().to_owned();
        assert!(executor.address.starts_with("http://"), "it did not start");
        executor
    }

    /// The types of the operations that it has run.
    fn finish(mut self) -> Vec<String> {
        drop(self.child.stdin.take());
        let mut ran = String::new();
        self.child.stdout.take().unwrap().read_to_string(&mut ran).unwrap();
        ran.split_whitespace().map(str::to_owned).collect()
    }

    fn client(&self, token: &str) -> Original {
        Original::new().unwrap().with_table("users", &self.address).unwrap().with_key(token)
    }
}

impl Drop for Executor {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_client_works_against_the_python_package_on_dynalite() {
    against_the_executor("STRUCTNOSQL_DYNALITE").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_client_works_against_the_python_package_on_ministack() {
    against_the_executor("STRUCTNOSQL_MINISTACK").await;
}

async fn against_the_executor(variable: &str) {
    let (Some(python), Some(engine)) = (python(), set_by("ci/engines start", variable)) else { return };
    let executor = Executor::start(&python, &engine, &format!("users-{}", std::process::id()));
    let users = BasicTable::<User, _>::attach(executor.client("a token"));
    let f = User::fields;
    let tokens = [("t1", Token { expires: 5, scope: Some("all".to_owned()) })];
    let robinson = User {
        id: "r1".to_owned(),
        name: Some("Robinson".to_owned()),
        visits: Some(7),
        rating: Some(4.25),
        tokens: Some(tokens.map(|(key, token)| (key.to_owned(), token)).into()),
        notes: Some(vec!["a".to_owned(), "b".to_owned()]),
    };
    users.put_record(&robinson).await.unwrap();
    assert_eq!(users.get_record("r1").await.unwrap(), Some(robinson));
    assert_eq!(users.get_record("nobody").await.unwrap(), None);
    let read =
        users.get_field("r1", (f().name(), f().tokens().key("t1").expires(), f().notes().index(1))).await.unwrap();
    assert_eq!(read, (Some("Robinson".to_owned()), Some(5), Some("b".to_owned())));
    let page = users.query_field(User::indexes().primary("r1"), f().visits()).await.unwrap();
    assert_eq!(page.records[0].1, Some(7));
    let page = users.query_field(User::indexes().primary("r1"), f().visits()).eventually_consistent().await.unwrap();
    assert_eq!((page.records.len(), page.records[0].1), (1, Some(7)));

    // Setting: one value and several, also where parents are not there, and values that Python takes for false.
    users.update_field("r1", f().name(), "Paul").await.unwrap();
    assert_eq!(users.update_field_return_old("r1", f().visits(), 8).await.unwrap(), Some(7));
    users.update_multiple_fields("r1", [f().rating().set(0.5), f().tokens().key("t1").scope().set("")]).await.unwrap();
    users.update_field("r2", f().tokens().key("t9").expires(), 0).await.unwrap();
    users.update_field("r2", f().visits(), 0).await.unwrap();
    let r2 = users.get_record("r2").await.unwrap().unwrap();
    assert_eq!((r2.tokens.unwrap()["t9"].expires, r2.visits), (0, Some(0)));

    // Removing: where one path leads through nothing, the others are removed all the same.
    assert_eq!(users.remove_field("r1", f().rating()).await.unwrap(), Some(0.5));
    assert_eq!(users.remove_field("r1", f().rating()).await.unwrap(), None);
    users.delete_multiple_fields("r1", (f().tokens().key("t7").scope(), f().tokens().key("t1").scope())).await.unwrap();
    let tokens = users.get_field("r1", f().tokens()).await.unwrap().unwrap();
    assert_eq!(tokens["t1"], Token { expires: 5, scope: None });

    // The unit of work: two requests for what both sets and removes, as planned.
    let cached = CachingTable::<User, _>::attach(executor.client("a token"));
    assert_eq!(cached.get_field("r1", f().name()).await.unwrap().as_deref(), Some("Paul"));
    cached.update_field("r1", f().visits(), 99).await.unwrap();
    cached.update_field("r1", f().tokens().key("t2").expires(), 6).await.unwrap();
    cached.delete_field("r1", f().notes()).await.unwrap();
    assert_eq!(cached.plan_commit().requests(), 2);
    assert_eq!(cached.commit_operations().await.unwrap().requests(), 2);
    let r1 = users.get_record("r1").await.unwrap().unwrap();
    assert_eq!((r1.visits, r1.notes, r1.tokens.unwrap()["t2"].expires), (Some(99), None, 6));

    assert_eq!(users.remove_record("r2").await.unwrap().and_then(|user| user.visits), Some(0));
    assert_eq!(users.remove_record("r2").await.unwrap(), None);
    users.delete_record("r1").await.unwrap();
    assert_eq!(users.get_record("r1").await.unwrap(), None);

    let stranger = BasicTable::<User, _>::attach(executor.client("wrong"));
    let refused = stranger.put_record(&empty("r3")).await.unwrap_err();
    assert_eq!(refused.failure().unwrap().class(), FailureClass::AccessDenied);
    assert_eq!(users.get_record("r3").await.unwrap(), None);

    let every = [
        "deleteDataElementsFromMap",
        "deleteRecord",
        "getOrQuerySingleItem",
        "putRecord",
        "queryItemsByKey",
        "removeDataElementsFromMap",
        "removeRecord",
        "setUpdateMultipleDataElementsToMap",
        "setUpdateMultipleDataElementsToMapWithDefaultInitialization",
    ];
    assert_eq!(executor.finish(), every);
}

fn empty(id: &str) -> User {
    User { id: id.to_owned(), name: None, visits: None, rating: None, tokens: None, notes: None }
}
