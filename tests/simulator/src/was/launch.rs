//! What launches scans of web applications: `/qps/rest/3.0/launch/was/wasscan`, and `/qps/rest/3.0/scanagain/was/…`.

use super::{
    RESPONSE,
    scan::{APPLICATIONS, PROFILES, Scan},
};
use crate::{
    changes::LaunchedWas,
    choices,
    qps::{Refused, texts},
    question::Question,
    refusal::Refusal,
    stream::{Rows, Source},
    xml::Xml,
};

/// What the paths that scan again begin with: the documentation has both.
const AGAIN: [&str; 2] = ["/qps/rest/3.0/scanagain/was/scan/", "/qps/rest/3.0/scanagain/was/wasscan/"];

/// Who else launches scans.
const OTHER: &str = "acme_jd1";

/// The place of what is said of a scan in the document of a launch.
const SCAN: &str = "ServiceRequest/data/WasScan/";

/// Launches a scan.
pub(crate) fn answer(question: &Question<'_>) -> Result<Source, Refusal> {
    Ok(launch(question).unwrap_or_else(|refused| refused.source()))
}

/// Scans again.
pub(crate) fn answer_again(question: &Question<'_>) -> Result<Source, Refusal> {
    Ok(again(question).unwrap_or_else(|refused| refused.source()))
}

/// Whether a path is one that scans again.
pub(crate) fn is_again(path: &str) -> bool {
    id_in(path).is_some()
}

fn id_in(path: &str) -> Option<u64> {
    AGAIN.iter().find_map(|it| path.strip_prefix(it)?.parse().ok())
}

fn launch(question: &Question<'_>) -> Result<Source, Refused> {
    let given = texts(&question.call.body)?;
    let text = |name: &str| {
        given.iter().find(|(path, _)| path.strip_prefix(SCAN) == Some(name)).map(|(_, it)| it.as_str())
    };
    let known = [
        "name",
        "type",
        "target/webApp/id",
        "target/webAppAuthRecord/id",
        "target/webAppAuthRecord/isDefault",
        "target/scannerAppliance/type",
        "target/scannerAppliance/friendlyName",
        "profile/id",
        "cancelAfterNHours",
        "sendMail",
        "sendOneMail",
    ];
    for (path, _) in &given {
        if !path.strip_prefix(SCAN).is_some_and(|it| known.contains(&it)) {
            return Err(Refused::document(format!("There is no {path} in a launch.")));
        }
    }
    let missing = |name: &str| Refused::request(format!("{name} cannot be null."), "Please give it.");
    let name = text("name").ok_or_else(|| missing("name"))?;
    let wrong = |name: &str| Refused::request(format!("Invalid value for {name}."), "Please check it.");
    if !text("type").is_some_and(|it| matches!(it, "VULNERABILITY" | "DISCOVERY")) {
        return Err(wrong("type"));
    }
    let id = text("target/webApp/id").ok_or_else(|| missing("webApp"))?;
    let application = APPLICATIONS.iter().position(|it| it.id.to_string() == id);
    let application = application.ok_or_else(|| wrong("webApp"))?;
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
    let login = question.world.username.clone();
    let scan = LaunchedWas { name: name.to_owned(), login, application, profile, appliance, at: 0 };
    Ok(launched(question, scan, None))
}

fn again(question: &Question<'_>) -> Result<Source, Refused> {
    let given = texts(&question.call.body)?;
    let name = given.iter().find(|(path, _)| path.strip_prefix(SCAN) == Some("name"));
    let gone = || Refused::missing("There is no such scan.");
    let id = id_in(&question.call.path).ok_or_else(gone)?;
    let launches = question.changes.launched_was();
    let all = 0..question.world.was_scans + launches.len() as u64;
    let place = all.clone().find(|&place| Scan::id_at(place) == id).ok_or_else(gone)?;
    let old = Scan::of(question.world, &launches, place, question.changes.now(question.world));
    let scan = LaunchedWas {
        name: name.map_or_else(|| old.name.clone(), |(_, name)| name.clone()),
        login: question.world.username.clone(),
        application: APPLICATIONS.iter().position(|it| it.id == old.application.id).unwrap_or(0),
        profile: PROFILES.iter().position(|it| it.0 == old.profile.0).unwrap_or(0),
        appliance: old.appliance,
        at: 0,
    };
    // As in the documentation's own sample, the answer has the id of the old scan.
    Ok(launched(question, scan, Some(id)))
}

fn launched(question: &Question<'_>, scan: LaunchedWas, id: Option<u64>) -> Source {
    let now = question.changes.now(question.world);
    for number in 0..question.world.other_launches {
        let name = format!("{} {number}", scan.name);
        question.changes.launch_was(LaunchedWas { name, login: OTHER.to_owned(), ..scan.clone() }, now);
    }
    let place = question.world.was_scans + question.changes.launch_was(scan, now);
    RESPONSE.report(Answer { id: id.unwrap_or_else(|| Scan::id_at(place)) })
}

struct Answer {
    id: u64,
}

impl Rows for Answer {
    fn head(&mut self, xml: &mut Xml<'_>) {
        xml.text("responseCode", "SUCCESS");
        xml.number("count", 1);
        xml.open("data");
        xml.open("WasScan");
        xml.number("id", self.id);
        xml.close("WasScan");
        xml.close("data");
    }

    fn row(&mut self, _: &mut Xml<'_>) -> bool {
        false
    }

    fn foot(&mut self, _: &mut Xml<'_>) {}
}
