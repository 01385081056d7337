//! `exhibit plugin new`: the beginning of a plugin.

use std::io;
use std::path::{Path, PathBuf};

use clap::Args;
use exhibit_rows::ShowPath as _;

use super::super::environment::{Environment, quoted};
use super::super::failure::Failure;
use super::super::output::{NewPluginOutput, json};
use super::super::terminal::Terminal;

/// All files of a new plugin, by their paths: the template, the kit and the contract.
const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/new_plugin.rs"));

/// A name that configuration uses is no longer.
const NAME_BYTES: usize = 64;
/// What a crate cannot be called, or would be confused with.
const TAKEN: [&str; 13] = [
    "alloc",
    "build",
    "core",
    "crate",
    "deps",
    "examples",
    "exhibit-package",
    "exhibit-plugin",
    "incremental",
    "proc-macro",
    "self",
    "std",
    "test",
];

const EXAMPLES: &str = "\
Examples:
  exhibit plugin new acme
  exhibit plugin new acme --out plugins/acme";

/// Writes a plugin that builds, tests and collects out of the box
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct New {
    /// Its name: a to z, 0 to 9 and -
    #[arg(value_name = "NAME")]
    name: String,
    /// The folder for it: made if it is not there, never overwritten [default: NAME]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

impl New {
    pub(super) fn run(&self, environment: &Environment, terminal: &Terminal) -> Result<(), Failure> {
        let names = Names::of(&self.name).map_err(|why| {
            Failure::call(format!("a plugin cannot be called {:?}: {why}", self.name))
                .next("name it after its source, such as acme")
        })?;
        let folder = self.out.clone().unwrap_or_else(|| PathBuf::from(&self.name));
        write(&folder, &names).map_err(|error| {
            Failure::call(error)
                .during(format!("writing the plugin into {}", folder.shown()))
                .next("name a folder that is not there yet, with --out DIR")
        })?;
        if terminal.json() {
            let files: Vec<String> = FILES.iter().map(|(path, _)| target(path)).collect();
            terminal.say(&json(&NewPluginOutput { folder: &folder, files })?);
        } else {
            terminal.say(&next_steps(&folder, &names, &environment.program));
        }
        Ok(())
    }
}

/// What the template's blanks are filled with.
struct Names {
    /// `acme-users`
    name: String,
    /// `acme_users`
    module: String,
    /// `AcmeUsers`
    kind: String,
    /// `Acme Users`
    label: String,
    /// `ACME_USERS`
    variable: String,
}

impl Names {
    fn of(name: &str) -> Result<Self, &'static str> {
        if !name.starts_with(|it: char| it.is_ascii_lowercase()) {
            return Err("it should begin with a letter from a to z");
        }
        if name.len() > NAME_BYTES {
            return Err("it is too long");
        }
        if !name.bytes().all(|it| matches!(it, b'a'..=b'z' | b'0'..=b'9' | b'-')) {
            return Err("it should have a to z, 0 to 9 and - only");
        }
        if name.ends_with('-') || name.contains("--") {
            return Err("each - should stand between two words");
        }
        // A crate's name is an identifier, and rustc knows which words are none.
        if TAKEN.contains(&name) || KEYWORDS.contains(&name) {
            return Err("that name means something else to Rust");
        }
        let capital = |word: &str| {
            let (first, rest) = word.split_at(word.len().min(1));
            first.to_ascii_uppercase() + rest
        };
        let words: Vec<String> = name.split('-').map(capital).collect();
        Ok(Self {
            name: name.to_owned(),
            module: name.replace('-', "_"),
            kind: words.concat(),
            label: words.join(" "),
            variable: name.replace('-', "_").to_ascii_uppercase(),
        })
    }

    fn fill(&self, text: &str) -> String {
        let blanks = [
            ("{{name}}", &self.name),
            ("{{module}}", &self.module),
            ("{{Type}}", &self.kind),
            ("{{label}}", &self.label),
            ("{{VARIABLE}}", &self.variable),
        ];
        blanks.into_iter().fold(text.to_owned(), |text, (blank, filled)| text.replace(blank, filled))
    }
}

/// Words of the language that a name could be.
const KEYWORDS: [&str; 37] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn", "else",
    "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro",
    "match", "mod", "move", "mut", "pub", "ref", "return", "static", "struct", "true", "try", "use",
];

fn write(folder: &Path, names: &Names) -> io::Result<()> {
    if std::fs::read_dir(folder).is_ok_and(|mut it| it.next().is_some()) {
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, "the folder is not empty"));
    }
    for (path, text) in FILES {
        let file = folder.join(target(path));
        if let Some(parent) = file.parent() {
            std::fs::create_dir_all(parent)?;
        }
        // What is vendored is as it is.
        let text = if is_template(path) { names.fill(text) } else { (*text).to_owned() };
        std::fs::write(&file, text)?;
        if file.extension().is_some_and(|it| it == "sh") {
            executable(&file)?;
        }
    }
    Ok(())
}

fn is_template(path: &str) -> bool {
    !path.starts_with("vendor/") && !path.starts_with("wit/")
}

/// Two files of the template would mean something where it is kept, so they have other names there.
fn target(path: &str) -> String {
    match path {
        "Cargo.toml.in" => "Cargo.toml".to_owned(),
        "gitignore" => ".gitignore".to_owned(),
        path => path.to_owned(),
    }
}

#[cfg(unix)]
fn executable(file: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn executable(_: &Path) -> io::Result<()> {
    Ok(())
}

fn next_steps(folder: &Path, names: &Names, program: &str) -> String {
    let Names { name, variable, .. } = names;
    let shown = quoted(folder);
    // Without a change of folder: the program's path may be a relative one.
    format!(
        "A plugin is in {shown}. Its README.md says what is where.

Try next:
  {shown}/build.sh && cargo test --manifest-path {shown}/Cargo.toml
  cargo run --manifest-path {shown}/Cargo.toml --example source &
  export {variable}_USERNAME=demo {variable}_PASSWORD=demo
  {program} collect users --plugin {shown}/{name}.wasm --origin api=http://127.0.0.1:8000 \\
    --secret username=env:{variable}_USERNAME --secret password=env:{variable}_PASSWORD --out {shown}/evidence
  {program} plugin check {shown}/{name}.wasm --evidence {shown}/evidence"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_written_as_each_place_wants_them() -> Result<(), &'static str> {
        let names = Names::of("acme-users2")?;
        let filled = names.fill("{{name}} {{module}} {{Type}} {{label}} {{VARIABLE}}");
        assert_eq!(filled, "acme-users2 acme_users2 AcmeUsers2 Acme Users2 ACME_USERS2");
        Ok(())
    }

    #[test]
    fn names_that_no_crate_can_have_are_refused() {
        for name in
            ["", "Acme", "2acme", "-a", "a-", "a--b", "a_b", "a/b", "..", "match", "test", "exhibit-plugin"]
        {
            assert!(Names::of(name).is_err(), "{name}");
        }
    }

    #[test]
    fn no_blank_is_left_and_nothing_is_missing() -> Result<(), &'static str> {
        let names = Names::of("acme")?;
        for (path, text) in FILES.iter().filter(|(path, _)| is_template(path)) {
            assert!(!names.fill(text).contains("{{"), "{path}");
        }
        for path in [
            "Cargo.toml.in",
            "build.sh",
            "src/lib.rs",
            "vendor/exhibit-plugin/src/lib.rs",
            "vendor/exhibit-package/src/main.rs",
            "wit/world.wit",
        ] {
            assert!(FILES.iter().any(|it| it.0 == path), "{path}");
        }
        Ok(())
    }
}
