//! What is asked of an index that does not hold it.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::types::{Projection, ProjectionType, Select};

use crate::support::{TABLE, item, map, n, put, s, with_film_table};

/// Two films, in a local and a global index, which hold keys and the `length`.
async fn films() -> Client {
    let held = Projection::builder().projection_type(ProjectionType::Include).non_key_attributes("length").build();
    let client = with_film_table(held).await;
    for (year, title, length) in [(1979, "Alien", 117), (1982, "Blade Runner", 117)] {
        let of_film = [
            ("studio", s("Fox")),
            ("year", n(year)),
            ("title", s(title)),
            ("director", s("Scott")),
            ("length", n(length)),
            ("cast", map([("lead", s("Weaver")), ("ship", s("Nostromo"))])),
            ("size", n(35)),
        ];
        put(&client, item(of_film)).await;
    }
    client
}

#[tokio::test]
async fn a_local_index_fetches_it_from_the_table() {
    let client = films().await;
    // The placeholder of the partition key is in two expressions, `#l` in the filter alone.
    let page = client
        .query()
        .table_name(TABLE)
        .index_name("by-title")
        .select(Select::SpecificAttributes)
        .key_condition_expression("#s = :fox AND begins_with(title, :a)")
        .filter_expression("#l > :short")
        .projection_expression("#s, #c.ship, #z")
        .expression_attribute_names("#s", "studio")
        .expression_attribute_names("#l", "length")
        .expression_attribute_names("#c", "cast")
        .expression_attribute_names("#z", "size")
        .expression_attribute_values(":fox", s("Fox"))
        .expression_attribute_values(":a", s("A"))
        .expression_attribute_values(":short", n(90))
        .send()
        .await
        .unwrap();
    let alien = item([("studio", s("Fox")), ("cast", map([("ship", s("Nostromo"))])), ("size", n(35))]);
    assert_eq!((page.count(), page.items()), (1, &[alien][..]));

    let page = client.scan().table_name(TABLE).index_name("by-title").limit(1);
    let page = page.projection_expression("title, #z").expression_attribute_names("#z", "size").send().await.unwrap();
    assert_eq!(page.items(), [item([("title", s("Alien")), ("size", n(35))])]);
    assert!(page.last_evaluated_key().is_some());
    // What is wrong with a request is said also where it finds nothing.
    let nothing = client.query().table_name(TABLE).index_name("by-title").key_condition_expression("studio = :none");
    let nothing = nothing.expression_attribute_values(":none", s("None"));
    assert!(nothing.clone().projection_expression("title, size").send().await.is_err(), "a reserved word");
    let page = nothing.projection_expression("#z").expression_attribute_names("#z", "size").send().await.unwrap();
    assert_eq!(page.count(), 0);
}

#[tokio::test]
async fn what_is_held_comes_from_the_index() {
    let client = films().await;
    for index in ["by-title", "by-director"] {
        let scan = || client.scan().table_name(TABLE).index_name(index);
        let page = scan().projection_expression("#l").expression_attribute_names("#l", "length").send().await.unwrap();
        assert_eq!(page.items(), [item([("length", n(117))]), item([("length", n(117))])], "{index}");
        let page = scan().send().await.unwrap();
        assert!(page.items().iter().all(|film| !film.contains_key("cast") && film.contains_key("length")), "{index}");
    }
}

#[tokio::test]
async fn a_global_index_refuses_it() {
    let client = films().await;
    let ask = |paths: &str| {
        let scan = client.scan().table_name(TABLE).index_name("by-director").projection_expression(paths);
        scan.expression_attribute_names("#z", "size").send()
    };
    let error = ask("director, #z").await.unwrap_err().into_service_error();
    assert_eq!(error.code(), Some("ValidationException"));
    let message =
        "One or more parameter values were invalid: Global secondary index by-director does not project [size]";
    assert_eq!(error.message(), Some(message));
    // What is wrong otherwise is the engine's to say.
    let error = ask("director, #y, #z").await.unwrap_err().into_service_error();
    assert!(error.message().is_some_and(|message| message.contains("#y")), "{error:?}");
}
