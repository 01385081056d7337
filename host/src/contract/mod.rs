//! The contract between a plugin and a host: its types as the host sees them, generated from `wit/`, and the rules
//! that hold for whatever a plugin says of itself.
//!
//! This is the ground: everything else imports it, and it imports nothing of this crate. Of what is generated, the
//! values are public; the functions of a component, which are the runtime's, are for the module `plugin` alone.

mod bindings;
pub(crate) mod bounds;
mod headers;
pub(crate) mod manifest;
pub mod settings;
mod value;

/// What the contract's interfaces share: values, kinds and errors.
pub mod types {
    pub use super::bindings::exports::exhibit::plugin::types::{
        Error, Instant, Kind, Problem, Row, Setting, Value, Window,
    };
}

/// What a plugin is, offers and asks for.
pub mod catalog {
    pub use super::bindings::exports::exhibit::plugin::catalog::{
        Auth, AuthScheme, BasicAuth, ChangesUse, Choice, Field, HeaderAuth, Inventory, IssuedNumber,
        ItemIdentity, Link, Lookup, Manifest, Operation, Origin, Parameter, ProofType, ProvenTime,
        TokenExchange, WindowUse,
    };
}

/// How a proof is collected.
pub mod collection {
    pub use super::bindings::exports::exhibit::plugin::collection::{
        Batch, Body, Change, Content, Effect, Job, Method, OperationOutcome, Pause, PauseReason, Rejection,
        Request, Response, Step, Summary, Task,
    };
}

/// How rows are tested.
pub mod testing {
    pub use super::bindings::exports::exhibit::plugin::testing::{
        Condition, EmptyRule, Finding, Observation, Operand, Operator, Outcome, Report, Test, TestCase,
    };
}

pub(crate) use self::bindings::{Plugin as Exports, PluginPre};
#[cfg(test)]
pub(crate) use self::headers::DISGUISES;
pub(crate) use self::headers::{may_set, may_sign};
pub use self::manifest::{Manifest, ManifestError, secret_in};
