//! The platforms that Qualys runs, and where each is.

use exhibit_plugin::catalog::{Origin, Parameter};
use exhibit_plugin::problem::invalid;
use exhibit_plugin::{Arguments, Error};

/// The API server: every `/api/`, `/msp/` and `/qps/` path.
pub const API: &str = "api";
/// The gateway: tokens, and the APIs that take them.
pub const GATEWAY: &str = "gateway";
const SETTING: &str = "platform";
/// A private platform: its addresses are given with the connection.
const PRIVATE: &str = "private";
/// Where a private platform has its gateway: not all have one, and most proof types ask nothing of it.
const PRIVATE_GATEWAY: &str = "private-gateway";

/// One of Qualys' platforms.
struct Platform {
    id: &'static str,
    label: &'static str,
    /// The host of the API server.
    api: &'static str,
    /// The host of the gateway.
    gateway: &'static str,
    /// The host of the console.
    portal: &'static str,
}

const fn platform(
    id: &'static str,
    label: &'static str,
    api: &'static str,
    gateway: &'static str,
    portal: &'static str,
) -> Platform {
    Platform { id, label, api, gateway, portal }
}

/// Source: qualys.com/platform-identification. US1 and EU1 are the irregular ones.
#[rustfmt::skip]
const PLATFORMS: [Platform; 14] = [
    platform("US1", "US Platform 1", "qualysapi.qualys.com", "gateway.qg1.apps.qualys.com", "qualysguard.qualys.com"),
    platform("US2", "US Platform 2", "qualysapi.qg2.apps.qualys.com", "gateway.qg2.apps.qualys.com", "qualysguard.qg2.apps.qualys.com"),
    platform("US3", "US Platform 3", "qualysapi.qg3.apps.qualys.com", "gateway.qg3.apps.qualys.com", "qualysguard.qg3.apps.qualys.com"),
    platform("US4", "US Platform 4", "qualysapi.qg4.apps.qualys.com", "gateway.qg4.apps.qualys.com", "qualysguard.qg4.apps.qualys.com"),
    platform("EU1", "EU Platform 1", "qualysapi.qualys.eu", "gateway.qg1.apps.qualys.eu", "qualysguard.qualys.eu"),
    platform("EU2", "EU Platform 2", "qualysapi.qg2.apps.qualys.eu", "gateway.qg2.apps.qualys.eu", "qualysguard.qg2.apps.qualys.eu"),
    platform("EU3", "EU Platform 3", "qualysapi.qg3.apps.qualys.it", "gateway.qg3.apps.qualys.it", "qualysguard.qg3.apps.qualys.it"),
    platform("IN1", "India Platform 1", "qualysapi.qg1.apps.qualys.in", "gateway.qg1.apps.qualys.in", "qualysguard.qg1.apps.qualys.in"),
    platform("CA1", "Canada Platform 1", "qualysapi.qg1.apps.qualys.ca", "gateway.qg1.apps.qualys.ca", "qualysguard.qg1.apps.qualys.ca"),
    platform("AE1", "UAE Platform 1", "qualysapi.qg1.apps.qualys.ae", "gateway.qg1.apps.qualys.ae", "qualysguard.qg1.apps.qualys.ae"),
    platform("UK1", "UK Platform 1", "qualysapi.qg1.apps.qualys.co.uk", "gateway.qg1.apps.qualys.co.uk", "qualysguard.qg1.apps.qualys.co.uk"),
    platform("AU1", "Australia Platform 1", "qualysapi.qg1.apps.qualys.com.au", "gateway.qg1.apps.qualys.com.au", "qualysguard.qg1.apps.qualys.com.au"),
    platform("KSA1", "KSA Platform 1", "qualysapi.qg1.apps.qualysksa.com", "gateway.qg1.apps.qualysksa.com", "qualysguard.qg1.apps.qualysksa.com"),
    platform("GOV1", "US Government Platform 1", "qualysapi.gov1.qualys.us", "gateway.gov1.qualys.us", "qualysguard.gov1.qualys.us"),
];

/// Each platform, and the address of its console.
#[cfg(test)]
pub fn consoles() -> Vec<(String, String)> {
    PLATFORMS.iter().map(|it| (it.id.to_owned(), format!("https://{}", it.portal))).collect()
}

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

/// The setting for the gateway of a private platform.
pub fn private_gateway() -> Parameter {
    Parameter::text(
        PRIVATE_GATEWAY,
        "Gateway of a private platform",
        "The address of the gateway of a private platform, such as https://gateway.example.com: only certificates need it. \
         The gateways of all other platforms are known.",
    )
}

/// The origins of a connection with these settings.
///
/// # Errors
/// `invalid` where there is no such platform, and where a gateway is given for one whose gateway is known.
pub fn resolve(settings: &Arguments) -> Result<Vec<Origin>, Error> {
    let id = settings.text(SETTING).unwrap_or_default();
    let gateway = settings.text(PRIVATE_GATEWAY).filter(|it| !it.is_empty());
    let origin = |name: &str, url, portal| Origin { name: name.to_owned(), url, portal };
    if id == PRIVATE {
        let gateway = gateway.map(|it| origin(GATEWAY, Some(it.to_owned()), None));
        return Ok([origin(API, None, None)].into_iter().chain(gateway).collect());
    }
    let Some(platform) = PLATFORMS.iter().find(|it| it.id == id) else {
        return Err(invalid(format!("unknown platform {id:?}")).about(SETTING));
    };
    if gateway.is_some() {
        let message = format!(
            "the setting {PRIVATE_GATEWAY:?} is for a private platform, and the gateway of {id} is known"
        );
        return Err(invalid(message).remedy("leave it out").about(PRIVATE_GATEWAY));
    }
    let url = |host: &str| Some(format!("https://{host}"));
    Ok(vec![
        origin(API, url(platform.api), url(platform.portal)),
        origin(GATEWAY, url(platform.gateway), url(platform.portal)),
    ])
}

/// Checks that the gateway of a connection with these settings is known.
///
/// # Errors
/// `invalid` where it is not.
pub fn check_gateway(settings: &Arguments) -> Result<(), Error> {
    if resolve(settings)?.iter().any(|it| it.name == GATEWAY) {
        return Ok(());
    }
    let message =
        format!("the setting {PRIVATE_GATEWAY:?} is missing: certificates are asked of the gateway");
    Err(invalid(message)
        .remedy("set it to the address of the platform's gateway, such as https://gateway.example.com")
        .about(PRIVATE_GATEWAY))
}

#[cfg(test)]
mod tests {
    use exhibit_plugin::types::{Setting, Value};

    use super::*;

    fn settings(given: &[(&str, &str)]) -> Arguments {
        let set = |(name, value): &(&str, &str)| Setting {
            name: (*name).to_owned(),
            value: Value::Text((*value).to_owned()),
        };
        let given = given.iter().map(set).collect();
        Arguments::check("setting", &[setting(), private_gateway()], given).expect("taken")
    }

    fn said(given: &[(&str, &str)]) -> String {
        let origins = resolve(&settings(given)).expect("resolves");
        let said = |it: &Origin| {
            let (url, portal) = (it.url.as_deref().unwrap_or("-"), it.portal.as_deref().unwrap_or("-"));
            format!("{} {url} {portal}", it.name)
        };
        origins.iter().map(said).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn knows_every_platform() {
        let known = PLATFORMS.iter().map(|it| {
            let origins = resolve(&settings(&[(SETTING, it.id)])).expect("resolves");
            let [api, gateway] = origins.as_slice() else { panic!("{}: no more than is needed", it.id) };
            assert_eq!((api.name.as_str(), gateway.name.as_str()), (API, GATEWAY));
            assert_eq!(api.portal, gateway.portal);
            let url = |it: &Option<String>| it.clone().unwrap_or_default().replace("https://", "");
            format!("{} {} {} {}", it.id, url(&api.url), url(&gateway.url), url(&api.portal))
        });
        insta::assert_snapshot!(known.collect::<Vec<_>>().join("\n"), @"
        US1 qualysapi.qualys.com gateway.qg1.apps.qualys.com qualysguard.qualys.com
        US2 qualysapi.qg2.apps.qualys.com gateway.qg2.apps.qualys.com qualysguard.qg2.apps.qualys.com
        US3 qualysapi.qg3.apps.qualys.com gateway.qg3.apps.qualys.com qualysguard.qg3.apps.qualys.com
        US4 qualysapi.qg4.apps.qualys.com gateway.qg4.apps.qualys.com qualysguard.qg4.apps.qualys.com
        EU1 qualysapi.qualys.eu gateway.qg1.apps.qualys.eu qualysguard.qualys.eu
        EU2 qualysapi.qg2.apps.qualys.eu gateway.qg2.apps.qualys.eu qualysguard.qg2.apps.qualys.eu
        EU3 qualysapi.qg3.apps.qualys.it gateway.qg3.apps.qualys.it qualysguard.qg3.apps.qualys.it
        IN1 qualysapi.qg1.apps.qualys.in gateway.qg1.apps.qualys.in qualysguard.qg1.apps.qualys.in
        CA1 qualysapi.qg1.apps.qualys.ca gateway.qg1.apps.qualys.ca qualysguard.qg1.apps.qualys.ca
        AE1 qualysapi.qg1.apps.qualys.ae gateway.qg1.apps.qualys.ae qualysguard.qg1.apps.qualys.ae
        UK1 qualysapi.qg1.apps.qualys.co.uk gateway.qg1.apps.qualys.co.uk qualysguard.qg1.apps.qualys.co.uk
        AU1 qualysapi.qg1.apps.qualys.com.au gateway.qg1.apps.qualys.com.au qualysguard.qg1.apps.qualys.com.au
        KSA1 qualysapi.qg1.apps.qualysksa.com gateway.qg1.apps.qualysksa.com qualysguard.qg1.apps.qualysksa.com
        GOV1 qualysapi.gov1.qualys.us gateway.gov1.qualys.us qualysguard.gov1.qualys.us
        ");
    }

    #[test]
    fn leaves_a_private_one_to_the_operator() {
        let private = (SETTING, PRIVATE);
        assert_eq!(said(&[private]), "api - -");
        let gateway = "https://gateway.example.com";
        assert_eq!(
            said(&[private, (PRIVATE_GATEWAY, gateway)]),
            "api - -, gateway https://gateway.example.com -"
        );
        assert!(check_gateway(&settings(&[private, (PRIVATE_GATEWAY, gateway)])).is_ok());
        assert!(check_gateway(&settings(&[(SETTING, "EU1")])).is_ok());
        let missing = check_gateway(&settings(&[private])).expect_err("missing");
        assert!(missing.problem().message.contains("\"private-gateway\" is missing"), "{missing:?}");
        assert!(resolve(&settings(&[(SETTING, "EU1"), (PRIVATE_GATEWAY, gateway)])).is_err(), "it is known");
    }
}
