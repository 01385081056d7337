//! A session of a plugin: the contract's resource, with every answer checked.

use std::fmt;

use wasmtime::component::ResourceAny;

use crate::contract::collection::{Batch, Job, Response, Step};
use crate::contract::types::{self, Kind};

use super::checked::{self, PointRule, WindowRule};
use super::error::PluginError;
use super::sandbox::{Sandbox, within};

/// One piece of work under way, in a sandbox of its own. Dropping it ends it.
///
/// Every call ends within the engine's deadline. After any error but
/// [`PluginError::Said`], and after a call whose future was dropped, the session is
/// over. The calls and their order are those of the contract.
pub struct Session {
    sandbox: Sandbox,
    handle: ResourceAny,
    fields: Box<[Kind]>,
    window: WindowRule,
    point: PointRule,
}

impl Session {
    /// Opens `job` in an unused sandbox; its rows have these fields, and its summary keeps these rules.
    pub(crate) async fn open(
        mut sandbox: Sandbox,
        job: &Job,
        fields: Box<[Kind]>,
        (window, point): (WindowRule, PointRule),
    ) -> Result<Self, PluginError> {
        let (plugin, store, limits) = sandbox.enter()?;
        let opened = within(&limits, plugin.open_session(store, job)).await;
        let handle = sandbox.leave("open", opened)?.map_err(PluginError::Said)?;
        Ok(Self { sandbox, handle, fields, window, point })
    }

    /// What the session needs now.
    ///
    /// # Errors
    ///
    /// [`PluginError::Said`] where the plugin cannot continue; any other where it crashes, takes too long or breaks the
    /// contract.
    pub async fn next(&mut self) -> Result<Step, PluginError> {
        let (plugin, store, limits) = self.sandbox.enter()?;
        let step = within(&limits, plugin.next(store, self.handle)).await;
        let step = self.said("next", step)?;
        checked::step(&step, self.window, self.point).map_err(|what| self.sandbox.broke("next", what))?;
        Ok(step)
    }

    /// The pause that [`Self::next`] asked for is over.
    ///
    /// # Errors
    ///
    /// Where the plugin crashes or takes too long.
    pub async fn waited(&mut self) -> Result<(), PluginError> {
        let (plugin, store, limits) = self.sandbox.enter()?;
        let done = within(&limits, plugin.waited(store, self.handle)).await;
        self.sandbox.leave("waited", done)
    }

    /// The head of the answer to the last request.
    ///
    /// # Errors
    ///
    /// [`PluginError::Said`] where the plugin takes the answer for an error; any other where it crashes or takes too long.
    pub async fn accept(&mut self, head: &Response) -> Result<(), PluginError> {
        let (plugin, store, limits) = self.sandbox.enter()?;
        let done = within(&limits, plugin.accept(store, self.handle, head)).await;
        self.said("accept", done)
    }

    /// A part of its body.
    ///
    /// # Errors
    ///
    /// [`PluginError::Said`] where the plugin cannot read the answer; any other where it crashes, takes too long or gives
    /// rows that the contract does not allow.
    pub async fn feed(&mut self, chunk: &[u8]) -> Result<Batch, PluginError> {
        let (plugin, store, limits) = self.sandbox.enter()?;
        let batch = within(&limits, plugin.feed(store, self.handle, chunk)).await;
        let batch = self.said("feed", batch)?;
        checked::batch(&batch, &self.fields).map_err(|what| self.sandbox.broke("feed", what))?;
        Ok(batch)
    }

    /// Its body is complete.
    ///
    /// # Errors
    ///
    /// As [`Self::feed`].
    pub async fn end(&mut self) -> Result<Batch, PluginError> {
        let (plugin, store, limits) = self.sandbox.enter()?;
        let batch = within(&limits, plugin.end(store, self.handle)).await;
        let batch = self.said("end", batch)?;
        checked::batch(&batch, &self.fields).map_err(|what| self.sandbox.broke("end", what))?;
        Ok(batch)
    }

    /// The answer broke off: the plugin forgets it and its rows.
    ///
    /// # Errors
    ///
    /// Where the plugin crashes or takes too long.
    pub async fn interrupted(&mut self) -> Result<(), PluginError> {
        let (plugin, store, limits) = self.sandbox.enter()?;
        let done = within(&limits, plugin.interrupted(store, self.handle)).await;
        self.sandbox.leave("interrupted", done)
    }

    /// Enough to go on from here in another session under the same job.
    ///
    /// # Errors
    ///
    /// Where the plugin crashes, takes too long, or gives more than can be kept.
    pub async fn checkpoint(&mut self) -> Result<Vec<u8>, PluginError> {
        let (plugin, store, limits) = self.sandbox.enter()?;
        let bytes = within(&limits, plugin.checkpoint(store, self.handle)).await;
        let bytes = self.sandbox.leave("checkpoint", bytes)?;
        checked::checkpoint(&bytes).map_err(|what| self.sandbox.broke("checkpoint", what))?;
        Ok(bytes)
    }

    fn said<T>(
        &mut self,
        call: &'static str,
        outcome: super::sandbox::Outcome<Result<T, types::Error>>,
    ) -> Result<T, PluginError> {
        self.sandbox.leave(call, outcome)?.map_err(PluginError::Said)
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").finish_non_exhaustive()
    }
}
