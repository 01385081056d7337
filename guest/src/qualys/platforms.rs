//! The platforms that Qualys runs, and where each is.

use exhibit_plugin::catalog::{Origin, Parameter};
use exhibit_plugin::problem::invalid;
use exhibit_plugin::{Arguments, Error};

/// The API server: every `/api/`, `/msp/` and `/qps/` path.
pub const API: &str = "api";
const SETTING: &str = "platform";
/// A private platform: its addresses are given with the connection.
const PRIVATE: &str = "private";

/// One of Qualys' platforms.
struct Platform {
    id: &'static str,
    label: &'static str,
    /// The host of the API server.
    api: &'static str,
    /// The host of the console.
    portal: &'static str,
}

const fn platform(
    id: &'static str,
    label: &'static str,
    api: &'static str,
    portal: &'static str,
) -> Platform {
    Platform { id, label, api, portal }
}

/// Source: qualys.com/platform-identification. US1 and EU1 are the irregular ones.
#[rustfmt::skip]
const PLATFORMS: [Platform; 14] = [
    platform("US1", "US Platform 1", "qualysapi.qualys.com", "qualysguard.qualys.com"),
    platform("US2", "US Platform 2", "qualysapi.qg2.apps.qualys.com", "qualysguard.qg2.apps.qualys.com"),
    platform("US3", "US Platform 3", "qualysapi.qg3.apps.qualys.com", "qualysguard.qg3.apps.qualys.com"),
    platform("US4", "US Platform 4", "qualysapi.qg4.apps.qualys.com", "qualysguard.qg4.apps.qualys.com"),
    platform("EU1", "EU Platform 1", "qualysapi.qualys.eu", "qualysguard.qualys.eu"),
    platform("EU2", "EU Platform 2", "qualysapi.qg2.apps.qualys.eu", "qualysguard.qg2.apps.qualys.eu"),
    platform("EU3", "EU Platform 3", "qualysapi.qg3.apps.qualys.it", "qualysguard.qg3.apps.qualys.it"),
    platform("IN1", "India Platform 1", "qualysapi.qg1.apps.qualys.in", "qualysguard.qg1.apps.qualys.in"),
    platform("CA1", "Canada Platform 1", "qualysapi.qg1.apps.qualys.ca", "qualysguard.qg1.apps.qualys.ca"),
    platform("AE1", "UAE Platform 1", "qualysapi.qg1.apps.qualys.ae", "qualysguard.qg1.apps.qualys.ae"),
    platform("UK1", "UK Platform 1", "qualysapi.qg1.apps.qualys.co.uk", "qualysguard.qg1.apps.qualys.co.uk"),
    platform("AU1", "Australia Platform 1", "qualysapi.qg1.apps.qualys.com.au", "qualysguard.qg1.apps.qualys.com.au"),
    platform("KSA1", "KSA Platform 1", "qualysapi.qg1.apps.qualysksa.com", "qualysguard.qg1.apps.qualysksa.com"),
    platform("GOV1", "US Government Platform 1", "qualysapi.gov1.qualys.us", "qualysguard.gov1.qualys.us"),
];

/// The setting that says which platform the account is on.
pub fn setting() -> Parameter {
    let known = PLATFORMS.iter().map(|it| (it.id, it.label));
    Parameter::text(
        SETTING,
        "Platform",
        "The Qualys platform of the account: the address of the console and the end of the user name show it. \
         On any other platform the login fails as if the password were wrong.",
    )
    .required()
    .choices(known.chain([(PRIVATE, "A private platform: name the address of its API server")]))
}

/// The origins of a connection with these settings.
///
/// # Errors
/// `invalid` where there is no such platform.
pub fn resolve(settings: &Arguments) -> Result<Vec<Origin>, Error> {
    let id = settings.text(SETTING).unwrap_or_default();
    let name = API.to_owned();
    if id == PRIVATE {
        return Ok(vec![Origin { name, url: None, portal: None }]);
    }
    let Some(platform) = PLATFORMS.iter().find(|it| it.id == id) else {
        return Err(invalid(format!("unknown platform {id:?}")).about(SETTING));
    };
    let url = |host: &str| Some(format!("https://{host}"));
    Ok(vec![Origin { name, url: url(platform.api), portal: url(platform.portal) }])
}

#[cfg(test)]
mod tests {
    use exhibit_plugin::types::{Setting, Value};

    use super::*;

    fn origin(platform: &str) -> Origin {
        let given = vec![Setting { name: SETTING.to_owned(), value: Value::Text(platform.to_owned()) }];
        let settings = Arguments::check("setting", &[setting()], given).expect("taken");
        let mut origins = resolve(&settings).expect("resolves");
        assert_eq!(origins.len(), 1, "no more than is needed");
        origins.remove(0)
    }

    #[test]
    fn knows_every_platform() {
        let known = PLATFORMS.iter().map(|it| {
            let origin = origin(it.id);
            format!("{} {} {}", it.id, origin.url.unwrap_or_default(), origin.portal.unwrap_or_default())
        });
        insta::assert_snapshot!(known.collect::<Vec<_>>().join("\n"), @"
        US1 https://qualysapi.qualys.com https://qualysguard.qualys.com
        US2 https://qualysapi.qg2.apps.qualys.com https://qualysguard.qg2.apps.qualys.com
        US3 https://qualysapi.qg3.apps.qualys.com https://qualysguard.qg3.apps.qualys.com
        US4 https://qualysapi.qg4.apps.qualys.com https://qualysguard.qg4.apps.qualys.com
        EU1 https://qualysapi.qualys.eu https://qualysguard.qualys.eu
        EU2 https://qualysapi.qg2.apps.qualys.eu https://qualysguard.qg2.apps.qualys.eu
        EU3 https://qualysapi.qg3.apps.qualys.it https://qualysguard.qg3.apps.qualys.it
        IN1 https://qualysapi.qg1.apps.qualys.in https://qualysguard.qg1.apps.qualys.in
        CA1 https://qualysapi.qg1.apps.qualys.ca https://qualysguard.qg1.apps.qualys.ca
        AE1 https://qualysapi.qg1.apps.qualys.ae https://qualysguard.qg1.apps.qualys.ae
        UK1 https://qualysapi.qg1.apps.qualys.co.uk https://qualysguard.qg1.apps.qualys.co.uk
        AU1 https://qualysapi.qg1.apps.qualys.com.au https://qualysguard.qg1.apps.qualys.com.au
        KSA1 https://qualysapi.qg1.apps.qualysksa.com https://qualysguard.qg1.apps.qualysksa.com
        GOV1 https://qualysapi.gov1.qualys.us https://qualysguard.gov1.qualys.us
        ");
    }

    #[test]
    fn leaves_a_private_one_to_the_operator() {
        assert_eq!((origin("private").url, origin("private").portal), (None, None));
    }
}
