//! What a call needs a right for.

use crate::{
    account::Caller,
    call::Received,
    qps::Refused,
    refusal::{Family, Refusal},
    right::Right,
    stream::Source,
    world::World,
};

/// The rights of the searches, and of what they launch, by the beginnings of their paths.
const QPS: [(&str, Right); 5] = [
    ("/qps/rest/3.0/launch/was/", Right::WasLaunch),
    ("/qps/rest/3.0/search/was/", Right::Was),
    // The documentation names no right to launch for it.
    ("/qps/rest/3.0/scanagain/was/", Right::Was),
    ("/qps/rest/2.0/search/am/tag", Right::Tags),
    ("/qps/rest/", Right::Connectors),
];

/// What a call needs. `None` where every account may make it.
fn needed(call: &Received) -> Option<Right> {
    // To count and to get needs what to search needs.
    let path = call.path.replacen("/count/", "/search/", 1).replacen("/get/", "/search/", 1);
    if let Some((_, right)) = QPS.iter().find(|(beginning, _)| path.starts_with(beginning)) {
        return Some(*right);
    }
    match call.path.as_str() {
        "/msp/user_list.php" => return Some(Right::Users),
        "/msp/user.php" => return Some(Right::UserControl),
        "/msp/ticket_list.php" => return Some(Right::Tickets),
        _ => {}
    }
    let (_, name) = call.path.strip_prefix("/api/")?.split_once("/fo/")?;
    let lists = call.parameter("action") == Some("list");
    Some(match name.trim_end_matches('/') {
        "asset/host" => Right::Hosts,
        "asset/host/vm/detection" => Right::Detections,
        "knowledge_base/vuln" => Right::KnowledgeBase,
        "asset/group" => Right::Groups,
        "appliance" | "subscription/option_profile/vm" => Right::Choices,
        "scan" if lists => Right::VmScans,
        "scan" => Right::VmControl,
        "scan/compliance" => Right::PcScans,
        "schedule/scan" => Right::Schedules,
        _ => return None,
    })
}

/// The answer to a call that the caller may not make.
pub(crate) fn refused(
    caller: &Caller,
    call: &Received,
    family: Family,
    world: &World,
) -> Option<(u16, Source)> {
    let right = needed(call)?;
    if caller.may(right) {
        return None;
    }
    if family == Family::Qps {
        return Some((200, Refused::unauthorized().source()));
    }
    let text = match right {
        Right::KnowledgeBase => "This user may not use the KnowledgeBase.",
        _ => "User license is not authorized to run this API.",
    };
    Some(Refusal::new(403, 2012, text).answer(family, world))
}
