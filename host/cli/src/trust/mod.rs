//! Which plugins are used here. A plugin is its component's digest: the first one of an id and of a
//! name is remembered, and another one in its place is not used before a person has said so. That one was used makes no
//! evidence of it good: trusted is what a person has said to be.

mod pins;
mod releases;

use std::ffi::OsString;
use std::io;
use std::path::Path;

use exhibit::contract::catalog::Origin;
use exhibit::plugin::Plugin;
use exhibit_records::Digest;
use exhibit_rows::ShowPath as _;

use self::pins::{Memory, Pin, Reason, Standing};
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

/// What is known here of plugins that evidence may bring.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Known {
    /// Components that are trusted: releases of the built-in plugin, and those that a person said to be.
    pub(super) trusted: Vec<Digest>,
    /// The ids of these, but for the built-in plugin's, and of those that this call names and that are remembered.
    pub(super) ids: Vec<String>,
    /// Components that were used here, and are not trusted for that.
    pub(super) used: Vec<Digest>,
}

/// What is known here of plugins that evidence may bring. `named` are digests that this call trusts.
pub(super) fn known(environment: &Environment, named: &[Digest]) -> Result<Known, Failure> {
    let mut known = Known { trusted: releases::digests(), ..Known::default() };
    if let Some(memory) = &environment.trusted {
        let held = Memory::hold(memory)?;
        known.trusted.extend(held.trusted().map(|it| it.digest));
        known.trusted.sort_unstable();
        known.trusted.dedup();
        let is_trusted = |it: &&Pin| known.trusted.contains(&it.digest) || named.contains(&it.digest);
        let (trusted, used): (Vec<&Pin>, Vec<&Pin>) = held.all().iter().partition(is_trusted);
        known.ids = trusted.into_iter().map(|it| it.id.clone()).collect();
        known.ids.sort_unstable();
        known.ids.dedup();
        known.used = used.into_iter().map(|it| it.digest).collect();
    }
    Ok(known)
}

/// Forgets the plugins of this id, name or digest. Gives what they were called, with their digests.
pub(super) fn forget(meant: &str, environment: &Environment) -> Result<Vec<(String, Digest)>, Failure> {
    let nowhere = || {
        Failure::call("no plugin is remembered: neither XDG_STATE_HOME nor HOME names a folder")
            .next("name the folder with XDG_STATE_HOME")
    };
    let memory = environment.trusted.as_deref().ok_or_else(nowhere)?;
    let digest: Option<Digest> = meant.parse().ok();
    let name = PluginRef::from(OsString::from(meant)).name().ok();
    // The file itself may be gone.
    let names = [name, std::path::absolute(meant).ok()];
    let is_meant = |it: &Pin| {
        it.id == meant || Some(it.digest) == digest || names.iter().flatten().any(|name| *name == it.file)
    };
    let forgotten = Memory::hold(memory)?.forget(is_meant).map_err(|error| {
        Failure::call(format!("{}: {error}", memory.shown()))
            .during("forgetting a plugin")
            .next("look who may write there")
    })?;
    Ok(forgotten.into_iter().map(|it| (it.id, it.digest)).collect())
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
    /// person says so now. None that takes the id of the built-in one is, unless the call names its digest: a person who is
    /// asked sees nothing but that id.
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
        let pin = Pin { id: self.plugin.manifest().id.clone(), file: self.named.name()?, digest, why: None };
        let mut agreed = None;
        let mut has_id_of_its_own = self.trusted.is_some();
        loop {
            let held = Memory::hold(memory)?;
            let standing = held.standing(&pin);
            match next(standing, self.trusted.is_some(), has_id_of_its_own, agreed) {
                Next::Use => return Ok(()),
                // Only then the built-in one is loaded, and no one else waits for that.
                Next::LookAtId => {
                    drop(held);
                    if takes_own_id(self.plugin, &load(None, self.environment).await?) {
                        return Err(self.of_own_id());
                    }
                    has_id_of_its_own = true;
                }
                Next::Ask(before) => {
                    // Nobody else waits for a person.
                    drop(held);
                    self.ask(terminal, before).await?;
                    agreed = Some(before);
                }
                Next::Remember(why) => {
                    let kept = held.keep(Pin { why: Some(why), ..pin });
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
            // It is remembered already, without a reason.
            Err(_) if standing == Standing::Known(None) && self.trusted.is_none() => {}
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
                format!(
                    "That it is used makes no evidence of it good: `exhibit verify` trusts it where --trust {} names it.",
                    self.plugin.digest()
                ),
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

/// What is to be done about a plugin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    /// It may be used, and is remembered.
    Use,
    /// It is to be seen whether it takes the id of the built-in plugin.
    LookAtId,
    /// A person is to be asked, as it takes the place of this one.
    Ask(Digest),
    /// It may be used, and is to be remembered for this reason.
    Remember(Reason),
}

/// What is to be done about a plugin that stands so. `is_named` says that the call names its digest, and `agreed` what a person
/// has agreed that it takes the place of.
fn next(standing: Standing, is_named: bool, has_id_of_its_own: bool, agreed: Option<Digest>) -> Next {
    match standing {
        Standing::Known(Some(why)) if !is_named || why == Reason::Named => Next::Use,
        _ if is_named => Next::Remember(Reason::Named),
        _ if !has_id_of_its_own => Next::LookAtId,
        Standing::Changed(before) if agreed != Some(before) => Next::Ask(before),
        Standing::Changed(_) => Next::Remember(Reason::Agreed),
        _ => Next::Remember(Reason::Used),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_of_the_built_in_plugin_is_looked_at_before_anything_is_asked() {
        let before = Digest::of(b"before");
        for standing in [Standing::First, Standing::Moved, Standing::Changed(before), Standing::Known(None)] {
            assert_eq!(next(standing, false, false, None), Next::LookAtId, "{standing:?}");
            assert_eq!(next(standing, false, false, Some(before)), Next::LookAtId, "{standing:?}");
            assert_eq!(next(standing, true, true, None), Next::Remember(Reason::Named), "{standing:?}");
        }
    }

    #[test]
    fn it_is_remembered_why_a_plugin_is_used() {
        let (before, other) = (Digest::of(b"before"), Digest::of(b"other"));
        let next = |standing, agreed| next(standing, false, true, agreed);
        assert_eq!(next(Standing::First, None), Next::Remember(Reason::Used));
        assert_eq!(next(Standing::Moved, None), Next::Remember(Reason::Used));
        assert_eq!(next(Standing::Known(None), None), Next::Remember(Reason::Used));
        assert_eq!(next(Standing::Changed(before), None), Next::Ask(before));
        assert_eq!(next(Standing::Changed(before), Some(other)), Next::Ask(before));
        assert_eq!(next(Standing::Changed(before), Some(before)), Next::Remember(Reason::Agreed));
        // What changed back meanwhile was not what was asked about.
        assert_eq!(next(Standing::First, Some(before)), Next::Remember(Reason::Used));
    }

    #[test]
    fn one_that_is_named_is_trusted_from_then_on() {
        for why in [Reason::Used, Reason::Agreed] {
            let known = Standing::Known(Some(why));
            assert_eq!(next(known, false, false, None), Next::Use);
            assert_eq!(next(known, true, true, None), Next::Remember(Reason::Named));
        }
        assert_eq!(next(Standing::Known(Some(Reason::Named)), true, true, None), Next::Use);
    }

    fn in_memory(file: &Path) -> Environment {
        Environment { trusted: Some(file.to_owned()), ..Environment::default() }
    }

    #[test]
    fn what_evidence_may_bring_is_what_a_person_trusts() -> Result<(), Failure> {
        let folder = tempfile::tempdir().map_err(Failure::call)?;
        let file = folder.path().join("plugins.json");
        let keep = |id: &str, why| {
            let pin = Pin {
                id: id.to_owned(),
                file: format!("/{id}.wasm").into(),
                digest: Digest::of(id.as_bytes()),
                why,
            };
            Memory::hold(&file)?.keep(pin).map_err(Failure::call)
        };
        for (id, why) in [
            ("before", None),
            ("used", Some(Reason::Used)),
            ("agreed", Some(Reason::Agreed)),
            ("named", Some(Reason::Named)),
        ] {
            keep(id, why)?;
        }
        let of = |ids: &[&str]| ids.iter().map(|it| Digest::of(it.as_bytes())).collect::<Vec<_>>();
        let now = known(&in_memory(&file), &[])?;
        let mut trusted = of(&["agreed", "named"]);
        trusted.extend(releases::digests());
        trusted.sort_unstable();
        assert_eq!((now.trusted, now.ids), (trusted, vec!["agreed".to_owned(), "named".to_owned()]));
        assert_eq!(now.used, of(&["before", "used"]));
        // In this call, one that was used is trusted, and so its id is its own.
        let now = known(&in_memory(&file), &of(&["used"]))?;
        assert_eq!(
            (now.ids, now.used),
            (["agreed", "named", "used"].map(str::to_owned).into(), of(&["before"]))
        );

        let forgotten = forget(&Digest::of(b"named").to_string(), &in_memory(&file))?;
        assert_eq!(forgotten, [("named".to_owned(), Digest::of(b"named"))]);
        assert_eq!(forget("agreed", &in_memory(&file))?.len(), 1);
        assert_eq!(forget("/used.wasm", &in_memory(&file))?.len(), 1);
        assert_eq!(forget("nothing", &in_memory(&file))?, []);
        assert_eq!(known(&in_memory(&file), &[])?.ids, [""; 0]);
        Ok(())
    }
}
