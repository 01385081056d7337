//! What tools of others make of exports: PyPI's `compliance-trestle`, `openpyxl`, `pyarrow` and
//! `in-toto-attestation`.

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};
use std::{fs, io};

use serde_json::json;

use super::Persons;
use super::examples::{NAMES, evidence, rendered};
use super::order::{Format, Order};
use super::persons::tests::key;

/// The versions that are known to work.
const PACKAGES: [&str; 4] =
    ["compliance-trestle==5.2.0", "openpyxl==3.1.5", "pyarrow==26.0.1", "in-toto-attestation==0.9.3"];
/// Installing takes a minute with what they depend on; who waits longer has no usable network.
const PATIENCE: Duration = Duration::from_secs(300);
const PAUSE: Duration = Duration::from_millis(100);

/// Reads all of them, and prints what a test can hold against what went in.
const SCRIPT: &str = include_str!("peers.py");

#[test]
fn others_can_read_what_is_exported() {
    let folder = tempfile::tempdir().expect("a folder");
    let python = match python(&folder.path().join("python")) {
        Ok(python) => python,
        Err(why) => {
            let why = format!("{} cannot be installed: {why}", PACKAGES.join(" and "));
            return exhibit_skipped::skip("pip", why).expect("a skip");
        }
    };
    let evidence = evidence();
    let pseudonyms = Persons::Pseudonyms(key());
    for (format, persons, name) in [
        (Format::Oscal, Persons::Named, "results.json"),
        (Format::Oscal, pseudonyms.clone(), "pseudonyms.json"),
        (Format::Xlsx, Persons::Named, "book.xlsx"),
        (Format::Xlsx, Persons::LeftOut, "redacted.xlsx"),
        (Format::Parquet, Persons::Named, "table.parquet"),
        (Format::Parquet, pseudonyms, "pseudonyms.parquet"),
        (Format::InToto, Persons::Named, "statement.json"),
    ] {
        let order = Order { format, persons, rows: None };
        let (bytes, _) = rendered(&evidence, &order).expect("an export");
        fs::write(folder.path().join(name), bytes).expect("a file");
    }
    let path = folder.path().display().to_string();
    let said = run(Command::new(python).args(["-c", SCRIPT, &path])).expect("all of it can be read");
    let said: serde_json::Value = serde_json::from_str(&said).expect("JSON");
    assert_eq!(said["findings"], json!(["not-satisfied", "not-satisfied"]));
    assert_eq!(said["statement"], json!(["FAILED", ["owned"], ["scanned"], 3]));
    workbook(&said["book"]);
    table(&said["table"]);
}

/// What openpyxl has read.
fn workbook(said: &serde_json::Value) {
    assert_eq!(said["formulas"], 0);
    // What nobody sees is made visible; all else is as it was.
    let mut names = NAMES.map(str::to_owned);
    names[4] = r"🚀 nüll\u{0}\u{202e}txt".to_owned();
    // An underscore that would begin an escape is escaped itself, which openpyxl does not undo.
    names[5] = "_x005F_x0041_".to_owned();
    assert_eq!(said["names"], json!(names));
    let types =
        ["str", "str", "datetime", "NoneType", "int", "float", "bool", "timedelta", "str", "str", "str"];
    assert_eq!(said["types"], json!(types));
    assert_eq!(said["sheets"], json!(["Summary", "Tests", "Rows"]));
    assert_eq!((&said["frozen"], &said["filter"]), (&"A2".into(), &"A1:K7".into()));
    assert_eq!(said["persons"], 0);
}

/// What pyarrow has read.
fn table(said: &serde_json::Value) {
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
    assert_eq!(said["owners"], json!([key().pseudonym("ada@example.com")]));
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
