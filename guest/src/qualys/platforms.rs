//! The platforms that Qualys runs, and where each is.

use exhibit_plugin::catalog::Origin;
use exhibit_plugin::problem::invalid;
use exhibit_plugin::{Arguments, Error};

/// The API server: every `/api/`, `/msp/` and `/qps/` path.
pub const API: &str = "api";
/// The gateway: newer APIs that take a token.
pub const GATEWAY: &str = "gateway";

/// A private platform: its addresses are given with the connection.
const PRIVATE: &str = "private";

/// A platform: its id, what people call it, and its API, gateway and console hosts.
/// Source: qualys.com/platform-identification. US1 and EU1 are the irregular ones.
type Platform = (&'static str, &'static str, &'static str, &'static str, &'static str);

#[rustfmt::skip]
const PLATFORMS: [Platform; 14] = [
    ("US1", "US Platform 1", "qualysapi.qualys.com", "gateway.qg1.apps.qualys.com", "qualysguard.qualys.com"),
    ("US2", "US Platform 2", "qualysapi.qg2.apps.qualys.com", "gateway.qg2.apps.qualys.com", "qualysguard.qg2.apps.qualys.com"),
    ("US3", "US Platform 3", "qualysapi.qg3.apps.qualys.com", "gateway.qg3.apps.qualys.com", "qualysguard.qg3.apps.qualys.com"),
    ("US4", "US Platform 4", "qualysapi.qg4.apps.qualys.com", "gateway.qg4.apps.qualys.com", "qualysguard.qg4.apps.qualys.com"),
    ("EU1", "EU Platform 1", "qualysapi.qualys.eu", "gateway.qg1.apps.qualys.eu", "qualysguard.qualys.eu"),
    ("EU2", "EU Platform 2", "qualysapi.qg2.apps.qualys.eu", "gateway.qg2.apps.qualys.eu", "qualysguard.qg2.apps.qualys.eu"),
    ("EU3", "EU Platform 3", "qualysapi.qg3.apps.qualys.it", "gateway.qg3.apps.qualys.it", "qualysguard.qg3.apps.qualys.it"),
    ("IN1", "India Platform 1", "qualysapi.qg1.apps.qualys.in", "gateway.qg1.apps.qualys.in", "qualysguard.qg1.apps.qualys.in"),
    ("CA1", "Canada Platform 1", "qualysapi.qg1.apps.qualys.ca", "gateway.qg1.apps.qualys.ca", "qualysguard.qg1.apps.qualys.ca"),
    ("AE1", "UAE Platform 1", "qualysapi.qg1.apps.qualys.ae", "gateway.qg1.apps.qualys.ae", "qualysguard.qg1.apps.qualys.ae"),
    ("UK1", "UK Platform 1", "qualysapi.qg1.apps.qualys.co.uk", "gateway.qg1.apps.qualys.co.uk", "qualysguard.qg1.apps.qualys.co.uk"),
    ("AU1", "Australia Platform 1", "qualysapi.qg1.apps.qualys.com.au", "gateway.qg1.apps.qualys.com.au", "qualysguard.qg1.apps.qualys.com.au"),
    ("KSA1", "KSA Platform 1", "qualysapi.qg1.apps.qualysksa.com", "gateway.qg1.apps.qualysksa.com", "qualysguard.qg1.apps.qualysksa.com"),
    ("GOV1", "US Government Platform 1", "qualysapi.gov1.qualys.us", "gateway.gov1.qualys.us", "qualysguard.gov1.qualys.us"),
];

/// The platforms to choose from.
pub fn choices() -> impl Iterator<Item = (&'static str, &'static str)> {
    let known = PLATFORMS.iter().map(|(id, label, ..)| (*id, *label));
    known.chain([(PRIVATE, "A private platform: give the addresses of its origins")])
}

/// The origins of a connection with these settings.
pub fn resolve(settings: &Arguments) -> Result<Vec<Origin>, Error> {
    let id = settings.text("platform").unwrap_or_default();
    let origin = |name: &str, host: Option<&str>, portal: Option<&str>| Origin {
        name: name.to_owned(),
        url: host.map(|it| format!("https://{it}")),
        portal: portal.map(|it| format!("https://{it}")),
    };
    if id == PRIVATE {
        return Ok(vec![origin(API, None, None), origin(GATEWAY, None, None)]);
    }
    let Some((_, _, api, gateway, portal)) = PLATFORMS.iter().find(|it| it.0 == id) else {
        return Err(invalid(format!("there is no platform {id:?}")).about("platform"));
    };
    Ok(vec![origin(API, Some(api), Some(portal)), origin(GATEWAY, Some(gateway), None)])
}

#[cfg(test)]
mod tests {
    use exhibit_plugin::types::{Setting, Value};

    use super::*;

    fn urls(platform: &str) -> Vec<Option<String>> {
        let given = vec![Setting { name: "platform".to_owned(), value: Value::Text(platform.to_owned()) }];
        let settings =
            Arguments::check("setting", &crate::catalog::manifest().settings, given).expect("taken");
        resolve(&settings).expect("resolves").into_iter().map(|it| it.url).collect()
    }

    #[test]
    fn knows_every_platform() {
        assert_eq!(
            urls("US1"),
            [
                Some("https://qualysapi.qualys.com".to_owned()),
                Some("https://gateway.qg1.apps.qualys.com".to_owned())
            ]
        );
        assert_eq!(urls("EU3")[0].as_deref(), Some("https://qualysapi.qg3.apps.qualys.it"));
        assert_eq!(urls("KSA1")[0].as_deref(), Some("https://qualysapi.qg1.apps.qualysksa.com"));
        for (id, ..) in PLATFORMS {
            assert!(urls(id).iter().all(Option::is_some), "{id}");
        }
    }

    #[test]
    fn leaves_a_private_one_to_the_operator() {
        assert_eq!(urls("private"), [None, None]);
    }
}
