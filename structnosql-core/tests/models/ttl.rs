//! `ttl`: created tables let records go out of date.

use structnosql_core::{Backend, BasicTable, Capabilities, TableDataModel};
use structnosql_derive::{MapModel, TableDataModel};
use structnosql_testkit::{Counted, Reference, SentKind};

#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "sessions", rename_all = "camelCase", crate = "structnosql_core")]
struct Session {
    #[field(partition_key)]
    id: String,
    #[field(ttl)]
    expires_at: Option<Seconds>,
}

#[derive(Clone, Debug, PartialEq, MapModel)]
#[map(crate = "structnosql_core")]
struct Seconds(u64);

#[test]
fn the_schema_knows_the_attribute() {
    let attribute = Session::table().time_to_live.as_ref().map(|name| name.as_str());
    assert_eq!(attribute, Some("expiresAt"));
}

#[tokio::test]
async fn it_is_enabled_where_the_table_is_created() {
    let backend = Counted::new(Reference::new());
    BasicTable::<Session, _>::open(backend.clone()).await.unwrap();
    let enabled = backend.inner().describe_time_to_live("sessions").await.unwrap();
    assert_eq!(enabled.as_deref(), Some("expiresAt"));
    assert_eq!(backend.of_kind(SentKind::EnableTimeToLive), 1);

    // An existing table is left as it is.
    BasicTable::<Session, _>::open(backend.clone()).await.unwrap();
    assert_eq!(backend.of_kind(SentKind::EnableTimeToLive), 1);
}

#[tokio::test]
async fn a_backend_without_it_serves_the_table_all_the_same() {
    let backend = Reference::new().with_capabilities(Capabilities { time_to_live: false, ..Capabilities::ALL });
    let sessions = BasicTable::<Session, _>::open(backend).await.unwrap();
    let session = Session { id: "s1".into(), expires_at: Some(Seconds(1_700_000_000)) };
    sessions.put_record(&session).await.unwrap();
    assert_eq!(sessions.get_record("s1").await.unwrap(), Some(session));
}
