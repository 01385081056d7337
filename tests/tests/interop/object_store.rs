//! What must hold of a store of evidence in every object store.

use std::process::Stdio;

use anyhow::{Result, ensure};
use exhibit_simulator::World;
use serde_json::Value as Json;

use crate::server::Server;
use crate::stage::{Called, Stage};

/// An object store, and how it is reached.
pub(crate) struct ObjectStore {
    /// A prefix in it, where nothing is yet.
    pub(crate) url: String,
    /// The variables that its own tools read.
    pub(crate) environment: Vec<(String, String)>,
    pub(crate) _server: Server,
}

/// A store of evidence in an object store, with the key `key.pem`.
struct Store {
    stage: Stage,
    objects: ObjectStore,
}

impl Store {
    async fn new(objects: ObjectStore) -> Result<Self> {
        let mut stage = Stage::new(World { users: 3, ..World::default() }).await?;
        stage.environment = objects.environment.clone();
        stage.exhibit(&["keys", "new", "--out", "key.pem"]).await?.ended_with(0)?;
        let init =
            ["evidence", "init", &objects.url, "--name", "example.com/evidence", "--sign", "file:key.pem"];
        stage.exhibit(&init).await?.ended_with(0)?;
        // Nor is there a second one in its place.
        stage.exhibit(&init).await?.ended_with(2)?;
        Ok(Self { stage, objects })
    }

    fn collecting<'a>(&'a self, as_of: &'a str) -> [&'a str; 9] {
        let url = &self.objects.url;
        ["collect", "users", "--store", url, "--sign", "file:key.pem", "--as-of", as_of, "--json"]
    }

    /// Collects, and gives the address of the evidence.
    async fn collect(&self, as_of: &str) -> Result<String> {
        let called = self.stage.connected(&self.collecting(as_of)).await?.ended_with(0)?;
        let said: Json = serde_json::from_str(&called.stdout)?;
        let address = said["folder"].as_str().unwrap_or_default();
        ensure!(address.starts_with(&self.objects.url), "{said}");
        Ok(address.to_owned())
    }

    async fn verify(&self) -> Result<Called> {
        self.stage.exhibit(&["verify", &self.objects.url, "--key", "key.pem.pub"]).await
    }

    /// What is listed, whether it is still there or not.
    async fn list(&self) -> Result<Vec<Json>> {
        let list = ["evidence", "list", &self.objects.url, "--all", "--as-of", "2026-11-03", "--json"];
        Ok(serde_json::from_str(&self.stage.exhibit(&list).await?.ended_with(0)?.stdout)?)
    }
}

/// Evidence comes, is listed, tested, exported and verified, and goes.
pub(crate) async fn keeps_evidence(objects: ObjectStore) -> Result<()> {
    let store = Store::new(objects).await?;
    let first = store.collect("2026-11-01").await?;
    let second = store.collect("2026-11-02").await?;
    assert_eq!(store.list().await?.len(), 2);
    let tested = store.stage.exhibit(&["test", &first, "--sign", "file:key.pem"]).await?;
    ensure!(matches!(tested.code, Some(0 | 1)), "{tested:?}");
    let export = ["export", &first, "--format", "csv", "--out", "users.csv"];
    store.stage.exhibit(&export).await?.ended_with(0)?;
    store.stage.exhibit(&["verify", &first, "--key", "key.pem.pub"]).await?.ended_with(0)?;
    let verified = store.verify().await?.ended_with(0)?;
    ensure!(verified.stdout.contains("2 proofs") && verified.stdout.contains("[1 run]"), "{verified:?}");

    let url = &store.objects.url;
    // By its name: no rule removes what a test failed over.
    let name = first.rsplit('/').next().unwrap_or_default();
    let prune = ["evidence", "prune", url, "--evidence", name];
    let prune = [&prune[..], &["--confirm", "--sign", "file:key.pem"]].concat();
    store.stage.exhibit(&prune).await?.ended_with(0)?;
    store.stage.exhibit(&["verify", &first, "--key", "key.pem.pub"]).await?.ended_with(2)?;
    store.stage.exhibit(&["verify", &second, "--key", "key.pem.pub"]).await?.ended_with(0)?;
    let verified = store.verify().await?.ended_with(0)?;
    ensure!(verified.stdout.contains("[1 proof"), "{verified:?}");
    let listed = store.list().await?;
    let pruned: Vec<&Json> = listed.iter().filter(|it| !it["pruned"].is_null()).collect();
    ensure!(listed.len() == 2 && pruned.len() == 1, "{listed:?}");
    Ok(())
}

/// Six processes collect into it at the same time.
pub(crate) async fn loses_nothing(objects: ObjectStore) -> Result<()> {
    const AT_ONCE: usize = 6;
    let store = Store::new(objects).await?;
    let mut running = Vec::new();
    for day in 1..=AT_ONCE {
        let mut command = store.stage.connecting(&store.collecting(&format!("2026-11-{day:02}")));
        running.push(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?);
    }
    let mut kept = Vec::new();
    for child in running {
        let ended = child.wait_with_output().await?;
        ensure!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
        let said: Json = serde_json::from_slice(&ended.stdout)?;
        kept.push(said["folder"].as_str().unwrap_or_default().to_owned());
    }
    let listed = store.list().await?;
    let names: Vec<&str> = listed.iter().filter_map(|it| it["kept"]["evidence"].as_str()).collect();
    for address in &kept {
        let name = address.rsplit('/').next().unwrap_or_default();
        ensure!(names.contains(&name), "{name} is not among {names:?}");
    }
    let verified = store.verify().await?.ended_with(0)?;
    ensure!(names.len() == AT_ONCE && verified.stdout.contains("6 proofs"), "{verified:?}");
    Ok(())
}
