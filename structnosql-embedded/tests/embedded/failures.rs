use std::collections::HashMap;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::RequestId;
use aws_sdk_dynamodb::operation::get_item::{GetItem, GetItemError};
use aws_sdk_dynamodb::types::AttributeValue;
use aws_smithy_types::body::SdkBody;
use structnosql_embedded::Embedded;

use crate::support::{TABLE, code, get, item, n, put, s, with_table};

type Failure = SdkError<GetItemError, aws_sdk_dynamodb::config::http::HttpResponse>;

/// What a get is answered with when its request was changed on the way.
async fn tampered(
    change: impl Fn(&mut aws_sdk_dynamodb::config::http::HttpRequest) + Send + Sync + 'static,
) -> Failure {
    with_table()
        .await
        .get_item()
        .table_name(TABLE)
        .key("id", s("alien"))
        .customize()
        .mutate_request(change)
        .send()
        .await
        .unwrap_err()
}

#[tokio::test]
async fn an_unknown_table_is_not_found() {
    let client = Embedded::in_memory().unwrap().client();
    let error = client.get_item().table_name("nowhere").key("id", s("alien")).send().await.unwrap_err();
    assert_eq!(error.raw_response().unwrap().status().as_u16(), 400);
    let error = error.into_service_error();
    assert!(error.is_resource_not_found_exception());
    assert_eq!(error.message(), Some("Requested resource not found"));
    assert_eq!(error.request_id().unwrap().len(), 52);
}

#[tokio::test]
async fn what_cannot_be_valid_is_a_validation_exception() {
    let client = with_table().await;
    let wrong_key = client.get_item().table_name(TABLE).key("id", n(1)).send().await;
    assert_eq!(code(wrong_key), "ValidationException");
    let reserved = client
        .update_item()
        .table_name(TABLE)
        .key("id", s("alien"))
        .update_expression("SET year = :year")
        .expression_attribute_values(":year", n(1979))
        .send()
        .await;
    assert_eq!(code(reserved), "ValidationException");
    let empty_key = client.put_item().table_name(TABLE).item("id", s("")).send().await;
    assert_eq!(code(empty_key), "ValidationException");
}

#[tokio::test]
async fn values_refused_as_they_are_read_lose_their_marks() {
    let client = with_table().await;
    for value in [
        n("1234567890123456789012345678901234567890"),
        n("NaN"),
        n("1e126"),
        AttributeValue::Ss(vec![]),
        AttributeValue::Ns(vec!["1".into(), "1.0".into()]),
        AttributeValue::Null(false),
    ] {
        let error = client
            .put_item()
            .table_name(TABLE)
            .item("id", s("alien"))
            .item("value", value)
            .send()
            .await
            .unwrap_err()
            .into_service_error();
        assert_eq!(error.code(), Some("ValidationException"));
        let message = error.message().unwrap();
        assert!(!message.contains("VALIDATION"), "{message}");
        assert!(!message.contains(" at line "), "{message}");
    }
}

#[tokio::test]
async fn nesting_has_a_limit_at_any_depth() {
    let client = with_table().await;
    for (levels, accepted) in [(31, true), (32, false), (60, false), (70, false), (300, false)] {
        let nested =
            (0..levels).fold(s("leaf"), |inner, _| AttributeValue::M(HashMap::from([("level".to_owned(), inner)])));
        let result = client.put_item().table_name(TABLE).item("id", s("alien")).item("nested", nested).send().await;
        if accepted {
            result.unwrap();
        } else {
            let error = result.unwrap_err().into_service_error();
            assert_eq!(error.code(), Some("ValidationException"));
            assert!(error.message().unwrap().contains("Nesting Levels"));
        }
    }
}

#[tokio::test]
async fn an_item_has_a_limit_of_400_kilobytes() {
    let client = with_table().await;
    // Names count too: `id` and its two bytes, `b` and the rest.
    let sized = |size: usize| item([("id", s("id")), ("b", s(&"x".repeat(size - 5)))]);
    put(&client, sized(400 * 1024)).await;
    let over = client.put_item().table_name(TABLE).set_item(Some(sized(400 * 1024 + 1))).send().await;
    assert_eq!(code(over), "ValidationException");
}

#[tokio::test]
async fn an_unknown_operation_is_named() {
    let client = Embedded::in_memory().unwrap().client();
    let error = client.describe_limits().send().await.unwrap_err().into_service_error();
    assert_eq!(error.code(), Some("UnknownOperationException"));
    assert!(error.message().unwrap().contains("DescribeLimits"));

    let error = tampered(|request| {
        request.headers_mut().remove("x-amz-target");
    })
    .await;
    assert_eq!(error.code(), Some("UnknownOperationException"));
}

#[tokio::test]
async fn a_body_that_is_not_json_is_a_serialization_exception() {
    let trailing = r#"{"TableName": "movies-table", "Key": {"id": {"S": "alien"}}} and more"#;
    for body in ["", "{", "nonsense", r#"{"TableName": 7}"#, trailing] {
        let error = tampered(move |request| *request.body_mut() = SdkBody::from(body)).await;
        assert_eq!(error.code(), Some("SerializationException"), "{body}");
    }
    let error = tampered(|request| *request.body_mut() = SdkBody::from(vec![0xff, b'{'])).await;
    assert_eq!(error.code(), Some("SerializationException"));
}

#[tokio::test]
async fn a_streamed_body_is_refused_before_it_is_sent() {
    let error = tampered(|request| *request.body_mut() = SdkBody::taken()).await;
    let SdkError::DispatchFailure(failure) = error else {
        panic!("{error:?}");
    };
    assert!(failure.is_user());
}

#[tokio::test]
async fn a_failed_request_leaves_the_engine_whole() {
    let client = with_table().await;
    put(&client, item([("id", s("alien"))])).await;
    let invalid = client
        .update_item()
        .table_name(TABLE)
        .key("id", s("alien"))
        .update_expression("SET seen = :one, missing.child = :one")
        .expression_attribute_values(":one", n(1))
        .send()
        .await;
    assert_eq!(code(invalid), "ValidationException");
    assert_eq!(get(&client, "alien").await, Some(item([("id", s("alien"))])));
}

#[test]
fn errors_of_any_request_can_be_sent_between_threads() {
    fn assert<T: Send + Sync + 'static>() {}
    assert::<Failure>();
    assert::<GetItem>();
    assert::<Embedded>();
    assert::<structnosql_embedded::EmbeddedHttpClient>();
    assert::<structnosql_embedded::EmbeddedError>();
}
