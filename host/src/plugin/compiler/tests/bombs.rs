//! Components that are made to take the memory or the time of who loads them.

use std::fmt::Write as _;

use super::bytes::{
    bare, component, core_module, functions, leb, local_get, local_set, module, repeated, section, text,
    types, with, with_locals,
};
use super::watch::Watch;
use super::*;

/// What one may take, the loading process waiting for it: a process that has the processor for 8 s has it for longer
/// by the clock, where others want it, too.
const SECONDS: Duration = Duration::from_secs(30);
/// All of the process that compiles.
const MEMORY: u64 = 512 << 20;

const BLOCK: [u8; 2] = [0x02, 0x40];
const LOOP: [u8; 2] = [0x03, 0x40];
const END: u8 = 0x0b;
const DROP: u8 = 0x1a;
const I32_CONST: [u8; 2] = [0x41, 0];
const I64_CONST: [u8; 2] = [0x42, 0];
const I64_ADD: u8 = 0x7c;
const NO_VALUES: (usize, usize) = (0, 0);

/// One function of this type, with this code and so many locals.
fn function(shape: (usize, usize), locals: usize, code: &[u8]) -> Vec<u8> {
    component(&[module(&[types(&[shape]), with_locals(1, locals, &[code, &[END]].concat())])])
}

/// Loops within one another, in each of which each local changes.
fn loops(count: usize, locals: usize) -> Vec<u8> {
    let changes = (0..locals)
        .map(|it| [local_get((it * 7) % locals), local_get(it), vec![I64_ADD], local_set(it)].concat())
        .collect::<Vec<_>>()
        .concat();
    let again = [&local_get(0)[..], &[0xa7, 0x0d, 0]].concat();
    let code = [LOOP.repeat(count), changes, [&again[..], &[END]].concat().repeat(count)].concat();
    function(NO_VALUES, locals, &code)
}

/// A type that has itself twice, so many times over.
fn doubled(levels: usize) -> String {
    let mut text = String::from("(type $t0 (tuple u64 u64))");
    for level in 1..=levels {
        write!(text, "(type $t{level} (tuple $t{0} $t{0}))", level - 1).expect("in memory");
    }
    text
}

/// Components of which each makes two of the one before, so many times over, found by `of`.
fn doubled_instances(levels: usize, of: impl Fn(usize) -> String) -> Vec<u8> {
    let mut text = String::from("(component $c0 (core module $m) (core instance (instantiate $m)))");
    for level in 1..=levels {
        let before = of(level - 1);
        write!(
            text,
            "(component $c{level} {before} (instance (instantiate $x)) (instance (instantiate $x)))"
        )
        .expect("in memory");
    }
    super::bytes::text(&text)
}

/// A component with another in it, and so on.
fn nested(levels: usize) -> Vec<u8> {
    (0..levels).fold(bare(&[]), |inner, _| bare(&[section(4, &inner)]))
}

/// A type of values that is a different one each time, as lists and variants of others, and two components of which one
/// calls the other with it.
fn called_with_variants(levels: usize) -> Vec<u8> {
    let mut ty = String::from(r#"(type $t0 (variant (case "a" u64) (case "b" string)))"#);
    for level in 1..=levels {
        let before = level - 1;
        write!(
            ty,
            r#"(type $t{level} (variant (case "a" $t{before}) (case "b" (list $t{before})) (case "c" (tuple $t{before} u8))))"#
        )
        .expect("in memory");
    }
    let plain = (1..=levels).fold(String::from("(tuple string u64)"), |inner, _| {
        format!("(tuple (list {inner}) (list {inner}))")
    });
    let memory = r#"(core module $m (memory (export "m") 1) (func (export "f") (param i32 i32))
        (func (export "r") (param i32 i32 i32 i32) (result i32) (i32.const 0))) (core instance $i (instantiate $m))
        (alias core export $i "m" (core memory $mem)) (alias core export $i "r" (core func $r))"#;
    text(&format!(
        r#"(component $a {memory} (alias core export $i "f" (core func $f))
            (type $v {plain})
            (func $lifted (param "x" (list $v)) (canon lift (core func $f) (memory $mem) (realloc $r)))
            (export "f" (func $lifted)))
        (component $b (type $v {plain}) (import "f" (func $f (param "x" (list $v)))) {memory}
            (core func $lowered (canon lower (func $f) (memory $mem) (realloc $r)))
            (core module $u (import "" "f" (func (param i32 i32))))
            (core instance (instantiate $u (with "" (instance (export "f" (func $lowered)))))))
        (component $unused {ty})
        (instance $ai (instantiate $a)) (instance (instantiate $b (with "f" (func $ai "f"))))"#
    ))
}

/// The plugin of the tests, with a module that is instantiated.
fn started(module: &str) -> Vec<u8> {
    let mut component = good().expect("a plugin");
    let module = wat::parse_str(format!("(module {module})")).expect("a module");
    let modules = super::super::super::tests::core_modules(&component).expect("a component");
    component.extend(core_module(&module));
    component.extend(section(2, &[&[1, 0], &leb(modules)[..], &[0]].concat()));
    component
}

/// Each by name, and how the message on it begins; nothing where it may as well be compiled within the limits.
fn bombs() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let calls = |count, shape| {
        let (params, results): (usize, usize) = shape;
        let call = [I64_CONST.repeat(params), vec![0x10, 0], vec![DROP; results]].concat().repeat(count);
        let code = [call, I64_CONST.repeat(results), vec![END]].concat();
        component(&[module(&[types(&[shape]), functions(1, &code)])])
    };
    // Parameters are passed on as they came back: two bytes for each call.
    let passed_on = |count, values| {
        let begin: Vec<u8> = (0..values).flat_map(local_get).collect();
        let code = [begin, [0x10, 0].repeat(count), vec![END]].concat();
        component(&[module(&[types(&[(values, values)]), functions(1, &code)])])
    };
    let exports = |count: usize| {
        let names = (0..count).flat_map(|it| {
            let name = format!("{it:06}");
            [&[6], name.as_bytes(), &[0, 0]].concat()
        });
        let list = section(7, &[leb(count), names.collect()].concat());
        let [kinds, code] = [repeated(3, &[0], 1), repeated(10, &[2, 0, END], 1)];
        component(&[module(&[types(&[NO_VALUES]), kinds, list, code])])
    };
    let table = |targets: usize| {
        let table = [I32_CONST.to_vec(), vec![0x0e], leb(targets), vec![0; targets + 1]].concat();
        [BLOCK.to_vec(), table, vec![END]].concat()
    };
    let stack = |depth: usize| {
        let code = [I64_CONST.repeat(depth), vec![I64_ADD; depth - 1], vec![DROP]].concat();
        function(NO_VALUES, 0, &code)
    };
    let alias_chain = |count: usize| {
        let ty = section(7, &[1, 0x7d]);
        let mut sections = vec![ty];
        // Of the outer component at distance 0, this one: each the type before.
        sections.extend((0..count).map(|it| section(6, &[vec![1, 3, 2, 0], leb(it)].concat())));
        with(&sections)
    };
    let wide_record = |fields: usize| {
        let fields = (0..fields).fold(String::new(), |text, it| format!(r#"{text}(field "f{it}" string)"#));
        text(&format!("(type $r (record {fields})) {}", "(type (tuple $r $r $r $r))".repeat(1000)))
    };
    let sparse = {
        let data = (0..1000_usize).flat_map(|it| {
            let offset = it * 65_536;
            // Signed, so one more bit.
            let offset = [
                (offset & 0x7f) | 0x80,
                ((offset >> 7) & 0x7f) | 0x80,
                ((offset >> 14) & 0x7f) | 0x80,
                (offset >> 21) & 0x7f,
            ]
            .map(|it| it as u8);
            [&[0, 0x41][..], &offset, &[END, 1, b'a']].concat()
        });
        let memory = section(5, &[&[1, 0], &leb(1000)[..]].concat());
        let module = module(&[memory, section(11, &[leb(1000), data.collect()].concat())]);
        with(&[core_module(&module), section(2, &[1, 0, 0, 0])])
    };
    let names = {
        let function = |it: usize| [leb(it), leb(1000), format!("{it:01000}").into_bytes()].concat();
        let map = [leb(2_000), (0..2_000).flat_map(function).collect()].concat();
        let custom = [&[4], &b"name"[..], &section(1, &map)].concat();
        component(&[module(&[types(&[NO_VALUES]), functions(2_000, &[END]), section(0, &custom)])])
    };
    let outer = |level: usize| format!("(alias outer 1 $c{level} (component $x))");
    let from_instance = |level: usize| {
        format!(
            r#"(component $w (alias outer 2 $c{level} (component $y)) (export "y" (component $y)))
               (instance $i (instantiate $w)) (alias export $i "y" (component $x))"#
        )
    };
    vec![
        ("1,000,000 functions", super::functions(1_000_000), "the component has 1000000 functions"),
        ("50,000 functions", super::functions(50_000), ""),
        (
            "a function of 2 MB",
            function(NO_VALUES, 0, &[0x01].repeat(2 << 20)),
            "the component has 2097154 bytes of code",
        ),
        ("a function of 500,000 calls", calls(500_000, NO_VALUES), ""),
        (
            "a function with all kinds of loads",
            function(NO_VALUES, 0, &[&I64_CONST[..], &[DROP]].concat().repeat(340_000)),
            "",
        ),
        (
            "50,000 locals in 5 bytes",
            function(NO_VALUES, 50_000, &[]),
            "the component has 50000 local variables",
        ),
        ("95 kB of loops and locals", loops(9_000, 1_990), "the component has 182218311 bytes of code times"),
        ("loops and locals within bounds", loops(300, 1_500), ""),
        (
            "100,000 blocks within one another",
            function(NO_VALUES, 0, &[BLOCK.repeat(100_000), vec![END; 100_000]].concat()),
            "the component has 10001 blocks",
        ),
        (
            "9,000 blocks within one another",
            function(NO_VALUES, 0, &[BLOCK.repeat(9_000), vec![END; 9_000]].concat()),
            "",
        ),
        ("a table of a million targets", function(NO_VALUES, 0, &table(1_000_000)), ""),
        ("many tables of targets", function(NO_VALUES, 0, &table(10_000).repeat(90)), ""),
        (
            "calls with 1,000 values",
            passed_on(45_000, 1_000),
            "the component has 2000 parameters and results",
        ),
        ("calls with 64 values", passed_on(45_000, 64), "the component has 2000080 instructions"),
        ("calls with 64 values within bounds", passed_on(15_000, 64), ""),
        ("a deep stack", stack(200_000), ""),
        (
            "900,000 types",
            component(&[module(&[repeated(1, &[0x60, 0, 0], 900_000)])]),
            "the component has 20001 types",
        ),
        ("a type that doubles 40 times", text(&doubled(40)), ""),
        ("a type that doubles 16 times", text(&doubled(16)), ""),
        ("types of wide records", wide_record(2_000), ""),
        ("calls between components with nested lists", called_with_variants(6), ""),
        ("components in components", with(&[section(4, &nested(200))]), "the component has 17 components"),
        ("components that make two of one another", doubled_instances(30, outer), ""),
        ("the same, found in instances", doubled_instances(12, from_instance), ""),
        ("1,000 modules", component(&vec![module(&[]); 1_000]), "the component has 257 modules"),
        (
            "1,000 instances",
            with(&[core_module(&module(&[])), section(2, &[leb(1_000), [0, 0, 0].repeat(1_000)].concat())]),
            "the component needs 1000 core instances",
        ),
        ("900,000 exports", exports(900_000), "the component has 90000"),
        (
            "900,000 globals",
            component(&[module(&[repeated(6, &[0x7e, 0, 0x42, 0, END], 900_000)])]),
            "the component has 90000",
        ),
        (
            "90,000 segments",
            component(&[module(&[
                section(5, &[1, 0, 1]),
                repeated(11, &[0, 0x41, 0, END, 1, b'a'], 90_000),
            ])]),
            "",
        ),
        ("a sparse memory", sparse, ""),
        (
            "a vast memory",
            with(&[
                core_module(&wat::parse_str("(module (memory 65536))").expect("a module")),
                section(2, &[1, 0, 0, 0]),
            ]),
            "the component needs 4294967296 bytes of memory",
        ),
        (
            "a vast table",
            with(&[
                core_module(&wat::parse_str("(module (table 10000000 funcref))").expect("a module")),
                section(2, &[1, 0, 0, 0]),
            ]),
            "the component needs 10000000 elements",
        ),
        ("2 MB of names", names, ""),
        ("100,000 aliases of aliases", alias_chain(100_000), ""),
        (
            "a start function that loops",
            started("(func $s (loop (br 0))) (start $s)"),
            "the plugin cannot describe itself: the plugin did not return from `start` within 5s",
        ),
        (
            "a start function that takes memory",
            started("(memory 1) (func $s (loop (drop (memory.grow (i32.const 1))) (br 0))) (start $s)"),
            "the plugin cannot describe itself: the plugin",
        ),
        (
            "a start function that fills memory",
            started(
                "(memory 900) (func $s (loop (memory.fill (i32.const 0) (i32.const 1) (i32.const 58982400)) (br 0))) (start $s)",
            ),
            "the plugin cannot describe itself: the plugin did not return from `start` within",
        ),
        (
            "a start function that calls itself",
            started("(func $s (call $s)) (start $s)"),
            "the plugin cannot describe itself: the plugin crashed in `start`",
        ),
        (
            "a start function that takes tables",
            started(
                "(table 1 funcref) (func $s (loop (drop (table.grow (ref.null func) (i32.const 1000))) (br 0))) (start $s)",
            ),
            "the plugin cannot describe itself: the plugin did not return from `start` within",
        ),
        (
            "an instance that does not fit",
            started(&"(global (mut v128) (v128.const i64x2 0 0))".repeat(70_000)),
            "",
        ),
    ]
}

#[tokio::test]
async fn each_ends_within_bounds_of_time_and_memory() -> anyhow::Result<()> {
    let engine = in_child(limits())?;
    let watch = Watch::begin("child");
    let mut wrong = String::new();
    for (name, bytes, begins) in bombs() {
        watch.most();
        let begun = Instant::now();
        let loaded = Plugin::load(&engine, &bytes, None).await;
        let (took, most) = (begun.elapsed(), watch.most());
        // None of them is a plugin that can be used.
        let said = loaded.err().map_or_else(|| "LOADED".to_owned(), |it| it.to_string());
        println!(
            "{name}: {} bytes, {:.1} s, {} MiB: {said:.200}",
            bytes.len(),
            took.as_secs_f32(),
            most >> 20
        );
        if took > SECONDS || most > MEMORY || !said.starts_with(begins) || said == "LOADED" {
            writeln!(wrong, "{name}: {took:?}, {} MiB: {said}", most >> 20)?;
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    Ok(())
}
