/// What a backend can do of what not every database has.
///
/// A request that a backend cannot serve fails as [`Unsupported`](crate::FailureClass::Unsupported), and nothing is
/// sent. These flags let a table choose, and refuse, before it makes the request.
///
/// ```
/// use structnosql_core::Capabilities;
///
/// // Alternator, ScyllaDB's DynamoDB interface.
/// let alternator = Capabilities { transactions: false, batched_updates: false, ..Capabilities::ALL };
/// assert!(alternator.time_to_live);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Capabilities {
    /// Writes and reads of several items at once, all or none, and tokens that make repeating them harmless.
    pub transactions: bool,
    /// Updates of several items in one request, each for itself.
    pub batched_updates: bool,
    /// Items that the database deletes by itself once they are out of date.
    pub time_to_live: bool,
}

impl Capabilities {
    /// All of it, as DynamoDB has it.
    pub const ALL: Capabilities = Capabilities { transactions: true, batched_updates: true, time_to_live: true };
}
