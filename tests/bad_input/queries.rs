//! Queries that cannot be answered.

use structnosql::index::{begins_with, between, equal};
use structnosql::{Cursor, TableDataModel};

use crate::model::{Event, Thing, thing};
use crate::support::{Outcome, on_both_tables};

fn event(at: u32) -> Event {
    Event { source: "s".to_owned(), at, kind: "k".to_owned(), text: Some("text".to_owned()) }
}

on_both_tables! {
    async fn an_empty_key_value(events: Event, probe) {
        let problem = "expected a key value that is not empty, found an empty one";
        let error = events.query_field(Event::indexes().primary(""), Event::fields().text()).await.unwrap_err();
        assert_eq!(error.to_string(), format!("wrong key: `source`: {problem}"));
        let error = events.query_field(Event::indexes().by_kind(""), Event::fields().at()).await.unwrap_err();
        assert_eq!(error.to_string(), format!("wrong key: `kind`: {problem}"));
        assert_eq!(probe.count(), 0);
    }

    async fn a_sort_value_out_of_range(events: Event, probe) {
        let index = Event::indexes().primary("s").sort(equal(-1));
        let error = events.query_field(index, Event::fields().text()).await.unwrap_err();
        assert_eq!(error.to_string(), "wrong key: `at`: expected u32, found -1");
        assert_eq!(probe.count(), 0);
    }

    async fn bounds_the_wrong_way_round(events: Event, probe) {
        let index = Event::indexes().primary("s").sort(between(9, 1));
        let error = events.query_field(index, Event::fields().text()).await.unwrap_err();
        let problem = "expected bounds of `between` from the lower to the upper one, found 9 before 1";
        assert_eq!(error.to_string(), format!("wrong key: `at`: {problem}"));
        assert_eq!(probe.count(), 0);
    }

    async fn the_beginning_of_a_number(events: Event, probe) {
        let index = Event::indexes().primary("s").sort(begins_with(1));
        let error = events.query_field(index, Event::fields().text()).await.unwrap_err();
        let problem = "expected a string or binary for `begins_with`, found a number";
        assert_eq!(error.to_string(), format!("wrong key: `at`: {problem}"));
        assert_eq!(probe.count(), 0);
    }

    async fn a_field_that_the_index_does_not_hold(events: Event, _probe) {
        events.put_record(&event(5)).await?;
        let error = events.query_field(Event::indexes().by_kind("k"), Event::fields().text()).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "wrong path \"text\": the index `by-kind` does not hold it: add it to the index's `projection`, or read \
             it by the record's key"
        );
    }

    async fn a_limit_of_nothing(events: Event, probe) {
        let query = events.query_field(Event::indexes().primary("s"), Event::fields().text()).limit(0);
        let problem = "a limit is at least 1: it says how many items to look at";
        assert_eq!(query.await.unwrap_err().to_string(), format!("wrong query: {problem}"));
        assert_eq!(probe.count(), 0);
    }
}

#[tokio::test]
async fn a_cursor_of_another_table() -> Outcome {
    let (things, _) = crate::support::basic::<Thing>().await?;
    things.put_record(&thing("a")).await?;
    let (events, _) = crate::support::basic::<Event>().await?;
    events.put_record(&event(1)).await?;
    events.put_record(&event(2)).await?;
    let page = events.query_field(Event::indexes().primary("s"), Event::fields().at()).limit(1).await?;
    let cursor: Cursor = page.next.unwrap();
    let query = things.query_field(Thing::indexes().primary("a"), Thing::fields().count());
    let error = query.start_from(cursor).await.unwrap_err();
    assert_eq!(error.to_string(), "wrong cursor: it is of another table");
    Ok(())
}
