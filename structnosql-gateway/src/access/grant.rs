use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};
use structnosql_core::{DocumentPath, Segment, Value};

use super::footprint::{Footprint, Partition, Reach};

/// What a client may do with one table.
///
/// ```
/// use structnosql_gateway::{Grant, PartitionRule, Paths, Verb};
///
/// let grant = Grant::on("movies")
///     .verbs([Verb::Get, Verb::Update])
///     .partition(PartitionRule::Prefix("tenant-7#".to_owned()))
///     .read(Paths::Everything)
///     .write(Paths::only([vec!["ratings".into()], vec!["tokens".into(), "*".into(), "expires".into()]]));
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Grant {
    /// The table's name; `logs-*` is every table whose name begins with `logs-`.
    table: String,
    /// What may be done.
    verbs: BTreeSet<Verb>,
    /// Which records; all where there is no rule.
    #[serde(default)]
    partition: Option<PartitionRule>,
    /// What may be read of a record, by gets, queries, conditions and returned old values. The primary key may always
    /// be.
    #[serde(default)]
    read: Paths,
    /// What may be changed of a record. Whole records are written and deleted by who may change everything.
    #[serde(default)]
    write: Paths,
}

/// What can be done with a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Verb {
    /// Read one record, or parts of it.
    Get,
    /// Read a partition of the table or an index.
    Query,
    /// Write a whole record.
    Put,
    /// Change parts of a record.
    Update,
    /// Delete a record.
    Delete,
    /// Read all of the table or an index.
    Scan,
    /// Look at the table's keys, indexes and time to live.
    Describe,
    /// Create the table.
    CreateTable,
    /// Add indexes and time to live to the table.
    UpdateTable,
    /// Delete the table and all that is in it.
    DeleteTable,
}

impl Verb {
    /// What is done with records.
    pub const RECORDS: [Verb; 6] = [Verb::Get, Verb::Query, Verb::Scan, Verb::Put, Verb::Update, Verb::Delete];
    /// What is done with the table as a whole.
    pub const TABLES: [Verb; 4] = [Verb::Describe, Verb::CreateTable, Verb::UpdateTable, Verb::DeleteTable];
}

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Verb::Get => "get",
            Verb::Query => "query",
            Verb::Put => "put",
            Verb::Update => "update",
            Verb::Delete => "delete",
            Verb::Scan => "scan",
            Verb::Describe => "describe",
            Verb::CreateTable => "createTable",
            Verb::UpdateTable => "updateTable",
            Verb::DeleteTable => "deleteTable",
        })
    }
}

/// Which records, by their partition key's value.
///
/// A global index mixes partitions, so a client with such a rule cannot query one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum PartitionRule {
    /// Those with this value; a number is written in its canonical form.
    Equals(String),
    /// Those whose value is a string that begins with this.
    Prefix(String),
}

/// Parts of a record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Paths {
    /// The whole record.
    Everything,
    /// These paths, and what is below them.
    Only(Vec<PathPattern>),
}

/// A path, step by step, in which `*` stands for any one step.
pub type PathPattern = Vec<Step>;

/// A step of a path pattern: a name, a position in a list, or `*`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Step {
    /// A position in a list.
    Index(u32),
    /// A name, or `*` for any one name or position.
    Name(String),
}

impl From<&str> for Step {
    fn from(name: &str) -> Self {
        Step::Name(name.to_owned())
    }
}

impl Step {
    fn matches(&self, segment: &Segment) -> bool {
        match (self, segment) {
            (Step::Name(any), _) if any == "*" => true,
            (Step::Name(name), Segment::Name(other)) => *other == name.as_str(),
            (Step::Index(index), Segment::Index(other)) => index == other,
            _ => false,
        }
    }
}

impl Default for Paths {
    fn default() -> Self {
        Paths::Only(Vec::new())
    }
}

impl Paths {
    /// These paths, and what is below them.
    pub fn only(patterns: impl IntoIterator<Item = PathPattern>) -> Self {
        Paths::Only(patterns.into_iter().collect())
    }

    fn cover(&self, path: &DocumentPath) -> bool {
        let segments = path.segments();
        let covers = |pattern: &PathPattern| {
            !pattern.is_empty()
                && pattern.len() <= segments.len()
                && pattern.iter().zip(segments).all(|(step, segment)| step.matches(segment))
        };
        match self {
            Paths::Everything => true,
            Paths::Only(patterns) => patterns.iter().any(covers),
        }
    }

    /// Fails with the first of the paths that is not covered, or with none where everything would have to be.
    fn gap<'r>(&self, reach: &'r Reach<'_>) -> Result<(), Option<&'r DocumentPath>> {
        match (self, reach) {
            (Paths::Everything, _) => Ok(()),
            (_, Reach::Everything) => Err(None),
            (_, Reach::Paths(paths)) => match paths.iter().find(|path| !self.cover(path)) {
                Some(path) => Err(Some(path)),
                None => Ok(()),
            },
        }
    }
}

/// What a grant lacks that covers the rest; later ones are nearer to covering it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Lacking {
    Verb,
    Partition,
    /// Reading the key of this index. Which attributes these are is not told.
    Index(String),
    /// Reading what is shown, or everything.
    Read(Option<DocumentPath>),
    /// Changing what is shown, or everything.
    Write(Option<DocumentPath>),
}

impl Lacking {
    pub(super) fn describe(&self, footprint: &Footprint<'_>) -> String {
        let (verb, table) = (footprint.verb, footprint.table);
        let on = |what: &str, path: &Option<DocumentPath>| match path {
            Some(path) => format!("to {what} `{path}` of table `{table}`"),
            None => format!("to {what} whole records of table `{table}`"),
        };
        match self {
            Lacking::Verb => format!("`{verb}` on table `{table}`"),
            Lacking::Partition => format!("`{verb}` on these records of table `{table}`"),
            Lacking::Index(index) => format!("to read by index `{index}` of table `{table}`"),
            Lacking::Read(path) => on("read", path),
            Lacking::Write(path) => on("change", path),
        }
    }
}

impl Grant {
    /// A grant on a table, of nothing yet.
    pub fn on(table: impl Into<String>) -> Self {
        Grant {
            table: table.into(),
            verbs: BTreeSet::new(),
            partition: None,
            read: Paths::default(),
            write: Paths::default(),
        }
    }

    /// Everything that can be done with the records of a table, and looking at the table.
    pub fn everything(table: impl Into<String>) -> Self {
        Grant::on(table).verbs(Verb::RECORDS).verbs([Verb::Describe]).read(Paths::Everything).write(Paths::Everything)
    }

    /// What may be done, besides what was granted before.
    #[must_use]
    pub fn verbs(mut self, verbs: impl IntoIterator<Item = Verb>) -> Self {
        self.verbs.extend(verbs);
        self
    }

    /// Only these records.
    #[must_use]
    pub fn partition(mut self, rule: PartitionRule) -> Self {
        self.partition = Some(rule);
        self
    }

    /// What may be read of a record.
    #[must_use]
    pub fn read(mut self, paths: Paths) -> Self {
        self.read = paths;
        self
    }

    /// What may be changed of a record.
    #[must_use]
    pub fn write(mut self, paths: Paths) -> Self {
        self.write = paths;
        self
    }

    /// Whether whole records may be read.
    pub(crate) fn reads_everything(&self) -> bool {
        self.read == Paths::Everything
    }

    pub(super) fn covers(&self, footprint: &Footprint<'_>) -> Result<(), Lacking> {
        if !self.names(footprint.table) || !self.verbs.contains(&footprint.verb) {
            return Err(Lacking::Verb);
        }
        // First, since the partition of an index that is not there is another than of one that is.
        if let Some(index) = &footprint.index
            && self.read.gap(&index.keys).is_err()
        {
            return Err(Lacking::Index(index.name.to_owned()));
        }
        if !self.partition.as_ref().is_none_or(|rule| rule.admits(&footprint.partition)) {
            return Err(Lacking::Partition);
        }
        self.read.gap(&footprint.reads).map_err(|path| Lacking::Read(path.cloned()))?;
        self.write.gap(&footprint.writes).map_err(|path| Lacking::Write(path.cloned()))
    }

    /// The table's name, or how the names of its tables begin.
    #[cfg(feature = "server")]
    pub(crate) fn table(&self) -> &str {
        &self.table
    }

    pub(crate) fn names(&self, table: &str) -> bool {
        match self.table.strip_suffix('*') {
            Some(prefix) => table.starts_with(prefix),
            None => table == self.table,
        }
    }
}

impl PartitionRule {
    fn admits(&self, partition: &Partition<'_>) -> bool {
        let value = match partition {
            Partition::None => return true,
            Partition::Any => return false,
            Partition::One(value) => value.as_ref(),
        };
        match (self, value) {
            (PartitionRule::Equals(text), Value::String(value)) => *value == text.as_str(),
            (PartitionRule::Equals(text), Value::Number(value)) => value.to_string() == *text,
            (PartitionRule::Prefix(prefix), Value::String(value)) => value.starts_with(prefix.as_str()),
            _ => false,
        }
    }
}
