//! Too deep and too large: refused before anything is pended or sent, where it can be seen; at the limit it works.

use structnosql::{DocumentPath, Field, FieldExt, MAX_ITEM_SIZE, TableDataModel, Value};

use crate::model::{Node, Thing, thing};
use crate::support::{Outcome, Settle, on_both_tables};

/// So many nodes inside one another: two levels each, and one more for the last one's own map.
fn nested(nodes: usize) -> Node {
    (0..nodes)
        .fold(Node::default(), |inside, _| Node { label: None, children: Some([("x".to_owned(), inside)].into()) })
}

fn lists(levels: usize) -> Value {
    (0..levels).fold(Value::from("core"), |inside, _| Value::List(vec![inside]))
}

on_both_tables! {
    async fn thirty_three_levels(things: Thing, probe) {
        let f = Thing::fields;
        let problem = "expected at most 32 levels of nesting, found 33 levels";
        let message = |path: &str| format!("cannot store `{path}`: {problem}");
        // The attribute itself is the first level.
        let error = things.update_field("a", f().anything(), lists(32)).await.unwrap_err();
        assert_eq!(error.to_string(), message("anything"));
        let error = things.put_record(&Thing { anything: Some(lists(32)), ..thing("a") }).await.unwrap_err();
        assert_eq!(error.to_string(), message("anything"));
        let error = things.put_record(&Thing { tree: Some(nested(16)), ..thing("a") }).await.unwrap_err();
        assert!(error.is_invalid_value() && error.to_string().contains("`tree`"), "{error}");
        assert_eq!(probe.count(), 0);

        things.put_record(&Thing { anything: Some(lists(30)), ..thing("a") }).await?;
        things.settle().await?;
        assert_eq!(things.get_field("a", f().anything()).await?, Some(lists(30)));
    }

    async fn a_path_of_thirty_three_levels(things: Thing, probe) {
        let mut node = Thing::fields().tree();
        for _ in 0..20 {
            node = node.children().key("x");
        }
        assert_eq!(node.path().segments().len(), 41);
        let path: DocumentPath = node.path().clone();
        let error = things.update_field("a", node.clone().label(), "deep").await.unwrap_err();
        let text = error.to_string();
        assert!(error.is_invalid_value() && text.contains("at most 32 levels of nesting, found 42"), "{text}");
        for error in [
            things.get_field("a", node.clone().label()).await.unwrap_err(),
            things.get_field("a", (Thing::fields().count(), node.clone())).await.unwrap_err(),
            things.delete_field("a", node.clone()).await.unwrap_err(),
            things.remove_field("a", node.clone()).await.unwrap_err(),
            things.update_multiple_fields("a", [node.clone().remove()]).await.unwrap_err(),
            things.query_field(Thing::indexes().primary("a"), node.clone()).await.unwrap_err(),
        ] {
            let text = error.to_string();
            assert!(text.contains(&path.to_string()) && text.contains("at most 32 levels"), "{text}");
        }
        assert_eq!(probe.count(), 0);
    }

    async fn a_record_of_450_kb(things: Thing, probe) {
        let large = Thing { name: Some("x".repeat(450 * 1024)), ..thing("a") };
        for error in [things.put_record(&large).await.unwrap_err(), things.create_record(&large).await.unwrap_err()] {
            assert!(error.is_too_large());
            let text = error.to_string();
            assert!(text.starts_with("too large: the record `a` has 4608"), "{text}");
            assert!(text.ends_with("bytes; DynamoDB stores at most 409600"), "{text}");
        }
        assert_eq!(probe.count(), 0);
    }

    async fn a_field_of_450_kb(things: Thing, probe) {
        let error = things.update_field("a", Thing::fields().name(), "x".repeat(450 * 1024)).await.unwrap_err();
        assert!(error.is_too_large());
        assert_eq!(
            error.to_string(),
            "too large: `name` has 460800 bytes; DynamoDB stores at most 409600 in an item"
        );
        let large = "x".repeat(450 * 1024);
        let error = things.update_field_return_old("a", Thing::fields().name(), large).await.unwrap_err();
        assert!(error.is_too_large());
        things.settle().await?;
        assert_eq!(probe.count(), 0);
    }

    async fn just_as_large_as_it_may_be(things: Thing, _probe) {
        let record = |letters| Thing { name: Some("x".repeat(letters)), ..thing("a") };
        // The names `id`, `count` and `name`, the key, and the number 0.
        let most = MAX_ITEM_SIZE - ("id".len() + 1) - ("count".len() + 2) - "name".len();
        things.put_record(&record(most)).await?;
        things.settle().await?;
        assert_eq!(things.get_field("a", Thing::fields().name()).await?.map(|name| name.len()), Some(most));
        assert!(things.put_record(&record(most + 1)).await.unwrap_err().is_too_large());
    }

    async fn a_list_of_thousands(things: Thing, _probe) {
        let numbers: Vec<Value> = (0..20_000).map(|number| Value::from(i64::from(number))).collect();
        things.put_record(&thing("a")).await?;
        things.update_field("a", Thing::fields().anything(), Value::List(numbers.clone())).await?;
        things.settle().await?;
        assert_eq!(things.get_field("a", Thing::fields().anything()).await?, Some(Value::List(numbers)));
    }
}

/// Two changes that are each small enough, and together too large: the database refuses, and nothing is lost.
#[tokio::test]
async fn changes_that_are_too_large_together() -> Outcome {
    let (things, _) = crate::support::caching::<Thing>().await?;
    let f = Thing::fields;
    let half = || "x".repeat(250 * 1024);
    things.update_field("a", f().count(), 1).await?;
    things.update_field("a", f().name(), half()).await?;
    things.update_field("a", f().anything(), Value::from(half())).await?;
    let error = things.commit_operations().await.unwrap_err();
    assert!(error.to_string().contains("a: rejected, still pending: too large: "), "{error}");
    assert_eq!(things.pending_operations().len(), 3);
    things.delete_field("a", f().anything()).await?;
    things.commit_operations().await?;
    assert_eq!(things.session().get_field("a", f().count()).await?, Some(1));
    Ok(())
}

/// More changes of one record than fit one expression of 4 KB.
#[tokio::test]
async fn thousands_of_changes_of_one_record() -> Outcome {
    let (things, _) = crate::support::caching::<Thing>().await?;
    let part = |number: u32| Thing::fields().by_number().key(number);
    things.update_field("a", Thing::fields().by_number(), [("0", "zero")]).await?;
    things.update_field("a", Thing::fields().count(), 1).await?;
    things.commit_operations().await?;
    for number in 0..1000 {
        things.update_field("a", part(number), "x").await?;
    }
    things.commit_operations().await?;
    assert_eq!(things.session().get_field("a", Thing::fields().by_number()).await?.unwrap().len(), 1000);
    Ok(())
}
