use std::path::PathBuf;

/// Why an [`Embedded`](crate::Embedded) could not be opened.
///
/// Only opening fails with this error. Once open, everything that goes wrong is
/// answered as DynamoDB would answer it, through the SDK's own errors.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EmbeddedError {
    /// An in-memory database could not be started.
    #[error("an in-memory database could not be started: {reason}")]
    Memory {
        /// What the engine says.
        reason: String,
    },

    /// The path cannot name a database file, or cannot be handed to the engine.
    #[error("`{}` cannot be used as a database file: {reason}", path.display())]
    Path {
        /// The path as it was given.
        path: PathBuf,
        /// What is wrong with it, and what to give instead.
        reason: &'static str,
    },

    /// The directory that should hold the database file does not exist.
    #[error(
        "the database file `{}` cannot be created: the directory `{}` does not exist; create it first",
        path.display(),
        directory.display()
    )]
    NoDirectory {
        /// The database file, as an absolute path.
        path: PathBuf,
        /// The missing directory.
        directory: PathBuf,
    },

    /// The file exists and holds something else than a database. It was left
    /// as it is.
    #[error(
        "`{}` is not a database file, and was left as it is; give another path, or move that file away",
        path.display()
    )]
    NotADatabase {
        /// The file, as an absolute path.
        path: PathBuf,
    },

    /// The engine could not open the database file.
    #[error(
        "the database file `{}` could not be opened: {reason}; check that this process may read and write it and its directory, and that it was not written by a newer version",
        path.display()
    )]
    Open {
        /// The database file, as an absolute path.
        path: PathBuf,
        /// What the engine says.
        reason: String,
    },
}
