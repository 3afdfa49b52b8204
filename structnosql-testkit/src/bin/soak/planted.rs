//! Planting bugs in a copy of the workspace, and looking whether the soak finds them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use structnosql_testkit::soak::{PLANTED, Planted};

/// How long the soak looks for a bug before it has survived.
const SECONDS: &str = "240";

/// Plants each bug. Gives whether all were found.
pub(crate) fn run() -> io::Result<bool> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."));
    let nursery = Nursery::new(root)?;
    println!("{:<72} {:>10}  found by", "bug", "operations");
    if let Some(found) = nursery.soak()? {
        return Err(io::Error::other(format!("without a bug the soak finds something: {found}")));
    }
    println!("{:<72} {:>10}  nothing, in {SECONDS} s", "none", "");
    let mut found = 0;
    for bug in PLANTED {
        let finding = nursery.with(bug, || nursery.soak())?;
        found += usize::from(finding.is_some());
        println!("{:<72} {}", bug.name, finding.unwrap_or_else(|| "SURVIVED".to_owned()));
    }
    println!("{} bugs planted, {found} found", PLANTED.len());
    Ok(found == PLANTED.len())
}

/// A copy of the workspace, and where it is built.
struct Nursery {
    copy: PathBuf,
    target: PathBuf,
}

impl Nursery {
    fn new(root: &Path) -> io::Result<Nursery> {
        let target = root.join("target/planted");
        let copy = target.join("workspace");
        if copy.exists() {
            fs::remove_dir_all(&copy)?;
        }
        copy_sources(root, &copy)?;
        Ok(Nursery { copy, target })
    }

    /// Does something while the bug is planted.
    fn with<T>(&self, bug: &Planted, act: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        let file = self.copy.join(bug.file);
        let text = fs::read_to_string(&file)?;
        fs::write(&file, text.replacen(bug.old, bug.new, 1))?;
        let done = act().map_err(|error| io::Error::other(format!("{}: {error}", bug.name)));
        fs::write(&file, text)?;
        done
    }

    /// Builds the copy and runs its soak. What it found: after how many operations of other cases, and by which seed.
    fn soak(&self) -> io::Result<Option<String>> {
        let mut build = Command::new(env!("CARGO"));
        build.args(["build", "--quiet", "--release", "-p", "structnosql-testkit", "--bin", "soak", "--target-dir"]);
        // To be built again and again matters more than to be fast.
        build.arg(&self.target).envs([
            ("CARGO_PROFILE_RELEASE_INCREMENTAL", "true"),
            ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1"),
            ("RUSTFLAGS", "--cap-lints=allow"),
        ]);
        if !build.current_dir(&self.copy).status()?.success() {
            return Err(io::Error::other("it does not build"));
        }
        let soak = self.target.join("release/soak");
        let soaked = Command::new(soak).args(["--seconds", SECONDS, "--seed", "1", "--first"]).output()?;
        let shown = String::from_utf8_lossy(&soaked.stdout);
        let seed = shown.lines().find_map(|line| line.strip_prefix("seed ")?.split(':').next());
        let operations = shown.lines().last().and_then(|line| line.split(", ").nth(1)?.split(' ').next());
        let found = |seed: &str| format!("{:>10}  --seed {seed}", operations.unwrap_or("?"));
        Ok((!soaked.status.success()).then(|| seed.map_or("it stopped".to_owned(), found)))
    }
}

fn copy_sources(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let name = entry.file_name();
        if name == "target" || name == ".git" {
            continue;
        }
        match entry.file_type()?.is_dir() {
            true => copy_sources(&entry.path(), &to.join(name))?,
            false => drop(fs::copy(entry.path(), to.join(name))?),
        }
    }
    Ok(())
}
