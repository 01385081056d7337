//! Faults that take the place of an answer.

use super::Fault;
use crate::{
    chance::{Chance, Subject},
    qps::Refused,
    refusal::{Family, Refusal, generic_return, v1_error},
    stream::Source,
    world::World,
};

/// Length of an answer that means nothing.
const GARBAGE_BYTES: usize = 4_096;

const HTML_PAGE: &str = "<!DOCTYPE html>\n<html><head><title>Please try again</title></head>\n\
    <body><h1>Please try again</h1><p>The page you asked for is not available.</p></body></html>\n";

/// An answer that has nothing to do with what was asked.
pub(crate) struct WholeAnswer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) content_type: &'static str,
    pub(crate) source: Source,
}

impl WholeAnswer {
    fn xml(status: u16, source: Source) -> Self {
        Self { status, headers: Vec::new(), content_type: "application/xml", source }
    }

    fn refusal(refusal: &Refusal, world: &World) -> Self {
        Self::xml(refusal.status, refusal.simple_return(world))
    }

    pub(super) fn html(status: u16) -> Self {
        Self {
            content_type: "text/html; charset=UTF-8",
            ..Self::xml(status, Source::Whole(HTML_PAGE.into()))
        }
    }

    fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.headers.push((name, value.to_string()));
        self
    }
}

impl Fault {
    /// The answer this fault gives instead of the real one to a request with this login, if that is what it does.
    pub(crate) fn whole_answer(
        &self,
        family: Option<Family>,
        world: &World,
        login: &str,
    ) -> Option<WholeAnswer> {
        Some(match *self {
            Self::RateLimited { seconds, header } => {
                let answer = WholeAnswer::refusal(&Refusal::rate_limited(seconds), world);
                if header {
                    answer.with("x-ratelimit-remaining", 0).with("x-ratelimit-towait-sec", seconds)
                } else {
                    answer
                }
            }
            Self::TooManyRunning { calls } => WholeAnswer::refusal(&Refusal::too_many_running(calls), world)
                .with("x-concurrency-limit-limit", world.concurrency_limit)
                .with("x-concurrency-limit-running", calls),
            Self::TooManyRequests { retry_after_seconds } => WholeAnswer {
                content_type: "text/plain",
                ..WholeAnswer::xml(429, Source::Whole("429 Too Many Requests".into()))
            }
            .with("retry-after", retry_after_seconds),
            Self::ServerError => WholeAnswer::refusal(
                &Refusal::new(500, 999, "Internal error. Please contact customer support."),
                world,
            ),
            Self::BadGateway => WholeAnswer::html(502),
            Self::Maintenance => {
                WholeAnswer::refusal(&Refusal::new(503, 1999, "The service is down for maintenance."), world)
            }
            Self::Html { status } | Self::PageAbove { status, .. } => WholeAnswer::html(status),
            Self::Empty => WholeAnswer::xml(200, Source::empty()),
            Self::AccountExpired => {
                WholeAnswer::refusal(&Refusal::new(200, 2001, "This account has expired."), world)
            }
            Self::Forbidden => {
                WholeAnswer::refusal(&Refusal::new(403, 2012, "This account may not use this API."), world)
            }
            Self::InvalidRequest => WholeAnswer::xml(
                200,
                Refused::request(
                    "Criteria: Invalid value format for criteria 'isScanned' (undefined).",
                    "Values expected: true, false.",
                )
                .source(),
            ),
            Self::Garbage => WholeAnswer::xml(200, garbage(world)),
            Self::RetryLater => WholeAnswer {
                content_type: "text/plain",
                ..WholeAnswer::xml(202, Source::Whole("Retry Later Duplicate Operation".into()))
            },
            Self::BadRequest { code } => {
                WholeAnswer::refusal(&Refusal::new(400, code, "The request was refused."), world)
            }
            Self::EchoInError => WholeAnswer::refusal(
                &Refusal::new(400, 1905, format!("The request with {login} was refused.")),
                world,
            ),
            Self::RedirectTo(ref url) => WholeAnswer::xml(302, Source::empty()).with("location", url),
            Self::GenericReturn { number } => {
                WholeAnswer::xml(200, generic_return(number, "The request failed."))
            }
            Self::V1Error { number } => {
                let text = "The request failed.";
                match family {
                    Some(Family::V1(document)) => WholeAnswer::xml(200, v1_error(document, number, text)),
                    // Only v1 reports have an ERROR of their own.
                    _ => WholeAnswer::xml(200, generic_return(number, text)),
                }
            }
            _ => return None,
        })
    }
}

fn garbage(world: &World) -> Source {
    let mut chance = Chance::new(world.seed, Subject::Garbage, 0);
    let bytes: Vec<u8> = (0..GARBAGE_BYTES).map(|_| chance.bits() as u8).collect();
    Source::Whole(bytes.into())
}
