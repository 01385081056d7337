//! Outgoing requests.

use exhibit_signing::{Origin, Scheme, mark};

use crate::Signer;
use crate::bindings::exports::wasi::http::outgoing_handler::Guest;
use crate::bindings::wasi::http::outgoing_handler;
use crate::bindings::wasi::http::types::{
    ErrorCode, Fields, FutureIncomingResponse, OutgoingBody, OutgoingRequest, RequestOptions,
    Scheme as WasiScheme,
};
use crate::configuration;

/// Headers that are made here, whatever the component behind says of them.
const OURS: [&str; 4] = [mark::AUTH, mark::BODY, "authorization", "content-length"];
/// What a stream takes at once, as WASI has it.
const WRITE_BYTES: usize = 4 << 10;

impl Guest for Signer {
    fn handle(
        request: OutgoingRequest,
        options: Option<RequestOptions>,
    ) -> Result<FutureIncomingResponse, ErrorCode> {
        let origin = configuration::origin().map_err(misconfigured)?;
        if !goes_to(&request, &origin) {
            eprintln!("signer: blocked a request that does not go to {origin}");
            return Err(ErrorCode::HttpRequestDenied);
        }
        let headers = request.headers().entries();
        if !headers.iter().any(|(name, _)| is(name, mark::AUTH)) {
            return outgoing_handler::handle(request, options);
        }
        let authorization = configuration::authorization().map_err(misconfigured)?;
        sign(&request, &headers, &authorization, options)
    }
}

/// Sends a signed copy of the request: WASI does not let a component change the headers of a request
/// that another one made.
fn sign(
    request: &OutgoingRequest,
    headers: &[(String, Vec<u8>)],
    authorization: &str,
    options: Option<RequestOptions>,
) -> Result<FutureIncomingResponse, ErrorCode> {
    let body = body(request, headers)?;
    let signed = Fields::new();
    let append =
        |name: &str, value: &[u8]| signed.append(name, value).map_err(|_| refused("a header cannot be set"));
    for (name, value) in headers.iter().filter(|(name, _)| !OURS.iter().any(|it| is(name, it))) {
        append(name, value)?;
    }
    append("authorization", authorization.as_bytes())?;
    if let Some(body) = &body {
        append("content-length", body.len().to_string().as_bytes())?;
    }
    let again = OutgoingRequest::new(signed);
    let copied = again
        .set_method(&request.method())
        .and_then(|()| again.set_scheme(request.scheme().as_ref()))
        .and_then(|()| again.set_authority(request.authority().as_deref()))
        .and_then(|()| again.set_path_with_query(request.path_with_query().as_deref()));
    copied.map_err(|()| refused("it cannot be copied"))?;
    let Some(bytes) = body else { return outgoing_handler::handle(again, options) };
    let outgoing = again.body().map_err(|()| refused("it cannot have a body"))?;
    let answer = outgoing_handler::handle(again, options)?;
    send(outgoing, &bytes)?;
    Ok(answer)
}

/// The body that travelled in a header. A request that has a body of its own is refused: it
/// cannot be read here, and the copy would have no body.
fn body(request: &OutgoingRequest, headers: &[(String, Vec<u8>)]) -> Result<Option<Vec<u8>>, ErrorCode> {
    if request.body().is_err() {
        return Err(refused("it has a body of its own"));
    }
    match headers.iter().find(|(name, _)| is(name, mark::BODY)) {
        None => Ok(None),
        Some((_, value)) => mark::read_body(value).map(Some).ok_or_else(|| refused("its body is not base64")),
    }
}

fn send(body: OutgoingBody, bytes: &[u8]) -> Result<(), ErrorCode> {
    let broken = || refused("its body was not accepted");
    let stream = body.write().map_err(|()| broken())?;
    for piece in bytes.chunks(WRITE_BYTES) {
        stream.blocking_write_and_flush(piece).map_err(|_| broken())?;
    }
    drop(stream);
    OutgoingBody::finish(body, None)
}

fn goes_to(request: &OutgoingRequest, origin: &Origin) -> bool {
    let scheme = matches!(
        (request.scheme(), origin.scheme()),
        (Some(WasiScheme::Https), Scheme::Https) | (Some(WasiScheme::Http), Scheme::Http)
    );
    scheme && request.authority().is_some_and(|it| it.eq_ignore_ascii_case(origin.authority()))
}

fn is(name: &str, known: &str) -> bool {
    name.eq_ignore_ascii_case(known)
}

fn misconfigured(why: String) -> ErrorCode {
    eprintln!("signer: {why}");
    ErrorCode::ConfigurationError
}

fn refused(why: &str) -> ErrorCode {
    ErrorCode::InternalError(Some(format!("the request cannot be signed: {why}")))
}
