//! Azure Blob Storage, as npm's `azurite` has it, Microsoft's own emulator.

use anyhow::Result;

use crate::object_store::{self, ObjectStore};
use crate::server::Server;
use crate::tools::Node;

/// The version that is known to work.
const VERSION: &str = "3.37.0";
const CONTAINER: &str = "evidence-of-tests";
/// The account that every emulator has, and its key, which everybody knows.
const ACCOUNT: &str = "devstoreaccount1";
const KEY: &str = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

async fn azurite() -> Result<Option<ObjectStore>> {
    let Some(node) = Node::with("azurite", VERSION).await? else { return Ok(None) };
    let mut command = node.program("azurite/dist/src/blob/main.js");
    // It would refuse versions of the API that are newer than it is.
    command.args(["--blobHost", "127.0.0.1", "--blobPort", "0", "--skipApiVersionCheck"]);
    command.args(["--inMemoryPersistence", "--silent", "--disableTelemetry"]);
    let address = |line: &str| line.split_once("successfully listens on ").map(|it| it.1.to_owned());
    let server = Server::start(command, address).await?;
    node.run(include_str!("azurite.mjs"), &[&server.announced, ACCOUNT, KEY, CONTAINER]).await?;
    let environment = [
        ("AZURE_STORAGE_USE_EMULATOR", "true"),
        ("AZURITE_BLOB_STORAGE_URL", server.announced.as_str()),
        ("AZURE_STORAGE_ACCOUNT_NAME", ACCOUNT),
        ("AZURE_STORAGE_ACCOUNT_KEY", KEY),
    ];
    let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    Ok(Some(ObjectStore { url: format!("az://{CONTAINER}/compliance/store"), environment, _server: server }))
}

#[tokio::test(flavor = "multi_thread")]
async fn azurite_keeps_evidence_from_its_collection_to_its_removal() -> Result<()> {
    let Some(azurite) = azurite().await? else { return Ok(()) };
    object_store::keeps_evidence(azurite).await
}

#[tokio::test(flavor = "multi_thread")]
async fn azurite_is_written_by_six_at_once_and_loses_nothing() -> Result<()> {
    let Some(azurite) = azurite().await? else { return Ok(()) };
    object_store::loses_nothing(azurite).await
}
