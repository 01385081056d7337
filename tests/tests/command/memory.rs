//! Whose memory the password is in, while a collection is under way.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use exhibit_simulator::{Fault, Rule, World};
use tokio::process::Command;

use crate::composed::compose;
use crate::memories::linear_memories;
use crate::runtime::{COMMAND, Runtime};

const CANARY: &str = "canary-52c8-Passw0rd-b07d";
/// What only the command says of itself: its memory begins with it.
const COMMANDS: &[u8] = b"runs the suggested tests over rows that collect wrote";
/// What an answer begins with. The command has it when it has begun to read.
const ANSWERS: &[u8] = b"<!DOCTYPE HOST_LIST_OUTPUT SYSTEM";

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
async fn look_through(mut command: Command, username: &str) -> Result<Vec<Found>> {
    let pair = BASE64_STANDARD.encode(format!("{username}:{CANARY}"));
    let mut child = command.stdout(std::process::Stdio::null()).spawn()?;
    let pid = child.id().context("a running process")?;
    let mut found = Vec::new();
    // Until the answer is being read, twenty seconds at most.
    for _ in 0..100 {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let look = |memory: Vec<u8>| Found {
            command: contains(&memory, COMMANDS),
            answer: contains(&memory, ANSWERS),
            password: contains(&memory, CANARY.as_bytes()) || contains(&memory, pair.as_bytes()),
        };
        found = linear_memories(pid)?.into_iter().map(look).collect();
        if found.iter().any(|it| it.answer) {
            break;
        }
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
    let username = runtime.stage.login.0.clone();
    let arguments = |further: &[&str]| runtime.collecting(&[&["assets"], further].concat());

    // Alone, the command has it: so it would be found.
    let alone = arguments(&[]);
    let alone: Vec<&str> = alone.iter().map(String::as_str).collect();
    let alone =
        look_through(runtime.command(Path::new(COMMAND), &runtime.login(), &alone), &username).await?;
    assert_eq!(alone, [Found { command: true, answer: true, password: true }]);

    let (file, variables) = compose(&runtime)?;
    let signed = arguments(&["--signer"]);
    let signed: Vec<&str> = signed.iter().map(String::as_str).collect();
    let mut signed = look_through(runtime.command(&file, &variables, &signed), &username).await?;
    signed.sort_by_key(|it| it.command);
    let signers = Found { command: false, answer: false, password: true };
    let commands = Found { command: true, answer: true, password: false };
    assert_eq!(signed, [signers, commands]);
    Ok(())
}
