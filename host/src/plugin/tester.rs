//! Tests of a plugin under way: the contract's resource, with every answer checked.

use std::fmt;

use exhibit_records::Digest;
use wasmtime::component::ResourceAny;

use crate::contract::testing::{Observation, Report, Test};
use crate::contract::types::{Instant, Row};

use super::Plugin;
use super::checked::{self, Tally};
use super::error::PluginError;
use super::sandbox::{Sandbox, within};

/// Some tests of one proof type, in a sandbox of their own. Dropping it ends them.
///
/// Every call ends within the engine's deadline. After any error but
/// [`PluginError::Said`], and after a call whose future was dropped, it is over.
pub struct Tester {
    sandbox: Sandbox,
    handle: ResourceAny,
    fields: Vec<String>,
    tests: Vec<Test>,
    /// For each test, what its rows came to so far, counted here.
    tallies: Vec<Tally>,
}

impl Plugin {
    /// Begins to test rows of this proof type, with `as_of` as now. A test that makes no
    /// sense is refused with [`PluginError::Said`]; the problem's subject points at the place.
    ///
    /// # Errors
    ///
    /// [`PluginError::Said`] where a test makes no sense; any other where the plugin crashes, takes too long or breaks the
    /// contract.
    pub async fn tester(
        &self,
        proof_type: &str,
        tests: &[Test],
        as_of: Instant,
    ) -> Result<Tester, PluginError> {
        // Tests are plain values, so they always have a JSON form.
        let seed = Digest::of(&serde_json::to_vec(&(proof_type, tests, as_of)).unwrap_or_default());
        let mut sandbox = self.start(as_of, seed).await?;
        let (plugin, store, limits) = sandbox.enter()?;
        let opened = within(&limits, plugin.open_tester(store, proof_type, tests, as_of)).await;
        let handle = sandbox.leave("open", opened)?.map_err(PluginError::Said)?;
        let (plugin, store, limits) = sandbox.enter()?;
        let fields = within(&limits, plugin.fields(store, handle)).await;
        let fields = sandbox.leave("fields", fields)?;
        let known = self.manifest().proof_type(proof_type).map_or(&[][..], |it| &it.fields);
        checked::looked_at(&fields, known).map_err(|what| sandbox.broke("fields", what))?;
        let tallies = vec![Tally::default(); tests.len()];
        Ok(Tester { sandbox, handle, fields, tests: tests.to_vec(), tallies })
    }
}

impl Tester {
    /// The fields that the tests look at: what rows to [`Self::observe`] must have, in this order.
    pub fn fields(&self) -> &[String] {
        &self.fields
    }

    /// Looks at some rows. Gives an outcome for each row and test, row by row, and why rows
    /// did not pass.
    ///
    /// # Errors
    ///
    /// [`PluginError::Said`] where the plugin refuses the rows; any other where it crashes, takes too long or breaks the
    /// contract.
    pub async fn observe(&mut self, rows: &[Row]) -> Result<Observation, PluginError> {
        let (plugin, store, limits) = self.sandbox.enter()?;
        let seen = within(&limits, plugin.observe(store, self.handle, rows)).await;
        let seen = self.sandbox.leave("observe", seen)?.map_err(PluginError::Said)?;
        checked::observation(&seen, rows, &self.tests, &self.fields)
            .map_err(|what| self.sandbox.broke("observe", what))?;
        if !self.tests.is_empty() {
            for outcomes in seen.outcomes.chunks_exact(self.tests.len()) {
                for (tally, outcome) in self.tallies.iter_mut().zip(outcomes) {
                    tally.add(*outcome);
                }
            }
        }
        Ok(seen)
    }

    /// What the tests come to, in their order. Reports that do not follow from the rows'
    /// outcomes by the contract's rule are refused.
    ///
    /// # Errors
    ///
    /// Where the plugin crashes, takes too long, or reports what does not follow from its outcomes.
    pub async fn finish(&mut self) -> Result<Vec<Report>, PluginError> {
        let (plugin, store, limits) = self.sandbox.enter()?;
        let reports = within(&limits, plugin.finish(store, self.handle)).await;
        let reports = self.sandbox.leave("finish", reports)?;
        checked::reports(&reports, &self.tests, &self.tallies)
            .map_err(|what| self.sandbox.broke("finish", what))?;
        Ok(reports)
    }
}

impl fmt::Debug for Tester {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tester").field("tests", &self.tests.len()).finish_non_exhaustive()
    }
}
