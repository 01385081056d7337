//! Documents: what XML allows and no source sends, and what it does not allow.

use crate::case::Case;
use crate::documents::{DECLARED, row, two, two_rows, user, user_with, users};
use crate::server::Answer;
use serde_json::{Value as Json, json};

pub(crate) fn cases() -> Vec<Case> {
    [entities(), sizes(), forms(), texts(), encodings(), repeated()].into_iter().flatten().collect()
}

/// A list with this before its root, and a user of this first name.
fn after(before: &str, first: &str) -> Answer {
    let list = users(&user("one", first));
    Answer::good(list.replacen(DECLARED, &format!("{DECLARED}{before}"), 1))
}

/// One user, whose first name is written like this.
fn one(first: &str) -> Answer {
    Answer::good(users(&user("one", first)))
}

fn entities() -> Vec<Case> {
    let refused = "defines XML entities";
    let laughs: String =
        (1..10).map(|it| format!("<!ENTITY l{it} \"{}\">", format!("&l{};", it - 1).repeat(10))).collect();
    let dtd = |inside: &str| format!("<!DOCTYPE USER_LIST_OUTPUT [{inside}]>");
    let defined = [
        ("ten to the tenth", dtd(&format!("<!ENTITY l0 \"ha\">{laughs}")), "&l9;"),
        ("a large one, many times", dtd(&format!("<!ENTITY a \"{}\">", "a".repeat(100_000))), "&a;&a;&a;"),
        ("one of itself", dtd("<!ENTITY a \"&b;\"><!ENTITY b \"&a;\">"), "&a;"),
        ("a file", dtd("<!ENTITY a SYSTEM \"file:///etc/passwd\">"), "&a;"),
        ("another place", dtd("<!ENTITY a SYSTEM \"http://127.0.0.1:OTHER/a\">"), "&a;"),
        ("a public place", dtd("<!ENTITY a PUBLIC \"-//a\" \"http://127.0.0.1:OTHER/a\">"), "&a;"),
        ("a parameter", dtd("<!ENTITY % a SYSTEM \"http://127.0.0.1:OTHER/a\"> %a;"), "x"),
        ("in small letters", dtd("<!entity a \"b\">"), "&a;"),
        ("one of XML's own", dtd("<!ENTITY amp \"b\">"), "&amp;"),
        ("none that is used", dtd("<!ENTITY a \"b\">"), "x"),
    ];
    let mut cases: Vec<Case> = defined
        .into_iter()
        .map(|(what, dtd, first)| Case::error(format!("entities: {what}"), after(&dtd, first), refused))
        .collect();
    cases.extend([
        Case::rows(
            "document type: of another place",
            after("<!DOCTYPE USER_LIST_OUTPUT SYSTEM \"http://127.0.0.1:OTHER/a.dtd\">", "Ada"),
            row("one", "Ada"),
        ),
        Case::rows(
            "document type: of a file",
            after("<!DOCTYPE USER_LIST_OUTPUT PUBLIC \"-//a\" \"file:///dev/zero\">", "Ada"),
            row("one", "Ada"),
        ),
        Case::rows(
            "document type: with elements",
            after(&dtd("<!ELEMENT USER ANY>"), "Ada"),
            row("one", "Ada"),
        ),
        Case::rows(
            "document type: with attributes",
            after(&dtd("<!ATTLIST FIRSTNAME x CDATA \"default\">"), "Ada"),
            row("one", "Ada"),
        ),
        Case::error("document type: without end", Answer::good("<!DOCTYPE a [<!ELEMENT"), "not well-formed"),
        Case::rows("entity that is not defined", one("a&nbsp;b"), row("one", "a&nbsp;b")),
        Case::rows(
            "entity with a long name",
            one(&format!("&{};", "a".repeat(1_000))),
            row("one", format!("&{};", "a".repeat(1_000))),
        ),
        Case::rows(
            "ampersands that stand alone",
            one("AT&T &&& &; &#; &#x;"),
            row("one", "AT&T &&& &; \u{fffd} \u{fffd}"),
        ),
        Case::rows(
            "references to characters",
            one("&#x41;&#66;&#x1F600;&lt;&gt;&quot;&apos;&amp;"),
            row("one", "AB\u{1f600}<>\"'&"),
        ),
        Case::rows("a reference to NUL", one("a&#0;b"), row("one", "a\u{fffd}b")),
        Case::rows("a reference to a surrogate", one("a&#xD800;b"), row("one", "a\u{fffd}b")),
        Case::rows("a reference beyond Unicode", one("a&#x110000;b"), row("one", "a\u{fffd}b")),
        Case::rows(
            "a reference larger than any number",
            one("a&#99999999999999999999;b"),
            row("one", "a\u{fffd}b"),
        ),
        Case::rows("a reference below zero", one("a&#-65;b"), row("one", "a\u{fffd}b")),
        Case::rows("a reference to a reference", one("&amp;lt;"), row("one", "&lt;")),
        Case::rows(
            "a hundred thousand references",
            one(&"&amp;".repeat(100_000)),
            row("one", "&".repeat(100_000)),
        ),
    ]);
    cases
}

fn sizes() -> Vec<Case> {
    let attributes = |count: usize| {
        let all: String = (0..count).map(|it| format!(" a{it}=\"b\"")).collect();
        Answer::good(users(&format!("<USER{all}><USER_LOGIN>one</USER_LOGIN></USER>")))
    };
    let nested =
        |depth: usize| Answer::good(users(&user_with("one", &("<a>".repeat(depth) + &"</a>".repeat(depth)))));
    let around = |depth: usize| {
        let (open, close) = ("<a>".repeat(depth), "</a>".repeat(depth));
        Answer::good(format!("<USER_LIST_OUTPUT>{open}{}{close}</USER_LIST_OUTPUT>", user("one", "Ada")))
    };
    let login = || vec![json!({ "username": "one" })];
    vec![
        Case::rows("attributes: a thousand", attributes(1_000), login()),
        Case::rows("attributes: a hundred thousand", attributes(100_000), login()),
        Case::error("attributes: a million", attributes(1_000_000), "is the limit"),
        Case::rows("nested: fifty deep in a record", nested(50), login()),
        Case::error("nested: a hundred deep in a record", nested(100), "nested too deeply"),
        Case::error("nested: a hundred thousand deep in a record", nested(100_000), "nested too deeply"),
        Case::rows("nested: ten deep around records", around(10), row("one", "Ada")),
        Case::error("nested: a hundred thousand deep around records", around(100_000), "nested too deeply"),
        Case::error("nested: without end", Answer::raw("HTTP/1.1 200 OK\r\n\r\n").endless("<a>"), ""),
        Case::rows(
            "an element with a name of 100 KiB",
            Answer::good(users(&user_with("one", &format!("<{}/>", "a".repeat(100 << 10))))),
            login(),
        ),
        Case::error(
            "a root with a name of 100 KiB",
            Answer::good(format!("<{}/>", "a".repeat(100 << 10))),
            "was expected",
        ),
        Case::rows(
            "fifty thousand elements in a record",
            Answer::good(users(&user_with("one", &"<a/>".repeat(50_000)))),
            login(),
        ),
        Case::error(
            "two hundred thousand elements in a record",
            Answer::good(users(&user_with("one", &"<a/>".repeat(200_000)))),
            "too many elements",
        ),
        Case::rows(
            "a hundred thousand comments",
            Answer::good(users(&("<!-- a -->".repeat(100_000) + &user("one", "Ada")))),
            row("one", "Ada"),
        ),
        Case::rows(
            "a hundred thousand unknown elements",
            Answer::good(users(&("<NEW>x</NEW>".repeat(100_000) + &user("one", "Ada")))),
            row("one", "Ada"),
        ),
        Case::error(
            "users without end, and without a name",
            Answer::raw("HTTP/1.1 200 OK\r\n\r\n<USER_LIST_OUTPUT>").times("<USER/>", 300_000).close(),
            "",
        ),
    ]
}

fn forms() -> Vec<Case> {
    let whole = two();
    let body = whole.strip_prefix(DECLARED).unwrap_or(&whole).to_owned();
    let bad = |what: &str, document: String, says: &'static str| {
        Case::error(format!("form: {what}"), Answer::good(document), says)
    };
    let good = |what: &str, document: String| {
        Case::rows(format!("form: {what}"), Answer::good(document), two_rows())
    };
    vec![
        good("without a declaration", body.clone()),
        good("with a byte order mark", format!("\u{feff}{whole}")),
        good("with blanks before it", format!("\n\n  {body}")),
        good("with comments around it", format!("<!-- <USER/> -->{body}<!-- <USER/> --><!-- -->")),
        good("with processing instructions", format!("<?php system('id') ?><?xml-stylesheet href=\"http://127.0.0.1:OTHER/x.xsl\"?>{body}<?x?>")),
        good("in small letters", body.to_lowercase().replace("ada", "Ada").replace("bo<", "Bo<")),
        good("with a version of its own", format!("<?xml version=\"9.9\" standalone=\"maybe\"?>{body}")),
        good("with attributes everywhere", body.replace("<USER>", "<USER x=\"&lt;\" y='>' x=\"twice\">")),
        good("with namespaces", body.replace("<USER_LIST>", "<USER_LIST xmlns=\"urn:x\" xmlns:x=\"http://127.0.0.1:OTHER/\">")),
        good("with includes", body.replace("<USER_LIST>", "<USER_LIST><xi:include xmlns:xi=\"http://www.w3.org/2001/XInclude\" href=\"file:///etc/passwd\"/>")),
        bad("with prefixes", body.replace("<USER", "<q:USER").replace("</USER", "</q:USER"), "was expected"),
        bad("of another root", body.replace("USER_LIST_OUTPUT", "HOST_LIST_OUTPUT"), "was expected"),
        bad("a second root", format!("{body}{body}"), "second root"),
        bad("a second root that is empty", format!("{body}<USER/>"), "second root"),
        bad("text before it", format!("Warning: mysql_connect(){body}"), "outside its root"),
        bad("text after it", format!("{body}<br />Fatal error"), ""),
        bad("text only", "OK".to_owned(), ""),
        bad("one angle bracket", "<".to_owned(), ""),
        bad("one byte of nothing", "\0".to_owned(), ""),
        bad("blanks only", " \n\t\r\n".to_owned(), "empty answer"),
        bad("a comment only", "<!-- a -->".to_owned(), "truncated"),
        bad("a declaration only", DECLARED.to_owned(), "truncated"),
        bad("without its last tag", whole.replace("</USER_LIST_OUTPUT>", ""), "truncated"),
        bad("without a user's last tag", whole.replacen("</USER>", "", 1), ""),
        bad("with tags that cross", whole.replacen("</FIRSTNAME></CONTACT_INFO>", "</CONTACT_INFO></FIRSTNAME>", 1), "not well-formed"),
        bad("with an end tag too many", whole.replacen("<USER_LIST>", "</USER><USER_LIST>", 1), "not well-formed"),
        bad("with other letters in an end tag", whole.replacen("</USER>", "</user>", 1), "not well-formed"),
        bad("with a comment without end", whole.replacen("<USER>", "<!-- <USER>", 1), ""),
        bad("with a section without end", whole.replacen("Ada", "<![CDATA[Ada", 1), ""),
        // Not well-formed, and read all the same: what is in a tag beside its name is not looked at.
        good("with a tag in a tag", whole.replacen("<USER>", "<USER <b>>", 1)),
        bad("with a tag without a name", whole.replacen("<USER>", "<><USER>", 1), ""),
        bad("with JSON", "{\"USER_LIST_OUTPUT\":{\"USER_LIST\":[]}}".to_owned(), ""),
        bad("with CSV", "USER_LOGIN,FIRSTNAME\none,Ada\n".to_owned(), ""),
        bad("with a zip archive", "PK\u{3}\u{4}".to_owned() + &"\0".repeat(100), ""),
        bad("with a PDF", "%PDF-1.7\n%\u{e2}\u{e3}\n1 0 obj <</Type /Catalog>> endobj".to_owned(), ""),
        bad("with YAML", "--- !!python/object/apply:os.system ['id']\n".to_owned(), ""),
        bad("with the list in a section", format!("<USER_LIST_OUTPUT><![CDATA[{}]]></USER_LIST_OUTPUT>", user("one", "Ada")), "without records"),
        bad("with the list in a comment", format!("<USER_LIST_OUTPUT><!--{}--></USER_LIST_OUTPUT>", user("one", "Ada")), "without records"),
        bad("with the list in an attribute", "<USER_LIST_OUTPUT a=\"<USER><USER_LOGIN>one</USER_LOGIN></USER>\"/>".to_owned(), ""),
        bad("with a user that is the root", user("one", "Ada"), "was expected"),
    ]
}

fn texts() -> Vec<Case> {
    let split = "<![CDATA[</FIRSTNAME>]]]]><![CDATA[></CONTACT_INFO></USER><USER>]]>";
    vec![
        Case::rows(
            "text: a section with tags",
            one(split),
            row("one", "</FIRSTNAME>]]></CONTACT_INFO></USER><USER>"),
        ),
        Case::rows("text: an empty section", one("<![CDATA[]]>"), row("one", Json::Null)),
        Case::rows(
            "text: sections and text",
            one("a<![CDATA[<b>]]>c<![CDATA[&amp;]]>"),
            row("one", "a<b>c&amp;"),
        ),
        Case::rows("text: a section end that stands alone", one("a]]&gt;b"), row("one", "a]]>b")),
        Case::rows("text: a comment in it", one("A<!-- </FIRSTNAME> -->da"), row("one", "Ada")),
        Case::rows("text: an instruction in it", one("A<?x </FIRSTNAME> ?>da"), row("one", "Ada")),
        Case::rows("text: blanks around it", one("\n\t Ada \r\n"), row("one", "Ada")),
        Case::rows("text: blanks in a section", one("<![CDATA[ Ada ]]>"), row("one", "Ada")),
        Case::rows("text: only blanks", one(" \n "), row("one", Json::Null)),
        Case::rows("text: before a child", one("Ada<b>x</b>Bo"), row("one", "Ada")),
        Case::rows(
            "text: ten thousand sections",
            one(&"<![CDATA[a]]>".repeat(10_000)),
            row("one", "a".repeat(10_000)),
        ),
        Case::rows(
            "text: ten thousand comments in it",
            one(&"a<!---->".repeat(10_000)),
            row("one", "a".repeat(10_000)),
        ),
    ]
}

fn encodings() -> Vec<Case> {
    let utf_16 = |text: &str, big: bool| -> Vec<u8> {
        let units = std::iter::once(0xfeff).chain(text.encode_utf16());
        units.flat_map(|it| if big { it.to_be_bytes() } else { it.to_le_bytes() }).collect()
    };
    let bytes = |first: &[u8]| {
        let list = users(&user("one", "@"));
        let (before, after) = list.split_once('@').unwrap_or_default();
        Answer::good([before.as_bytes(), first, after.as_bytes()].concat())
    };
    let said = |encoding: &str, bytes: &[u8]| {
        let list = users(&user("one", "@")).replace("UTF-8", encoding);
        let (before, after) = list.split_once('@').unwrap_or_default();
        Answer::good([before.as_bytes(), bytes, after.as_bytes()].concat())
    };
    let replaced = "a\u{fffd}b";
    let plain = two().replace(" encoding=\"UTF-8\"", "");
    vec![
        Case::rows("encoding: UTF-16, little end first", Answer::good(utf_16(&plain, false)), two_rows()),
        Case::rows("encoding: UTF-16, big end first", Answer::good(utf_16(&plain, true)), two_rows()),
        Case::error("encoding: half of UTF-16", Answer::good(&utf_16(&plain, false)[..201]), ""),
        Case::error(
            "encoding: UTF-32",
            Answer::good(plain.chars().flat_map(|it| u32::from(it).to_le_bytes()).collect::<Vec<_>>()),
            "",
        ),
        Case::rows("encoding: a byte that is no UTF-8", bytes(b"a\xffb"), row("one", replaced)),
        Case::rows("encoding: a NUL", bytes(b"a\0b"), row("one", replaced)),
        Case::rows("encoding: control characters", bytes(b"a\x1bb"), row("one", replaced)),
        Case::rows(
            "encoding: a character that XML has not",
            bytes("a\u{ffff}b".as_bytes()),
            row("one", replaced),
        ),
        Case::rows("encoding: a sequence without its end", bytes(b"a\xc3b"), row("one", replaced)),
        Case::rows(
            "encoding: a sequence that is too long",
            bytes(b"a\xc0\xafb"),
            row("one", "a\u{fffd}\u{fffd}b"),
        ),
        Case::rows(
            "encoding: a surrogate",
            bytes(b"a\xed\xa0\x80b"),
            row("one", "a\u{fffd}\u{fffd}\u{fffd}b"),
        ),
        Case::rows(
            "encoding: beyond Unicode",
            bytes(b"a\xf5\x80\x80\x80b"),
            row("one", "a\u{fffd}\u{fffd}\u{fffd}\u{fffd}b"),
        ),
        Case::rows("encoding: an escape in C1", bytes("a\u{9b}2Jb".as_bytes()), row("one", "a\u{9b}2Jb")),
        Case::rows("encoding: ISO-8859-1", said("ISO-8859-1", b"gr\xfcn"), row("one", "gr\u{fc}n")),
        Case::rows("encoding: windows-1252", said("windows-1252", b"\x80 5"), row("one", "\u{20ac} 5")),
        Case::error("encoding: EBCDIC", said("IBM037", b"Ada"), "encoded in"),
        Case::error("encoding: UTF-7", said("UTF-7", b"+AGE-"), "encoded in"),
        Case::error("encoding: Shift_JIS", said("Shift_JIS", b"\x82\xa0"), "encoded in"),
        Case::error("encoding: with escape sequences", said("\u{1b}[2J", b"Ada"), ""),
        Case::rows("encoding: UTF-16 is said, UTF-8 is there", said("UTF-16", b"Ada"), row("one", "Ada")),
    ]
}

fn repeated() -> Vec<Case> {
    let of = |elements: &str| Answer::good(users(&user_with("one", elements)));
    vec![
        // Which of the two is right cannot be known: the record is rejected.
        Case::rows("repeated: a name", of("<USER_LOGIN>two</USER_LOGIN>"), vec![]),
        Case::rows(
            "repeated: the element around a name",
            of(
                "<CONTACT_INFO><FIRSTNAME>Ada</FIRSTNAME></CONTACT_INFO><CONTACT_INFO><FIRSTNAME>Bo</FIRSTNAME></CONTACT_INFO>",
            ),
            vec![],
        ),
        Case::rows(
            "repeated: a user",
            Answer::good(users(&(user("one", "Ada") + &user("one", "Ada")))),
            row("one", "Ada"),
        ),
        Case::rows(
            "repeated: a user who differs",
            Answer::good(users(&(user("one", "Ada") + &user("one", "Bo")))),
            [row("one", "Ada"), row("one", "Bo")].concat(),
        ),
        Case::rows(
            "repeated: the list",
            Answer::good(format!(
                "<USER_LIST_OUTPUT><USER_LIST>{}</USER_LIST><USER_LIST>{}</USER_LIST></USER_LIST_OUTPUT>",
                user("one", "Ada"),
                user("two", "Bo")
            )),
            two_rows(),
        ),
        Case::rows(
            "a user in a user",
            Answer::good(users(&user_with("one", &user("two", "Bo")))),
            vec![json!({ "username": "one" })],
        ),
    ]
}
