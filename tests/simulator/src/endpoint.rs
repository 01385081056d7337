//! Which path is answered by what.

use crate::{
    about, assets, choices, detections, question::Answering, refusal::Family, scans, schedules, tickets,
    user_write, users, was,
};

/// A path of the API.
#[derive(Clone, Copy)]
pub(crate) struct Endpoint {
    pub(crate) family: Family,
    pub(crate) version: u8,
    pub(crate) answer: Answering,
}

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

impl Endpoint {
    /// The endpoint on a path. The slash at its end may be missing.
    pub(crate) fn on(path: &str) -> Option<Self> {
        let v1 = |document, answer| Self { family: Family::V1(document), version: 1, answer };
        let qps = |answer: Answering| Self { family: Family::Qps, version: 3, answer };
        match path {
            "/msp/about.php" => return Some(v1(about::DOCUMENT, about::answer as Answering)),
            "/msp/user_list.php" => return Some(v1(users::DOCUMENT, users::answer)),
            "/msp/user.php" => return Some(v1(user_write::DOCUMENT, user_write::answer)),
            "/qps/rest/3.0/search/was/webapp" => return Some(qps(was::answer_applications)),
            "/qps/rest/3.0/search/was/optionprofile" => return Some(qps(was::answer_profiles)),
            "/qps/rest/2.0/search/am/tag" => return Some(qps(was::answer_tags)),
            "/qps/rest/2.0/search/am/awsassetdataconnector"
            | "/qps/rest/3.0/search/am/awsassetdataconnector" => return Some(qps(was::answer_connectors)),
            "/qps/rest/3.0/launch/was/wasscan" => return Some(qps(was::answer_launch)),
            again if was::is_again(again) => return Some(qps(was::answer_again)),
            // One client ends it with a slash.
            "/qps/rest/3.0/search/was/wasscan" | "/qps/rest/3.0/search/was/wasscan/" => {
                return Some(qps(was::answer));
            }
            "/msp/ticket_list.php" => return Some(v1(tickets::DOCUMENT, tickets::answer)),
            _ => {}
        }
        let (version, rest) = path.strip_prefix("/api/")?.split_once(".0/fo/")?;
        let version: u8 = version.parse().ok()?;
        let name = rest.strip_suffix('/').unwrap_or(rest);
        let (_, versions, answer) = *FO.iter().find(|(known, ..)| *known == name)?;
        versions.contains(&version).then_some(Self { family: Family::Fo, version, answer })
    }
}
