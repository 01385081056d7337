//! Bodies that are encoded for the way, or say that they are.

use crate::case::Case;
use crate::documents::{DECLARED, deflate, gzip, gzip_of, row, two, two_rows, user, zlib};
use crate::server::Answer;

/// Places in an encoded body at which it ends.
const PLACES: usize = 12;
/// Of zeros or blanks, in pieces of this size.
const PIECE: usize = 1 << 20;

pub(crate) fn cases() -> Vec<Case> {
    [names(), damaged(), members(), bombs()].into_iter().flatten().collect()
}

/// A body that is said to be encoded so.
fn said(coding: &str, body: impl AsRef<[u8]>) -> Answer {
    Answer::with("200 OK", &format!("content-type: text/xml\r\ncontent-encoding: {coding}\r\n"), body)
}

fn names() -> Vec<Case> {
    let taken: [(&str, Vec<u8>); 12] = [
        ("gzip", gzip(two())),
        ("GZip", gzip(two() + "<!-- a -->")),
        ("x-gzip", gzip(two() + "<!-- b -->")),
        ("deflate", zlib(two())),
        ("deflate", deflate(two())),
        ("identity", two().into_bytes()),
        ("", two().into_bytes()),
        (" \tgzip ", gzip(two())),
        (", gzip,", gzip(two())),
        ("identity, gzip", gzip(two())),
        ("gzip, identity", gzip(two())),
        ("gzip\r\ncontent-encoding: identity", gzip(two())),
    ];
    let mut cases: Vec<Case> = taken
        .into_iter()
        .enumerate()
        .map(|(number, (coding, body))| {
            Case::rows(format!("coding {number}: {coding:?}"), said(coding, body), two_rows())
        })
        .collect();
    let unknown = "which was not asked for";
    let long = "a".repeat(100 << 10);
    for coding in [
        "br",
        "zstd",
        "compress",
        "gzip;q=1",
        "gzip, gzip",
        "gzip, deflate",
        "chunked",
        "none",
        "gzip gzip",
        "*",
        "gr\u{fc}n",
        &long,
    ] {
        let shown: String = coding.chars().take(20).collect();
        cases.push(Case::error(
            format!("coding that is unknown: {shown:?}"),
            said(coding, gzip(two())),
            unknown,
        ));
    }
    cases.push(Case::error(
        "coding: gzip, said twice",
        said("gzip\r\ncontent-encoding: gzip", gzip(gzip(two()))),
        unknown,
    ));
    cases.push(Case::error("coding: gzip that is not said", Answer::good(gzip(two())), "not XML"));
    cases.push(Case::error(
        "coding: gzip within gzip that is said once",
        said("gzip", gzip(gzip(two()))),
        "not XML",
    ));
    cases
}

fn damaged() -> Vec<Case> {
    let whole = gzip(two());
    let mut cases = Vec::new();
    for place in 1..PLACES {
        let at = whole.len() * place / PLACES;
        cases.push(Case::error(
            format!("gzip that ends after {at} bytes"),
            said("gzip", &whole[..at]),
            "ends early",
        ));
    }
    let changed = |at: usize| {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x55;
        said("gzip", bytes)
    };
    let last = whole.len() - 1;
    let broken = "broke off";
    cases.extend([
        Case::error("gzip with another beginning", changed(0), broken),
        Case::error("gzip of another method", changed(2), broken),
        Case::error("gzip with all flags", changed(3), broken),
        Case::error("gzip with another byte in it", changed(whole.len() / 2), ""),
        Case::error("gzip with another sum", changed(last - 6), broken),
        Case::error("gzip with another length", changed(last), broken),
        Case::error("gzip that is XML", said("gzip", two()), broken),
        Case::error("gzip of nothing", said("gzip", gzip("")), "empty answer"),
        Case::error("gzip without a byte", said("gzip", ""), "empty answer"),
        Case::error("gzip of one byte", said("gzip", "\x1f"), broken),
        Case::error("gzip and other bytes", said("gzip", [&whole[..], b"and more"].concat()), broken),
        Case::error("gzip and zeros", said("gzip", [&whole[..], &[0; 512]].concat()), broken),
        Case::error("deflate that ends early", said("deflate", &zlib(two())[..40]), broken),
        Case::error("deflate of one byte", said("deflate", "\x78"), broken),
        Case::error("deflate that is XML", said("deflate", two()), broken),
        Case::error("deflate with another sum", said("deflate", [&zlib(two())[..], b"x"].concat()), broken),
    ]);
    cases
}

/// The head of a gzip member with these flags and fields.
fn member(flags: u8, fields: &[u8]) -> Vec<u8> {
    let plain = gzip(two());
    let mut head = plain[..10].to_vec();
    head[3] = flags;
    [&head, fields, &plain[10..]].concat()
}

fn members() -> Vec<Case> {
    let parts: Vec<u8> = two().as_bytes().chunks(50).flat_map(gzip).collect();
    let empty = gzip("").repeat(10_000);
    let extra = [&[0xff, 0xff][..], &[7; 0xffff]].concat();
    vec![
        Case::rows("gzip of several members", said("gzip", parts), two_rows()),
        Case::rows(
            "gzip of ten thousand empty members",
            said("gzip", [empty, gzip(two())].concat()),
            two_rows(),
        ),
        Case::rows("gzip with an extra field", said("gzip", member(4, &extra)), two_rows()),
        Case::rows("gzip with a name", said("gzip", member(8, b"../../etc/passwd\0")), two_rows()),
        Case::rows("gzip with a comment", said("gzip", member(16, b"\x1b[2J\0")), two_rows()),
        Case::error(
            "gzip with a name without end",
            Answer::raw("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\n")
                .and(&member(8, b"")[..10])
                .endless("a"),
            "",
        ),
        Case::error(
            "gzip of empty members without end",
            Answer::raw("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\n").endless(gzip("")),
            "broke off",
        ),
        Case::error(
            "gzip of empty blocks without end",
            Answer::raw("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\n")
                .and(&gzip("")[..10])
                .endless([0, 0, 0, 0xff, 0xff]),
            "broke off",
        ),
    ]
}

fn bombs() -> Vec<Case> {
    let list = |inside: &str| format!("{DECLARED}<USER_LIST_OUTPUT><USER_LIST>{inside}");
    let end = "</USER_LIST></USER_LIST_OUTPUT>";
    let zeros = vec![0; PIECE];
    let letters = vec![b'a'; PIECE];
    let blanks = vec![b' '; PIECE];
    let open =
        |text: &str| list(&format!("<USER><USER_LOGIN>one</USER_LOGIN><CONTACT_INFO><FIRSTNAME>{text}"));
    let close = format!("</FIRSTNAME></CONTACT_INFO></USER>{end}");
    let large = "is the limit";
    let bomb = |before: &str, piece: &[u8], times: usize, after: &str| {
        said("gzip", gzip_of(before, piece, times, after))
    };
    vec![
        Case::error("bomb: a gigabyte of zeros", bomb("", &zeros, 1_000, ""), ""),
        Case::error("bomb: a text of 300 MB", bomb(&open(""), &letters, 300, &close), large),
        Case::error(
            "bomb: a section of 300 MB",
            bomb(&open("<![CDATA["), &letters, 300, &format!("]]>{close}")),
            large,
        ),
        Case::error(
            "bomb: a comment of 300 MB",
            bomb(&list("<!--"), &letters, 300, &format!("-->{end}")),
            large,
        ),
        Case::error("bomb: a tag of 300 MB", bomb(&list("<USER"), &letters, 300, &format!("/>{end}")), large),
        Case::error("bomb: a document type of 300 MB", bomb("<!DOCTYPE a [", &letters, 300, "]>"), large),
        Case::error(
            "bomb: an attribute of 300 MB",
            bomb(&list("<USER a=\""), &letters, 300, &format!("\"/>{end}")),
            large,
        ),
        Case::error(
            "bomb: a processing instruction of 300 MB",
            bomb(&list("<?a "), &letters, 300, &format!("?>{end}")),
            large,
        ),
        Case::error(
            "bomb: tags of 300 MB",
            bomb(&list(""), "<a>".repeat(PIECE / 3).as_bytes(), 300, end),
            "nested too deeply",
        ),
        Case::error(
            "bomb: elements in a record of 300 MB",
            bomb(&list("<USER>"), "<a/>".repeat(PIECE / 4).as_bytes(), 300, end),
            "too many elements",
        ),
        Case::rows(
            "bomb: blanks of 30 MB between users",
            bomb(&list(""), &blanks, 30, &format!("{}{end}", user("one", "Ada"))),
            row("one", "Ada"),
        ),
        Case::error(
            "bomb: a megabyte of gzip, a thousand times",
            Answer::raw("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\n")
                .endless(gzip_of("", &zeros, 100, "")),
            "",
        ),
    ]
}
