//! Reports for machines.

use anyhow::Result;

use crate::{AS_OF, signed_in, stage};

#[tokio::test(flavor = "multi_thread")]
async fn build_servers_get_junit() -> Result<()> {
    let stage = stage().await?;
    let (tests, report) = (signed_in(&stage, 90)?, stage.path("report.xml").display().to_string());
    let arguments = [&AS_OF[..], &["--test", &tests, "--junit", &report]].concat();
    stage.collect("users", "users", &arguments).await?.ended_with(1)?;
    let text = std::fs::read_to_string(&report)?;
    let digest = text.split('"').find(|it| it.starts_with("sha256:")).unwrap_or("?").to_owned();
    insta::assert_snapshot!(text.replace(&digest, "sha256:…"));
    Ok(())
}
