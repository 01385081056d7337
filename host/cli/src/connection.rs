//! The options that set a connection up, which several commands share.

use std::net::IpAddr;
use std::str::FromStr;

use clap::Args;
use exhibit::collect::{Connection, ConnectionError};
use exhibit::http::{EgressRules, Network, OriginError};
use exhibit::plugin::Plugin;
use exhibit_records::Digest;
use exhibit_secrets::{Backends, SecretRef};

use super::arguments::{self, Assignment};
use super::environment::Environment;
use super::failure::Failure;
use super::loading::load;
use super::plugin_ref::PluginRef;
use super::terminal::Terminal;
use super::trust::Question;

/// Which plugin.
#[derive(Debug, Args)]
pub(super) struct PluginArgs {
    /// A plugin's component file, or oci: and where it is in a registry, instead of the built-in plugin
    #[arg(long, value_name = "PLUGIN")]
    pub(super) plugin: Option<PluginRef>,
}

/// How to reach a source.
#[derive(Debug, Args)]
pub(super) struct ConnectionArgs {
    #[command(flatten)]
    plugin: PluginArgs,
    /// What the plugin asks of a connection, such as platform=US2; `exhibit plugin show` lists it
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<Assignment>,
    /// Where an origin is, instead of where the settings say: for private installations
    #[arg(long, value_name = "NAME=URL", value_parser = arguments::origin)]
    origin: Vec<Assignment>,
    /// Allows http for the --origin of this name on another machine: others on the network can then read and
    /// change the traffic
    #[arg(long, value_name = "NAME")]
    plain_http: Vec<String>,
    /// A network that requests to the source may go to, such as 10.20.0.0/16, although a larger one is denied or it
    /// is this machine (127.0.0.1); may be given again
    #[arg(long, value_name = "CIDR", value_parser = arguments::network)]
    allow_network: Vec<Network>,
    /// A network that requests to the source do not go to, such as 203.0.113.0/24, or `all` for those that no
    /// --allow-network has; may be given again
    #[arg(long, value_name = "CIDR")]
    deny_network: Vec<DeniedNetwork>,
    /// Where a secret is kept: password=env:VARIABLE or password=file:PATH, never the secret itself
    // Read by hand: clap would repeat what it cannot parse, and that may be the secret.
    #[arg(long, value_name = "NAME=REFERENCE")]
    secret: Vec<String>,
    /// Accepts only the --plugin with this digest, and does not ask whether it is trusted
    #[arg(long, value_name = "DIGEST", requires = "plugin")]
    trust: Option<Digest>,
}

/// What `--deny-network` names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DeniedNetwork {
    All,
    One(Network),
}

impl FromStr for DeniedNetwork {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "all" { Ok(Self::All) } else { arguments::network(text).map(Self::One) }
    }
}

impl PluginArgs {
    pub(super) async fn load(&self, environment: &Environment) -> Result<Plugin, Failure> {
        load(self.plugin.as_ref(), environment).await
    }
}

impl ConnectionArgs {
    /// Whether anything of it is given but the plugin.
    pub(super) fn is_given(&self) -> bool {
        !self.set.is_empty() || !self.origin.is_empty() || !self.secret.is_empty()
    }

    /// The plugin alone.
    pub(super) async fn plugin(&self, environment: &Environment) -> Result<Plugin, Failure> {
        self.plugin.load(environment).await
    }

    /// To read from it.
    pub(super) async fn connect(
        &self,
        environment: &Environment,
        terminal: &Terminal,
    ) -> Result<Connection, Failure> {
        self.connect_to(environment, terminal, false).await
    }

    /// The same; `may_operate`: to change something there, too, once that is confirmed.
    pub(super) async fn connect_to(
        &self,
        environment: &Environment,
        terminal: &Terminal,
        may_operate: bool,
    ) -> Result<Connection, Failure> {
        let plugin = self.plugin.load(environment).await?;
        let settings =
            arguments::settings(&plugin.manifest().settings, &self.set).map_err(ConnectionError::from)?;
        if let Some(named) = &self.plugin.plugin {
            let origins = plugin.resolve(&settings).await.map_err(ConnectionError::from)?;
            Question::about(&plugin, named, &origins, self.trust, environment).settle(terminal).await?;
        }
        let known: Vec<&str> = plugin.manifest().secrets.iter().map(|it| it.name.as_str()).collect();
        let secrets = secrets(&self.secret, &known, &environment.backends)?;
        let mut builder = Connection::builder(plugin)
            .settings(settings)
            .may_operate(may_operate)
            .egress(egress(&self.allow_network, &self.deny_network))
            .secrets_from(environment.backends.clone());
        for it in &self.origin {
            if let Some(refused) = of_network(it) {
                return Err(refused);
            }
            builder = builder.origin(&it.name, &it.value);
        }
        for origin in &self.plain_http {
            builder = builder.plain_http(origin);
        }
        for (name, reference) in secrets {
            builder = builder.secret(name, reference);
        }
        builder.build().await.map_err(origin_refused)
    }
}

/// That an origin is given as a network: one is a host, the other says where requests may go.
fn of_network(given: &Assignment) -> Option<Failure> {
    let Assignment { name, value } = given;
    let address = value.split_once("://").map_or(value.as_str(), |it| it.1);
    let (host, _) = address.split_once('/')?;
    let is_network = host.parse::<IpAddr>().is_ok() && arguments::network(address).is_ok();
    is_network.then(|| {
        Failure::call(format!("the origin `{name}`: `{address}` is a network, and an origin is one host"))
            .next(format!(
                "write --origin {name}=https://host; --allow-network {address} permits requests to a network"
            ))
    })
}

/// With what to do about an origin whose traffic others could read.
fn origin_refused(error: ConnectionError) -> Failure {
    let plain = match &error {
        ConnectionError::Origin { name, error: OriginError::NotEncrypted(_) } => Some(name.clone()),
        _ => None,
    };
    let failure = Failure::from(error);
    match plain {
        None => failure,
        Some(name) => failure.next(format!(
            "write https://…; where only http is to be had and others may read the traffic, add --plain-http {name}"
        )),
    }
}

fn egress(allowed: &[Network], denied: &[DeniedNetwork]) -> EgressRules {
    let begin =
        if denied.contains(&DeniedNetwork::All) { EgressRules::only([]) } else { EgressRules::default() };
    let allowing = allowed.iter().copied().fold(begin, EgressRules::allow);
    denied.iter().fold(allowing, |rules, it| match it {
        DeniedNetwork::All => rules,
        DeniedNetwork::One(network) => rules.deny(*network),
    })
}

fn secrets(
    given: &[String],
    known: &[&str],
    backends: &Backends,
) -> Result<Vec<(String, SecretRef)>, Failure> {
    let next = "write it as NAME=env:VARIABLE or NAME=file:PATH";
    let read = |text: &String| {
        let (name, reference) =
            text.split_once('=').ok_or_else(|| Failure::call("a --secret has no name").next(next))?;
        // An unknown name may be the secret.
        let what = if known.contains(&name) { format!("--secret {name}") } else { "a --secret".to_owned() };
        let reference = backends
            .reference(reference)
            .map_err(|error| Failure::call(format!("{what}: {error}")).next(next))?;
        Ok((name.to_owned(), reference))
    };
    given.iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use exhibit::http::Egress;

    use super::*;

    fn refused(given: &str) -> String {
        let failure =
            secrets(&[given.to_owned()], &["password"], &Backends::default()).expect_err("should be refused");
        format!("{} | {}", failure.what(), failure.remedy().unwrap_or("-"))
    }

    #[test]
    fn a_secret_in_the_wrong_place_is_not_repeated() {
        for given in ["hunter2", "hunter2=", "password=hunter2", "=hunter2", "password=env:hunter 2"] {
            assert!(!refused(given).contains("hunter"), "{given}: {}", refused(given));
        }
        insta::assert_snapshot!(refused("password=hunter2"), @"--secret password: a secret is named by where it is kept, as env:NAME or file:PATH, and this is neither (it is not repeated here, in case it is the secret itself) | write it as NAME=env:VARIABLE or NAME=file:PATH");
    }

    #[test]
    fn a_network_is_no_origin() {
        let said = |value: &str| {
            let given = Assignment { name: "api".to_owned(), value: value.to_owned() };
            of_network(&given).map(|it| format!("{} | {}", it.what(), it.remedy().unwrap_or("-")))
        };
        insta::assert_snapshot!(said("10.20.0.0/16").unwrap_or_default(), @"the origin `api`: `10.20.0.0/16` is a network, and an origin is one host | write --origin api=https://host; --allow-network 10.20.0.0/16 permits requests to a network");
        assert_eq!(said("10.20.0.0/16"), said("https://10.20.0.0/16"));
        for value in ["https://10.20.0.1", "https://10.20.0.1/", "https://host/16", "api.example"] {
            assert_eq!(said(value), None, "{value}");
        }
    }

    #[test]
    fn plain_http_says_what_permits_it() {
        let error = OriginError::NotEncrypted("http://api.example".to_owned());
        let refused = origin_refused(ConnectionError::Origin { name: "api".to_owned(), error });
        assert!(refused.remedy().is_some_and(|it| it.contains("--plain-http api")), "{refused:?}");
        let other = ConnectionError::NoOrigin("api".to_owned());
        assert_eq!(origin_refused(other).remedy(), Some("add --origin api=https://…"));
    }

    #[test]
    fn references_are_taken() -> Result<(), Failure> {
        let given = ["username=env:API_USERNAME".to_owned(), "password=file:/run/a=b".to_owned()];
        let taken = secrets(&given, &["username", "password"], &Backends::default())?;
        let taken: Vec<String> = taken.iter().map(|(name, it)| format!("{name} {it}")).collect();
        assert_eq!(taken, ["username env:API_USERNAME", "password file:/run/a=b"]);
        Ok(())
    }

    #[test]
    fn networks_narrow_and_widen() -> Result<(), String> {
        let rules = |allowed: &[&str], denied: &[&str]| -> Result<Egress, String> {
            let allowed = allowed.iter().map(|it| arguments::network(it)).collect::<Result<Vec<_>, _>>()?;
            let denied = denied.iter().map(|it| it.parse()).collect::<Result<Vec<_>, _>>()?;
            Ok(egress(&allowed, &denied).into())
        };
        let permits = |egress: &Egress, address: [u8; 4]| egress.check("api.example", address.into()).is_ok();
        let usual = rules(&[], &[])?;
        assert!(permits(&usual, [10, 20, 1, 1]) && permits(&usual, [203, 0, 113, 1]));
        let denied = rules(&["203.0.113.7"], &["203.0.113.0/24"])?;
        assert!(permits(&denied, [203, 0, 113, 7]) && !permits(&denied, [203, 0, 113, 8]));
        let only = rules(&["10.20.0.0/16"], &["all", "10.20.3.0/24"])?;
        assert!(permits(&only, [10, 20, 1, 1]) && !permits(&only, [10, 20, 3, 1]));
        assert!(!permits(&only, [203, 0, 113, 1]));
        assert!(rules(&["all"], &[]).is_err());
        Ok(())
    }
}
