//! Running this program again under valgrind, and reading its counts.

use std::process::Command;

/// What one run, or one operation, has taken.
pub(crate) struct Counts {
    pub(crate) instructions: f64,
    pub(crate) allocations: f64,
    /// Bytes still allocated at the end.
    pub(crate) kept: f64,
}

/// Says why nothing can be counted, if so.
pub(crate) fn check() -> Result<(), String> {
    let started = Command::new("valgrind").arg("--version").output();
    let why =
        |error| format!("This counts with valgrind, which cannot be started ({error}). Install it, or run elsewhere.");
    started.map(drop).map_err(why)
}

/// What one operation takes of a case that this program runs for `--count NAME OPERATIONS`: the difference between so
/// many and twice as many.
pub(crate) fn per_operation(name: &str, operations: usize) -> Result<Counts, String> {
    let (once, twice) = (run(name, operations)?, run(name, 2 * operations)?);
    let each = |count: fn(&Counts) -> f64| (count(&twice) - count(&once)) / operations as f64;
    Ok(Counts {
        instructions: each(|counts| counts.instructions),
        allocations: each(|counts| counts.allocations),
        kept: each(|counts| counts.kept),
    })
}

fn run(name: &str, operations: usize) -> Result<Counts, String> {
    let instructions = ["--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"];
    let allocations = ["--tool=memcheck", "--leak-check=no", "--undef-value-errors=no"];
    let (counted, allocated) = (valgrind(&instructions, name, operations)?, valgrind(&allocations, name, operations)?);
    Ok(Counts {
        instructions: number_after(&counted, "refs:")?,
        allocations: number_after(&allocated, "total heap usage:")?,
        kept: number_after(&allocated, "in use at exit:")?,
    })
}

fn valgrind(tool: &[&str], name: &str, operations: usize) -> Result<String, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut command = Command::new("valgrind");
    command.args(tool).arg(program).args(["--count", name, &operations.to_string()]);
    let output = command.output().map_err(|error| error.to_string())?;
    let report = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() { Ok(report) } else { Err(report) }
}

/// The number behind `label` in what valgrind reports: `I   refs:      1,234,567`.
fn number_after(report: &str, label: &str) -> Result<f64, String> {
    let (_, behind) = report.split_once(label).ok_or_else(|| format!("valgrind does not tell {label:?}:\n{report}"))?;
    let digits: String =
        behind.trim_start().chars().take_while(|c| c.is_ascii_digit() || *c == ',').filter(|c| *c != ',').collect();
    digits.parse().map_err(|_| format!("valgrind tells no number behind {label:?}:\n{report}"))
}
