//! Tables, as PyPI's `pyarrow` reads them.

use anyhow::Result;
use serde_json::{Value as Json, json};

use crate::evidence::{Exports, NAMES, PSEUDONYM, Persons};
use crate::tools::Python;

/// The version that is known to work.
const PACKAGE: &str = "pyarrow==26.0.1";

#[tokio::test(flavor = "multi_thread")]
async fn pyarrow_reads_typed_columns() -> Result<()> {
    let Some(python) = Python::with("pyarrow", &[PACKAGE]).await? else { return Ok(()) };
    let exports = Exports::new().await?;
    let named = exports.file("parquet", Persons::Named).await?;
    let pseudonyms = exports.file("parquet", Persons::Pseudonyms).await?;
    let said: Json =
        serde_json::from_str(&python.run(include_str!("pyarrow.py"), &[&named, &pseudonyms]).await?)?;

    assert_eq!(said["names"], json!(NAMES));
    let types = json!({
        "name": "string", "owner": "string", "seen": "timestamp[ms, tz=UTC]", "scanned": "timestamp[ms, tz=UTC]",
        "score": "int64", "share": "double", "active": "bool", "took": "uint64", "tags": "list<element: string not null>",
        "_absent": "list<element: string not null>", "test:scanned": "string", "test:owned": "string",
    });
    assert_eq!(said["types"], types);
    assert_eq!(said["seen"], json!(["2026-10-31T12:30:00+00:00", null]));
    assert_eq!(said["tags"], json!(["prod", "=1+1"]));
    assert_eq!(said["absent"], json!([[], [], [], [], [], ["seen"]]));
    assert_eq!(said["verdicts"][0], "fail");
    assert_eq!(said["type"], "hosts");
    assert_eq!(said["window"], json!(["2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z"]));
    assert_eq!(said["owners"], json!([PSEUDONYM]));
    Ok(())
}
