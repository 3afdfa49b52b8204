//! Tables behind a service send the database what they send it without one.

use structnosql::{BasicTable, CachingTable, FieldExt, TableDataModel};
use structnosql_external::External;
use structnosql_gateway::{ApiKey, Gateway, Grant, KeyHash, Schema, Server};
use structnosql_testkit::Sent;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::model::{User, paul, plain};
use crate::support::{Engine, Outcome, Probe};

/// A gateway over the probe's engine, and a client of it.
struct Service {
    address: String,
    external: External,
}

impl Service {
    async fn over(probe: &Probe) -> Outcome<Self> {
        let key = ApiKey::new("test", KeyHash::of("key")).grant(Grant::everything("users"));
        let gateway = Gateway::builder(probe.0.clone()).table(Schema::of::<User>()).key(key).build();
        let server = Server::bind("127.0.0.1:0").await?;
        let address = server.local_addr()?.to_string();
        tokio::spawn(server.serve(gateway, std::future::pending()));
        let external = External::at(&format!("http://{address}"))?.with_key("key")?;
        Ok(Service { address, external })
    }

    /// How many POSTs it has answered.
    async fn posts(&self) -> Outcome<u32> {
        let mut stream = tokio::net::TcpStream::connect(&self.address).await?;
        stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await?;
        let mut counts = String::new();
        stream.read_to_string(&mut counts).await?;
        let counted = "requests_total{wire=\"extension\",status=\"200\"} ";
        Ok(counts.lines().find_map(|line| line.split_once(counted)?.1.parse().ok()).unwrap_or_default())
    }
}

/// What the engine was sent since the last call. The records of a commit are sent at the same time, in any order.
fn sent(probe: &Probe) -> Vec<String> {
    let log = probe.0.log();
    probe.0.reset();
    let mut sent: Vec<String> = log.iter().map(Sent::to_string).collect();
    sent.sort();
    sent
}

/// One of each verb, with what is read.
macro_rules! session {
    ($users:ident) => {{
        let f = User::fields;
        $users.put_record(&paul()).await?;
        $users.put_record(&plain("p1")).await?;
        $users.update_field("x42", f().home().street(), "Oak Street").await?;
        $users.update_multiple_fields("x42", [f().age().increment(1), f().visited().append(["Bern"])]).await?;
        $users.update_field("p1", f().tokens().key("t1").expiration_timestamp(), 5).await?;
        $users.delete_field("x42", f().username()).await?;
        let removed = $users.remove_field("p1", f().tokens()).await?;
        let fields = $users.get_field("x42", (f().age(), f().home().street(), f().visited().index(3))).await?;
        let records = $users.get_records(["x42", "p1", "nobody"]).await?;
        $users.delete_record("p1").await?;
        format!("{removed:?} {fields:?} {records:?} {:?}", $users.get_record("p1").await?)
    }};
}

/// A session on a basic table, or on a caching one with its commit.
macro_rules! compared {
    ($table:ident, $commit:expr) => {{
        let (alone, behind) = (Probe::in_memory()?, Probe::in_memory()?);
        let users: $table<User, Engine> = $table::open(alone.0.clone()).await?;
        BasicTable::<User, _>::open(behind.0.clone()).await?;
        let service = Service::over(&behind).await?;
        let remote: $table<User, External> = $table::attach(service.external.clone());
        (sent(&alone), sent(&behind));
        assert_eq!(session!(remote), session!(users));
        $commit(&users, &remote).await?;
        assert_eq!(sent(&behind), sent(&alone));
        let alone = alone.other_program();
        let behind = behind.other_program();
        let stored = async |dynamo| BasicTable::<User, _>::attach(dynamo).get_record("x42").await;
        assert_eq!(stored(behind).await?, stored(alone).await?);
    }};
}

#[tokio::test]
async fn a_basic_table_sends_the_same() -> Outcome {
    compared!(BasicTable, async |_: &_, _: &_| Outcome::Ok(()));
    Ok(())
}

#[tokio::test]
async fn a_caching_table_sends_the_same() -> Outcome {
    compared!(CachingTable, async |users: &CachingTable<User, Engine>, remote: &CachingTable<User, External>| {
        assert_eq!(remote.plan_commit().to_string(), users.plan_commit().to_string());
        let (alone, behind) = (users.commit_operations().await?, remote.commit_operations().await?);
        assert_eq!(behind.requests(), alone.requests());
        Outcome::Ok(())
    });
    Ok(())
}

#[tokio::test]
async fn a_commit_is_one_post() -> Outcome {
    let probe = Probe::in_memory()?;
    BasicTable::<User, _>::open(probe.0.clone()).await?;
    let service = Service::over(&probe).await?;
    let users = CachingTable::<User, _>::attach(service.external.clone());
    for at in 0..200 {
        users.update_field(format!("u{at}"), User::fields().age(), at).await?;
    }
    let plan = users.plan_commit();
    assert_eq!((plan.requests(), service.posts().await?), (200, 0));
    users.commit_operations().await?;
    assert_eq!((probe.0.updates(), service.posts().await?), (200, 1));
    Ok(())
}
