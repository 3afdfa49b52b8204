use std::collections::BTreeSet;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, Projection, ProjectionType};

use crate::support::{TABLE, item, n, put, s, with_film_table};

/// The films of one studio, by year.
async fn films() -> Client {
    let client = with_film_table(Projection::builder().projection_type(ProjectionType::All).build()).await;
    for year in 1960..1985 {
        put(
            &client,
            item([
                ("studio", s("Fox")),
                ("year", n(year)),
                ("director", s(if year % 5 == 0 { "Scott" } else { "Hill" })),
            ]),
        )
        .await;
    }
    client
}

fn years<'a>(items: impl IntoIterator<Item = &'a crate::support::Item>) -> Vec<u32> {
    items.into_iter().map(|item| item["year"].as_n().unwrap().parse().unwrap()).collect()
}

#[tokio::test]
async fn a_query_pages_through_a_partition_in_order() {
    let client = films().await;
    let mut found = Vec::new();
    let mut start = None;
    let mut pages = 0;
    loop {
        let page = client
            .query()
            .table_name(TABLE)
            .key_condition_expression("studio = :studio AND #y BETWEEN :from AND :to")
            .expression_attribute_names("#y", "year")
            .expression_attribute_values(":studio", s("Fox"))
            .expression_attribute_values(":from", n(1962))
            .expression_attribute_values(":to", n(1980))
            .limit(4)
            .set_exclusive_start_key(start)
            .send()
            .await
            .unwrap();
        pages += 1;
        found.extend(years(page.items()));
        start = page.last_evaluated_key;
        if start.is_none() {
            break;
        }
    }
    assert_eq!(found, (1962..=1980).collect::<Vec<_>>());
    assert_eq!(pages, 5);
}

#[tokio::test]
async fn a_query_runs_backwards_and_filters() {
    let client = films().await;
    let page = client
        .query()
        .table_name(TABLE)
        .key_condition_expression("studio = :studio")
        .filter_expression("director = :director")
        .expression_attribute_values(":studio", s("Fox"))
        .expression_attribute_values(":director", s("Scott"))
        .scan_index_forward(false)
        .send()
        .await
        .unwrap();
    assert_eq!(years(page.items()), [1980, 1975, 1970, 1965, 1960]);
    assert_eq!(page.scanned_count(), 25);
}

#[tokio::test]
async fn an_index_is_queried() {
    let client = films().await;
    let page = client
        .query()
        .table_name(TABLE)
        .index_name("by-director")
        .key_condition_expression("director = :director")
        .expression_attribute_values(":director", s("Scott"))
        .send()
        .await
        .unwrap();
    assert_eq!(page.count(), 5);
}

#[tokio::test]
async fn a_scan_pages_and_splits_into_segments() {
    let client = films().await;
    let paged = client
        .scan()
        .table_name(TABLE)
        .limit(7)
        .into_paginator()
        .items()
        .send()
        .collect::<Result<Vec<_>, _>>()
        .await
        .unwrap();
    assert_eq!(years(&paged).len(), 25);

    let mut segments = BTreeSet::new();
    for segment in 0..3 {
        let page = client.scan().table_name(TABLE).segment(segment).total_segments(3).send().await.unwrap();
        segments.extend(years(page.items()));
    }
    assert_eq!(segments, (1960..1985).collect());
}

#[tokio::test]
async fn a_page_ends_at_one_megabyte() {
    let client = films().await;
    for year in 0..4 {
        put(
            &client,
            item([("studio", s("Large")), ("year", n(year)), ("reel", AttributeValue::S("x".repeat(300 * 1024)))]),
        )
        .await;
    }
    let page = client
        .query()
        .table_name(TABLE)
        .key_condition_expression("studio = :studio")
        .expression_attribute_values(":studio", s("Large"))
        .send()
        .await
        .unwrap();
    assert!(page.count() < 4);
    assert!(page.last_evaluated_key().is_some());
}
