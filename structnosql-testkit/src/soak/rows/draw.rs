//! Drawing the steps of a history.

use std::collections::BTreeSet;

use fastrand::Rng;

use super::deeds::Transaction;
use super::filter::Filter;
use super::question::{CODES, KINDS, LEAST, PLACES, Question};
use super::reading::{Edit, Id, Reading};
use super::{Clear, Step};

/// As many days as conditions speak of, and far more.
const DAYS: usize = 9;
const MANY_DAYS: usize = 130;

impl Step {
    pub(super) fn draw(rng: &mut Rng) -> Step {
        match rng.u32(..40) {
            0..11 => Step::Pend(id(rng, DAYS), edit(rng)),
            11..13 => Step::Put(vec![reading(rng)]),
            13 => Step::Delete(vec![id(rng, DAYS)]),
            14..16 => Step::Get((0..rng.usize(1..5)).map(|_| id(rng, DAYS)).collect()),
            16..18 => Step::Commit,
            18..20 => Step::Clear([Clear::CachedData, Clear::Refresh, Clear::Rollback][rng.usize(..3)]),
            20..23 => Step::Transact(Transaction::draw(rng)),
            23 => Step::ReadTogether((0..rng.usize(1..5)).map(|_| id(rng, DAYS)).collect()),
            24 => match rng.u32(..6) {
                0 => {
                    Step::Put(many(rng).into_iter().map(|id| Reading { amount: Some(1), ..Reading::of(id) }).collect())
                }
                1 => Step::Delete(many(rng)),
                2 => Step::Get(many(rng)),
                _ => Step::Commit,
            },
            _ => Step::Ask(Question::draw(rng)),
        }
    }
}

fn one_of<T: Copy>(rng: &mut Rng, all: &[T]) -> T {
    all[rng.usize(..all.len())]
}

fn id(rng: &mut Rng, days: usize) -> Id {
    (one_of(rng, &PLACES).to_owned(), LEAST + rng.usize(..days) as i64)
}

/// More than one request takes.
fn many(rng: &mut Rng) -> Vec<Id> {
    let ids: BTreeSet<Id> = (0..rng.usize(20..MANY_DAYS)).map(|_| id(rng, MANY_DAYS)).collect();
    ids.into_iter().collect()
}

fn maybe<T>(rng: &mut Rng, of_ten: u32, draw: impl FnOnce(&mut Rng) -> T) -> Option<T> {
    (rng.u32(..10) < of_ten).then(|| draw(rng))
}

fn amount(rng: &mut Rng) -> i64 {
    LEAST + rng.i64(0..14)
}

fn note(rng: &mut Rng) -> String {
    (0..rng.usize(1..4)).map(|_| Filter::text(rng)).collect()
}

pub(super) fn reading(rng: &mut Rng) -> Reading {
    Reading {
        kind: maybe(rng, 8, |rng| one_of(rng, &KINDS).to_owned()),
        code: maybe(rng, 8, |rng| one_of(rng, &CODES).to_owned()),
        amount: maybe(rng, 7, amount),
        note: maybe(rng, 6, note),
        labels: maybe(rng, 5, |rng| (0..rng.usize(1..3)).map(|_| Filter::text(rng).to_owned()).collect()),
        ..Reading::of(id(rng, DAYS))
    }
}

pub(super) fn edit(rng: &mut Rng) -> Edit {
    match rng.u32(..8) {
        0 => Edit::Kind(maybe(rng, 7, |rng| one_of(rng, &KINDS))),
        1 => Edit::Code(maybe(rng, 7, |rng| one_of(rng, &CODES))),
        2 => Edit::Amount(maybe(rng, 7, amount)),
        3 => Edit::Add(rng.i64(1..4)),
        4 | 5 => Edit::Note(maybe(rng, 7, note)),
        6 => Edit::Label(Filter::text(rng)),
        _ => Edit::Unlabel(Filter::text(rng)),
    }
}

/// Edits of different fields.
pub(super) fn edits(rng: &mut Rng) -> Vec<Edit> {
    let mut edits: Vec<Edit> = Vec::new();
    for _ in 0..rng.usize(1..4) {
        let edit = edit(rng);
        if edits.iter().all(|earlier| earlier.field() != edit.field()) {
            edits.push(edit);
        }
    }
    edits
}
