//! Changes of list items: named by the positions that reads show, sent by those that the stored list has.

use structnosql::{CachingTable, Field, FieldExt, ListHandle, TableDataModel};

use crate::model::{User, paul, plain};
use crate::support::{Engine, Outcome, Probe, caching};

/// `["Rome", "Oslo", "Lima"]` is stored; it is known, or not.
async fn stored(known: bool) -> Outcome<(CachingTable<User, Engine>, Probe)> {
    let (users, probe) = caching::<User>().await?;
    users.put_record(&paul()).await?;
    if !known {
        users.clear_cached_data();
    }
    probe.take();
    Ok((users, probe))
}

fn visited() -> ListHandle<User, String, Vec<String>, structnosql::presence::Optional> {
    User::fields().visited()
}

enum Change {
    Set(u32, &'static str),
    Remove(u32),
}
use Change::{Remove, Set};

/// Makes the changes one after another, and shows what a read sees before the commit; it is the same afterwards.
async fn after(changes: &[Change], known: bool) -> Outcome<Vec<String>> {
    let (users, probe) = stored(known).await?;
    for change in changes {
        match *change {
            Set(at, city) => users.update_field("x42", visited().index(at), city).await?,
            Remove(at) => users.delete_field("x42", visited().index(at)).await?,
        }
    }
    let seen = users.get_field("x42", visited()).await?.unwrap();
    for (at, city) in (0..).zip(&seen) {
        assert_eq!(users.get_field("x42", visited().index(at)).await?.as_ref(), Some(city), "{at}");
    }
    assert_eq!(users.get_field("x42", visited().index(seen.len() as u32)).await?, None);
    assert!(probe.count() <= usize::from(!known));
    users.commit_operations().await?;
    assert!(probe.count() <= 1, "one update");
    assert_eq!(users.get_field("x42", visited()).await?.as_ref(), Some(&seen));
    assert_eq!(users.session().get_field("x42", visited()).await?.as_ref(), Some(&seen));
    Ok(seen)
}

#[tokio::test]
async fn edits_removals_and_appends_in_any_order() -> Outcome {
    for known in [true, false] {
        for (changes, expected) in [
            (&[Set(1, "A")][..], &["Rome", "A", "Lima"][..]),
            (&[Remove(0)], &["Oslo", "Lima"]),
            (&[Remove(0), Remove(0)], &["Lima"]),
            (&[Remove(0), Remove(0), Remove(0)], &[]),
            (&[Remove(2), Remove(0)], &["Oslo"]),
            (&[Remove(0), Set(0, "A")], &["A", "Lima"]),
            (&[Set(0, "A"), Remove(0)], &["Oslo", "Lima"]),
            (&[Set(2, "A"), Remove(0), Set(1, "B")], &["Oslo", "B"]),
            (&[Set(3, "A")], &["Rome", "Oslo", "Lima", "A"]),
            (&[Set(9, "A"), Set(9, "B")], &["Rome", "Oslo", "Lima", "A", "B"]),
            (&[Set(9, "A"), Set(3, "B")], &["Rome", "Oslo", "Lima", "B"]),
            (&[Set(9, "A"), Remove(3)], &["Rome", "Oslo", "Lima"]),
            (&[Set(9, "A"), Remove(0), Set(2, "B")], &["Oslo", "Lima", "B"]),
            (&[Set(9, "A"), Remove(0), Set(3, "B")], &["Oslo", "Lima", "A", "B"]),
            (&[Remove(9)], &["Rome", "Oslo", "Lima"]),
            (&[Remove(1), Remove(9), Set(9, "A"), Set(0, "B"), Remove(1)], &["B", "A"]),
        ] {
            assert_eq!(after(changes, known).await?, expected, "{known}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_list_that_is_not_known_is_read_once() -> Outcome {
    let (users, probe) = stored(false).await?;
    users.delete_field("x42", visited().index(0)).await?;
    users.update_field("x42", visited().index(0), "A").await?;
    assert_eq!(probe.take(), ["get SELECT id,visited"]);
    users.commit_operations().await?;
    assert_eq!(probe.take(), ["update SET visited[1]=:v0 REMOVE visited[0]"]);
    Ok(())
}

#[tokio::test]
async fn several_in_one_call_are_made_one_after_another() -> Outcome {
    let (users, _) = stored(true).await?;
    users
        .update_multiple_fields(
            "x42",
            [visited().index(0).remove(), visited().index(0).set("A"), visited().index(8).set("B")],
        )
        .await?;
    users.commit_operations().await?;
    assert_eq!(users.session().get_field("x42", visited()).await?.unwrap(), ["A", "Lima", "B"]);
    Ok(())
}

#[tokio::test]
async fn old_values_are_those_that_reads_show() -> Outcome {
    let (users, _) = stored(false).await?;
    assert_eq!(users.remove_field("x42", visited().index(0)).await?.as_deref(), Some("Rome"));
    assert_eq!(users.remove_field("x42", visited().index(0)).await?.as_deref(), Some("Oslo"));
    users.delete_field("x42", visited().index(0)).await?;
    assert_eq!(users.remove_field("x42", visited().index(0)).await?, None);
    users.commit_operations().await?;
    assert_eq!(users.session().get_field("x42", visited()).await?.unwrap(), [""; 0]);
    Ok(())
}

/// A commit of one kind changes the positions that the other kind goes on with.
#[tokio::test]
async fn committed_by_kind() -> Outcome {
    for removals_first in [true, false] {
        let (users, _) = stored(true).await?;
        users
            .update_multiple_fields(
                "x42",
                [
                    visited().index(0).remove(),
                    visited().index(1).set("A"),
                    visited().index(7).set("B"),
                    visited().index(0).remove(),
                ],
            )
            .await?;
        let expected = ["A", "B"];
        assert_eq!(users.get_field("x42", visited()).await?.unwrap(), expected);
        if removals_first {
            users.commit_remove_operations().await?;
            assert_eq!(users.session().get_field("x42", visited()).await?.unwrap(), ["Lima"]);
        } else {
            users.commit_update_operations().await?;
            assert_eq!(users.session().get_field("x42", visited()).await?.unwrap(), ["Rome", "Oslo", "A", "B"]);
        }
        assert_eq!(users.get_field("x42", visited()).await?.unwrap(), expected);
        users.update_field("x42", visited().index(8), "C").await?;
        users.commit_operations().await?;
        assert_eq!(users.session().get_field("x42", visited()).await?.unwrap(), ["A", "B", "C"]);
        assert_eq!(users.get_field("x42", visited()).await?.unwrap(), ["A", "B", "C"]);
    }
    Ok(())
}

#[tokio::test]
async fn dropped_by_kind() -> Outcome {
    let changes = || [visited().index(0).remove(), visited().index(1).set("A"), visited().index(7).set("B")];
    let (users, _) = stored(true).await?;
    users.update_multiple_fields("x42", changes()).await?;
    users.clear_pending_remove_operations();
    // What stays pending counts positions in the stored list, which is what reads show of it.
    assert_eq!(users.get_field("x42", visited()).await?.unwrap(), ["Rome", "Oslo", "A", "B"]);
    users.commit_operations().await?;
    assert_eq!(users.session().get_field("x42", visited()).await?.unwrap(), ["Rome", "Oslo", "A", "B"]);

    let (users, _) = stored(true).await?;
    users.update_multiple_fields("x42", changes()).await?;
    users.clear_pending_update_operations();
    assert_eq!(users.get_field("x42", visited()).await?.unwrap(), ["Oslo", "Lima"]);
    users.commit_operations().await?;
    assert_eq!(users.session().get_field("x42", visited()).await?.unwrap(), ["Oslo", "Lima"]);
    Ok(())
}

#[tokio::test]
async fn hidden_changes_and_later_ones_are_committed_together() -> Outcome {
    let (users, _) = stored(true).await?;
    users.delete_field("x42", visited().index(0)).await?;
    users.clear_cached_data();
    // Reads show the stored list again, and positions count in it as it will be.
    assert_eq!(users.get_field("x42", visited()).await?.unwrap(), ["Rome", "Oslo", "Lima"]);
    users.refresh();
    assert_eq!(users.get_field("x42", visited()).await?.unwrap(), ["Oslo", "Lima"]);
    users.update_field("x42", visited().index(1), "A").await?;
    users.commit_operations().await?;
    assert_eq!(users.session().get_field("x42", visited()).await?.unwrap(), ["Oslo", "A"]);
    Ok(())
}

#[tokio::test]
async fn changes_behind_a_commit_under_way() -> Outcome {
    let (users, probe) = stored(true).await?;
    users.delete_field("x42", visited().index(0)).await?;
    let hold = probe.hold();
    let meanwhile = async {
        hold.reached().await;
        users.delete_field("x42", visited().index(0)).await?;
        users.update_field("x42", visited().index(5), "A").await?;
        assert_eq!(users.get_field("x42", visited()).await?.unwrap(), ["Lima", "A"]);
        hold.release();
        Ok::<_, structnosql::Error>(())
    };
    let (committed, done) = tokio::join!(users.commit_operations(), meanwhile);
    committed?;
    done?;
    assert_eq!(users.get_field("x42", visited()).await?.unwrap(), ["Lima", "A"]);
    users.commit_operations().await?;
    assert_eq!(users.session().get_field("x42", visited()).await?.unwrap(), ["Lima", "A"]);
    Ok(())
}

#[tokio::test]
async fn an_item_of_a_list_that_is_not_there_is_refused() -> Outcome {
    let (users, _) = caching::<User>().await?;
    users.put_record(&plain("y1")).await?;
    users.clear_cached_data();
    let error = users.update_field("y1", visited().index(0), "A").await.unwrap_err();
    assert!(error.is_type_conflict());
    assert_eq!(
        error.to_string(),
        "type conflict at `visited`: expected a list, found nothing: nothing was changed; set it as a whole to replace it"
    );
    assert!(!users.has_pending_operations());
    // Set as a whole, its items can be changed.
    users.update_field("y1", visited(), ["A", "B"]).await?;
    users.update_field("y1", visited().index(5), "C").await?;
    users.delete_field("y1", visited().index(0)).await?;
    users.commit_operations().await?;
    assert_eq!(users.session().get_field("y1", visited()).await?.unwrap(), ["B", "C"]);
    Ok(())
}

#[tokio::test]
async fn a_path_into_a_list_prints_its_position() {
    assert_eq!(visited().index(3).path().to_string(), "visited[3]");
}
