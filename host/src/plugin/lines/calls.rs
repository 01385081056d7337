//! What the host asks of a plugin, whatever line of the contract the plugin was built against.
//!
//! All values are those of the newest line. A line of before turns them into its own and back.

use std::pin::Pin;

use wasmtime::Store;
use wasmtime::component::{InstancePre, ResourceAny};

use crate::contract::catalog::{Manifest, Origin};
use crate::contract::collection::{Batch, Job, Response, Step};
use crate::contract::testing::{Observation, Report, Test};
use crate::contract::types::{Error, Instant, Row, Setting};

use super::super::state::State;

/// A call into a plugin, under way. Its error is the sandbox's: a trap, or a wrong type.
pub(crate) type Call<'a, T> = Pin<Box<dyn Future<Output = wasmtime::Result<T>> + Send + 'a>>;

/// A line of the contract that this host runs.
pub(crate) trait Line: Send + Sync {
    /// The version that the line's bindings were made from. It names the line.
    fn version(&self) -> &'static str;

    /// The interfaces that a plugin of the line exports, without package and version.
    fn interfaces(&self) -> &'static [&'static str];

    /// Finds the line's functions in a component.
    fn prepare(&self, component: InstancePre<State>) -> wasmtime::Result<Box<dyn Prepared>>;
}

/// What an error of [`Prepared::start`] says where the instance runs, and its functions have other types than the
/// line's: they are compared only then.
#[derive(Debug, thiserror::Error)]
#[error("its functions have other types")]
pub(crate) struct OtherTypes;

/// A component in which all functions of a line were found.
pub(crate) trait Prepared: Send + Sync {
    /// Starts an instance in this store. An error about the types of its functions has [`OtherTypes`] as context.
    fn start<'a>(&'a self, store: &'a mut Store<State>) -> Call<'a, Box<dyn Instance>>;
}

/// An instance of a plugin. Functions are those of `wit/`, and so is their order; nothing that they
/// give is checked yet.
pub(crate) trait Instance: Send + Sync {
    fn describe<'a>(&'a self, store: &'a mut Store<State>) -> Call<'a, Manifest>;

    fn resolve<'a>(
        &'a self,
        store: &'a mut Store<State>,
        settings: &'a [Setting],
    ) -> Call<'a, Result<Vec<Origin>, Error>>;

    fn open_session<'a>(
        &'a self,
        store: &'a mut Store<State>,
        job: &'a Job,
    ) -> Call<'a, Result<ResourceAny, Error>>;

    fn next<'a>(&'a self, store: &'a mut Store<State>, session: ResourceAny)
    -> Call<'a, Result<Step, Error>>;

    fn waited<'a>(&'a self, store: &'a mut Store<State>, session: ResourceAny) -> Call<'a, ()>;

    fn accept<'a>(
        &'a self,
        store: &'a mut Store<State>,
        session: ResourceAny,
        head: &'a Response,
    ) -> Call<'a, Result<(), Error>>;

    fn feed<'a>(
        &'a self,
        store: &'a mut Store<State>,
        session: ResourceAny,
        chunk: &'a [u8],
    ) -> Call<'a, Result<Batch, Error>>;

    fn end<'a>(&'a self, store: &'a mut Store<State>, session: ResourceAny)
    -> Call<'a, Result<Batch, Error>>;

    fn interrupted<'a>(&'a self, store: &'a mut Store<State>, session: ResourceAny) -> Call<'a, ()>;

    fn checkpoint<'a>(&'a self, store: &'a mut Store<State>, session: ResourceAny) -> Call<'a, Vec<u8>>;

    fn open_tester<'a>(
        &'a self,
        store: &'a mut Store<State>,
        proof_type: &'a str,
        tests: &'a [Test],
        as_of: Instant,
    ) -> Call<'a, Result<ResourceAny, Error>>;

    fn fields<'a>(&'a self, store: &'a mut Store<State>, tester: ResourceAny) -> Call<'a, Vec<String>>;

    fn observe<'a>(
        &'a self,
        store: &'a mut Store<State>,
        tester: ResourceAny,
        rows: &'a [Row],
    ) -> Call<'a, Result<Observation, Error>>;

    fn finish<'a>(&'a self, store: &'a mut Store<State>, tester: ResourceAny) -> Call<'a, Vec<Report>>;
}
