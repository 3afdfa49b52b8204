use std::pin::pin;
use std::task::{Context, Poll, Waker};

use structnosql_embedded::{Embedded, EmbeddedError};

use crate::support::{TABLE, create_table, fresh_file, get, item, n, put, s};

#[tokio::test]
async fn a_file_keeps_its_data() {
    let path = fresh_file("a_file_keeps_its_data");
    let stored = item([("id", s("alien")), ("year", n(1979))]);
    {
        let embedded = Embedded::open(&path).unwrap();
        create_table(&embedded.client()).await;
        put(&embedded.client(), stored.clone()).await;
    }
    let client = Embedded::open(&path).unwrap().client();
    assert_eq!(client.list_tables().send().await.unwrap().table_names(), [TABLE]);
    assert_eq!(get(&client, "alien").await, Some(stored));
}

/// The copy is what a process that was killed leaves: the files as they are,
/// with nothing closed.
#[tokio::test]
async fn a_file_that_was_never_closed_keeps_its_data() {
    let path = fresh_file("a_file_that_was_never_closed");
    let client = Embedded::open(&path).unwrap().client();
    create_table(&client).await;
    put(&client, item([("id", s("alien"))])).await;

    let copy = fresh_file("a_file_that_was_never_closed_copy");
    for suffix in ["", "-wal", "-shm"] {
        let name = |path: &std::path::Path| format!("{}{suffix}", path.display());
        std::fs::copy(name(&path), name(&copy)).unwrap();
    }
    let client = Embedded::open(&copy).unwrap().client();
    assert!(get(&client, "alien").await.is_some());
}

#[tokio::test]
async fn a_file_opened_twice_is_one_database() {
    let path = fresh_file("a_file_opened_twice");
    let one = Embedded::open(&path).unwrap().client();
    let other = Embedded::open(&path).unwrap().client();
    create_table(&one).await;
    put(&one, item([("id", s("alien"))])).await;
    assert!(get(&other, "alien").await.is_some());

    let add = |client: aws_sdk_dynamodb::Client| async move {
        for _ in 0..20 {
            client
                .update_item()
                .table_name(TABLE)
                .key("id", s("alien"))
                .update_expression("ADD seen :one")
                .expression_attribute_values(":one", n(1))
                .send()
                .await
                .unwrap();
        }
    };
    tokio::join!(add(one.clone()), add(other));
    assert_eq!(get(&one, "alien").await.unwrap()["seen"], n(40));
}

/// `:memory:` and names with `file:` mean something to SQLite; here they are
/// names of files like any other.
#[tokio::test]
async fn names_that_sqlite_reads_a_meaning_into_are_files() {
    let directory = fresh_file("names_with_a_meaning");
    let directory = directory.parent().unwrap();
    for name in [":memory:", "file:a?mode=memory", "data 🎬.db"] {
        let path = directory.join(name);
        create_table(&Embedded::open(&path).unwrap().client()).await;
        assert!(path.is_file());
        let again = Embedded::open(&path).unwrap().client();
        assert_eq!(again.list_tables().send().await.unwrap().table_names(), [TABLE]);
    }
}

#[test]
fn what_cannot_be_opened_is_named() {
    let path = fresh_file("what_cannot_be_opened");

    let error = Embedded::open("").unwrap_err();
    assert!(error.to_string().contains("in_memory"), "{error}");

    let directory = path.parent().unwrap();
    let error = Embedded::open(directory).unwrap_err();
    assert!(matches!(error, EmbeddedError::Path { .. }), "{error}");
    assert!(error.to_string().contains(directory.to_str().unwrap()));

    let error = Embedded::open(directory.join("missing/data.db")).unwrap_err();
    assert!(
        matches!(&error, EmbeddedError::NoDirectory { directory: missing, .. } if *missing == directory.join("missing")),
        "{error}"
    );

    std::fs::write(&path, "somebody's letters").unwrap();
    let error = Embedded::open(&path).unwrap_err();
    assert!(matches!(error, EmbeddedError::NotADatabase { .. }), "{error}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "somebody's letters");

    std::fs::write(&path, b"SQLite format 3\0 and then nothing of the kind").unwrap();
    let error = Embedded::open(&path).unwrap_err();
    assert!(matches!(error, EmbeddedError::Open { .. }), "{error}");
}

#[cfg(unix)]
#[test]
fn a_name_that_is_not_text_is_refused() {
    use std::os::unix::ffi::OsStrExt;

    let path = fresh_file("a_name_that_is_not_text");
    let name = std::ffi::OsStr::from_bytes(b"data\xff.db");
    let error = Embedded::open(path.with_file_name(name)).unwrap_err();
    assert!(error.to_string().contains("UTF-8"), "{error}");
}

/// Other executors have no blocking threads to offer: the request then runs
/// where it is polled.
#[test]
fn a_file_is_read_without_tokio() {
    let path = fresh_file("without_tokio");
    let client = Embedded::open(&path).unwrap().client();
    let mut work = pin!(async {
        create_table(&client).await;
        put(&client, item([("id", s("alien"))])).await;
        get(&client, "alien").await
    });
    let mut context = Context::from_waker(Waker::noop());
    let found = loop {
        if let Poll::Ready(found) = work.as_mut().poll(&mut context) {
            break found;
        }
    };
    assert!(found.is_some());
}
