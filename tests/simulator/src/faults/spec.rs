//! Faults as a command line names them: `reset=5000,times=2,path=/msp/`.

use std::{str::FromStr, time::Duration};

use anyhow::{Context as _, Error, Result, anyhow, bail};

use super::{Charset, Fault, Rule, When};

impl FromStr for Rule {
    type Err = Error;

    /// Reads `KIND[=VALUE][,once|always|times=N|request=K][,path=PART]`.
    fn from_str(spec: &str) -> Result<Self> {
        let mut parts = spec.split(',');
        let kind = parts.next().unwrap_or_default();
        let mut rule = Self::once(fault(kind)?);
        for part in parts {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            match name {
                "once" => rule.when = When::Once,
                "always" => rule.when = When::Always,
                "times" => rule.when = When::Times(number(part, value)?),
                "request" => rule.when = When::OnRequest(number(part, value)?),
                "path" => rule.path = Some(value.to_owned()),
                _ => bail!(
                    "`{part}` in the fault `{spec}` is not one of once, always, times=N, request=K, path=PART"
                ),
            }
        }
        Ok(rule)
    }
}

fn fault(text: &str) -> Result<Fault> {
    let (kind, value) = text.split_once('=').unwrap_or((text, ""));
    Ok(match kind {
        "rate-limit" => Fault::RateLimited { seconds: number(text, value)?, header: true },
        "rate-limit-in-body" => Fault::RateLimited { seconds: number(text, value)?, header: false },
        "concurrency" => Fault::TooManyRunning { calls: number(text, value)? },
        "too-many-requests" => Fault::TooManyRequests { retry_after_seconds: number(text, value)? },
        "server-error" => Fault::ServerError,
        "bad-gateway" => Fault::BadGateway,
        "maintenance" => Fault::Maintenance,
        "reset" => Fault::ResetAt(number(text, value)?),
        "stall" => {
            let (bytes, seconds) = pair(text, value, "stall=BYTES/SECONDS")?;
            Fault::StallAt { bytes, lasting: Duration::from_secs(seconds) }
        }
        "truncate" => Fault::TruncateAt(number(text, value)?),
        "html" => Fault::Html { status: number(text, value)? },
        "empty" => Fault::Empty,
        "expired" => Fault::AccountExpired,
        "forbidden" => Fault::Forbidden,
        "garbage" => Fault::Garbage,
        "retry-later" => Fault::RetryLater,
        "bad-request" => Fault::BadRequest { code: number(text, value)? },
        "redirect" => Fault::RedirectTo(value.to_owned()),
        "control-characters" => Fault::ControlCharacters,
        "bad-utf8" => Fault::BadUtf8,
        "lower-case" => Fault::LowerCase,
        "no-declaration" => Fault::NoDeclaration,
        "entity-doctype" => Fault::EntityDoctype,
        "comment-in-record" => Fault::CommentInRecord,
        "record-end-in-cdata" => Fault::RecordEndInCdata,
        "unknown-root" => Fault::UnknownRoot,
        "echo-in-record" => Fault::EchoInRecord,
        "echo-taken-apart" => Fault::EchoTakenApart,
        "echo-in-body" => Fault::EchoInBody,
        "echo-in-error" => Fault::EchoInError,
        "generic-return" => Fault::GenericReturn { number: number(text, value)? },
        "v1-error" => Fault::V1Error { number: number(text, value)? },
        "repeat-border-ticket" => Fault::RepeatBorderTicket,
        "stuck-paging" => Fault::StuckPaging,
        "invalid-request" => Fault::InvalidRequest,
        "more-unsaid" => Fault::MoreUnsaid,
        "more-as-text" => Fault::MoreAsText,
        "stuck-last-id" => Fault::StuckLastId,
        "page-above" => {
            let (records, status) = pair(text, value, "page-above=RECORDS/STATUS")?;
            Fault::PageAbove { records, status }
        }
        "cut-above" => {
            let (records, bytes) = pair(text, value, "cut-above=RECORDS/BYTES")?;
            Fault::CutAbove { records, bytes }
        }
        "hide-launched" => Fault::HideLaunched,
        "lose-request" => Fault::LoseRequest,
        "lose-answer" => Fault::LoseAnswer,
        "page-for-answer" => Fault::PageForAnswer { status: number(text, value)? },
        "gzip-members" => Fault::GzipMembers,
        "revoke-token" => Fault::RevokeToken,
        "nul-in-names" => Fault::NulInNames,
        "data-envelope" => Fault::DataEnvelope,
        "shifted-pages" => Fault::ShiftedPages,
        "pieces" => Fault::Pieces(number(text, value)?),
        "charset" => {
            let (name, header) = match value.strip_suffix("/header") {
                Some(name) => (name, true),
                None => (value, false),
            };
            let charset = match name {
                "latin-1" => Charset::Latin1,
                "utf-16le" => Charset::Utf16LittleEndian,
                "utf-16be" => Charset::Utf16BigEndian,
                _ => bail!("`{text}` names no charset: write charset=latin-1, =utf-16le or =utf-16be"),
            };
            Fault::InCharset { charset, header }
        }
        _ => bail!("There is no fault `{kind}`; --help lists them"),
    })
}

fn pair<A: FromStr, B: FromStr>(text: &str, value: &str, form: &str) -> Result<(A, B)> {
    let (first, second) = value
        .split_once('/')
        .with_context(|| format!("`{text}` has not both of its numbers: write {form}"))?;
    Ok((number(text, first)?, number(text, second)?))
}

fn number<T: FromStr>(part: &str, value: &str) -> Result<T> {
    value.parse().map_err(|_| anyhow!("`{part}` needs a number that fits after its `=`, not `{value}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_read_from_its_parts() {
        let rule: Rule = "reset=5000,times=2,path=/msp/".parse().expect("a rule");
        assert_eq!(rule, Rule::times(2, Fault::ResetAt(5_000)).on("/msp/"));
        let rule: Rule = "stall=100/30,always".parse().expect("a rule");
        let lasting = Duration::from_secs(30);
        assert_eq!(rule, Rule::always(Fault::StallAt { bytes: 100, lasting }));
        let fault = Fault::InCharset { charset: Charset::Latin1, header: true };
        assert_eq!("charset=latin-1/header".parse::<Rule>().expect("a rule"), Rule::once(fault));
        for (spec, fault) in [
            ("empty", Fault::Empty),
            ("invalid-request", Fault::InvalidRequest),
            ("more-unsaid", Fault::MoreUnsaid),
            ("more-as-text", Fault::MoreAsText),
            ("stuck-last-id", Fault::StuckLastId),
        ] {
            assert_eq!(spec.parse::<Rule>().expect("a rule"), Rule::once(fault));
        }
    }

    #[test]
    fn what_is_no_rule_is_explained() {
        for spec in
            ["", "explode", "reset", "reset=x", "empty,sometimes", "stall=5", "html=99999", "charset=koi8"]
        {
            assert!(spec.parse::<Rule>().is_err(), "{spec}");
        }
    }
}
