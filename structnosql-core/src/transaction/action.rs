//! What a transaction does to one record, and what the answer makes of it.

use super::{Does, Part, wrong};
use crate::at_once::AtOnce;
use crate::backend::{Backend, CheckRequest, TransactAction};
use crate::base::Base;
use crate::condition::Condition;
use crate::deliver::{Attempt, Bound, Explained, Shown, explain, may_be_stale};
use crate::error::Error;
use crate::failure::FailureClass;
use crate::key::{Key, RecordKey};
use crate::link::Link;
use crate::path::DocumentPath;
use crate::value::Map;
use crate::whole::{Deletion, Known, Recourse, Replacement};

/// One action of a transaction.
pub(super) trait Action: Send {
    /// What has to be read before it can be planned.
    fn unread(&self) -> Option<Vec<DocumentPath>> {
        None
    }

    /// Notes what was read.
    fn learn(&mut self, _: Shown) {}

    /// What it comes to over what is known of the record; nothing where nothing has to be done.
    fn plan(&mut self) -> Result<Option<TransactAction>, Error>;

    /// Whether what was read is of several versions: whatever is stored, it was changed in between.
    fn is_torn(&self) -> bool {
        false
    }

    /// What has to be read to know why it was refused, where the refusal does not bring the stored item.
    fn unclear(&self, class: FailureClass) -> Option<Vec<DocumentPath>>;

    /// What it means that it was refused.
    fn refused(&mut self, class: FailureClass, shown: Option<Shown>) -> Meaning;

    /// What it leaves of the record once it is applied.
    fn left(self: Box<Self>) -> Left;
}

/// Why an action was refused.
pub(super) enum Meaning {
    /// It was planned over what is out of date, and can be planned again now.
    Stale,
    /// What it asks for is not so.
    Refused,
    /// Another writer was there.
    Conflict(Error),
}

/// What an action leaves of its record.
pub(crate) enum Left {
    /// All of the record, or none.
    Whole(Option<Map>),
    /// What is known of it.
    Known(Known),
    /// What there was.
    Untouched,
}

/// The action of a part, over what is known of its record.
pub(super) fn action_of<'m, B: Backend>(part: &'m Part<'m, B>, known: Known) -> Result<Box<dyn Action + 'm>, Error> {
    let Part { link, key, does, .. } = part;
    let of = RecordKey { schema: link.schema, key };
    Ok(match does {
        Does::Put(put) => {
            Box::new(PutAction { key: of, base: known.base, replacement: Replacement::new(link, put.clone()) })
        }
        Does::Update(write) => {
            let attempt = AtOnce::new(link, Key::clone(key), write.clone(), false)?.learning().over(known);
            Box::new(Update { link, key, attempt, guarded: false, torn: false, bound: None })
        }
        Does::Delete(delete) => Box::new(DeleteAction(Deletion::new(link, of, delete.clone(), known))),
        Does::Check(condition) => {
            Box::new(CheckRequest { table: link.table.clone(), key: of.attributes(), condition: condition.clone() })
        }
    })
}

struct PutAction<'m, B> {
    key: RecordKey<'m>,
    base: Base,
    replacement: Replacement<'m, B>,
}

impl<B: Backend> Action for PutAction<'_, B> {
    fn plan(&mut self) -> Result<Option<TransactAction>, Error> {
        Ok(Some(TransactAction::Put(self.replacement.request())))
    }

    fn unclear(&self, class: FailureClass) -> Option<Vec<DocumentPath>> {
        (class == FailureClass::ConditionFailed).then(|| self.replacement.check()).flatten().map(|_| Vec::new())
    }

    fn refused(&mut self, class: FailureClass, shown: Option<Shown>) -> Meaning {
        let Some(shown) = shown.filter(|_| class == FailureClass::ConditionFailed) else { return Meaning::Refused };
        match self.replacement.refused(&shown) {
            Recourse::Again => Meaning::Stale,
            Recourse::Failed => Meaning::Refused,
            Recourse::Conflict => Meaning::Conflict(self.replacement.conflict(self.key, self.base.clone(), &shown)),
        }
    }

    fn left(self: Box<Self>) -> Left {
        Left::Whole(Some(self.replacement.into_item()))
    }
}

struct DeleteAction<'m, B>(Deletion<'m, B>);

impl<B: Backend> Action for DeleteAction<'_, B> {
    fn unread(&self) -> Option<Vec<DocumentPath>> {
        self.0.unread()
    }

    fn learn(&mut self, shown: Shown) {
        self.0.learn(&shown);
    }

    fn plan(&mut self) -> Result<Option<TransactAction>, Error> {
        Ok(Some(TransactAction::Delete(self.0.request()?)))
    }

    fn is_torn(&self) -> bool {
        self.0.is_torn()
    }

    fn unclear(&self, class: FailureClass) -> Option<Vec<DocumentPath>> {
        (class == FailureClass::ConditionFailed && self.0.is_checked()).then(Vec::new)
    }

    fn refused(&mut self, class: FailureClass, shown: Option<Shown>) -> Meaning {
        match shown {
            Some(shown) if class == FailureClass::ConditionFailed && self.0.is_overtaken(&shown) => {
                Meaning::Conflict(self.0.conflict(&shown))
            }
            _ => Meaning::Refused,
        }
    }

    fn left(self: Box<Self>) -> Left {
        Left::Whole(None)
    }
}

struct Update<'m, B> {
    link: &'m Link<B>,
    key: &'m Key,
    attempt: AtOnce<'m, B>,
    /// Whether the last plan leans on what it was made over.
    guarded: bool,
    torn: bool,
    /// What the last plan takes for granted of what was read.
    bound: Option<Bound>,
}

impl<B: Backend> Action for Update<'_, B> {
    fn unread(&self) -> Option<Vec<DocumentPath>> {
        self.attempt.unread()
    }

    fn learn(&mut self, shown: Shown) {
        self.attempt.learn(shown);
    }

    fn plan(&mut self) -> Result<Option<TransactAction>, Error> {
        let draft = self.attempt.plan()?;
        if self.attempt.is_split() {
            return Err(wrong(format!("the changes of record `{}` take more than one request", self.key)));
        }
        let Some(mut draft) = draft else {
            // The conditions are asked for all the same.
            let (link, key) = (self.link, self.attempt.key());
            let condition = Condition::all(self.attempt.conditions().iter().cloned());
            let check = |condition| CheckRequest { table: link.table.clone(), key, condition };
            return Ok(condition.map(|condition| TransactAction::Check(check(condition))));
        };
        self.bound = Bound::of(&mut draft);
        self.torn = draft.torn;
        self.guarded = draft.guarded || self.bound.is_some();
        Ok(Some(TransactAction::Update(draft.request)))
    }

    fn is_torn(&self) -> bool {
        self.torn
    }

    fn unclear(&self, class: FailureClass) -> Option<Vec<DocumentPath>> {
        may_be_stale(class, self.guarded).then(|| self.attempt.touched())
    }

    fn refused(&mut self, class: FailureClass, shown: Option<Shown>) -> Meaning {
        self.attempt.refused();
        let Some(shown) = shown.filter(|_| may_be_stale(class, self.guarded)) else { return Meaning::Refused };
        match explain(&self.attempt, self.bound.as_ref(), class, &shown) {
            Explained::Conflict(error) => Meaning::Conflict(error),
            Explained::Refused => Meaning::Refused,
            Explained::Stale => {
                self.attempt.learn(shown);
                Meaning::Stale
            }
        }
    }

    fn left(mut self: Box<Self>) -> Left {
        self.attempt.applied(None);
        Left::Known(self.attempt.into_known())
    }
}

impl Action for CheckRequest {
    fn plan(&mut self) -> Result<Option<TransactAction>, Error> {
        Ok(Some(TransactAction::Check(self.clone())))
    }

    fn unclear(&self, _: FailureClass) -> Option<Vec<DocumentPath>> {
        None
    }

    fn refused(&mut self, _: FailureClass, _: Option<Shown>) -> Meaning {
        Meaning::Refused
    }

    fn left(self: Box<Self>) -> Left {
        Left::Untouched
    }
}
