//! Compares the engine with its model for as long as it is told.
//!
//! `soak --seconds N [--seed S]` runs one random case after another and ends with a line of totals. `soak --seed S`
//! runs the case of that seed alone: that is how a divergence is replayed. `--first` stops at the first divergence. It
//! exits with 1 on a divergence.
//!
//! `soak --planted` plants known bugs in a copy of the workspace, one at a time, and looks whether they are found. It
//! exits with 1 where one survives.

mod planted;

use std::process::ExitCode;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use structnosql_testkit::soak::{Tally, case};

#[derive(Default)]
struct Arguments {
    time: Option<Duration>,
    seed: Option<u64>,
    first: bool,
    planted: bool,
}

fn arguments() -> Result<Arguments, String> {
    let mut arguments = Arguments::default();
    let mut given = std::env::args().skip(1);
    while let Some(name) = given.next() {
        let mut number = || {
            let value = given.next().ok_or_else(|| format!("{name} needs a value"))?;
            value.parse().map_err(|_| format!("{name} needs a whole number, not {value:?}"))
        };
        match name.as_str() {
            "--seconds" => arguments.time = Some(Duration::from_secs(number()?)),
            "--seed" => arguments.seed = Some(number()?),
            "--first" => arguments.first = true,
            "--planted" => arguments.planted = true,
            _ => {
                let options = "--seconds N, --seed S, --first and --planted";
                return Err(format!("there is no option {name}; the options are {options}"));
            }
        }
    }
    Ok(arguments)
}

fn main() -> ExitCode {
    let found = match arguments() {
        Ok(Arguments { planted: true, .. }) => planted::run().map_err(|error| error.to_string()),
        Ok(arguments) => Ok(soak(&arguments) == 0),
        Err(problem) => Err(problem),
    };
    match found {
        Ok(all_well) => ExitCode::from(u8::from(!all_well)),
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::from(2)
        }
    }
}

/// Runs cases; how many diverged.
fn soak(arguments: &Arguments) -> u64 {
    // Cases are small: a wrapped seed is as good as another.
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let first = arguments.seed.unwrap_or(since.as_nanos() as u64);
    let began = Instant::now();
    let (mut tally, mut divergences, mut next) = (Tally::default(), 0u64, first);
    loop {
        match case(next) {
            Ok(one) => tally.add(one),
            Err(divergence) => {
                divergences += 1;
                println!("{divergence}\n");
            }
        }
        next = next.wrapping_add(1);
        let over = arguments.time.is_none_or(|time| began.elapsed() >= time);
        if over || (arguments.first && divergences > 0) {
            break;
        }
    }
    let seconds = began.elapsed().as_secs_f64();
    let speed = tally.operations as f64 / seconds;
    println!("{tally}, {divergences} divergences; seed {first}, {seconds:.1} s, {speed:.0} operations a second");
    divergences
}
