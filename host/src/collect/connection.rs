//! A connection: a plugin, set up for one account at a source.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use exhibit_records::Digest;
use exhibit_rows::Shown;
use exhibit_secrets::{Backends, SecretError, SecretRef};

use crate::clock::{Clock, SystemClock};
use crate::contract::catalog;
use crate::contract::settings::{self, SettingError};
use crate::contract::types::{Error, Setting};
use crate::http::{
    BlockedAddress, Client, ClientError, ClientOptions, Egress, Origin, OriginError, OriginSource, Origins,
    SignError, Signer,
};
use crate::plugin::{Plugin, PluginError};
use crate::remedy::Remedy;

use super::error::Fault;
use super::limiter::{InProcess, Limiter};

/// A plugin with settings, origins and secrets. All collections of one account go
/// through one connection, which keeps them to one request at a time.
#[derive(Debug)]
pub struct Connection {
    pub(super) plugin: Plugin,
    pub(super) settings: Vec<Setting>,
    pub(super) origins: Origins,
    portals: BTreeMap<String, String>,
    pub(super) signer: Signer,
    pub(super) client: Client,
    pub(super) limiter: Arc<dyn Limiter>,
    pub(super) clock: Arc<dyn Clock>,
    may_operate: bool,
}

/// Sets a connection up.
#[derive(Debug)]
pub struct ConnectionBuilder {
    plugin: Plugin,
    settings: Vec<Setting>,
    origins: BTreeMap<String, String>,
    plain_http: BTreeSet<String>,
    secrets: BTreeMap<String, SecretRef>,
    backends: Backends,
    limiter: Arc<dyn Limiter>,
    client: ClientOptions,
    egress: Egress,
    clock: Arc<dyn Clock>,
    may_operate: bool,
}

/// Why a connection cannot be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectionError {
    /// A setting is missing or wrong.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// The plugin cannot make anything of the settings.
    #[error(transparent)]
    Plugin(#[from] PluginError),
    /// Given, and not one of the plugin's.
    #[error("unknown origin `{name}`; known: {known}")]
    UnknownOrigin {
        /// What was given.
        name: String,
        /// What there is.
        known: String,
    },
    /// Not given, and not known from the settings.
    #[error("the settings do not give the address of `{0}`: name it, as in {0}=https://host")]
    NoOrigin(String),
    /// No place for requests.
    #[error("the origin `{name}`: {error}")]
    Origin {
        /// Its name.
        name: String,
        /// What is wrong with it.
        #[source]
        error: OriginError,
    },
    /// The policy for outgoing requests refuses the address that an origin is named by.
    #[error("the origin `{name}`: {blocked}")]
    Blocked {
        /// Its name.
        name: String,
        /// Which rule refuses it, and what the operator can do.
        #[source]
        blocked: BlockedAddress,
    },
    /// Given, and not one that the plugin asks for.
    #[error("unknown secret `{name}`; known: {known}")]
    UnknownSecret {
        /// What was given.
        name: String,
        /// What there is.
        known: String,
    },
    /// Not given.
    #[error("the secret `{name}` is missing: {help}")]
    NoSecret {
        /// Its name.
        name: String,
        /// What it is for.
        help: String,
    },
    /// Kept where none of the connection's backends reads.
    #[error("the secret `{name}`: {error}")]
    Secret {
        /// Its name.
        name: String,
        /// Which ones read.
        #[source]
        error: SecretError,
    },
    /// No requests can be made here.
    #[error(transparent)]
    Client(#[from] ClientError),
}

impl ConnectionError {
    /// Whose fault it is.
    pub fn fault(&self) -> Fault {
        match self {
            Self::Plugin(error) if !matches!(error, PluginError::Said(Error::Invalid(_))) => Fault::Source,
            _ => Fault::Call,
        }
    }

    /// What to do next, where that is known.
    pub fn remedy(&self) -> Option<Remedy> {
        match self {
            Self::Setting(SettingError::Missing { name, .. }) => {
                Some(Remedy::GiveSetting { name: name.clone() })
            }
            Self::Setting(error) => error.remedy(),
            Self::UnknownOrigin { name, known } | Self::UnknownSecret { name, known } => {
                Remedy::meant(name, known)
            }
            Self::NoSecret { name, .. } => Some(Remedy::GiveSecret { name: name.clone() }),
            Self::NoOrigin(name) => Some(Remedy::GiveOrigin { name: name.clone() }),
            Self::Origin { error, .. } => error.remedy().map(Remedy::from),
            Self::Blocked { blocked, .. } => Some(blocked.advice()),
            Self::Plugin(_) | Self::Secret { .. } | Self::Client(_) => None,
        }
    }
}

impl Connection {
    /// Begins to set a connection of this plugin up.
    pub fn builder(plugin: Plugin) -> ConnectionBuilder {
        ConnectionBuilder {
            plugin,
            settings: vec![],
            origins: BTreeMap::new(),
            plain_http: BTreeSet::new(),
            secrets: BTreeMap::new(),
            backends: Backends::default(),
            limiter: Arc::new(InProcess::new(1)),
            client: ClientOptions::default(),
            egress: Egress::default(),
            clock: Arc::new(SystemClock),
            may_operate: false,
        }
    }

    /// The plugin.
    pub fn plugin(&self) -> &Plugin {
        &self.plugin
    }

    /// Whether operations may change something at the source.
    pub fn may_operate(&self) -> bool {
        self.may_operate
    }

    /// What it is set up with, defaults included.
    pub fn settings(&self) -> &[Setting] {
        &self.settings
    }

    /// Where requests go, by the names that they use.
    pub fn origins(&self) -> &Origins {
        &self.origins
    }

    /// A digest of the user name that requests are signed with, where there is one.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub(crate) async fn caller(&self) -> Result<Option<Digest>, SignError> {
        self.signer.caller().await
    }

    /// Where its secrets are kept, by their names: never what they are.
    pub(crate) fn secrets(&self) -> Vec<(String, String)> {
        self.signer.references()
    }

    /// Where the pages for people are that belong to an origin: an `https` URL.
    pub fn portal(&self, origin: &str) -> Option<&str> {
        self.portals.get(origin).map(String::as_str)
    }
}

impl ConnectionBuilder {
    /// What the manifest's settings are set to; defaults are added.
    pub fn settings(mut self, settings: Vec<Setting>) -> Self {
        self.settings = settings;
        self
    }

    /// Where an origin is, instead of where the plugin says.
    pub fn origin(mut self, name: impl Into<String>, url: impl Into<String>) -> Self {
        self.origins.insert(name.into(), url.into());
        self
    }

    /// Lets an origin that [`Self::origin`] gives be `http` on another machine.
    pub fn plain_http(mut self, origin: impl Into<String>) -> Self {
        self.plain_http.insert(origin.into());
        self
    }

    /// Where a secret is kept.
    pub fn secret(mut self, name: impl Into<String>, reference: SecretRef) -> Self {
        self.secrets.insert(name.into(), reference);
        self
    }

    /// What reads secrets from where they are kept; environment variables and files, where nothing is said.
    pub fn secrets_from(mut self, backends: Backends) -> Self {
        self.backends = backends;
        self
    }

    /// How many requests may be under way at once; one, where nothing is said.
    pub fn requests_at_a_time(self, requests: usize) -> Self {
        self.limiter(Arc::new(InProcess::new(requests)))
    }

    /// Whose turn it is, where that is known outside of this connection, such as for several processes with one
    /// account. Instead of [`Self::requests_at_a_time`].
    pub fn limiter(mut self, limiter: Arc<dyn Limiter>) -> Self {
        self.limiter = limiter;
        self
    }

    /// How patient the HTTP client is.
    pub fn client(mut self, options: ClientOptions) -> Self {
        self.client = options;
        self
    }

    /// Which addresses requests may go to; where nothing is said, those of the default
    /// [`EgressRules`](crate::http::EgressRules).
    pub fn egress(mut self, policy: impl Into<Egress>) -> Self {
        self.egress = policy.into();
        self
    }

    /// What tells the time; the system's clock, where nothing is said.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Whether operations may change something at the source; not, where nothing is said. Each is still to be confirmed.
    pub fn may_operate(mut self, may_operate: bool) -> Self {
        self.may_operate = may_operate;
        self
    }

    /// Checks everything and asks the plugin for its origins. Resolves no secret, and
    /// sends no request.
    pub async fn build(self) -> Result<Connection, ConnectionError> {
        let manifest = self.plugin.manifest();
        let settings = settings::complete(&manifest.settings, self.settings)?;
        check_secrets(manifest, &self.secrets, &self.backends)?;
        let resolved = self.plugin.resolve(&settings).await?;
        let origins = origins(&resolved, &self.origins, &self.plain_http)?;
        let client = Client::new(self.client, self.egress)?;
        // Better known before a collection than during it. What names resolve to shows only then.
        for (name, origin) in &origins {
            let blocked = |blocked| ConnectionError::Blocked { name: Shown::line(name).to_string(), blocked };
            client.check(origin.url()).map_err(blocked)?;
        }
        let signer = Signer::new(manifest, self.secrets, self.backends, Arc::clone(&self.clock));
        Ok(Connection {
            portals: portals(&resolved),
            settings,
            origins,
            signer,
            client,
            limiter: self.limiter,
            clock: self.clock,
            may_operate: self.may_operate,
            plugin: self.plugin,
        })
    }
}

fn check_secrets(
    manifest: &catalog::Manifest,
    given: &BTreeMap<String, SecretRef>,
    backends: &Backends,
) -> Result<(), ConnectionError> {
    for (name, reference) in given {
        if !manifest.secrets.iter().any(|it| it.name == *name) {
            let known = listed(manifest.secrets.iter().map(|it| it.name.as_str()));
            return Err(ConnectionError::UnknownSecret { name: Shown::line(name).to_string(), known });
        }
        let unread = |error| ConnectionError::Secret { name: name.clone(), error };
        backends.check(reference).map_err(unread)?;
    }
    match manifest.secrets.iter().find(|it| it.required && !given.contains_key(&it.name)) {
        Some(secret) => Err(ConnectionError::NoSecret {
            name: secret.name.clone(),
            help: Shown::line(&secret.help).to_string(),
        }),
        None => Ok(()),
    }
}

fn origins(
    resolved: &[catalog::Origin],
    given: &BTreeMap<String, String>,
    plain_http: &BTreeSet<String>,
) -> Result<Origins, ConnectionError> {
    for name in given.keys().chain(plain_http) {
        if !resolved.iter().any(|it| it.name == *name) {
            let known = listed(resolved.iter().map(|it| it.name.as_str()));
            return Err(ConnectionError::UnknownOrigin { name: Shown::line(name).to_string(), known });
        }
    }
    let mut origins = Origins::new();
    for it in resolved {
        let name = Shown::line(&it.name).to_string();
        let by_operator = OriginSource::ByOperator { plain_http: plain_http.contains(&it.name) };
        let (url, given) = match (given.get(&it.name), &it.url) {
            (Some(url), _) => (url, by_operator),
            (None, Some(url)) => (url, OriginSource::ByPlugin),
            (None, None) => return Err(ConnectionError::NoOrigin(name)),
        };
        let origin = Origin::parse(url, given).map_err(|error| ConnectionError::Origin { name, error })?;
        origins.insert(it.name.clone(), origin);
    }
    Ok(origins)
}

/// Links are for people to click on, so they are what they look like, or not there.
pub(crate) fn portals(resolved: &[catalog::Origin]) -> BTreeMap<String, String> {
    let portal = |it: &catalog::Origin| {
        let url = url::Url::parse(it.portal.as_ref()?).ok()?;
        let plain = url.scheme() == "https" && url.username().is_empty() && url.password().is_none();
        plain.then(|| (it.name.clone(), url.to_string()))
    };
    resolved.iter().filter_map(portal).collect()
}

fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<_> = names.map(|it| Shown::line(it).to_string()).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(url: Option<&str>) -> Vec<catalog::Origin> {
        let owned = |text: &str| text.to_owned();
        vec![catalog::Origin {
            name: owned("api"),
            url: url.map(owned),
            portal: Some(owned("javascript:alert(1)")),
        }]
    }

    fn outcome(url: Option<&str>, given: &[(&str, &str)]) -> String {
        let given = given.iter().map(|(name, url)| ((*name).to_owned(), (*url).to_owned())).collect();
        match origins(&resolved(url), &given, &BTreeSet::new()) {
            Ok(origins) => origins["api"].to_string(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn the_operator_has_the_last_word() {
        assert_eq!(outcome(Some("https://api.example"), &[]), "https://api.example");
        assert_eq!(
            outcome(Some("https://api.example"), &[("api", "http://127.0.0.1:1")]),
            "http://127.0.0.1:1"
        );
        assert_eq!(outcome(None, &[("api", "https://private.example")]), "https://private.example");
    }

    #[test]
    fn says_which_origin_is_wrong() {
        assert_eq!(
            outcome(None, &[]),
            "the settings do not give the address of `api`: name it, as in api=https://host"
        );
        assert_eq!(outcome(None, &[("apl", "https://a.example")]), "unknown origin `apl`; known: api");
        assert_eq!(
            outcome(Some("https://127.0.0.1"), &[]),
            "the origin `api`: `https://127.0.0.1` is this machine; requests to it are blocked"
        );
    }

    #[test]
    fn links_nowhere_odd() {
        assert!(portals(&resolved(None)).is_empty());
    }
}
