//! Pending operations of one record, folded by rules that share no code with the engine.
//!
//! An operation becomes a tree of its own, over what a caller sees; [`Pending::then`] makes one tree of two.

mod list;

use std::collections::{BTreeMap, BTreeSet};

use structnosql_core::Segment;

use super::action::{Action, Kind, Refused};
use super::decimal::Decimal;
use super::requirements;
use super::shape::Field;
use super::tree::{Entries, Member, Tree, acted};
pub(crate) use list::{List, Slot};

/// What is pending below a record or map, by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Pending(BTreeMap<String, Node>);

/// What is pending at one value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Node {
    /// The map stays; something below it changes.
    Keep(Pending),
    /// The list stays; its items change.
    List(List),
    /// `assembled`: a map in it came into being with changes below, and is perhaps not whole.
    Set {
        value: Tree,
        assembled: bool,
    },
    Remove,
    /// An absent number counts as `from`.
    Count {
        from: Decimal,
        by: Decimal,
    },
    Members {
        add: BTreeSet<Member>,
        remove: BTreeSet<Member>,
    },
    IfAbsent(Tree),
}

impl Pending {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn nodes(&self) -> impl Iterator<Item = (&str, &Node)> {
        self.0.iter().map(|(name, node)| (name.as_str(), node))
    }

    /// One operation, over what its caller sees.
    pub(crate) fn of(path: &[Segment], action: &Action, shown: &Entries) -> Result<Pending, Refused> {
        acted(Some(&Tree::Map(shown.clone())), path, action)?;
        Pending::below(path, action, Some(shown))
    }

    fn below(path: &[Segment], action: &Action, shown: Option<&Entries>) -> Result<Pending, Refused> {
        let Some((Segment::Name(name), rest)) = path.split_first() else {
            return Err(Refused);
        };
        let node = Node::of(rest, action, shown.and_then(|entries| entries.get(name.as_str())))?;
        Ok(Pending([(name.to_string(), node)].into_iter().filter(|(_, node)| !node.is_empty()).collect()))
    }

    /// These operations with later ones folded in; `below` is what lies below these.
    #[must_use]
    pub(crate) fn then(mut self, later: &Pending, below: Option<&Entries>) -> Pending {
        for (name, later) in &later.0 {
            let node = match self.0.remove(name) {
                Some(node) => node.then(later, below.and_then(|entries| entries.get(name))),
                None => later.clone(),
            };
            if !node.is_empty() {
                self.0.insert(name.clone(), node);
            }
        }
        self
    }

    /// The entries with the operations laid over.
    pub(crate) fn over(&self, below: &Entries) -> Entries {
        let mut entries = below.clone();
        for (name, node) in &self.0 {
            match node.over(below.get(name)) {
                Some(value) => drop(entries.insert(name.clone(), value)),
                None => drop(entries.remove(name)),
            }
        }
        entries
    }

    /// The operations laid over a record, or over none, which has the key alone when it comes into being.
    pub(crate) fn over_record(&self, below: Option<&Entries>, key: &Entries) -> Option<Entries> {
        match below {
            None if !self.creates() => None,
            below => Some(self.over(below.unwrap_or(key))),
        }
    }

    /// Whether every struct that the operations bring into being below `entries` has its required fields.
    pub(crate) fn is_met(&self, entries: &Entries, fields: &[Field]) -> bool {
        requirements::are_met(self, entries, fields)
    }

    /// Whether a record comes into being with them.
    pub(crate) fn creates(&self) -> bool {
        self.0.values().any(|node| node.over(None).is_some())
    }

    pub(crate) fn has(&self, kind: Kind) -> bool {
        self.0.values().any(|node| node.has(kind))
    }

    /// Takes the operations of one kind out.
    pub(crate) fn take(&mut self, kind: Kind) -> Pending {
        self.take_with(&mut |node| node.take(kind))
    }

    /// Takes out what DynamoDB cannot do in one request with the rest: each of those changes that are chosen.
    pub(crate) fn take_later(&mut self, chosen: &mut dyn FnMut() -> bool) -> Pending {
        self.take_with(&mut |node| node.take_later(chosen))
    }

    fn take_with(&mut self, take: &mut dyn FnMut(&mut Node) -> Option<Node>) -> Pending {
        let mut taken = Pending::default();
        self.0.retain(|name, node| {
            taken.0.extend(take(node).map(|node| (name.clone(), node)));
            !node.is_empty()
        });
        taken
    }

    /// The node that covers the path: at it or above it, or the one below it that stands for the most.
    pub(crate) fn at(&self, path: &[Segment]) -> Option<&Node> {
        let (Segment::Name(name), rest) = path.split_first()? else {
            return None;
        };
        let node = self.0.get(name.as_str())?;
        match node {
            Node::Keep(children) if !rest.is_empty() => children.at(rest),
            node => Some(node),
        }
    }

    /// Whether an operation at the path may have a part in what is pending. One below a value that is set where it is
    /// absent has not: it found nothing to take out.
    pub(crate) fn is_changed_by(&self, path: &[Segment]) -> bool {
        self.at(path).is_some() && !self.may_bring(path)
    }

    /// Notes that a map in the value that is set at this path came into being with changes below.
    pub(crate) fn assemble(&mut self, path: &[Segment]) {
        let Some((Segment::Name(name), rest)) = path.split_first() else { return };
        match self.0.get_mut(name.as_str()) {
            Some(Node::Keep(children)) => children.assemble(rest),
            Some(Node::Set { assembled, .. }) if rest.is_empty() => *assembled = true,
            _ => {}
        }
    }

    /// Whether the path is in a value that is set where it is absent.
    pub(crate) fn may_bring(&self, path: &[Segment]) -> bool {
        self.if_absent(path).is_some_and(|above| above.len() < path.len())
    }

    /// The way to the value that is set where it is absent, where the path is that or leads through it.
    pub(crate) fn if_absent<'p>(&self, path: &'p [Segment]) -> Option<&'p [Segment]> {
        let mut above = (1..=path.len()).map(|length| &path[..length]);
        above.find(|above| matches!(self.at(above), Some(Node::IfAbsent(_))))
    }

    /// The operations of some attributes, without the others: of none, of all but one, and so on; of many attributes
    /// only of none.
    pub(crate) fn parts(&self) -> Vec<Pending> {
        let count = if self.0.len() > 4 { 0 } else { self.0.len() };
        let of = |chosen: usize| {
            let kept = self.0.iter().enumerate().filter(|(at, _)| chosen & (1 << at) != 0);
            Pending(kept.map(|(_, (name, node))| (name.clone(), node.clone())).collect())
        };
        (0..(1_usize << count).saturating_sub(1).max(1)).map(of).collect()
    }

    /// Puts a node at a path of names below which nothing is pending.
    pub(crate) fn put(&mut self, path: &[Segment], node: Node) {
        let Some((Segment::Name(name), rest)) = path.split_first() else {
            return;
        };
        if rest.is_empty() {
            self.0.insert(name.to_string(), node);
            return;
        }
        if let Node::Keep(children) = self.0.entry(name.to_string()).or_insert_with(|| Node::Keep(Pending::default())) {
            children.put(rest, node);
        }
    }

    /// Calls `visit` with everything that is pending; a list with changes is one.
    pub(crate) fn visit(&self, path: &[Segment], visit: &mut dyn FnMut(&[Segment], &Node)) {
        for (name, node) in &self.0 {
            let mut path = path.to_vec();
            path.push(Segment::from(name.as_str()));
            match node {
                Node::Keep(children) => children.visit(&path, visit),
                node => visit(&path, node),
            }
        }
    }

    /// Whether some node is like this.
    pub(crate) fn any(&self, is: impl Fn(&Node) -> bool) -> bool {
        let mut found = false;
        self.visit(&[], &mut |_, node| found |= is(node));
        found
    }

    /// Whether a list grows at its front, at its end, a set gains members, loses some.
    pub(crate) fn ends(&self) -> [bool; 4] {
        let mut ends = [false; 4];
        self.visit(&[], &mut |_, node| node.ends(&mut ends));
        ends
    }

    /// Whether a list changes.
    pub(crate) fn has_list(&self) -> bool {
        self.any(Node::is_list)
    }
}

impl Node {
    /// The node of one operation at a path below.
    fn of(path: &[Segment], action: &Action, shown: Option<&Tree>) -> Result<Node, Refused> {
        match (path.first(), shown) {
            (None, _) => Ok(Node::leaf(action, shown)),
            (Some(Segment::Name(_)), shown) => Pending::below(path, action, entries(shown)).map(Node::Keep),
            (Some(Segment::Index(_)), Some(Tree::List(items))) => List::of(path, action, items).map(Node::List),
            // There is nothing to take out.
            (Some(Segment::Index(_)), _) => Ok(Node::Keep(Pending::default())),
        }
    }

    fn leaf(action: &Action, shown: Option<&Tree>) -> Node {
        let nobody = BTreeSet::new;
        let length = match shown {
            Some(Tree::List(items)) => items.len(),
            _ => 0,
        };
        match action {
            Action::Set(value) => Node::Set { value: value.clone(), assembled: false },
            Action::SetIfAbsent(value) => Node::IfAbsent(value.clone()),
            Action::Remove => Node::Remove,
            Action::Increment(by) => Node::Count { from: Decimal::ZERO, by: *by },
            Action::Insert(members) => Node::Members { add: members.clone(), remove: nobody() },
            Action::Take(members) => Node::Members { add: nobody(), remove: members.clone() },
            Action::Append(items) => Node::List(List::grown(length, &[], items)),
            Action::Prepend(items) => Node::List(List::grown(length, items, &[])),
        }
    }

    /// This with a later one folded in.
    fn then(self, later: &Node, below: Option<&Tree>) -> Node {
        let set = |value: Option<Tree>, assembled| value.map_or(Node::Remove, |value| Node::Set { value, assembled });
        match (self, later) {
            (_, Node::Set { .. } | Node::Remove) => later.clone(),
            (Node::Set { value, assembled }, later) => {
                set(later.over(Some(&value)), assembled || later.assembles(Some(&value)))
            }
            (Node::Remove, later) => set(later.over(None), later.assembles(None)),
            (Node::Keep(children), Node::Keep(later)) => Node::Keep(children.then(later, entries(below))),
            (Node::List(list), Node::List(later)) => Node::List(list.then(later, items(below))),
            (Node::Count { from, by }, Node::Count { by: more, .. }) => Node::Count { from, by: by.plus(*more) },
            (Node::Members { add, remove }, Node::Members { add: more, remove: less }) => {
                Node::Members { add: &(&add - less) | more, remove: &(&remove - more) | less }
            }
            (first, Node::IfAbsent(_)) if first.creates() => first,
            (first, Node::IfAbsent(value)) => set(first.over(below).or(Some(value.clone())), first.assembles(below)),
            (Node::IfAbsent(Tree::Number(from)), Node::Count { by, .. }) => Node::Count { from, by: *by },
            (Node::IfAbsent(value), later) => {
                let before = below.unwrap_or(&value);
                match later.over(Some(before)) {
                    // There was nothing to take out.
                    Some(after) if after == *before && !later.creates() => Node::IfAbsent(value),
                    after => set(after, later.assembles(Some(before))),
                }
            }
            (_, later) => later.clone(),
        }
    }

    /// The value with the operations laid over. A map comes into being over nothing, or over NULL, where one of
    /// them needs it.
    pub(crate) fn over(&self, below: Option<&Tree>) -> Option<Tree> {
        match (self, below) {
            (Node::Set { value, .. }, _) => Some(value.clone()),
            (Node::Remove, _) => None,
            (Node::IfAbsent(value), below) => Some(below.unwrap_or(value).clone()),
            (Node::Count { from, by }, None) => Some(Tree::Number(from.plus(*by))),
            (Node::Count { by, .. }, Some(Tree::Number(number))) => Some(Tree::Number(number.plus(*by))),
            (Node::Members { add, .. }, None) => Tree::of_members(add.clone()),
            (Node::Members { add, remove }, Some(Tree::Members(members))) => {
                Tree::of_members(&(members | add) - remove)
            }
            (Node::Keep(children), Some(Tree::Map(entries))) => Some(Tree::Map(children.over(entries))),
            (Node::Keep(children), None | Some(Tree::Null)) => {
                Some(children.over(&Entries::new())).filter(|new| !new.is_empty()).map(Tree::Map).or(below.cloned())
            }
            (Node::List(list), Some(Tree::List(items))) => Some(Tree::List(list.over(items))),
            (Node::List(list), None) => Some(list.over(&[])).filter(|items| !items.is_empty()).map(Tree::List),
            // Only another writer brings that about.
            (_, below) => below.cloned(),
        }
    }

    /// Whether a map comes into being with changes of what is in it.
    pub(crate) fn assembles(&self, below: Option<&Tree>) -> bool {
        match (self, below) {
            (Node::Set { assembled, .. }, _) => *assembled,
            (Node::Keep(children), Some(Tree::Map(entries))) => {
                children.nodes().any(|(name, node)| node.assembles(entries.get(name)))
            }
            (Node::Keep(_), below) => self.over(below).as_ref() != below,
            (Node::List(list), below) => list.assembles(items(below)),
            _ => false,
        }
    }

    /// Adds to whether a list grows at its front, at its end, a set gains members, loses some.
    pub(crate) fn ends(&self, ends: &mut [bool; 4]) {
        match self {
            Node::Keep(children) => children.0.values().for_each(|node| node.ends(ends)),
            Node::List(list) => list.ends(ends),
            Node::Members { add, remove } => {
                ends[2] |= !add.is_empty();
                ends[3] |= !remove.is_empty();
            }
            _ => {}
        }
    }

    pub(crate) fn is_keep(&self) -> bool {
        matches!(self, Node::Keep(_))
    }

    pub(crate) fn is_list(&self) -> bool {
        matches!(self, Node::List(_))
    }

    /// Whether something is there with it, whatever was before.
    fn creates(&self) -> bool {
        match self {
            Node::List(list) => list.has(Kind::Update),
            node => node.over(None).is_some(),
        }
    }

    /// Whether applying it twice does no more than applying it once.
    pub(crate) fn is_repeatable(&self) -> bool {
        !matches!(self, Node::List(_) | Node::Count { .. })
    }

    fn is_empty(&self) -> bool {
        match self {
            Node::Keep(children) => children.is_empty(),
            Node::List(list) => list.is_empty(),
            _ => false,
        }
    }

    fn has(&self, kind: Kind) -> bool {
        match self {
            Node::Keep(children) => children.has(kind),
            Node::List(list) => list.has(kind),
            Node::Remove => kind == Kind::Remove,
            _ => kind == Kind::Update,
        }
    }

    fn take(&mut self, kind: Kind) -> Option<Node> {
        match self {
            Node::Keep(children) => Some(Node::Keep(children.take(kind))),
            Node::List(list) => Some(Node::List(list.take(kind))),
            node if node.has(kind) => Some(std::mem::replace(node, Node::Keep(Pending::default()))),
            _ => None,
        }
        .filter(|taken| !taken.is_empty())
    }

    fn take_later(&mut self, chosen: &mut dyn FnMut() -> bool) -> Option<Node> {
        match self {
            Node::Keep(children) => Some(Node::Keep(children.take_later(chosen))),
            Node::List(list) if list.clone().take_later().is_some() && chosen() => list.take_later().map(Node::List),
            Node::Members { add, remove } if !add.is_empty() && !remove.is_empty() && chosen() => {
                Some(Node::Members { add: BTreeSet::new(), remove: std::mem::take(remove) })
            }
            _ => None,
        }
        .filter(|taken| !taken.is_empty())
    }
}

fn entries(tree: Option<&Tree>) -> Option<&Entries> {
    match tree {
        Some(Tree::Map(entries)) => Some(entries),
        _ => None,
    }
}

fn items(tree: Option<&Tree>) -> &[Tree] {
    match tree {
        Some(Tree::List(items)) => items,
        _ => &[],
    }
}
