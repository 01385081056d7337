//! A disk that fails, and processes that are killed: each file system call of a command, one at a time. The commands after
//! that find everything as it should be, or say truly what is missing; none takes what the fault did for tampering.

#![cfg(target_os = "linux")]

mod call;
#[path = "../package/dice.rs"]
#[expect(dead_code, reason = "not all of it is needed here")]
mod dice;
mod scenario;
mod shim;
#[path = "../collect/stage.rs"]
#[expect(dead_code, reason = "the stage of all whole-system tests; not all of it is needed here")]
mod stage;

use anyhow::{Result, ensure};

use crate::call::{Call, Injection, injections};
use crate::dice::Dice;
use crate::scenario::{SCENARIOS, Scenario, Workshop};
use crate::shim::Shim;

/// How many injections into each command.
const INJECTIONS: &str = "EXHIBIT_TESTS_FAULTS";
/// Enough for every day: of each command, some calls of all kinds, others with each change of this number.
const USUAL_INJECTIONS: usize = 9;
const SEED: u64 = 13;

/// A few injections into each command. `EXHIBIT_TESTS_FAULTS` says how many, `EXHIBIT_TESTS_FAULTS_SEED` which.
#[tokio::test(flavor = "multi_thread")]
async fn some_calls_of_each_command_fail_or_are_its_last() -> Result<()> {
    let number = |variable: &str| std::env::var(variable).ok().and_then(|it| it.parse().ok());
    let most = number(INJECTIONS).unwrap_or(USUAL_INJECTIONS);
    let seed = number("EXHIBIT_TESTS_FAULTS_SEED").map_or(SEED, |it| it as u64);
    inject(|all| {
        let mut dice = Dice::new(seed);
        let mut chosen = Vec::new();
        let mut left: Vec<Injection> = all.into_iter().filter(|it| it.call.is_first).collect();
        while chosen.len() < most && !left.is_empty() {
            let at = usize::try_from(dice.below(left.len() as u64)).unwrap_or(0);
            chosen.push(left.swap_remove(at));
        }
        chosen
    })
    .await
}

/// Every call of each command; of those that are repeated for one file, the first sixty and every seventh.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "hours: run it with `just faults`"]
async fn every_call_of_each_command_fails_or_is_its_last() -> Result<()> {
    inject(|all| all.into_iter().filter(|it| it.call.is_among_first(60, 7)).collect()).await
}

async fn inject(choose: impl Fn(Vec<Injection>) -> Vec<Injection>) -> Result<()> {
    let Some(shim) = Shim::build()? else { return Ok(()) };
    let workshop = Workshop::new(shim).await?;
    let (mut faults, mut tried) = (Vec::new(), 0);
    for scenario in SCENARIOS {
        let calls = workshop.calls(scenario).await?;
        ensure!(calls.len() > 20, "{}: only {} calls are seen", scenario.name, calls.len());
        for injection in choose(injections(&calls)) {
            tried += 1;
            if let Err(wrong) = one(&workshop, scenario, &injection).await {
                faults.push(format!("{}, {injection}: {wrong:#}", scenario.name));
            }
        }
    }
    println!("{tried} injections, {} faults", faults.len());
    ensure!(faults.is_empty(), "{} of {tried}:\n{}", faults.len(), faults.join("\n"));
    ensure!(tried > 0, "nothing was tried");
    Ok(())
}

/// The command with one fault, and what comes after it.
async fn one(workshop: &Workshop, scenario: &Scenario, injection: &Injection) -> Result<()> {
    workshop.begin(scenario)?;
    let called = workshop.run(scenario.command, Some(injection)).await?;
    let said = format!("{}{}", called.stdout, called.stderr);
    ensure!(!said.contains("panicked"), "it panics: {said}");
    if injection.kills() {
        ensure!(called.code == Some(128 + 9), "it was not killed: {called:?}");
    } else {
        let ends_well = called.code.is_some_and(|it| scenario.ends.contains(&it));
        ensure!(ends_well || called.code == Some(2), "{called:?}");
        ensure!(
            called.code != Some(2) || called.stderr.contains("next:"),
            "it says not what to do: {called:?}"
        );
        blames_no_one(&called.stderr)?;
    }
    for (command, ends) in scenario.then {
        let after = workshop.run(command, None).await?;
        ensure!(
            after.code.is_some_and(|it| ends.contains(&it)),
            "after {called:?}\n`{}` ends so: {after:?}",
            command.join(" ")
        );
        blames_no_one(&after.stderr)?;
    }
    let is_kept = called.stderr.contains("it is kept in ");
    let left = workshop.left()?;
    ensure!(left.is_empty() || is_kept, "after {called:?}\nleft behind: {left:?}");
    Ok(())
}

/// Whether nothing is said of changes that others made.
fn blames_no_one(stderr: &str) -> Result<()> {
    for word in ["altered", "no command began", "is damaged", "was added", "rewritten", "do not rely"] {
        ensure!(!stderr.contains(word), "it takes a fault for {word:?}: {stderr}");
    }
    Ok(())
}

#[test]
fn calls_are_read_and_those_of_one_kind_counted() -> Result<()> {
    let calls =
        Call::parse("1 openat r /work/a\n2 write n /work/a\n3 write n /work/b 1\n4 flock l /work/lock\n")?;
    let injections = injections(&calls);
    let said = |number: usize| {
        injections.iter().filter(|it| it.call.number == number).map(|it| it.action).collect::<Vec<_>>()
    };
    assert_eq!(said(1), ["13", "5", "24"]);
    assert_eq!(said(2), ["28", "5", "full", "kill", "torn"]);
    assert_eq!(said(4), ["37", "5"]);
    assert_eq!(calls.iter().filter(|it| it.is_first).count(), 4);
    Ok(())
}
