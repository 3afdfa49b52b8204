//! Compares the engine with its model for as long as it is told.
//!
//! `soak --seconds N [--seed S]` runs one random case after another and ends with a line of totals. `soak --seed S`
//! runs the case of that seed alone: that is how a divergence is replayed. It exits with 1 on a divergence.

use std::process::ExitCode;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use structnosql_testkit::soak::{Tally, case};

struct Arguments {
    time: Option<Duration>,
    seed: Option<u64>,
}

fn arguments() -> Result<Arguments, String> {
    let mut arguments = Arguments { time: None, seed: None };
    let mut given = std::env::args().skip(1);
    while let Some(name) = given.next() {
        let value = given.next().ok_or_else(|| format!("{name} needs a value"))?;
        let number = || value.parse().map_err(|_| format!("{name} needs a whole number, not {value:?}"));
        match name.as_str() {
            "--seconds" => arguments.time = Some(Duration::from_secs(number()?)),
            "--seed" => arguments.seed = Some(number()?),
            _ => return Err(format!("there is no option {name}; the options are --seconds N and --seed S")),
        }
    }
    Ok(arguments)
}

fn main() -> ExitCode {
    let Arguments { time, seed } = match arguments() {
        Ok(arguments) => arguments,
        Err(problem) => {
            eprintln!("{problem}");
            return ExitCode::from(2);
        }
    };
    // Cases are small: a wrapped seed is as good as another.
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let first = seed.unwrap_or(since.as_nanos() as u64);
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
        if time.is_none_or(|time| began.elapsed() >= time) {
            break;
        }
    }
    let seconds = began.elapsed().as_secs_f64();
    let speed = tally.operations as f64 / seconds;
    println!("{tally}, {divergences} divergences; seed {first}, {seconds:.1} s, {speed:.0} operations a second");
    ExitCode::from(u8::from(divergences > 0))
}
