//! Which file uses what of which other.

use std::collections::BTreeSet;

use crate::circles::Arrows;
use crate::names::{Import, Imported};
use crate::sources::{Crate, Id, ROOT};

/// The uses of one crate, between its files and between its top-level modules.
#[derive(Debug, Default)]
pub(crate) struct Uses {
    pub(crate) files: Arrows,
    pub(crate) modules: Arrows,
}

/// Where a path leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Target {
    Module(Id),
    /// An item of this module.
    Item(Id),
    /// What this module re-exports of another crate, or something in it.
    Foreign(Id),
    /// Another crate, a local name, or nothing that can be read off the text.
    Outside,
}

impl Target {
    fn module(self) -> Option<Id> {
        match self {
            Self::Module(id) | Self::Item(id) | Self::Foreign(id) => Some(id),
            Self::Outside => None,
        }
    }
}

/// Where a path leads, and its segment that names that.
struct Found<'a> {
    target: Target,
    name: &'a str,
}

/// What is looked for where a module and an item have the same name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Want {
    Module,
    Item,
}

/// Reads the uses off the modules. An arrow leads to the file that defines what is used: `pub use` is
/// followed. To declare a child or to re-export what it has is no use.
pub(crate) fn uses(crate_: &Crate) -> Uses {
    let mut uses = Uses::default();
    for id in crate_.ids() {
        let names = &crate_.module(id).names;
        for import in &names.imports {
            let want = match import.what {
                Imported::Name(_) => Want::Item,
                Imported::Module(_) | Imported::All => Want::Module,
            };
            let found = Search::new(crate_).path(id, &import.path, want);
            if !(import.is_public && found.target.module().is_some_and(|it| crate_.is_within(it, id))) {
                add(&mut uses, crate_, id, found);
            }
        }
        for path in &names.used {
            add(&mut uses, crate_, id, Search::new(crate_).path(id, path, Want::Item));
        }
    }
    uses
}

fn add(uses: &mut Uses, crate_: &Crate, from: Id, found: Found<'_>) {
    let (Target::Item(to) | Target::Foreign(to)) = found.target else { return };
    let (from, to) = (crate_.module(from), crate_.module(to));
    let [from_file, to_file] = [from, to].map(|it| it.file.display().to_string());
    if from_file == to_file {
        return;
    }
    uses.files.add(&from_file, &to_file, found.name);
    if from.top != to.top && !from.top.is_empty() && !to.top.is_empty() {
        uses.modules.add(&from.top, &to.top, &format!("{from_file} -> {to_file}"));
    }
}

/// One search for what a path means.
struct Search<'a> {
    crate_: &'a Crate,
    /// What was looked up already: imports may lead back to each other.
    seen: BTreeSet<(Id, String, Want)>,
}

impl<'a> Search<'a> {
    fn new(crate_: &'a Crate) -> Self {
        Self { crate_, seen: BTreeSet::new() }
    }

    fn path<'p>(&mut self, from: Id, path: &'p [String], want: Want) -> Found<'p> {
        let Some((first, rest)) = path.split_first() else {
            return Found { target: Target::Outside, name: "" };
        };
        let wanted = |is_last: bool| if is_last { want } else { Want::Module };
        let mut name = first.as_str();
        let mut target = match name {
            "crate" => Target::Module(ROOT),
            "self" => Target::Module(from),
            "super" => self.parent(from),
            "" => Target::Outside,
            _ => self.name(from, name, wanted(rest.is_empty())).unwrap_or(Target::Outside),
        };
        for (place, segment) in rest.iter().enumerate() {
            target = match target {
                Target::Module(id) if segment == "super" => self.parent(id),
                Target::Module(id) => {
                    let found = self.name(id, segment, wanted(place + 1 == rest.len()));
                    // What a macro makes there, or another crate's item that a glob brings there.
                    found.unwrap_or(Target::Item(id))
                }
                // A variant or a function of a type. A function or a constant has nothing in it.
                Target::Item(_) if name.starts_with(|it: char| it.is_uppercase()) => break,
                Target::Item(_) => Target::Outside,
                Target::Foreign(_) | Target::Outside => break,
            };
            name = segment;
        }
        Found { target, name }
    }

    fn parent(&self, id: Id) -> Target {
        self.crate_.module(id).parent.map_or(Target::Outside, Target::Module)
    }

    /// A name in a module.
    fn name(&mut self, id: Id, name: &str, want: Want) -> Option<Target> {
        if !self.seen.insert((id, name.to_owned(), want)) {
            return None;
        }
        let module = self.crate_.module(id);
        let mut found: Vec<Target> = Vec::new();
        if module.names.defined.contains(name) {
            found.push(Target::Item(id));
        }
        found.extend(module.children.get(name).map(|it| Target::Module(*it)));
        for import in &module.names.imports {
            if matches!(&import.what, Imported::Name(it) | Imported::Module(it) if it == name) {
                found.extend(self.import(id, import, want));
            }
        }
        let is_wanted = |it: &Target| matches!(it, Target::Module(_)) == (want == Want::Module);
        if let Some(target) = found.iter().find(|it| is_wanted(it)).or(found.first()) {
            return Some(*target);
        }
        if id == ROOT
            && let Some(by) = self.crate_.exported_macro(name)
        {
            return Some(Target::Item(by));
        }
        for import in module.names.imports.iter().filter(|it| it.what == Imported::All) {
            if let Target::Module(all) = self.path(id, &import.path, Want::Module).target
                && let Some(target) = self.name(all, name, want)
            {
                return Some(target);
            }
        }
        None
    }

    /// What an import brings into its module. What it brings from another crate is the module's own for
    /// those that take it from here.
    fn import(&mut self, id: Id, import: &Import, want: Want) -> Option<Target> {
        let want = if matches!(import.what, Imported::Module(_)) { Want::Module } else { want };
        match self.path(id, &import.path, want).target {
            Target::Outside if import.is_public => Some(Target::Foreign(id)),
            target => Some(target),
        }
    }
}
