//! StructNoSQL for Python against a gateway. `ci/python` installs it; without it this is left out, and says so.

#![allow(clippy::unwrap_used, reason = "a test fails by a panic")]

use std::collections::BTreeMap;
use std::io::Write;

use structnosql_core::BasicTable;
use structnosql_derive::{MapModel, TableDataModel};
use structnosql_gateway::{ApiKey, Gateway, Grant, KeyHash, Schema, Server};
use structnosql_testkit::Reference;

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

/// The interpreter that has the package, where there is one.
fn python() -> Option<String> {
    let python = std::env::var("STRUCTNOSQL_PYTHON").ok();
    if python.is_none() {
        // Unlike what is printed, this is shown for a test that passes.
        writeln!(std::io::stderr(), "LEFT OUT: STRUCTNOSQL_PYTHON is not set; `ci/python` sets it").ok();
    }
    python
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_python_package_works_against_a_gateway() {
    let Some(python) = python() else { return };
    let database = Reference::new();
    let users = BasicTable::<User, _>::open(database.clone()).await.unwrap();
    let key = ApiKey::new("python", KeyHash::of("a token")).grant(Grant::everything("users"));
    let gateway = Gateway::builder(database).table(Schema::of::<User>()).key(key).build();
    let server = Server::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", server.local_addr().unwrap());
    tokio::spawn(server.serve(gateway, std::future::pending()));

    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/python/client.py");
    let run = move || std::process::Command::new(python).args(["-I", script, &address, "a token"]).output().unwrap();
    let output = tokio::task::spawn_blocking(run).await.unwrap();
    let said = [output.stdout, output.stderr].map(|said| String::from_utf8_lossy(&said).into_owned()).concat();
    assert!(output.status.success(), "{said}");
    assert!(said.contains("operations: "), "{said}");

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
