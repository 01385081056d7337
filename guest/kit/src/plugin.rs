//! What an author writes: a plugin.

use crate::arguments::Arguments;
use crate::contract::catalog::{Manifest, Origin};
use crate::contract::types::Error;
use crate::operation::{Assignment, Procedure};
use crate::problem::invalid;
use crate::session::{Order, Source};

/// A plugin: what it is, where it connects to, and how it begins a collection.
pub trait Plugin: 'static {
    /// What the plugin offers and asks for. The same at every call.
    fn manifest() -> Manifest;

    /// The origins of a connection with these settings.
    fn resolve(settings: &Arguments) -> Result<Vec<Origin>, Error>;

    /// Begins what the order says. The proof type in it is one of the manifest's, or the columns of one of its lookups.
    fn open(order: &Order) -> Result<Box<dyn Source>, Error>;

    /// Begins an operation, or goes on with what [`Procedure::save`] gave. The operation is one of the manifest's.
    ///
    /// # Errors
    /// `invalid` where the parameters make no sense.
    fn operate(assignment: &Assignment, saved: Option<&str>) -> Result<Box<dyn Procedure>, Error> {
        let _ = saved;
        Err(invalid(format!("unknown operation {:?}", assignment.operation.name)))
    }

    /// Finds out by reads alone whether the account may carry out an operation of the manifest. It is done when nothing speaks
    /// against it; [`Report::undecided`](crate::Report::undecided) says that reads do not show it. An error says why it may
    /// not. The assignment has no parameters.
    ///
    /// # Errors
    /// `invalid` where the plugin cannot say that of any operation.
    fn probe_operation(assignment: &Assignment) -> Result<Box<dyn Procedure>, Error> {
        let name = &assignment.operation.name;
        Err(invalid(format!("the plugin cannot tell without a change whether {name:?} is permitted")))
    }
}
