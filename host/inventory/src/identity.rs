//! What tells items apart, in one form however it was written.

use super::mapping::{Identity, Mapping};
use super::unmerged::{Code, Unmerged, for_people};

/// SHA-1 to SHA-512, in hexadecimal digits.
const DIGEST_DIGITS: std::ops::RangeInclusive<usize> = 40..=128;
/// RFC 5280 allows 20 bytes, and some have more: what is longer is no number of an issuer.
const NUMBER_DIGITS: usize = 128;
/// Names of issuers have some dozen characters.
const ISSUER_BYTES: usize = 4 << 10;

/// What tells an item apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// Of no other item of its kind.
    pub identity: String,
    /// Issuer and number, where both are known: what items are looked up by, and never merged by.
    pub number: Option<String>,
    /// Whether it is known by issuer and number alone. Then [`Self::identity`] has its validity in it, too: the next
    /// certificate with that number is another item.
    pub is_weak: bool,
}

/// The text of a field, where it has one that is not blank.
pub(crate) type Texts<'a> = &'a dyn Fn(&str) -> Option<&'a str>;

/// The key of an item with these texts. `validity` says when it begins and ends: part of the identity of what is known by issuer
/// and number alone.
pub(crate) fn key(mapping: &Mapping, texts: Texts<'_>, validity: &str) -> Result<Key, Unmerged> {
    let mut strong = None;
    for identity in &mapping.identity {
        if let Identity::Digest(field) = identity
            && strong.is_none()
        {
            strong = texts(field).map(digest).transpose()?;
        }
    }
    if let Some(identity) = strong {
        return Ok(Key { identity, number: number_of(mapping, texts), is_weak: false });
    }
    let Some(number) = number(mapping, texts)? else {
        return Err(Unmerged::new(Code::NoIdentity, "no field that tells items apart has a value"));
    };
    Ok(Key { identity: format!("number:{number}#{validity}"), number: Some(number), is_weak: true })
}

/// Issuer and number, where both are known and make sense.
pub(crate) fn number_of(mapping: &Mapping, texts: Texts<'_>) -> Option<String> {
    number(mapping, texts).unwrap_or_default()
}

/// The identity that a digest gives, such as `digest:` and 64 digits.
pub fn digest(text: &str) -> Result<String, Unmerged> {
    let digits = digits(text);
    if digits.is_empty() || !digits.bytes().all(|it| it.is_ascii_hexdigit()) {
        let message = format!("`{}` is no digest in hexadecimal digits", for_people(text));
        return Err(Unmerged::new(Code::DigestNotHexadecimal, message));
    }
    if !DIGEST_DIGITS.contains(&digits.len()) || !digits.len().is_multiple_of(2) {
        let message = format!("`{}` has {} digits; a digest has 40 to 128", for_people(text), digits.len());
        return Err(Unmerged::new(Code::DigestLength, message));
    }
    Ok(format!("digest:{digits}"))
}

fn number(mapping: &Mapping, texts: Texts<'_>) -> Result<Option<String>, Unmerged> {
    let numbered = mapping.identity.iter().find_map(|it| match it {
        Identity::Number { issuer, number } => Some((issuer, number)),
        Identity::Digest(_) => None,
    });
    let Some((issuer, field)) = numbered else { return Ok(None) };
    let issuer: Vec<String> = issuer.iter().filter_map(|it| texts(it)).map(folded).collect();
    let issuer = issuer.join(", ");
    match texts(field) {
        None if issuer.is_empty() => Ok(None),
        None => {
            let message = format!("`{field}` has no value, and nothing else tells the item apart");
            Err(Unmerged::new(Code::NoNumber, message))
        }
        Some(number) if issuer.is_empty() => {
            let message = format!("`{}` has no issuer; each issuer counts by itself", for_people(number));
            Err(Unmerged::new(Code::NoIssuer, message))
        }
        Some(_) if issuer.len() > ISSUER_BYTES => {
            let message =
                format!("the issuer's name has {} bytes; at most {ISSUER_BYTES} are kept", issuer.len());
            Err(Unmerged::new(Code::IssuerTooLong, message))
        }
        Some(number) => Ok(Some(format!("{issuer}/{}", serial(number)?))),
    }
}

/// The number in one form: lower case, an even number of digits, no leading zeros, `-` before a negative one. Colons, blanks
/// and `0x` are left out.
pub fn serial(text: &str) -> Result<String, Unmerged> {
    let written = text.trim();
    let (sign, written) = written.strip_prefix('-').map_or(("", written), |it| ("-", it));
    let digits = digits(written);
    let digits = digits.strip_prefix("0x").unwrap_or(&digits);
    if digits.is_empty() || !digits.bytes().all(|it| it.is_ascii_hexdigit()) {
        let message = format!("`{}` is no number in hexadecimal digits", for_people(text));
        return Err(Unmerged::new(Code::NumberNotHexadecimal, message));
    }
    let digits = digits.trim_start_matches('0');
    if digits.len() > NUMBER_DIGITS {
        let message = format!("a number with {} digits; at most {NUMBER_DIGITS} are known", digits.len());
        return Err(Unmerged::new(Code::NumberTooLong, message));
    }
    let (sign, zero) = if digits.is_empty() {
        ("", "00")
    } else {
        (sign, if digits.len().is_multiple_of(2) { "" } else { "0" })
    };
    Ok(format!("{sign}{zero}{digits}"))
}

fn digits(text: &str) -> String {
    let kept = text.chars().filter(|it| !it.is_whitespace() && *it != ':');
    kept.flat_map(char::to_lowercase).collect()
}

/// A name without what writers of it change: case, and how many blanks. Its order is kept. Control characters are escaped:
/// not all databases take U+0000.
fn folded(name: &str) -> String {
    let words: Vec<&str> = name.split_whitespace().collect();
    let mut folded = String::new();
    for char in words.join(" ").chars() {
        if char.is_control() {
            folded.extend(char.escape_unicode());
        } else {
            folded.extend(char.to_lowercase());
        }
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_one_form() {
        let same = [
            "0804E52686B8D1D677350BA7766BBD00B778B892",
            "804e52686b8d1d677350ba7766bbd00b778b892",
            "08:04:E5:26:86:B8:D1:D6:77:35:0B:A7:76:6B:BD:00:B7:78:B8:92",
            "0x0804e52686b8d1d677350ba7766bbd00b778b892",
            " 08 04 E5 26 86 B8 D1 D6 77 35 0B A7 76 6B BD 00 B7 78 B8 92 ",
        ];
        for text in same {
            assert_eq!(serial(text).as_deref(), Ok("0804e52686b8d1d677350ba7766bbd00b778b892"), "{text}");
        }
        assert_eq!(serial("00ee"), serial("ee"));
        assert_ne!(serial("-ee"), serial("ee"));
        assert_eq!(serial("0").as_deref(), Ok("00"));
        assert_eq!(serial("-0").as_deref(), Ok("00"));
        // 21 bytes: longer than RFC 5280 allows, and there are such.
        assert_eq!(serial(&"ab".repeat(21)).map(|it| it.len()), Ok(42));
    }

    #[test]
    fn numbers_that_end_alike_are_different() {
        let low = "0011223344556677";
        assert_ne!(serial(&format!("a1a2a3a4a5a6a7a8{low}")), serial(&format!("b1b2b3b4b5b6b7b8{low}")));
    }

    #[test]
    fn what_is_no_number_is_refused_with_a_code() {
        let code = |text: &str| serial(text).map_err(|it| it.code);
        assert_eq!(code("2.19E+26"), Err(Code::NumberNotHexadecimal));
        assert_eq!(code(""), Err(Code::NumberNotHexadecimal));
        assert_eq!(code("-"), Err(Code::NumberNotHexadecimal));
        assert_eq!(code(&"f".repeat(129)), Err(Code::NumberTooLong));
    }

    #[test]
    fn a_digest_has_one_form() {
        let sha256 = "AB".repeat(32);
        assert_eq!(digest(&sha256), Ok(format!("digest:{}", "ab".repeat(32))));
        let code = |text: &str| digest(text).map_err(|it| it.code);
        assert_eq!(code("abcd"), Err(Code::DigestLength));
        assert_eq!(code(&"a".repeat(41)), Err(Code::DigestLength));
        assert_eq!(code(&"a".repeat(130)), Err(Code::DigestLength));
        assert_eq!(code("ID 5"), Err(Code::DigestNotHexadecimal));
    }

    #[test]
    fn an_issuer_is_folded_and_keeps_its_order() {
        assert_eq!(folded("Example  CA\t1"), folded("example ca 1"));
        assert_ne!(folded("C=US, CN=x"), folded("CN=x, C=US"));
        assert_eq!(folded("a\u{0}b"), r"a\u{0}b");
    }
}
