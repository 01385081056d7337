//! What the reader makes of documents, good and bad.

use proptest::prelude::*;

use super::*;
use crate::contract::types::Error;
use crate::problem::malformed;

/// Takes `HOST` elements, and writes them down.
#[derive(Default)]
struct Hosts {
    root: String,
    seen: Vec<String>,
}

impl Handler for Hosts {
    fn root(&mut self, name: &str) -> Result<bool, Error> {
        self.root = name.to_owned();
        if name == "nonsense" { Err(malformed("nonsense")) } else { Ok(name != "html") }
    }

    fn wants(&self, name: &str) -> bool {
        name.eq_ignore_ascii_case("HOST")
    }

    fn element(&mut self, element: &Element<'_>) -> Result<(), Error> {
        self.seen.push(written(element));
        Ok(())
    }
}

fn written(element: &Element<'_>) -> String {
    let children: Vec<String> = element.children().map(|it| written(&it)).collect();
    match children.as_slice() {
        [] => format!("{}={}", element.name(), element.text()),
        children => format!("{}[{}]", element.name(), children.join(" ")),
    }
}

fn read_in(document: &[u8], size: usize) -> Result<(Vec<String>, bool), String> {
    let (mut reader, mut hosts) = (Reader::default(), Hosts::default());
    let message = |error: Error| error.problem().message.clone();
    for chunk in document.chunks(size) {
        reader.feed(chunk, &mut hosts).map_err(message)?;
    }
    reader.end(&mut hosts).map_err(message)?;
    Ok((hosts.seen, reader.repaired()))
}

/// What is read from a document, whole and byte by byte, which must be the same.
fn read(document: &str) -> Result<Vec<String>, String> {
    let whole = read_in(document.as_bytes(), usize::MAX);
    assert_eq!(whole, read_in(document.as_bytes(), 1), "in pieces");
    whole.map(|(seen, _)| seen)
}

/// What the first record of a document says is contradicted in it, after these were asked for.
#[derive(Default)]
struct Asked {
    path: Vec<&'static str>,
    got: Option<String>,
    contradiction: Option<String>,
}

impl Handler for Asked {
    fn root(&mut self, _: &str) -> Result<bool, Error> {
        Ok(true)
    }

    fn wants(&self, name: &str) -> bool {
        name == "HOST"
    }

    fn element(&mut self, element: &Element<'_>) -> Result<(), Error> {
        let (last, parents) = self.path.split_last().expect("a path");
        let parent = parents.iter().try_fold(*element, |it, name| it.child(name));
        self.got = parent.and_then(|it| it.get(last)).map(str::to_owned);
        self.contradiction = element.contradiction().map(str::to_owned);
        Ok(())
    }
}

#[test]
fn what_is_asked_for_and_stands_there_twice_with_other_contents_is_a_contradiction() {
    let many: String = (0..120).map(|it| format!("<A{it}/>")).collect();
    for (record, path, got, contradiction) in [
        ("<ID>1</ID><ID>2</ID>", &["ID"][..], Some("1"), Some("ID")),
        ("<ID>1</ID><OS/><id>2</id>", &["ID"], Some("1"), Some("ID")),
        ("<ID>1</ID><ID/>", &["ID"], Some("1"), Some("ID")),
        ("<ID/><ID>1</ID>", &["ID"], Some(""), Some("ID")),
        ("<ID>1</ID><ID> 1 </ID>", &["ID"], Some("1"), None),
        ("<ID>1</ID><ID><![CDATA[1]]></ID>", &["ID"], Some("1"), None),
        ("<ID>1</ID><ID>1</ID><ID>2</ID>", &["ID"], Some("1"), Some("ID")),
        ("<ID>1</ID><ID unit='x'>1</ID>", &["ID"], Some("1"), Some("ID")),
        ("<ID>1</ID><TAG>a</TAG><TAG>b</TAG>", &["ID"], Some("1"), None),
        ("<D><IP>1</IP></D><D><IP>2</IP></D>", &["D", "IP"], Some("1"), Some("D")),
        ("<D><IP>1</IP></D><D><IP>1</IP><OS/></D>", &["D", "IP"], Some("1"), Some("D")),
        ("<D><IP>1</IP></D><D><IP>1</IP></D>", &["D", "IP"], Some("1"), None),
        ("<D><IP>1</IP><OS/><IP>2</IP></D>", &["D", "IP"], Some("1"), Some("IP")),
        (&format!("{many}<ID>1</ID><ID>2</ID>"), &["ID"], Some("1"), Some("ID")),
        ("<OS/>", &["ID"], None, None),
    ] {
        let mut asked = Asked { path: path.to_vec(), ..Asked::default() };
        let mut reader = Reader::default();
        // The one before does not count for the one after.
        let document = format!("<LIST><HOST><ID>8</ID><ID>9</ID></HOST><HOST>{record}</HOST></LIST>");
        reader.feed(document.as_bytes(), &mut asked).expect("it is well-formed");
        reader.end(&mut asked).expect("it is whole");
        assert_eq!((asked.got.as_deref(), asked.contradiction.as_deref()), (got, contradiction), "{record}");
    }
}

#[test]
fn takes_wanted_elements_whole() {
    let document = "<?xml version='1.0'?><LIST><DATE>now</DATE><HOSTS>
        <HOST><ID>1</ID><TAGS><TAG>a</TAG><TAG>b</TAG></TAGS></HOST><HOST/></HOSTS></LIST>";
    assert_eq!(read(document).expect("reads"), ["HOST[ID=1 TAGS[TAG=a TAG=b]]", "HOST="]);
}

#[test]
fn reads_texts_however_they_are_written() {
    let read = |text: &str| read(&format!("<L><HOST>{text}</HOST></L>")).expect("reads").join("|");
    assert_eq!(read("\n  padded\n "), "HOST=padded");
    assert_eq!(read("\n <![CDATA[ in cdata ]]>\n"), "HOST=in cdata");
    assert_eq!(read("<![CDATA[</HOST><b>]]>"), "HOST=</HOST><b>");
    assert_eq!(read("<![CDATA[a]]]]><![CDATA[>b]]>"), "HOST=a]]>b");
    assert_eq!(read("a &amp; b &lt;&#x41;&#66;&gt;"), "HOST=a & b <AB>");
    assert_eq!(read("a<!-- keep-alive -->b"), "HOST=ab");
    assert_eq!(read("AT&T"), "HOST=AT&T");
    assert_eq!(read("<A>x<B>y</B>z</A>"), "HOST[A[B=y]]");
    assert_eq!(read("naïve €"), "HOST=naïve €");
}

#[test]
fn a_text_ends_at_the_first_child() {
    let (mut reader, mut texts) = (Reader::default(), Texts::default());
    reader.feed(b"<L><HOST>x&amp;<B>y&lt;</B>z</HOST></L>", &mut texts).expect("reads");
    assert_eq!(texts.0, ["x&"]);
}

#[derive(Default)]
struct Texts(Vec<String>);

impl Handler for Texts {
    fn root(&mut self, _: &str) -> Result<bool, Error> {
        Ok(true)
    }
    fn wants(&self, name: &str) -> bool {
        name == "HOST"
    }
    fn element(&mut self, element: &Element<'_>) -> Result<(), Error> {
        self.0.push(element.text().to_owned());
        Ok(())
    }
}

#[test]
fn reports_what_it_repaired() {
    let repaired = |text: &str| read_in(format!("<L><HOST>{text}</HOST></L>").as_bytes(), 7).expect("reads");
    assert_eq!(repaired("a\u{1}b"), (vec!["HOST=a\u{FFFD}b".to_owned()], true));
    assert_eq!(repaired("a&#0;b"), (vec!["HOST=a\u{FFFD}b".to_owned()], true));
    assert_eq!(repaired("a&nbsp;b"), (vec!["HOST=a&nbsp;b".to_owned()], false), "kept as it was written");
    assert_eq!(repaired("a&amp;b"), (vec!["HOST=a&b".to_owned()], false));
}

#[test]
fn leaves_dtds_alone_and_refuses_entities() {
    let outside =
        "<!DOCTYPE L SYSTEM \"https://nowhere.invalid/l.dtd\"><!-- x //--><L><HOST>1</HOST></L><!-- y -->";
    assert_eq!(read(outside).expect("reads"), ["HOST=1"]);
    let bomb = "<!DOCTYPE L [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><L><HOST>&b;</HOST></L>";
    assert!(read(bomb).expect_err("refused").contains("defines XML entities"));
}

#[test]
fn refuses_what_is_not_whole() {
    for (document, why) in [
        ("", "is truncated"),
        ("<L>", "is truncated"),
        ("<L><HOST><ID>1</ID>", "is truncated"),
        ("<L><HOST>1</HOST></L", "not closed"),
        ("<L><HOST><A></B></HOST></L>", "unexpected end tag"),
        ("<L></M>", "unexpected end tag"),
        ("<L/><L/>", "second root"),
        ("Service Unavailable", "is not XML"),
        ("{\"error\": 1}", "is not XML"),
        ("<L/> trailing", "is not XML"),
        ("<L/>&amp;", "is not XML"),
        ("<L/><![CDATA[x]]>", "is not XML"),
        ("<nonsense/>", "nonsense"),
    ] {
        let error = read_in(document.as_bytes(), usize::MAX).expect_err(document);
        assert!(error.contains(why), "{document}: {error}");
    }
}

#[test]
fn byte_order_marks_are_no_trap() {
    // With pieces of one byte, each of these marks is the first of what is pending.
    assert_eq!(
        read("\u{FEFF}<L>\u{FEFF}x\u{FEFF}<HOST>1</HOST>\u{FEFF}</L>\u{FEFF}").expect("reads"),
        ["HOST=1"]
    );
}

#[test]
fn refuses_other_encodings() {
    let cyrillic = "<?xml version=\"1.0\" encoding=\"KOI8-R\"?><L/>";
    assert!(read(cyrillic).expect_err("refused").contains("\"KOI8-R\""));
    assert!(read("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><L/>").is_ok());
    assert!(read("<?xml version=\"1.0\" encoding=\"utf-8\"?><L/>").is_ok());
}

#[test]
fn mixed_content_costs_no_square() {
    let body = "<B>&amp;</B>&amp;".repeat(40_000);
    assert!(read_in(format!("<L><HOST>{body}</HOST></L>").as_bytes(), 65_536).is_ok());
}

#[test]
fn leaves_unread_what_the_handler_does_not_want() {
    assert_eq!(read("<html><br><p>not XML & not closed").expect("left unread"), Vec::<String>::new());
}

#[test]
fn bounds_what_a_record_may_have() {
    let deep = format!("<L><HOST>{}", "<a>".repeat(100));
    assert!(read_in(deep.as_bytes(), 4096).expect_err("too deep").contains("is nested too deeply"));
    let wide = format!("<L><HOST>{}</HOST></L>", "<a/>".repeat(100_001));
    assert!(read_in(wide.as_bytes(), 65_536).expect_err("too wide").contains("too many elements"));
    let long = format!("<L><HOST>{}</HOST></L>", "a".repeat(9 << 20));
    let comment = format!("<L><!--{}--></L>", "a".repeat(9 << 20));
    for size in [65_536, usize::MAX] {
        for document in [&long, &comment] {
            assert!(read_in(document.as_bytes(), size).expect_err("too long").contains("more than 8 MiB"));
        }
    }
}

#[test]
fn finds_children_and_attributes_by_name() {
    struct Look;
    impl Handler for Look {
        fn root(&mut self, _: &str) -> Result<bool, Error> {
            Ok(true)
        }
        fn wants(&self, name: &str) -> bool {
            name == "host"
        }
        fn element(&mut self, host: &Element<'_>) -> Result<(), Error> {
            assert_eq!(host.get("B"), Some("2"));
            assert_eq!(host.get("a"), Some("1"), "again from the start, in any case");
            assert_eq!(host.get("C"), Some(""));
            assert_eq!(host.get("D"), None);
            assert_eq!(host.attribute("number"), Some("9 & 9".to_owned()));
            assert_eq!(host.attribute("missing"), None);
            Ok(())
        }
    }
    let document = "<l><host status='x' number=\"9 &amp; 9\"><A>1</A><B>2</B><B>3</B><C/></host></l>";
    Reader::default().feed(document.as_bytes(), &mut Look).expect("reads");
}

proptest! {
    #[test]
    fn chunks_make_no_difference(texts in prop::collection::vec("[a-z&;<>\\[\\]! é€]{0,12}", 0..8), size in 1_usize..40) {
        let records: String = texts.iter().map(|it| format!("<HOST><![CDATA[{it}]]>{it}</HOST>")).collect();
        let document = format!("<L>{records}</L>");
        prop_assert_eq!(read_in(document.as_bytes(), usize::MAX), read_in(document.as_bytes(), size));
    }

    #[test]
    fn plain_tags_read_as_all_others_do(
        pieces in prop::collection::vec("<[AB]>|</[AB]>|<[AB]/>|[ \n]|x|&amp;|<!---->|<!\\[CDATA\\[<A>\\]\\]>", 0..16),
    ) {
        let document = format!("<L><HOST>{}</HOST></L>", pieces.concat());
        // With a blank in it, a tag is one for the parser.
        let blank = document.replace("A>", "A >").replace("B>", "B >").replace("<A >]]", "<A>]]");
        let (plain, other) = (read_in(document.as_bytes(), usize::MAX), read_in(blank.as_bytes(), usize::MAX));
        prop_assert_eq!(&plain, &other, "{}", document);
        prop_assert_eq!(&plain, &read_in(document.as_bytes(), 1), "{}", document);
    }

    #[test]
    fn garbage_never_panics(bytes: Vec<u8>, size in 1_usize..40) {
        let _ = read_in(&bytes, size);
    }
}

/// What is around the records, and what of a text is kept.
#[derive(Default)]
struct Nested {
    open: Vec<String>,
    seen: Vec<String>,
}

impl Handler for Nested {
    fn root(&mut self, _: &str) -> Result<bool, Error> {
        Ok(true)
    }

    fn wants(&self, name: &str) -> bool {
        name == "FOUND" || name == "ID" && self.open.last().is_some_and(|it| it == "HOST")
    }

    fn opened(&mut self, name: &str) -> Result<(), Error> {
        self.open.push(name.to_owned());
        Ok(())
    }

    fn closed(&mut self) -> Result<(), Error> {
        let closed = self.open.pop().ok_or_else(|| malformed("nothing is open"))?;
        self.seen.push(format!("/{closed}"));
        Ok(())
    }

    fn element(&mut self, element: &Element<'_>) -> Result<(), Error> {
        let kept = element.child("TEXT").map(|it| it.kept());
        self.seen.push(format!("{}/{} {kept:?}", self.open.join("/"), written(element)));
        Ok(())
    }
}

#[test]
fn records_in_others_are_read_where_they_stand_and_long_texts_are_kept_short() {
    let document = "<R><ID>0</ID><HOST><ID>1</ID><NONE/><LIST><FOUND><ID>7</ID><TEXT><![CDATA[</FOUND>12345]]></TEXT></FOUND>\
                    <FOUND><TEXT>ab</TEXT></FOUND></LIST></HOST><HOST/></R>";
    for size in [1, 7, usize::MAX] {
        let (mut reader, mut nested) = (Reader::default().shortening("TEXT", 10), Nested::default());
        for chunk in document.as_bytes().chunks(size) {
            reader.feed(chunk, &mut nested).expect("XML");
        }
        reader.end(&mut nested).expect("XML");
        let mark = '\u{FFFE}';
        let wanted = [
            "/ID".to_owned(),
            "HOST/ID=1 None".to_owned(),
            "/NONE".to_owned(),
            format!("HOST/LIST/FOUND[ID=7 TEXT=</FOUND>12{mark}13] Some((\"</FOUND>12\", Some(13)))"),
            "HOST/LIST/FOUND[TEXT=ab] Some((\"ab\", None))".to_owned(),
            "/LIST".to_owned(),
            "/HOST".to_owned(),
            "/HOST".to_owned(),
        ];
        assert_eq!(nested.seen, wanted, "{size}");
        assert!(nested.open.is_empty());
    }
}

#[test]
fn attributes_come_in_their_order() {
    struct Attributes(Vec<(String, String)>);
    impl Handler for Attributes {
        fn root(&mut self, _: &str) -> Result<bool, Error> {
            Ok(true)
        }
        fn wants(&self, _: &str) -> bool {
            true
        }
        fn element(&mut self, element: &Element<'_>) -> Result<(), Error> {
            self.0 = element.attributes().map(|(name, value)| (name.to_owned(), value)).collect();
            Ok(())
        }
    }
    let (mut reader, mut attributes) = (Reader::default(), Attributes(Vec::new()));
    reader.feed(b"<R><A b='1 &amp; 2' a=\"x\" b='3' c/></R>", &mut attributes).expect("XML");
    let pairs: Vec<_> = attributes.0.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(pairs, [("b", "1 & 2"), ("a", "x"), ("b", "3")]);
}

#[test]
fn a_broken_document_has_an_end_and_one_that_is_cut_off_has_none() {
    let after = |document: &str| {
        let (mut reader, mut hosts) = (Reader::default(), Hosts::default());
        let read = reader.feed(document.as_bytes(), &mut hosts).and_then(|()| reader.end(&mut hosts));
        (read.is_ok(), reader.has_end())
    };
    assert_eq!(after("<R><HOST><A></HOST></R>"), (false, true));
    assert_eq!(after("<R><HOST><!BAD</HOST></R>"), (false, true));
    assert_eq!(after("<R><HOST><A></A></HOST>"), (false, false));
    assert_eq!(after("<R><HOST><A"), (false, false));
    assert!(after("<R><HOST/></R>").0);
}
