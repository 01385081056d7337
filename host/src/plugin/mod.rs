//! Plugins: components that know a source and nothing else, run in a sandbox.
//!
//! What comes out of a plugin is untrusted until it is checked: its manifest when it
//! is loaded, its rows and requests at each call.

mod bounds;
mod cache;
mod checked;
mod compiler;
mod config;
mod counted;
mod engine;
mod error;
pub(crate) mod fuzzing;
mod limits;
mod lines;
mod linker;
mod load_error;
mod metadata;
mod sandbox;
mod scan;
mod session;
mod shortage;
mod state;
mod stderr;
mod tester;
mod time_budget;
mod version;

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use exhibit_records::Digest;
use exhibit_rows::Shown;
use wasmtime::component::Component;

use crate::contract::catalog::Origin;
use crate::contract::collection::{Job, Task};
use crate::contract::types::{Error, Instant, Kind, Problem, Setting};
use crate::contract::{self, Manifest};

use self::bounds::Figures;
use self::cache::CacheFile;
use self::lines::{LINES, Line, Prepared};
use self::sandbox::{Sandbox, within};
use self::scan::Scan;
use self::shortage::no_address_space;

pub use exhibit_driver::PLUGIN_TIME;

pub use self::compiler::{ChildCompiler, CompileError, CompileLimits, compile_as_child};
pub use self::counted::Counted;
pub use self::engine::{Engine, EngineError};
pub use self::error::PluginError;
pub use self::limits::{COMPONENT_BYTES, SandboxLimits};
pub use self::load_error::{LoadError, Needed};
pub use self::metadata::{Metadata, Package};
pub use self::session::Session;
pub use self::tester::Tester;
pub use self::time_budget::TimeBudget;
pub use self::version::CONTRACT;

/// Origins of one connection.
const ORIGINS: usize = 50;
/// A name, URL or portal of an origin.
const ORIGIN_BYTES: usize = 4 << 10;

/// A loaded plugin. Cheap to clone.
#[derive(Clone)]
pub struct Plugin {
    loaded: Arc<Loaded>,
    budget: Option<TimeBudget>,
}

struct Loaded {
    engine: Engine,
    component: Box<[u8]>,
    digest: Digest,
    line: &'static dyn Line,
    prepared: Box<dyn Prepared>,
    manifest: Manifest,
    metadata: Metadata,
    imports: Vec<String>,
    interfaces: Vec<String>,
}

impl Plugin {
    /// Compiles a component and asks it what it is. Compiled code is kept in `cache`,
    /// where one is given.
    ///
    /// # Errors
    ///
    /// Where the component is no plugin, is of a line of the contract that this host does not run, or
    /// says nothing valid about itself.
    pub async fn load(engine: &Engine, component: &[u8], cache: Option<&Path>) -> Result<Self, LoadError> {
        Self::load_as(engine, component, cache, LINES).await
    }

    /// The same with these lines of the contract.
    async fn load_as(
        engine: &Engine,
        component: &[u8],
        cache: Option<&Path>,
        lines: &[&'static dyn Line],
    ) -> Result<Self, LoadError> {
        if component.len() > COMPONENT_BYTES {
            return Err(LoadError::TooLarge { size: component.len(), limit: COMPONENT_BYTES });
        }
        let scan = Scan::of(component)?;
        let line = lines::choose(&scan.exports, lines)?;
        scan.check(engine.limits())?;
        let Scan { imports, exports: interfaces, .. } = scan;
        let digest = Digest::of(component);
        let compiled = compile(engine, component, digest, cache).await?;
        let speaks = line.version();
        let in_words = |error: &wasmtime::Error| Shown::line(&format!("{error:#}")).to_string();
        let prepared = engine
            .linker()
            .instantiate_pre(&compiled)
            .map_err(|error| LoadError::ImportTypes(in_words(&error)))
            .and_then(|it| {
                line.prepare(it).map_err(|error| LoadError::MissingExport { speaks, why: in_words(&error) })
            })?;
        let manifest = describe(engine, &*prepared, 0, digest).await.map_err(|error| match error {
            // Types are compared when a component is started for the first time.
            PluginError::OtherTypes(why) => LoadError::OtherTypes { speaks, why },
            PluginError::NoAddressSpace { why, .. } => LoadError::NoAddressSpace(why),
            error => LoadError::Describe(error),
        })?;
        let manifest = Manifest::check(manifest)?;
        let metadata = Metadata::read(component);
        let (engine, component) = (engine.clone(), component.into());
        let loaded =
            Loaded { engine, component, digest, line, prepared, manifest, metadata, imports, interfaces };
        Ok(Self { loaded: Arc::new(loaded), budget: None })
    }

    /// The same plugin, whose calls take their time out of this budget: sessions and testers that are opened from now on
    /// end with [`PluginError::BudgetUsedUp`] when nothing of it is left. Without one, only each call is bounded.
    #[must_use]
    pub fn with_budget(&self, budget: &TimeBudget) -> Self {
        Self { budget: Some(budget.clone()), ..self.clone() }
    }

    /// The component itself.
    pub fn component(&self) -> &[u8] {
        &self.loaded.component
    }

    /// The component's SHA-256, which is its name.
    pub fn digest(&self) -> Digest {
        self.loaded.digest
    }

    /// What the component imports: interfaces of WASI, all of which it is given empty.
    pub fn imports(&self) -> &[String] {
        &self.loaded.imports
    }

    /// The interfaces that the component exports, those of the contract among them.
    pub fn exports(&self) -> &[String] {
        &self.loaded.interfaces
    }

    /// The name of the contract's line that it is run by, such as `0.1`.
    pub fn line(&self) -> String {
        version::line_of(self.loaded.line.version())
    }

    /// What the plugin is, offers and asks for.
    pub fn manifest(&self) -> &Manifest {
        &self.loaded.manifest
    }

    /// What the component says about how it was made. It is not checked.
    pub fn metadata(&self) -> &Metadata {
        &self.loaded.metadata
    }

    /// The places that a connection with these settings talks to. Names are unique; URLs
    /// are not checked.
    ///
    /// # Errors
    ///
    /// [`PluginError::Said`] where a setting makes no sense to the plugin; any other where it crashes, takes too long or
    /// breaks the contract.
    pub async fn resolve(&self, settings: &[Setting]) -> Result<Vec<Origin>, PluginError> {
        self.resolve_with(settings, 0).await
    }

    /// The same with other randomness, by number; 0 is the plugin's own.
    ///
    /// # Errors
    ///
    /// As [`Self::resolve`].
    pub async fn resolve_with(
        &self,
        settings: &[Setting],
        randomness: u64,
    ) -> Result<Vec<Origin>, PluginError> {
        let seed = shaken(self.loaded.digest, randomness);
        let mut sandbox = self.start(0, seed).await?;
        let (plugin, store, limits) = sandbox.enter()?;
        let origins = within(&limits, plugin.resolve(store, settings)).await;
        let origins = sandbox.leave("resolve", origins)?.map_err(PluginError::Said)?;
        check_origins(&origins).map_err(|what| sandbox.broke("resolve", what))?;
        Ok(origins)
    }

    /// Begins a job. Its rows will have the fields of the proof type or the operation
    /// that the job names.
    ///
    /// # Errors
    ///
    /// [`PluginError::Said`] where the plugin knows no such task or refuses a setting or criterion; any other where it
    /// crashes, takes too long or breaks the contract.
    pub async fn open(&self, job: &Job) -> Result<Session, PluginError> {
        self.open_with(job, 0).await
    }

    /// The same with other randomness, by number; 0 is the job's own.
    pub(crate) async fn open_with(&self, job: &Job, randomness: u64) -> Result<Session, PluginError> {
        let fields = self.fields(&job.task).ok_or_else(|| unknown(&job.task))?;
        let seed = shaken(seed(job), randomness);
        let sandbox = self.start(job.as_of, seed).await?;
        let proof_type = self.manifest().proof_type(job.task.name());
        let rules = (checked::WindowRule::of(job, proof_type), checked::PointRule::of(job, proof_type));
        Session::open(sandbox, job, fields, rules).await
    }

    /// What it says of itself at another time and with other randomness: the manifest, unchecked.
    ///
    /// # Errors
    ///
    /// Where the plugin crashes, takes too long or cannot be started.
    pub async fn described_anew(
        &self,
        as_of: Instant,
        randomness: u64,
    ) -> Result<contract::catalog::Manifest, PluginError> {
        describe(&self.loaded.engine, &*self.loaded.prepared, as_of, shaken(self.loaded.digest, randomness))
            .await
    }

    async fn start(&self, as_of: Instant, seed: Digest) -> Result<Sandbox, PluginError> {
        let Loaded { engine, prepared, .. } = &*self.loaded;
        Sandbox::start(engine, &**prepared, as_of, seed, self.budget.as_ref()).await
    }

    fn fields(&self, task: &Task) -> Option<Box<[Kind]>> {
        let manifest = self.manifest();
        manifest.fields(task).map(checked::kinds)
    }
}

impl fmt::Debug for Plugin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plugin").field("digest", &self.loaded.digest).finish_non_exhaustive()
    }
}

/// Takes what an earlier run compiled, or compiles the component, if it is within bounds.
async fn compile(
    engine: &Engine,
    component: &[u8],
    digest: Digest,
    cache: Option<&Path>,
) -> Result<Component, LoadError> {
    let (wasm, cache) = (engine.wasm().clone(), cache.map(Path::to_owned));
    let found = blocking(move || {
        let place = cache.and_then(|it| CacheFile::of(&wasm, &digest, &it));
        let kept = place.as_ref().and_then(|it| it.read(&wasm));
        (place, kept)
    });
    let (place, kept) = found.await?;
    if let Some(kept) = kept {
        return Ok(kept);
    }
    let component: Arc<[u8]> = component.into();
    let counted = Arc::clone(&component);
    blocking(move || Figures::of(&counted)).await?.map_err(LoadError::from)?;
    let code = engine.compiler().compile(component).await.map_err(|error| match error {
        CompileError::Refused(why) => LoadError::NotAComponent(Shown::line(&why).to_string()),
        CompileError::NoAddressSpace(why) => LoadError::NoAddressSpace(why),
        error => LoadError::Compile(error),
    })?;
    let wasm = engine.wasm().clone();
    let loaded = blocking(move || {
        let loaded = cache::of_compiler(&wasm, &code)?;
        if let Some(place) = place {
            place.write(&code);
        }
        Ok(loaded)
    });
    loaded.await?.map_err(|error: wasmtime::Error| match no_address_space(&error) {
        Some(why) => LoadError::NoAddressSpace(why),
        None => LoadError::NotAComponent(Shown::line(&format!("{error:#}")).to_string()),
    })
}

/// Away from the executor's threads.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, LoadError> {
    let panicked = |_| LoadError::Compile(CompileError::Crashed("it panicked".to_owned()));
    tokio::task::spawn_blocking(work).await.map_err(panicked)
}

async fn describe(
    engine: &Engine,
    plugin: &dyn Prepared,
    as_of: Instant,
    seed: Digest,
) -> Result<contract::catalog::Manifest, PluginError> {
    let mut sandbox = Sandbox::start(engine, plugin, as_of, seed, None).await?;
    let (plugin, store, limits) = sandbox.enter()?;
    let manifest = within(&limits, plugin.describe(store)).await;
    sandbox.leave("describe", manifest)
}

fn check_origins(origins: &[Origin]) -> Result<(), String> {
    if origins.len() > ORIGINS {
        return Err(format!("it gave {} origins; at most {ORIGINS} are allowed", origins.len()));
    }
    for (index, origin) in origins.iter().enumerate() {
        let texts = [Some(&origin.name), origin.url.as_ref(), origin.portal.as_ref()];
        if texts.into_iter().flatten().any(|it| it.len() > ORIGIN_BYTES) {
            return Err(format!("an origin has a text of more than {ORIGIN_BYTES} bytes"));
        }
        if origins.iter().take(index).any(|it| it.name == origin.name) {
            return Err(format!("it gave the origin `{}` twice", Shown::line(&origin.name)));
        }
    }
    Ok(())
}

/// The same job, gone on with or not, has the same randomness.
fn seed(job: &Job) -> Digest {
    let job = Job { checkpoint: None, ..job.clone() };
    // A job is a plain value, so it always has a JSON form.
    Digest::of(&serde_json::to_vec(&job).unwrap_or_default())
}

/// Another seed for each number; the same one for 0.
fn shaken(seed: Digest, randomness: u64) -> Digest {
    if randomness == 0 {
        return seed;
    }
    Digest::of(&[seed.as_bytes().as_slice(), &randomness.to_le_bytes()].concat())
}

fn unknown(task: &Task) -> PluginError {
    let (what, name) = match task {
        Task::Collect(name) => ("proof type", name),
        Task::Probe(name) => ("proof type or operation", name),
        Task::Operate(name) => ("operation", name),
        Task::LookUp(name) => ("lookup", name),
    };
    PluginError::Said(Error::Invalid(Problem {
        message: format!("the plugin has no {what} `{}`", Shown::line(name)),
        remedy: None,
        code: None,
        subject: None,
    }))
}

#[cfg(test)]
pub(crate) mod tests;
