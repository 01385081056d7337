//! Workbooks, as PyPI's `openpyxl` reads them.

use anyhow::{Result, ensure};
use serde_json::{Value as Json, json};

use crate::evidence::{Exports, NAMES, Persons};
use crate::tools::Python;

/// The version that is known to work.
const PACKAGE: &str = "openpyxl==3.1.5";

#[tokio::test(flavor = "multi_thread")]
async fn openpyxl_reads_typed_cells_and_no_formula() -> Result<()> {
    let Some(python) = Python::with("openpyxl", &[PACKAGE]).await? else { return Ok(()) };
    let exports = Exports::new().await?;
    let named = exports.file("xlsx", Persons::Named).await?;
    let redacted = exports.file("xlsx", Persons::LeftOut).await?;
    let said: Json =
        serde_json::from_str(&python.run(include_str!("openpyxl.py"), &[&named, &redacted]).await?)?;

    assert_eq!(said["formulas"], 0);
    // Invisible characters are made visible; all else is as it was.
    let mut names = NAMES.map(str::to_owned);
    names[4] = r"🚀 nüll\u{0}\u{202e}txt".to_owned();
    // An underscore that would begin an escape is escaped itself, which openpyxl does not undo.
    names[5] = "_x005F_x0041_".to_owned();
    assert_eq!(said["names"], json!(names));
    let types = [
        "str",
        "str",
        "datetime",
        "NoneType",
        "int",
        "float",
        "bool",
        "timedelta",
        "str",
        "str",
        "str",
        "str",
    ];
    assert_eq!(said["types"], json!(types));
    assert_eq!(said["sheets"], json!(["Summary", "Tests", "What did not pass", "Rows"]));
    let reasons = json!([
        [NAMES[3], "Hosts are scanned", "✘ fail", "Last Scan", "–", "any of: is not empty"],
        [NAMES[3], "Hosts are scanned", "✘ fail", "Active", false, "or: is yes"],
    ]);
    assert_eq!(said["reasons"], reasons);
    assert_eq!((&said["frozen"], &said["filter"]), (&"A2".into(), &"A1:L7".into()));
    ensure!(said["cells"].as_u64() > Some(60), "{said}");
    assert_eq!(said["persons"], 0);
    Ok(())
}
