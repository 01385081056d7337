//! Whose memory the password is in, while a collection is under way.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use exhibit_simulator::{Fault, Rule, World};
use tokio::process::Command;
use tokio::time::timeout;

use crate::composed::compose;
use crate::memories::linear_memories;
use crate::runtime::{COMMAND, Runtime};

const CANARY: &str = "canary-52c8-Passw0rd-b07d";
/// What only the command says of itself: its memory begins with it.
const COMMANDS: &[u8] = b"runs the suggested tests over rows that collect wrote";
/// What an answer begins with. The command has it when it has begun to read.
const ANSWERS: &[u8] = b"<!DOCTYPE HOST_LIST_OUTPUT SYSTEM";

/// The first request comes after the component is compiled.
const PATIENCE: Duration = Duration::from_secs(60);
/// What has come in is read at once; each look takes a moment itself.
const LOOKS: u32 = 200;
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);

/// What was found in a memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Found {
    command: bool,
    answer: bool,
    password: bool,
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    memchr::memmem::find(haystack, needle).is_some()
}

/// Looks through the memories of a collection whose source stalls in the middle of an answer.
async fn look_through(runtime: &Runtime, mut command: Command) -> Result<Vec<Found>> {
    let pair = BASE64_STANDARD.encode(format!("{}:{CANARY}", runtime.stage.login.0));
    let source = &runtime.stage.source;
    let before = source.requests().len() as u64;
    let mut child = command.stdout(std::process::Stdio::null()).spawn()?;
    let pid = child.id().context("a running process")?;
    timeout(PATIENCE, source.asked(before + 1)).await?;
    let mut found = Vec::new();
    // From outside, only its memory shows that it has begun to read the answer.
    for _ in 0..LOOKS {
        let look = |memory: Vec<u8>| Found {
            command: contains(&memory, COMMANDS),
            answer: contains(&memory, ANSWERS),
            password: contains(&memory, CANARY.as_bytes()) || contains(&memory, pair.as_bytes()),
        };
        found = linear_memories(pid)?.into_iter().map(look).collect();
        if found.iter().any(|it| it.answer) {
            break;
        }
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
    child.kill().await?;
    ensure!(found.iter().any(|it| it.answer), "no memory has the answer: this looked in the wrong place");
    Ok(found)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_password_is_in_the_signers_and_in_no_other() -> Result<()> {
    ensure!(
        !contains(&std::fs::read(COMMAND)?, ANSWERS),
        "the answer's first words are no sign of an answer"
    );
    let world = World { assets: 300, password: CANARY.to_owned(), ..World::default() };
    let Some(runtime) = Runtime::new(world).await? else { return Ok(()) };
    let stall = Fault::StallAt { bytes: 2_000, lasting: Duration::from_secs(60) };
    runtime.stage.source.faults().set([Rule::always(stall)]);
    let arguments = |further: &[&str]| runtime.collecting(&[&["assets"], further].concat());

    // Alone, the command has it: so it would be found.
    let alone = arguments(&[]);
    let alone: Vec<&str> = alone.iter().map(String::as_str).collect();
    let alone = look_through(&runtime, runtime.command(Path::new(COMMAND), &runtime.login(), &alone)).await?;
    assert_eq!(alone, [Found { command: true, answer: true, password: true }]);

    let (file, variables) = compose(&runtime)?;
    let signed = arguments(&["--signer"]);
    let signed: Vec<&str> = signed.iter().map(String::as_str).collect();
    let mut signed = look_through(&runtime, runtime.command(&file, &variables, &signed)).await?;
    signed.sort_by_key(|it| it.command);
    let signers = Found { command: false, answer: false, password: true };
    let commands = Found { command: true, answer: true, password: false };
    assert_eq!(signed, [signers, commands]);
    Ok(())
}
