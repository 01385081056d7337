//! Components that cannot be loaded, each for a reason of its own, before anything is compiled where that is possible.

use std::process::Command;

use wasmparser::{Parser, Payload};

use super::lines::tests::{component, component_of, root};
use super::*;

/// The plugin that was written by hand, after these changes to its text and to that of its contract.
fn changed(changes: &[(&str, &str)], further: Option<&str>) -> anyhow::Result<Vec<u8>> {
    let (frozen, contract) = (root().join("wit/frozen/0.1.0"), tempfile::tempdir()?);
    let change = |path: &Path| -> anyhow::Result<String> {
        let text = std::fs::read_to_string(path)?;
        Ok(changes.iter().fold(text, |text, (from, to)| text.replacen(from, to, usize::MAX)))
    };
    for file in std::fs::read_dir(frozen)? {
        let file = file?;
        std::fs::write(contract.path().join(file.file_name()), change(&file.path())?)?;
    }
    if let Some(package) = further {
        let folder = contract.path().join("deps/further");
        std::fs::create_dir_all(&folder)?;
        std::fs::write(folder.join("further.wit"), package)?;
    }
    let module = wat::parse_str(change(&root().join("tests/tests/contract/plugin-0.1.0.wat"))?)?;
    component_of(&module, contract.path())
}

/// The plugin with an import of this function.
fn importing(package: &str, interface: &str, version: &str, function: &str) -> anyhow::Result<Vec<u8>> {
    let name = format!("{package}/{interface}@{version}");
    let world = format!("world plugin {{ import {name};");
    let module = format!(r#"(module (import "{name}" "{function}" (func))"#);
    let further = format!("package {package}@{version}; interface {interface} {{ {function}: func(); }}");
    changed(&[("world plugin {", &world), ("(module", &module)], Some(&further))
}

/// How many core modules a component has itself.
pub(super) fn core_modules(component: &[u8]) -> anyhow::Result<usize> {
    let (mut depth, mut modules) = (0_u32, 0);
    for payload in Parser::new(0).parse_all(component) {
        match payload? {
            Payload::ModuleSection { .. } => {
                modules += usize::from(depth == 0);
                depth += 1;
            }
            Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    Ok(modules)
}

/// The component with a further module, of which it makes so many instances.
fn with_instances(mut component: Vec<u8>, module: &[u8], count: u8) -> anyhow::Result<Vec<u8>> {
    const CORE_MODULE: u8 = 1;
    const CORE_INSTANCE: u8 = 2;
    let index = u8::try_from(core_modules(&component)?)?;
    let mut add = |id: u8, content: &[u8]| {
        let length = content.len();
        // As LEB128 in two bytes.
        component.extend([id, (length & 0x7f) as u8 | 0x80, (length >> 7) as u8]);
        component.extend(content);
    };
    add(CORE_MODULE, module);
    let instances = [0, index, 0].repeat(count.into());
    add(CORE_INSTANCE, &[&[count], &instances[..]].concat());
    Ok(component)
}

pub(crate) fn good() -> anyhow::Result<Vec<u8>> {
    component(&root().join("tests/tests/contract/plugin-0.1.0.wat"), &root().join("wit/frozen/0.1.0"))
}

/// Why this component is refused, with what to do.
async fn refused(engine: &Engine, bytes: &[u8]) -> (LoadError, String) {
    let error = Plugin::load(engine, bytes, None).await.expect_err("refused");
    let said = format!("{error}\n  next: {}", error.remedy());
    (error, said)
}

#[tokio::test]
async fn what_is_no_plugin() -> anyhow::Result<()> {
    let engine = Engine::new()?;
    let mut said = Vec::new();
    for bytes in [&b"not wasm"[..], b"\0asm\x01\0\0\0", b"\0asm\x0d\0\x01\0"] {
        let (error, words) = refused(&engine, bytes).await;
        assert!(error.is_of_the_call() && !error.is_of_the_machine(), "{error:?}");
        said.push(words);
    }
    insta::assert_snapshot!(said.join("\n"), @"
    this is no WebAssembly component that can run here: it does not begin as WebAssembly does
      next: name the component file of a plugin
    this is a core WebAssembly module, and a plugin is a component
      next: build it as a component, such as for the target wasm32-wasip2
    the component exports no `exhibit:plugin/catalog`, so it is no plugin; it should export the world `exhibit:plugin/plugin@0.2.0`
      next: name the component file of a plugin; one that is being written exports the world `plugin` of the contract
    ");
    Ok(())
}

#[tokio::test]
async fn imports_and_needs_are_looked_at_before_anything_is_compiled() -> anyhow::Result<()> {
    let engine = Engine::new()?;
    // No engine could compile this module: its function has a result and gives none.
    let invalid = wat::parse_str("(module (memory 400) (func (result i32)))")?;
    let alone = with_instances(good()?, &invalid, 1)?;
    assert!(matches!(refused(&engine, &alone).await.0, LoadError::NotAComponent(_)));

    let (mut said, mut kinds) = (Vec::new(), Vec::new());
    let components = [
        with_instances(importing("wasi:http", "outgoing-handler", "0.2.6", "handle")?, &invalid, 1)?,
        with_instances(importing("acme:log", "lines", "1.0.0", "write")?, &invalid, 1)?,
        with_instances(good()?, &invalid, 70)?,
        with_instances(good()?, &invalid, 3)?,
    ];
    for component in &components {
        let (error, words) = refused(&engine, component).await;
        kinds.push(match error {
            LoadError::Imports(imports) => imports.concat(),
            LoadError::NeedsMore { what, .. } => format!("{what:?}"),
            error => format!("{error:?}"),
        });
        said.push(words);
    }
    assert_eq!(
        kinds,
        ["wasi:http/outgoing-handler@0.2.6", "acme:log/lines@1.0.0", "CoreInstances", "Memories"]
    );
    insta::assert_snapshot!(said.join("\n"), @"
    the component imports what a plugin is not given: `wasi:http/outgoing-handler@0.2.6`
      next: leave out the code or the crate that opens connections, or build with WASI stubbed where a language's runtime brings them along: a plugin has no network, and has its requests made by returning them from `next`
    the component imports what a plugin is not given: `acme:log/lines@1.0.0`
      next: leave out the code or the crate that wants it: a plugin has neither network nor files nor a clock, and may import only what a standard library wants of WASI 0.2
    the component needs 71 core instances, and a session may have 64
      next: build the plugin of fewer parts, or with a smaller language runtime
    the component needs 4 memories, and a session may have 2
      next: build the plugin of fewer parts, or with a smaller language runtime
    ");
    Ok(())
}

#[tokio::test]
async fn a_component_of_many_core_instances_runs_and_the_bound_can_be_set() -> anyhow::Result<()> {
    let empty = wat::parse_str("(module)")?;
    let many = with_instances(good()?, &empty, 60)?;
    Plugin::load(&Engine::new()?, &many, None).await?;
    let limits = |core_instances| SandboxLimits { core_instances, sessions: 1, ..SandboxLimits::default() };
    let (error, _) = refused(&Engine::with(limits(16))?, &many).await;
    assert!(
        matches!(error, LoadError::NeedsMore { what: Needed::CoreInstances, limit: 16, .. }),
        "{error:?}"
    );
    let more = with_instances(good()?, &empty, 90)?;
    Plugin::load(&Engine::with(limits(100))?, &more, None).await?;
    Ok(())
}

#[tokio::test]
async fn an_interface_that_is_given_in_another_form() -> anyhow::Result<()> {
    let component = importing("wasi:random", "insecure", "0.2.9", "get-insecure-words")?;
    let (error, said) = refused(&Engine::new()?, &component).await;
    assert!(matches!(error, LoadError::ImportTypes(_)), "{error:?}");
    insta::assert_snapshot!(said, @"
    the component wants more of an interface than a plugin is given: component imports instance `wasi:random/insecure@0.2.9`, but a matching implementation was not found in the linker: instance export `get-insecure-words` has the wrong type: function implementation is missing
      next: build the plugin with a standard library that uses an earlier version of WASI 0.2
    ");
    Ok(())
}

#[tokio::test]
async fn a_missing_function_other_types_and_another_line_are_told_apart() -> anyhow::Result<()> {
    let engine = Engine::new()?;
    let (error, lacking) = refused(&engine, &changed(&[("describe", "depict")], None)?).await;
    assert!(matches!(error, LoadError::MissingExport { .. }), "{error:?}");
    let (error, other) =
        refused(&engine, &changed(&[("    seconds: u32,", "    seconds: u16,")], None)?).await;
    assert!(matches!(error, LoadError::OtherTypes { .. }), "{error:?}");
    let (error, newer) = refused(&engine, &changed(&[("0.1.0", "7.0.0")], None)?).await;
    assert!(matches!(error, LoadError::TooNew { .. }), "{error:?}");
    let interfaces = r#"(component $empty) (instance $hollow (instantiate $empty))
        (export "exhibit:plugin/catalog@0.1.0" (instance $hollow))"#;
    let (error, partly) = refused(&engine, &wat::parse_str(format!("(component {interfaces})"))?).await;
    assert!(matches!(error, LoadError::NoContract { .. }), "{error:?}");
    insta::assert_snapshot!([lacking, other, newer, partly].join("\n"), @"
    the plugin lacks a function of the contract, version 0.1.0: instance export `exhibit:plugin/catalog@0.1.0` does not have export `describe`
      next: build the plugin against the contract of this version
    the plugin's exports are not those of the contract, version 0.1.0: expected `u32` found `u16`
      next: build the plugin against the contract of this version
    the plugin is of line 7 of the contract (version 7.0.0), and this host runs lines 0.1 and 0.2: update this program to a version that runs the plugin's
      next: use a later version
    the component exports no `exhibit:plugin/collection`, so it is no plugin; it should export the world `exhibit:plugin/plugin@0.2.0`
      next: name the component file of a plugin; one that is being written exports the world `plugin` of the contract
    ");
    Ok(())
}

#[tokio::test]
async fn without_a_pool_plugins_run_in_little_address_space() -> anyhow::Result<()> {
    let engine = Engine::without_pool(SandboxLimits::default(), super::config::RESERVED)?;
    let plugin = Plugin::load(&engine, &good()?, None).await?;
    assert_eq!(plugin.manifest().id, "frozen");
    Ok(())
}

/// Set in the process that a test begins again in.
const AGAIN: &str = "EXHIBIT_TEST_BEGUN_AGAIN";

/// Begins this test in a process of its own, as limits on address space are of a whole process. `None` in that process.
fn in_a_process_of_its_own(test: &str) -> Option<anyhow::Result<()>> {
    if std::env::var_os(AGAIN).is_some() {
        return None;
    }
    let run = || {
        let output = Command::new(std::env::current_exe()?)
            .args(["--exact", &format!("plugin::tests::{test}"), "--nocapture"])
            .env(AGAIN, "1")
            .output()?;
        let said =
            [output.stdout, output.stderr].map(|it| String::from_utf8_lossy(&it).into_owned()).concat();
        anyhow::ensure!(output.status.success() && said.contains("1 passed"), "{said}");
        Ok(())
    };
    Some(run())
}

/// From now on, this process has no more address space than this.
#[cfg(target_os = "linux")]
fn limit_address_space(bytes: u64) -> anyhow::Result<()> {
    use rustix::process::{Resource, Rlimit, setrlimit};
    Ok(setrlimit(Resource::As, Rlimit { current: Some(bytes), maximum: Some(bytes) })?)
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn two_gigabytes_of_address_space_suffice() -> anyhow::Result<()> {
    if let Some(outcome) = in_a_process_of_its_own("two_gigabytes_of_address_space_suffice") {
        return outcome;
    }
    limit_address_space(2 << 30)?;
    let engine = Engine::new()?;
    let plugin = Plugin::load(&engine, &good()?, None).await?;
    let job = Job {
        task: Task::Collect("things".to_owned()),
        settings: vec![],
        criteria: vec![],
        window: None,
        since: None,
        as_of: 0,
        id: None,
        checkpoint: None,
    };
    let mut sessions = Vec::new();
    for _ in 0..SandboxLimits::default().sessions {
        sessions.push(plugin.open(&job).await?);
    }
    for session in &mut sessions {
        session.next().await?;
    }
    Ok(())
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_machine_without_address_space_is_told_from_a_bad_plugin() -> anyhow::Result<()> {
    if let Some(outcome) =
        in_a_process_of_its_own("a_machine_without_address_space_is_told_from_a_bad_plugin")
    {
        return outcome;
    }
    // As the runtime would do it by itself: what a memory may ever have is reserved from the beginning.
    limit_address_space(2 << 30)?;
    let engine = Engine::without_pool(SandboxLimits::default(), 4 << 30)?;
    let (error, said) = refused(&engine, &good()?).await;
    assert!(matches!(error, LoadError::NoAddressSpace(_)) && error.is_of_the_machine(), "{error:?}");
    insta::assert_snapshot!(said, @"
    this machine has no address space left to run the plugin in: mmap failed to reserve 0x100010000 bytes: Cannot allocate memory (os error 12)
      next: allow this program more address space (2 GiB suffice), or end what else takes the memory of this machine
    ");
    Ok(())
}
