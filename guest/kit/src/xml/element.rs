//! A record, or an element inside one, to be looked at.

use std::cell::Cell;

use quick_xml::events::attributes::Attributes;

use super::tree::{Node, Text, Tree};

/// An element of a record. Names are compared without regard to case: some answers
/// have them in lower case.
#[derive(Debug)]
pub struct Element<'a> {
    tree: &'a Tree,
    source: &'a str,
    at: u32,
    /// The child after the last one found: records are read roughly in the order in
    /// which they are written, so the next one asked for is most often the next.
    likely: Cell<u32>,
}

impl<'a> Element<'a> {
    pub(super) fn new(tree: &'a Tree, source: &'a str, at: u32) -> Self {
        Self { tree, source, at, likely: Cell::new(at + 1) }
    }

    /// Its name, as written.
    pub fn name(&self) -> &'a str {
        &self.source[self.node().name.range()]
    }

    /// Its text up to its first child, trimmed.
    pub fn text(&self) -> &'a str {
        match self.node().text {
            Text::None => "",
            Text::Source(place) => self.source[place.range()].trim(),
            Text::Pieced(place) => self.tree.pieced[place.range()].trim(),
        }
    }

    /// The text of the first child of this name; `None` where there is no such child.
    pub fn get(&self, name: &str) -> Option<&'a str> {
        self.child(name).map(|it| it.text())
    }

    /// The first child of this name.
    pub fn child(&self, name: &str) -> Option<Self> {
        let (first, end) = (self.at + 1, self.node().end);
        let likely = self.likely.get();
        let found = self.search(name, likely, end).or_else(|| self.search(name, first, likely))?;
        self.likely.set(self.tree.nodes[found as usize].end);
        Some(Self::new(self.tree, self.source, found))
    }

    /// The children, in the order in which they are written.
    pub fn children(&self) -> impl Iterator<Item = Self> + use<'a> {
        let (tree, source, end) = (self.tree, self.source, self.node().end);
        let mut next = self.at + 1;
        std::iter::from_fn(move || {
            let at = next;
            next = tree.nodes.get(at as usize).filter(|_| at < end)?.end;
            Some(Element::new(tree, source, at))
        })
    }

    /// The children of this name.
    pub fn all(&self, name: &'a str) -> impl Iterator<Item = Self> + use<'a> {
        self.children().filter(move |it| it.is(name))
    }

    /// Whether it has this name.
    pub fn is(&self, name: &str) -> bool {
        self.name().eq_ignore_ascii_case(name)
    }

    /// The value of an attribute. One that cannot be read is as good as none.
    pub fn attribute(&self, name: &str) -> Option<String> {
        let written = &self.source[self.node().attributes.range()];
        let mut attributes = Attributes::new(written, 0);
        let attributes = attributes.with_checks(false).flatten();
        let attribute = attributes.into_iter().find(|it| it.key.as_ref().eq_ignore_ascii_case(name))?;
        Some(attribute.normalized_value(quick_xml::XmlVersion::Implicit1_0).ok()?.into_owned())
    }

    fn node(&self) -> &'a Node {
        &self.tree.nodes[self.at as usize]
    }

    /// The first child of this name from the child at `from` on, before `to`.
    fn search(&self, name: &str, from: u32, to: u32) -> Option<u32> {
        let mut at = from;
        while at < to {
            let node = &self.tree.nodes[at as usize];
            let place = node.name;
            if (place.end - place.start) as usize == name.len()
                && self.source.as_bytes()[place.range()].eq_ignore_ascii_case(name.as_bytes())
            {
                return Some(at);
            }
            at = node.end;
        }
        None
    }
}
