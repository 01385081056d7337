//! What an object store says of a failure, without the page that it says it in.

use exhibit_rows::Shown;

/// What comes before the answer's status, in the words of the client.
const STATUS: &str = "status code: ";
/// An answer that is no page of the object store's own is quoted so far.
const TEXT_CHARS: usize = 300;
/// There is no such bucket, as S3 and Google, and as Azure call it.
const NO_BUCKET: [&str; 2] = ["NoSuchBucket", "ContainerNotFound"];

/// The code of an answer, such as `NoSuchBucket`, where it has one.
pub(super) fn code(error: &object_store::Error) -> Option<String> {
    element(&error.to_string(), "Code")
}

/// Whether there is no such bucket.
pub(super) fn has_no_bucket(error: &object_store::Error) -> bool {
    code(error).is_some_and(|it| NO_BUCKET.contains(&it.as_str()))
}

/// Status, code and message of an answer; where it has none, what the client says, without any page.
pub(super) fn said(error: &object_store::Error) -> String {
    let text = error.to_string();
    let status = text.split_once(STATUS).map(|(_, rest)| rest.split(':').next().unwrap_or(rest).trim());
    let parts = [status.map(str::to_owned), element(&text, "Code"), element(&text, "Message")];
    if parts[1].is_some() {
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        return Shown::line(&parts.join(": ")).to_string();
    }
    let plain = match (text.find(['<', '\u{feff}']), status) {
        (Some(page), Some(status)) if page > 0 => {
            format!("{status}, with a page that is not the object store's")
        }
        _ => text,
    };
    let cut: String = plain.chars().take(TEXT_CHARS).collect();
    Shown::line(&cut).to_string()
}

/// The text of the first element of this name; its first line, as Azure adds ids and times on further ones.
fn element(text: &str, name: &str) -> Option<String> {
    let (_, rest) = text.split_once(&format!("<{name}>"))?;
    let (content, _) = rest.split_once(&format!("</{name}>"))?;
    let line = content.lines().next().unwrap_or_default().trim();
    let plain = line.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&apos;", "'");
    Some(plain.replace("&amp;", "&")).filter(|it| !it.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the client makes of an answer to a list.
    fn error(status: &str, body: &str) -> object_store::Error {
        let source = format!(
            "Error performing list request: Error performing GET http://127.0.0.1:9000/nope?list-type=2 in 3.2ms - \
             Server returned non-2xx status code: {status}: {body}"
        );
        object_store::Error::Generic { store: "S3", source: source.into() }
    }

    const S3: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>NoSuchBucket</Code><Message>The specified \
         bucket does not exist</Message><BucketName>nope</BucketName><RequestId>17F</RequestId></Error>";
    const AZURE: &str = "\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>ContainerNotFound</Code>\
         <Message>The specified container does not exist.\nRequestId:1\nTime:2026-11-01T00:00:00Z</Message></Error>";
    const DENIED: &str =
        "<Error><Code>AccessDenied</Code><Message>User &quot;x&quot; &amp; others</Message></Error>";

    #[test]
    fn a_page_of_xml_is_said_in_one_line() {
        let said = [
            said(&error("404 Not Found", S3)),
            said(&error("404 Not Found", AZURE)),
            said(&error("403 Forbidden", DENIED)),
            said(&error("502 Bad Gateway", "<html><body>proxy</body></html>")),
            said(&object_store::Error::Generic { store: "S3", source: "connection refused".into() }),
        ];
        insta::assert_snapshot!(said.join("\n"), @r#"
        404 Not Found: NoSuchBucket: The specified bucket does not exist
        404 Not Found: ContainerNotFound: The specified container does not exist.
        403 Forbidden: AccessDenied: User "x" & others
        502 Bad Gateway, with a page that is not the object store's
        Generic S3 error: connection refused
        "#);
    }

    #[test]
    fn a_missing_bucket_is_known() {
        assert!(has_no_bucket(&error("404 Not Found", S3)) && has_no_bucket(&error("404 Not Found", AZURE)));
        assert!(!has_no_bucket(&error("403 Forbidden", DENIED)));
        assert_eq!(code(&error("502 Bad Gateway", "<html></html>")), None);
    }
}
