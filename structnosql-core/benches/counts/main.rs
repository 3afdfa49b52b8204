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
        [.., "--bench"] => valgrind::count(&cases(), arguments.first().filter(|first| !first.starts_with("--"))),
        _ => cases().iter().map(|case| done((case.run)(2))).find(|code| *code != ExitCode::SUCCESS).unwrap_or_default(),
    }
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
