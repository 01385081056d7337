//! The Qualys plugin: what Qualys answers, as rows of proof types.
//!
//! Wire formats are those of the public API guides and of what clients met in
//! practice; where the two differ, both are read.

pub mod catalog;
pub mod proofs;
pub mod qualys;
#[cfg(test)]
mod testing;

use exhibit_plugin::catalog::{Manifest, Origin};
use exhibit_plugin::session::Order;
use exhibit_plugin::{Arguments, Error, Plugin, Source};

/// The plugin.
#[derive(Debug)]
pub struct Qualys;

impl Plugin for Qualys {
    fn manifest() -> Manifest {
        catalog::manifest()
    }

    fn resolve(settings: &Arguments) -> Result<Vec<Origin>, Error> {
        qualys::platforms::resolve(settings)
    }

    fn open(order: &Order) -> Result<Box<dyn Source>, Error> {
        proofs::open(order)
    }
}

exhibit_plugin::export!(Qualys);
