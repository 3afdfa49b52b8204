//! What operations that send nothing cost, in instructions, allocations and bytes.
//!
//! `cargo bench -p structnosql-core --bench counts [part of a name]` runs each case twice under valgrind, with N and
//! with 2 N operations: the difference is the cost of N operations, whatever the program does around them. Time is
//! not looked at, so a busy or slow machine makes no difference.

mod floors;
mod growth;
mod model;
mod operations;
mod valgrind;

use std::process::ExitCode;

use structnosql_core::Error;
use valgrind::{Counts, per_operation};

/// Something to count.
struct Case {
    name: &'static str,
    goal: Goal,
    /// How many operations the shorter run does.
    operations: usize,
    /// Does so many operations.
    run: fn(usize) -> Result<(), Error>,
}

/// The most that an operation may take.
#[derive(Clone, Copy)]
enum Goal {
    None,
    Instructions(u64),
    BytesKept(u64),
}

fn cases() -> Vec<Case> {
    [floors::cases(), operations::cases(), growth::cases()].into_iter().flatten().collect()
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["--count", name, operations] => run_once(name, operations),
        // Cargo gives `--bench` to `cargo bench` alone: for `cargo test` every case is run, and nothing counted.
        [.., "--bench"] => count(&cases(), arguments.first().filter(|first| !first.starts_with("--"))),
        _ => cases().iter().map(|case| done((case.run)(2))).find(|code| *code != ExitCode::SUCCESS).unwrap_or_default(),
    }
}

/// Prints what each case takes for one operation. Ends with a failure where a goal is missed.
fn count(cases: &[Case], part: Option<&&str>) -> ExitCode {
    if let Err(error) = valgrind::check() {
        eprintln!("{error}");
        return ExitCode::FAILURE;
    }
    println!("{:40} {:>12} {:>11} {:>10}  goal", "one operation", "instructions", "allocations", "bytes kept");
    let mut met = true;
    for case in cases.iter().filter(|case| part.is_none_or(|part| case.name.contains(part))) {
        match per_operation(case.name, case.operations) {
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

fn run_once(name: &str, operations: &str) -> ExitCode {
    match (cases().iter().find(|case| case.name == name), operations.parse()) {
        (Some(case), Ok(operations)) => done((case.run)(operations)),
        _ => {
            eprintln!("there is no case {name:?}, or {operations:?} is no number");
            ExitCode::FAILURE
        }
    }
}

fn done(result: Result<(), Error>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
