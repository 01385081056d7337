//! Status lines and headers.

use crate::case::Case;
use crate::documents::{two, two_rows};
use crate::server::Answer;

const NONE: &str = "gave no answer";

pub(crate) fn cases() -> Vec<Case> {
    [status_lines(), before(), headers(), cookies()].into_iter().flatten().collect()
}

/// Two users under this status line.
fn status(line: &str) -> Answer {
    let body = two();
    Answer::raw(format!("{line}\r\ncontent-length: {}\r\n\r\n", body.len())).and(body).close()
}

fn status_lines() -> Vec<Case> {
    let refused = [
        ("without a blank", "HTTP/1.1 200OK"),
        ("of a later HTTP", "HTTP/9.9 200 OK"),
        ("of HTTP 0.9", "HTTP/0.9 200 OK"),
        ("of an internet radio", "ICY 200 OK"),
        ("without a protocol", "200 OK"),
        ("in small letters", "http/1.1 200 ok"),
        ("with a status of two digits", "HTTP/1.1 20 OK"),
        ("with a status of four digits", "HTTP/1.1 2000 OK"),
        ("with the status 0", "HTTP/1.1 000 OK"),
        ("with the status 99", "HTTP/1.1 099 OK"),
        ("with a status below zero", "HTTP/1.1 -20 OK"),
        ("with a status that is a word", "HTTP/1.1 abc OK"),
        ("with two blanks", "HTTP/1.1  200 OK"),
        ("of a mail server", "220 mail.example ESMTP ready"),
        ("of a secure shell", "SSH-2.0-OpenSSH_9.9"),
        ("of HTTP/2", "PRI * HTTP/2.0"),
        ("that begins with a blank", " HTTP/1.1 200 OK"),
        ("with a NUL", "HTTP/1.1\u{0}200 OK"),
    ];
    let mut cases: Vec<Case> = refused
        .iter()
        .map(|(how, line)| Case::error(format!("status line {how}"), status(line), NONE))
        .collect();
    let taken = [
        ("without a reason", "HTTP/1.1 200"),
        ("with an empty reason", "HTTP/1.1 200 "),
        ("with another reason", "HTTP/1.1 200 Not Found"),
        ("of HTTP 1.0", "HTTP/1.0 200 OK"),
        ("with a reason in Latin-1", "HTTP/1.1 200 Gr\u{fc}n"),
        ("after an empty line", "\r\nHTTP/1.1 200 OK"),
    ];
    cases.extend(
        taken.iter().map(|(how, line)| Case::rows(format!("status line {how}"), status(line), two_rows())),
    );
    for code in [204, 205, 206, 299, 304, 306, 400, 418, 451, 499, 599, 600, 999] {
        let line = format!("HTTP/1.1 {code} Odd");
        cases.push(Case::error(format!("status {code} with two users"), status(&line), ""));
    }
    cases.extend([
        Case::error(
            "status line with a reason of a megabyte",
            status(&format!("HTTP/1.1 200 {}", "a".repeat(1 << 20))),
            NONE,
        ),
        Case::error(
            "status line with escape sequences",
            status("HTTP/1.1 500 \u{1b}[2J\u{1b}]0;owned\u{7}"),
            "",
        ),
        Case::error("status line without end", Answer::raw("HTTP/1.1 200 ").endless("a"), NONE),
        Case::error(
            "TLS in place of HTTP",
            Answer::raw([0x16, 3, 3, 0, 64, 2, 0, 0, 60, 3, 3]).times("\0", 100).close(),
            NONE,
        ),
        Case::error("binary in place of HTTP", Answer::default().endless([0, 0xff, 0x80, b'\n']), NONE),
        Case::error("empty lines without end", Answer::default().endless("\r\n"), NONE),
    ]);
    cases
}

/// Answers before the answer.
fn before() -> Vec<Case> {
    let then = |answer: Answer| answer.and(Answer::good(two()).bytes());
    vec![
        Case::rows("first 100 Continue", then(Answer::raw("HTTP/1.1 100 Continue\r\n\r\n")), two_rows()),
        Case::rows(
            "first 103 Early Hints",
            then(Answer::raw("HTTP/1.1 103 Early Hints\r\nlink: </x>; rel=preload\r\n\r\n")),
            two_rows(),
        ),
        Case::rows(
            "first a thousand times 102",
            then(Answer::default().times("HTTP/1.1 102 Processing\r\n\r\n", 1_000)),
            two_rows(),
        ),
        Case::error(
            "first 101 Switching Protocols",
            then(Answer::raw(
                "HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\nconnection: upgrade\r\n\r\n",
            )),
            "",
        ),
    ]
}

/// Two users with these header lines.
fn with(lines: &str) -> Answer {
    Answer::with("200 OK", lines, two())
}

fn headers() -> Vec<Case> {
    let many = |count: usize| (0..count).map(|it| format!("x-{it}: {it}\r\n")).collect::<String>();
    let long = |bytes: usize| format!("x-long: {}\r\n", "a".repeat(bytes));
    vec![
        Case::rows("headers: eighty", with(&many(80)), two_rows()),
        Case::error("headers: a thousand", with(&many(1_000)), NONE),
        Case::error("headers: a hundred thousand", with(&many(100_000)), NONE),
        Case::error("headers: without end", Answer::raw("HTTP/1.1 200 OK\r\n").endless("x-a: b\r\n"), NONE),
        Case::rows("headers: a value of 4 KiB", with(&long(4 << 10)), two_rows()),
        Case::rows("headers: a value of 100 KiB", with(&long(100 << 10)), two_rows()),
        Case::error("headers: a value of 1 MiB", with(&long(1 << 20)), NONE),
        Case::error(
            "headers: a value without end",
            Answer::raw("HTTP/1.1 200 OK\r\nx-a: ").endless("b"),
            NONE,
        ),
        Case::error("headers: a name of 100 KiB", with(&format!("x-{}: a\r\n", "a".repeat(100 << 10))), NONE),
        Case::error("headers: a name without end", Answer::raw("HTTP/1.1 200 OK\r\n").endless("x"), NONE),
        Case::error("headers: a line without a colon", with("nonsense\r\n"), NONE),
        Case::error("headers: a name with a blank", with("x y: z\r\n"), NONE),
        Case::error("headers: a blank before the colon", with("x-a : b\r\n"), NONE),
        Case::error("headers: an empty name", with(": b\r\n"), NONE),
        Case::error("headers: a name with a control character", with("x\u{1}: b\r\n"), NONE),
        Case::error("headers: a value with a NUL", with("x-a: b\0c\r\n"), NONE),
        Case::error("headers: a value that is continued", with("x-a: b\r\n c\r\n"), NONE),
        Case::rows("headers: an empty value", with("x-a:\r\n"), two_rows()),
        Case::rows("headers: a value in UTF-8", with("x-a: gr\u{fc}n \u{202e}\r\n"), two_rows()),
        Case::error("headers: a lone CR in a value", with("x-a: b\rc: d\r\n"), NONE),
        Case::rows("headers: a date that makes no sense", with("date: yesterday\r\n"), two_rows()),
        Case::rows(
            "headers: two dates",
            with("date: Sun, 01 Nov 2026 00:00:00 GMT\r\ndate: Mon, 02 Nov 1926 00:00:00 GMT\r\n"),
            two_rows(),
        ),
        Case::rows(
            "headers: rate limits that make no sense",
            with("x-ratelimit-remaining: \u{b2}\r\nx-ratelimit-limit: -5\r\nx-ratelimit-towait-sec: 1e9\r\n"),
            two_rows(),
        ),
        Case::rows(
            "headers: rate limits larger than any number",
            with(
                "x-ratelimit-remaining: 99999999999999999999\r\nx-ratelimit-window-sec: 99999999999999999999\r\n",
            ),
            two_rows(),
        ),
        Case::rows(
            "headers: a type of 100 KiB",
            with(&format!("content-type: text/xml; charset={}\r\n", "a".repeat(100 << 10))),
            two_rows(),
        ),
        Case::error(
            "headers: an unknown charset",
            with("content-type: text/xml; charset=\u{1b}[2Jutf-7\r\n"),
            "",
        ),
        Case::error(
            "headers: the charset UTF-7",
            with("content-type: text/xml; charset=utf-7\r\n"),
            "encoded in",
        ),
        Case::error(
            "headers: the charset UTF-16, of UTF-8",
            with("content-type: text/xml; charset=utf-16\r\n"),
            "",
        ),
        Case::rows("headers: a type of pictures", with("content-type: image/png\r\n"), two_rows()),
        Case::rows(
            "headers: two types",
            with("content-type: text/html\r\ncontent-type: text/xml\r\n"),
            two_rows(),
        ),
        Case::rows("headers: an upgrade that is offered", with("upgrade: h2c, websocket\r\n"), two_rows()),
        Case::rows(
            "headers: a refresh to elsewhere",
            with("refresh: 0; url=http://127.0.0.1:OTHER/\r\nlink: <http://127.0.0.1:OTHER/>; rel=next\r\n"),
            two_rows(),
        ),
        Case::rows(
            "headers: another place for the next time",
            with("alt-svc: h3=\"127.0.0.1:OTHER\"; ma=86400\r\nlocation: http://127.0.0.1:OTHER/\r\n"),
            two_rows(),
        ),
    ]
}

/// None of them is ever given back: that is looked at in every case.
fn cookies() -> Vec<Case> {
    use crate::documents::{host_rows, hosts, more};
    let page = |cookies: &str| Answer::with("200 OK", cookies, hosts(&["1"], &more("https://x/?id_min=2")));
    let last = || Answer::good(hosts(&["2"], ""));
    let all = [
        ("one", "set-cookie: QualysSession=1; path=/\r\n".to_owned()),
        ("of another domain", "set-cookie: a=b; domain=example.com; path=/\r\n".to_owned()),
        ("eighty", "set-cookie: a=b\r\n".repeat(80)),
        ("with a line break in it", "set-cookie: a=b%0d%0aauthorization: x\r\n".to_owned()),
        ("of 100 KiB", format!("set-cookie: a={}\r\n", "b".repeat(100 << 10))),
    ];
    let case = |(how, cookies): (&str, String)| {
        Case::rows(format!("cookies: {how}"), page(&cookies), host_rows(&[1, 2])).of("assets").then([last()])
    };
    all.into_iter().map(case).collect()
}
