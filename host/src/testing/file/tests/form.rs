//! Every error that people see of a file's form: no TOML, other keys, other types.

use super::examples::{CASE, all_refused, asking, file, refused, said, suite};
use super::*;

#[test]
fn a_file_that_makes_sense_is_read() {
    assert_eq!(refused(&file(CASE)), "fine");
    assert_eq!(refused(&format!("\u{feff}{}", file(CASE)).replace('\n', "\r\n")), "fine");
    let former = asking("field = \"state\", operator = \"equals\", value = \"Active\"");
    assert_eq!(suite(&former).expect("an alias").tests()[0].scope, []);
}

#[test]
fn what_is_no_toml() {
    let texts = [
        "version = 1\n[[test]\nname = \"a\"",
        "version = 1\nname = users-sign-in",
        "version = 1\n[[test]]\nname = \"a\nproof = \"users\"",
        "version = 1\nversion = 1",
        "{\"version\": 1}",
        &format!("version = 1\nx = {}", "[".repeat(100_000)),
    ];
    insta::assert_snapshot!(all_refused(texts.map(str::to_owned)), @r#"
    this is no TOML: unclosed array table, expected `]`
     --> tests/users.toml:2:8
      |
    2 | [[test]
      |        ^
    next: texts are in quotes, and a line for each key; the suggested tests are an example

    this is no TOML: string values must be quoted, expected literal string
     --> tests/users.toml:2:8
      |
    2 | name = users-sign-in
      |        ^^^^^^^^^^^^^
    next: texts are in quotes, and a line for each key; the suggested tests are an example

    this is no TOML: invalid basic string, expected `"`
     --> tests/users.toml:3:10
      |
    3 | name = "a
      |          ^
    next: texts are in quotes, and a line for each key; the suggested tests are an example

    this is no TOML: duplicate key
     --> tests/users.toml:2:1
      |
    2 | version = 1
      | ^^^^^^^
    next: leave out one of the two

    this is no TOML: invalid key-value pair, expected key
     --> tests/users.toml:1:1
      |
    1 | {"version": 1}
      | ^
    next: texts are in quotes, and a line for each key; the suggested tests are an example

    this is no TOML: cannot recurse further; max recursion depth met
     --> tests/users.toml:2:85
      |
    2 | …[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[…
      |                                                                        ^
    next: texts are in quotes, and a line for each key; the suggested tests are an example
    "#);
    let file =
        read::TestFile::read(std::path::Path::new("a.toml"), b"version = 1\nlabel = \"caf\xe9\"".to_vec());
    insta::assert_snapshot!(said(&file.expect_err("Latin-1")), @r#"
    this is no UTF-8
     --> a.toml:2:13
      |
    2 | label = "caf�"
      |             ^
    next: save the file as UTF-8, as all TOML is
    "#);
}

#[test]
fn versions_of_before_and_of_later() {
    let texts = ["", "version = 2\nfrom-the-future = true", "version = \"1\"", "version = 0"];
    insta::assert_snapshot!(all_refused(texts.map(str::to_owned)), @r#"
    the file does not say which version of the form it has
     --> tests/users.toml:1:1
      |
    1 |
      | ^
    next: write version = 1 at its top

    the file has version 2 of the form, and 1 is the newest that can be read
     --> tests/users.toml:1:11
      |
    1 | version = 2
      |           ^
    next: use a later version

    this is no version of the form
     --> tests/users.toml:1:11
      |
    1 | version = "1"
      |           ^^^
    next: write version = 1 at its top

    this is no version of the form
     --> tests/users.toml:1:11
      |
    1 | version = 0
      |           ^
    next: write version = 1 at its top
    "#);
}

#[test]
fn keys_that_there_are_not_and_keys_that_are_missing() {
    let texts = [
        file(&format!("treshold = \"95%\"{CASE}")),
        file(&format!("severity = \"high\"{CASE}")),
        asking("feild = \"status\", operator = \"is-empty\""),
        asking("field = \"status\""),
        asking("field = \"status\", operator = \"is-empty\", valeu = 1"),
        file(""),
        file("\n[[test.case]]\nlabel = \"no condition\""),
        file(CASE).replace("name = \"sign-in\"\n", ""),
        "version = 1\ntests = []".to_owned(),
    ];
    insta::assert_snapshot!(all_refused(texts), @r#"
    there is no key `treshold` here
     --> tests/users.toml:7:1
      |
    7 | treshold = "95%"
      | ^^^^^^^^
    next: did you mean `threshold`?

    there is no key `severity` here
     --> tests/users.toml:7:1
      |
    7 | severity = "high"
      | ^^^^^^^^
    next: use one of: name, proof, label, why, controls, threshold, when-empty, scope, case

    there is no key `feild` here
     --> tests/users.toml:9:10
      |
    9 | all = [{ feild = "status", operator = "is-empty" }]
      |          ^^^^^
    next: did you mean `field`?

    the key `operator` is missing here
     --> tests/users.toml:9:8
      |
    9 | all = [{ field = "status" }]
      |        ^^^^^^^^^^^^^^^^^^^^
    next: add operator = "…"

    there is no key `valeu` here
     --> tests/users.toml:9:51
      |
    9 | all = [{ field = "status", operator = "is-empty", valeu = 1 }]
      |                                                   ^^^^^
    next: did you mean `value`?

    the key `case` is missing here
     --> tests/users.toml:3:1
      |
    3 | [[test]]
      | ^^^^^^^^
    next: say what a row must be to pass: [[test.case]], and below it all = [{ field = …, operator = … }]

    the key `all` is missing here
     --> tests/users.toml:7:1
      |
    7 | [[test.case]]
      | ^^^^^^^^^^^^^
    next: add all = [{ field = …, operator = … }]

    the key `name` is missing here
     --> tests/users.toml:3:1
      |
    3 | [[test]]
      | ^^^^^^^^
    next: add name = "…"

    there is no key `tests` here
     --> tests/users.toml:2:1
      |
    2 | tests = []
      | ^^^^^
    next: did you mean `test`?
    "#);
}

#[test]
fn values_of_the_wrong_type() {
    let texts = [
        file(&format!("name = 5{CASE}")),
        file(&format!("controls = \"soc2:cc6.2\"{CASE}")),
        file(&format!("controls = [5]{CASE}")),
        file(&format!("when-empty = \"skip\"{CASE}")),
        file(&format!("scope = [\"status\"]{CASE}")),
        file("\n[test.case]\nall = []"),
        file(CASE).replace("[[test]]", "[test]"),
        asking("field = \"last-login\", operator = \"is-at-most-days-ago\", days = \"30\""),
        asking("field = \"last-login\", operator = \"is-at-most-days-ago\", days = -30"),
    ];
    insta::assert_snapshot!(all_refused(texts), @r#"
    here should be a text
     --> tests/users.toml:6:8
      |
    6 | name = 5
      |        ^
    next: texts are in quotes, as in "Active"

    here should be an array
     --> tests/users.toml:7:12
      |
    7 | controls = "soc2:cc6.2"
      |            ^^^^^^^^^^^^
    next: arrays are in brackets, as in ["one", "two"]

    here should be a text
     --> tests/users.toml:7:13
      |
    7 | controls = [5]
      |             ^
    next: texts are in quotes, as in "Active"

    `skip` is not one of the choices here
     --> tests/users.toml:7:14
      |
    7 | when-empty = "skip"
      |              ^^^^^^
    next: use one of: fail, pass, inconclusive

    here should be a table
     --> tests/users.toml:7:10
      |
    7 | scope = ["status"]
      |          ^^^^^^^^
    next: tables are in braces, as in { field = "status", operator = "is-empty" }

    there may be several of these, so their heading has two brackets
     --> tests/users.toml:8:1
      |
    8 | [test.case]
      | ^^^^^^^^^^^
    next: write [[test.case]]

    there may be several of these, so their heading has two brackets
     --> tests/users.toml:3:1
      |
    3 | [test]
      | ^^^^^^
    next: write [[test]]

    here should be a whole number of 0 or more
     --> tests/users.toml:9:73
      |
    9 | all = [{ field = "last-login", operator = "is-at-most-days-ago", days = "30" }]
      |                                                                         ^^^^
    next: it is written as in days = 30

    here should be a whole number of 0 or more
     --> tests/users.toml:9:73
      |
    9 | all = [{ field = "last-login", operator = "is-at-most-days-ago", days = -30 }]
      |                                                                         ^^^
    next: it is written as in days = 30
    "#);
}
