//! Updates through a parent of another type: refused, with nothing written and nothing else lost.

use structnosql::{FieldExt, TableDataModel, Value};

use crate::model::Thing;
use crate::support::{Outcome, Probe, basic, caching, map};

const CONFLICT: &str =
    "type conflict at `parts`: expected a map, found string: nothing was changed; set it as a whole to replace it";
const PARTS: &str =
    "stored value does not fit the model: `parts`: expected a map, found string (`.lenient()` reads what fits)";
const NO_LIST: &str =
    "type conflict at `history`: expected a list, found string: nothing was changed; set it as a whole to replace it";

/// A record that another program stored: texts where maps and lists should be.
async fn stored(probe: &Probe) -> Outcome {
    let tree = map([("children", "none".into())]);
    let texts = [("parts", "none".into()), ("history", "none".into()), ("tree", tree)];
    probe.store::<Thing>([("id", "a".into()), ("count", 1.into())].into_iter().chain(texts)).await
}

async fn is_unchanged(probe: &Probe) -> Outcome {
    let things = structnosql::BasicTable::<Thing, _>::attach(probe.other_program());
    assert_eq!(things.get_field("a", Thing::fields().count()).await?, Some(1));
    assert_eq!(things.get_field("a", Thing::fields().parts()).skip_validation().await?, Some(Value::from("none")));
    Ok(())
}

#[tokio::test]
async fn known_to_the_cache_it_is_refused_at_once() -> Outcome {
    let (things, probe) = caching::<Thing>().await?;
    stored(&probe).await?;
    things.get_record("a").skip_validation().await?;
    probe.take();
    let f = Thing::fields;
    let errors = [
        things.update_field("a", f().parts().key("p").weight(), 1).await.unwrap_err(),
        things.delete_field("a", f().parts().key("p")).await.unwrap_err(),
        things
            .update_multiple_fields("a", [f().count().set(2), f().parts().key("p").weight().set(1)])
            .await
            .unwrap_err(),
    ];
    for error in errors {
        assert!(error.is_type_conflict());
        assert_eq!(error.to_string(), CONFLICT);
    }
    let error = things.update_field("a", f().history().index(0).weight(), 1).await.unwrap_err();
    assert_eq!(error.to_string(), NO_LIST);
    let error = things.update_field("a", f().tree().children().key("x").label(), "l").await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "type conflict at `tree.children`: expected a map, found string: nothing was changed; set it as a whole to replace it"
    );
    assert!(!things.has_pending_operations());
    assert_eq!(probe.count(), 0);
    Ok(())
}

#[tokio::test]
async fn unknown_to_the_cache_the_commit_finds_out() -> Outcome {
    let (things, probe) = caching::<Thing>().await?;
    stored(&probe).await?;
    let f = Thing::fields;
    things.update_field("a", f().parts().key("p").weight(), 1).await?;
    things.update_field("a", f().count(), 2).await?;
    things.update_field("b", f().count(), 3).await?;
    let error = things.commit_operations().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("committed 1 of 2 records, requests: 3\n  a: rejected, still pending: {CONFLICT}")
    );
    is_unchanged(&probe).await?;
    // Nothing else is lost, and the way out is to overwrite the parent or to drop the change.
    assert_eq!(things.pending_for("a").len(), 2);
    assert_eq!(things.get_field("a", f().count()).await?, Some(2));
    things.delete_field("a", f().parts()).await?;
    things.update_field("a", f().parts().key("p").weight(), 1).await?;
    things.commit_operations().await?;
    assert_eq!(things.session().get_field("a", f().parts().key("p").weight()).await?, Some(1));
    assert_eq!(things.session().get_field("a", f().count()).await?, Some(2));
    Ok(())
}

#[tokio::test]
async fn a_list_that_is_none() -> Outcome {
    let (things, probe) = caching::<Thing>().await?;
    stored(&probe).await?;
    let error = things.update_field("a", Thing::fields().history().index(0).weight(), 1).await.unwrap_err();
    assert_eq!(error.to_string(), NO_LIST);
    assert!(!things.has_pending_operations());
    Ok(())
}

#[tokio::test]
async fn on_a_basic_table() -> Outcome {
    let (things, probe) = basic::<Thing>().await?;
    stored(&probe).await?;
    let f = Thing::fields;
    let changes = || [f().count().set(2), f().parts().key("p").weight().set(1)];
    let errors = [
        things.update_field("a", f().parts().key("p").weight(), 1).await.unwrap_err(),
        things.update_multiple_fields("a", changes()).await.unwrap_err(),
        things.update_multiple_fields_return_old("a", changes()).await.unwrap_err(),
        things.delete_field("a", f().parts().key("p")).await.unwrap_err(),
        things.remove_field("a", f().parts().key("p")).await.unwrap_err(),
    ];
    for error in errors {
        assert!(error.is_type_conflict());
        assert_eq!(error.to_string(), CONFLICT);
    }
    for error in [
        things.update_field("a", f().history().index(0).weight(), 1).await.unwrap_err(),
        things.remove_field("a", f().history().index(0)).await.unwrap_err(),
    ] {
        assert_eq!(error.to_string(), NO_LIST);
    }
    is_unchanged(&probe).await
}

/// DynamoDB leaves such a path out of its answer, as it does one that is absent.
#[tokio::test]
async fn reading_through_it_is_an_error_where_the_parent_is_known() -> Outcome {
    let (things, probe) = caching::<Thing>().await?;
    stored(&probe).await?;
    let f = Thing::fields;
    assert_eq!(things.get_field("a", f().parts().key("p").weight()).await?, None);
    things.clear_cached_data();
    things.get_record("a").skip_validation().await?;
    let error = things.get_field("a", f().parts().key("p").weight()).await.unwrap_err();
    assert_eq!(error.to_string(), PARTS);
    Ok(())
}
