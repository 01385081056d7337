//! wasi:http, asked one request at a time.

use exhibit_signing::Scheme;
use wasip2::http::outgoing_handler;
use wasip2::http::types::{
    ErrorCode, Fields, IncomingBody, IncomingResponse, Method, OutgoingBody, OutgoingRequest, RequestOptions,
    Scheme as WasiScheme,
};
use wasip2::io::streams::{InputStream, StreamError};

use crate::failure::Failure;
use crate::network::{Reply, Wire as Wiring};
use crate::request::Prepared;
use crate::transport::{Body, TransportError};

/// A handshake across an ocean takes a second, a lost packet or two a few more. Nanoseconds.
const CONNECT: u64 = 15 * SECOND;
/// Some sources think for minutes before the first byte of a large report, and between two of
/// them. Nanoseconds.
const IDLE: u64 = 300 * SECOND;
const SECOND: u64 = 1_000_000_000;
/// What a plugin is fed at a time. Larger chunks would only take more memory.
const CHUNK_BYTES: u64 = 64 << 10;
/// What a stream takes at once, as WASI has it.
const WRITE_BYTES: usize = 4 << 10;

/// By so many an operation is known among all others at the source.
const NONCE_BYTES: u64 = 8;

/// The runtime's network.
#[derive(Debug)]
pub(crate) struct Wire;

/// Text that no other call has: as many random bytes as the host of the project takes, in hex.
pub(crate) fn nonce() -> String {
    wasip2::random::random::get_random_bytes(NONCE_BYTES).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Ends the process.
pub(crate) fn exit(code: u8) -> ! {
    wasip2::cli::exit::exit_with_code(code);
    unreachable!("an exit does not return")
}

impl Wiring for Wire {
    fn exchange(&mut self, request: &Prepared<'_>) -> Result<Reply, TransportError> {
        let outgoing = outgoing(request).ok_or_else(|| {
            Failure::source(format!(
                "the request to {}{} is not valid HTTP",
                request.origin, request.path_with_query
            ))
        })?;
        let body = match &request.body {
            None => None,
            Some(bytes) => Some((outgoing.body().map_err(|()| unusable("a body"))?, bytes)),
        };
        let pending = outgoing_handler::handle(outgoing, Some(options()))
            .map_err(|code| transport_error(request, &code))?;
        if let Some((body, bytes)) = body {
            send(body, bytes).map_err(|why| {
                TransportError::Transient(format!("{} did not take the whole request: {why}", request.origin))
            })?;
        }
        pending.subscribe().block();
        let response = match pending.get() {
            Some(Ok(Ok(response))) => response,
            Some(Ok(Err(code))) => return Err(transport_error(request, &code)),
            Some(Err(())) | None => return Err(unusable("an answer").into()),
        };
        reply(request, response)
    }
}

fn outgoing(request: &Prepared<'_>) -> Option<OutgoingRequest> {
    let headers = Fields::new();
    for (name, value) in &request.headers {
        headers.append(name, value.as_bytes()).ok()?;
    }
    if let Some(body) = &request.body {
        headers.append("content-length", body.len().to_string().as_bytes()).ok()?;
    }
    let outgoing = OutgoingRequest::new(headers);
    let scheme = match request.origin.scheme() {
        Scheme::Http => WasiScheme::Http,
        Scheme::Https => WasiScheme::Https,
    };
    outgoing.set_method(if request.post { &Method::Post } else { &Method::Get }).ok()?;
    outgoing.set_scheme(Some(&scheme)).ok()?;
    outgoing.set_authority(Some(request.origin.authority())).ok()?;
    outgoing.set_path_with_query(Some(&request.path_with_query)).ok()?;
    Some(outgoing)
}

/// A runtime without such limits keeps its own.
fn options() -> RequestOptions {
    let options = RequestOptions::new();
    let _ = options.set_connect_timeout(Some(CONNECT));
    let _ = options.set_first_byte_timeout(Some(IDLE));
    let _ = options.set_between_bytes_timeout(Some(IDLE));
    options
}

fn send(body: OutgoingBody, bytes: &[u8]) -> Result<(), String> {
    let stream = body.write().map_err(|()| "it has no body".to_owned())?;
    for piece in bytes.chunks(WRITE_BYTES) {
        stream.blocking_write_and_flush(piece).map_err(|error| broken(&error))?;
    }
    drop(stream);
    OutgoingBody::finish(body, None).map_err(|code| format!("{code:?}"))
}

fn reply(request: &Prepared<'_>, response: IncomingResponse) -> Result<Reply, TransportError> {
    let headers = response.headers().entries();
    let text = |(name, value): (String, Vec<u8>)| Some((name.to_lowercase(), String::from_utf8(value).ok()?));
    let body = response.consume().map_err(|()| unusable("a body"))?;
    let stream = body.stream().map_err(|()| unusable("a body"))?;
    Ok(Reply {
        status: response.status(),
        headers: headers.into_iter().filter_map(text).collect(),
        body: Box::new(Incoming {
            origin: request.origin.to_string(),
            stream,
            _body: body,
            _response: response,
        }),
    })
}

/// The stream must go before what it is of: fields are dropped in their order.
struct Incoming {
    origin: String,
    stream: InputStream,
    _body: IncomingBody,
    _response: IncomingResponse,
}

impl Body for Incoming {
    fn chunk(&mut self) -> Result<Option<Vec<u8>>, TransportError> {
        match self.stream.blocking_read(CHUNK_BYTES) {
            Ok(chunk) => Ok(Some(chunk)),
            Err(StreamError::Closed) => Ok(None),
            Err(error) => Err(TransportError::Transient(format!(
                "the answer of {} was interrupted: {}",
                self.origin,
                broken(&error)
            ))),
        }
    }
}

fn broken(error: &StreamError) -> String {
    match error {
        StreamError::Closed => "the connection was closed".to_owned(),
        StreamError::LastOperationFailed(error) => error.to_debug_string(),
    }
}

/// The error, whether a retry may help, and whether the request may have arrived: where that is not certain, it may.
fn transport_error(request: &Prepared<'_>, code: &ErrorCode) -> TransportError {
    let what = format!("{} did not answer: {code:?}", request.origin);
    let inspected = "check whether a proxy or firewall inspects TLS: runtimes have their own list of trusted certificates";
    let (next, is_blocked) = match code {
        ErrorCode::DestinationIpProhibited
        | ErrorCode::DestinationIpUnroutable
        | ErrorCode::HttpRequestDenied => {
            ("check that the runtime permits network access, such as with -S http", true)
        }
        ErrorCode::TlsCertificateError => (inspected, true),
        // A server may send an alert after the request has come.
        ErrorCode::TlsProtocolError | ErrorCode::TlsAlertReceived(_) => (inspected, false),
        ErrorCode::HttpRequestUriInvalid | ErrorCode::HttpRequestMethodInvalid => {
            ("the request is wrong: report it to the plugin's author", true)
        }
        ErrorCode::HttpRequestHeaderSectionSize(_) | ErrorCode::HttpRequestHeaderSize(_) => {
            ("the request is wrong: report it to the plugin's author", false)
        }
        ErrorCode::ConfigurationError => {
            ("check the configuration of the runtime, or of the component in front", false)
        }
        ErrorCode::ConnectionRefused
        | ErrorCode::DestinationNotFound
        | ErrorCode::DnsError(_)
        | ErrorCode::DnsTimeout => return TransportError::NotSent(what),
        _ => return TransportError::Transient(what),
    };
    let failure = Failure::source(what).next(next);
    if is_blocked { TransportError::Blocked(failure) } else { TransportError::Permanent(failure) }
}

fn unusable(what: &str) -> Failure {
    Failure::source(format!("the runtime returned {what} that cannot be used"))
}
