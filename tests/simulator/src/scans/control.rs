//! What changes scans: `POST /api/2.0/fo/scan/` launches, cancels, pauses and resumes them.

use super::scan::{Kind, Scan, State};
use crate::{
    assets,
    changes::{Control, Launched},
    choices,
    parameters::{Parameters, Ranges},
    question::Question,
    refusal::Refusal,
    stream::Source,
    written,
};

const LAUNCH: &[&str] = &[
    "action",
    "echo_request",
    "scan_title",
    "option_id",
    "option_title",
    "ip",
    "asset_groups",
    "asset_group_ids",
    "fqdn",
    "exclude_ip_per_scan",
    "iscanner_id",
    "iscanner_name",
    "default_scanner",
    "scanners_in_ag",
    "scanners_in_tagset",
    "scanners_in_network",
    "target_from",
    "tag_set_by",
    "tag_set_include",
    "tag_set_exclude",
    "tag_include_selector",
    "tag_exclude_selector",
    "priority",
    "connector_name",
    "connector_uuid",
    "ec2_endpoint",
    "ec2_instance_ids",
    "ec2_only_classic",
    "runtime_http_header",
    "scan_type",
];

/// The most instances in a launch.
const INSTANCES: usize = 10;

/// What the ids of terminated instances begin with here.
const TERMINATED: &str = "i-0dead";

/// Whether a call changes something, instead of listing.
pub(crate) fn is_of(question: &Question<'_>) -> bool {
    let changes = ["launch", "cancel", "pause", "resume"];
    question.version == 2 && question.call.parameter("action").is_some_and(|it| changes.contains(&it))
}

/// Changes what was asked for.
pub(crate) fn answer(question: &Question<'_>) -> Result<Source, Refusal> {
    if question.call.method != "POST" {
        let action = question.call.parameter("action").unwrap_or_default();
        let text = format!("Request method {} is incompatible with action={action}", question.call.method);
        return Err(Refusal::new(400, 1907, text));
    }
    let control = match question.call.parameter("action") {
        Some("cancel") => Control::Cancel,
        Some("pause") => Control::Pause,
        Some("resume") => Control::Resume,
        _ => return launch(question),
    };
    let parameters = Parameters::of(question.call, &["action", "scan_ref", "echo_request"])?;
    let reference = parameters.text("scan_ref").ok_or_else(|| Refusal::missing("scan_ref"))?;
    let now = question.changes.now(question.world);
    let scan = find(question, reference, now).ok_or_else(|| Refusal::bad_value("scan_ref", reference))?;
    let suits = match control {
        Control::Cancel => {
            matches!(scan.state, State::Queued | State::Loading | State::Running | State::Paused)
        }
        Control::Pause => scan.state == State::Running,
        Control::Resume => scan.state == State::Paused,
    };
    if !suits {
        let text = format!("the scan cannot be changed in its state, {}", scan.state.name());
        return Err(Refusal::new(400, 1905, text));
    }
    question.changes.control(reference, control, now);
    let text = match control {
        Control::Cancel => "Canceling scan",
        Control::Pause => "Pausing scan",
        Control::Resume => "Resuming scan",
    };
    Ok(written::simple_return(now, text, &[("REFERENCE", reference)], None))
}

fn find(question: &Question<'_>, reference: &str, now: i64) -> Option<Scan> {
    let launched = question.changes.launched();
    if let Some(scan) = launched.iter().find(|scan| scan.reference == reference) {
        return Some(Scan::launched(scan, now));
    }
    let controlled = question.changes.controlled();
    let all = 0..Kind::Vm.count(question.world);
    let mut scans = all.map(|index| Scan::at(question.world, Kind::Vm, index).controlled(&controlled));
    scans.find(|scan| scan.reference() == reference)
}

fn launch(question: &Question<'_>) -> Result<Source, Refusal> {
    // A subscription without networks does not know the parameter.
    let networks = question.world.networks.then_some("ip_network_id");
    let known: Vec<&str> = LAUNCH.iter().copied().chain(networks).collect();
    let parameters = Parameters::of(question.call, &known)?;
    let title = parameters.text("scan_title").ok_or_else(|| Refusal::missing("scan_title"))?;
    let ec2 = parameters.text("connector_name").is_some();
    let profile = choices::chosen_profile(&parameters)?;
    choices::check_scanner(&parameters, ec2)?;
    let priority = parameters.number("priority")?.unwrap_or(0);
    if priority > 9 {
        return Err(Refusal::bad_value("priority", &priority.to_string()));
    }
    let mut notification = None;
    let (target, groups) = if ec2 {
        (instances(&parameters, &mut notification)?, Vec::new())
    } else if parameters.text("target_from") == Some("tags") {
        parameters.text("tag_set_include").ok_or_else(|| Refusal::missing("tag_set_include"))?;
        ("10.9.0.1-10.9.0.20".to_owned(), Vec::new())
    } else {
        addresses(question, &parameters)?
    };
    let now = question.changes.now(question.world);
    // Others launch at the same moment, with titles that differ little.
    for number in 0..question.world.other_launches {
        let mut other = Launched::new(&format!("{title} {number}"), "acme_sc2", "10.1.1.1".to_owned());
        other.profile = profile.to_owned();
        question.changes.launch(other, now);
    }
    let mut scan = Launched::new(title, &question.caller.login, target);
    (scan.groups, scan.profile, scan.priority) = (groups, profile.to_owned(), priority);
    let scan = question.changes.launch(scan, now);
    let id = (700_000 + question.changes.launched().len()).to_string();
    let items = [("ID", id.as_str()), ("REFERENCE", scan.reference.as_str())];
    Ok(written::simple_return(now, "New vm scan launched", &items, notification.as_deref()))
}

/// The instances that are scanned, as the IDs that Qualys gives them.
fn instances(parameters: &Parameters, notification: &mut Option<String>) -> Result<String, Refusal> {
    parameters.text("ec2_endpoint").ok_or_else(|| Refusal::missing("ec2_endpoint"))?;
    let named = parameters.texts("ec2_instance_ids").unwrap_or_default();
    if named.is_empty() && parameters.text("tag_set_include").is_none() {
        return Err(Refusal::missing("ec2_instance_ids"));
    }
    if named.len() > INSTANCES {
        return Err(Refusal::bad_value("ec2_instance_ids", "more than 10"));
    }
    let (skipped, scanned): (Vec<&str>, Vec<&str>) = named.iter().partition(|it| it.starts_with(TERMINATED));
    if !skipped.is_empty() {
        *notification = Some(format!("These instances were skipped: {}", skipped.join(", ")));
    }
    let ids = (1..=scanned.len().max(1)).map(|number| format!("00000000-0000-4000-8000-{number:012}"));
    Ok(ids.collect::<Vec<_>>().join(","))
}

/// The addresses and names that are scanned, and the titles of the groups among them.
fn addresses(question: &Question<'_>, parameters: &Parameters) -> Result<(String, Vec<String>), Refusal> {
    let mut groups = Vec::new();
    let mut asked: Vec<String> = parameters.text("ip").map(str::to_owned).into_iter().collect();
    for id in parameters.texts("asset_group_ids").unwrap_or_default() {
        let group = id.parse().ok().and_then(|id| assets::group(question.world, id));
        let (title, addresses) = group.ok_or_else(|| Refusal::bad_value("asset_group_ids", id))?;
        groups.push(title.into_owned());
        asked.push(addresses);
    }
    let mut scanned = Vec::new();
    if !asked.is_empty() {
        let asked = asked.join(",");
        let ranges = Ranges::of_addresses(&asked).ok_or_else(|| Refusal::bad_value("ip", &asked))?;
        let mut kept = assets::in_subscription(&ranges);
        if let Some(excluded) = parameters.addresses("exclude_ip_per_scan")? {
            kept = kept.without(&excluded);
        }
        scanned.extend(assets::written_addresses(&kept));
    }
    scanned.extend(parameters.texts("fqdn").unwrap_or_default().into_iter().map(str::to_owned));
    if scanned.is_empty() {
        return Err(Refusal::new(400, 1905, "none of the targets can be scanned"));
    }
    Ok((scanned.join(","), groups))
}
