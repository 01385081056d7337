//! Calls that make no sense end with exit code 2, and say what would.

use crate::stage::Stage;
use anyhow::Result;
use exhibit_simulator::World;

async fn told(arguments: &[&str]) -> Result<String> {
    let stage = Stage::new(World::default()).await?;
    let called = stage.connected(arguments).await?.ended_with(2)?;
    assert!(stage.source.requests().is_empty(), "nothing is asked for a call that makes no sense");
    Ok(called.stderr.replace(&stage.origin, "http://source").trim_end().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_proof_type() -> Result<()> {
    insta::assert_snapshot!(told(&["collect", "asets", "--out", "out"]).await?, @"
    error: unknown proof type `asets`; the plugin has: assets, users, vm-scans, pc-scans, tickets, was-scans, certificates, detections, scan-schedules
    next: did you mean `assets`?
    ");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_criterion() -> Result<()> {
    insta::assert_snapshot!(told(&["collect", "tickets", "--with", "sate=OPEN", "--out", "out"]).await?, @"
    error: unknown parameter `sate`; known: states, severities, asset-groups
    next: did you mean `states`?
    ");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_choice_that_there_is_not() -> Result<()> {
    insta::assert_snapshot!(told(&["collect", "tickets", "--with", "states=LOST", "--out", "out"]).await?, @r#"
    error: the criterion "states" cannot be "LOST": choose from OPEN, RESOLVED, CLOSED, IGNORED [states]
      while collecting tickets
    "#);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_that_ends_before_it_begins() -> Result<()> {
    let window = ["collect", "vm-scans", "--from", "2026-02-01", "--to", "2026-01-01", "--out", "out"];
    insta::assert_snapshot!(told(&window).await?, @"error: the window is empty: --from must lie before --to, and before --as-of where --to is not given");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_setting_that_makes_no_sense() -> Result<()> {
    let page = ["collect", "assets", "--set", "page-size=0", "--out", "out"];
    insta::assert_snapshot!(told(&page).await?, @r#"
    error: the setting "page-size" must be from 1 to 1000000 [page-size]
      while collecting assets
    "#);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_that_are_missing() -> Result<()> {
    let stage = Stage::new(World::default()).await?;
    let origin = format!("api={}", stage.origin);
    let call = ["collect", "users", "--set", "platform=US2", "--origin", &origin, "--out", "out"];
    let called = stage.exhibit(&call).await?.ended_with(2)?;
    insta::assert_snapshot!(called.stderr.trim_end(), @"
    error: the secret `username` is missing: The user name of an account with API access.
    next: add --secret username=env:VARIABLE or --secret username=file:PATH
    ");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_platform_without_its_address() -> Result<()> {
    let stage = Stage::new(World::default()).await?;
    let secrets = ["--secret", "username=env:U", "--secret", "password=env:P"];
    let call = [&["collect", "users", "--set", "platform=private", "--out", "out"][..], &secrets].concat();
    let called = stage.exhibit(&call).await?.ended_with(2)?;
    insta::assert_snapshot!(called.stderr.trim_end(), @"
    error: the settings do not give the address of `api`: name it, as in api=https://host
    next: add --origin api=https://…
    ");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_folder_that_one_is_in() -> Result<()> {
    let stage = Stage::new(World { users: 3, ..World::default() }).await?;
    stage.connected(&["collect", "users", "--out", "."]).await?.ended_with(0)?;
    assert_eq!(stage.kept(".").rows()?.len(), 3);
    Ok(())
}

/// As in a container or under a shell's limit, where there is no room for a pool of sandboxes.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn with_two_gigabytes_of_address_space() -> Result<()> {
    let stage = Stage::new(World::default()).await?;
    let line = format!("ulimit -v 2097152 && exec '{}' types", env!("CARGO_BIN_EXE_exhibit-tested"));
    let called = stage.shell(&line).await?.ended_with(0)?;
    assert!(called.stdout.contains("users"), "{}", called.stdout);
    Ok(())
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_under_standard_output_is_an_error_and_a_reader_that_has_gone_is_none() -> Result<()> {
    let stage = Stage::new(World::default()).await?;
    let program = env!("CARGO_BIN_EXE_exhibit-tested");
    let called = stage.shell(&format!("'{program}' types > /dev/full")).await?.ended_with(2)?;
    assert!(called.stderr.contains("cannot be written to standard output: No space left"), "{called:?}");
    let called = stage.shell(&format!("{{ '{program}' types; echo \"code $?\" >&2; }} | true")).await?;
    assert!(called.stderr.contains("code 0"), "{called:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_no_plugin() -> Result<()> {
    let stage = Stage::new(World::default()).await?;
    std::fs::write(stage.path("plugin.wasm"), "not wasm")?;
    let called = stage.exhibit(&["types", "--plugin", "plugin.wasm"]).await?.ended_with(2)?;
    insta::assert_snapshot!(called.stderr.trim_end(), @"
    error: this is no WebAssembly component that can run here: it does not begin as WebAssembly does
      while loading the plugin plugin.wasm
    next: name the component file of a plugin
    ");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_is_there_already() -> Result<()> {
    let stage = Stage::new(World { users: 3, ..World::default() }).await?;
    stage.collect("users", "out", &[]).await?.ended_with(0)?;
    let before = stage.kept("out").files()?;
    let asked = stage.source.requests().len();
    let called = stage.collect("users", "out", &[]).await?.ended_with(2)?;
    assert!(called.stderr.contains("next: name another folder"), "{}", called.stderr);
    assert!(stage.kept("out").files()? == before, "it is left as it was");
    assert_eq!(stage.source.requests().len(), asked, "and nothing is asked in vain");
    Ok(())
}
