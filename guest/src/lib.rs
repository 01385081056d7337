//! The Qualys plugin: what Qualys answers, as rows of proof types, and what is done there as operations.
//!
//! Wire formats are those of the public API guides and of what clients met in
//! practice; where the two differ, both are read.

pub mod catalog;
pub mod lookups;
mod names;
pub mod operations;
pub mod proofs;
pub mod qualys;
#[cfg(test)]
mod testing;

use exhibit_plugin::catalog::{Manifest, Origin};
use exhibit_plugin::session::Order;
use exhibit_plugin::{Arguments, Assignment, Error, Plugin, Procedure, Source};

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
        if order.look_up { lookups::open(order) } else { proofs::open(order) }
    }

    fn operate(assignment: &Assignment, saved: Option<&str>) -> Result<Box<dyn Procedure>, Error> {
        operations::open(assignment, saved)
    }

    fn probe_operation(assignment: &Assignment) -> Result<Box<dyn Procedure>, Error> {
        operations::probe(assignment)
    }
}

exhibit_plugin::export!(Qualys);
