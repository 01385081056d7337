//! The command lines of `operate` and `lookup`.

use std::path::PathBuf;
use std::time::Duration;

use lexopt::{Arg, Parser, ValueExt as _};

use super::connect::{Connect, unknown};
use super::values::{Read, pair, seconds};
use crate::failure::Failure;

/// What to carry out, and how.
#[derive(Debug, Default)]
pub(crate) struct Operate {
    /// `None` lists what there is.
    pub(crate) operation: Option<String>,
    pub(crate) connect: Connect,
    pub(crate) with: Vec<(String, String)>,
    /// The first of the two keys: this call may change something.
    pub(crate) allowed: bool,
    /// The second one.
    pub(crate) confirm: Option<String>,
    pub(crate) wait: bool,
    pub(crate) out: Option<PathBuf>,
    pub(crate) account: Option<String>,
    pub(crate) resume: bool,
    pub(crate) fresh: bool,
    /// The process that had begun it has ended: there is no need to wait for it.
    pub(crate) take_over: bool,
    pub(crate) max_wait: Option<Duration>,
    pub(crate) max_time: Option<Duration>,
}

/// What to list.
#[derive(Debug, Default)]
pub(crate) struct LookUp {
    /// `None` lists what there is.
    pub(crate) lookup: Option<String>,
    pub(crate) connect: Connect,
    pub(crate) with: Vec<(String, String)>,
    pub(crate) max_wait: Option<Duration>,
}

impl Operate {
    /// Whether it only asks what the operation takes.
    pub(crate) fn is_question(&self) -> bool {
        let asks = self.allowed || self.confirm.is_some() || self.resume;
        !(asks || self.connect.is_given()) && self.with.is_empty()
    }
}

pub(super) fn operate(parser: &mut Parser) -> Read<Operate> {
    let mut it = Operate::default();
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Value(value) if it.operation.is_none() => it.operation = Some(value.string()?),
            Arg::Long("with") => it.with.push(pair("--with", parser.value()?)?),
            Arg::Long("allow-operate") => it.allowed = true,
            Arg::Long("confirm") => it.confirm = Some(parser.value()?.string()?),
            Arg::Long("wait") => it.wait = true,
            Arg::Long("out") => it.out = Some(parser.value()?.into()),
            Arg::Long("account") => it.account = Some(parser.value()?.string()?),
            Arg::Long("resume") => it.resume = true,
            Arg::Long("fresh") => it.fresh = true,
            Arg::Long("take-over") => it.take_over = true,
            Arg::Long("max-wait") => it.max_wait = seconds(parser)?,
            Arg::Long("max-time") => it.max_time = seconds(parser)?,
            Arg::Short('h') | Arg::Long("help") => return Ok(None),
            Arg::Long(option) => {
                let option = option.to_owned();
                if !it.connect.take(&option, parser)? {
                    return Err(unknown(&option));
                }
            }
            other => return Err(other.unexpected().into()),
        }
    }
    it.connect.check()?;
    if it.resume && it.fresh {
        return Err(Failure::call(
            "--resume and --fresh exclude each other: one goes on with what was interrupted, the other starts over",
        ));
    }
    Ok(Some(it))
}

pub(super) fn look_up(parser: &mut Parser) -> Read<LookUp> {
    let mut it = LookUp::default();
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Value(value) if it.lookup.is_none() => it.lookup = Some(value.string()?),
            Arg::Long("with") => it.with.push(pair("--with", parser.value()?)?),
            Arg::Long("max-wait") => it.max_wait = seconds(parser)?,
            Arg::Short('h') | Arg::Long("help") => return Ok(None),
            Arg::Long(option) => {
                let option = option.to_owned();
                if !it.connect.take(&option, parser)? {
                    return Err(unknown(&option));
                }
            }
            other => return Err(other.unexpected().into()),
        }
    }
    it.connect.check()?;
    Ok(Some(it))
}
