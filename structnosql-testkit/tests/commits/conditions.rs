//! Conditions and what was read, in each mode.

use structnosql_core::{ConditionExt, Outcome, TableDataModel, Value};

use crate::model::{MODES, Mode, User, ids, item, sent, stored, unknown, value};

#[tokio::test]
async fn a_condition_that_holds_is_sent_along() {
    for mode in MODES {
        let users = stored(&ids(3)).await;
        let f = User::fields;
        users.update_field("u000", f().name(), "Friday").condition(f().visits().eq(7)).await.unwrap();
        users.update_field("u001", f().name(), "Friday").if_exists().await.unwrap();
        let condition = f().name().begins_with("P").or(f().visits().gt(100));
        users.update_field("u002", f().notes().index(0), "changed").condition(condition).await.unwrap();
        let report = mode.commit(&users).await.unwrap();
        assert!(report.is_complete(), "{mode:?}: {report}");
        let requests = sent(&users);
        assert_eq!(
            requests.iter().map(|line| line.matches(" IF ").count()).sum::<usize>(),
            3,
            "{mode:?}: {requests:?}"
        );
    }
}

#[tokio::test]
async fn a_condition_that_does_not_hold_leaves_its_record_alone() {
    for mode in MODES {
        let users = unknown(&stored(&ids(2)).await);
        let f = User::fields;
        users.update_field("u000", f().name(), "Friday").condition(f().visits().gt(7)).await.unwrap();
        users.update_field("u001", f().name(), "Friday").await.unwrap();
        users.update_field("nobody", f().name(), "Friday").if_exists().await.unwrap();
        let error = mode.commit(&users).await.unwrap_err();
        let report = error.commit_report().unwrap();
        let [nobody, first, second] = &report.records[..] else { panic!("{report}") };
        for refused in [nobody, first] {
            let Outcome::Rejected(why) = &refused.outcome else { panic!("{mode:?}: {report}") };
            assert!(why.is_condition_failed(), "{mode:?}: {why}");
        }
        match mode {
            Mode::Atomic => assert!(matches!(second.outcome, Outcome::NotSent(_)), "{report}"),
            _ => assert!(matches!(second.outcome, Outcome::Committed), "{mode:?}: {report}"),
        }
        assert_eq!(value(&users, "u000", "name"), Some("Paul".into()));
        assert_eq!(value(&users, "u001", "name") == Some("Friday".into()), mode != Mode::Atomic);
        assert_eq!(item(&users, "nobody"), None);
        assert_eq!(users.pending_operations().len(), if mode == Mode::Atomic { 3 } else { 2 });
    }
}

/// What was read is compared in the request that writes.
#[tokio::test]
async fn what_was_read_has_to_be_stored_still() {
    for mode in MODES {
        let users = stored(&ids(3)).await;
        let f = User::fields;
        for id in ids(3) {
            users.update_field(&id, f().name(), "Friday").await.unwrap();
        }
        let other = unknown(&users);
        other.update_field("u001", f().name(), "Saturday").await.unwrap();
        other.commit_operations().await.unwrap();
        let before: Vec<_> = ids(3).iter().map(|id| item(&users, id)).collect();

        let error = mode.with(users.commit_operations()).check_unchanged().await.unwrap_err();
        let report = error.commit_report().unwrap();
        let conflict = report.conflicts().next().unwrap();
        assert_eq!((conflict.key().to_string(), report.conflicts().count()), ("u001".to_owned(), 1), "{mode:?}");
        assert_eq!(conflict.changed(), [structnosql_core::Field::path(&f().name()).clone()]);
        assert_eq!(conflict.base().get(&f().name()).unwrap().as_deref(), Some("Paul"));
        assert_eq!(conflict.mine().get(&f().name()).unwrap().as_deref(), Some("Friday"));
        assert_eq!(conflict.theirs().get(&f().name()).unwrap().as_deref(), Some("Saturday"));
        if mode == Mode::Atomic {
            assert_eq!(ids(3).iter().map(|id| item(&users, id)).collect::<Vec<_>>(), before);
        }
        users.refresh_record("u001");
        mode.with(users.commit_operations()).check_unchanged().await.unwrap();
        assert!(ids(3).iter().all(|id| value(&users, id, "name") == Some(Value::from("Friday"))), "{mode:?}");
    }
}
