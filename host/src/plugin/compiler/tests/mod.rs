//! Compiling in a process of its own: what comes out, and what ends it.

mod bombs;
mod bytes;
mod watch;

use std::ffi::OsString;
use std::time::{Duration, Instant};

use super::super::limits::SandboxLimits;
use super::super::tests::good;
use super::super::{Engine, LoadError, Plugin};
use super::*;

/// The arguments that make the program of these tests such a process.
fn arguments(test: &str) -> Vec<OsString> {
    let test = format!("plugin::compiler::tests::{test}");
    ["--ignored", "--test-threads=1", "--nocapture", "--exact", &test].map(OsString::from).into()
}

/// The last arguments are those of the process that compiles; to the test runner they are further names of tests.
#[test]
#[ignore = "the process that other tests begin"]
fn child() {
    let arguments: Vec<_> = std::env::args_os().collect();
    let own = arguments.len().checked_sub(3).and_then(|it| arguments.get(it..)).unwrap_or_default();
    std::process::exit(compile_as_child(own.to_vec()).into());
}

#[test]
#[ignore = "the process that other tests begin"]
fn other_program() {
    println!("usage: other [OPTIONS]");
    std::process::exit(0);
}

#[test]
#[ignore = "the process that other tests begin"]
fn sleeps() {
    std::thread::sleep(Duration::from_secs(600));
}

/// As in a release, whatever the profile of these tests.
fn limits() -> CompileLimits {
    CompileLimits {
        time: Duration::from_secs(8),
        time_for_mib: Duration::from_secs(2),
        ..CompileLimits::default()
    }
}

fn in_child(limits: CompileLimits) -> anyhow::Result<Engine> {
    let child = ChildCompiler::with(arguments("child"), limits).expect("limits");
    Ok(Engine::new()?.compiling_in(child))
}

/// A component that is valid, and takes the compiler this many functions.
fn functions(count: usize) -> Vec<u8> {
    bytes::component(&[bytes::module(&[bytes::types(&[(0, 0)]), bytes::functions(count, &[0x0b])])])
}

#[tokio::test]
async fn a_plugin_is_compiled_there_for_both_kinds_of_memory() -> anyhow::Result<()> {
    let place = tempfile::tempdir()?;
    let cache = place.path().join("plugins");
    let child = || ChildCompiler::new(arguments("child")).expect("limits");
    let pooled = Engine::new()?.compiling_in(child());
    let on_demand = Engine::without_pool(SandboxLimits::default(), super::super::config::RESERVED)?;
    for engine in [pooled, on_demand.compiling_in(child())] {
        let plugin = Plugin::load(&engine, &good()?, Some(&cache)).await?;
        assert_eq!(plugin.manifest().id, "frozen");
    }
    // What is kept needs no compiler, of this process or another.
    assert_eq!(std::fs::read_dir(&cache)?.count(), 2);
    let nothing = ChildCompiler::new(arguments("other_program")).expect("limits");
    Plugin::load(&Engine::new()?.compiling_in(nothing), &good()?, Some(&cache)).await?;
    Ok(())
}

#[tokio::test]
async fn what_the_compiler_refuses_is_said_in_its_words() -> anyhow::Result<()> {
    let module = wat::parse_str("(module (func (result i32)))")?;
    let component = bytes::component(&[module]);
    let here = Plugin::load(&Engine::new()?, &component, None).await.expect_err("refused");
    let there = Plugin::load(&in_child(limits())?, &component, None).await.expect_err("refused");
    assert!(matches!(there, LoadError::NotAComponent(_)), "{there:?}");
    assert_eq!(there.to_string(), here.to_string());
    Ok(())
}

#[tokio::test]
async fn a_compiler_that_takes_too_much_is_ended_by_its_limits() -> anyhow::Result<()> {
    let component = functions(40_000);
    let why = async |limits| {
        let begun = Instant::now();
        let error = Plugin::load(&in_child(limits)?, &component, None).await.expect_err("ended");
        assert!(!error.is_of_the_machine() && !error.is_of_the_call());
        assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", begun.elapsed());
        Ok::<_, anyhow::Error>(format!("{error}\n  next: {}", error.remedy()))
    };
    let little_memory = why(CompileLimits { memory: 48 << 20, ..limits() }).await?;
    let none = Duration::ZERO;
    let little_time = why(CompileLimits { time: none, time_for_mib: none, ..limits() }).await?;
    insta::assert_snapshot!([little_memory, little_time].join("\n"), @"
    the component cannot be compiled: the compiler needs more than the 48 MiB of memory that it may have
      next: build the plugin with optimisation, of fewer and smaller parts, or use a machine that is less busy
    the component cannot be compiled: the compiler needs more than the 1s that it may take
      next: build the plugin with optimisation, of fewer and smaller parts, or use a machine that is less busy
    ");
    Ok(())
}

#[tokio::test]
async fn another_program_is_not_taken_for_the_compiler() -> anyhow::Result<()> {
    let compile = async |test| {
        let child = ChildCompiler::with(arguments(test), limits()).expect("limits");
        child.compile(Allocation::Pooled, &functions(1)).await
    };
    let error = compile("other_program").await.expect_err("refused");
    assert!(matches!(error, CompileError::Process(_)), "{error:?}");
    assert_eq!(
        error.to_string(),
        "the compiler cannot be run in a process of its own: it is another program"
    );
    // There is no such test.
    assert!(matches!(compile("nothing").await, Err(CompileError::Process(_))));
    Ok(())
}

#[tokio::test]
async fn a_process_that_does_nothing_is_ended_by_the_clock() -> anyhow::Result<()> {
    let limits = CompileLimits { time: Duration::from_secs(1), ..limits() };
    let child = ChildCompiler::with(arguments("sleeps"), limits).expect("limits");
    let begun = Instant::now();
    let error = child.compile(Allocation::Pooled, &functions(1)).await.expect_err("ended");
    assert!(matches!(error, CompileError::Time { limit } if limit == Duration::from_secs(1)), "{error:?}");
    assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", begun.elapsed());
    assert_eq!(watch::children_of_this_process("sleeps"), Vec::<u32>::new());
    Ok(())
}

#[test]
fn a_larger_component_has_more_time() {
    let seconds = |bytes| CompileLimits { time_for_mib: Duration::from_secs(2), ..limits() }.seconds(bytes);
    assert_eq!([seconds(0), seconds(95 << 10), seconds(1 << 20), seconds(18 << 20)], [8, 8, 10, 44]);
}

#[test]
fn arguments_that_make_no_sense_begin_nothing() {
    let code = |arguments: &[&str]| compile_as_child(arguments.iter().map(OsString::from));
    for arguments in [&[][..], &["pooled"], &["pooled", "1"], &["other", "1", "1"], &["pooled", "a", "1"]] {
        assert_eq!(code(arguments), super::child::NOT_BEGUN, "{arguments:?}");
    }
}
