//! The caching table against its model, over a fixed range of seeds; `soak` runs others.

use structnosql_testkit::soak::{Divergence, Tally, case, exhaustive};

const CASES: u64 = 400;

#[test]
fn the_table_does_what_the_model_says() -> Result<(), Divergence> {
    let mut tally = Tally::default();
    for seed in 0..CASES {
        tally.add(case(seed)?);
    }
    println!("{tally}");
    assert!(tally.operations > 30_000, "{tally}");
    assert!(tally.faults > 150, "{tally}");
    assert!(tally.cancellations > 30, "{tally}");
    Ok(())
}

/// The last digit of a seed, as one of sixteen, says what it draws: several writers of a versioned record, books, queries
/// and scans, what is kept, or races.
#[test]
fn every_kind_of_case_does_what_its_model_says() -> Result<(), Divergence> {
    for kind in [5, 8, 13, 14, 15] {
        let mut tally = Tally::default();
        for seed in (0..200).map(|at| kind + 16 * at) {
            tally.add(case(seed)?);
        }
        println!("{tally}");
        assert!(tally.operations > 4_000, "{tally}");
    }
    Ok(())
}

/// Each request of a short history goes wrong in each way, and each call is given up at each moment.
#[test]
fn no_single_fault_loses_or_doubles_anything() -> Result<(), Divergence> {
    let mut tally = Tally::default();
    for seed in 0..2 {
        tally.add(exhaustive(seed)?);
    }
    println!("{tally}");
    assert!(tally.faults > 30 && tally.cancellations > 10, "{tally}");
    Ok(())
}

#[test]
fn a_seed_replays_exactly() -> Result<(), Divergence> {
    for seed in [1, 17, 404] {
        assert_eq!(case(seed)?, case(seed)?);
    }
    Ok(())
}
