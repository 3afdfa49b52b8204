//! Whether a read shows what the record holds, and tells what of it does not fit.

use std::collections::BTreeSet;

use structnosql_core::{DocumentPath, Error, ErrorKind, Mismatch, Segment};

use super::fit::{self, Misfit, complete, fitting, misfits, name_of, stored_name};
use super::person::{self, Read, Wanted, Way, own_name};
use super::{House, key};
use crate::model::{Path, Shape, Tree};
use crate::soak::bench::Checked;

impl House {
    pub(super) async fn read(&self, wanted: Wanted, way: Way) -> Checked {
        let read = wanted.read(&self.table, way).await;
        self.check(wanted, way, &read).map_err(|problem| format!("{problem}: {read:?}"))?;
        // Also what does not fit is known then.
        let requests = self.table.backend().requests();
        let again = wanted.read(&self.table, way).await;
        match format!("{again:?}") == format!("{read:?}") && self.table.backend().requests() == requests {
            true => Ok(()),
            false => Err(format!("{read:?} is read, and then {again:?}")),
        }
    }

    fn check(&self, wanted: Wanted, way: Way, read: &Result<Read, Error>) -> Checked {
        let (path, shape) = (wanted.path(), wanted.shape());
        let view = self.view();
        let value = match through(&view, &path) {
            Ok(value) => value,
            // A projection brings nothing of what lies inside a value of another type.
            Err(_) if read.as_ref().is_ok_and(|(shown, told)| shown.is_none() && told.is_empty()) => return Ok(()),
            Err(misfit) => return self.check_misfits(&[misfit], read.as_ref().err()),
        };
        if way == Way::Raw {
            let shown = read.as_ref().map_err(ToString::to_string)?.0.as_ref();
            // As it is stored, a record has its values under earlier names too, and no defaults.
            let same = |shown: Option<&Tree>| {
                let plain =
                    |tree: Option<&Tree>| tree.and_then(|tree| fitting(tree, shape)).or_else(|| wanted.default());
                shown == value || plain(shown) == plain(value) && misfits_of(shown, shape) == misfits_of(value, shape)
            };
            let own = |tree: &Tree| match tree {
                Tree::Map(entries) if path.is_empty() => {
                    let own = |(name, _): &(&String, &Tree)| own_name(name) == name.as_str();
                    Tree::Map(entries.iter().filter(own).map(|(name, value)| (name.clone(), value.clone())).collect())
                }
                other => other.clone(),
            };
            return if same(shown.map(own).as_ref()) { Ok(()) } else { Err(format!("expected {value:?}")) };
        }
        let mut wrong = Vec::new();
        let value = value.filter(|value| **value != Tree::Null);
        value.into_iter().for_each(|value| misfits(value, shape, &path, &mut wrong));
        let expected = value.and_then(|value| fitting(value, shape));
        match (way, read) {
            (Way::Typed, read) if !wrong.is_empty() => self.check_misfits(&wrong, read.as_ref().err()),
            (_, Ok((shown, told))) => {
                self.same_misfits(&wrong, told, way)?;
                // A default is shown where it is stored, or comes into being with what is pending.
                let is_default = expected.is_none() && wrong.is_empty() && *shown == wanted.default();
                if *shown == expected || is_default { Ok(()) } else { Err(format!("expected {expected:?}")) }
            }
            (_, Err(error)) => Err(format!("it fits, and failed with {error}")),
        }
    }

    /// The record as it is seen, with the defaults that come into being with it.
    fn view(&self) -> Tree {
        let (pending, stored) = (self.record.whole(), self.record.db.as_ref());
        let mut view = pending.over_record(stored, &self.record.key).unwrap_or_else(key);
        complete(&pending, stored, &mut view, &person::shapes());
        Tree::Map(view)
    }

    fn check_misfits(&self, expected: &[Misfit], error: Option<&Error>) -> Checked {
        let ErrorKind::StoredValue(mismatch) = error.ok_or("it does not fit, and was read")?.kind() else {
            return Err("it fails otherwise".to_owned());
        };
        let told: Vec<_> = mismatch.each().cloned().collect();
        self.same_misfits(expected, &told, Way::Typed)
    }

    /// Whether what does not fit is told. An error names it by where it is stored, a lenient read by its field; where
    /// something is pending for it, or it is stored under both names, by either.
    fn same_misfits(&self, expected: &[Misfit], told: &[Mismatch], way: Way) -> Checked {
        let line = |name: &str, path: &[Segment], found: &str| {
            let below = path.iter().skip(1).cloned();
            format!("{}: {found}", DocumentPath::from_iter([Segment::from(name)].into_iter().chain(below)))
        };
        let name = |path: &[Segment]| path.first().and_then(name_of).unwrap_or_default().to_owned();
        let is_stored_so = |path: &Path| {
            way == Way::Typed && !self.record.touches(&path[..1]) && !self.stored.contains_key(&name(path))
        };
        let expected = expected.iter().map(|(path, found)| {
            let own = name(path);
            line(if is_stored_so(path) { stored_name(&self.stored, &own) } else { &own }, path, found)
        });
        let told = told.iter().map(|one| {
            let (path, told) = (one.path(), name(one.path().segments()));
            let own = vec![Segment::from(own_name(&told))];
            let told = if is_stored_so(&own) { told } else { name(&own) };
            line(&told, path.segments(), one.found())
        });
        let (expected, told): (BTreeSet<String>, BTreeSet<String>) = (expected.collect(), told.collect());
        if expected == told { Ok(()) } else { Err(format!("{told:?} are told not to fit, expected {expected:?}")) }
    }
}

/// What is at the path; a value in the way that has no such children.
fn through<'t>(tree: &'t Tree, path: &Path) -> Result<Option<&'t Tree>, Misfit> {
    for length in 0..path.len() {
        match (tree.get(&path[..length]), &path[length]) {
            (None | Some(Tree::Null), _) => return Ok(None),
            (Some(Tree::Map(_)), segment) if name_of(segment).is_some() => {}
            (Some(Tree::List(_)), segment) if name_of(segment).is_none() => {}
            (Some(other), _) => return Err((path[..length].to_vec(), fit::kind(other))),
        }
    }
    Ok(tree.get(path))
}

fn misfits_of(tree: Option<&Tree>, shape: &Shape) -> Vec<Misfit> {
    let mut wrong = Vec::new();
    tree.into_iter().for_each(|tree| misfits(tree, shape, &Path::new(), &mut wrong));
    wrong
}
