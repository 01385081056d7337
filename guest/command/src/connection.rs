//! A connection to the source, of what the command line says.

use std::collections::BTreeMap;
use std::rc::Rc;

use exhibit_plugin::catalog::Manifest;
use exhibit_plugin::types::Setting;
use exhibit_plugin::{Arguments, Plugin};
use exhibit_signing::Origin;

use crate::arguments::Connect;
use crate::clock::Clock;
use crate::failure::Failure;
use crate::network::{Network, Signing, Wire};
use crate::secrets::{self, Secrets};

/// The places that a connection with these settings talks to, by name.
pub(crate) type Origins = BTreeMap<String, Origin>;

/// The origins that the settings resolve to, replaced by those of the command line.
pub(crate) fn origins<P: Plugin>(connect: &Connect, settings: &[Setting]) -> Result<Origins, Failure> {
    let settings = Arguments::check("setting", &P::manifest().settings, settings.to_vec())?;
    let resolved = P::resolve(&settings)?;
    let known: Vec<&str> = resolved.iter().map(|it| it.name.as_str()).collect();
    for name in connect.origins.iter().map(|(name, _)| name).chain(&connect.plain_http) {
        if !known.contains(&name.as_str()) {
            return Err(Failure::call(format!("unknown origin `{name}`: choose from {}", known.join(", "))));
        }
    }
    let mut origins = BTreeMap::new();
    for origin in &resolved {
        let given = connect.origins.iter().rfind(|(name, _)| *name == origin.name).map(|(_, url)| url);
        let plain_http = given.is_some() && connect.plain_http.contains(&origin.name);
        if let Some(url) = given.or(origin.url.as_ref()) {
            let parsed = Origin::parse(url, plain_http).map_err(|why| {
                Failure::call(format!("the origin `{}` cannot be used: {why}", origin.name))
            })?;
            origins.insert(origin.name.clone(), parsed);
        }
    }
    Ok(origins)
}

/// Where the secrets are; `None` where another component has them.
pub(crate) fn secrets(connect: &Connect, manifest: &Manifest) -> Result<Option<Secrets>, Failure> {
    if connect.signer {
        return Ok(None);
    }
    secrets::places(manifest, &connect.secrets).map(Some)
}

/// The network, which reaches these origins and may change nothing there.
pub(crate) fn network<W: Wire>(
    wire: W,
    manifest: &Manifest,
    origins: Origins,
    secrets: Option<Secrets>,
    clock: Rc<dyn Clock>,
) -> Network<W> {
    let signing = secrets.map_or(Signing::InFront, Signing::Here);
    Network::new(wire, manifest, origins, signing, clock)
}
