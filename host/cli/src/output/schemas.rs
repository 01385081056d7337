//! The committed schemas, against the types.

use exhibit_records::schema_of_written;
use serde_json::Value as Json;

use super::*;

/// Set, it has the test write the schemas instead of comparing them with what is committed.
const RENEW: &str = "RENEW_SCHEMAS";

/// What each command prints to standard output, and what all of them print to standard error.
fn schemas() -> Vec<(&'static str, Json)> {
    vec![
        ("bundle", schema_of_written::<BundleOutput>()),
        ("certificates-assign", schema_of_written::<AssignedOutput<'_>>()),
        ("certificates-errors", schema_of_written::<Vec<GridErrorOutput<'_>>>()),
        ("certificates-export", schema_of_written::<ExportedItemsOutput>()),
        ("certificates-group", schema_of_written::<MovedOutput<'_>>()),
        ("certificates-groups", schema_of_written::<Vec<GroupOutput<'_>>>()),
        ("certificates-list", schema_of_written::<Vec<ListedItemOutput<'_>>>()),
        ("certificates-merge", schema_of_written::<MergedOutput<'_>>()),
        ("certificates-report", schema_of_written::<Vec<DueOutput<'_>>>()),
        ("certificates-resolve", schema_of_written::<ResolvedOutput<'_>>()),
        ("certificates-show", schema_of_written::<ShownItemOutput<'_>>()),
        ("check", schema_of_written::<Vec<AccessCheckOutput<'_>>>()),
        ("collect", schema_of_written::<CollectOutput<'_>>()),
        ("demo", schema_of_written::<Vec<DemoOutput>>()),
        ("demo-serve", schema_of_written::<InvitationOutput>()),
        ("error", schema_of_written::<FailureOutput<'_>>()),
        ("evidence-coverage", schema_of_written::<Vec<CoverageOutput<'_>>>()),
        ("evidence-init", schema_of_written::<StoreOutput<'_>>()),
        ("evidence-list", schema_of_written::<Vec<ListedOutput<'_>>>()),
        ("evidence-prune", schema_of_written::<PrunedOutput<'_>>()),
        ("export", schema_of_written::<ExportOutput<'_>>()),
        ("first-use", schema_of_written::<FirstUseOutput<'_>>()),
        ("guide", schema_of_written::<GuideOutput<'_>>()),
        ("keys-new", schema_of_written::<NewKeyOutput>()),
        ("keys-show", schema_of_written::<KeyOutput>()),
        ("lookup", schema_of_written::<LookupOutput<'_>>()),
        ("lookups", schema_of_written::<Vec<LookupOutput<'_>>>()),
        ("operate", schema_of_written::<OperateOutput<'_>>()),
        ("operation", schema_of_written::<OperationOutput<'_>>()),
        ("operations", schema_of_written::<Vec<OperationOutput<'_>>>()),
        ("plugin-check", schema_of_written::<Checks>()),
        ("plugin-forget", schema_of_written::<ForgottenOutput<'_>>()),
        ("plugin-new", schema_of_written::<NewPluginOutput<'_>>()),
        ("plugin-pull", schema_of_written::<PulledOutput<'_>>()),
        ("plugin-push", schema_of_written::<PushedOutput>()),
        ("plugin-show", schema_of_written::<PluginOutput<'_>>()),
        ("proposal", schema_of_written::<ProposalOutput<'_>>()),
        ("state-rebuild", schema_of_written::<RebuiltOutput<'_>>()),
        ("state-show", schema_of_written::<DatabaseOutput>()),
        ("test", schema_of_written::<TestOutput<'_>>()),
        ("test-file-check", schema_of_written::<Vec<CheckedSuiteOutput<'_>>>()),
        ("test-file-suggested", schema_of_written::<Vec<SuggestedOutput<'_>>>()),
        ("type", schema_of_written::<ProofTypeOutput<'_>>()),
        ("types", schema_of_written::<Vec<ProofTypeOutput<'_>>>()),
        ("verify", schema_of_written::<Checks>()),
        ("warning", schema_of_written::<WarningOutput<'_>>()),
    ]
}

#[test]
fn the_committed_schemas_are_those_of_the_types() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../schemas/output");
    for (name, schema) in schemas() {
        let path = format!("{folder}/{name}.schema.json");
        let current = format!("{schema:#}\n");
        if std::env::var_os(RENEW).is_some() {
            std::fs::write(path, current).expect("can be written");
            continue;
        }
        assert!(
            std::fs::read_to_string(path).expect("is committed") == current,
            "host/schemas/output/{name}.schema.json is stale: renew it with\n  \
             {RENEW}=1 cargo test --release -p exhibit-cli --lib committed_schema"
        );
    }
}

#[test]
fn no_schema_is_left_of_a_command_that_is_gone() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../schemas/output");
    let known: Vec<String> = schemas().iter().map(|(name, _)| format!("{name}.schema.json")).collect();
    for entry in std::fs::read_dir(folder).expect("is there") {
        let name = entry.expect("an entry").file_name().to_string_lossy().into_owned();
        assert!(known.contains(&name), "{name} is of no command");
    }
}
