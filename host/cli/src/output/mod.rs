//! What commands print with `--json`, as types: each has a committed schema in `host/schemas/output`, and a command
//! whose output is not of its schema fails its test.

mod checks;
mod evidence;
mod failures;
mod files;
mod inventory;
mod operations;
mod plugins;
mod proof_types;
#[cfg(test)]
mod schemas;
mod store;

use serde::Serialize;

pub(super) use self::checks::{CheckOutput, Checks, checks};
pub(super) use self::evidence::{
    CollectOutput, CollectedOutput, DemoOutput, InvitationOutput, RunOutput, TestOutput,
};
pub(super) use self::failures::{AskedForOutput, FailureOutput, FirstUseOutput, WarningOutput};
pub(super) use self::files::{BundleOutput, ExportOutput, ExportedRunOutput, KeyOutput, NewKeyOutput};
pub(super) use self::inventory::{
    AssignedOutput, DatabaseOutput, DueOutput, ExportedItemsOutput, GridErrorOutput, GroupOutput,
    ListedItemOutput, MergedOutput, MovedOutput, RebuiltOutput, ResolvedOutput, RunOfInventoryOutput,
    ShownItemOutput,
};
pub(super) use self::operations::{
    GuideOutput, LookupOutput, OperateOutput, OperationOutput, ProposalOutput,
};
pub(super) use self::plugins::{
    AccessCheckOutput, AccessKind, AccessResult, ForgottenOutput, ForgottenPluginOutput, NewPluginOutput,
    OriginOutput, PluginOutput, PulledOutput, PushedOutput,
};
pub(super) use self::proof_types::{CheckedSuiteOutput, ProofTypeOutput, SuggestedOutput};
pub(super) use self::store::{CoverageOutput, ListedOutput, PrunedOutput, StoreOutput, UncountedOutput};

/// On one line.
///
/// # Errors
/// Where a path in it is no text.
pub(super) fn json<T: Serialize>(output: &T) -> Result<String, serde_json::Error> {
    serde_json::to_string(output)
}
