//! Where a body ends: lengths, chunks, and connections that end before it does.

use crate::case::Case;
use crate::documents::{two, two_rows};
use crate::server::Answer;

/// Places in a whole answer at which a connection ends.
const PLACES: usize = 24;

pub(crate) fn cases() -> Vec<Case> {
    [lengths(), coded(), chunks(), ends()].into_iter().flatten().collect()
}

/// Two users after this head.
fn headed(headers: &str) -> Answer {
    Answer::raw(format!("HTTP/1.1 200 OK\r\n{headers}\r\n")).and(two())
}

fn lengths() -> Vec<Case> {
    let length = two().len();
    let said = |said: &str| headed(&format!("content-length: {said}\r\n"));
    let early = "broke off";
    let wrong = "gave no answer";
    let mut cases = vec![
        Case::error("length: one byte more than there is", said(&(length + 1).to_string()).close(), early),
        Case::error("length: a terabyte more than there is", said("1099511627776").close(), early),
        Case::error("length: the largest number", said("18446744073709551614").close(), wrong),
        Case::error("length: larger than any number", said("18446744073709551616").close(), wrong),
        Case::error("length: a thousand digits", said(&"9".repeat(1_000)).close(), wrong),
        Case::error(
            "length: half of what there is",
            said(&(length / 2).to_string()).close(),
            "not well-formed",
        ),
        Case::error("length: nothing", said("0").close(), "empty answer"),
        Case::error("length: below zero", said("-1").close(), wrong),
        Case::error("length: with a sign", said(&format!("+{length}")).close(), wrong),
        Case::error("length: hexadecimal", said(&format!("0x{length:x}")).close(), wrong),
        Case::error("length: without a number", said("").close(), wrong),
        Case::error("length: a word", said("all").close(), wrong),
        Case::error("length: two numbers with a blank", said(&format!("{length} {length}")).close(), wrong),
        Case::error("length: with a fraction", said(&format!("{length}.0")).close(), wrong),
    ];
    let twice = |first: usize, second: usize| {
        headed(&format!("content-length: {first}\r\ncontent-length: {second}\r\n")).close()
    };
    cases.extend([
        Case::rows("length: said twice", twice(length, length), two_rows()),
        Case::error("length: said twice, first longer", twice(length + 1, length), wrong),
        Case::error("length: said twice, first shorter", twice(length - 1, length), wrong),
        Case::rows("length: with zeros before it", said(&format!("000{length}")), two_rows()),
        Case::rows("length: with blanks around it", said(&format!(" \t{length} \t")), two_rows()),
        Case::rows("length: none, to the end of the connection", headed("").close(), two_rows()),
        Case::rows("length: followed by other bytes", said(&length.to_string()).and("and more"), two_rows()),
        Case::rows(
            "length: followed by another answer",
            said(&length.to_string()).and(headed("").bytes()),
            two_rows(),
        ),
    ]);
    cases
}

/// The body in chunks of this size.
fn chunked(size: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    for chunk in two().as_bytes().chunks(size) {
        bytes.extend(format!("{:x}\r\n", chunk.len()).bytes());
        bytes.extend(chunk);
        bytes.extend(b"\r\n");
    }
    bytes
}

/// The body in chunks whose sizes have letters.
fn capitals() -> Vec<u8> {
    let chunks = two().into_bytes();
    let chunks = chunks.chunks(0xa);
    chunks.flat_map(|it| [format!("{:X}\r\n", it.len()).as_bytes(), it, b"\r\n"].concat()).collect()
}

fn transfer(coding: &str) -> Answer {
    Answer::raw(format!("HTTP/1.1 200 OK\r\n{coding}\r\n"))
}

/// Bytes in place of the chunks.
fn in_chunks() -> Answer {
    transfer("transfer-encoding: chunked\r\n")
}

fn coded() -> Vec<Case> {
    let whole = || [chunked(1_000), b"0\r\n\r\n".to_vec()].concat();
    let with = |lines: &str| transfer(lines).and(whole()).close();
    let length = two().len();
    vec![
        Case::rows("transfer: chunked", with("transfer-encoding: chunked\r\n"), two_rows()),
        Case::rows("transfer: chunked, in capitals", with("TRANSFER-ENCODING: CHUNKED\r\n"), two_rows()),
        Case::rows(
            "transfer: chunked, and a length that is too small",
            with("transfer-encoding: chunked\r\ncontent-length: 5\r\n"),
            two_rows(),
        ),
        Case::rows(
            "transfer: chunked, after a length that is too large",
            with("content-length: 1000000\r\ntransfer-encoding: chunked\r\n"),
            two_rows(),
        ),
        Case::error("transfer: gzip", with("transfer-encoding: gzip\r\n"), "not XML"),
        Case::error("transfer: identity", with("transfer-encoding: identity\r\n"), ""),
        Case::error("transfer: a word that ends in chunked", with("transfer-encoding: xchunked\r\n"), ""),
        Case::error("transfer: chunked is not the last", with("transfer-encoding: chunked, gzip\r\n"), ""),
        Case::error(
            "transfer: a length, and chunks that are not announced",
            with(&format!("content-length: {}\r\n", length / 2)),
            "",
        ),
    ]
}

fn chunks() -> Vec<Case> {
    let early = "broke off";
    let rest = |bytes: &[u8]| in_chunks().and(bytes).close();
    let first = |line: &str| rest(&[line.as_bytes(), b"\r\n", two().as_bytes(), b"\r\n0\r\n\r\n"].concat());
    let length = two().len();
    let ended = |end: &str| rest(&[chunked(100), end.as_bytes().to_vec()].concat());
    vec![
        Case::rows("chunks: of one byte", rest(&[chunked(1), b"0\r\n\r\n".to_vec()].concat()), two_rows()),
        Case::rows(
            "chunks: sizes in capitals",
            rest(&[capitals(), b"0\r\n\r\n".to_vec()].concat()),
            two_rows(),
        ),
        Case::rows("chunks: sizes with zeros", first(&format!("0000{length:x}")), two_rows()),
        Case::rows("chunks: an extension", first(&format!("{length:x};name=\"value\"")), two_rows()),
        Case::rows("chunks: trailers", ended("0\r\nx-checksum: 1\r\nset-cookie: a=b\r\n\r\n"), two_rows()),
        Case::error("chunks: a size that is a word", first("all"), early),
        Case::error("chunks: a size below zero", first("-1"), early),
        Case::error("chunks: a size with 0x", first(&format!("0x{length:x}")), early),
        Case::error("chunks: no size", first(""), early),
        Case::error("chunks: a size larger than any number", first("fffffffffffffffff"), early),
        Case::error("chunks: the largest size", first("ffffffffffffffff"), ""),
        Case::rows(
            "chunks: a thousand zeros before a size",
            first(&format!("{}{length:x}", "0".repeat(1_000))),
            two_rows(),
        ),
        Case::error("chunks: a size without its end", rest(format!("{length:x}").as_bytes()), early),
        Case::error("chunks: a size that is one too large", first(&format!("{:x}", length + 1)), early),
        Case::error("chunks: a size that is one too small", first(&format!("{:x}", length - 1)), early),
        Case::error("chunks: no last one", ended(""), early),
        Case::error("chunks: half of the last one", ended("0\r\n"), early),
        Case::error("chunks: nothing but the last one", rest(b"0\r\n\r\n"), "empty answer"),
        Case::error(
            "chunks: lines that end in LF",
            rest(format!("{length:x}\n{}\n0\n\n", two()).as_bytes()),
            early,
        ),
        Case::error(
            "chunks: an extension of a megabyte",
            first(&format!("{length:x};{}", "a".repeat(1 << 20))),
            early,
        ),
        Case::error("chunks: an extension without end", in_chunks().and("5;").endless("a"), early),
        Case::error(
            "chunks: extensions of small chunks",
            in_chunks().times("1;aaaaaaaaaaaaaaaa\r\n \r\n", 100_000).close(),
            early,
        ),
        Case::error(
            "chunks: a hundred thousand trailers",
            in_chunks().and(chunked(100)).and("0\r\n").times("a: b\r\n", 100_000).and("\r\n").close(),
            early,
        ),
        Case::error(
            "chunks: trailers without end",
            in_chunks().and(chunked(100)).and("0\r\n").endless("a: b\r\n"),
            early,
        ),
        Case::error(
            "chunks: a trailer without end",
            in_chunks().and(chunked(100)).and("0\r\na: ").endless("b"),
            early,
        ),
    ]
}

fn ends() -> Vec<Case> {
    let whole = Answer::good(two()).bytes();
    let head = whole.windows(4).position(|it| it == b"\r\n\r\n").unwrap_or(0) + 4;
    let mut cases = Vec::new();
    for place in 0..PLACES {
        let at = whole.len() * place / PLACES;
        let says = if at < head { "gave no answer" } else { "broke off" };
        cases.push(Case::error(
            format!("end: closed after {at} bytes"),
            Answer::raw(&whole[..at]).close(),
            says,
        ));
        if place % 6 == 1 {
            cases.push(Case::error(
                format!("end: reset after {at} bytes"),
                Answer::raw(&whole[..at]).reset(),
                "",
            ));
        }
    }
    cases.push(Case::error(
        "end: closed before the last byte",
        Answer::raw(&whole[..whole.len() - 1]).close(),
        "broke off",
    ));
    cases.push(Case::rows("end: closed after the last byte", Answer::raw(&whole).close(), two_rows()));
    cases
}
