//! The conformance cases on every engine there is: embedded, in memory and in a file, and over HTTP those that
//! `ci/engines start` has started. None of them is DynamoDB; where one differs, its list says how.

#![allow(clippy::unwrap_used, reason = "a test fails by a panic")]

use structnosql_embedded::Embedded;
use structnosql_testkit::conformance::{Divergence, backend};

const fn divergence(case: &'static str, because: &'static str) -> Divergence {
    Divergence { case, because }
}

const EMBEDDED: [Divergence; 3] = [
    divergence("updates::removing_alone_creates_nothing", "creates an item of the key alone"),
    divergence("updates::the_old_item_comes_back_where_asked_for", "returns the key where there was no item"),
    divergence("limits::values_may_be_nested_32_levels_deep", "counts the item as a level"),
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

#[cfg(feature = "aws")]
mod over_http {
    use std::io::Write;

    use structnosql::Dynamo;
    use structnosql_testkit::conformance::{Divergence, backend};

    use super::divergence;

    const DYNALITE: [Divergence; 5] = [
        divergence("conditions::a_failed_put_brings_the_stored_item", "brings none"),
        divergence("conditions::a_failed_update_brings_the_stored_item", "brings none"),
        divergence("conditions::a_failed_delete_brings_the_stored_item", "brings none"),
        divergence("updates::removing_alone_creates_nothing", "creates an item of the key alone"),
        divergence("limits::deeper_nesting_is_refused", "knows no limit"),
    ];

    const MINISTACK: [Divergence; 7] = [
        divergence("updates::setting_under_a_scalar_is_an_invalid_path", "refuses it for another reason"),
        divergence("updates::setting_a_name_in_a_list_is_an_invalid_path", "refuses it for another reason"),
        divergence("updates::setting_an_index_of_a_map_is_an_invalid_path", "takes it for done, and does nothing"),
        divergence(
            "updates::removing_under_a_missing_parent_is_an_invalid_path",
            "takes it for done, and does nothing",
        ),
        divergence("updates::removing_alone_creates_nothing", "creates an item of the key alone"),
        divergence("lists::several_past_the_end_are_appended_in_order", "appends in the order of the expression"),
        divergence("limits::values_may_be_nested_32_levels_deep", "counts the item as a level"),
    ];

    #[tokio::test]
    async fn dynalite() {
        at("STRUCTNOSQL_DYNALITE", &DYNALITE).await;
    }

    #[tokio::test]
    async fn ministack() {
        at("STRUCTNOSQL_MINISTACK", &MINISTACK).await;
    }

    async fn at(variable: &str, expected: &[Divergence]) {
        match std::env::var(variable) {
            Ok(address) => backend::run(&Dynamo::at(address), expected).await.assert_conformant(),
            Err(_) => {
                // Unlike what is printed, this is shown for a test that passes.
                writeln!(std::io::stderr(), "LEFT OUT: {variable} is not set; `ci/engines start` sets it").ok();
            }
        }
    }
}
