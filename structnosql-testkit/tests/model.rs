//! The caching table against its model, over a fixed range of seeds; `soak` runs others.

use structnosql_testkit::soak::{Divergence, Tally, case};

const CASES: u64 = 300;

#[test]
fn the_table_does_what_the_model_says() -> Result<(), Divergence> {
    let mut tally = Tally::default();
    for seed in 0..CASES {
        tally.add(case(seed)?);
    }
    println!("{tally}");
    assert!(tally.operations > 30_000, "{tally}");
    assert!(tally.faults > 200, "{tally}");
    assert!(tally.cancellations > 50, "{tally}");
    Ok(())
}

#[test]
fn a_seed_replays_exactly() -> Result<(), Divergence> {
    for seed in [1, 17, 404] {
        assert_eq!(case(seed)?, case(seed)?);
    }
    Ok(())
}
