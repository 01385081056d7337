//! Which plugins are used here. A plugin is its component's digest: the first one of an id and of a
//! name is remembered, and another one in its place is not used before a person has said so.

mod pins;
mod releases;

use std::io;
use std::path::Path;

use exhibit::contract::catalog::Origin;
use exhibit::plugin::Plugin;
use exhibit_records::Digest;
use exhibit_rows::ShowPath as _;

use self::pins::{Memory, Pin, Standing};
use super::environment::Environment;
use super::failure::Failure;
use super::loading::load;
use super::output::{AskedForOutput, FirstUseOutput, OriginOutput, json};
use super::plugin_ref::PluginRef;
use super::terminal::{Terminal, shown};

/// What is to be settled before a plugin is used on a connection.
pub(super) struct Question<'a> {
    /// The plugin.
    plugin: &'a Plugin,
    /// How it was named.
    named: &'a PluginRef,
    /// Where this connection talks to.
    origins: &'a [Origin],
    /// The digest that whoever called trusts.
    trusted: Option<Digest>,
    /// Where it is remembered; nothing is, where there is no such place.
    memory: Option<&'a Path>,
    environment: &'a Environment,
}

/// Components that are trusted when evidence brings them: releases of the built-in plugin, and those that were used or
/// trusted here.
pub(super) fn known(environment: &Environment) -> Result<Vec<Digest>, Failure> {
    let mut known = releases::digests();
    if let Some(memory) = &environment.trusted {
        known.extend(Memory::hold(memory)?.digests());
    }
    Ok(known)
}

/// Whether it has the id of the built-in plugin, which belongs to that and to its releases alone.
pub(super) fn takes_own_id(plugin: &Plugin, own: &Plugin) -> bool {
    let digest = plugin.digest();
    plugin.manifest().id == own.manifest().id
        && digest != own.digest()
        && !releases::digests().contains(&digest)
}

impl<'a> Question<'a> {
    /// About this plugin. `trust` is what whoever called names.
    pub(super) fn about(
        plugin: &'a Plugin,
        named: &'a PluginRef,
        origins: &'a [Origin],
        trust: Option<Digest>,
        environment: &'a Environment,
    ) -> Self {
        // A digest says the same as --trust, wherever it is said.
        let trusted = trust.or(named.is_pinned().then(|| plugin.digest()));
        Self { plugin, named, origins, trusted, memory: environment.trusted.as_deref(), environment }
    }

    /// Whether the plugin may be used: it was before, or nobody knows another one in its place, or a
    /// person says so now.
    pub(super) async fn settle(&self, terminal: &Terminal) -> Result<(), Failure> {
        let digest = self.plugin.digest();
        if let Some(trusted) = self.trusted.filter(|it| *it != digest) {
            return Err(Failure::call(format!("the plugin is {digest}, and --trust names {trusted}"))
                .during(format!("loading the plugin {}", self.named))
                .next("get the plugin that is meant, or name the digest of this one"));
        }
        let Some(memory) = self.memory else {
            return match self.trusted {
                Some(_) => Ok(()),
                None => Err(self.forgotten("neither XDG_STATE_HOME nor HOME names a folder")),
            };
        };
        let pin = Pin { id: self.plugin.manifest().id.clone(), file: self.named.name()?, digest };
        let mut agreed = None;
        let mut has_id_of_its_own = self.trusted.is_some();
        loop {
            let held = Memory::hold(memory)?;
            let standing = held.standing(&pin);
            match standing {
                Standing::Known => return Ok(()),
                Standing::Changed(before) if self.trusted.is_none() && agreed != Some(before) => {
                    // Nobody else waits for a person.
                    drop(held);
                    self.ask(terminal, before).await?;
                    agreed = Some(before);
                }
                // Only then the built-in one is loaded, and no one else waits for that.
                Standing::First if !has_id_of_its_own => {
                    drop(held);
                    if takes_own_id(self.plugin, &load(None, self.environment).await?) {
                        return Err(self.of_own_id());
                    }
                    has_id_of_its_own = true;
                }
                _ => {
                    let kept = held.keep(pin);
                    return self.kept(kept, standing, memory, terminal);
                }
            }
        }
    }

    /// What follows from whether it could be remembered.
    fn kept(
        &self,
        kept: io::Result<()>,
        standing: Standing,
        memory: &Path,
        terminal: &Terminal,
    ) -> Result<(), Failure> {
        match kept {
            Ok(()) if standing == Standing::First => self.tell(terminal, memory)?,
            Ok(()) => {}
            // It would be the first one each time, whichever one it is.
            Err(error) if standing == Standing::First && self.trusted.is_none() => {
                return Err(self.forgotten(&format!("{}: {error}", memory.shown())));
            }
            // Asking again next time is no reason not to go on now.
            Err(error) => {
                terminal.warn(&format!("the plugin cannot be remembered in {}: {error}", memory.shown()));
            }
        }
        Ok(())
    }

    fn of_own_id(&self) -> Failure {
        let (id, digest) = (shown(&self.plugin.manifest().id), self.plugin.digest());
        Failure::call(format!(
            "the plugin {digest} calls itself `{id}`, which is the id of the built-in plugin, and is another component"
        ))
        .during(format!("loading the plugin {}", self.named))
        .next(format!(
            "leave out --plugin to use the built-in one; if this build of it is meant, name its digest: --trust {digest}"
        ))
    }

    fn forgotten(&self, why: &str) -> Failure {
        let digest = self.plugin.digest();
        Failure::call(format!("{} cannot be recognized next time: {why}", self.called())).next(format!(
            "look at `exhibit plugin show {}`, then trust it with --trust {digest}, or name a folder to \
                 remember plugins in with XDG_STATE_HOME",
            self.named.quoted()
        ))
    }

    fn tell(&self, terminal: &Terminal, memory: &Path) -> Result<(), Failure> {
        if terminal.json() {
            terminal.tell(&json(&self.first_use())?);
        } else {
            let lines = [
                format!("{} is used here for the first time.", self.called()),
                self.asked_for(),
                format!("Remembered in {}: another one in its place will be asked about.", memory.shown()),
            ];
            terminal.tell(&lines.join("\n"));
        }
        Ok(())
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

    fn first_use(&self) -> FirstUseOutput<'_> {
        let it = self.plugin.manifest();
        FirstUseOutput {
            first_use: AskedForOutput {
                id: &it.id,
                version: &it.version,
                digest: self.plugin.digest(),
                origins: self.origins.iter().map(OriginOutput::from).collect(),
                secrets: it.secrets.iter().map(|it| it.name.as_str()).collect(),
                operations: it.operations.iter().map(|it| it.name.as_str()).collect(),
            },
        }
    }
}
