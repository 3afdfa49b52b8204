//! Typed DynamoDB documents. (Crate page to be written.)

#[doc(hidden)]
pub use structnosql_core::__private;
pub use structnosql_core::*;
pub use structnosql_derive::*;
#[cfg(feature = "dynamo")]
pub use structnosql_dynamo::Dynamo;

/// A table on Amazon DynamoDB, or on anything that speaks its protocol, that sends every operation at once.
#[cfg(feature = "dynamo")]
pub type DynamoDbBasicTable<M> = BasicTable<M, Dynamo>;

/// A table on Amazon DynamoDB, or on anything that speaks its protocol, that is one unit of work.
#[cfg(feature = "dynamo")]
pub type DynamoDbCachingTable<M> = CachingTable<M, Dynamo>;
