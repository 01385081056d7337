//! The check itself, on small trees of sources.

use std::fs;

use anyhow::{Context as _, Result};

use crate::commands;

/// The circles of a library with these files in `src`, in words.
fn circles(files: &[(&str, &str)]) -> Result<String> {
    let folder = tempfile::tempdir()?;
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().context("a file is in a folder")?)?;
        fs::write(path, text)?;
    }
    let report = crate::circles(&folder.path().join("lib.rs"))?;
    Ok(report.replace(&format!("{}/", folder.path().display()), ""))
}

/// `a.rs` and `b.rs`, of which `a.rs` uses `b::B`, and `b.rs` is this.
fn with_b(b: &str) -> Result<String> {
    circles(&[
        ("lib.rs", "mod a;\nmod b;\n"),
        ("a.rs", "use crate::b::B;\n\npub(crate) struct A(B);\n\npub(crate) fn work() {}\n"),
        ("b.rs", &format!("pub(crate) struct B;\n{b}")),
    ])
}

/// What [`with_b`] gives where `b.rs` uses `name` of `a.rs`.
fn circle(name: &str) -> String {
    format!(
        "a circle of 2 files:\n  a.rs -> b.rs: B\n  b.rs -> a.rs: {name}\n\
         a circle of 2 top-level modules:\n  a -> b: a.rs -> b.rs\n  b -> a: b.rs -> a.rs\n"
    )
}

#[test]
fn two_files_that_import_each_other() -> Result<()> {
    for b in [
        "use crate::a::A;",
        "use super::a::A;",
        "use self::super::a::A;",
        "use crate::{a::{A as Other}};",
        "use crate::a; fn f(_: a::A) {}",
        "use crate::a::{self}; fn f(_: a::A) {}",
        "use crate::a as other; fn f(_: other::A) {}",
        "use super::*; fn f(_: a::A) {}",
        "use crate::a::*; fn f(_: A) {}",
        "fn f(_: crate::a::A) {}",
        "fn f() { g::<crate::a::A>(..super::a::A::new()) }",
        "fn f() { use crate::a::A; }",
        "mod inner { use super::super::a::A; }",
        "mod inner { fn f(_: crate::a::A) {} }",
        "#[cfg(not(test))] use crate::a::A;",
        "#[cfg(any(test, unix))] use crate::a::A;",
        "pub(crate) use crate::a::A;",
        "pub(in crate::b) struct C(pub crate::a::A);",
        "impl Tr<'_, crate::a::A> for B { fn f<'a>(&'a self) -> char { 'a' } }",
    ] {
        assert_eq!(with_b(b)?, circle("A"), "{b}");
    }
    Ok(())
}

#[test]
fn paths_in_macros_and_attributes() -> Result<()> {
    for b in [
        "fn f() { println!(\"{}\", crate::a::work()) }",
        "macro_rules! m { ($x:expr) => { $crate::a::work($x) } }",
        "use crate::a; macro_rules! m { ($x:expr) => { a::work($x) } }",
        "#[arg(value_parser = crate::a::work)] struct C;",
        "use crate::a::*; fn f() { work() }",
        "use crate::a::*; fn f() { g(1, work) }",
    ] {
        assert_eq!(with_b(b)?, circle("work"), "{b}");
    }
    Ok(())
}

#[test]
fn no_use_of_another_file() -> Result<()> {
    for b in [
        "",
        "// use crate::a::A;",
        "/* /* */ use crate::a::A; */",
        "/// See [`crate::a::A`].\nfn f() {}",
        "//! use crate::a::A;",
        "const T: &str = \"use crate::a::A; \\\" crate::a::A\";",
        "const T: &str = r#\"\" crate::a::A\"#;",
        "const T: &[u8] = b\"crate::a::A\"; const Q: char = '\"'; const R: &str = \"crate::a::A\";",
        "#[cfg(test)] mod tests { use crate::a::A; #[test] fn f() { let _: A; } }",
        "#[cfg(test)] mod tests;",
        "#[cfg(all(test, unix))] use crate::a::A;",
        "#[cfg(test)] #[allow(unused)] pub(crate) fn f(_: [u8; 3]) -> crate::a::A { crate::a::A }",
        "#[cfg(test)] const C: crate::a::A = crate::a::A { x: 1 };",
        "struct C { #[cfg(test)] x: crate::a::A, y: u8 }",
        "mod inner { #![cfg(test)] use crate::a::A; }",
        "use a::A; use ::a::A as C; extern crate a;",
        "use crate::a;",
        "struct A; fn f(_: A) {}",
        "mod a { pub(super) struct A; } fn f(_: a::A, _: self::a::A) {}",
        "fn f() { self.a.work(); T::a::A; }",
        "use crate::a::*; fn f(work: u8) { g(work) }",
        "use crate::a::*; fn f() { let work = 1; g(work) }",
    ] {
        let files = [
            ("lib.rs", "mod a;\nmod b;\n"),
            ("a.rs", "use crate::b::B;\n\npub(crate) struct A(B);\n\npub(crate) fn work() {}\n"),
            ("b.rs", &format!("pub(crate) struct B;\n{b}")),
            ("b/tests.rs", "use crate::a::A;"),
        ];
        assert_eq!(circles(&files)?, "", "{b}");
    }
    Ok(())
}

#[test]
fn re_exports_lead_to_the_file_that_defines() -> Result<()> {
    for (root, facade, b) in [
        ("mod a; mod b;", "mod inner; pub(crate) use inner::A;", "use crate::a::A;"),
        ("mod a; mod b;", "mod inner; pub(crate) use inner::A as C;", "use crate::a::C;"),
        ("mod a; mod b;", "mod inner; pub(crate) use self::inner::*;", "use crate::a::A;"),
        ("mod a; mod b; pub use a::A;", "mod inner; pub use inner::A;", "use crate::A;"),
        ("mod a; mod b; pub use a::A as C;", "mod inner; pub use inner::{A};", "fn f() { crate::C::new() }"),
        ("mod a; mod b; use a::*;", "mod inner; pub use inner::{A};", "use super::A;"),
    ] {
        let found = circles(&[
            ("lib.rs", root),
            ("a/mod.rs", facade),
            ("a/inner.rs", "use crate::b::B;\n\npub struct A(B);\n"),
            ("b.rs", &format!("pub(crate) struct B;\n{b}")),
        ])?;
        let name = if facade.contains("as C") { "C" } else { "A" };
        let name = if root.contains("as C") { "C" } else { name };
        assert_eq!(
            found,
            format!(
                "a circle of 2 files:\n  a/inner.rs -> b.rs: B\n  b.rs -> a/inner.rs: {name}\n\
                 a circle of 2 top-level modules:\n  a -> b: a/inner.rs -> b.rs\n  b -> a: b.rs -> a/inner.rs\n"
            ),
            "{root} {facade} {b}"
        );
    }
    Ok(())
}

#[test]
fn what_is_re_exported_of_another_crate_is_used_where_that_happens() -> Result<()> {
    let found = circles(&[
        ("lib.rs", "mod a; mod b;"),
        ("a.rs", "pub(crate) use other::text; use std::fmt; use crate::b::B;"),
        ("b.rs", "use crate::a::text::escape; pub(crate) struct B;"),
    ])?;
    assert!(found.contains("b.rs -> a.rs: text"), "{found}");
    Ok(())
}

#[test]
fn a_parent_that_hands_on_its_children_is_in_no_circle() -> Result<()> {
    for parent in ["", "pub(crate) use self::child::Y;", "pub use child::*;"] {
        let parent = format!("mod child; pub(crate) const LIMIT: u8 = 1;\n{parent}");
        let files =
            [("lib.rs", "mod a;"), ("a.rs", &parent), ("a/child.rs", "use super::LIMIT;\n\npub struct Y;\n")];
        assert_eq!(circles(&files)?, "", "{parent}");
    }
    Ok(())
}

#[test]
fn a_parent_and_a_child_that_use_each_other() -> Result<()> {
    for parent in [
        "use self::child::Y; fn f(_: Y) {}",
        "fn f(_: child::Y) {}",
        "fn f(_: self::child::Y) {}",
        "pub(crate) use child::Y; fn f(_: Y) {}",
        "pub(crate) use child::*; fn f(_: Y) {}",
    ] {
        let parent = format!("mod child; pub(crate) const LIMIT: u8 = 1;\n{parent}");
        let files =
            [("lib.rs", "mod a;"), ("a.rs", &parent), ("a/child.rs", "use super::LIMIT;\n\npub struct Y;\n")];
        assert_eq!(
            circles(&files)?,
            "a circle of 2 files:\n  a.rs -> a/child.rs: Y\n  a/child.rs -> a.rs: LIMIT\n",
            "{parent}"
        );
    }
    Ok(())
}

#[test]
fn items_of_the_root_belong_to_the_root_file() -> Result<()> {
    let files = [
        ("lib.rs", "mod a; fn f() { a::g() } const LIMIT: u8 = 1;"),
        ("a.rs", "use crate::LIMIT; fn g() {}"),
    ];
    assert_eq!(circles(&files)?, "a circle of 2 files:\n  a.rs -> lib.rs: LIMIT\n  lib.rs -> a.rs: g\n");
    Ok(())
}

#[test]
fn exported_macros_are_used_at_the_root() -> Result<()> {
    let files = [
        ("lib.rs", "mod a; mod b;"),
        ("a.rs", "use crate::b::B; #[macro_export] macro_rules! made { () => {} }"),
        ("b.rs", "pub(crate) struct B; crate::made!();"),
    ];
    assert!(circles(&files)?.contains("b.rs -> a.rs: made"), "{}", circles(&files)?);
    Ok(())
}

#[test]
fn a_circle_may_be_of_modules_alone() -> Result<()> {
    let files = [
        ("lib.rs", "mod a; mod b;"),
        ("a/mod.rs", "mod one; pub(crate) mod two;"),
        ("a/one.rs", "use crate::b::three::Three;"),
        ("a/two.rs", "pub(crate) struct Two;"),
        ("b/mod.rs", "pub(crate) mod three; mod four;"),
        ("b/three.rs", "pub(crate) struct Three;"),
        ("b/four.rs", "use crate::a::two::Two;"),
    ];
    assert_eq!(
        circles(&files)?,
        "a circle of 2 top-level modules:\n  a -> b: a/one.rs -> b/three.rs\n  b -> a: b/four.rs -> a/two.rs\n"
    );
    Ok(())
}

#[test]
fn a_long_circle_is_one_and_two_are_two() -> Result<()> {
    let files = [
        ("lib.rs", "mod m;"),
        ("m.rs", "mod a; mod b; mod c; mod d; mod e; mod f;"),
        ("m/a.rs", "use super::b::B; struct A;"),
        ("m/b.rs", "use super::c::C; struct B;"),
        ("m/c.rs", "use super::a::A; use super::d::D; struct C;"),
        ("m/d.rs", "use super::e::E; struct D;"),
        ("m/e.rs", "use super::d::D; struct E;"),
        ("m/f.rs", "use super::a::A; use super::e::E;"),
    ];
    assert_eq!(
        circles(&files)?,
        "a circle of 3 files:\n  m/a.rs -> m/b.rs: B\n  m/b.rs -> m/c.rs: C\n  m/c.rs -> m/a.rs: A\n\
         a circle of 2 files:\n  m/d.rs -> m/e.rs: E\n  m/e.rs -> m/d.rs: D\n"
    );
    Ok(())
}

#[test]
fn modules_are_found_where_their_files_are() -> Result<()> {
    let b = "use crate::here::A;\n\npub(crate) struct B;\n";
    let files = [
        ("lib.rs", "#[path = \"elsewhere/a.rs\"]\nmod here;\nmod outer { pub(crate) mod b; }"),
        ("elsewhere/a.rs", "mod c; use crate::outer::b::B; pub(crate) struct A;"),
        ("elsewhere/c.rs", ""),
        ("outer/b.rs", b),
    ];
    assert!(circles(&files)?.contains("outer/b.rs -> elsewhere/a.rs: A"), "{}", circles(&files)?);

    let missing = circles(&[("lib.rs", "mod a;")]).expect_err("there is no such file").to_string();
    assert!(missing.contains("`mod a;`"), "{missing}");
    Ok(())
}

#[test]
fn imports_that_lead_back_to_themselves_end() -> Result<()> {
    let files = [
        ("lib.rs", "mod a; mod b; pub use a::X; pub use X as Y; pub use Y as X;"),
        ("a.rs", "pub use crate::b::X; pub use crate::b::*;"),
        ("b.rs", "pub use crate::a::X; pub use crate::a::*; fn f() { X::new(); Z::new(); }"),
    ];
    circles(&files)?;
    Ok(())
}

/// What a library of this one file says that it should not, in words.
fn named(source: &str) -> Result<String> {
    let folder = tempfile::tempdir()?;
    let root = folder.path().join("lib.rs");
    fs::write(&root, source)?;
    Ok(commands::report(&commands::named(&root)?, &[]).replace(&format!("{}/", folder.path().display()), ""))
}

#[test]
fn flags_commands_and_variables_in_texts_of_the_library() -> Result<()> {
    for (source, what) in [
        ("const T: &str = \"name its file with --key\";", "names a flag"),
        ("fn f() { g(format!(\"say --max-wait {n}\")) }", "names a flag"),
        ("#[error(\"try `--with`\")] struct E;", "names a flag"),
        ("const T: &str = r#\"--key\"#;", "names a flag"),
        ("mod inner { const T: &str = \"--key\"; }", "names a flag"),
        ("const T: &str = \"`exhibit evidence init` makes one\";", "names a command"),
        ("const T: &str = \"use the exhibit that wrote it\";", "names a command"),
        ("const T: &str = \"make one with \\\n    `exhibit \\\n    keys new`\";", "names a command"),
        ("const T: &str = \"run `exhibit`\";", "names a command"),
        ("const T: &str = \"set HTTPS_PROXY\";", "names an environment variable"),
        ("const T: &str = \"{x} and $HOME\";", "names an environment variable"),
        ("fn f() { std::env::var(n) }", "reads the environment"),
        ("fn f() { env::vars_os() }", "reads the environment"),
        ("use std::env::var_os; fn f() { var_os(n) }", "reads the environment"),
    ] {
        let report = named(source)?;
        assert!(report.starts_with(&format!("lib.rs {what}: ")), "{source}: {report}");
        assert_eq!(report.lines().count(), 1, "{source}: {report}");
    }
    Ok(())
}

#[test]
fn texts_that_fit_any_program() -> Result<()> {
    for source in [
        "const T: &str = \"-----BEGIN PUBLIC KEY-----\";",
        "const T: &str = \"https://xn--bcher-kva.example\";",
        "const T: &str = \"a -- b\";",
        "const T: &str = \"it should export the world `exhibit:plugin/plugin@0.1.0`\";",
        "const T: &str = \"run by Exhibit 1.0, exhibit-render and /exhibit x\";",
        "const T: &str = \"more than {MOST_BYTES} bytes, or {} of {SOME_LIMIT:>5}\";",
        "const T: &str = env!(\"CARGO_PKG_VERSION\"); const U: &str = include_str!(\"--a\");",
        "/// `exhibit verify --key`\nfn f() {} // --key\n/* exhibit verify */",
        "#[doc = \"exhibit verify --key\"] fn f() {}",
        "#[cfg(test)] mod tests { const T: &str = \"exhibit verify --key\"; }",
        "#[cfg(test)] const T: &str = \"--key\";",
        "fn f() { env::temp_dir() }",
    ] {
        assert_eq!(named(source)?, "", "{source}");
    }
    Ok(())
}

#[test]
fn a_text_that_may_stay_must_be_there() {
    let allowed = [("host/src/lib.rs", "--key", "for the test")];
    assert_eq!(commands::report(&[], &allowed), "host/src/lib.rs no longer has what may stay there: --key\n");
}
