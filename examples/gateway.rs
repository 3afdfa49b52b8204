//! Tables behind a service: a gateway that holds the database, and clients that hold an API key each.
//!
//! Run it with `cargo run --example gateway`. It needs no account: engine, service and clients run in this process, and
//! talk over a socket of this machine.

use std::collections::HashMap;

use structnosql::{BasicTable, CachingTable, MapModel, TableDataModel};
use structnosql_embedded::Embedded;
use structnosql_external::External;
use structnosql_gateway::{ApiKey, Gateway, Grant, KeyHash, PartitionRule, Paths, Schema, Server, Verb};
use structnosql_testkit::Counted;

#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "accounts", rename_all = "camelCase")]
struct Account {
    #[field(partition_key)]
    id: String,
    name: String,
    balance: i64,
    tokens: Option<HashMap<String, Token>>,
}

#[derive(Clone, Debug, PartialEq, MapModel)]
struct Token {
    expires: i64,
    secret: String,
}

#[tokio::main]
pub(crate) async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // The service's side. In production the backend is `Dynamo::from_env().await`, and each key is random.
    let database = Counted::new(Embedded::in_memory()?.dynamo());
    BasicTable::<Account, _>::open(database.clone()).await?;
    let bank = ApiKey::new("bank", KeyHash::of("the bank's key")).grant(Grant::everything("accounts"));
    let support = ApiKey::new("support", KeyHash::of("the support's key")).grant(
        Grant::on("accounts")
            .verbs([Verb::Get, Verb::Update])
            .partition(PartitionRule::Prefix("eu-".to_owned()))
            .read(Paths::only([vec!["name".into()], vec!["tokens".into(), "*".into(), "expires".into()]]))
            .write(Paths::only([vec!["name".into()]])),
    );
    let gateway = Gateway::builder(database.clone()).table(Schema::of::<Account>()).key(bank).key(support).build();
    let server = Server::bind("127.0.0.1:0").await?;
    let address = format!("http://{}", server.local_addr()?);
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = tokio::spawn(server.serve(gateway, async {
        stopped.await.ok();
    }));

    // A client's side: no credentials but its key. The tables are the same as over any backend.
    let external = External::at(&address)?.with_key("the bank's key")?;
    let accounts = CachingTable::<Account, _>::attach(external);
    let f = Account::fields;
    for (id, name) in [("eu-1", "Robinson"), ("us-1", "Friday")] {
        let token = Token { expires: 1_618_322_249, secret: "hidden".to_owned() };
        let tokens = Some(HashMap::from([("t1".to_owned(), token)]));
        accounts.put_record(&Account { id: id.to_owned(), name: name.to_owned(), balance: 10, tokens }).await?;
    }
    database.reset(); // counts from here on

    accounts.update_field("eu-1", f().balance(), 12).await?; // pending: nothing is sent
    accounts.update_field("eu-1", f().tokens().key("t1").expires(), 1_700_000_000).await?;
    accounts.update_field("us-1", f().balance(), 8).await?;
    println!("Before the commit, sent: {}", database.requests());
    let report = accounts.commit_operations().await?;
    println!("{report}");
    let mut sent: Vec<String> = database.log().iter().map(ToString::to_string).collect();
    sent.sort(); // the records of a commit are sent at the same time
    for request in sent {
        println!("Sent: {request}");
    }

    println!("\nThe support may read names and expiry times, and change names, of accounts in the EU.");
    let external = External::at(&address)?.with_key("the support's key")?;
    let limited = BasicTable::<Account, _>::attach(external);
    let token = || f().tokens().key("t1");
    println!("{:?}", limited.get_field("eu-1", (f().name(), token().expires())).await?);
    limited.update_field("eu-1", f().name(), "Crusoe").await?;
    println!("Renamed: {:?}", limited.get_field("eu-1", f().name()).await?);
    database.reset();
    for refused in [
        limited.get_field("eu-1", token().secret()).await.err(),
        limited.get_field("us-1", f().name()).await.err(),
        limited.update_field("eu-1", f().balance(), 1_000_000).await.err(),
        limited.delete_record("eu-1").await.err(),
    ] {
        println!("{}", refused.ok_or("it was not refused")?);
    }
    let stranger = BasicTable::<Account, _>::attach(External::at(&address)?.with_key("a guess")?);
    println!("{}", stranger.get_record("eu-1").await.err().ok_or("it was not refused")?);
    println!("Of these the database saw: {}", database.requests());

    stop.send(()).ok();
    serving.await?; // what is under way is finished first
    Ok(())
}
