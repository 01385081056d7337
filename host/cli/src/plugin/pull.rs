//! `exhibit plugin pull`: a plugin from a registry.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use clap::Args;
use exhibit::plugin::Plugin;
use exhibit_records::Digest;
use exhibit_rows::ShowPath as _;

use super::super::bounded;
use super::super::compiler::engine_for_others;
use super::super::environment::{Environment, quoted};
use super::super::failure::Failure;
use super::super::login::{self, LoginArgs};
use super::super::output::{PulledOutput, json};
use super::super::terminal::Terminal;

const EXAMPLES: &str = "\
Examples:
  exhibit plugin pull ghcr.io/acme/exhibit-acme:1.0.0
  exhibit plugin pull ghcr.io/acme/exhibit-acme@sha256:… --out acme.wasm

A tag may come to mean something else; an artifact's digest never does. By that, and once it was pulled,
it is found without its registry wherever a plugin is named: --plugin oci:ghcr.io/acme/exhibit-acme@sha256:…";

/// Gets a plugin from a registry into a file
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Pull {
    /// Where from: registry, name, and tag or digest
    #[arg(value_name = "REFERENCE")]
    reference: String,
    /// The file for it: never overwritten by another [default: the artifact's name, and .wasm]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    login: LoginArgs,
}

impl Pull {
    pub(super) async fn run(&self, environment: &Environment, terminal: &Terminal) -> Result<(), Failure> {
        let cache = environment.cache.as_deref();
        let registry = self.login.registry(&self.reference, &environment.backends, cache).await?;
        let pulled = registry.pull().await.map_err(|error| login::pulling(&registry, error))?;
        let artifact = registry.reference().pinned(pulled.artifact);
        let engine = engine_for_others()?;
        let plugin = Plugin::load(&engine, &pulled.component, environment.cache.as_deref())
            .await
            .map_err(|error| Failure::source(error).during(format!("loading {artifact}")))?;
        let usual = || PathBuf::from(format!("{}.wasm", registry.reference().base_name()));
        let file = self.out.clone().unwrap_or_else(usual);
        write(&file, &pulled.component).map_err(|error| {
            Failure::call(error)
                .during(format!("writing {}", file.shown()))
                .next("name another file with --out FILE")
        })?;
        terminal.say(&if terminal.json() {
            json(&PulledOutput { file: &file, artifact: artifact.to_string(), component: plugin.digest() })?
        } else {
            format!(
                "{} is {artifact}\n{} in it, which `{} plugin show {}` describes",
                file.shown(),
                plugin.digest(),
                environment.program,
                quoted(&file)
            )
        });
        Ok(())
    }
}

/// Whole or not at all. The same component may be there already.
fn write(file: &Path, component: &[u8]) -> io::Result<()> {
    if bounded::read(file, component.len()).is_ok_and(|it| Digest::of(&it) == Digest::of(component)) {
        return Ok(());
    }
    let folder = file.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut aside = tempfile::NamedTempFile::new_in(folder)?;
    aside.write_all(component)?;
    aside.as_file().sync_all()?;
    aside.persist_noclobber(file).map(drop).map_err(|error| error.error)
}
