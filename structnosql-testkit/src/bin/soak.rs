//! Compares the engine with its model for as long as it is told: `soak --seconds N [--seed S]`.

fn main() {
    let seed: u64 = std::env::args().nth(1).and_then(|s| s.parse().ok()).unwrap_or(0);
    let count: u64 = std::env::args().nth(2).and_then(|s| s.parse().ok()).unwrap_or(1);
    let mut tally = structnosql_testkit::soak::Tally::default();
    for seed in seed..seed + count {
        match structnosql_testkit::soak::case(seed) {
            Ok(one) => tally.add(one),
            Err(divergence) => {
                println!("{divergence}");
                std::process::exit(1)
            }
        }
    }
    println!("{tally}");
}
