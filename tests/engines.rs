//! The conformance cases on every engine there is: embedded, in memory, in a file and behind a service, and over HTTP
//! those that `ci/engines start` has started. None of them is DynamoDB; where one differs, its list says how.

#![allow(clippy::unwrap_used, reason = "a test fails by a panic")]

use structnosql_embedded::Embedded;
use structnosql_external::External;
use structnosql_gateway::{ApiKey, Gateway, Grant, KeyHash, Server, Verb};
use structnosql_testkit::conformance::{Divergence, backend};

const fn divergence(case: &'static str, because: &'static str) -> Divergence {
    Divergence { case, because }
}

const EMBEDDED: [Divergence; 6] = [
    divergence("updates::removing_alone_creates_nothing", "creates an item of the key alone"),
    divergence("updates::the_old_item_comes_back_where_asked_for", "returns the key where there was no item"),
    divergence("limits::values_may_be_nested_32_levels_deep", "counts the item as a level"),
    divergence("statements::counters_and_lists_grow", "takes no attribute in quotes for an operand"),
    divergence("transactions::several_items_are_read_at_once", "adds the key to what was asked for"),
    divergence("time_to_live::it_is_enabled_once", "takes it for done where it is enabled already"),
];

#[tokio::test]
async fn embedded_in_memory() {
    let dynamo = Embedded::in_memory().unwrap().dynamo();
    backend::run(&dynamo, &EMBEDDED).await.assert_conformant();
}

#[tokio::test]
async fn embedded_in_a_file() {
    let directory = std::env::temp_dir().join(format!("structnosql-engines-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    let dynamo = Embedded::open(directory.join("file.db")).unwrap().dynamo();
    let report = backend::run(&dynamo, &EMBEDDED).await;
    drop(dynamo);
    std::fs::remove_dir_all(&directory).unwrap();
    report.assert_conformant();
}

/// A client and a gateway in between change nothing: the same cases pass, and the same diverge.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn embedded_behind_a_service() {
    let dynamo = Embedded::in_memory().unwrap().dynamo();
    let key = ApiKey::new("test", KeyHash::of("key")).grant(Grant::everything("*").verbs(Verb::TABLES));
    let gateway = Gateway::builder(dynamo).tables_without_model("").key(key).build();
    let server = Server::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", server.local_addr().unwrap());
    tokio::spawn(server.serve(gateway, std::future::pending()));
    let external = External::at(&address).unwrap().with_key("key").unwrap();
    backend::run(&external, &EMBEDDED).await.assert_conformant();
}

#[cfg(feature = "aws")]
mod over_http {
    use std::io::Write;

    use structnosql::Dynamo;
    use structnosql::backend::Capabilities;
    use structnosql_testkit::conformance::{Divergence, backend};

    use super::divergence;

    const DYNALITE: [Divergence; 9] = [
        divergence("conditions::a_failed_put_brings_the_stored_item", "brings none"),
        divergence("conditions::a_failed_update_brings_the_stored_item", "brings none"),
        divergence("conditions::a_failed_delete_brings_the_stored_item", "brings none"),
        divergence("updates::a_value_moves_to_another_name", "takes no two maps for equal"),
        divergence("updates::removing_alone_creates_nothing", "creates an item of the key alone"),
        divergence("indexes::a_local_index_fetches_what_it_does_not_hold", "answers without it"),
        divergence("indexes::a_global_index_refuses_what_it_does_not_hold", "answers without it"),
        divergence("limits::deeper_nesting_is_refused", "knows no limit"),
        divergence(
            "tables::an_added_index_finds_the_items_that_are_there",
            "asks for the capacity of an index where the table is paid by request",
        ),
    ];

    const MINISTACK: [Divergence; 14] = [
        divergence("updates::setting_under_a_scalar_is_an_invalid_path", "refuses it for another reason"),
        divergence("updates::setting_a_name_in_a_list_is_an_invalid_path", "refuses it for another reason"),
        divergence("updates::setting_an_index_of_a_map_is_an_invalid_path", "takes it for done, and does nothing"),
        divergence(
            "updates::removing_under_a_missing_parent_is_an_invalid_path",
            "takes it for done, and does nothing",
        ),
        divergence("updates::removing_alone_creates_nothing", "creates an item of the key alone"),
        divergence("lists::several_past_the_end_are_appended_in_order", "appends in the order of the expression"),
        divergence("indexes::a_local_index_fetches_what_it_does_not_hold", "answers without it"),
        divergence("indexes::a_global_index_refuses_what_it_does_not_hold", "answers without it"),
        divergence("limits::values_may_be_nested_32_levels_deep", "counts the item as a level"),
        divergence("queries::a_filter_may_not_read_the_key", "lets it"),
        divergence("statements::a_missing_parent_is_an_invalid_path", "takes it for done, and does nothing"),
        divergence("statements::counters_and_lists_grow", "has no `list_append` in statements"),
        divergence("statements::an_item_changes_once", "changes it twice"),
        divergence("time_to_live::it_is_enabled_once", "takes it for done where it is enabled already"),
    ];

    #[tokio::test]
    async fn dynalite() {
        let lesser = Capabilities::default();
        at("STRUCTNOSQL_DYNALITE", lesser, &DYNALITE).await;
    }

    #[tokio::test]
    async fn ministack() {
        at("STRUCTNOSQL_MINISTACK", Capabilities::ALL, &MINISTACK).await;
    }

    async fn at(variable: &str, capabilities: Capabilities, expected: &[Divergence]) {
        match std::env::var(variable) {
            Ok(address) => {
                let dynamo = Dynamo::at(address).with_capabilities(capabilities);
                backend::run(&dynamo, expected).await.assert_conformant();
            }
            Err(_) => {
                // Unlike what is printed, this is shown for a test that passes.
                writeln!(std::io::stderr(), "LEFT OUT: {variable} is not set; `ci/engines start` sets it").ok();
            }
        }
    }
}
