//! Every error that people see.

use super::examples::{asking, everything, file, refused, said, scans, suite, users};
use super::*;
use crate::plugin::contract::types::{Error, Problem};

const CASE: &str = "\n[[test.case]]\nall = [{ field = \"status\", operator = \"is-empty\" }]";

fn all(texts: impl IntoIterator<Item = String>) -> String {
    texts.into_iter().map(|it| refused(&it)).collect::<Vec<_>>().join("\n\n")
}

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
    insta::assert_snapshot!(all(texts.map(str::to_owned)), @r#"
    this is no TOML: unclosed array table, expected `]`
     --> tests/users.toml:2:8
      |
    2 | [[test]
      |        ^
    next: texts are in quotes, and a line for each key; `exhibit test-file suggested TYPE` writes an example

    this is no TOML: string values must be quoted, expected literal string
     --> tests/users.toml:2:8
      |
    2 | name = users-sign-in
      |        ^^^^^^^^^^^^^
    next: texts are in quotes, and a line for each key; `exhibit test-file suggested TYPE` writes an example

    this is no TOML: invalid basic string, expected `"`
     --> tests/users.toml:3:10
      |
    3 | name = "a
      |          ^
    next: texts are in quotes, and a line for each key; `exhibit test-file suggested TYPE` writes an example

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
    next: texts are in quotes, and a line for each key; `exhibit test-file suggested TYPE` writes an example

    this is no TOML: cannot recurse further; max recursion depth met
     --> tests/users.toml:2:85
      |
    2 | …[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[…
      |                                                                        ^
    next: texts are in quotes, and a line for each key; `exhibit test-file suggested TYPE` writes an example
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
    insta::assert_snapshot!(all(texts.map(str::to_owned)), @r#"
    the file does not say which version of the form it has
     --> tests/users.toml:1:1
      |
    1 |
      | ^
    next: write version = 1 at its top

    the file has version 2 of the form, and this exhibit reads 1
     --> tests/users.toml:1:11
      |
    1 | version = 2
      |           ^
    next: update exhibit

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
    insta::assert_snapshot!(all(texts), @r#"
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
    next: there is: name, proof, label, why, controls, threshold, when-empty, scope, case

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
    insta::assert_snapshot!(all(texts), @r#"
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

    `skip` is none of the words that can stand here
     --> tests/users.toml:7:14
      |
    7 | when-empty = "skip"
      |              ^^^^^^
    next: there is: fail, pass, inconclusive

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

#[test]
fn thresholds() {
    let texts = ["10001", "\"150%\"", "95", "0.95", "\"95\"", "\"99.999%\""];
    insta::assert_snapshot!(all(texts.map(|it| file(&format!("threshold = {it}{CASE}")))), @r#"
    this threshold is more than all rows
     --> tests/users.toml:7:13
      |
    7 | threshold = 10001
      |             ^^^^^
    next: write a percentage up to threshold = "100%", which is all

    this threshold is more than all rows
     --> tests/users.toml:7:13
      |
    7 | threshold = "150%"
      |             ^^^^^^
    next: write a percentage up to threshold = "100%", which is all

    a threshold without a unit could be read in more than one way
     --> tests/users.toml:7:13
      |
    7 | threshold = 95
      |             ^^
    next: write a percentage in quotes, as in threshold = "95%"

    a threshold without a unit could be read in more than one way
     --> tests/users.toml:7:13
      |
    7 | threshold = 0.95
      |             ^^^^
    next: write a percentage in quotes, as in threshold = "97.5%"

    this threshold cannot be read: its % is missing
     --> tests/users.toml:7:13
      |
    7 | threshold = "95"
      |             ^^^^
    next: write a percentage, as in threshold = "97.5%"

    this threshold cannot be read: it may have two decimals at most
     --> tests/users.toml:7:13
      |
    7 | threshold = "99.999%"
      |             ^^^^^^^^^
    next: write a percentage, as in threshold = "97.5%"
    "#);
}

#[test]
fn names_and_texts() {
    let texts = [
        file(&format!("name = \"Sign in\"{CASE}")),
        file(&format!("label = \"{}\"{CASE}", "x".repeat(300))),
        file(&format!("label = \"\\u202Eevil\"{CASE}")),
        file(&format!("why = \"{}\"{CASE}", "y".repeat(5_000))),
        file(&format!("controls = [{}]{CASE}", "\"a\", ".repeat(201))),
        file(CASE).replace("[{ field = \"status\", operator = \"is-empty\" }]", "[]"),
        file("case = []"),
    ];
    insta::assert_snapshot!(all(texts), @r#"
    `Sign in` is no name; it should have a to z, 0 to 9 and - only
     --> tests/users.toml:6:8
      |
    6 | name = "Sign in"
      |        ^^^^^^^^^
    next: rename it, as in name = "users-sign-in"

    a text has 300 bytes; at most 256 are allowed
     --> tests/users.toml:6:9
      |
    6 | label = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…
      |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    next: write it shorter, and plain; what needs more words can be said in the test's `why`

    a text has a control character or one that cannot be seen
     --> tests/users.toml:6:9
      |
    6 | label = "\u202Eevil"
      |         ^^^^^^^^^^^^
    next: write it shorter, and plain; what needs more words can be said in the test's `why`

    a text has 5000 bytes; at most 4096 are allowed
     --> tests/users.toml:7:7
      |
    7 | why = "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy…
      |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    next: write it shorter, and plain; what needs more words can be said in the test's `why`

    a test speaks for 200 controls at most
     --> tests/users.toml:7:1013
      |
    7 | …"a", "a", "a", "a", "a", "a", "a", "a", "a", "a", "a", "a", "a", "a", "a", ]
      |                                                                        ^^^
    next: make several tests of it

    without a condition every row would pass
     --> tests/users.toml:9:7
      |
    9 | all = []
      |       ^^
    next: add { field = …, operator = … }

    without a case every row would pass
     --> tests/users.toml:7:8
      |
    7 | case = []
      |        ^^
    next: say what a row must be to pass, under [[test.case]]
    "#);
}

#[test]
fn fields_and_operators() {
    let texts = [
        asking("field = \"last-logn\", operator = \"is-empty\""),
        asking("field = \"shoe-size\", operator = \"is-empty\""),
        asking("field = \"status\", operator = \"equal\", value = \"Active\""),
        asking("field = \"status\", operator = \"resembles\", value = \"Active\""),
        asking("field = \"status\", operator = \"less-than\", value = 5"),
        asking("field = \"locked\", operator = \"equals\", value = true"),
        asking("field = \"status\", operator = \"equals\", other = \"stats\""),
    ];
    insta::assert_snapshot!(all(texts), @r#"
    `users` has no field `last-logn`
     --> tests/users.toml:9:18
      |
    9 | all = [{ field = "last-logn", operator = "is-empty" }]
      |                  ^^^^^^^^^^^
    next: did you mean `last-login`?

    `users` has no field `shoe-size`
     --> tests/users.toml:9:18
      |
    9 | all = [{ field = "shoe-size", operator = "is-empty" }]
      |                  ^^^^^^^^^^^
    next: `exhibit types users` lists its fields

    there is no operator `equal`
     --> tests/users.toml:9:39
      |
    9 | all = [{ field = "status", operator = "equal", value = "Active" }]
      |                                       ^^^^^^^
    next: did you mean `equals`?

    there is no operator `resembles`
     --> tests/users.toml:9:39
      |
    9 | all = [{ field = "status", operator = "resembles", value = "Active" }]
      |                                       ^^^^^^^^^^^
    next: there is: is-empty, is-not-empty, equals, does-not-equal, contains, does-not-contain, matches-regex, does-not-match-regex, less-than, at-most, greater-than, at-least, is-before, is-after, is-less-than-days-from-now, is-at-least-days-from-now, is-more-than-days-ago, is-at-most-days-ago, is-true, is-false

    `less-than` cannot be asked of `status`, which holds a text
     --> tests/users.toml:9:39
      |
    9 | all = [{ field = "status", operator = "less-than", value = 5 }]
      |                                       ^^^^^^^^^^^
    next: what can be asked of it: is-empty, is-not-empty, equals, does-not-equal, contains, does-not-contain, matches-regex, does-not-match-regex

    `equals` cannot be asked of `locked`, which holds true or false
     --> tests/users.toml:9:39
      |
    9 | all = [{ field = "locked", operator = "equals", value = true }]
      |                                       ^^^^^^^^
    next: what can be asked of it: is-empty, is-not-empty, is-true, is-false

    `users` has no field `stats`
     --> tests/users.toml:9:57
      |
    9 | all = [{ field = "status", operator = "equals", other = "stats" }]
      |                                                         ^^^^^^^
    next: did you mean `status`?
    "#);
}

#[test]
fn what_a_field_is_held_against() {
    let texts = [
        asking("field = \"status\", operator = \"equals\""),
        asking("field = \"status\", operator = \"contains\", other = \"roles\""),
        asking("field = \"status\", operator = \"is-empty\", value = \"\""),
        asking("field = \"last-login\", operator = \"is-at-most-days-ago\", value = 30"),
        asking("field = \"last-login\", operator = \"is-before\", days = 30"),
        asking("field = \"last-login\", operator = \"is-at-most-days-ago\", days = 30, value = 30"),
        asking("field = \"status\", operator = \"equals\", value = 5"),
        asking("field = \"logins\", operator = \"at-least\", value = 5.5"),
        asking("field = \"score\", operator = \"at-least\", value = nan"),
        asking("field = \"last-login\", operator = \"is-before\", value = 2026-01-31T12:00:00"),
        asking("field = \"session\", operator = \"at-most\", value = \"1 month\""),
        asking("field = \"roles\", operator = \"equals\", value = \"Manager\""),
        asking("field = \"roles\", operator = \"contains\", value = [\"Manager\"]"),
    ];
    insta::assert_snapshot!(all(texts), @r#"
    `equals` needs something to hold the field against
     --> tests/users.toml:9:39
      |
    9 | all = [{ field = "status", operator = "equals" }]
      |                                       ^^^^^^^^
    next: add value = …, or other = "another-field"

    `contains` takes no `other`
     --> tests/users.toml:9:59
      |
    9 | all = [{ field = "status", operator = "contains", other = "roles" }]
      |                                                           ^^^^^^^
    next: write value = "…" instead

    `is-empty` says it all, and takes no `value`
     --> tests/users.toml:9:59
      |
    9 | all = [{ field = "status", operator = "is-empty", value = "" }]
      |                                                           ^^
    next: leave out `value`

    `is-at-most-days-ago` takes no `value`
     --> tests/users.toml:9:74
      |
    9 | all = [{ field = "last-login", operator = "is-at-most-days-ago", value = 30 }]
      |                                                                          ^^
    next: write days = 30 instead

    `is-before` takes no `days`
     --> tests/users.toml:9:63
      |
    9 | all = [{ field = "last-login", operator = "is-before", days = 30 }]
      |                                                               ^^
    next: write value = …, or other = "another-field" instead

    a field is held against one thing, and here are `value` and `days`
     --> tests/users.toml:9:73
      |
    9 | all = [{ field = "last-login", operator = "is-at-most-days-ago", days = 30, value = 30 }]
      |                                                                         ^^
    next: leave out `value` or `days`

    `status` holds a text, and this is none
     --> tests/users.toml:9:57
      |
    9 | all = [{ field = "status", operator = "equals", value = 5 }]
      |                                                         ^
    next: a text is written in quotes, as in value = "Active"

    `logins` holds a whole number, and this is none
     --> tests/users.toml:9:59
      |
    9 | all = [{ field = "logins", operator = "at-least", value = 5.5 }]
      |                                                           ^^^
    next: a whole number is written as in value = 30

    `score` holds a number, and this is none
     --> tests/users.toml:9:58
      |
    9 | all = [{ field = "score", operator = "at-least", value = nan }]
      |                                                          ^^^
    next: a number is written as in value = 7.5

    `last-login` holds a point in time, and this is none
     --> tests/users.toml:9:64
      |
    9 | all = [{ field = "last-login", operator = "is-before", value = 2026-01-31T12:00:00 }]
      |                                                                ^^^^^^^^^^^^^^^^^^^
    next: write a date as in value = 2026-01-31, or a date and time with its zone as in value = 2026-01-31T12:00:00Z

    `session` holds a length of time, and this is none
     --> tests/users.toml:9:59
      |
    9 | all = [{ field = "session", operator = "at-most", value = "1 month" }]
      |                                                           ^^^^^^^^^
    next: write seconds as in value = 9000, or a text as in value = "2h 30m"

    `roles` holds several texts, and this is none
     --> tests/users.toml:9:56
      |
    9 | all = [{ field = "roles", operator = "equals", value = "Manager" }]
      |                                                        ^^^^^^^^^
    next: several texts are written as in value = ["one", "two"]

    `contains` takes a text, and this is none
     --> tests/users.toml:9:58
      |
    9 | all = [{ field = "roles", operator = "contains", value = ["Manager"] }]
      |                                                          ^^^^^^^^^^^
    next: a text is written in quotes, as in value = "Active"
    "#);
}

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
        refused("more than 2000 conditions: \u{1b}[2J nobody can have meant that many", None),
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

    more than 2000 conditions: \u{1b}[2J nobody can have meant that many
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
    next: `exhibit test-file suggested users` writes some to begin with

    the plugin has no proof type `users`
     --> …/one.toml:5:9
      |
    5 | proof = "users"
      |         ^^^^^^^
    next: `exhibit types` lists what it has

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
