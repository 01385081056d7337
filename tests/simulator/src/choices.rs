//! What launches choose from: scanner appliances and option profiles, and their lists.

use crate::{
    echo::Echo,
    parameters::Parameters,
    question::Question,
    refusal::Refusal,
    stream::{Document, Source},
    written,
    xml::Xml,
};

const APPLIANCES: Document =
    Document { root: "APPLIANCE_LIST_OUTPUT", dtd: "api/2.0/fo/appliance/appliance_list_output.dtd" };
const PROFILES: Document = Document {
    root: "OPTION_PROFILES",
    dtd: "api/2.0/fo/subscription/option_profile/option_profile_info.dtd",
};

/// The external scanners: they are in no list.
const EXTERNAL: &str = "External";

/// In the place of passwords and codes, which Qualys lists beside names.
const NOTHING_MAY_KEEP: &str = "never-to-be-read";

/// A scanner appliance.
pub(crate) struct Appliance {
    pub(crate) id: u64,
    pub(crate) name: &'static str,
    status: &'static str,
    /// Its region in AWS, where it runs there.
    pub(crate) region: Option<&'static str>,
}

const fn appliance(
    id: u64,
    name: &'static str,
    status: &'static str,
    region: Option<&'static str>,
) -> Appliance {
    Appliance { id, name, status, region }
}

pub(crate) const ALL_APPLIANCES: [Appliance; 4] = [
    appliance(330_001, "fra-scanner-1", "Online", None),
    appliance(330_002, "dub-scanner-1", "Offline", None),
    appliance(330_003, "aws-us-east-1", "Online", Some("us-east-1")),
    appliance(330_004, "AWS-EU-Central-1", "Online", Some("eu-central-1")),
];

/// The option profiles: ids and titles. The first one is the default.
pub(crate) const ALL_PROFILES: [(u64, &str); 5] = [
    (510_001, "Initial Options"),
    (510_002, "Authenticated & full"),
    (510_003, "EC2 quick"),
    (510_004, "PCI <external>"),
    (510_005, "ec2 quick"),
];

/// The scanner appliances that were asked for.
pub(crate) fn answer_appliances(question: &Question<'_>) -> Result<Source, Refusal> {
    let known = [
        "output_mode",
        "ids",
        "name",
        "busy",
        "scan_ref",
        "scan_detail",
        "show_tags",
        "include_cloud_info",
        "type",
        "platform_provider",
        "include_license_info",
    ];
    let parameters = Parameters::of_list(question.call, &known)?;
    let full = parameters.choice("output_mode", &[("brief", false), ("full", true)])?.unwrap_or(false);
    let cloud = full && parameters.is_set("include_cloud_info")?;
    let ids = parameters.ranges("ids")?;
    let ec2 = parameters.text("platform_provider").map(|it| it.starts_with("ec2"));
    let shown = ALL_APPLIANCES.iter().filter(|it| {
        ids.as_ref().is_none_or(|ids| ids.contains(it.id))
            && parameters.text("name").is_none_or(|name| it.name.contains(name))
            && ec2.is_none_or(|ec2| ec2 == it.region.is_some())
    });
    let shown: Vec<&Appliance> = shown.collect();
    let echo = Echo::read(&parameters, question)?;
    Ok(written::whole(APPLIANCES, |xml| {
        if let Some(echo) = &echo {
            echo.write(xml);
        }
        xml.open("RESPONSE");
        xml.moment("DATETIME", question.changes.now(question.world));
        if !shown.is_empty() {
            xml.open("APPLIANCE_LIST");
            for it in shown {
                write_appliance(xml, it, full, cloud, question.world.networks);
            }
            xml.close("APPLIANCE_LIST");
        }
        xml.close("RESPONSE");
    }))
}

fn write_appliance(xml: &mut Xml<'_>, it: &Appliance, full: bool, cloud: bool, networks: bool) {
    xml.open("APPLIANCE");
    xml.number("ID", it.id);
    xml.text("UUID", &format!("00000000-0000-4000-8000-{:012}", it.id));
    xml.text("NAME", it.name);
    if networks {
        xml.number("NETWORK_ID", 0);
    }
    xml.text("SOFTWARE_VERSION", "0.0");
    xml.number("RUNNING_SLICES_COUNT", 0);
    xml.number("RUNNING_SCAN_COUNT", 0);
    xml.text("STATUS", it.status);
    if full {
        xml.text("TYPE", "Virtual");
        if it.status == "Offline" {
            // Until it is activated, the list has the code for that.
            // Clients take it for a number.
            xml.text("ACTIVATION_CODE", "00000000000000");
        }
        xml.open("PROXY_SETTINGS");
        xml.text("SETTING", NOTHING_MAY_KEEP);
        xml.close("PROXY_SETTINGS");
        xml.flag("IS_CLOUD_DEPLOYED", it.region.is_some());
        if let Some(region) = it.region.filter(|_| cloud) {
            xml.open("CLOUD_INFO");
            xml.text("PLATFORM_PROVIDER", "ec2");
            xml.open("EC2_INFO");
            xml.text("ACCOUNT_ID", "000000000000");
            xml.text("INSTANCE_REGION", region);
            xml.text("INSTANCE_VPC_ID", "vpc-00000001");
            xml.close("EC2_INFO");
            xml.close("CLOUD_INFO");
        }
    }
    xml.close("APPLIANCE");
}

/// The option profiles that were asked for.
pub(crate) fn answer_profiles(question: &Question<'_>) -> Result<Source, Refusal> {
    let parameters = Parameters::of_list(question.call, &["id", "title"])?;
    let id = parameters.number("id")?;
    Ok(written::whole(PROFILES, |xml| {
        for (place, &(known, title)) in ALL_PROFILES.iter().enumerate() {
            if id.is_some_and(|id| id != known) || parameters.text("title").is_some_and(|it| it != title) {
                continue;
            }
            xml.open("OPTION_PROFILE");
            xml.open("BASIC_INFO");
            xml.number("ID", known);
            xml.cdata("GROUP_NAME", title);
            xml.text("GROUP_TYPE", "user");
            xml.cdata("USER_ID", "Alex Kim (acme_aa1)");
            xml.number("UNIT_ID", 0);
            xml.flag("IS_DEFAULT", place == 0);
            xml.flag("IS_GLOBAL", place == 0);
            xml.close("BASIC_INFO");
            xml.open("SCAN");
            xml.open("PASSWORD_BRUTE_FORCING");
            xml.open("CUSTOM_LIST");
            xml.open("CUSTOM");
            xml.number("ID", 1);
            xml.text("TITLE", "List");
            xml.text("LOGIN_PASSWORD", &format!("L:root,P:{NOTHING_MAY_KEEP}"));
            xml.close("CUSTOM");
            xml.close("CUSTOM_LIST");
            xml.close("PASSWORD_BRUTE_FORCING");
            xml.close("SCAN");
            xml.close("OPTION_PROFILE");
        }
    }))
}

/// The title of the option profile that a launch names; exactly one of its id and its title is allowed.
pub(crate) fn chosen_profile(parameters: &Parameters) -> Result<&'static str, Refusal> {
    let found = match (parameters.number("option_id")?, parameters.text("option_title")) {
        (Some(_), Some(_)) => {
            return Err(Refusal::new(400, 1904, "option_id and option_title exclude each other"));
        }
        (None, None) => return Err(Refusal::missing("option_title")),
        (Some(id), None) => ALL_PROFILES.iter().find(|(known, _)| *known == id),
        (None, Some(title)) => ALL_PROFILES.iter().find(|(_, known)| *known == title),
    };
    found.map(|(_, title)| *title).ok_or_else(|| Refusal::new(400, 1905, "no such option profile"))
}

/// Checks the scanner that a launch names, and one of EC2 has to name one that runs there. Without a name, those in the
/// Internet are used, as documented.
pub(crate) fn check_scanner(parameters: &Parameters, ec2: bool) -> Result<(), Refusal> {
    let name = parameters.text("iscanner_name");
    let id = parameters.number("iscanner_id")?;
    if name.is_none() && id.is_none() {
        return if ec2 { Err(Refusal::missing("iscanner_name")) } else { Ok(()) };
    }
    if name == Some(EXTERNAL) && !ec2 {
        return Ok(());
    }
    let found = ALL_APPLIANCES.iter().find(|it| Some(it.name) == name || Some(it.id) == id);
    match found {
        Some(it) if !ec2 || it.region.is_some() => Ok(()),
        _ => Err(Refusal::bad_value("iscanner_name", name.unwrap_or_default())),
    }
}
