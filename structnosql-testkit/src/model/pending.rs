//! Pending operations of one record, folded by the table of the design's section on their algebra.

mod list;

use std::collections::BTreeMap;

use structnosql_core::Segment;

use super::tree::{Entries, Tree};
pub(crate) use list::List;

/// An operation, as a caller gives it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Action {
    Set(Tree),
    Remove,
}

/// The two kinds that are committed and cleared apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Update,
    Remove,
}

/// An operation that leads through something that has no such children.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refused;

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
    /// `assembled`: put together from changes below a removed value, and perhaps not whole.
    Set {
        value: Tree,
        assembled: bool,
    },
    Remove,
}

impl Pending {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn nodes(&self) -> impl Iterator<Item = (&str, &Node)> {
        self.0.iter().map(|(name, node)| (name.as_str(), node))
    }

    /// Folds an operation in, or changes nothing. `below` is what lies below these operations.
    pub(crate) fn add(&mut self, path: &[Segment], action: Action, below: Option<&Entries>) -> Result<(), Refused> {
        let Some((Segment::Name(name), rest)) = path.split_first() else {
            return Err(Refused);
        };
        let below = below.and_then(|entries| entries.get(name.as_str()));
        let mut node = self.0.get(name.as_str()).cloned();
        match &mut node {
            Some(node) => node.add(rest, action, below)?,
            None => node = Some(Node::of(rest, action, below)?),
        }
        match node.filter(|node| !node.is_empty()) {
            Some(node) => drop(self.0.insert(name.to_string(), node)),
            None => drop(self.0.remove(name.as_str())),
        }
        Ok(())
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

    pub(crate) fn has(&self, kind: Kind) -> bool {
        self.0.values().any(|node| node.has(kind))
    }

    /// Takes the operations of one kind out.
    pub(crate) fn take(&mut self, kind: Kind) -> Pending {
        let mut taken = Pending::default();
        self.0.retain(|name, node| {
            taken.0.extend(node.take(kind).map(|node| (name.clone(), node)));
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

    /// Calls `visit` with every value that is set, removed, or a list with changes.
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

    /// Folds operations in that came later, none of them of a list.
    pub(crate) fn follow(&mut self, later: &Pending) {
        let mut folded = self.clone();
        later.visit(&[], &mut |path, node| {
            let action = match node {
                Node::Set { value, .. } => Action::Set(value.clone()),
                _ => Action::Remove,
            };
            if folded.at(path).is_none() || folded.add(path, action, None).is_err() {
                folded.put(path, node.clone());
            }
        });
        *self = folded;
    }

    /// Whether a list changes.
    pub(crate) fn has_list(&self) -> bool {
        let mut found = false;
        self.visit(&[], &mut |_, node| found |= matches!(node, Node::List(_)));
        found
    }
}

impl Node {
    /// The node of one operation at a path below.
    fn of(path: &[Segment], action: Action, below: Option<&Tree>) -> Result<Node, Refused> {
        match (path.first(), below) {
            (None, _) => Ok(Node::leaf(action)),
            (Some(Segment::Name(_)), below) => {
                let mut children = Pending::default();
                children.add(path, action, entries(below))?;
                Ok(Node::Keep(children))
            }
            (Some(Segment::Index(_)), Some(Tree::List(items))) => {
                let mut list = List::over_items(items.len());
                list.add(path, action, items)?;
                Ok(Node::List(list))
            }
            (Some(Segment::Index(_)), _) => Err(Refused),
        }
    }

    fn leaf(action: Action) -> Node {
        match action {
            Action::Set(value) => Node::Set { value, assembled: false },
            Action::Remove => Node::Remove,
        }
    }

    fn add(&mut self, path: &[Segment], action: Action, below: Option<&Tree>) -> Result<(), Refused> {
        if path.is_empty() {
            *self = Node::leaf(action);
            return Ok(());
        }
        match (&mut *self, action) {
            (Node::Keep(children), action) => children.add(path, action, entries(below)),
            (Node::List(list), action) => match below {
                Some(Tree::List(items)) => list.add(path, action, items),
                _ => Err(Refused),
            },
            (Node::Set { value, .. }, Action::Set(new)) => value.set(path, new),
            (Node::Set { value, .. }, Action::Remove) => value.remove(path),
            (Node::Remove, Action::Remove) => Ok(()),
            (Node::Remove, Action::Set(new)) => {
                let mut value = Tree::Null;
                value.set(path, new)?;
                *self = Node::Set { value, assembled: true };
                Ok(())
            }
        }
    }

    /// The value with the operations laid over. A map comes into being over nothing, or over NULL, where one of
    /// them needs it.
    pub(crate) fn over(&self, below: Option<&Tree>) -> Option<Tree> {
        match (self, below) {
            (Node::Set { value, .. }, _) => Some(value.clone()),
            (Node::Remove, _) => None,
            (Node::Keep(children), Some(Tree::Map(entries))) => Some(Tree::Map(children.over(entries))),
            (Node::Keep(children), None | Some(Tree::Null)) => {
                Some(children.over(&Entries::new())).filter(|new| !new.is_empty()).map(Tree::Map).or(below.cloned())
            }
            (Node::List(list), Some(Tree::List(items))) => Some(Tree::List(list.over(items))),
            // Only another writer brings that about.
            (Node::Keep(_) | Node::List(_), below) => below.cloned(),
        }
    }

    pub(crate) fn is_list(&self) -> bool {
        matches!(self, Node::List(_))
    }

    fn is_empty(&self) -> bool {
        match self {
            Node::Keep(children) => children.is_empty(),
            Node::List(list) => list.is_empty(),
            Node::Set { .. } | Node::Remove => false,
        }
    }

    fn has(&self, kind: Kind) -> bool {
        match self {
            Node::Keep(children) => children.has(kind),
            Node::List(list) => list.has(kind),
            Node::Set { .. } => kind == Kind::Update,
            Node::Remove => kind == Kind::Remove,
        }
    }

    fn take(&mut self, kind: Kind) -> Option<Node> {
        let nothing = || Node::Keep(Pending::default());
        match self {
            Node::Keep(children) => Some(Node::Keep(children.take(kind))),
            Node::List(list) => Some(Node::List(list.take(kind))),
            node if node.has(kind) => Some(std::mem::replace(node, nothing())),
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
