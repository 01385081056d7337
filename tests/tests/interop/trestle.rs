//! OSCAL assessment results, as PyPI's `compliance-trestle` reads them.

use anyhow::Result;
use serde_json::{Value as Json, json};

use crate::evidence::{Exports, Persons};
use crate::tools::Python;

/// The version that is known to work.
const PACKAGE: &str = "compliance-trestle==5.2.0";

#[tokio::test(flavor = "multi_thread")]
async fn trestle_reads_the_findings() -> Result<()> {
    let Some(python) = Python::with("trestle", &[PACKAGE]).await? else { return Ok(()) };
    let exports = Exports::new().await?;
    // Trestle knows documents by their names' endings.
    let mut files = vec![];
    for (persons, name) in [(Persons::Named, "named.json"), (Persons::Pseudonyms, "pseudonyms.json")] {
        let file = exports.file("oscal", persons).await?;
        let renamed = file.replace(".oscal", ".json");
        assert!(renamed.ends_with(name), "{renamed}");
        std::fs::rename(&file, &renamed)?;
        files.push(renamed);
    }
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let said: Json = serde_json::from_str(&python.run(include_str!("trestle.py"), &files).await?)?;
    let states = json!(["not-satisfied", "not-satisfied"]);
    assert_eq!(said, json!([states, states]));
    Ok(())
}
