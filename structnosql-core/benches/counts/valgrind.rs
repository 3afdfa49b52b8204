//! Running this program again under valgrind, and reading its counts.

use std::process::{Command, ExitCode};

use crate::{Case, Goal};

/// What one run, or one operation, has taken.
struct Counts {
    instructions: f64,
    allocations: f64,
    /// Bytes still allocated at the end.
    kept: f64,
}

/// Prints what each case takes for one operation. Ends with a failure where a goal is missed.
pub(crate) fn count(cases: &[Case], part: Option<&&str>) -> ExitCode {
    if let Err(error) = Command::new("valgrind").arg("--version").output() {
        eprintln!("This counts with valgrind, which cannot be started ({error}). Install it, or run elsewhere.");
        return ExitCode::FAILURE;
    }
    println!("{:40} {:>12} {:>11} {:>10}  goal", "one operation", "instructions", "allocations", "bytes kept");
    let mut met = true;
    for case in cases.iter().filter(|case| part.is_none_or(|part| case.name.contains(part))) {
        match per_operation(case) {
            Ok(counts) => met &= print(case, &counts),
            Err(error) => {
                eprintln!("{}: {error}", case.name);
                return ExitCode::FAILURE;
            }
        }
    }
    if met { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn print(case: &Case, counts: &Counts) -> bool {
    let Counts { instructions, allocations, kept } = counts;
    let (goal, met) = match case.goal {
        Goal::None => (String::new(), true),
        Goal::Instructions(most) => (format!("≤ {most} instructions"), *instructions <= most as f64),
        Goal::BytesKept(most) => (format!("≤ {most} bytes"), *kept <= most as f64),
    };
    let mark = if met { "" } else { ": missed" };
    println!("{:40} {instructions:>12.0} {allocations:>11.2} {kept:>10.0}  {goal}{mark}", case.name);
    met
}

fn per_operation(case: &Case) -> Result<Counts, String> {
    let (once, twice) = (run(case, case.operations)?, run(case, 2 * case.operations)?);
    let each = |count: fn(&Counts) -> f64| (count(&twice) - count(&once)) / case.operations as f64;
    Ok(Counts {
        instructions: each(|counts| counts.instructions),
        allocations: each(|counts| counts.allocations),
        kept: each(|counts| counts.kept),
    })
}

fn run(case: &Case, operations: usize) -> Result<Counts, String> {
    let instructions = ["--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"];
    let allocations = ["--tool=memcheck", "--leak-check=no", "--undef-value-errors=no"];
    let (counted, allocated) = (valgrind(&instructions, case, operations)?, valgrind(&allocations, case, operations)?);
    Ok(Counts {
        instructions: number_after(&counted, "refs:")?,
        allocations: number_after(&allocated, "total heap usage:")?,
        kept: number_after(&allocated, "in use at exit:")?,
    })
}

fn valgrind(tool: &[&str], case: &Case, operations: usize) -> Result<String, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut command = Command::new("valgrind");
    command.args(tool).arg(program).args(["--count", case.name, &operations.to_string()]);
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
