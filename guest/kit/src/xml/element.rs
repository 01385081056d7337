//! A record, or an element inside one, as a mapping reads it.

use quick_xml::events::attributes::Attributes;

use super::node::{NameHint, Node, Text};
use super::tree::Tree;

/// An element of a record. Names are compared without regard to case: some answers
/// have them in lower case.
#[derive(Debug, Clone, Copy)]
pub struct Element<'a> {
    tree: &'a Tree,
    source: &'a str,
    at: u32,
}

impl<'a> Element<'a> {
    pub(super) fn new(tree: &'a Tree, source: &'a str, at: u32) -> Self {
        Self { tree, source, at }
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
        if self.at == 0
            && let Some(found) = self.tree.index.find(self.source, &self.tree.nodes, name)
        {
            return Some(Self::new(self.tree, self.source, found?));
        }
        let hint = NameHint::of(name.as_bytes());
        self.children().find(|it| it.node().is(self.source, hint, name.as_bytes()))
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

    /// The value of an attribute; `None` where it is missing or cannot be read.
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
}
