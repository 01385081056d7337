use proptest::prelude::*;

use super::*;

/// What no output may have.
const CANARY: &str = "Zq7";

fn names() -> Vec<String> {
    ["LOGIN_PASSWORD", "externalId", "arn"].map(str::to_owned).into()
}

/// What is kept of it where it comes in pieces of these sizes, over and over, and what was counted.
fn pieces(body: &[u8], sizes: &[usize]) -> (Vec<u8>, Vec<(String, u64)>) {
    let (mut blanker, mut out, mut rest) = (Blanker::new(&names()), Vec::new(), body);
    for size in sizes.iter().cycle().take_while(|_| !sizes.is_empty()) {
        if rest.is_empty() {
            break;
        }
        let (piece, after) = rest.split_at((*size).clamp(1, rest.len()));
        blanker.pass(piece, &mut out);
        rest = after;
    }
    blanker.pass(rest, &mut out);
    blanker.end(&mut out);
    let counts = blanker.counts().map(|(name, times)| (name.to_owned(), times)).collect();
    (out, counts)
}

fn shown(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn blanked(body: &str) -> String {
    let (out, _) = pieces(body.as_bytes(), &[]);
    assert_eq!(pieces(body.as_bytes(), &[1]).0, out, "in pieces: {body}");
    assert_eq!(pieces(&out, &[]).0, out, "twice: {body}");
    String::from_utf8(out).expect("it was text")
}

fn check(cases: &[(&str, &str)]) {
    for (body, expected) in cases {
        assert_eq!(blanked(body), *expected, "{body}");
    }
}

#[test]
fn the_value_of_an_element_is_blanked_whatever_is_in_it() {
    check(&[
        (
            "<A><LOGIN_PASSWORD>x</LOGIN_PASSWORD><B>1</B></A>",
            "<A><LOGIN_PASSWORD>[blanked]</LOGIN_PASSWORD><B>1</B></A>",
        ),
        (
            "<A><LOGIN_PASSWORD><![CDATA[x</LOGIN_PASSWORD>]]>y</LOGIN_PASSWORD></A>",
            "<A><LOGIN_PASSWORD>[blanked]</LOGIN_PASSWORD></A>",
        ),
        (
            "<A><LOGIN_PASSWORD>&#120;&amp;<!-- x --><?p x?>x</LOGIN_PASSWORD ></A>",
            "<A><LOGIN_PASSWORD>[blanked]</LOGIN_PASSWORD ></A>",
        ),
        (
            "<A><LOGIN_PASSWORD><L>root</L><LOGIN_PASSWORD>x</LOGIN_PASSWORD>y<E/></LOGIN_PASSWORD>z</A>",
            "<A><LOGIN_PASSWORD>[blanked]</LOGIN_PASSWORD>z</A>",
        ),
        (
            "<q:A xmlns:q='u'><q:arn q:t='x' xmlns:r=\"v\">x</q:arn></q:A>",
            "<q:A xmlns:q='u'><q:arn q:t='[blanked]' xmlns:r=\"v\">[blanked]</q:arn></q:A>",
        ),
        ("<A EXTERNALID = \"x&quot;>\" b='1'/>", "<A EXTERNALID = \"[blanked]\" b='1'/>"),
        (
            "<A><LOGIN_PASSWORD/><arn></arn><arn\n/><arn x=''></arn></A>",
            "<A><LOGIN_PASSWORD/><arn></arn><arn\n/><arn x=''></arn></A>",
        ),
        (
            "<A>\n<!DOCTYPE A SYSTEM 'x.dtd'><warning>arn:aws \"arn\" LOGIN_PASSWORD</warning></A>",
            "<A>\n<!DOCTYPE A SYSTEM 'x.dtd'><warning>arn:aws \"arn\" LOGIN_PASSWORD</warning></A>",
        ),
    ]);
}

#[test]
fn what_is_blanked_is_counted_by_name() {
    let (_, counts) = pieces(b"<A arn='x'><EXTERNALID>x</EXTERNALID><arn>y</arn></A>", &[]);
    assert_eq!(counts, [("externalId".to_owned(), 1), ("arn".to_owned(), 2)]);
    assert!(pieces(b"<A><B/></A>", &[]).1.is_empty());
}

#[test]
fn markup_within_texts_is_blanked_to_the_end_of_the_text() {
    check(&[
        ("<A><![CDATA[<arn>x</arn>]]><B>1</B></A>", "<A><![CDATA[<arn>[blanked]]]><B>1</B></A>"),
        ("<A><!-- <arn>x</arn> --><B>1</B></A>", "<A><!-- <arn>[blanked]--><B>1</B></A>"),
        (
            "<A>&lt;q:arn&gt;x&lt;/q:arn&gt;<B c='1&#x3C;arn z'/></A>",
            "<A>&lt;q:arn&gt;[blanked]<B c='1&#x3C;arn [blanked]'/></A>",
        ),
        ("<A>&amp;lt;arn&amp;gt;x</A>", "<A>&amp;lt;arn&amp;gt;[blanked]</A>"),
        (
            "<A>{\"arn\" : \"x\"}</A><B>&quot;arn&quot;: x</B>",
            "<A>{\"arn\" :[blanked]</A><B>&quot;arn&quot;:[blanked]</B>",
        ),
        (r#"{"a":"<arn>x</arn>","b":1}"#, r#"{"a":"<arn>[blanked]","b":1}"#),
        (
            r#"{"a":"{\"arn\":\"x\"}","b":"\u003carn\u003ex"}"#,
            r#"{"a":"{\"arn\":[blanked]","b":"\u003carn\u003e[blanked]"}"#,
        ),
    ]);
}

#[test]
fn the_value_of_a_member_is_blanked_whatever_it_is() {
    check(&[
        (r#"{"externalId":"x\"y\\","b":"z"}"#, r#"{"externalId":"[blanked]","b":"z"}"#),
        (
            r#"[{"external\u0049d" : 12.5e3 ,"a":[1,"arn"]}]"#,
            r#"[{"external\u0049d" : "[blanked]" ,"a":[1,"arn"]}]"#,
        ),
        (r#"{"arn":{"arn":"x","b":["]",{}]},"c":true}"#, r#"{"arn":"[blanked]","c":true}"#),
        (r#"{"arn":["x",{"y":1}],"ARN":false}"#, r#"{"arn":"[blanked]","ARN":"[blanked]"}"#),
        (r#"{"arn":null,"externalId":"","c":null}"#, r#"{"arn":null,"externalId":"","c":null}"#),
        ("{\"arn\":1}\n{\"arn\":2}", "{\"arn\":\"[blanked]\"}\n{\"arn\":\"[blanked]\"}"),
        (r#"{"learn":"arn","arns":1}"#, r#"{"learn":"arn","arns":1}"#),
    ]);
}

#[test]
fn what_cannot_be_read_is_blanked_from_the_first_name_on() {
    check(&[
        ("<A><LOGIN_PASSWORD>x", "<A><LOGIN_PASSWORD>[blanked]"),
        ("<A><LOGIN_PASSWORD>x</B><C>y</C>", "<A><LOGIN_PASSWORD>[blanked]"),
        ("<A><LOGIN_PASSWORD selected>x", "<A><LOGIN_PASSWORD selected[blanked]"),
        ("<A><LOGIN_PASSWORD a=x>y", "<A><LOGIN_PASSWORD a=[blanked]"),
        ("<A arn=x>y", "<A arn=[blanked]"),
        ("<arn xmlns=\"'u' d=\"x\">y", "<arn xmlns=\"[blanked]"),
        ("<A arn=\"x\" y\" b=\"1\"/>", "<A arn=\"[blanked]\" [blanked]"),
        ("<A arn=\"x\"y\" b=\"1\"/>", "<A arn=\"[blanked]\"[blanked]"),
        ("<A b=\"'1 arn=\"x\"/>", "<A b=\"'1 arn=[blanked]\"[blanked]"),
        ("{\"arn\":\"x\"y\"}", "{\"arn\":\"[blanked]\"[blanked]"),
        ("{\"arn\":\"x\", y\"}", "{\"arn\":\"[blanked]\", [blanked]"),
        ("{\"arn\":\"x\", y, \"b\": 1}", "{\"arn\":\"[blanked]\", [blanked]"),
        ("<?p <B arn=\"x\"/>", "<?p <B arn=[blanked]"),
        ("<p>learn<br checked><arn>x", "<p>learn<br checked><arn[blanked]"),
        ("<!--><arn>x", "<!--><arn>[blanked]"),
        ("<A b=\"1><arn>x</arn>", "<A b=\"1><arn[blanked]"),
        ("<A b=1 c=\"\"><!LOGIN_PASSWORD x", "<A b=1 c=\"\"><!LOGIN_PASSWORD[blanked]"),
        ("<!DOCTYPE A [<!ENTITY p \"x\">]><A>&p;</A>", "<!DOCTYPE A [blanked]"),
        ("ID,LOGIN_PASSWORD\n1,x", "ID,LOGIN_PASSWORD[blanked]"),
        ("{externalId: 'x'}", "{externalId[blanked]"),
        ("{\"a\": \"b\"c\", \"externalId\": \"x\"}", "{\"a\": \"b\"c\", \"externalId[blanked]"),
        ("{\"a\": 1,, \"extern\\u0061lId\": \"x\"}", "{\"a\": 1,, \"extern\\u0061lId[blanked]"),
        ("{\"externalId\" \"x\"}", "{\"externalId\" \"[blanked]\""),
        ("{\"externalId\": x}", "{\"externalId\": \"[blanked]\""),
        ("{\"externalId\": [\"a\"}, \"x\"]", "{\"externalId\": \"[blanked]\""),
        ("{\"a\\u00zz\": 1}", "{\"a\\u00zz\": 1}"),
        ("no such page", "no such page"),
    ]);
}

#[test]
fn charsets_of_one_and_two_bytes_are_read() {
    let body = "<?xml version='1.0'?><A>é<arn>пароль €</arn>ж</A>";
    let expected = body.replace("пароль €", MARK);
    for order in [u16::to_le_bytes, u16::to_be_bytes] {
        let wide = |text: &str| text.encode_utf16().flat_map(order).collect::<Vec<u8>>();
        for mark in ["", "\u{feff}"] {
            let sent = wide(&format!("{mark}{body}"));
            let kept = wide(&format!("{mark}{expected}"));
            for sizes in [&[][..], &[1], &[3]] {
                assert_eq!(pieces(&sent, sizes).0, kept);
            }
        }
        let json = wide("{\"arn\":\"é\"} ");
        assert_eq!(pieces(&json, &[]).0, wide("{\"arn\":\"[blanked]\"} "));
    }
    let latin = b"<A>\xe9<arn>\xe4</arn>\xdf</A>";
    assert_eq!(pieces(latin, &[]).0, b"<A>\xe9<arn>[blanked]</arn>\xdf</A>");
    let marked = "\u{feff} <A><arn>x</arn></A>";
    assert_eq!(blanked(marked), "\u{feff} <A><arn>[blanked]</arn></A>");
    // UTF-32 is not read, but a name is seen.
    let wider: Vec<u8> = "<A><arn>x</arn>".chars().flat_map(|it| u32::from(it).to_le_bytes()).collect();
    let (kept, counts) = pieces(&wider, &[]);
    assert!(!kept.contains(&b'x') && counts.len() == 1);
}

#[test]
fn names_that_cannot_be_looked_for_are_refused() {
    let checked = |names: &[&str]| check_names(&names.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>());
    assert_eq!(checked(&["LOGIN_PASSWORD", "api-key", "_x.y"]), Ok(()));
    for wrong in ["", "1a", "a b", "a:b", "é", "<a>", &"a".repeat(65)] {
        assert_eq!(checked(&[wrong]), Err(NameError::NotAName(wrong.to_owned())));
    }
    assert_eq!(checked(&["arn", "ARN"]), Err(NameError::Twice("ARN".to_owned())));
    let many: Vec<String> = (0..=MOST_NAMES).map(|it| format!("n{it}")).collect();
    assert_eq!(check_names(&many), Err(NameError::TooMany));
}

#[test]
fn without_names_all_passes() {
    let (mut blanker, mut out) = (Blanker::new(&[]), Vec::new());
    blanker.pass(b"<A><arn>", &mut out);
    blanker.pass(b"x</arn>", &mut out);
    blanker.end(&mut out);
    assert_eq!((out.as_slice(), blanker.total()), (&b"<A><arn>x</arn>"[..], 0));
}

/// A document, and what is to be kept of it.
fn document(is_json: bool) -> impl Strategy<Value = (String, String)> {
    let parts = prop::collection::vec((0..10_usize, 0..5_usize), 0..12);
    parts.prop_map(move |parts| {
        let (mut sent, mut kept) = (String::new(), String::new());
        for (at, (part, value)) in parts.into_iter().enumerate() {
            let comma = if at > 0 { "," } else { "" };
            let (before, secret, after, mark) =
                if is_json { member(part, value) } else { element(part, value) };
            let comma = if is_json { comma } else { "" };
            sent += &format!("{comma}{before}{secret}{after}");
            kept += &format!("{comma}{before}{mark}{after}");
        }
        if is_json {
            (format!("{{{sent}}}"), format!("{{{kept}}}"))
        } else {
            (format!("<A>{sent}</A>"), format!("<A>{kept}</A>"))
        }
    })
}

type Part = (&'static str, &'static str, &'static str, &'static str);

fn element(part: usize, value: usize) -> Part {
    let secret = [
        "Zq7",
        "<![CDATA[Zq7</arn>]]>",
        "&#90;Zq7<!-- Zq7 -->",
        "<L a='Zq7'/>Zq7<arn>Zq7</arn>",
        "\n Zq7 ж<?Zq7?>",
    ][value];
    let text = ["Zq7", "&lt;Zq7", "Zq7 ж", "'Zq7'", "\nZq7>"][value];
    match part {
        0 => ("<LOGIN_PASSWORD>", secret, "</LOGIN_PASSWORD>", MARK),
        1 => ("<x:externalId\n>", secret, "</x:externalId >", MARK),
        2 => ("<B c='1' arn=\"", text, "\"/>", MARK),
        3 => ("<arn xmlns='u' d = \"", text, "\"/>", MARK),
        4 => ("<![CDATA[ <arn>", "Zq7</arn>", "]]>", MARK),
        5 => ("<!-- a - <arn>", "Zq7</arn>", "-->", MARK),
        6 => ("<C>warning &amp; \"arn\" é</C>", "", "", ""),
        7 => ("<?learn <b?><D e='>'/>", "", "", ""),
        8 => ("&lt;LOGIN_PASSWORDS x&gt;<arn/>", "", "", ""),
        _ => ("<arn></arn> learn<E><![CDATA[]]]]></E>", "", "", ""),
    }
}

fn member(part: usize, value: usize) -> Part {
    let text = ["Zq7", "Zq7\\\"Zq7", "\\u005aZq7\\\\", "Zq7 ж", "{Zq7"][value];
    let other = ["[\"Zq7\"]", "{\"Zq7\":[{\"arn\":\"Zq7\"}]}", "[[],{},\"]Zq7\"]", "{}", "[1,2]"][value];
    match part {
        0 => ("\"externalId\":\"", text, "\"", MARK),
        1 => ("\"\\u0061rn\" : \"", text, "\" ", MARK),
        2 => ("\"LOGIN_PASSWORD\":", other, "", "\"[blanked]\""),
        3 => ("\"arn\": ", "-7.25e-7", " ", "\"[blanked]\""),
        4 => ("\"arn\":", "true", "", "\"[blanked]\""),
        5 => ("\"a\":\"<arn>", text, "\"", MARK),
        6 => ("\"b\":[\"arn\",{\"c\":null}]", "", "", ""),
        7 => ("\"learn\":\"arn: é\\n\"", "", "", ""),
        8 => ("\"arn\":null", "", "", ""),
        _ => ("\"d\" :\t{\"e\":-1.5,\"externalId\":\"\"}", "", "", ""),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, max_global_rejects: 100_000, ..ProptestConfig::default() })]

    #[test]
    fn only_values_are_blanked_in_pieces_of_any_size(
        (sent, kept) in any::<bool>().prop_flat_map(document), sizes in prop::collection::vec(1..9_usize, 0..8), wide in 0..3_u8,
    ) {
        let encode = |text: &str| -> Vec<u8> {
            match wide {
                0 => text.as_bytes().to_vec(),
                1 => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
                _ => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            }
        };
        let (out, _) = pieces(&encode(&sent), &sizes);
        prop_assert_eq!(shown(&out), shown(&encode(&kept)));
    }

    #[test]
    fn a_document_that_is_cut_or_damaged_shows_nothing_of_a_value(
        (sent, _) in any::<bool>().prop_flat_map(document), at in any::<prop::sample::Index>(),
        junk in prop::sample::select("<>&\"'/=!?[]{}:,- \\x".chars().collect::<Vec<_>>()), cut in any::<bool>(),
    ) {
        let mut damaged = sent.clone();
        let at = at.index(sent.len());
        prop_assume!(sent.is_char_boundary(at));
        if cut {
            damaged.truncate(at);
        } else {
            // A name that is damaged is another one; so is an element that ends where it began, or a start that became an end.
            let is_of_name = names().iter().any(|name| {
                [name.clone(), name.replace('a', "\\u0061")].iter().any(|name| sent.match_indices(name.as_str()).any(|(start, _)| (start.saturating_sub(2)..=start + name.len() + 1).contains(&at)))
            });
            prop_assume!(!is_of_name);
            damaged.insert(at, junk);
        }
        let (out, _) = pieces(damaged.as_bytes(), &[]);
        let out = String::from_utf8_lossy(&out).into_owned();
        prop_assert!(!out.contains(CANARY), "{}\n{}", damaged, out);
        prop_assert_eq!(String::from_utf8_lossy(&pieces(damaged.as_bytes(), &[1]).0).into_owned(), out.clone());
        prop_assert_eq!(String::from_utf8_lossy(&pieces(out.as_bytes(), &[]).0).into_owned(), out);
    }

    #[test]
    fn pieces_change_nothing_whatever_comes(
        parts in prop::collection::vec(prop::sample::select(vec![
            "<", ">", "</", "/>", "arn", "LOGIN_PASSWORD", "externalId", "<arn>", "</arn>", "\"", "'", "=", "<!--", "-->", "<![CDATA[", "]]>",
            "<?", "?>", "&lt;", "&#60;", "&", ";", "{", "}", "[", "]", ":", ",", "\\", "\\u0061", " ", "x", "null", "1", "\"arn\":", "é", "\0", "<!DOCTYPE ",
        ]), 0..40),
        sizes in prop::collection::vec(1..7_usize, 1..8),
    ) {
        let body = parts.concat();
        let whole = pieces(body.as_bytes(), &[]);
        prop_assert_eq!(pieces(body.as_bytes(), &sizes), whole.clone());
        let again = pieces(&whole.0, &[]).0;
        prop_assert_eq!(String::from_utf8_lossy(&again), String::from_utf8_lossy(&whole.0));
    }
}
