//! Many clients of a service whose engine fails at random, for as long as it is told.
//!
//! `cargo bench --bench load -- --seconds N [--seed S] [--clients N]` ends with 1 where a write was lost or doubled, or
//! where memory was not flat.

mod clients;
mod latency;
mod service;

use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use service::{Load, Memory, Report};

fn arguments() -> Result<Load, String> {
    let mut load = Load { time: Duration::from_secs(10), seed: fastrand::u64(..), clients: 64, faults: 0.02 };
    let mut given = std::env::args().skip(1).filter(|argument| argument != "--bench"); // which cargo adds
    while let Some(name) = given.next() {
        let value = given.next().ok_or_else(|| format!("{name} needs a value"))?;
        let number = || value.parse::<u64>().map_err(|_| format!("{name} needs a whole number, not {value:?}"));
        match name.as_str() {
            "--seconds" => load.time = Duration::from_secs(number()?),
            "--seed" => load.seed = number()?,
            "--clients" => load.clients = number()?.max(1),
            _ => return Err(format!("there is no option {name}; there are --seconds, --seed and --clients")),
        }
    }
    Ok(load)
}

fn run(load: Load) -> Result<Report, Box<dyn Error + Send + Sync>> {
    tokio::runtime::Runtime::new()?.block_on(service::run(load))
}

fn main() -> ExitCode {
    let load = match arguments() {
        Ok(load) => load,
        Err(problem) => {
            eprintln!("{problem}");
            return ExitCode::from(2);
        }
    };
    match run(load) {
        Ok(report) => {
            println!("{report}");
            let flat = report.memory.as_ref().is_none_or(Memory::is_flat);
            ExitCode::from(u8::from(report.tally.wrong() > 0 || !flat))
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}
