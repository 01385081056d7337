//! Every error that people see of what a test means.

use super::examples::{CASE, all_refused, asking, file};

#[test]
fn thresholds() {
    let texts = ["10001", "\"150%\"", "95", "0.95", "\"95\"", "\"99.999%\""];
    insta::assert_snapshot!(all_refused(texts.map(|it| file(&format!("threshold = {it}{CASE}")))), @r#"
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
    insta::assert_snapshot!(all_refused(texts), @r#"
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

    a test may list at most 200 controls
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
    insta::assert_snapshot!(all_refused(texts), @r#"
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
    next: list the fields of the proof type `users`

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
    next: use one of: is-empty, is-not-empty, equals, does-not-equal, contains, does-not-contain, matches-regex, does-not-match-regex, less-than, at-most, greater-than, at-least, is-before, is-after, is-less-than-days-from-now, is-at-least-days-from-now, is-more-than-days-ago, is-at-most-days-ago, is-true, is-false

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
    insta::assert_snapshot!(all_refused(texts), @r#"
    `equals` needs something to compare the field with
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

    `is-empty` takes no `value`
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

    a condition takes only one of `value` and `days`
     --> tests/users.toml:9:73
      |
    9 | all = [{ field = "last-login", operator = "is-at-most-days-ago", days = 30, value = 30 }]
      |                                                                         ^^
    next: leave out `value` or `days`

    `status` holds a text, and this value has another type
     --> tests/users.toml:9:57
      |
    9 | all = [{ field = "status", operator = "equals", value = 5 }]
      |                                                         ^
    next: a text is written in quotes, as in value = "Active"

    `logins` holds a whole number, and this value has another type
     --> tests/users.toml:9:59
      |
    9 | all = [{ field = "logins", operator = "at-least", value = 5.5 }]
      |                                                           ^^^
    next: a whole number is written as in value = 30

    `score` holds a number, and this value has another type
     --> tests/users.toml:9:58
      |
    9 | all = [{ field = "score", operator = "at-least", value = nan }]
      |                                                          ^^^
    next: a number is written as in value = 7.5

    `last-login` holds a point in time, and this value has another type
     --> tests/users.toml:9:64
      |
    9 | all = [{ field = "last-login", operator = "is-before", value = 2026-01-31T12:00:00 }]
      |                                                                ^^^^^^^^^^^^^^^^^^^
    next: write a date as in value = 2026-01-31, or a date and time with its zone as in value = 2026-01-31T12:00:00Z

    `session` holds a length of time, and this value has another type
     --> tests/users.toml:9:59
      |
    9 | all = [{ field = "session", operator = "at-most", value = "1 month" }]
      |                                                           ^^^^^^^^^
    next: write seconds as in value = 9000, or a text as in value = "2h 30m"

    `roles` holds several texts, and this value has another type
     --> tests/users.toml:9:56
      |
    9 | all = [{ field = "roles", operator = "equals", value = "Manager" }]
      |                                                        ^^^^^^^^^
    next: several texts are written as in value = ["one", "two"]

    `contains` takes a text, and this value has another type
     --> tests/users.toml:9:58
      |
    9 | all = [{ field = "roles", operator = "contains", value = ["Manager"] }]
      |                                                          ^^^^^^^^^^^
    next: a text is written in quotes, as in value = "Active"
    "#);
}
