//! What tools of others make of exports: PyPI's `compliance-trestle` and `openpyxl`.

use std::fs;
use std::io;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use super::examples::{NAMES, evidence, rendered};
use super::{Format, Order};

/// The versions that are known to work.
const PACKAGES: [&str; 2] = ["compliance-trestle==5.2.0", "openpyxl==3.1.5"];
/// Installing takes a minute with what they depend on; who waits longer has no usable network.
const PATIENCE: Duration = Duration::from_secs(300);
const PAUSE: Duration = Duration::from_millis(100);

/// Reads both, and prints what a test can hold against what went in.
const SCRIPT: &str = r#"
import json, pathlib, sys
import openpyxl
from trestle.oscal.assessment_results import AssessmentResults

folder = pathlib.Path(sys.argv[1])
results = AssessmentResults.oscal_read(folder / "results.json").results
book = openpyxl.load_workbook(folder / "book.xlsx")
rows = book["Rows"]
cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
print(json.dumps({
    "findings": [it.target.status.state.value for it in results[0].findings],
    "names": [it.value for it in rows["A"]][1:],
    "types": [type(it.value).__name__ for it in rows[2]],
    "formulas": sum(it.data_type == "f" for it in cells),
    "sheets": book.sheetnames,
    "frozen": rows.freeze_panes,
    "filter": rows.auto_filter.ref,
}))
"#;

#[test]
fn others_can_read_the_workbook_and_the_assessment_results() {
    let folder = tempfile::tempdir().expect("a folder");
    let python = match python(&folder.path().join("python")) {
        Ok(python) => python,
        Err(why) => {
            println!("skipped, for {} cannot be installed here: {why}", PACKAGES.join(" and "));
            return;
        }
    };
    let evidence = evidence();
    for (format, name) in [(Format::Oscal, "results.json"), (Format::Xlsx, "book.xlsx")] {
        let order = Order { format, redact: false, rows: None };
        let (bytes, _) = rendered(&evidence, &order).expect("an export");
        fs::write(folder.path().join(name), bytes).expect("a file");
    }
    let path = folder.path().display().to_string();
    let said = run(Command::new(python).args(["-c", SCRIPT, &path])).expect("both can be read");
    let said: serde_json::Value = serde_json::from_str(&said).expect("JSON");
    assert_eq!(said["findings"], serde_json::json!(["not-satisfied", "not-satisfied"]));
    assert_eq!(said["formulas"], 0);
    // What nobody sees is made visible; all else is as it was.
    let mut names = NAMES.map(str::to_owned);
    names[4] = r"🚀 nüll\u{0}\u{202e}txt".to_owned();
    assert_eq!(said["names"], serde_json::json!(names));
    let types =
        ["str", "str", "datetime", "NoneType", "int", "float", "bool", "timedelta", "str", "str", "str"];
    assert_eq!(said["types"], serde_json::json!(types));
    assert_eq!(said["sheets"], serde_json::json!(["Summary", "Tests", "Rows"]));
    assert_eq!((&said["frozen"], &said["filter"]), (&"A2".into(), &"A1:K7".into()));
}

/// Python with the packages, or why there is none.
fn python(environment: &Path) -> Result<std::path::PathBuf, String> {
    let path = environment.display().to_string();
    run(Command::new("python3").args(["-m", "venv", &path]))?;
    let python = environment.join("bin").join("python");
    let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    run(Command::new(&python).args(install).args(PACKAGES))?;
    Ok(python)
}

/// Runs it to its end, or until patience ends. Gives what it wrote; the error says why it did not.
fn run(command: &mut Command) -> Result<String, String> {
    let Output { status, stdout, stderr } = output(command).map_err(|error| error.to_string())?;
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    if status.success() { Ok(text(&stdout)) } else { Err(text(&stderr)) }
}

fn output(command: &mut Command) -> io::Result<Output> {
    // What is written is little: no pipe fills up.
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let began = Instant::now();
    while child.try_wait()?.is_none() {
        if began.elapsed() > PATIENCE {
            child.kill()?;
            child.wait()?;
            return Err(io::Error::new(io::ErrorKind::TimedOut, "it takes too long"));
        }
        std::thread::sleep(PAUSE);
    }
    child.wait_with_output()
}
