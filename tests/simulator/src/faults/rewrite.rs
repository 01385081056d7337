//! Faults that spoil an answer while it is sent.
//!
//! Reports are made block by block with whole records in each, so looking at one block at a time is
//! enough. A recorded file has no such borders: there a fault may miss what two blocks share.

use super::{Fault, charset::Transcoding};

/// The records of the reports, by the name of their element.
const RECORDS: [&str; 5] = ["HOST", "SCAN", "USER", "TICKET", "WasScan"];

const CDATA: &[u8] = b"<![CDATA[";

/// A change to the bytes of an answer.
pub(crate) enum Rewrite {
    /// Inserts into the first text of the first record.
    InText(Insertion),
    /// Puts a comment with this text into the first record.
    Comment(String),
    /// Drops the XML declaration.
    Declaration,
    /// Replaces the document type.
    Doctype,
    /// Renames the elements to lower case.
    LowerCase,
    /// Renames the root, once its name is known.
    Root(Option<Vec<u8>>),
    /// Writes it in another charset.
    Charset(Transcoding),
    /// Has done what it had to.
    Done,
}

/// What is put where a text was.
#[derive(Clone)]
pub(crate) enum Insertion {
    Bytes(Vec<u8>),
    RecordEnd,
}

impl Fault {
    /// How this fault spoils the answer to a request with this login, if that is what it does.
    pub(crate) fn rewrite(&self, login: &str) -> Option<Rewrite> {
        Some(match self {
            Self::ControlCharacters => Rewrite::InText(Insertion::Bytes(b"a\x01b\x0bc\x1f".to_vec())),
            Self::BadUtf8 => Rewrite::InText(Insertion::Bytes(b"caf\xe9 \xff\xfe \xc3(".to_vec())),
            Self::RecordEndInCdata => Rewrite::InText(Insertion::RecordEnd),
            Self::CommentInRecord => Rewrite::Comment("keep-alive".to_owned()),
            Self::EchoInRecord => Rewrite::InText(Insertion::Bytes(login.as_bytes().to_vec())),
            Self::EchoTakenApart => Rewrite::InText(Insertion::Bytes(taken_apart(login).into_bytes())),
            Self::EchoInBody => Rewrite::Comment(login.to_owned()),
            Self::NoDeclaration => Rewrite::Declaration,
            Self::EntityDoctype => Rewrite::Doctype,
            Self::LowerCase => Rewrite::LowerCase,
            Self::UnknownRoot => Rewrite::Root(None),
            Self::InCharset { charset, .. } => Rewrite::Charset(Transcoding::new(*charset)),
            _ => return None,
        })
    }
}

impl Rewrite {
    /// Changes the next block of an answer.
    pub(crate) fn apply(&mut self, block: &mut Vec<u8>) {
        let done = match self {
            Self::InText(insertion) => insert_in_text(block, insertion),
            Self::Comment(text) => insert_comment(block, text),
            Self::Declaration => drop_declaration(block),
            Self::Doctype => define_entity(block),
            Self::LowerCase => {
                lower_case(block);
                false
            }
            Self::Root(root) => {
                rename_root(block, root);
                false
            }
            Self::Charset(transcoding) => {
                transcoding.apply(block);
                false
            }
            Self::Done => false,
        };
        if done {
            *self = Self::Done;
        }
    }
}

/// The password of this login, in two CDATA sections, where a text is in one.
fn taken_apart(login: &str) -> String {
    let password = login.rsplit(' ').next().unwrap_or_default();
    let second = password.char_indices().nth(1).map_or(password.len(), |it| it.0);
    format!("{}]]><![CDATA[{}", &password[..second], &password[second..])
}

fn insert_in_text(block: &mut Vec<u8>, insertion: &Insertion) -> bool {
    let Some((record, name)) = first_record(block) else {
        return false;
    };
    let Some(text) = find(block, CDATA, record) else {
        return false;
    };
    let bytes = match insertion {
        Insertion::Bytes(bytes) => bytes.clone(),
        Insertion::RecordEnd => format!("</{name}>").into_bytes(),
    };
    insert(block, text + CDATA.len(), &bytes);
    true
}

fn insert_comment(block: &mut Vec<u8>, text: &str) -> bool {
    let Some((record, name)) = first_record(block) else {
        return false;
    };
    // The first line of the record has its start tag; the second one an element.
    let mut ends = (record..block.len()).filter(|&at| block[at] == b'\n');
    let Some(line) = ends.nth(1) else {
        return false;
    };
    let comment = format!("<!-- {text} within {name} -->\n");
    insert(block, line + 1, comment.as_bytes());
    true
}

fn drop_declaration(block: &mut Vec<u8>) -> bool {
    if block.starts_with(b"<?xml")
        && let Some(end) = find(block, b"?>", 0)
    {
        let rest = block[end + 2..].iter().position(|byte| !byte.is_ascii_whitespace());
        block.drain(..end + 2 + rest.unwrap_or(0));
    }
    !block.is_empty()
}

fn define_entity(block: &mut Vec<u8>) -> bool {
    let start = find(block, b"<!DOCTYPE ", 0);
    let Some((start, end)) = start.and_then(|start| Some((start, find(block, b">", start)?))) else {
        return define_entity_without_doctype(block);
    };
    let declared = String::from_utf8_lossy(&block[start + 10..end]).into_owned();
    let root = declared.split(' ').next().unwrap_or_default();
    let doctype = format!(
        "<!DOCTYPE {root} [\n  <!ENTITY a \"expanded \">\n  <!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">\n]>"
    );
    block.splice(start..=end, doctype.into_bytes());
    if let Some(text) = find(block, CDATA, start) {
        // Before the section, where an entity still means something.
        insert(block, text, b"&b;");
    }
    true
}

/// What has no document type gets one, after its declaration.
fn define_entity_without_doctype(block: &mut Vec<u8>) -> bool {
    let (Some(start), Some(root)) = (find(block, b"?>\n", 0).map(|it| it + 3), root_name(block)) else {
        return false;
    };
    let root = String::from_utf8_lossy(&root).into_owned();
    let doctype = format!("<!DOCTYPE {root} [\n  <!ENTITY a \"expanded \">\n]>\n");
    insert(block, start, doctype.as_bytes());
    if let Some(text) = find(block, CDATA, start) {
        insert(block, text, b"&a;");
    }
    true
}

/// The name of the first element of a block.
fn root_name(block: &[u8]) -> Option<Vec<u8>> {
    let start = (0..block.len().saturating_sub(1))
        .find(|&at| block[at] == b'<' && block[at + 1].is_ascii_alphabetic())?;
    let name = block[start + 1..].iter().copied();
    Some(name.take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').collect())
}

fn lower_case(block: &mut [u8]) {
    let mut at = 0;
    while let Some(tag) = block[at..].iter().position(|&byte| byte == b'<') {
        let tag = at + tag;
        let rest = &block[tag..];
        let skipped: Option<&[u8]> = if rest.starts_with(CDATA) {
            Some(b"]]>")
        } else if rest.starts_with(b"<!--") {
            Some(b"-->")
        } else if rest.starts_with(b"<!") || rest.starts_with(b"<?") {
            Some(b">")
        } else {
            None
        };
        let end = find(block, skipped.unwrap_or(b">"), tag).unwrap_or(block.len());
        if skipped.is_none() {
            let name = block[tag..end].iter().position(|&byte| byte == b' ');
            let name_end = name.map_or(end, |length| tag + length);
            block[tag..name_end].make_ascii_lowercase();
        }
        at = end;
    }
}

fn rename_root(block: &mut Vec<u8>, root: &mut Option<Vec<u8>>) {
    let name = match root {
        Some(name) => name.clone(),
        None => {
            let Some(name) = root_name(block) else { return };
            *root = Some(name.clone());
            name
        }
    };
    for lead in [b"<".as_slice(), b"</"] {
        // A start tag may have attributes.
        for end in [b">".as_slice(), b" "] {
            let tag = [lead, &name, end].concat();
            if let Some(at) = find(block, &tag, 0) {
                let renamed = [lead, b"UNKNOWN_OUTPUT"].concat();
                block.splice(at..at + tag.len() - end.len(), renamed);
            }
        }
    }
}

/// Where the first record of a block starts, and the name of its element.
fn first_record(block: &[u8]) -> Option<(usize, &'static str)> {
    let starts = RECORDS.iter().filter_map(|&name| {
        let start = find(block, format!("<{name}>").as_bytes(), 0)?;
        Some((start, name))
    });
    starts.min()
}

fn find(block: &[u8], wanted: &[u8], from: usize) -> Option<usize> {
    let found = block.get(from..)?.windows(wanted.len()).position(|window| window == wanted);
    found.map(|at| from + at)
}

fn insert(block: &mut Vec<u8>, at: usize, bytes: &[u8]) {
    block.splice(at..at, bytes.iter().copied());
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPORT: &str = "<?xml version=\"1.0\"?>\n<!DOCTYPE X_OUTPUT SYSTEM \"x.dtd\">\n<X_OUTPUT>\n\
        <HOST>\n<ID>1</ID>\n<DNS><![CDATA[A]]></DNS>\n</HOST>\n</X_OUTPUT>\n";

    fn spoiled(fault: &Fault) -> String {
        let mut block = REPORT.as_bytes().to_vec();
        fault.rewrite("Basic abc").expect("a fault that spoils").apply(&mut block);
        String::from_utf8_lossy(&block).into_owned()
    }

    #[test]
    fn texts_are_spoiled_within_a_record() {
        assert!(spoiled(&Fault::RecordEndInCdata).contains("<![CDATA[</HOST>A]]>"));
        assert!(spoiled(&Fault::ControlCharacters).contains('\u{1}'));
        assert!(spoiled(&Fault::BadUtf8).contains(char::REPLACEMENT_CHARACTER));
    }

    #[test]
    fn a_login_is_repeated() {
        assert!(spoiled(&Fault::EchoInRecord).contains("<DNS><![CDATA[Basic abcA]]>"));
        assert!(spoiled(&Fault::EchoTakenApart).contains("<DNS><![CDATA[a]]><![CDATA[bcA]]>"));
        assert!(spoiled(&Fault::EchoInBody).contains("<!-- Basic abc within HOST -->"));
    }

    #[test]
    fn a_comment_stands_between_two_elements() {
        let report = spoiled(&Fault::CommentInRecord);
        assert!(report.contains("<ID>1</ID>\n<!-- keep-alive within HOST -->\n<DNS>"));
    }

    #[test]
    fn the_prologue_is_changed() {
        assert!(spoiled(&Fault::NoDeclaration).starts_with("<!DOCTYPE"));
        assert!(spoiled(&Fault::EntityDoctype).contains("<!DOCTYPE X_OUTPUT [\n  <!ENTITY a"));
    }

    #[test]
    fn elements_are_renamed_and_texts_are_not() {
        let report = spoiled(&Fault::LowerCase);
        assert!(report.contains("<x_output>\n<host>\n<id>1</id>\n<dns><![CDATA[A]]></dns>"));
        let report = spoiled(&Fault::UnknownRoot);
        assert!(report.contains("<UNKNOWN_OUTPUT>\n<HOST>") && report.ends_with("</UNKNOWN_OUTPUT>\n"));
    }

    #[test]
    fn a_response_without_a_document_type_is_spoiled_too() {
        let response = "<?xml version=\"1.0\"?>\n<ServiceResponse a=\"b\">\n<WasScan>\n<id>1</id>\n<name><![CDATA[A]]></name>\n\
            </WasScan>\n</ServiceResponse>\n";
        let spoiled = |fault: &Fault| {
            let mut block = response.as_bytes().to_vec();
            fault.rewrite("Basic abc").expect("a fault that spoils").apply(&mut block);
            String::from_utf8_lossy(&block).into_owned()
        };
        let bomb = spoiled(&Fault::EntityDoctype);
        assert!(bomb.contains("?>\n<!DOCTYPE ServiceResponse [\n  <!ENTITY a"), "{bomb}");
        assert!(bomb.contains("<name>&a;<![CDATA[A]]>"), "{bomb}");
        let renamed = spoiled(&Fault::UnknownRoot);
        assert!(
            renamed.contains("<UNKNOWN_OUTPUT a=\"b\">") && renamed.ends_with("</UNKNOWN_OUTPUT>\n"),
            "{renamed}"
        );
        assert!(spoiled(&Fault::RecordEndInCdata).contains("<![CDATA[</WasScan>A]]>"));
    }
}
