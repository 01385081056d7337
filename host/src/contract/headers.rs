//! Which headers of a request a plugin may set, and which may carry a secret.

use http::HeaderName;

/// Headers that are the host's: they sign, frame or route the message, or say who asks.
const OURS: [&str; 23] = [
    "accept-encoding",
    "authorization",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "cookie",
    "cookie2",
    "date",
    "expect",
    "forwarded",
    "host",
    "keep-alive",
    "origin",
    "range",
    "referer",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "via",
    "x-real-ip",
];
/// Headers by which servers and frameworks take a request for another one than its first
/// line says: a `read` would change something, an allowed path would be another.
pub(crate) const DISGUISES: [&str; 9] = [
    "x-host",
    "x-http-method",
    "x-http-method-override",
    "x-method-override",
    "x-original-host",
    "x-original-uri",
    "x-original-url",
    "x-override-url",
    "x-rewrite-url",
];
/// And those that begin so.
const OUR_PREFIXES: [&str; 4] = ["proxy-", "sec-", "x-forwarded-", "x-amz-"];

/// Whether a header of this name may carry a secret: none that says where a request goes, whose it
/// is said to be, or how it is framed.
pub(crate) fn may_sign(name: &str) -> bool {
    let ours = OURS.contains(&name) && name != "authorization";
    let disguised = DISGUISES.contains(&name) || OUR_PREFIXES.iter().any(|it| name.starts_with(it));
    !ours && !disguised && name.parse::<HeaderName>().is_ok_and(|it| it.as_str() == name)
}

/// Says why a plugin may not set this header, where it may not.
pub(crate) fn may_set(name: &HeaderName) -> Result<(), &'static str> {
    let name = name.as_str();
    if OURS.contains(&name) || OUR_PREFIXES.iter().any(|it| name.starts_with(it)) {
        return Err("which is the host's to set");
    }
    if DISGUISES.contains(&name) {
        return Err("which would make another request of it");
    }
    Ok(())
}
