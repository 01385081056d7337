//! Collections that are killed at any moment leave what was there before, or one whole package more.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use exhibit_simulator::World;

use crate::dice::Dice;
use crate::rounds;
use crate::stage::Stage;

/// How many collections are killed.
const KILLS: &str = "EXHIBIT_TESTS_KILLS";
const USUAL_KILLS: u64 = 12;
const FURTHER: [&str; 6] = ["--as-of", "2026-11-01", "--test", "suggested", "--sign", "file:key.pem"];
const VERIFY: [&str; 3] = ["--digests", "--key", "key.pem.pub"];

fn names(folder: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

/// What the message of the command says to do.
fn end_the_move(there: &Path) -> Result<()> {
    for name in names(there)?.iter().filter(|it| it.starts_with(".exhibit.partial-")) {
        let partial = there.join(name);
        for rest in names(&partial.join("moving"))? {
            fs::rename(partial.join("moving").join(&rest), there.join(&rest))?;
        }
        fs::remove_dir_all(partial)?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn at_any_moment_leave_all_or_nothing() -> Result<()> {
    let world = World { assets: 300, rate_limit: 100_000, ..World::default() };
    let stage = Stage::new(world).await?;
    stage.exhibit(&["keys", "new", "--out", "key.pem"]).await?.ended_with(0)?;
    // The first one compiles the plugin.
    stage.collect("assets", "out/first", &FURTHER).await?.ended_with(1)?;
    let began = Instant::now();
    stage.collect("assets", "out/second", &FURTHER).await?.ended_with(1)?;
    let mut usual = u64::try_from(began.elapsed().as_micros())?;

    let rounds = rounds(KILLS, USUAL_KILLS);
    let mut dice = Dice::new(5);
    let (mut killed, mut whole, mut half, mut resumed) = (0, 0, 0, 0_u32);
    // Some end before their moment comes, above all where the machine had more to do at first.
    for round in 0..rounds * 20 {
        if killed == rounds {
            break;
        }
        let name = format!("out/{round:04}");
        let into_empty = round % 2 == 1;
        if into_empty {
            fs::create_dir(stage.path(&name))?;
        }
        let further = if round % 3 == 0 { &FURTHER[..2] } else { &FURTHER[..] };
        let mut arguments = vec!["collect", "assets", "--out", &name];
        arguments.extend(further);
        // Most of what can go wrong goes wrong at the end.
        let earliest = if round % 4 == 0 { 0 } else { usual * 3 / 5 };
        let moment = Duration::from_micros(earliest + dice.below(usual * 11 / 10 - earliest));
        let mut command = stage.connecting(&arguments);
        let mut running = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        tokio::time::sleep(moment).await;
        running.start_kill()?;
        if running.wait().await?.code().is_none() {
            killed += 1;
        } else {
            usual = (usual * 9 / 10).max(10_000);
        }
        let there = stage.path(&name);
        if there.join("proof.json").exists() {
            whole += 1;
        } else if there.exists() {
            ensure!(into_empty, "{name} is there in part");
            half += u64::from(!names(&there)?.is_empty());
        }
    }

    // The same calls once more: what was committed is resumed, and nothing else is left of them.
    for round in 0..rounds * 20 {
        let name = format!("out/{round:04}");
        let there = stage.path(&name);
        let beside =
            names(&stage.path("out"))?.iter().any(|it| it.starts_with(&format!(".{round:04}.partial-")));
        let within = there.is_dir() && names(&there)?.iter().any(|it| it.starts_with('.'));
        if (beside || within) && !there.join("proof.json").exists() {
            let (further, code) = if round % 3 == 0 { (&FURTHER[..2], 0) } else { (&FURTHER[..], 1) };
            let called = stage.collect("assets", &name, further).await?;
            if called.code == Some(2) && called.stderr.contains("evidence was on its way into it") {
                // Killed while it moved: what is left there may be of anyone, so a person ends the move.
                end_the_move(&there)?;
                continue;
            }
            resumed += u32::from(called.ended_with(code)?.stderr.contains("is resumed"));
        }
    }
    stage.collect("users", "out/last", &FURTHER).await?.ended_with(1)?;
    let mut packages = 0;
    for name in names(&stage.path("out"))? {
        ensure!(!name.starts_with('.'), "{name} is left");
        let there = stage.path("out").join(&name);
        if names(&there)?.is_empty() {
            continue;
        }
        let within = names(&there)?;
        ensure!(within.iter().any(|it| it == "proof.json"), "{name} is half a package: {within:?}");
        let path = there.display().to_string();
        // Killed between its last step and the end of its folder: a verifier cannot know whose that is.
        if let Some(left) = within.iter().find(|it| it.starts_with(".exhibit.partial-")) {
            let called = stage.exhibit(&["verify", &path, VERIFY[0]]).await?.ended_with(1)?;
            ensure!(called.stdout.contains(&format!("next: remove {left}")), "{called:?}");
            fs::remove_dir_all(there.join(left))?;
        }
        let signed = within.iter().any(|it| it == "signature.json");
        let verify = if signed { &VERIFY[..] } else { &VERIFY[..1] };
        stage.exhibit(&[&["verify", &path], verify].concat()).await?.ended_with(0)?;
        packages += 1;
    }
    println!(
        "collections of {} ms: {killed} killed, {whole} whole by then, {half} begun within a folder, {resumed} \
         resumed, {} whole after the next start",
        usual / 1000,
        packages - 3
    );
    ensure!(killed == rounds, "only {killed} of {rounds} were killed before their end");
    Ok(())
}
