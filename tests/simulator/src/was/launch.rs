//! What launches scans of web applications: `/qps/rest/3.0/launch/was/wasscan`, and `/qps/rest/3.0/scanagain/was/…/ID`.

use super::{
    common::{Ids, RESPONSE, changed, place},
    objects::application,
    scan::{PROFILES, Scan},
};
use crate::{
    assets,
    changes::LaunchedWas,
    choices,
    qps::{Refused, texts_of},
    question::Question,
    stream::Source,
};

/// Who else launches scans.
const OTHER: &str = "acme_jd1";

/// The place of what is said of a scan in the document of a launch.
const SCAN: &str = "ServiceRequest/data/WasScan/";

/// What the document of a launch can say.
const KNOWN: [&str; 20] = [
    "name",
    "type",
    "target/webApp/id",
    "target/webApps/set/WebApp/id",
    "target/tags/included/option",
    "target/tags/included/tagList/set/Tag/id",
    "target/webAppAuthRecord/id",
    "target/webAppAuthRecord/isDefault",
    "target/scannerAppliance/type",
    "target/scannerAppliance/friendlyName",
    "target/profileOption",
    "target/scannerOption",
    "target/authRecordOption",
    "target/cancelOption",
    "target/randomizeScan",
    "profile/id",
    "cancelAfterNHours",
    "sendMail",
    "sendOneMail",
    "progressiveScanning",
];

/// Launches a scan of each web application that is named.
pub(super) fn launch(question: &Question<'_>) -> Result<Source, Refused> {
    let given = texts_of(question.call)?;
    let texts = |name: &'static str| {
        given.iter().filter(move |(path, _)| path.strip_prefix(SCAN) == Some(name)).map(|(_, it)| it.as_str())
    };
    let text = |name: &'static str| texts(name).next();
    for (path, _) in &given {
        if !path.strip_prefix(SCAN).is_some_and(|it| KNOWN.contains(&it)) {
            return Err(Refused::document(format!("There is no {path} in a launch.")));
        }
    }
    let missing = |name: &str| Refused::request(format!("{name} cannot be null."), "Please give it.");
    let name = text("name").ok_or_else(|| missing("name"))?;
    let wrong = |name: &str| Refused::request(format!("Invalid value for {name}."), "Please check it.");
    if !text("type").is_some_and(|it| matches!(it, "VULNERABILITY" | "DISCOVERY")) {
        return Err(wrong("type"));
    }
    let tags: Vec<&str> = texts("target/tags/included/tagList/set/Tag/id").collect();
    if tags.iter().any(|id| !assets::tags(question.world).any(|(known, _)| known.to_string() == *id)) {
        return Err(wrong("tags"));
    }
    let several: Vec<&str> = texts("target/webApps/set/WebApp/id").collect();
    let ids: Vec<&str> = match text("target/webApp/id") {
        Some(id) => vec![id],
        None if !tags.is_empty() && several.is_empty() => {
            // No web application has a tag.
            return Err(Refused::request(
                "There is no web application with these tags.",
                "Please check them.",
            ));
        }
        None if several.is_empty() => return Err(missing("webApp")),
        None => several,
    };
    let applications = ids.iter().map(|id| application(question.world, id).ok_or_else(|| wrong("webApp")));
    let applications: Vec<u64> = applications.collect::<Result<_, _>>()?;
    let profile = match text("profile/id") {
        None => 0,
        Some(id) => PROFILES.iter().position(|it| it.0.to_string() == id).ok_or_else(|| wrong("profile"))?,
    };
    let appliance = match (text("target/scannerAppliance/type"), text("target/scannerAppliance/friendlyName"))
    {
        (Some("INTERNAL"), Some(name)) => {
            let found = choices::ALL_APPLIANCES.iter().find(|it| it.name == name);
            Some(found.ok_or_else(|| wrong("scannerAppliance"))?.name)
        }
        (None | Some("EXTERNAL"), None) => None,
        _ => return Err(wrong("scannerAppliance")),
    };
    let login = question.caller.login.clone();
    let scans = applications.into_iter().map(|application| {
        let (name, login) = (name.to_owned(), login.clone());
        launched(question, LaunchedWas { name, login, application, profile, appliance, at: 0 })
    });
    Ok(RESPONSE.report(Ids(scans.collect())))
}

/// Launches a scan like one that was.
pub(super) fn again(question: &Question<'_>) -> Result<Source, Refused> {
    let given = texts_of(question.call)?;
    let name = given.iter().find(|(path, _)| path.strip_prefix(SCAN) == Some("name"));
    let changed = changed(question);
    let old = Scan::of(question.world, &changed, place(question, &changed)?);
    let id = old.application.id.to_string();
    let scan = LaunchedWas {
        name: name.map_or_else(|| old.name.clone(), |(_, name)| name.clone()),
        login: question.caller.login.clone(),
        application: application(question.world, &id).unwrap_or(0),
        profile: PROFILES.iter().position(|it| it.0 == old.profile.0).unwrap_or(0),
        appliance: old.appliance,
        at: 0,
    };
    launched(question, scan);
    // As in the documentation's own sample, the answer has the id of the old scan.
    Ok(RESPONSE.report(Ids(vec![old.id])))
}

/// Launches a scan, and what others launch at the same moment, and gives its id.
fn launched(question: &Question<'_>, scan: LaunchedWas) -> u64 {
    let now = question.changes.now(question.world);
    for number in 0..question.world.other_launches {
        let name = format!("{} {number}", scan.name);
        question.changes.launch_was(LaunchedWas { name, login: OTHER.to_owned(), ..scan.clone() }, now);
    }
    Scan::id_at(question.world.was_scans + question.changes.launch_was(scan, now))
}
