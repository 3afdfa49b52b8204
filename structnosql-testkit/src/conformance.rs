//! What every backend must do, as cases that run anywhere.
//!
//! A case that an engine is known not to pass is named in a list of [`Divergence`]s, with the reason; the
//! assertion stays as it is. A divergence that has gone fails too, so that the lists stay true.
//!
//! ```
//! use structnosql_embedded::Embedded;
//! use structnosql_testkit::conformance::{self, Divergence};
//!
//! const EXPECTED: [Divergence; 6] = [
//!     Divergence { case: "updates::removing_alone_creates_nothing", because: "creates an item" },
//!     Divergence { case: "updates::the_old_item_comes_back_where_asked_for", because: "returns a key for nothing" },
//!     Divergence { case: "limits::values_may_be_nested_32_levels_deep", because: "counts the item as a level" },
//!     Divergence { case: "statements::counters_and_lists_grow", because: "takes no attribute in quotes for an operand" },
//!     Divergence { case: "transactions::several_items_are_read_at_once", because: "adds the key to what was asked for" },
//!     Divergence { case: "time_to_live::it_is_enabled_once", because: "takes it for done" },
//! ];
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let backend = Embedded::in_memory()?.dynamo();
//! conformance::backend::run(&backend, &EXPECTED).await.assert_conformant();
//! # Ok(())
//! # }
//! ```

pub mod backend;
mod finding;
mod report;

pub use finding::Finding;
pub use report::{Divergence, Report, Verdict};

/// What a case comes to.
pub(crate) type Outcome = Result<(), Finding>;
