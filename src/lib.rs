//! Typed DynamoDB documents. (Crate page to be written.)

pub use structnosql_core::*;
#[doc(hidden)]
pub use structnosql_core::__private;
pub use structnosql_derive::*;
#[cfg(feature = "dynamo")]
pub use structnosql_dynamo::Dynamo;
