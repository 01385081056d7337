//! The modules of one crate, each with its file.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::names::{Declared, Names, names};

/// A module's place among all of its crate.
pub(crate) type Id = usize;
/// The crate's root.
pub(crate) const ROOT: Id = 0;

/// One library, binary, test or build script, with all modules that are not for tests alone.
#[derive(Debug)]
pub(crate) struct Crate {
    modules: Vec<Module>,
}

#[derive(Debug)]
pub(crate) struct Module {
    pub(crate) file: PathBuf,
    pub(crate) parent: Option<Id>,
    pub(crate) children: BTreeMap<String, Id>,
    pub(crate) names: Names,
    /// The first segment of its path; empty for the root.
    pub(crate) top: String,
}

impl Crate {
    /// Reads a crate from its root file on.
    pub(crate) fn read(root: &Path) -> Result<Self> {
        let mut crate_ = Self { modules: Vec::new() };
        let folder = root.parent().context("a crate's root is in a folder")?;
        let names = read(root)?;
        crate_.add(None, "", root, folder, names)?;
        Ok(crate_)
    }

    pub(crate) fn module(&self, id: Id) -> &Module {
        &self.modules[id]
    }

    pub(crate) fn ids(&self) -> impl Iterator<Item = Id> {
        0..self.modules.len()
    }

    /// Whether a module is `outer`, or in it.
    pub(crate) fn is_within(&self, module: Id, outer: Id) -> bool {
        let mut next = Some(module);
        while let Some(id) = next {
            if id == outer {
                return true;
            }
            next = self.module(id).parent;
        }
        false
    }

    /// The module that exports a macro of this name to the whole crate.
    pub(crate) fn exported_macro(&self, name: &str) -> Option<Id> {
        self.ids().find(|id| self.module(*id).names.exported_macros.contains(name))
    }

    /// Adds a module whose children have their files in `folder`.
    fn add(
        &mut self,
        parent: Option<Id>,
        name: &str,
        file: &Path,
        folder: &Path,
        mut names: Names,
    ) -> Result<Id> {
        let id = self.modules.len();
        let top = match parent {
            None => String::new(),
            Some(ROOT) => name.to_owned(),
            Some(parent) => self.module(parent).top.clone(),
        };
        let declared = std::mem::take(&mut names.declared);
        let inline = std::mem::take(&mut names.inline);
        self.modules.push(Module { file: file.to_owned(), parent, children: BTreeMap::new(), names, top });
        for declared in declared {
            let (file, folder) = place(&declared, file, folder)?;
            let names = read(&file)?;
            if !names.is_test {
                let child = self.add(Some(id), &declared.name, &file, &folder, names)?;
                self.modules[id].children.insert(declared.name, child);
            }
        }
        for (name, names) in inline {
            if !names.is_test {
                let child = self.add(Some(id), &name, file, &folder.join(&name), names)?;
                self.modules[id].children.insert(name, child);
            }
        }
        Ok(id)
    }
}

fn read(file: &Path) -> Result<Names> {
    let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    Ok(names(&text))
}

/// The file of a declared module, and the folder in which its own children have theirs.
fn place(declared: &Declared, by: &Path, folder: &Path) -> Result<(PathBuf, PathBuf)> {
    let Declared { name, path } = declared;
    if let Some(path) = path {
        let file = by.with_file_name("").join(path);
        let folder = file.with_file_name("");
        return Ok((file, folder));
    }
    let inner = folder.join(name);
    for file in [folder.join(format!("{name}.rs")), inner.join("mod.rs")] {
        if file.is_file() {
            return Ok((file, inner));
        }
    }
    bail!("{} declares `mod {name};`, and there is no file of it in {}", by.display(), folder.display())
}
