//! Recorded answers, from the library and from the program.

mod client;

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::PathBuf,
    process::{Command, Stdio},
};

use client::{generous, get, send};
use exhibit_simulator::{Fault, Replay, Rule, Setup, Simulator};

/// A folder that is removed with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("exhibit-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, text).expect("a file");
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[tokio::test]
async fn the_first_fitting_entry_answers() {
    let folder = Folder::new("replay");
    folder.write("one.xml", "<ONE/>");
    folder.write("two.xml", "<TWO/>");
    folder.write(
        "replay.json",
        r#"{"answers": [
            {"path": "/a", "params": {"x": "1"}, "status": 409, "headers": {"x-n": "7"}, "file": "one.xml"},
            {"path": "/a", "file": "two.xml"}
        ]}"#,
    );
    let replay = Some(Replay::open(&folder.0).expect("an index"));
    let setup = Setup { replay, world: generous(), ..Setup::default() };
    let simulator = Simulator::start_with(setup).await.expect("a free port");
    let one = get(&simulator, "/a?y=2&x=1").await;
    assert_eq!((one.status, one.text().as_str(), one.header("x-n")), (409, "<ONE/>", Some("7")));
    assert_eq!(send(&simulator, "GET", "/a", "", "").await.text(), "<TWO/>");
    assert_eq!(get(&simulator, "/b").await.status, 404);
    simulator.faults().push(Rule::once(Fault::TruncateAt(3)));
    assert_eq!(get(&simulator, "/a").await.text(), "<TW");
}

#[test]
fn an_index_names_only_files_of_its_folder() {
    let folder = Folder::new("outside");
    folder.write("replay.json", r#"{"answers": [{"file": "../secret.xml"}]}"#);
    let error = Replay::open(&folder.0).expect_err("a file outside");
    assert!(error.to_string().contains("not in its folder"), "{error}");
}

#[test]
fn the_program_serves_until_its_input_ends() {
    let folder = Folder::new("program");
    let file = folder.write("all.xml", "<ALL/>");
    let mut program = Command::new(env!("CARGO_BIN_EXE_exhibit-simulator"))
        .arg("--answer")
        .arg(format!("200={}", file.display()))
        .arg("--until-stdin-closes")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program");
    let mut line = String::new();
    let output = program.stdout.take().expect("its output");
    BufReader::new(output).read_line(&mut line).expect("a line");
    assert!(line.starts_with("listening on http://127.0.0.1:"), "{line}");
    drop(program.stdin.take());
    assert!(program.wait().expect("an end").success());
}

#[test]
fn the_program_says_what_is_wrong_with_its_options() {
    let run = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_exhibit-simulator")).args(arguments).output();
        let output = output.expect("the program");
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    for (arguments, expected) in [
        (["--assets", "many"], "--assets"),
        (["--fault", "explode"], "no fault `explode`"),
        (["--replay", "nowhere"], "replay.json cannot be read"),
        (["--colour", "red"], "no such option"),
        (["--now", "soon"], "`soon` is no date"),
    ] {
        let (success, error) = run(&arguments);
        assert!(!success && error.contains(expected), "{error}");
    }
    assert!(run(&["--help"]).0);
}
