//! HTTP Basic, RFC 7617.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

/// Why a user name and a password cannot be used. The message repeats neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// The user name would end early.
    #[error("the user name must not contain a colon")]
    Colon,
    /// A line break or another control character.
    #[error("the user name or the password contains a control character, such as a line break")]
    Control,
}

/// The value of `authorization` for this user.
pub fn basic(username: &str, password: &str) -> Result<String, Unfit> {
    if username.contains(':') {
        return Err(Unfit::Colon);
    }
    if [username, password].iter().any(|it| it.chars().any(char::is_control)) {
        return Err(Unfit::Control);
    }
    Ok(format!("Basic {}", BASE64_STANDARD.encode(format!("{username}:{password}"))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_as_rfc_7617_says() {
        assert_eq!(basic("Aladdin", "open sesame").as_deref(), Ok("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="));
        assert_eq!(basic("a:b", "c"), Err(Unfit::Colon));
        assert_eq!(basic("a", "b\n"), Err(Unfit::Control));
    }
}
