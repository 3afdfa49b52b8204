//! The operations of a record that a commit carries: under way, in doubt, applied, or pending again.

use std::sync::Arc;

use super::Record;
use super::layer::{Conditional, Layer, Whole, fold_of};
use crate::backend::UpdateRequest;
use crate::base::Base;
use crate::error::{Error, ErrorKind};
use crate::fold::{Fate, Fold, Refusal};
use crate::key::{KeyRef, RecordKey};
use crate::lock::{Lock, Open, Raise};
use crate::path::DocumentPath;
use crate::plan::attributes_to_read;
use crate::report::OperationKind;
use crate::told::Told;
use crate::value::Value;

/// The operations of a commit under way, or in doubt.
#[derive(Debug)]
pub(crate) struct Sealed {
    /// What the request under way carries.
    pub(super) layers: Vec<Layer>,
    /// What goes with a later request of the same commit.
    pub(super) later: Vec<Layer>,
    /// What reads see, and what is pending again if it fails, as long as nothing of a split commit is applied.
    pub(super) unsplit: Option<Vec<Layer>>,
    /// The record's generation when they were sealed.
    pub(super) generation: u64,
    /// Pending operations were cleared meanwhile: if the commit fails they are not restored.
    pub(super) dropped: bool,
    /// The request that was sent, as it was sent.
    pub(crate) request: Option<UpdateRequest>,
    /// What becomes of the version with that request.
    pub(crate) raise: Option<Raise>,
    /// The request was sent and its answer lost.
    pub(crate) in_doubt: bool,
    /// What tells then whether it was applied.
    pub(crate) open: Option<Open>,
    /// The transaction that the request is part of, where it went with a token.
    pub(crate) told: Option<Arc<Told>>,
}

impl Sealed {
    /// Whether sending the request again does no harm: the database knows its token, or it leaves what it left, or the
    /// version tells that it was applied.
    pub(crate) fn is_repeatable(&self) -> bool {
        match &self.told {
            // Alone it could be applied without the rest of its transaction.
            Some(told) => told.is_fresh(),
            None => self.open.is_some() || self.request.as_ref().is_some_and(UpdateRequest::is_harmless_again),
        }
    }

    /// Whether nobody can tell what is stored at the path: a write there is in doubt.
    pub(super) fn is_ambiguous(&self, path: &DocumentPath) -> bool {
        self.in_doubt && self.all().any(|layer| layer.fold.touches(path))
    }

    /// All layers: those of the request under way and those of later ones.
    pub(super) fn parts(&self) -> [&[Layer]; 2] {
        match &self.unsplit {
            Some(layers) => [layers, &[]],
            None => [&self.layers, &self.later],
        }
    }

    pub(super) fn all(&self) -> impl DoubleEndedIterator<Item = &Layer> + Clone {
        self.parts().into_iter().flatten()
    }

    pub(super) fn all_mut(&mut self) -> impl Iterator<Item = &mut Layer> {
        self.layers.iter_mut().chain(&mut self.later).chain(self.unsplit.iter_mut().flatten())
    }

    /// Whether the request that was sent leaves this version: then it need not be another writer's, also where no
    /// answer has come yet.
    pub(super) fn may_have_raised_to(&self, version: Option<&Value>) -> bool {
        match &self.raise {
            Some(raise @ Raise::From(_)) => raise.action().outcome().is_some_and(|left| left == version),
            _ => false,
        }
    }

    /// What is pending again where the request was not applied.
    fn into_layers(self) -> Vec<Layer> {
        self.unsplit.unwrap_or_else(|| self.layers.into_iter().chain(self.later).collect())
    }
}

impl Record {
    /// The write that may or may not have been applied.
    pub(crate) fn in_doubt(&self) -> Option<&UpdateRequest> {
        self.sealed.as_ref().filter(|sealed| sealed.in_doubt).and_then(|sealed| sealed.request.as_ref())
    }

    /// The transaction that a write in doubt is part of.
    pub(crate) fn told_in_doubt(&self) -> Option<&Arc<Told>> {
        self.sealed.as_ref().filter(|sealed| sealed.in_doubt).and_then(|sealed| sealed.told.as_ref())
    }

    /// What is sealed for requests after the one under way, or in doubt.
    pub(crate) fn put_off_folds(&self) -> impl Iterator<Item = &Fold> {
        self.sealed.iter().flat_map(|sealed| &sealed.later).map(|layer| &layer.fold)
    }

    /// Whether what is sealed takes another request after the one under way.
    pub(crate) fn is_split(&self) -> bool {
        self.sealed.as_ref().is_some_and(|sealed| !sealed.later.is_empty())
    }

    /// Whether a write may or may not have been applied, and sending it again would be harmless.
    pub(crate) fn is_repeatable(&self) -> bool {
        self.sealed.as_ref().filter(|sealed| sealed.in_doubt).is_some_and(|sealed| sealed.is_repeatable())
    }

    /// Whether a write may or may not have been applied.
    pub(crate) fn is_in_doubt(&self) -> bool {
        self.sealed.as_ref().is_some_and(|sealed| sealed.in_doubt)
    }

    /// Fails where a write may or may not have been applied.
    pub(crate) fn refuse_in_doubt(&self, key: &KeyRef<'_>) -> Result<(), Error> {
        match self.is_in_doubt() {
            true => Err(ErrorKind::InDoubt { key: key.to_string(), repeatable: self.is_repeatable() }.into()),
            false => Ok(()),
        }
    }

    /// Seals the pending operations, or those of one kind, for a commit.
    pub(crate) fn seal(&mut self, kind: Option<OperationKind>, key: &RecordKey<'_>) -> bool {
        let layers = match kind {
            Some(kind) => self.take_layers(kind, Fate::Applied, key),
            None => {
                self.layers.iter_mut().for_each(|layer| layer.conditions = layer.due_conditions());
                std::mem::take(&mut self.layers)
            }
        };
        let any = !layers.is_empty();
        if any {
            let generation = self.generation;
            let later = Vec::new();
            self.sealed = Some(Box::new(Sealed {
                layers,
                later,
                unsplit: None,
                generation,
                dropped: false,
                request: None,
                raise: None,
                in_doubt: false,
                open: None,
                told: None,
            }));
        }
        any
    }

    /// The sealed operations in one fold.
    pub(crate) fn sealed_whole(&self, key: &RecordKey<'_>) -> Result<Whole<'_>, Refusal> {
        let layers = self.sealed.as_ref().map_or(&[][..], |sealed| &sealed.layers);
        let conditions = layers.iter().flat_map(|layer| layer.conditions.iter().cloned());
        fold_of(&self.base, None, layers, conditions, key)
    }

    /// What tells whether the request that carries the sealed operations fits what is stored.
    pub(crate) fn touched(&self, key: &RecordKey<'_>) -> Vec<DocumentPath> {
        match self.sealed_whole(key) {
            Ok(whole) => attributes_to_read(key.schema, &whole.fold, &whole.conditions),
            // All of the record.
            Err(_) => Vec::new(),
        }
    }

    /// Whether answers to what was asked when the operations were sealed may go into the base.
    pub(crate) fn is_unfenced(&self) -> bool {
        self.sealed.as_ref().is_some_and(|sealed| sealed.generation == self.generation)
    }

    /// The sealed operations were not applied: they are pending again, older than what came meanwhile.
    pub(crate) fn unseal(&mut self, key: &RecordKey<'_>) {
        if let Some(sealed) = self.sealed.take() {
            let dropped = sealed.dropped;
            let layers = sealed.into_layers();
            if dropped {
                // They were cleared while the request was under way; views stay as they were.
                self.take_over(&layers, key);
            } else {
                self.layers.splice(0..0, layers);
            }
        }
    }

    /// The request under way was applied, or none was needed. Gives whether the commit goes on with another one.
    pub(crate) fn settle(&mut self, key: &RecordKey<'_>) -> bool {
        let unfenced = self.is_unfenced();
        self.rejected = None;
        let Some(mut sealed) = self.sealed.take() else {
            return false;
        };
        if let Some(UpdateRequest { actions, .. }) = sealed.request.take() {
            if unfenced {
                self.base.apply(&actions, &key.attributes());
            } else {
                self.forget(&actions);
            }
            if let (Some(raise), Some(version)) = (&sealed.raise, key.schema.version_path()) {
                Lock::move_on(&mut self.lock, raise);
                if *raise == Raise::Unchecked {
                    self.base.forget(version.segments());
                }
            }
        } else if !unfenced {
            // There was nothing to change, as an answer told that is not kept: what was in sight there may not be so.
            for layer in &sealed.layers {
                layer.fold.visit_values(&mut |path| self.base.forget(path.outside_lists().segments()));
            }
        }
        let goes_on = !sealed.later.is_empty();
        if goes_on {
            sealed.layers = vec![sealed.later.remove(0)];
            sealed.unsplit = None;
            sealed.in_doubt = false;
            sealed.open = None;
            sealed.told = None;
            self.sealed = Some(sealed);
        }
        goes_on
    }

    /// Puts part of the sealed operations off until the request under way is settled.
    pub(crate) fn put_off(&mut self, now: Fold, later: Vec<Fold>) {
        let Some(sealed) = &mut self.sealed else {
            return;
        };
        let Some(first) = sealed.layers.first() else {
            return;
        };
        let hidden = sealed.layers.iter().all(|layer| layer.hidden);
        let checked = sealed.layers.iter().any(|layer| layer.checked);
        let conditions: Vec<Conditional> = sealed.layers.iter().flat_map(|layer| layer.conditions.clone()).collect();
        let first = first.first;
        // The conditions are met when the first request is applied; the second one builds on it.
        let split =
            std::mem::replace(&mut sealed.layers, vec![Layer { hidden, checked, first, fold: now, conditions }]);
        if sealed.later.is_empty() {
            sealed.unsplit = Some(split);
        }
        let layer = |fold| Layer { hidden, checked, first, fold, conditions: Vec::new() };
        sealed.later.splice(0..0, later.into_iter().map(layer));
    }

    /// The answer to the sealed operations' request was lost: what it wrote is not known any more.
    pub(crate) fn doubt(&mut self) {
        if let Some(sealed) = &mut self.sealed {
            // What tells of the first attempt was known before its answer was lost.
            let was_in_doubt = std::mem::replace(&mut sealed.in_doubt, true);
            let Some(UpdateRequest { actions, key, .. }) = &sealed.request else {
                return;
            };
            let known = if sealed.generation == self.generation { &self.base } else { &Base::Unknown };
            if !was_in_doubt {
                sealed.open = Open::update(sealed.raise.as_ref(), known, actions, key);
            }
            let actions = actions.clone();
            self.forget(&actions);
        }
    }
}
