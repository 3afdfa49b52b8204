//! Clearing the cache and pending operations: what each call forgets, what reads show after it, what is still sent.
//!
//! Run it with `cargo run --example clearing`. It needs no account: the engine runs in this process.

use structnosql::{CachingTable, Dynamo, Error, FieldExt, Source, Sourced, TableDataModel};
use structnosql_embedded::Embedded;
use structnosql_testkit::Counted;

#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "accounts-data", rename_all = "camelCase")]
struct User {
    #[field(partition_key)]
    user_id: String,
    username: Option<String>,
    email: Option<String>,
    city: Option<String>,
}

type Users = CachingTable<User, Counted<Dynamo>>;

#[tokio::main]
pub(crate) async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // In production the backend is `Dynamo::from_env().await`. `Counted` tells here what is sent to it.
    let users = Users::open(Counted::new(Embedded::in_memory()?.dynamo())).await?;
    let f = User::fields;

    println!("Every part begins like this: x42 is cached, an update and a removal are pending.");
    begin(&users).await?;
    read(&users).await?;

    println!("\n1. clear_cached_data()");
    begin(&users).await?;
    users.clear_cached_data();
    println!("Reads show the database, also where an operation is pending.");
    read(&users).await?;
    println!("The operations are still pending, and a commit sends them.");
    commit(&users).await?;
    read(&users).await?;

    println!("\n2. clear_cached_data_and_pending_operations()");
    begin(&users).await?;
    users.clear_cached_data_and_pending_operations();
    println!("Reads show the database, and nothing is left to commit.");
    read(&users).await?;
    commit(&users).await?;

    println!("\n3. clear_pending_operations()");
    begin(&users).await?;
    users.clear_pending_operations();
    println!("Discrepancy: reads go on to show what will never be sent.");
    read(&users).await?;
    commit(&users).await?;
    println!("Clearing the cache as well ends it.");
    users.clear_cached_data();
    read(&users).await?;

    println!("\n4. clear_pending_update_operations()");
    begin(&users).await?;
    users.clear_pending_update_operations();
    println!("Discrepancy: the username reads as updated. The removal is still pending.");
    read(&users).await?;
    commit(&users).await?;

    println!("\n5. clear_pending_remove_operations()");
    begin(&users).await?;
    users.clear_pending_remove_operations();
    println!("Discrepancy: the email reads as removed. The update is still pending.");
    read(&users).await?;
    commit(&users).await?;
    println!("Clearing the cache ends it.");
    users.clear_cached_data();
    read(&users).await?;

    println!("\n6. clear_cached_data_for_record(key)");
    begin(&users).await?;
    users.clear_cached_data_for_record("x42");
    users.clear_cached_data_for_record("exampleUserId"); // neither cached nor stored: nothing happens
    println!("This record is read again, another one is not.");
    read(&users).await?;
    let other = users.debug().get_field("y7", f().username()).await?;
    println!("  y7: username {}", shown(&other));
    sent(&users);
    println!("What was pended before is hidden and will be sent; what is pended from now on is seen.");
    users.update_field("x42", f().city(), "Hull").await?;
    read(&users).await?;
    commit(&users).await?;
    read(&users).await?;

    println!("\n7. rollback()");
    begin(&users).await?;
    users.rollback();
    println!("Reads show what the database showed last: no discrepancy, and no request.");
    read(&users).await?;
    commit(&users).await?;

    println!("\n8. refresh()");
    begin(&users).await?;
    println!("Somebody else changes the record.");
    let somebody = users.session();
    somebody.update_multiple_fields("x42", [f().username().set("Friday"), f().city().set("Hull")]).await?;
    commit(&somebody).await?;
    println!("What is cached does not tell.");
    read(&users).await?;
    users.refresh();
    println!("Now reads show the database with the pending changes over it.");
    read(&users).await?;
    commit(&users).await?;
    Ok(())
}

/// The state that every part begins with. What it sends is not shown.
async fn begin(users: &Users) -> Result<(), Error> {
    let f = User::fields;
    for (user_id, username) in [("x42", "Robinson"), ("y7", "Xury")] {
        let record = User {
            user_id: user_id.to_owned(),
            username: Some(username.to_owned()),
            email: Some(format!("{user_id}@example.com")),
            city: Some("York".to_owned()),
        };
        users.put_record(&record).await?; // what was pending for the record is dropped
    }
    users.update_field("x42", f().username(), "Paul").await?;
    users.delete_field("x42", f().email()).await?;
    users.backend().reset();
    Ok(())
}

/// Prints what reads of x42 show, and which requests that took.
async fn read(users: &Users) -> Result<(), Error> {
    let f = User::fields;
    let (username, email, city) = users.debug().get_field("x42", (f().username(), f().email(), f().city())).await?;
    println!("  x42: username {}, email {}, city {}", shown(&username), shown(&email), shown(&city));
    sent(users);
    Ok(())
}

/// Commits, and prints which requests that took.
async fn commit(users: &Users) -> Result<(), Error> {
    let report = users.commit_operations().await?;
    println!("  commit: {report}");
    sent(users);
    Ok(())
}

/// Prints the requests since it was last called.
fn sent(users: &Users) {
    let log = users.backend().log();
    if log.is_empty() {
        println!("    no request");
    }
    for request in log {
        println!("    request: {request}");
    }
    users.backend().reset();
}

/// `"Paul" (pending)`
fn shown(read: &Sourced<Option<String>>) -> String {
    let value = read.value.as_ref().map_or("none".to_owned(), |value| format!("{value:?}"));
    let source = match read.source {
        Source::Database => "database",
        Source::Cache => "cache",
        Source::Assumed => "assumed",
        Source::Pending => "pending",
        _ => "elsewhere",
    };
    format!("{value} ({source})")
}
