use std::time::Instant;

use bytes::BytesMut;
use proptest::prelude::*;

use super::super::basic;
use super::*;

fn secret(text: &str) -> Secret {
    Secret::from(text.to_owned())
}

/// What becomes of a body that comes in pieces of these sizes, the rest in one.
fn passed(echo: &Echo, body: &[u8], sizes: &[usize]) -> (Vec<u8>, u64) {
    let (mut filter, mut out, mut rest) = (echo.filter(), BytesMut::new(), body);
    for size in sizes {
        let (piece, after) = rest.split_at(rest.len().min(*size));
        filter.pass(piece, &mut out);
        rest = after;
    }
    filter.pass(rest, &mut out);
    filter.end(&mut out);
    (out.to_vec(), filter.found())
}

/// The same, the slow way: byte by byte over the whole body.
fn replaced(echo: &Echo, body: &[u8]) -> (Vec<u8>, u64) {
    let at = |start: usize| echo.0.all().iter().filter(move |it| body[start..].starts_with(&it.bytes));
    let mut covered = vec![false; body.len()];
    for start in 0..body.len() {
        at(start).for_each(|it| covered[start..start + it.bytes.len()].fill(true));
    }
    let (mut out, mut found) = (BytesMut::new(), 0);
    for (index, byte) in body.iter().enumerate() {
        if !covered[index] {
            out.extend([*byte]);
        } else if index == 0 || !covered[index - 1] {
            let mark = at(index).min_by_key(|it| (it.bytes.len(), it.mark)).expect("one begins here").mark;
            mark.write(&mut out);
            found += 1;
        }
    }
    (out.to_vec(), found)
}

#[test]
fn a_secret_is_replaced_in_every_form_that_it_comes_back_in() {
    let (user, password) = (secret("acme_ps1"), secret("p<ss \"w&rd/é'+~"));
    let echo = Echo::of_basic(&user, &password);
    let value = basic(&user, &password).expect("a header");
    let value = value.to_str().expect("text");
    for (body, expected) in [
        ("wrong password: p<ss \"w&rd/é'+~.", "wrong password: [redacted]."),
        ("<E>p&lt;ss \"w&amp;rd/é'+~</E>", "<E>[redacted]</E>"),
        ("<E a=\"p&lt;ss &quot;w&amp;rd/é&apos;+~\"/>", "<E a=\"[redacted]\"/>"),
        ("p&lt;ss &#34;w&amp;rd/é&#39;+~", "[redacted]"),
        (r#"{"a":"p<ss \"w&rd/é'+~"}"#, r#"{"a":"[redacted]"}"#),
        (r#"{"a":"p<ss \"w&rd\/\u00e9'+~"}"#, r#"{"a":"[redacted]"}"#),
        (r#"{"a":"p\u003css \"w\u0026rd/é'+~"}"#, r#"{"a":"[redacted]"}"#),
        (r#"{"a":"p\u003Css \u0022w\u0026rd/\u00E9\u0027\u002B~"}"#, r#"{"a":"[redacted]"}"#),
        ("?a=p%3Css%20%22w%26rd%2F%C3%A9%27%2B~&b", "?a=[redacted]&b"),
        ("a=p%3css+%22w%26rd%2f%c3%a9%27%2b%7e", "a=[redacted]"),
        ("p%3Css%20%22w%26rd%2F%C3%A9'%2B~", "[redacted]"),
        ("cDxzcyAidyZyZC/DqScrfg==", "[redacted]=="),
        ("cDxzcyAidyZyZC_DqScrfg", "[redacted]"),
        ("cDxzcyAidyZyZC%2FDqScrfg%3D%3D", "[redacted]%3D%3D"),
    ] {
        assert_eq!(echo.redact(body), (expected.to_owned(), 1), "{body}");
    }
    let (said, found) = echo.redact(&format!("Authorization: {value} acme_ps1"));
    let padding = "=".repeat(value.len() - value.trim_end_matches('=').len());
    assert_eq!((said, found), (format!("Authorization: Basic [redacted]{padding} acme_ps1"), 1));
}

#[test]
fn it_is_found_in_other_charsets_and_what_is_around_it_stays_readable() {
    for password in ["correct-horse", "café-au-lait", "пароль-длинный"] {
        let echo = Echo::of([&secret(password)]);
        let text = |secret: &str| format!("<A>é {secret} ж</A>");
        for order in [u16::to_le_bytes, u16::to_be_bytes] {
            let wide = |text: &str| text.encode_utf16().flat_map(order).collect::<Vec<u8>>();
            let (body, expected) = (wide(&text(password)), wide(&text(MARK)));
            assert_eq!(passed(&echo, &body, &[]), (expected, 1), "{password}");
        }
    }
    let latin = b"<A>caf\xe9-au-lait \xe4</A>";
    let echo = Echo::of([&secret("café-au-lait")]);
    assert_eq!(passed(&echo, latin, &[]), (b"<A>[redacted] \xe4</A>".to_vec(), 1));
}

#[test]
fn a_short_secret_is_found_with_its_user_name_only() {
    let echo = Echo::of_basic(&secret("acme_ps1"), &secret("secret"));
    let body = "secret c2VjcmV0 YWNtZV9wczE6c2VjcmV0";
    assert_eq!(echo.redact(body), ("secret c2VjcmV0 [redacted]".to_owned(), 1));
    assert_eq!(Echo::of_basic(&secret("a"), &secret("b")).redact("YTpi"), ("YTpi".to_owned(), 0));
    assert_eq!(Echo::of([&secret("1234567")]).redact("12345678"), ("12345678".to_owned(), 0));
    assert_eq!(Echo::of([&secret("12345678")]).redact("12345678"), (MARK.to_owned(), 1));
}

#[test]
fn secrets_that_overlap_leave_nothing() {
    let echo = Echo::of([&secret("abababab"), &secret("babababa-tail")]);
    assert_eq!(echo.redact("<abababab>"), ("<[redacted]>".to_owned(), 1));
    assert_eq!(echo.redact("<abababababa>"), ("<[redacted]a>".to_owned(), 1));
    assert_eq!(echo.redact("<abababababa-tail>"), ("<[redacted]>".to_owned(), 1));
    assert_eq!(echo.redact("<abababababababab>"), ("<[redacted]>".to_owned(), 1));
}

#[test]
fn what_cannot_begin_a_secret_is_passed_on_at_once() {
    let mut filter = Echo::of([&secret("open-sesame")]).filter();
    let mut out = BytesMut::new();
    filter.pass(b"<HOST>open", &mut out);
    assert_eq!(&out[..], b"<HOST>");
    filter.pass(b" house", &mut out);
    assert_eq!(&out[..], b"<HOST>open house");
    filter.pass(b" open-sesam", &mut out);
    assert_eq!(&out[..], b"<HOST>open house ");
    filter.end(&mut out);
    assert_eq!((&out[..], filter.found()), (&b"<HOST>open house open-sesam"[..], 0));
}

#[test]
fn it_shows_nothing() {
    let echo = Echo::of_basic(&secret("acme_ps1"), &secret("open-sesame"));
    assert_eq!(format!("{echo:?}"), "Echo { .. }");
}

/// A hundred megabytes of a report. Run with `--ignored --nocapture`: it prints how long that takes.
#[test]
#[ignore = "a measurement"]
fn what_it_costs() {
    let echo = Echo::of_basic(&secret("acme_ps1"), &secret("canary-7f3a-Passw0rd-e91c"));
    let host = "<HOST>\n<ID>3107391</ID>\n<IP>10.10.24.7</IP>\n<DNS><![CDATA[host-1.acme.example]]></DNS>\n</HOST>\n";
    let piece = host.repeat((16 << 10) / host.len());
    let (mut filter, mut out, mut bytes) = (echo.filter(), BytesMut::new(), 0);
    let began = Instant::now();
    while bytes < 100_000_000 {
        filter.pass(piece.as_bytes(), &mut out);
        bytes += piece.len();
        out.clear();
    }
    println!("{} forms, {bytes} bytes: {:?}", echo.0.all().len(), began.elapsed());
}

proptest! {
    #[test]
    fn pieces_of_any_size_give_what_the_whole_gives(
        parts in prop::collection::vec(prop::sample::select(vec![
            "abababab", "abab", "a", "b", "-", "babababa-tail", "-tail", "YWJhYmFiYWI", "YWJh",
            "a\0b\0a\0b\0a\0b\0a\0b", "\0", "a\0b\0", "quite another text ", "%", "&amp;",
        ]), 0..40),
        sizes in prop::collection::vec(0_usize..12, 0..60),
    ) {
        let echo = Echo::of_basic(&secret("abab"), &secret("abababab"));
        let other = Echo::of([&secret("abababab"), &secret("babababa-tail")]);
        let body = parts.concat();
        for echo in [echo, other] {
            let whole = replaced(&echo, body.as_bytes());
            prop_assert_eq!(passed(&echo, body.as_bytes(), &sizes), whole.clone());
            prop_assert_eq!(passed(&echo, body.as_bytes(), &vec![1; body.len()]), whole);
        }
    }
}
