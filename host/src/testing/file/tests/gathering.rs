//! Every error that people see of files together, and of what the plugin refuses in them.

use crate::contract::types::{Error, Problem};

use super::examples::{CASE, asking, everything, file, refused, said, scans, suite, users};
use super::*;

#[test]
fn what_the_plugin_refuses() {
    let text = asking("field = \"status\", operator = \"matches-regex\", value = \"(a{1000}){1000}\"");
    let suite = suite(&text).expect("it is the plugin's to say");
    let refused = |message: &str, subject: Option<&str>| {
        let subject = subject.map(str::to_owned);
        let problem = Problem { message: message.to_owned(), remedy: None, code: None, subject };
        said(&suite.explain(&Error::Invalid(problem)))
    };
    let texts = [
        refused(
            "the regular expression cannot be used: Compiled regex exceeds size limit of 262144 bytes.",
            Some("/0/cases/0/conditions/0/operand"),
        ),
        refused("there is no field \"status\"", Some("/0/cases/0/conditions/0/field")),
        refused("of no use", Some("/0/cases/0")),
        refused("of no use", Some("/7")),
        refused("more than 2000 conditions: \u{1b}[2J no author can have meant that many", None),
    ];
    insta::assert_snapshot!(texts.join("\n\n"), @r#"
    the regular expression cannot be used: Compiled regex exceeds size limit of 262144 bytes.
     --> tests/users.toml:9:64
      |
    9 | all = [{ field = "status", operator = "matches-regex", value = "(a{1000}){1000}" }]
      |                                                                ^^^^^^^^^^^^^^^^^
    next: write a simpler expression: no repeat within a repeat, and ^ and $ for the ends

    there is no field "status"
     --> tests/users.toml:9:18
      |
    9 | all = [{ field = "status", operator = "matches-regex", value = "(a{1000}){1000}" }]
      |                  ^^^^^^^^

    of no use
     --> tests/users.toml:9:7
      |
    9 | all = [{ field = "status", operator = "matches-regex", value = "(a{1000}){1000}" }]
      |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

    of no use

    more than 2000 conditions: \u{1b}[2J no author can have meant that many
    "#);
}

fn written(folder: &tempfile::TempDir, name: &str, text: &[u8]) -> Source {
    let path = folder.path().join(name);
    std::fs::write(&path, text).expect("can be written");
    Source::File(path)
}

fn without(folder: &tempfile::TempDir, text: &str) -> String {
    text.replace(&folder.path().display().to_string(), "…")
}

#[test]
fn ten_megabytes_are_not_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let large = written(&folder, "large.toml", &b"# much\n".repeat(10 << 17));
    let missing = Source::File(folder.path().join("missing.toml"));
    let said = |source| without(&folder, &said(&Suite::gather(&[source], &users()).expect_err("refused")));
    insta::assert_snapshot!([said(large), said(missing)].join("\n\n"), @"
    …/large.toml has more than 1024 KiB, the most that a file of tests may have
    next: split it: tests may come from several files at once

    the tests in …/missing.toml cannot be read: No such file or directory (os error 2)
    next: name a TOML file that can be read
    ");
}

#[test]
fn two_of_a_name_and_none_of_a_type() {
    let folder = tempfile::tempdir().expect("a folder");
    let one = written(&folder, "one.toml", file(CASE).as_bytes());
    let other = written(&folder, "other.toml", format!("# other\n{}", file(CASE)).as_bytes());
    let empty = written(&folder, "empty.toml", b"version = 1");
    let mut suggesting = users();
    suggesting.suggested = suite(&file(CASE)).expect("reads").tests().to_vec();
    let said = |suite: Result<Suite, SuiteError>| without(&folder, &said(&suite.expect_err("refused")));
    let one_alone = std::slice::from_ref(&one);
    let texts = [
        said(Suite::gather(&[one.clone(), other], &users())),
        said(Suite::gather(&[one.clone(), Source::Suggested], &suggesting)),
        said(Suite::gather(one_alone, &scans())),
        said(Suite::gather(&[Source::Suggested, empty.clone()], &users())),
        said(Suite::gather_all(one_alone, &[scans()]).map(|mut it| it.remove(0))),
        said(Suite::gather_all(&[empty], &[scans()]).map(|mut it| it.remove(0))),
    ];
    insta::assert_snapshot!(texts.join("\n\n"), @r#"
    there are two tests `sign-in`
     --> …/other.toml:5:8
      |
    5 | name = "sign-in"
      |        ^^^^^^^^^
    the first is here:
     --> …/one.toml:4:8
      |
    4 | name = "sign-in"
      |        ^^^^^^^^^
    next: give one of them another name: results are kept by name

    there is a test `sign-in` among those that the plugin suggests, too
     --> …/one.toml:4:8
      |
    4 | name = "sign-in"
      |        ^^^^^^^^^
    next: give one of them another name: results are kept by name; or leave out the suggested tests

    there is no test of the proof type `scans`: those that are there are of `users`
    next: collect one of those, or name the proof type in the test's `proof`

    there is no test of the proof type `users`
    next: begin with the tests that the plugin suggests for `users`

    the plugin has no proof type `users`
     --> …/one.toml:5:9
      |
    5 | proof = "users"
      |         ^^^^^^^
    next: list the proof types that the plugin has

    there is no test
    next: begin each test with [[test]]
    "#);

    let twice = Suite::gather(&[one.clone(), one.clone()], &users()).expect("named twice, read once");
    assert_eq!((twice.tests().len(), twice.source(0), twice.source(1)), (1, Some(one), None));
}

#[test]
fn more_tests_than_anybody_reads() {
    let test = |at: usize| file(CASE).replace("version = 1\n", "").replace("sign-in", &format!("t-{at}"));
    let text = format!("version = 1\n{}", (0..201).map(test).collect::<String>());
    insta::assert_snapshot!(refused(&text), @r#"
    there are more than 200 tests of `users`
        --> tests/users.toml:1604:8
         |
    1604 | name = "t-200"
         |        ^^^^^^^
    next: run them in several suites
    "#);
}

#[test]
fn a_plugin_that_refuses_its_own_tests_is_told_of() {
    let mut suggesting = users();
    suggesting.suggested = everything();
    let suite = Suite::gather(&[Source::Suggested], &suggesting).expect("it suggests some");
    let subject = Some("/2/threshold".to_owned());
    let problem = Problem { message: "too much".to_owned(), remedy: None, code: None, subject };
    insta::assert_snapshot!(said(&suite.explain(&Error::Invalid(problem))), @"
    the plugin refuses a test that it suggests, `all-of-score`: too much
    next: test with a file of your own, and tell the plugin's author
    ");
}
