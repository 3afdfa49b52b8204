//! Tasks that share one table share its unit of work.

use std::collections::HashMap;
use std::sync::Arc;

use structnosql::{CachingTable, FieldExt, TableDataModel};

use crate::model::{User, paul};
use crate::support::{Engine, Outcome, Probe, caching};

fn is_send_and_sync<T: Send + Sync + 'static>(_: &T) {}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tasks_share_what_is_cached_and_pending() -> Outcome {
    let (users, probe) = caching::<User>().await?;
    is_send_and_sync(&users);
    let users: Arc<CachingTable<User, Engine>> = Arc::new(users);
    users.put_record(&paul()).await?;
    let tasks: Vec<_> = (0..8)
        .map(|task: u32| {
            let users = users.clone();
            tokio::spawn(async move {
                for round in 0..20 {
                    users.update_field(format!("user-{task}"), User::fields().age(), round).await?;
                    users.update_multiple_fields("x42", [User::fields().age().set(round)]).await?;
                    if round % 5 == 0 {
                        users.commit_operations().await?;
                    }
                    assert_eq!(users.get_field(format!("user-{task}"), User::fields().age()).await?, Some(round));
                }
                Ok::<_, structnosql::Error>(())
            })
        })
        .collect();
    for task in tasks {
        task.await??;
    }
    users.commit_operations().await?;
    assert!(!users.has_pending_operations());
    let session = users.session();
    for task in 0..8 {
        assert_eq!(session.get_field(format!("user-{task}"), User::fields().age()).await?, Some(19));
    }
    assert_eq!(session.get_field("x42", User::fields().age()).await?, Some(19));
    assert!(probe.count() > 8);
    Ok(())
}

/// The future of every verb can be handed to another thread.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_verb_may_be_awaited_in_a_spawned_task() -> Outcome {
    let (users, _) = caching::<User>().await?;
    let users = Arc::new(users);
    tokio::spawn(async move {
        let f = User::fields;
        let id = String::from("x42");
        users.create_record(&paul()).await?;
        users.put_record(&paul()).await?;
        users.get_record(&id).await?;
        users.get_field(&id, f().home().street()).skip_validation().await?;
        users.get_field("x42", [("street", f().home().street())].into_iter().collect::<HashMap<_, _>>()).await?;
        users.get_multiple_fields(id.as_str(), (f().age(), [f().username()])).eventually_consistent().await?;
        users.debug().get_field(&id, f().tokens()).await?;
        users.query_field(User::indexes().primary(id.as_str()), f().age()).limit(1).await?;
        users.debug().query_multiple_fields(User::indexes().primary(&id), (f().age(), f().username())).await?;
        users.update_field(&id, f().username(), id.as_str()).if_exists().await?;
        users.update_multiple_fields(&id, [f().age().set(1), f().visited().remove()]).await?;
        users.update_field_return_old(&id, f().age(), 2).await?;
        users.update_multiple_fields_return_old(&id, vec![f().age().set(1)]).await?;
        users.delete_field(&id, f().username()).await?;
        users.delete_multiple_fields(&id, (f().username(), f().roles())).await?;
        users.remove_field(&id, f().home()).await?;
        users.remove_multiple_fields(&id, [f().username()]).await?;
        users.commit_update_operations().await?;
        users.commit_remove_operations().await?;
        users.commit_record(&id).await?;
        users.commit_operations().await?;
        users.remove_record(&id).await?;
        users.delete_record(&id).await?;
        Ok::<_, structnosql::Error>(())
    })
    .await??;
    let users = tokio::spawn(caching_of(Probe::in_memory()?)).await??;
    tokio::spawn(async move { users.close().await }).await??;
    Ok(())
}

async fn caching_of(probe: Probe) -> structnosql::Result<CachingTable<User, Engine>> {
    CachingTable::open(probe.0).await
}

/// Several tasks that need the same fields of a record at the same moment.
#[tokio::test]
async fn what_one_task_fetches_the_others_do_not() -> Outcome {
    let (users, probe) = caching::<User>().await?;
    users.put_record(&paul()).await?;
    users.clear_cached_data();
    probe.take();
    let name = || async { users.get_field("x42", User::fields().username()).await };
    let (one, two, three) = tokio::join!(name(), name(), name());
    assert_eq!((one?, two?, three?), (paul().username, paul().username, paul().username));
    assert_eq!(probe.count(), 1);
    Ok(())
}

#[tokio::test]
async fn records_are_independent() -> Outcome {
    let (users, probe) = caching::<User>().await?;
    let hold = probe.hold();
    let slow = async { users.get_record("slow").await };
    let fast = async {
        hold.reached().await;
        let found = users.get_record("fast").await;
        hold.release();
        found
    };
    let (slow, fast) = tokio::join!(slow, fast);
    assert_eq!((slow?, fast?), (None, None));
    Ok(())
}
