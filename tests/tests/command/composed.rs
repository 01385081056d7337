//! The command behind the signer.

use std::path::PathBuf;

use anyhow::Result;
use exhibit_simulator::World;

use crate::runtime::{Runtime, composed, ran};

/// The composed component, and the signer's variables.
pub(crate) fn compose(runtime: &Runtime) -> Result<(PathBuf, [(&str, &str); 3])> {
    let file = runtime.stage.path("composed.wasm");
    std::fs::write(&file, composed()?)?;
    let (username, password) = &runtime.stage.login;
    Ok((
        file,
        [
            ("SIGNER_ORIGIN", &runtime.stage.origin),
            ("SIGNER_USERNAME", username),
            ("SIGNER_PASSWORD", password),
        ],
    ))
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_those_of_the_command_alone() -> Result<()> {
    let Some(runtime) = Runtime::new(World { assets: 300, ..World::default() }).await? else { return Ok(()) };
    let (file, variables) = compose(&runtime)?;
    // Beyond 2,000 bytes or so the plugin posts a form.
    let groups: Vec<String> = (0..300).map(|it| format!("group-{it}")).collect();
    let groups = format!("asset-groups={}", groups.join(","));
    for arguments in [vec!["users"], vec!["assets"], vec!["assets", "--with", &groups]] {
        let alone = runtime.collect(&arguments).await?.ended_with(0)?;
        let signed = [arguments.as_slice(), &["--signer"]].concat();
        let signed = runtime.collecting(&signed);
        let signed: Vec<&str> = signed.iter().map(String::as_str).collect();
        let signed = ran(runtime.command(&file, &variables, &signed)).await?.ended_with(0)?;
        assert!(signed.stdout == alone.stdout, "{}", signed.stderr);
        assert_eq!(signed.stderr, alone.stderr);
    }
    let posted = runtime.stage.source.requests().iter().filter(|it| it.method == "POST").count();
    assert_eq!(posted, 2, "once alone, once signed");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_sees_no_variable_and_reaches_no_other_place() -> Result<()> {
    let Some(runtime) = Runtime::new(World::default()).await? else { return Ok(()) };
    let (file, variables) = compose(&runtime)?;
    let collecting = |further: &[&str]| {
        let all = runtime.collecting(&[&["users"], further].concat());
        let all: Vec<&str> = all.iter().map(String::as_str).collect();
        runtime.command(&file, &variables, &all)
    };
    // It would sign by itself, if it could read what the signer reads.
    let secrets = ["--secret", "username=env:SIGNER_USERNAME", "--secret", "password=env:SIGNER_PASSWORD"];
    let hidden = ran(collecting(&secrets)).await?.ended_with(2)?;
    assert!(hidden.stderr.contains("SIGNER_USERNAME is not set"), "{}", hidden.stderr);

    let elsewhere =
        ["collect", "users", "--signer", "--set", "platform=US2", "--origin", "api=http://127.0.0.2:9"];
    let elsewhere = ran(runtime.command(&file, &variables, &elsewhere)).await?.ended_with(3)?;
    assert!(elsewhere.stderr.contains("blocked a request"), "{}", elsewhere.stderr);
    assert!(runtime.stage.source.requests().is_empty());
    Ok(())
}
