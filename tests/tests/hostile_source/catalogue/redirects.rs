//! Redirects: within the source a few are followed, and nothing leads anywhere else.

use crate::case::Case;
use crate::documents::{two, two_rows};
use crate::server::Answer;

pub(crate) fn cases() -> Vec<Case> {
    let to = |code: u16, place: &str| {
        Answer::with(&format!("{code} Moved"), &format!("location: {place}\r\n"), "")
    };
    let mut cases = Vec::new();
    for code in [301, 302, 303, 307, 308] {
        cases.push(
            Case::rows(format!("redirect {code} within the source"), to(code, "/elsewhere?a=b"), two_rows())
                .then([Answer::good(two())]),
        );
        cases.push(Case::error(
            format!("redirect {code} to itself, again and again"),
            to(code, "/msp/user_list.php"),
            "",
        ));
        cases.push(Case::error(
            format!("redirect {code} to another port"),
            to(code, "http://127.0.0.1:OTHER/msp/user_list.php"),
            "was not followed",
        ));
    }
    let places = [
        ("the addresses of a cloud", "http://169.254.169.254/latest/meta-data/"),
        ("another host", "https://evil.example/"),
        ("another host without a scheme", "//evil.example/x"),
        ("another host by backslashes", "\\\\evil.example\\x"),
        ("the same port, encrypted", "https://127.0.0.1:MYOWN/"),
        ("a file", "file:///etc/passwd"),
        ("a script", "javascript:alert(1)"),
        ("data", "data:text/xml,<USER_LIST_OUTPUT/>"),
        ("an FTP server", "ftp://127.0.0.1:MYOWN/"),
        ("all addresses of this machine", "http://0.0.0.0/"),
        ("this machine by a number", "http://2130706433:1/"),
        ("a port out of range", "http://127.0.0.1:99999/"),
        ("a host of nothing", "http:///x"),
        ("a host in brackets", "http://[::ffff:127.0.0.1]:1/"),
        ("an address with escape sequences", "https://evil.example/%1b[2J"),
        ("an address with a secret in its query", "https://sso.example/login?token=hunter2#x"),
        ("an address in other letters", "https://\u{43e}nline.example/"),
    ];
    cases.extend(places.iter().map(|(where_, place)| {
        Case::error(format!("redirect to {where_}"), to(302, place), "was not followed")
    }));
    cases.extend([
        Case::error("redirect without a place", Answer::with("302 Found", "", ""), ""),
        Case::error("redirect to an empty place", to(302, ""), ""),
        Case::error("redirect to a place of a megabyte", to(302, &format!("/{}", "a".repeat(300 << 10))), ""),
        Case::error("redirect with credentials", to(302, "http://a:b@127.0.0.1:MYOWN/"), ""),
        Case::error("redirect with choices", to(300, "/a"), ""),
        Case::error("redirect to a proxy", to(305, "http://127.0.0.1:OTHER/"), ""),
        Case::error(
            "redirect to two places",
            Answer::with("302 Found", "location: http://127.0.0.1:OTHER/\r\nlocation: /a\r\n", ""),
            "",
        ),
        Case::error(
            "redirect with users in it",
            Answer::with("302 Found", "location: http://127.0.0.1:OTHER/\r\n", two()),
            "was not followed",
        ),
    ]);
    for hops in [2_usize, 3, 4, 20] {
        let chain = (1..hops).map(|it| to(302, &format!("/{it}"))).chain([Answer::good(two())]);
        let name = format!("redirects within the source, {hops}");
        let case = if hops <= 3 {
            Case::rows(name, to(302, "/0"), two_rows())
        } else {
            Case::error(name, to(302, "/0"), "")
        };
        cases.push(case.then(chain));
    }
    cases
}
