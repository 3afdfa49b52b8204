//! Pending operations: an update and a deletion of one field fold into one, and a commit sends it.
//!
//! Run it with `cargo run --example users`. It needs no account: the engine runs in this process.

use std::collections::HashMap;

use structnosql::{CachingTable, MapModel, TableDataModel};
use structnosql_embedded::Embedded;
use structnosql_testkit::Counted;

#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "accounts-data", rename_all = "camelCase")]
struct User {
    #[field(partition_key)]
    user_id: String,
    username: Option<String>,
    tokens: Option<HashMap<String, AuthToken>>,
}

#[derive(Clone, Debug, PartialEq, MapModel)]
#[map(rename_all = "camelCase")]
struct AuthToken {
    expiration_timestamp: i64,
}

/// A record as a careless writer left it: the timestamp is a string of digits.
const RECORD_WITH_A_STRING: &str = r#"{
    "userId": "x41",
    "username": "Robinson",
    "tokens": { "t32": { "expirationTimestamp": "1618322249" } }
}"#;

/// The same table, as that writer saw it.
#[derive(TableDataModel)]
#[table(name = "accounts-data", rename_all = "camelCase")]
struct CarelessUser {
    #[field(partition_key)]
    user_id: String,
    username: String,
    tokens: HashMap<String, HashMap<String, String>>,
}

#[tokio::main]
pub(crate) async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // In production the backend is `Dynamo::from_env().await`. `Counted` tells here what is sent to it.
    let backend = Counted::new(Embedded::in_memory()?.dynamo());
    let users = CachingTable::<User, _>::open(backend.clone()).await?;
    let f = User::fields;

    let token = AuthToken { expiration_timestamp: 1_618_322_249 };
    users
        .put_record(&User {
            user_id: "x42".to_owned(),
            username: Some("Robinson".to_owned()),
            tokens: Some(HashMap::from([("t32".to_owned(), token)])),
        })
        .await?;
    users.clear_cached_data();
    backend.reset(); // counts from here on

    let updated = users.update_field("x42", f().username(), "Paul").await.is_ok();
    println!("Username update expected success: {updated}");
    println!("{}", users.plan_commit());

    // The page calls it a token; what it deletes is the username.
    let deleted = users.delete_field("x42", f().username()).await.is_ok();
    println!("Token deletion expected success: {deleted}");
    println!("{}", users.plan_commit()); // one REMOVE is pending: the update before it would be for nothing
    println!("Requests: {}", backend.requests());

    let expires: Option<i64> = users.get_field("x42", f().tokens().key("t32").expiration_timestamp()).await?;
    println!("Token t32 expires at: {expires:?}");
    println!("Requests: {}", backend.requests());

    backend.reset();
    let report = users.commit_operations().await?;
    println!("Commit success: {}", report.is_complete());
    println!("{report}");
    for request in backend.log() {
        println!("Sent: {request}");
    }

    println!("\nA timestamp that is a string is an error where it is read, and names its place.");
    if let Err(error) = User::from_json_reader(RECORD_WITH_A_STRING.as_bytes()) {
        println!("From JSON: {error}");
    }
    for careless in CarelessUser::from_json_reader(RECORD_WITH_A_STRING.as_bytes())? {
        CachingTable::<CarelessUser, _>::attach(backend.clone()).put_record(&careless).await?;
    }
    if let Err(error) = users.get_field("x41", f().tokens().key("t32").expiration_timestamp()).await {
        println!("From the database: {error}");
    }
    let stored = users.get_field("x41", f().tokens().key("t32").expiration_timestamp()).skip_validation().await?;
    println!("As it is stored: {}", stored.ok_or("there is nothing")?);
    Ok(())
}
