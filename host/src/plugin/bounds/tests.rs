//! What is counted in components, and what is too much.

use super::super::tests::good;
use super::*;

fn figures(text: &str) -> Result<Figures, Exceeded> {
    Figures::of(&wat::parse_str(text).expect("a component"))
}

#[test]
fn a_plugin_is_far_within_all_bounds() -> anyhow::Result<()> {
    let figures = Figures::of(&good()?).expect("within bounds");
    for what in Counted::ALL {
        let (found, limit) = (figures.get(what), what.limit());
        assert!(found > 0 && found * 5 <= limit, "{found} {what}, of {limit}");
    }
    Ok(())
}

#[test]
fn all_modules_are_counted_with_what_their_functions_pass_on() {
    let text = r#"(component
        (core module $a
            (import "" "f" (func $f (param i32 i64) (result i32)))
            (type $t (func (param i32) (result i32 i32)))
            (func (param $p i32) (local i64 i64)
                (call $f (i32.const 0) (i64.const 0))
                (block (type $t) (loop (br 0)) unreachable)
                (block (br_table 0 0 0 (i32.const 0)))
                unreachable))
        (component (core module (func) (func))
            (component (core module (func (local i32))))))"#;
    let found = figures(text).expect("within bounds");
    let of = |what| found.get(what);
    assert_eq!([of(Counted::Functions), of(Counted::Locals), of(Counted::Values)], [4, 3, 3]);
    // The function, and a block in it with another one in that.
    assert_eq!([of(Counted::BlockDepth), of(Counted::Parts), of(Counted::Depth)], [3, 5, 4]);
    // Fifteen instructions, three values of the call, three of the block at its beginning and two at its end, and
    // two targets.
    assert_eq!(of(Counted::FunctionSteps), 15 + 3 + 3 + 2 + 2);
}

#[test]
fn instances_are_counted_through_aliases_and_exports() {
    let chain = |find: &str| {
        let levels: String = (1..20)
            .map(|it| {
                let find = find.replace("BEFORE", &format!("$c{}", it - 1));
                format!("(component $c{it} {find} (instance (instantiate $x)) (instance (instantiate $x)))")
            })
            .collect();
        figures(&format!("(component (component $c0) {levels})"))
    };
    for find in [
        "(alias outer 1 BEFORE (component $x))",
        r#"(alias outer 1 BEFORE (component $y)) (export $x "x" (component $y))"#,
        r#"(component $w (alias outer 2 BEFORE (component $y)) (export "y" (component $y)))
           (instance $i (instantiate $w)) (alias export $i "y" (component $x))"#,
    ] {
        let exceeded = chain(find).expect_err("too many");
        assert_eq!(exceeded.what, Counted::Instances, "{find}");
    }
}
