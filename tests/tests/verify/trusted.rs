//! Which plugins may say what the answers mean: those that the verifier trusts, and not the one that comes with the evidence.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use exhibit::checks::Report;
use exhibit::clock::SystemClock;
use exhibit::collect::Connection;
use exhibit::plugin::{Engine, Plugin};
use exhibit::run::{self, CollectOptions, Destination, Silent, Verifier};
use exhibit::signing::Authorities;
use exhibit::store::{Location, ObjectStoreOptions};
use exhibit_records::Digest;
use exhibit_simulator::World;
use serde_json::Value as Json;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

use crate::stage::{Called, Stage};

/// A plugin of somebody else, under this id of six letters.
fn component(id: &str) -> Result<Vec<u8>> {
    let frozen = Path::new(env!("CARGO_MANIFEST_DIR")).join("../wit/frozen/0.1.0");
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir(&frozen)?;
    let world = resolve.select_world(&[package], Some("plugin"))?;
    let code = include_str!("../contract/plugin-0.1.0.wat").replacen("\"frozen\"", &format!("{id:?}"), 1);
    let mut module = wat::parse_str(code)?;
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8)?;
    ComponentEncoder::default().module(&module)?.validate(true).encode()
}

/// A source that answers everything with `a thing`, as that plugin expects it. It ends with the test.
async fn source() -> Result<String> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let url = format!("http://{}", listener.local_addr()?);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let mut stream = BufReader::new(stream);
            let mut line = String::new();
            while stream.read_line(&mut line).await.is_ok_and(|it| it > 2) {
                line.clear();
            }
            let answer = "HTTP/1.1 200 OK\r\ncontent-length: 7\r\nconnection: close\r\n\r\na thing";
            // A client that has gone needs no answer.
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    Ok(url)
}

/// A section that no runtime reads: another component, which does the same.
const OTHERWISE: &[u8] = b"\0\x02\x01x";

/// Evidence that such a plugin made of what a source answers, and the plugin's file.
async fn collected(stage: &Stage, url: &str, id: &str) -> Result<(PathBuf, String)> {
    collected_by(stage, url, id, &[]).await
}

/// The same, by a component that ends so.
async fn collected_by(stage: &Stage, url: &str, id: &str, end: &[u8]) -> Result<(PathBuf, String)> {
    let component = [component(id)?, end.to_vec()].concat();
    let file = stage.path(&format!("{id}.wasm"));
    std::fs::write(&file, &component)?;
    let plugin = Plugin::load(&Engine::new()?, &component, None).await?;
    let digest = plugin.digest().to_string();
    let connection = Connection::builder(plugin).origin("api", url).build().await?;
    let out = stage.path(&format!("of-{id}"));
    let options = CollectOptions::default();
    run::collect(&connection, "things", Destination::Folder(&out), &options, &SystemClock, &Silent).await?;
    Ok((file, digest))
}

fn skipped(called: &Called) -> Result<Vec<String>> {
    let said: Json = serde_json::from_str(&called.stdout)?;
    let checks = said["checks"].as_array().context("checks")?;
    let missing = checks.iter().filter(|it| it["verdict"] == "skipped" && it["required"] == true);
    Ok(missing.filter_map(|it| it["name"].as_str().map(str::to_owned)).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_that_comes_with_the_evidence_is_not_trusted_for_that() -> Result<()> {
    let stage = Stage::new(World { users: 2, ..World::default() }).await?;
    let (file, digest) = collected(&stage, &source().await?, "frozen").await?;
    let file = file.display().to_string();
    let verify = |further: &[&str]| {
        let arguments = [&["verify", "of-frozen"], further].concat().into_iter().map(str::to_owned);
        arguments.collect::<Vec<String>>()
    };
    let exhibit = async |further: &[&str]| {
        let arguments = verify(further);
        stage.exhibit(&arguments.iter().map(String::as_str).collect::<Vec<_>>()).await
    };
    let called = exhibit(&["--json"]).await?.ended_with(1)?;
    assert_eq!(skipped(&called)?, ["plugin", "replay"]);
    let called = exhibit(&[]).await?.ended_with(1)?;
    ensure!(called.stdout.starts_with("? not verified: what is required could not be checked"), "{called:?}");
    ensure!(called.stdout.contains(&format!("trust it with --trust {digest}")), "{called:?}");

    // Named by the verifier, by its digest or its file.
    exhibit(&["--trust", &digest]).await?.ended_with(0)?;
    exhibit(&["--plugin", &file]).await?.ended_with(0)?;
    // Not what matters here.
    exhibit(&["--require", "digests"]).await?.ended_with(0)?;
    exhibit(&["--digests"]).await?.ended_with(0)?;

    // It takes the place of no other requirement.
    exhibit(&["--allow-unknown-plugin", "--require", "replay"]).await?.ended_with(1)?;

    // Run nevertheless: every output says that.
    let junit = stage.path("report.xml").display().to_string();
    let warning = "is not trusted, and was run nevertheless";
    let called = exhibit(&["--allow-unknown-plugin", "--junit", &junit]).await?.ended_with(0)?;
    ensure!(called.stdout.starts_with("✔ verified") && called.stdout.contains(warning), "{called:?}");
    ensure!(std::fs::read_to_string(&junit)?.contains(warning));
    let called = exhibit(&["--allow-unknown-plugin", "--json"]).await?.ended_with(0)?;
    let said: Json = serde_json::from_str(&called.stdout)?;
    ensure!(said["warnings"].to_string().contains(warning), "{said}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_id_of_the_built_in_plugin_is_its_own() -> Result<()> {
    let mut stage = Stage::new(World { users: 2, ..World::default() }).await?;
    stage.environment.push(("XDG_STATE_HOME".to_owned(), stage.path("state").display().to_string()));
    let url = source().await?;
    let (file, digest) = collected(&stage, &url, "qualys").await?;
    let file = file.display().to_string();
    let verify = ["verify", "of-qualys"];
    for further in [&[][..], &["--allow-unknown-plugin"]] {
        let called = stage.exhibit(&[&verify[..], further].concat()).await?.ended_with(1)?;
        ensure!(called.stdout.contains("is not trusted"), "{called:?}");
        ensure!(called.stdout.contains("does not make the same of the answers"), "{called:?}");
    }
    stage.exhibit(&[&verify[..], &["--trust", &digest]].concat()).await?.ended_with(0)?;

    let origin = format!("api={url}");
    let collect = ["collect", "things", "--plugin", &file, "--origin", &origin, "--out", "again"];
    let called = stage.exhibit(&collect).await?.ended_with(2)?;
    ensure!(
        called.stderr.contains("calls itself `qualys`, which is the id of the built-in plugin"),
        "{called:?}"
    );
    ensure!(called.stderr.contains(&format!("--trust {digest}")), "{called:?}");
    ensure!(!stage.path("again").exists());
    stage.exhibit(&[&collect[..], &["--trust", &digest]].concat()).await?.ended_with(0)?;
    // It is remembered here from now on.
    stage.exhibit(&["verify", "again"]).await?.ended_with(0)?;
    Ok(())
}

/// What was used is known, and nobody said that it is good: even a use that failed would otherwise be enough.
#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_that_was_used_is_not_trusted_for_that() -> Result<()> {
    let mut stage = Stage::new(World { users: 2, ..World::default() }).await?;
    stage.environment.push(("XDG_STATE_HOME".to_owned(), stage.path("state").display().to_string()));
    let (file, digest) = collected(&stage, &source().await?, "frozen").await?;
    let file = file.display().to_string();
    let verify = ["verify", "of-frozen"];
    let dead = ["check", "--plugin", &file, "--origin", "api=http://127.0.0.1:9"];
    let used = stage.exhibit(&dead).await?;
    ensure!(used.code != Some(0), "nothing listens there: {used:?}");
    let called = stage.exhibit(&verify).await?.ended_with(1)?;
    ensure!(called.stdout.contains("warning: frozen"), "{called:?}");
    ensure!(called.stdout.contains("it was used on this machine, which is no trust"), "{called:?}");
    ensure!(called.stdout.contains(&format!("trust it with --trust {digest}")), "{called:?}");

    // Named where it is used, it is trusted, until that is taken back.
    stage.exhibit(&[&dead[..], &["--trust", &digest]].concat()).await?;
    stage.exhibit(&verify).await?.ended_with(0)?;
    for forgotten in ["frozen", &file, &digest] {
        stage.exhibit(&["plugin", "forget", forgotten]).await?.ended_with(0)?;
        stage.exhibit(&verify).await?.ended_with(1)?;
        let called = stage.exhibit(&["plugin", "forget", forgotten]).await?.ended_with(2)?;
        ensure!(called.stderr.contains("is remembered here"), "{called:?}");
        stage.exhibit(&[&dead[..], &["--trust", &digest]].concat()).await?;
        stage.exhibit(&verify).await?.ended_with(0)?;
    }
    // Another one in its place takes its trust away.
    let mut changed = std::fs::read(&file)?;
    changed.extend(OTHERWISE);
    std::fs::write(&file, &changed)?;
    let now = Digest::of(&changed).to_string();
    stage.exhibit(&[&dead[..], &["--trust", &now]].concat()).await?;
    let called = stage.exhibit(&verify).await?.ended_with(1)?;
    ensure!(called.stdout.contains("is not trusted"), "{called:?}");
    Ok(())
}

fn verdicts(report: &Report) -> Vec<String> {
    report
        .checks
        .iter()
        .map(|it| format!("{} {:?}", it.name, it.verdict))
        .chain(report.warnings.clone())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_of_evidence_does_not_depend_on_what_was_verified_before() -> Result<()> {
    let stage = Stage::new(World { users: 1, ..World::default() }).await?;
    let url = source().await?;
    let (_, trusted) = collected(&stage, &url, "frozen").await?;
    std::fs::rename(stage.path("of-frozen"), stage.path("trusted"))?;
    collected_by(&stage, &url, "frozen", OTHERWISE).await?;
    let (keys, authorities) = ([], Authorities::default());
    let verified = async |verifier: &mut Verifier<'_>, name: &str| -> Result<Vec<String>> {
        let path = stage.path(name);
        let open = Location::from(path.as_path()).evidence(&ObjectStoreOptions::default()).await?;
        Ok(verdicts(&verifier.evidence(&open, &Silent, &mut |_| ()).await?.report))
    };
    let mut said = Vec::new();
    for order in [["trusted", "of-frozen"], ["of-frozen", "trusted"]] {
        let mut verifier = Verifier::new(&keys, &authorities);
        verifier.trusted = vec![trusted.parse()?];
        verifier.allow_unknown = true;
        let mut both = Vec::new();
        for name in order {
            both.push((name, verified(&mut verifier, name).await?));
        }
        both.sort();
        said.push(both);
    }
    assert_eq!(said[0], said[1]);
    let (_, unknown) = &said[0][0];
    ensure!(unknown.iter().any(|it| it.contains("was run nevertheless")), "{unknown:?}");

    // Where the id is known to be of a trusted one, it is not run.
    let mut verifier = Verifier::new(&keys, &authorities);
    verifier.trusted_ids = vec!["frozen".to_owned()];
    verifier.allow_unknown = true;
    let refused = verified(&mut verifier, "of-frozen").await?;
    ensure!(
        refused.iter().any(|it| it.contains("under the id of another plugin, which is trusted")),
        "{refused:?}"
    );
    ensure!(!refused.iter().any(|it| it.contains("was run nevertheless")), "{refused:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_required_must_be_shown() -> Result<()> {
    let stage = Stage::new(World { users: 2, ..World::default() }).await?;
    stage.exhibit(&["keys", "new", "--out", "key.pem"]).await?.ended_with(0)?;
    stage.collect("users", "plain", &[]).await?.ended_with(0)?;
    stage.collect("users", "signed", &["--sign", "file:key.pem"]).await?.ended_with(0)?;
    let missing = async |arguments: &[&str]| {
        let called = stage.exhibit(&[&["verify", "--json"], arguments].concat()).await?;
        let names = skipped(&called)?;
        ensure!(called.code == Some(i32::from(!names.is_empty())), "{called:?}");
        anyhow::Ok(names)
    };
    assert_eq!(missing(&["plain"]).await?, [""; 0]);
    for wanted in ["signature", "log", "timestamp"] {
        assert_eq!(missing(&["plain", "--require", wanted]).await?, [wanted]);
    }
    assert_eq!(missing(&["signed"]).await?, ["signature"], "it claims to be signed");
    assert_eq!(missing(&["signed", "--require", "digests,replay"]).await?, [""; 0]);
    assert_eq!(missing(&["signed", "--key", "key.pem.pub"]).await?, [""; 0]);
    let called = stage.exhibit(&["verify", "plain"]).await?.ended_with(0)?;
    ensure!(called.stdout.starts_with("✔ verified, but not signed"), "{called:?}");
    // The first line hides nothing that was left out.
    for (arguments, said) in [
        (
            &["signed", "--require", "digests,replay"][..],
            "✔ verified, but its signature was not checked: anyone with write access could have replaced all of it; ",
        ),
        (
            &["signed", "--digests", "--key", "key.pem.pub"],
            "✔ verified, but the rows were not made again of the answers; ",
        ),
        (
            &["plain", "--require", "digests", "--digests"],
            "✔ verified, but the rows were not made again of the answers; and not signed: ",
        ),
    ] {
        let called = stage.exhibit(&[&["verify"], arguments].concat()).await?.ended_with(0)?;
        ensure!(called.stdout.starts_with(said), "{called:?}");
    }
    let called = stage.exhibit(&["verify", "plain", "--require", "trust"]).await?.ended_with(2)?;
    ensure!(called.stderr.contains("there are: digests, signature, log, timestamp, replay"), "{called:?}");
    let called =
        stage.exhibit(&["verify", "plain", "--digests", "--require", "replay"]).await?.ended_with(2)?;
    ensure!(called.stderr.contains("leave out one of the two"), "{called:?}");
    Ok(())
}
