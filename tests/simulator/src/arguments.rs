//! The command line of the simulator.

use std::{env, path::Path, str::FromStr};

use anyhow::{Context as _, Result, bail};
use exhibit_simulator::{CallerRole, Replay, Rule, Setup};
use lexopt::{Arg, Parser, ValueExt as _};

pub(crate) const HELP: &str = "\
A stand-in for Qualys on a port of 127.0.0.1.

Usage: exhibit-simulator [OPTIONS]

What there is:
  --assets N            scanned hosts [1000]
  --detections N        detections of each host [4]
  --unlisted-qids N     of N QIDs, one is not in the KnowledgeBase; 0: each is [50]
  --long-results N      of N detections, one has results of a megabyte; 0: not one [0]
  --no-knowledge-base   the account may not read the KnowledgeBase
  --users N             users [25]
  --scans N             VM scans; half of them in the last 30 days [120]
  --compliance-scans N  compliance scans, likewise [40]
  --schedules N         schedules of VM scans [12]
  --tickets N           remediation tickets [2500]
  --other-launches N    scans that others launch at the moment of each launch [0]
  --now DATE            the moment that all is dated from [that of this machine]
  --change-one-in N     of N hosts, tickets and certificates, one changes a day [0]
  --call-seconds N      seconds that pass with each call [0]
  --speed N             seconds that pass for launched scans in one of ours [1]
  --was-scans N         web application scans; half of them in the last 30 days [60]
  --certificates N      certificates [300]
  --asset-groups N      asset groups [8]
  --tags N              tags [16]
  --web-applications N  web applications [4]
  --networks            the subscription has networks
  --seed N              what all made-up values follow from [1]
  --restricted          the account is a unit manager who sees less of other users

Who gets in:
  --username U          the login [acme_sim1]
  --password-env VAR    the environment variable with its password [not-a-secret]
  Each of these gets in as well, with the same password:
  acme_manager   Manager
  acme_unit      Unit Manager of the business unit Labs
  acme_unit_r    Unit Manager with a restricted view
  acme_admin     User Administrator
  acme_scanner   Scanner
  acme_reader    Reader
  acme_auditor   Auditor
  acme_remedy    Remediation User
  acme_kb        KnowledgeBase Only
  acme_agents    Manager without full scope, for cloud agents
  acme_was       Reader who may launch WAS scans
  acme_was_read  Reader who may read WAS scans
  acme_certs     Reader who may view certificates
  acme_no_vm     Manager, without the VM module
  acme_no_pc     Manager, without the PC module
  acme_no_was    Manager, without the WAS module
  acme_no_cert   Manager, without a CertView licence
  acme_no_kb     Manager, without the KnowledgeBase
  and these do not:
  acme_contact   Contact, who has no API access
  acme_no_api    Reader without API access
  acme_sso       Reader who signs in by SSO
  acme_address   Reader at an address that is not allowed
  acme_expired   Reader whose account has expired
  acme_inactive  Reader who is not active
  acme_new       Reader who has not signed in yet

Limits:
  --rate-limit N        calls in an hour [300]
  --concurrency N       calls at once [2]
  --other-clients N     calls of others between two of ours [0]

How it answers:
  --port N              the port; 0 takes a free one [0]
  --no-gzip             never compress
  --no-comments         no evaluation comments and no footer
  --replay DIR          answer from recordings; DIR/replay.json says what with
  --answer STATUS=FILE  answer everything with one recording
  --until-stdin-closes  stop when standard input ends
  --fault SPEC          let something go wrong; can be repeated

A fault is KIND[=VALUE][,once|always|times=N|request=K][,path=PART], where once is the default. Kinds:
  rate-limit=SECONDS  rate-limit-in-body=SECONDS  concurrency=CALLS  too-many-requests=SECONDS
  server-error  bad-gateway  maintenance  html=STATUS  empty  garbage  retry-later
  expired  forbidden  bad-request=CODE  redirect=URL  generic-return=NUMBER  v1-error=NUMBER
  reset=BYTES  truncate=BYTES  stall=BYTES/SECONDS
  control-characters  bad-utf8  lower-case  no-declaration  entity-doctype  comment-in-record
  record-end-in-cdata  unknown-root  repeat-border-ticket  stuck-paging
  invalid-request  more-unsaid  more-as-text  stuck-last-id
  echo-in-record  echo-in-body  echo-in-error
  hide-launched  lose-request  lose-answer  page-for-answer=STATUS
  page-above=RECORDS/STATUS  cut-above=RECORDS/BYTES  gzip-members  pieces=BYTES
  charset=latin-1|utf-16le|utf-16be[/header]
  revoke-token  nul-in-names  data-envelope  shifted-pages

Examples:
  exhibit-simulator --assets 1000000 --rate-limit 1000000
  exhibit-simulator --fault reset=5000,times=2,path=/asset/host/ --fault rate-limit=3,request=4
  exhibit-simulator --answer 200=recorded/hosts.xml

It prints `listening on http://127.0.0.1:PORT` and serves until it is interrupted.
";

/// What the simulator was asked to do.
pub(crate) enum Command {
    Help,
    Serve(Box<Arguments>),
}

/// How to serve.
pub(crate) struct Arguments {
    pub(crate) setup: Setup,
    pub(crate) rules: Vec<Rule>,
    pub(crate) until_stdin_closes: bool,
}

/// Reads the command line; `now`, in milliseconds since 1970, is the moment of the world unless it names another one. Fails on
/// what it does not know, and on files that are not there.
pub(crate) fn read(now: i64) -> Result<Command> {
    let mut arguments = Arguments { setup: Setup::default(), rules: Vec::new(), until_stdin_closes: false };
    // As at the real source, time passes, and one clock dates all of an answer.
    let world = &mut arguments.setup.world;
    (world.now, world.dated, world.speed) = (now, true, 1);
    let mut parser = Parser::from_env();
    while let Some(argument) = parser.next()? {
        let Arg::Long(name) = argument else {
            if argument == Arg::Short('h') {
                return Ok(Command::Help);
            }
            return Err(argument.unexpected()).context("--help lists the options");
        };
        let name = name.to_owned();
        if name == "help" {
            return Ok(Command::Help);
        }
        option(&name, &mut parser, &mut arguments).with_context(|| format!("--{name}"))?;
    }
    Ok(Command::Serve(Box::new(arguments)))
}

fn option(name: &str, parser: &mut Parser, arguments: &mut Arguments) -> Result<()> {
    let setup = &mut arguments.setup;
    let world = &mut setup.world;
    match name {
        "assets" => world.assets = number(parser)?,
        "detections" => world.detections = number(parser)?,
        "unlisted-qids" => world.unlisted_qids = number(parser)?,
        "long-results" => world.long_results = number(parser)?,
        "no-knowledge-base" => world.knowledge_base = false,
        "users" => world.users = number(parser)?,
        "scans" => world.scans = number(parser)?,
        "compliance-scans" => world.compliance_scans = number(parser)?,
        "schedules" => world.schedules = number(parser)?,
        "tickets" => world.tickets = number(parser)?,
        "other-launches" => world.other_launches = number(parser)?,
        "now" => {
            let date = text(parser)?;
            world.now = moment(&date).with_context(|| {
                format!("`{date}` is no date, such as 2026-11-01 or 2026-11-01T08:00:00Z")
            })?;
        }
        "change-one-in" => world.change_one_in = number(parser)?,
        "call-seconds" => world.seconds_a_call = number(parser)?,
        "speed" => world.speed = number(parser)?,
        "was-scans" => world.was_scans = number(parser)?,
        "certificates" => world.certificates = number(parser)?,
        "asset-groups" => world.asset_groups = number(parser)?,
        "tags" => world.tags = number(parser)?,
        "web-applications" => world.web_applications = number(parser)?,
        "networks" => world.networks = true,
        "seed" => world.seed = number(parser)?,
        "restricted" => world.caller_role = CallerRole::RestrictedUnitManager,
        "username" => world.username = text(parser)?,
        "password-env" => {
            let variable = text(parser)?;
            world.password = env::var(&variable)
                .with_context(|| format!("The environment has no text named {variable}"))?;
        }
        "rate-limit" => world.rate_limit = number(parser)?,
        "concurrency" => world.concurrency_limit = number(parser)?,
        "other-clients" => world.other_clients = number(parser)?,
        "port" => setup.port = number(parser)?,
        "no-gzip" => world.gzip = false,
        "no-comments" => world.comments = false,
        "replay" | "answer" if setup.replay.is_some() => {
            bail!("there can be only one --replay or --answer");
        }
        "replay" => setup.replay = Some(Replay::open(Path::new(&parser.value()?))?),
        "answer" => {
            let answer = text(parser)?;
            let (status, file) = answer
                .split_once('=')
                .with_context(|| format!("`{answer}` is not STATUS=FILE, such as 200=hosts.xml"))?;
            let status =
                status.parse().with_context(|| format!("`{status}` is not the status of an answer"))?;
            setup.replay = Some(Replay::always(status, Path::new(file))?);
        }
        "until-stdin-closes" => arguments.until_stdin_closes = true,
        "fault" => arguments.rules.push(text(parser)?.parse()?),
        _ => bail!("there is no such option; --help lists them"),
    }
    Ok(())
}

/// A date, or a date and a time in UTC, in milliseconds since 1970.
fn moment(text: &str) -> Option<i64> {
    let whole = if text.len() == "2026-11-01".len() { format!("{text}T00:00:00Z") } else { text.to_owned() };
    whole.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_millisecond)
}

fn text(parser: &mut Parser) -> Result<String> {
    Ok(parser.value()?.string()?)
}

fn number<T: FromStr>(parser: &mut Parser) -> Result<T>
where
    T::Err: Into<Box<dyn std::error::Error + Send + Sync + 'static>>,
{
    Ok(parser.value()?.parse()?)
}

#[cfg(test)]
mod tests {
    use exhibit_simulator::ACCOUNTS;

    use super::HELP;

    #[test]
    fn the_help_names_every_account() {
        for account in ACCOUNTS {
            let line = format!("\n  {:<13}  {}\n", account.login, account.about);
            assert!(HELP.contains(&line), "{line}");
        }
    }
}
