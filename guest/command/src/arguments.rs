//! The command line.

mod connect;
mod operate;
mod values;

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use exhibit_plugin::catalog::{Manifest, ProofType};
use exhibit_plugin::types::Instant;
use lexopt::{Arg, Parser, ValueExt as _};

use self::connect::unknown;
use self::values::{Read, instant, pair, seconds};
use crate::failure::Failure;
use crate::help;

pub(crate) use self::connect::Connect;
pub(crate) use self::operate::{LookUp, Operate};

/// What the process was called for.
#[derive(Debug)]
pub(crate) enum Call {
    /// To say this.
    Help(String),
    /// To list the proof types, or to describe one.
    Types(Option<String>),
    /// To collect.
    Collect(Box<Collect>),
    /// To carry out an operation.
    Operate(Box<Operate>),
    /// To list what can be chosen at the source.
    LookUp(Box<LookUp>),
    /// To say how an account is set up.
    Guide,
    /// To test rows.
    Test(Test),
}

/// What to collect, and how.
#[derive(Debug, Default)]
pub(crate) struct Collect {
    pub(crate) proof_type: String,
    pub(crate) connect: Connect,
    pub(crate) with: Vec<(String, String)>,
    pub(crate) answers: Option<PathBuf>,
    pub(crate) from: Option<Instant>,
    pub(crate) to: Option<Instant>,
    pub(crate) as_of: Option<Instant>,
    pub(crate) max_wait: Option<Duration>,
    pub(crate) max_time: Option<Duration>,
    pub(crate) csv: bool,
}

/// Which rows to test.
#[derive(Debug)]
pub(crate) struct Test {
    pub(crate) proof_type: String,
    /// `-` is standard input.
    pub(crate) file: PathBuf,
    pub(crate) as_of: Option<Instant>,
}

/// Reads the command line.
pub(crate) fn read(mut parser: Parser, manifest: &Manifest) -> Result<Call, Failure> {
    let help = || Ok(Call::Help(help::text(manifest)));
    let Some(first) = parser.next()? else { return help() };
    let command = match first {
        Arg::Short('h') | Arg::Long("help") => return help(),
        Arg::Short('V') | Arg::Long("version") => {
            return Ok(Call::Help(format!("{} {}\n", manifest.id, manifest.version)));
        }
        Arg::Value(command) => command,
        other => return Err(other.unexpected().into()),
    };
    let call = match command.to_str() {
        Some("help") => return help(),
        Some("types") => types(&mut parser),
        Some("collect") => collect(&mut parser).map(|it| it.map(|it| Call::Collect(Box::new(it)))),
        Some("operate") => operate::operate(&mut parser).map(|it| it.map(|it| Call::Operate(Box::new(it)))),
        Some("lookup") => operate::look_up(&mut parser).map(|it| it.map(|it| Call::LookUp(Box::new(it)))),
        Some("guide") => guide(&mut parser),
        Some("test") => test(&mut parser).map(|it| it.map(Call::Test)),
        _ => {
            let what = format!("unknown command `{}`", command.to_string_lossy());
            return Err(Failure::call(what)
                .next("use types, collect, test, operate, lookup or guide; --help explains them"));
        }
    };
    call?.map_or_else(help, Ok)
}

/// The proof type of this name.
pub(crate) fn proof_type<'a>(manifest: &'a Manifest, name: &str) -> Result<&'a ProofType, Failure> {
    manifest.proof_types.iter().find(|it| it.name == name).ok_or_else(|| {
        let known: Vec<&str> = manifest.proof_types.iter().map(|it| it.name.as_str()).collect();
        Failure::call(format!("unknown proof type `{name}`: choose from {}", known.join(", ")))
            .next("`types` describes them")
    })
}

fn types(parser: &mut Parser) -> Read<Call> {
    let mut name = None;
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Value(value) if name.is_none() => name = Some(value.string()?),
            Arg::Short('h') | Arg::Long("help") => return Ok(None),
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(Some(Call::Types(name)))
}

fn collect(parser: &mut Parser) -> Read<Collect> {
    let mut it = Collect::default();
    let mut named = false;
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Value(value) if !named => (it.proof_type, named) = (value.string()?, true),
            Arg::Long("with") => it.with.push(pair("--with", parser.value()?)?),
            Arg::Long("answers") => it.answers = Some(parser.value()?.into()),
            Arg::Long("from") => it.from = Some(instant("--from", parser.value()?)?),
            Arg::Long("to") => it.to = Some(instant("--to", parser.value()?)?),
            Arg::Long("as-of") => it.as_of = Some(instant("--as-of", parser.value()?)?),
            Arg::Long("max-wait") => it.max_wait = seconds(parser)?,
            Arg::Long("max-time") => it.max_time = seconds(parser)?,
            Arg::Long("csv") => it.csv = true,
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
    if !named {
        return Err(Failure::call("collect needs the name of a proof type").next("`types` lists them"));
    }
    it.connect.check()?;
    Ok(Some(it))
}

fn guide(parser: &mut Parser) -> Read<Call> {
    match parser.next()? {
        None => Ok(Some(Call::Guide)),
        Some(Arg::Short('h') | Arg::Long("help")) => Ok(None),
        Some(other) => Err(other.unexpected().into()),
    }
}

fn test(parser: &mut Parser) -> Read<Test> {
    let mut values: Vec<OsString> = Vec::new();
    let mut as_of = None;
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Value(value) if values.len() < 2 => values.push(value),
            Arg::Long("as-of") => as_of = Some(instant("--as-of", parser.value()?)?),
            Arg::Short('h') | Arg::Long("help") => return Ok(None),
            other => return Err(other.unexpected().into()),
        }
    }
    match <[OsString; 2]>::try_from(values) {
        Ok([proof_type, file]) => {
            Ok(Some(Test { proof_type: proof_type.string()?, file: file.into(), as_of }))
        }
        Err(_) => Err(Failure::call("test needs a proof type and a file with its rows")
            .next("such as: test users users.ndjson")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(arguments: &[&str]) -> String {
        let manifest = Manifest {
            id: "example".to_owned(),
            version: "1.2.3".to_owned(),
            label: "Example".to_owned(),
            vendor: "Example".to_owned(),
            settings: vec![],
            secrets: vec![],
            auth: vec![],
            answer_headers: vec![],
            proof_types: vec![],
            operations: vec![],
            lookups: vec![],
            inventories: vec![],
            guide: String::new(),
        };
        match read(Parser::from_args(arguments), &manifest) {
            Ok(Call::Help(text)) => format!("{}…", text.lines().next().unwrap_or_default()),
            Ok(call) => format!("{call:?}"),
            Err(failure) => failure.to_string(),
        }
    }

    #[test]
    fn says_what_is_wrong_with_a_call() {
        let calls: Vec<String> = [
            vec![],
            vec!["--version"],
            vec!["collect", "users", "--help"],
            vec!["types", "users"],
            vec!["test", "users", "rows.ndjson", "--as-of", "1970-01-02"],
            vec!["fetch"],
            vec!["collect"],
            vec!["collect", "users", "more"],
            vec!["collect", "users", "--sett", "a=b"],
            vec!["collect", "users", "--set", "platform"],
            vec!["collect", "users", "--secret", "password=hunter2"],
            vec!["collect", "users", "--secret", "hunter2"],
            vec!["collect", "users", "--secret", "password=env:P", "--signer"],
            vec!["collect", "users", "--from", "yesterday"],
            vec!["test", "users"],
        ]
        .iter()
        .map(|it| said(it))
        .collect();
        assert!(!calls.join("\n").contains("hunter2"));
        insta::assert_snapshot!(calls.join("\n"), @r#"
        Collects proofs from Example on any WebAssembly runtime that has wasi:http.…
        example 1.2.3…
        Collects proofs from Example on any WebAssembly runtime that has wasi:http.…
        Types(Some("users"))
        Test(Test { proof_type: "users", file: "rows.ndjson", as_of: Some(86400000) })
        error: unknown command `fetch`
        next: use types, collect, test, operate, lookup or guide; --help explains them
        error: collect needs the name of a proof type
        next: `types` lists them
        error: unexpected argument "more"
        next: --help lists the options
        error: invalid option '--sett'
        next: --help lists the options
        error: --set must be NAME=VALUE
        error: --secret: a secret is given by the place where it is stored, env:NAME or file:PATH (the text is not repeated here, because it may be the secret itself)
        error: --secret must be NAME=env:VARIABLE or NAME=file:PATH
        error: --signer and --secret exclude each other: with --signer, another component has the secrets
        error: --from cannot be `yesterday`
        next: write a date as 2026-01-31, or a date and time as 2026-01-31T12:00:00Z or 2026-01-31T12:00:00+01:00; without an offset it is UTC
        error: test needs a proof type and a file with its rows
        next: such as: test users users.ndjson
        "#);
    }
}
