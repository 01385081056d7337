//! Which plugins are used here. A plugin is its component's digest: the first one of an id and of a
//! file is remembered, and another one in its place is not used before a person has said so.

use std::fs;
use std::io::{self, BufRead as _, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::digest::Digest;
use crate::plugin::Plugin;
use crate::plugin::contract::catalog::Origin;

use super::failure::Failure;
use super::plugin_ref::PluginRef;
use super::terminal::{Terminal, shown};

/// Older ones are forgotten, and asked about anew.
const PINS: usize = 1_000;
/// A pin has some hundred bytes.
const FILE_BYTES: u64 = 4 << 20;

/// A plugin that was used or trusted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Pin {
    /// How the plugin calls itself.
    id: String,
    /// Where it lay, without links; or its repository in a registry.
    file: PathBuf,
    /// What it is.
    digest: Digest,
}

/// What is remembered of plugins.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Pins {
    plugins: Vec<Pin>,
}

/// How a plugin stands to those that are remembered.
#[derive(Debug, PartialEq, Eq)]
enum Standing {
    /// Used or trusted before.
    Known,
    /// Neither its id nor its file was seen before.
    First,
    /// In the place of this one.
    Changed(Digest),
}

impl Pins {
    fn standing(&self, new: &Pin) -> Standing {
        if self.plugins.iter().any(|it| it.digest == new.digest) {
            return Standing::Known;
        }
        // The last one that was trusted is the one that this replaces.
        let before = self.plugins.iter().rev().find(|it| it.id == new.id || it.file == new.file);
        before.map_or(Standing::First, |it| Standing::Changed(it.digest))
    }

    fn read(file: &Path) -> Result<Self, Failure> {
        let refuse = |what: String| {
            Failure::call(what)
                .during(format!("reading which plugins are trusted, in {}", file.display()))
                .next("mend the file, or remove it: all plugins are then new again")
        };
        match fs::metadata(file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Ok(it) if it.len() > FILE_BYTES => {
                return Err(refuse(format!("it has more than {FILE_BYTES} bytes")));
            }
            _ => {}
        }
        let text = fs::read(file).map_err(|error| refuse(error.to_string()))?;
        serde_json::from_slice(&text).map_err(|error| refuse(error.to_string()))
    }

    fn keep(mut self, new: Pin, file: &Path) -> io::Result<()> {
        self.plugins.push(new);
        let over = self.plugins.len().saturating_sub(PINS);
        self.plugins.drain(..over);
        let folder = file.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder)?;
        let mut aside = tempfile::NamedTempFile::new_in(folder)?;
        serde_json::to_writer_pretty(&mut aside, &self)?;
        aside.write_all(b"\n")?;
        aside.persist(file).map(drop).map_err(|error| error.error)
    }
}

/// What is to be settled before a plugin is used on a connection.
pub(super) struct Question<'a> {
    /// The plugin.
    pub(super) plugin: &'a Plugin,
    /// How it was named.
    pub(super) named: &'a PluginRef,
    /// Where this connection talks to.
    pub(super) origins: &'a [Origin],
    /// The digest that whoever called trusts.
    pub(super) trusted: Option<Digest>,
    /// Where it is remembered; nothing is, where there is no such place.
    pub(super) memory: Option<&'a Path>,
}

impl Question<'_> {
    /// Whether the plugin may be used: it was before, or nobody knows another one in its place, or a
    /// person says so now.
    pub(super) async fn settle(&self, terminal: &Terminal) -> Result<(), Failure> {
        let digest = self.plugin.digest();
        if let Some(trusted) = self.trusted.filter(|it| *it != digest) {
            return Err(Failure::call(format!("the plugin is {digest}, and --trust names {trusted}"))
                .during(format!("loading the plugin {}", self.named))
                .next("get the plugin that is meant, or name the digest of this one"));
        }
        let Some(memory) = self.memory else { return Ok(()) };
        let pins = Pins::read(memory)?;
        let pin = Pin { id: self.plugin.manifest().id.clone(), file: self.named.place()?, digest };
        match pins.standing(&pin) {
            Standing::Known => return Ok(()),
            Standing::First => self.tell(terminal, memory),
            Standing::Changed(_) if self.trusted.is_some() => {}
            Standing::Changed(before) => self.ask(terminal, before).await?,
        }
        // Asking again next time is no reason not to go on now.
        if let Err(error) = pins.keep(pin, memory) {
            terminal.warn(&format!("the plugin cannot be remembered in {}: {error}", memory.display()));
        }
        Ok(())
    }

    fn tell(&self, terminal: &Terminal, memory: &Path) {
        if terminal.json() {
            terminal.tell(&json!({ "first-use": self.asked_for_json() }).to_string());
        } else {
            let lines = [
                format!("{} is used here for the first time.", self.called()),
                self.asked_for(),
                format!("Remembered in {}: another one in its place will be asked about.", memory.display()),
            ];
            terminal.tell(&lines.join("\n"));
        }
    }

    async fn ask(&self, terminal: &Terminal, before: Digest) -> Result<(), Failure> {
        let changed = format!("{} is not the one that was used here before ({before})", self.called());
        let refused = || {
            Failure::call(&changed).next(format!(
                "look at `exhibit plugin show {}`, then trust it with --trust {}",
                self.named.quoted(),
                self.plugin.digest()
            ))
        };
        if !terminal.converses() {
            return Err(refused());
        }
        terminal.tell(&format!("{changed}.\n{}", self.asked_for()));
        if terminal.confirms("Use it from now on? [y/N] ").await { Ok(()) } else { Err(refused()) }
    }

    fn called(&self) -> String {
        let it = self.plugin.manifest();
        format!("The plugin {} {} ({})", shown(&it.id), shown(&it.version), self.plugin.digest())
    }

    fn asked_for(&self) -> String {
        let it = self.plugin.manifest();
        let list = |all: Vec<String>| if all.is_empty() { "nothing".to_owned() } else { all.join(", ") };
        let origin = |it: &Origin| match &it.url {
            Some(url) => format!("{} ({})", shown(&it.name), shown(url)),
            None => format!("{} (given by --origin)", shown(&it.name)),
        };
        [
            format!("  It talks to: {}", list(self.origins.iter().map(origin).collect())),
            format!("  Signed with: {}", list(it.secrets.iter().map(|it| shown(&it.name)).collect())),
            format!("  It can change: {}", list(it.operations.iter().map(|it| shown(&it.name)).collect())),
        ]
        .join("\n")
    }

    fn asked_for_json(&self) -> serde_json::Value {
        let it = self.plugin.manifest();
        json!({
            "id": it.id,
            "version": it.version,
            "digest": self.plugin.digest(),
            "origins": self.origins.iter().map(|it| json!({ "name": it.name, "url": it.url })).collect::<Vec<_>>(),
            "secrets": it.secrets.iter().map(|it| &it.name).collect::<Vec<_>>(),
            "operations": it.operations.iter().map(|it| &it.name).collect::<Vec<_>>(),
        })
    }
}

/// Yes, and nothing but yes.
pub(super) fn is_yes(line: &str) -> bool {
    matches!(line.trim().to_ascii_lowercase().as_str(), "y" | "yes")
}

/// A line of standard input. Waits on a thread of its own, so that a signal still stops the command.
pub(super) async fn line() -> Option<String> {
    let read = || {
        let mut line = String::new();
        io::stdin().lock().read_line(&mut line).ok().map(|_| line)
    };
    tokio::task::spawn_blocking(read).await.ok().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pin(id: &str, file: &str, what: &[u8]) -> Pin {
        Pin { id: id.to_owned(), file: PathBuf::from(file), digest: Digest::of(what) }
    }

    #[test]
    fn another_one_in_the_place_of_a_known_one_is_noticed() {
        let pins = Pins { plugins: vec![pin("acme", "/a.wasm", b"1"), pin("acme", "/a.wasm", b"2")] };
        assert_eq!(pins.standing(&pin("acme", "/a.wasm", b"2")), Standing::Known);
        // Moved, or gone back to.
        assert_eq!(pins.standing(&pin("acme", "/b.wasm", b"1")), Standing::Known);
        assert_eq!(pins.standing(&pin("other", "/b.wasm", b"3")), Standing::First);
        // By its id, or by its file under whatever id.
        assert_eq!(pins.standing(&pin("acme", "/b.wasm", b"3")), Standing::Changed(Digest::of(b"2")));
        assert_eq!(pins.standing(&pin("other", "/a.wasm", b"3")), Standing::Changed(Digest::of(b"2")));
    }

    #[test]
    fn what_is_remembered_is_bounded_and_read_back() -> anyhow::Result<()> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("state/plugins.json");
        let many = (0..PINS).map(|it| pin("old", "/old.wasm", &it.to_le_bytes())).collect();
        Pins { plugins: many }.keep(pin("acme", "/a.wasm", b"1"), &file)?;
        let read = Pins::read(&file).map_err(|it| anyhow::anyhow!("{}", it.what()))?;
        assert_eq!(read.plugins.len(), PINS);
        assert_eq!(read.plugins.last(), Some(&pin("acme", "/a.wasm", b"1")));
        assert_eq!(
            read.standing(&pin("old", "/x.wasm", &0_usize.to_le_bytes())),
            Standing::Changed(Digest::of(&(PINS - 1).to_le_bytes()))
        );
        Ok(())
    }

    #[test]
    fn a_memory_that_makes_no_sense_trusts_nobody() -> anyhow::Result<()> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("plugins.json");
        fs::write(&file, "{}")?;
        assert!(Pins::read(&file).is_err());
        assert!(Pins::read(&folder.path().join("none")).is_ok_and(|it| it.plugins.is_empty()));
        Ok(())
    }

    #[test]
    fn only_yes_is_yes() {
        assert!(["y\n", "Yes\r\n", " y "].iter().all(|it| is_yes(it)));
        assert!(["", "\n", "n\n", "yep\n", "yy"].iter().all(|it| !is_yes(it)));
    }
}
