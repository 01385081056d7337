//! Builds a plugin for wasm32-wasip2 from a build script, so that whatever embeds
//! it is always up to date with its source.
//!
//! The active toolchain is used where it has the target; else Debian's second one,
//! with a standard library built from source. `guest/toolchain.sh` installs either.
//!
//! The same source gives the same bytes wherever the same toolchain builds it: a component is named by its
//! digest.

use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use exhibit_package::{REVISION, active, clean};
use sha2::{Digest as _, Sha256};

/// The target that plugins are built for.
const TARGET: &str = "wasm32-wasip2";
/// A target whose standard library imports nothing, and can do less: where it is installed, a plugin
/// can be built without even WASI.
const BARE_TARGET: &str = "wasm32-unknown-unknown";
/// The workspace's profile for what runs in the sandbox.
const PROFILE: &str = "guest";
/// simd128: memchr, under the XML reader, has a path for it, which is worth 5 to 10 % of
/// the whole. The inliner's threshold: with link-time optimisation a fifth more, as calls
/// and the checks at each loop's head weigh more in WebAssembly; for a third more code.
const RUSTFLAGS: [&str; 4] = ["-C", "target-feature=+simd128", "-C", "llvm-args=-inline-threshold=700"];
/// Where Debian's wasi-libc lies; its toolchain does not look there by itself.
const DEBIAN_LIBC: &str = "/usr/lib/wasm32-wasi";
/// Replaces the folder of the dependencies' sources in a plugin's messages.
const DEPENDENCIES: &str = "dependencies";

/// Where a command reads the digest of the plugin that it is built of, when it is compiled.
const PLUGIN_DIGEST: &str = "EXHIBIT_PLUGIN_DIGEST";

/// How a plugin can be built on this machine.
enum Toolchain {
    /// The one that runs the build script.
    Active,
    /// Debian's rustc-web.
    Debian,
}

/// The result of a build.
pub enum Built {
    /// The component, in the target directory.
    Component(PathBuf),
    /// Not built, and why: a linter is running, or there is no toolchain. A crate that
    /// needs the component must then fail to build, but not to check.
    Not(String),
}

/// The sources of every plugin, from the root of the workspace.
const SHARED: [&str; 5] = ["wit", "guest/kit/Cargo.toml", "guest/kit/src", "Cargo.toml", "Cargo.lock"];
/// The sources of signing outside the host.
const SIGNING: [&str; 2] = ["guest/signing/Cargo.toml", "guest/signing/src"];
/// The further sources of a command.
const COMMAND: [&str; 10] = [
    "guest/command/Cargo.toml",
    "guest/command/src",
    "host/blank/Cargo.toml",
    "host/blank/src",
    "host/driver/Cargo.toml",
    "host/driver/src",
    "host/records/Cargo.toml",
    "host/records/src",
    "host/rows/Cargo.toml",
    "host/rows/src",
];

/// Builds the library `package` of this workspace, which is in `folder`, as a component. Tells
/// cargo what the result depends on.
///
/// # Panics
/// Where the build itself fails: the compiler's own words are on standard error by then.
pub fn component(package: &str, folder: &str) -> Built {
    library(package, folder, &SHARED)
}

/// Builds the same library as a core module that imports nothing, from which `wit-component` makes a
/// component. Not built where the toolchain lacks the target, which plugins do not need. Else as [`component`].
///
/// # Panics
/// As [`component`] does.
pub fn bare_module(package: &str, folder: &str) -> Built {
    let workspace = rerun(folder, &SHARED);
    if let Some(why) = linting() {
        return Built::Not(why);
    }
    let Some(toolchain) = Toolchain::find(BARE_TARGET) else {
        return Built::Not(format!("no toolchain for {BARE_TARGET}: rustup target add {BARE_TARGET}"));
    };
    compile(&toolchain, &workspace, package, BARE_TARGET, &LIBRARY, None);
    let file = format!("{}.wasm", package.replace('-', "_"));
    Built::Component(target_dir().join(BARE_TARGET).join(PROFILE).join(file))
}

/// Builds the component that signs the requests of another one. Otherwise as [`component`].
///
/// # Panics
/// As [`component`] does.
pub fn signer() -> Built {
    let inputs = [SIGNING.as_slice(), &["guest/signer/wit", "Cargo.toml", "Cargo.lock"]].concat();
    library("exhibit-signer", "guest/signer", &inputs)
}

/// Of a library that is also an rlib, cargo drops link-time optimisation: so only the component is asked for.
const LIBRARY: [&str; 3] = ["--lib", "--crate-type", "cdylib"];

fn library(package: &str, folder: &str, inputs: &[&str]) -> Built {
    build(package, folder, inputs, &LIBRARY, &package.replace('-', "_"), None)
}

/// Builds the program `bin` of the plugin `package`: a component that any runtime of
/// `wasi:cli/command` runs. The package has it behind its feature `command`. It is given the digest of the plugin itself, which is
/// built first: the evidence of an operation names that. Else as [`component`].
///
/// # Panics
/// As [`component`] does.
pub fn command(package: &str, folder: &str, bin: &str) -> Built {
    let plugin = match component(package, folder) {
        Built::Component(plugin) => plugin,
        not => return not,
    };
    let inputs = [SHARED.as_slice(), &SIGNING, &COMMAND].concat();
    let digest = digest(&plugin).unwrap_or_else(|error| panic!("{}: {error}", plugin.display()));
    build(package, folder, &inputs, &["--bin", bin, "--features", "command"], bin, Some(&digest))
}

/// The digest of a component, as records write it.
fn digest(component: &Path) -> io::Result<String> {
    let digest = Sha256::digest(fs::read(component)?);
    Ok(format!("sha256:{}", digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>()))
}

fn build(
    package: &str,
    folder: &str,
    inputs: &[&str],
    what: &[&str],
    file: &str,
    plugin: Option<&str>,
) -> Built {
    let workspace = rerun(folder, inputs);
    println!("cargo::rerun-if-env-changed={REVISION}");
    if let Some(why) = linting() {
        return Built::Not(why);
    }
    let Some(toolchain) = Toolchain::find(TARGET) else {
        // A toolchain that appears later must be noticed: a path that never exists
        // makes cargo ask again each time.
        println!("cargo::rerun-if-changed={}", workspace.join("no-toolchain-yet").display());
        let why = format!("no toolchain for {TARGET}: run guest/toolchain.sh, then build again");
        println!("cargo::warning={why}");
        return Built::Not(why);
    };

    compile(&toolchain, &workspace, package, TARGET, what, plugin);

    let target_dir = target_dir();
    let features: &[&str] = if what.contains(&"command") { &["--features", "command"] } else { &[] };
    let about = about(&workspace, package, features);
    let file = format!("{file}.wasm");
    let built = target_dir.join(TARGET).join(PROFILE).join(&file);
    let packaged = target_dir.join(file);
    pack(&built, &about, &packaged).unwrap_or_else(|error| panic!("{}: {error}", packaged.display()));
    Built::Component(packaged)
}

/// Has cargo run again when any of this changes. Gives the workspace.
fn rerun(folder: &str, inputs: &[&str]) -> PathBuf {
    let workspace = workspace();
    let own = [format!("{folder}/Cargo.toml"), format!("{folder}/src")];
    for input in inputs.iter().copied().chain(own.iter().map(String::as_str)) {
        println!("cargo::rerun-if-changed={}", workspace.join(input).display());
    }
    workspace
}

/// The same build script serves clippy, which needs no component, and cargo would otherwise hand the linter's
/// stub to the next real build.
fn linting() -> Option<String> {
    println!("cargo::rerun-if-env-changed=RUSTC_WORKSPACE_WRAPPER");
    let clippy = env::var("RUSTC_WORKSPACE_WRAPPER").is_ok_and(|it| it.contains("clippy"));
    clippy.then(|| "clippy is running".to_owned())
}

fn compile(
    toolchain: &Toolchain,
    workspace: &Path,
    package: &str,
    target: &str,
    what: &[&str],
    plugin: Option<&str>,
) {
    let mut cargo = toolchain.cargo();
    cargo
        .current_dir(workspace)
        .arg("rustc")
        .args(what)
        .args(["--package", package, "--profile", PROFILE, "--target", target, "--target-dir"])
        .arg(target_dir());
    if let Some(digest) = plugin {
        cargo.env(PLUGIN_DIGEST, digest);
    }
    let status = cargo.status().unwrap_or_else(|error| panic!("cannot start {cargo:?}: {error}"));
    assert!(status.success(), "building {package} for {target} failed: see above");
}

/// Writes the component with the sections behind it, where it is not already there: whatever
/// embeds it is then not rebuilt.
fn pack(built: &Path, sections: &[u8], packaged: &Path) -> io::Result<()> {
    let mut component = fs::read(built)?;
    component.extend(sections);
    if fs::read(packaged).is_ok_and(|it| it == component) {
        return Ok(());
    }
    // Another build script may be writing the same plugin.
    let aside = packaged.with_extension(std::process::id().to_string());
    fs::write(&aside, component)?;
    fs::rename(&aside, packaged)
}

impl Toolchain {
    fn find(target: &str) -> Option<Self> {
        if sysroot(&env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned()))
            .is_some_and(|it| it.join("lib/rustlib").join(target).join("lib").is_dir())
        {
            return Some(Self::Active);
        }
        let source = sysroot("/usr/bin/rustc")?.join("lib/rustlib/src/rust/library/std");
        (source.is_dir() && Path::new(DEBIAN_LIBC).is_dir()).then_some(Self::Debian)
    }

    fn cargo(&self) -> Command {
        let flags = RUSTFLAGS.map(str::to_owned).into_iter().chain(remapped());
        match self {
            Self::Active => {
                let mut cargo = active();
                cargo.env("CARGO_ENCODED_RUSTFLAGS", encoded(flags));
                cargo
            }
            Self::Debian => {
                let mut cargo = clean("/usr/bin/cargo");
                let path = env::var("PATH").unwrap_or_default();
                let libc = ["-L".to_owned(), format!("native={DEBIAN_LIBC}")];
                cargo
                    .env("PATH", format!("/usr/bin:{path}"))
                    .env("RUSTC_BOOTSTRAP", "1")
                    .env("CARGO_ENCODED_RUSTFLAGS", encoded(libc.into_iter().chain(flags)))
                    .arg("-Zbuild-std=std,panic_abort");
                cargo
            }
        }
    }
}

/// The sections that say what the package is and what is built into it.
fn about(workspace: &Path, package: &str, features: &[&str]) -> Vec<u8> {
    let about = exhibit_package::about(workspace, package, TARGET, features);
    about.unwrap_or_else(|error| panic!("{error}")).sections
}

fn encoded(flags: impl Iterator<Item = String>) -> String {
    flags.collect::<Vec<_>>().join("\u{1f}")
}

/// Flags that keep the paths of this machine out of the plugin: messages of its dependencies name
/// their files.
fn remapped() -> Vec<String> {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| env::home_dir().map(|it| it.join(".cargo"))).unwrap_or_default();
    let registries = fs::read_dir(home.join("registry").join("src")).into_iter().flatten().flatten();
    let mut flags: Vec<String> =
        registries.map(|it| format!("--remap-path-prefix={}={DEPENDENCIES}", it.path().display())).collect();
    flags.sort();
    flags
}

fn sysroot(rustc: &str) -> Option<PathBuf> {
    let output = Command::new(rustc).args(["--print", "sysroot"]).output().ok()?;
    let path = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| PathBuf::from(path.trim()))
}

/// Where the package is, whose build script this is.
fn workspace() -> PathBuf {
    let package = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let root = package.ancestors().find(|it| it.join("Cargo.lock").is_file());
    root.unwrap_or(&package).to_owned()
}

/// A directory of the plugins' own, shared by all profiles of what embeds them: two
/// toolchains in one directory throw away each other's work.
fn target_dir() -> PathBuf {
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    let shared = out.ancestors().find(|it| it.join("CACHEDIR.TAG").is_file());
    shared.unwrap_or(&out).join("plugins")
}
