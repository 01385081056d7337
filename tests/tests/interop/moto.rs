//! Amazon S3, as PyPI's `moto` has it.

use anyhow::Result;

use crate::object_store::{self, ObjectStore};
use crate::server::Server;
use crate::tools::Python;

/// The versions that are known to work: its server needs flask, and what all of its services need is not installed.
const PACKAGES: [&str; 4] = ["moto[s3]==5.2.5", "flask==3.1.2", "flask-cors==6.0.1", "boto3==1.44.8"];
const BUCKET: &str = "evidence-of-tests";

async fn moto() -> Result<Option<ObjectStore>> {
    let Some(python) = Python::with("moto", &PACKAGES).await? else { return Ok(None) };
    let command = python.script(include_str!("moto.py"), &[BUCKET]);
    let server = Server::start(command, |line| line.starts_with("http://").then(|| line.to_owned())).await?;
    let environment = [
        ("AWS_ENDPOINT", server.announced.as_str()),
        ("AWS_ALLOW_HTTP", "true"),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "account-of-tests"),
        ("AWS_SECRET_ACCESS_KEY", "of-no-use"),
    ];
    let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    Ok(Some(ObjectStore { url: format!("s3://{BUCKET}/compliance/store"), environment, _server: server }))
}

#[tokio::test(flavor = "multi_thread")]
async fn moto_keeps_evidence_from_its_collection_to_its_removal() -> Result<()> {
    let Some(moto) = moto().await? else { return Ok(()) };
    object_store::keeps_evidence(moto).await
}

#[tokio::test(flavor = "multi_thread")]
async fn moto_is_written_by_six_at_once_and_loses_nothing() -> Result<()> {
    let Some(moto) = moto().await? else { return Ok(()) };
    object_store::loses_nothing(moto).await
}
