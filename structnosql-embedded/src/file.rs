use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use dynoxide::Database;

use crate::EmbeddedError;

/// The sixteen bytes that every SQLite file starts with.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// Opens the database file at `path`, creating it if there is none.
pub(crate) fn open(path: &Path) -> Result<Database, EmbeddedError> {
    let absolute = locate(path)?;
    let Some(name) = absolute.to_str() else {
        return Err(EmbeddedError::Path {
            path: path.to_owned(),
            reason: "it is not valid UTF-8; give a path that is",
        });
    };
    let refused =
        |error: dynoxide::DynoxideError| EmbeddedError::Open { path: absolute.clone(), reason: error.to_string() };
    let database = Database::new(name).map_err(refused)?;
    // The name hides what matters here: this sets `synchronous` to NORMAL,
    // where the engine starts with FULL and so waits for the disk at every
    // write. What a crash of the machine may undo is the last writes, whole.
    database.disable_bulk_loading().map_err(refused)?;
    Ok(database)
}

/// The absolute path of the file, once nothing is known to stand in the way.
///
/// Invariant: what the engine is given is absolute. SQLite reads a meaning into
/// names such as ``, `:memory:` and `file:a?mode=memory`, and would silently
/// keep no file; none of them starts with a root.
fn locate(path: &Path) -> Result<PathBuf, EmbeddedError> {
    let refused = |reason| EmbeddedError::Path { path: path.to_owned(), reason };
    if path.as_os_str().is_empty() {
        return Err(refused("it is empty; give the path of a file, or use `Embedded::in_memory()`"));
    }
    let absolute =
        std::path::absolute(path).map_err(|_| refused("the current directory is unknown; give an absolute path"))?;
    if absolute.is_dir() {
        return Err(refused("it is a directory; give the path of a file inside it"));
    }
    if let Some(directory) = absolute.parent()
        && !directory.is_dir()
    {
        return Err(EmbeddedError::NoDirectory { directory: directory.to_owned(), path: absolute });
    }
    if holds_something_else(&absolute) {
        return Err(EmbeddedError::NotADatabase { path: absolute });
    }
    Ok(absolute)
}

/// Whether there is a file that is not SQLite's. What cannot be read, or would
/// not end, is left to the engine, whose message says why.
fn holds_something_else(path: &Path) -> bool {
    if !path.is_file() {
        return false;
    }
    let mut start = Vec::with_capacity(MAGIC.len());
    let read = File::open(path).and_then(|file| file.take(MAGIC.len() as u64).read_to_end(&mut start));
    read.is_ok() && !start.is_empty() && start != MAGIC
}
