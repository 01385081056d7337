//! Plugins of several lines in one host.

mod adapted;
mod choice;
mod made_up;
mod past;

use std::path::Path;

use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

/// A component of the module in this file, which has the world `plugin` of the contract in this folder.
pub(in super::super) fn component(module: &Path, contract: &Path) -> anyhow::Result<Vec<u8>> {
    component_of(&wat::parse_file(module)?, contract)
}

/// The same of a module that is read already.
pub(in super::super) fn component_of(module: &[u8], contract: &Path) -> anyhow::Result<Vec<u8>> {
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir(contract)?;
    let world = resolve.select_world(&[package], Some("plugin"))?;
    let mut module = module.to_vec();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8)?;
    ComponentEncoder::default().module(&module)?.validate(true).encode()
}

/// The root of the source tree.
pub(in super::super) fn root() -> &'static Path {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package)
}

/// The plugin that was written by hand against the first version of the line 0.1.
fn frozen() -> anyhow::Result<Vec<u8>> {
    component(&root().join("tests/tests/contract/plugin-0.1.0.wat"), &root().join("wit/frozen/0.1.0"))
}
