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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// Writes and reads of several items at once, all or none, and tokens that make repeating them harmless.
    pub transactions: bool,
    /// Updates of several items in one request, each for itself.
    pub batched_updates: bool,
    /// Items that the database deletes by itself once they are out of date.
    pub time_to_live: bool,
    /// Updates that set and remove in one request. Without, a plan has two for a record.
    pub grouped_updates: bool,
    /// Conditions on writes. Without, a plan takes the stored record for what it was read as, and such a database brings
    /// parents that are not there into being by itself.
    pub conditions: bool,
    /// Updates that depend on what is stored: increments, members of sets, positions and growth of lists, values that
    /// are set where there is none.
    pub computed_updates: bool,
    /// The whole old item where a write returns it. Without, an update returns what was at its paths.
    pub whole_old_items: bool,
}

impl Capabilities {
    /// All of it, as DynamoDB has it.
    pub const ALL: Capabilities =
        Capabilities { transactions: true, batched_updates: true, time_to_live: true, ..Capabilities::PROTOCOL };

    /// What everything has that speaks DynamoDB's protocol.
    pub const PROTOCOL: Capabilities = Capabilities {
        transactions: false,
        batched_updates: false,
        time_to_live: false,
        grouped_updates: true,
        conditions: true,
        computed_updates: true,
        whole_old_items: true,
    };

    /// Nothing but items that are read, put and deleted, and values that are set or removed.
    pub const LEAST: Capabilities = Capabilities {
        grouped_updates: false,
        conditions: false,
        computed_updates: false,
        whole_old_items: false,
        ..Capabilities::PROTOCOL
    };
}

impl Default for Capabilities {
    /// [`PROTOCOL`](Self::PROTOCOL).
    fn default() -> Self {
        Capabilities::PROTOCOL
    }
}
