//! A record, or an element inside one, as a mapping reads it.

use quick_xml::events::attributes::Attributes;

use super::node::{NameHint, Node, Text};
use super::shorten;
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

    /// Its text where that is kept short: what was kept of it, and the length in bytes that it had, where it was longer.
    pub fn kept(&self) -> (&'a str, Option<u64>) {
        shorten::parted(self.text())
    }

    /// The text of the only child of this name, as [`Self::child`] gives it; `None` where there is no such child.
    pub fn get(&self, name: &str) -> Option<&'a str> {
        self.child(name).map(|it| it.text())
    }

    /// The only child of this name. Where there are several it is the first; where they do not all say the same, the record
    /// contradicts itself, and [`Self::contradiction`] says so from then on.
    pub fn child(&self, name: &str) -> Option<Self> {
        let tree = self.tree;
        let hint = NameHint::of(name.as_bytes());
        let is_it = |it: &Self| it.node().is(self.source, hint, name.as_bytes());
        let indexed = if self.at == 0 { tree.index.find(self.source, &tree.nodes, name) } else { None };
        let first = match indexed {
            Some(found) => Self::new(tree, self.source, found?),
            None => self.children().find(is_it)?,
        };
        let may_be_repeated = self.at != 0 || tree.index.has_repeated();
        if may_be_repeated && self.from(first.node().end).filter(is_it).any(|it| !first.says_the_same(&it)) {
            tree.contradicted.set(tree.contradicted.get().or(Some(first.at)));
        }
        Some(first)
    }

    /// The name of an element of the record that was asked for as the only one of its name, and stands beside another one that
    /// says something else: which of them is right cannot be known, so no row is made of it. Only what was
    /// asked for counts: ask when all is read.
    pub fn contradiction(&self) -> Option<&'a str> {
        self.tree.contradicted.get().map(|at| Element::new(self.tree, self.source, at).name())
    }

    /// The children, in the order in which they are written.
    pub fn children(&self) -> impl Iterator<Item = Self> + use<'a> {
        self.from(self.at + 1)
    }

    /// The children from this node on, which is one of them or the end of this.
    fn from(&self, first: u32) -> impl Iterator<Item = Self> + use<'a> {
        let (tree, source, end) = (self.tree, self.source, self.node().end);
        let mut next = first;
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

    /// The attributes by name and value, in the order in which they are written; those that cannot be read are left out.
    pub fn attributes(&self) -> impl Iterator<Item = (&'a str, String)> + use<'a> {
        let source: &'a str = self.source;
        let mut attributes = Attributes::new(&source[self.node().attributes.range()], 0);
        attributes.with_checks(false);
        attributes.flatten().filter_map(|it| {
            let value = it.normalized_value(quick_xml::XmlVersion::Implicit1_0).ok()?.into_owned();
            Some((it.key.0, value))
        })
    }

    /// Whether another one has the same text, attributes and elements in it.
    fn says_the_same(&self, other: &Self) -> bool {
        let length = |it: &Self| it.node().end - it.at;
        length(self) == length(other)
            && (0..length(self)).all(|step| {
                let at = |it: &Self| Self::new(it.tree, it.source, it.at + step);
                let (a, b) = (at(self), at(other));
                let attributes = |it: &Self| it.source[it.node().attributes.range()].trim();
                a.is(b.name())
                    && a.text() == b.text()
                    && attributes(&a) == attributes(&b)
                    && length(&a) == length(&b)
            })
    }

    fn node(&self) -> &'a Node {
        &self.tree.nodes[self.at as usize]
    }
}
