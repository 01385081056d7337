//! What others would read the answer with, each in its own language and process.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Error, Result, ensure};

use crate::process::run;
use crate::series::Series;

const PYTHON_PACKAGES: [&str; 2] = ["lxml==6.1.3", "xmltodict==1.0.4"];
const NODE_PACKAGE: &str = "fast-xml-parser@5.12.1";

/// In MB: fast-xml-parser keeps the whole document as objects.
const NODE_HEAP: &str = "--max-old-space-size=8192";

/// A program that makes rows of an answer, and prints how many in how many seconds.
pub(crate) struct Baseline {
    pub(crate) name: &'static str,
    /// How many times as fast the plugin must be.
    pub(crate) bar: f64,
    /// Program and arguments, or why it cannot run here.
    pub(crate) command: Result<Vec<String>, String>,
    pub(crate) seconds: Series,
    /// By how much the plugin was faster in the same round.
    pub(crate) ratios: Series,
    place: PathBuf,
}

/// The plugin's own code without a sandbox, which this command in `place` runs.
pub(crate) fn native(command: Result<Vec<String>>, place: &Path) -> Baseline {
    baseline("the same code, native", 0.5, command, place)
}

/// What others would take, installed in `place` where it can be had.
pub(crate) fn others(place: &Path) -> Vec<Baseline> {
    let python = install_python(place).map_err(|why| format!("{why:#}"));
    let node = install_node(place).map_err(|why| format!("{why:#}"));
    let script = |runtime: &Result<Vec<String>, String>, script: &str, ways: &[&str]| {
        let script = format!("{}/benches/baselines/{script}", env!("CARGO_MANIFEST_DIR"));
        let rest = [script].into_iter().chain(ways.iter().map(|it| (*it).to_owned()));
        runtime.clone().map(|it| it.into_iter().chain(rest).collect()).map_err(Error::msg)
    };
    vec![
        baseline("lxml (iterparse)", 2.2, script(&python, "lxml_rows.py", &[]), place),
        baseline("xmltodict (streaming)", 10.0, script(&python, "xmltodict_rows.py", &["streaming"]), place),
        baseline("xmltodict (whole)", 10.0, script(&python, "xmltodict_rows.py", &["whole"]), place),
        baseline("fast-xml-parser", 12.0, script(&node, "fast_xml_parser_rows.mjs", &[]), place),
    ]
}

fn baseline(name: &'static str, bar: f64, command: Result<Vec<String>>, place: &Path) -> Baseline {
    let command = command.map_err(|why| format!("{why:#}"));
    let (seconds, ratios) = (Series::default(), Series::default());
    Baseline { name, bar, command, seconds, ratios, place: place.to_owned() }
}

impl Baseline {
    /// Reads the answer in `file` once, if it can. It must find as many rows as everyone.
    pub(crate) fn read(&mut self, file: &Path, rows: u64, plugin_seconds: f64) -> Result<()> {
        let Ok(command) = &self.command else { return Ok(()) };
        let mut process = Command::new(&command[0]);
        let said = run(process.args(&command[1..]).arg(file).current_dir(&self.place))?;
        let (found, seconds) =
            said.trim().split_once(' ').with_context(|| format!("{} said {said:?}", self.name))?;
        ensure!(found.parse() == Ok(rows), "{} found {found} rows of {rows}", self.name);
        let seconds: f64 = seconds.parse()?;
        self.seconds.push(seconds);
        self.ratios.push(seconds / plugin_seconds);
        Ok(())
    }
}

fn install_python(place: &Path) -> Result<Vec<String>> {
    let home = place.join("python");
    let python = home.join("bin/python");
    if !python.exists() {
        run(Command::new("python3").args(["-m", "venv"]).arg(&home))?;
    }
    let quickly = ["--quiet", "--disable-pip-version-check", "--retries=1", "--timeout=20"];
    run(Command::new(&python).args(["-m", "pip", "install"]).args(quickly).args(PYTHON_PACKAGES))?;
    Ok(vec![python.display().to_string()])
}

fn install_node(place: &Path) -> Result<Vec<String>> {
    fs::create_dir_all(place)?;
    let quickly = ["--no-audit", "--no-fund", "--fetch-retries=1", "--fetch-timeout=20000"];
    run(Command::new("npm")
        .args(["install", "--prefix", "."])
        .args(quickly)
        .arg(NODE_PACKAGE)
        .current_dir(place))?;
    Ok(vec!["node".to_owned(), NODE_HEAP.to_owned()])
}
