//! Changes laid over a value: what it comes to.

use std::borrow::Cow;

use super::list::ListFold;
use super::node::{Act, FoldNode};
use super::{Children, Fold};
use crate::mismatch::Mismatch;
use crate::path::Segment;
use crate::report::OperationKind;
use crate::schema::Declared;
use crate::text::{Text, position};
use crate::value::{Map, Value};

/// A node of a fold, or a fold.
#[derive(Clone, Copy)]
pub(super) enum Changes<'c> {
    Children(&'c Children),
    List(&'c ListFold),
    Act(&'c Act),
}

/// A value with changes of one request laid over; no value is an absent one.
///
/// Defaults come last, after all that the request does: they are for what nothing else is said of. A struct that comes
/// into being with changes below gets them, and a value that was given as a whole where something in it comes into being
/// so.
#[derive(Debug, Default)]
pub(crate) struct Laid<'v> {
    pub(crate) value: Option<Cow<'v, Value>>,
    /// It was given as a whole, or is part of what was.
    pub(super) is_given: bool,
    /// It, or something in it, came into being with changes below, and may lack required fields.
    pub(crate) assembled: bool,
}

impl<'c> From<&'c FoldNode> for Changes<'c> {
    fn from(node: &'c FoldNode) -> Self {
        match node {
            FoldNode::Keep(children) => Changes::Children(children),
            FoldNode::List(list) => Changes::List(list),
            FoldNode::Act(act) => Changes::Act(act),
        }
    }
}

impl<'c> From<&'c Fold> for Changes<'c> {
    fn from(fold: &'c Fold) -> Self {
        Changes::Children(fold.attributes())
    }
}

impl<'c> Changes<'c> {
    /// Whether it sets or removes the value, whatever was there.
    fn decides(self) -> bool {
        matches!(self, Changes::Act(act) if act.action.outcome().is_some())
    }

    /// The changes of what is one name below.
    fn below(self, name: &Text) -> Option<Changes<'c>> {
        match self {
            Changes::Children(children) => position(children, name).ok().map(|at| (&children[at].1).into()),
            Changes::List(_) | Changes::Act(_) => None,
        }
    }
}

impl FoldNode {
    /// The value with this node laid over.
    pub(crate) fn over<'v>(&self, below: Option<&'v Value>, declared: Declared) -> Result<Laid<'v>, Mismatch> {
        Laid::stored(below.map(Cow::Borrowed)).with(&[self.into()], &[], declared)
    }
}

impl<'v> Laid<'v> {
    /// A value that is there before the request, or the nothing that is.
    pub(super) fn stored(value: Option<Cow<'v, Value>>) -> Self {
        Laid { value, is_given: false, assembled: false }
    }

    /// The value as requests to come find it.
    pub(super) fn sent(self) -> Self {
        Laid { is_given: false, ..self }
    }

    pub(crate) fn into_value(self) -> Option<Value> {
        self.value.map(Cow::into_owned)
    }

    /// With the changes of one request laid over, oldest first. What does not fit is left out where a `later` request
    /// decides alone.
    pub(super) fn with(
        mut self,
        changes: &[Changes<'_>],
        later: &[Changes<'_>],
        declared: Declared,
    ) -> Result<Self, Mismatch> {
        let decided = changes.iter().rposition(|change| change.decides());
        let mut left = &changes[decided.unwrap_or(0)..];
        while let Some((first, others)) = left.split_first() {
            left = others;
            self = match first {
                Changes::Children(first) => {
                    let mut run = vec![*first];
                    while let Some((Changes::Children(next), others)) = left.split_first() {
                        run.push(next);
                        left = others;
                    }
                    self.with_children(&run, later, declared)?
                }
                Changes::List(list) => self.with_list(list, declared)?,
                Changes::Act(act) => self.with_act(act)?,
            };
        }
        Ok(self.filled(declared))
    }

    /// The map with its children laid over. Over nothing, or NULL, a map comes into being where a child needs it.
    fn with_children(self, run: &[&Children], later: &[Changes<'_>], declared: Declared) -> Result<Self, Mismatch> {
        let (mut map, comes_into_being) = match self.value.as_deref() {
            None | Some(Value::Null) => (Map::new(), true),
            Some(Value::Map(map)) => (map.clone(), false),
            Some(other) => return Err(Mismatch::type_of("a map", other)),
        };
        let Laid { is_given, .. } = self;
        let mut assembled = self.assembled || comes_into_being;
        let mut children: Vec<(&Text, Changes<'_>)> =
            run.iter().flat_map(|children| children.iter().map(|(name, node)| (name, node.into()))).collect();
        if run.len() > 1 {
            children.sort_by_key(|(name, _)| *name);
        }
        for of_one in children.chunk_by(|(one, _), (next, _)| one == next) {
            let name = of_one[0].0;
            let changes: Vec<Changes<'_>> = of_one.iter().map(|(_, change)| *change).collect();
            let later: Vec<Changes<'_>> = later.iter().filter_map(|change| change.below(name)).collect();
            let segment = Segment::Name(name.clone());
            let below = Laid { value: map.get(name).map(Cow::Borrowed), is_given, assembled: false };
            match below.with(&changes, &later, declared.below(&segment)) {
                Ok(laid) => {
                    assembled |= laid.assembled;
                    match laid.into_value() {
                        Some(value) => drop(map.insert(name.clone(), value)),
                        None => drop(map.remove(name)),
                    }
                }
                Err(_) if later.iter().any(|change| change.decides()) => {}
                Err(mismatch) => return Err(mismatch.under(segment)),
            }
        }
        if comes_into_being {
            if map.is_empty() {
                return Ok(self);
            }
            // What was taken out stays so.
            declared.complete(&mut map, |name| children.iter().any(|(changed, _)| *changed == name));
        }
        Ok(Laid { value: Some(Cow::Owned(Value::Map(map))), is_given, assembled })
    }

    /// The list with the changes laid over; over nothing it comes into being with what is added.
    fn with_list(self, list: &ListFold, declared: Declared) -> Result<Self, Mismatch> {
        let item_at = Declared::below(declared, &Segment::Index(0));
        let mut assembled = self.assembled;
        let mut items = match self.value.as_deref() {
            Some(Value::List(items)) => items.clone(),
            // There is nothing to take out.
            None | Some(Value::Null) if !list.has(OperationKind::Update) => return Ok(self),
            Some(other) => return Err(Mismatch::type_of("a list", other)),
            None if list.edits().is_empty() && list.removed().next().is_none() => Vec::new(),
            None => return Err(Mismatch::new("a list", "nothing")),
        };
        for (at, node) in list.edits() {
            let index = *at as usize;
            let item = Laid { value: items.get(index).map(Cow::Borrowed), is_given: self.is_given, assembled: false };
            let laid = item.with(&[node.into()], &[], item_at);
            let laid = laid.map_err(|mismatch| mismatch.under(Segment::Index(*at)))?;
            assembled |= laid.assembled;
            match laid.into_value() {
                Some(value) if index < items.len() => items[index] = value,
                Some(value) => items.push(value),
                None => {}
            }
        }
        for (at, _) in list.removed().rev() {
            if (at as usize) < items.len() {
                items.remove(at as usize);
            }
        }
        assembled |= list.appended().iter().chain(list.prepended()).any(|item| item.assembled);
        items.extend(added(list.appended(), item_at));
        items.splice(0..0, added(list.prepended(), item_at));
        match self.value.is_none() && items.is_empty() {
            true => Ok(self),
            false => Ok(Laid { value: Some(Cow::Owned(Value::List(items))), is_given: self.is_given, assembled }),
        }
    }

    fn with_act(self, act: &Act) -> Result<Self, Mismatch> {
        match act.action.outcome() {
            Some(value) => Ok(Laid { value: value.cloned().map(Cow::Owned), is_given: true, assembled: act.assembled }),
            None => {
                let value = act.action.over(self.value.as_deref())?.map(Cow::Owned);
                Ok(Laid { is_given: self.is_given || self.value.is_none(), value, ..self })
            }
        }
    }

    /// With its defaults, where it was given and something in it came into being.
    pub(super) fn filled(mut self, declared: Declared) -> Self {
        if self.is_given
            && self.assembled
            && let Some(value) = &mut self.value
        {
            declared.fill(value.to_mut());
        }
        self
    }
}

/// The items that changes of a list bring.
fn added(items: &[Act], declared: Declared) -> impl Iterator<Item = Value> {
    items.iter().filter_map(move |item| {
        let laid = Laid::default().with_act(item).ok()?;
        laid.filled(declared).into_value()
    })
}
