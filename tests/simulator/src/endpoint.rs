//! Which path is answered by what.

use crate::{
    about, assets, choices, detections,
    qps::{
        Path,
        Verb::{self, Again, Cancel, Count, Get, Launch, Search, Status},
    },
    question::Answering,
    refusal::Family,
    scans, schedules, tickets, user_write, users, was,
};

/// A path of the API.
#[derive(Clone, Copy)]
pub(crate) struct Endpoint {
    pub(crate) family: Family,
    pub(crate) version: u8,
    pub(crate) answer: Answering,
    /// The methods that it is called by.
    pub(crate) methods: &'static [&'static str],
}

/// How all but the portal's endpoints are called.
const EITHER: &[&str] = &["GET", "POST"];

/// The FO endpoints, below `/api/N.0/fo/`, and the versions there are of each.
const FO: [(&str, &[u8], Answering); 10] = [
    ("asset/host", &[2, 3, 4, 5], assets::answer),
    ("asset/host/vm/detection", &[2, 3, 4, 5], detections::answer),
    ("knowledge_base/vuln", &[2, 3, 4], detections::answer_knowledge_base),
    ("asset/group", &[2, 3], assets::answer_groups),
    ("asset/ip", &[2], assets::answer_addresses),
    ("appliance", &[2], choices::answer_appliances),
    ("subscription/option_profile/vm", &[2], choices::answer_profiles),
    ("scan", &[2, 3], scans::answer_vm),
    ("scan/compliance", &[2, 3], scans::answer_compliance),
    ("schedule/scan", &[2, 3, 4, 5], schedules::answer),
];

/// What can be asked of objects that are only listed.
const LISTED: &[Verb] = &[Search, Count, Get];

/// An object of the portal's APIs.
struct Object {
    module: &'static str,
    name: &'static str,
    versions: &'static [&'static str],
    /// What can be asked of it.
    verbs: &'static [Verb],
    answer: Answering,
}

const fn object(
    (module, name): (&'static str, &'static str),
    versions: &'static [&'static str],
    verbs: &'static [Verb],
    answer: Answering,
) -> Object {
    Object { module, name, versions, verbs, answer }
}

/// All that can be asked of the scans of web applications.
const SCANS: &[Verb] = &[Search, Count, Get, Status, Launch, Cancel, Again];

const PORTAL: [Object; 6] = [
    object(("was", "webapp"), &["3.0"], LISTED, was::answer_applications),
    object(("was", "optionprofile"), &["3.0"], LISTED, was::answer_profiles),
    object(("am", "tag"), &["2.0"], LISTED, was::answer_tags),
    object(("am", "awsassetdataconnector"), &["2.0", "3.0"], LISTED, was::answer_connectors),
    object(("was", "wasscan"), &["3.0"], SCANS, was::answer),
    // The documentation has both paths for scanning again.
    object(("was", "scan"), &["3.0"], &[Again], was::answer),
];

impl Endpoint {
    /// The endpoint on a path.
    pub(crate) fn on(path: &str) -> Option<Self> {
        let v1 = |document, answer| {
            Some(Self { family: Family::V1(document), version: 1, answer, methods: EITHER })
        };
        match path {
            "/msp/about.php" => return v1(about::DOCUMENT, about::answer as Answering),
            "/msp/user_list.php" => return v1(users::DOCUMENT, users::answer),
            "/msp/user.php" => return v1(user_write::DOCUMENT, user_write::answer),
            "/msp/ticket_list.php" => return v1(tickets::DOCUMENT, tickets::answer),
            _ => {}
        }
        if let Some(path) = Path::of(path) {
            let object = PORTAL.iter().find(|it| {
                (it.module, it.name) == (path.module, path.object)
                    && it.versions.contains(&path.version)
                    && it.verbs.contains(&path.verb)
            })?;
            let (answer, methods) = (object.answer, path.verb.methods());
            return Some(Self { family: Family::Qps, version: 3, answer, methods });
        }
        let (version, name) = fo(path)?;
        let name = name.strip_suffix('/')?;
        let (_, versions, answer) = *FO.iter().find(|(known, ..)| *known == name)?;
        versions.contains(&version).then_some(Self { family: Family::Fo, version, answer, methods: EITHER })
    }

    /// Whether nothing but the slash at its end keeps a path from being one of the FO endpoints.
    pub(crate) fn lacks_slash(path: &str) -> bool {
        fo(path).is_some() && !path.ends_with('/') && Self::on(&format!("{path}/")).is_some()
    }
}

/// The version and the rest of a path of the FO endpoints.
pub(crate) fn fo(path: &str) -> Option<(u8, &str)> {
    let (version, rest) = path.strip_prefix("/api/")?.split_once(".0/fo/")?;
    Some((version.parse().ok()?, rest))
}
