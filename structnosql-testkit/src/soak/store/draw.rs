//! Drawing what is read, changed and waited for.

use fastrand::Rng;

use super::goods::{PARTS, Part, RECORDS};
use super::{Bounds, Step};

pub(super) fn history(mut rng: Rng) -> (Bounds, Vec<Step>) {
    let rng = &mut rng;
    let records = rng.bool().then(|| [0, 1, 2, 3, 8, 9, 16, 17][rng.usize(..8)]);
    let seconds = rng.bool().then(|| rng.u64(1..12));
    let bounds = Bounds { records, seconds, session: rng.bool() };
    // The fewer records, the more often one is met again.
    let most = [3, 10, RECORDS][rng.usize(..3)];
    let length = [20, 60, 150][rng.usize(..3)];
    (bounds, (1..=length).map(|number| step(rng, most, number)).collect())
}

fn step(rng: &mut Rng, most: usize, number: i64) -> Step {
    let (record, part) = (rng.usize(..most), PARTS[rng.usize(..PARTS.len())]);
    match rng.u32(..40) {
        0..12 => Step::Read(record, parts(rng)),
        12..16 => Step::ReadWhole(record),
        16..18 => Step::ReadMany((0..rng.usize(1..6)).map(|_| rng.usize(..most)).collect()),
        18..20 => Step::Prefetch((0..rng.usize(1..6)).map(|_| rng.usize(..most)).collect()),
        20 => Step::Scan,
        21..26 => Step::Set(record, part, number),
        26 => Step::Drop(record),
        27 => Step::Put(record),
        28..31 => Step::Commit(record),
        31 => Step::Refresh(rng.bool().then_some(record)),
        32..34 => Step::Foreign(record, part, number),
        _ => Step::Pass(rng.u64(1..8)),
    }
}

fn parts(rng: &mut Rng) -> Vec<Part> {
    match rng.u32(..4) {
        0 => PARTS.to_vec(),
        at => vec![PARTS[at as usize % PARTS.len()]],
    }
}
