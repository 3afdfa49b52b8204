//! Requests that fail: no such table, no right to it, too many of them.

use structnosql::{BasicTable, CachingTable, Dynamo, FailureClass, TableDataModel};
use structnosql_embedded::Embedded;

use crate::model::{Thing, thing};
use crate::server::refusing;
use crate::support::Outcome;

/// What every verb of a basic table says over a backend that refuses.
async fn errors(backend: Dynamo) -> Vec<structnosql::Error> {
    let things = BasicTable::<Thing, _>::attach(backend);
    let f = Thing::fields;
    vec![
        things.get_record("a").await.unwrap_err(),
        things.get_field("a", f().name()).await.unwrap_err(),
        things.put_record(&thing("a")).await.unwrap_err(),
        things.create_record(&thing("a")).await.unwrap_err(),
        things.delete_record("a").await.unwrap_err(),
        things.remove_record("a").await.unwrap_err(),
        things.update_field("a", f().name(), "A").await.unwrap_err(),
        things.update_field_return_old("a", f().name(), "A").await.unwrap_err(),
        things.delete_field("a", f().name()).await.unwrap_err(),
        things.remove_field("a", f().name()).await.unwrap_err(),
        things.query_field(Thing::indexes().primary("a"), f().name()).await.unwrap_err(),
    ]
}

#[tokio::test]
async fn an_unknown_table() -> Outcome {
    for error in errors(Embedded::in_memory()?.dynamo()).await {
        assert!(error.is_table_not_found(), "{error}");
        assert!(error.to_string().starts_with("table or index not found: "), "{error}");
    }
    let things = CachingTable::<Thing, _>::attach(Embedded::in_memory()?.dynamo());
    things.update_field("a", Thing::fields().count(), 1).await?;
    let error = things.commit_operations().await.unwrap_err();
    assert!(error.to_string().contains("a: rejected, still pending: table or index not found: "), "{error}");
    assert_eq!(things.pending_operations().len(), 1);
    Ok(())
}

#[tokio::test]
async fn access_denied() -> Outcome {
    let message = "User: x is not authorized to perform: dynamodb:GetItem";
    for error in errors(refusing(400, "AccessDeniedException", message)).await {
        assert!(error.is_access_denied());
        assert_eq!(error.to_string(), format!("access denied: {message} (AccessDeniedException)"));
        assert!(!error.may_be_applied());
    }
    let error = BasicTable::<Thing, _>::open(refusing(400, "AccessDeniedException", message)).await.unwrap_err();
    assert!(error.is_access_denied());
    Ok(())
}

#[tokio::test]
async fn throttling() -> Outcome {
    let code = "ProvisionedThroughputExceededException";
    for error in errors(refusing(400, code, "slow down")).await {
        assert!(error.is_throttled());
        assert_eq!(error.to_string(), format!("throttled: slow down ({code})"));
        assert!(!error.may_be_applied());
    }
    let things = CachingTable::<Thing, _>::attach(refusing(400, code, "slow down"));
    things.update_field("a", Thing::fields().count(), 1).await?;
    let error = things.commit_operations().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "committed 0 of 1 records, requests: 1\n  a: rejected, still pending: throttled: slow down \
         (ProvisionedThroughputExceededException)"
    );
    assert_eq!(things.get_field("a", Thing::fields().count()).await?, Some(1), "nothing is lost");
    things.rollback();
    Ok(())
}

#[tokio::test]
async fn a_server_error_leaves_a_write_in_doubt_and_a_read_failed() -> Outcome {
    let backend = || refusing(500, "InternalServerError", "out of order");
    for error in errors(backend()).await {
        assert_eq!(error.failure().unwrap().class(), FailureClass::Interrupted);
        assert!(error.may_be_applied());
    }
    let things = CachingTable::<Thing, _>::attach(backend());
    things.update_field("a", Thing::fields().count(), 1).await?;
    let error = things.commit_operations().await.unwrap_err();
    assert!(error.to_string().contains("a: in doubt: answer lost: out of order"), "{error}");
    Ok(())
}

#[tokio::test]
async fn errors_are_ordinary_errors() -> Outcome {
    fn is_error<E: std::error::Error + Send + Sync + 'static>(_: &E) {}
    let error = errors(refusing(400, "ValidationException", "no")).await.remove(0);
    is_error(&error);
    assert_eq!(error.to_string(), "request refused: no (ValidationException)");
    assert!(!error.is_throttled() && !error.is_access_denied() && !error.is_table_not_found());
    Ok(())
}
