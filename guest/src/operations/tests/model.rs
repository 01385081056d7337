//! A source of a few lines, with scans, users and a clock.

use exhibit_plugin::collection::{Body, Effect, Pause, Request};
use exhibit_plugin::{Error, instant};

use crate::testing::{Operated, Reply, Setup, operate};

/// What happens to a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Answered,
    /// It never arrives.
    Lost,
    /// It is carried out, and its answer never comes.
    Unanswered,
    /// It is carried out, and this comes in place of its answer.
    Instead(u16, &'static str),
    /// It never arrives, and this comes in place of an answer.
    NotDone(u16, &'static str),
    /// It never arrives, and the head of an answer comes.
    Broken,
}

/// A scan of the source: reference, title, state, sub-state, target, asset group, option profile.
#[derive(Debug, Clone)]
pub(super) struct Scan {
    pub(super) reference: String,
    pub(super) title: String,
    pub(super) state: &'static str,
    pub(super) sub_state: &'static str,
    pub(super) target: String,
    pub(super) group: &'static str,
    pub(super) profile: String,
    pub(super) launched: &'static str,
}

/// A user of the source: login, e-mail, external ID, status.
#[derive(Debug, Clone)]
pub(super) struct User {
    pub(super) login: String,
    pub(super) email: String,
    pub(super) external_id: String,
    pub(super) status: &'static str,
}

pub(super) struct Model {
    pub(super) scans: Vec<Scan>,
    pub(super) users: Vec<User>,
    pub(super) fate: Fate,
    /// So many lists do not show what was launched.
    pub(super) lag: usize,
    /// States of a launched scan, one a look; the last one stays.
    pub(super) states: Vec<(&'static str, &'static str)>,
    /// What the target of a launched scan is listed as.
    pub(super) listed: Option<&'static str>,
    /// Answers to lists, by the count of lists after the write, that come instead.
    pub(super) instead: Vec<(usize, u16, &'static str)>,
    /// Whether the clock of its answers goes on.
    pub(super) clock_runs: bool,
    /// What the search for connectors is answered with.
    pub(super) connectors: &'static str,
    /// What the search for tags is answered with.
    pub(super) tags: &'static str,
    /// The list of scanner appliances.
    pub(super) appliances: &'static str,
    /// The addresses of the subscription.
    pub(super) addresses: &'static str,
    pub(super) launches: usize,
    pub(super) changes: usize,
    now: i64,
    wrote: bool,
    looks: usize,
    first_launched: usize,
}

impl Model {
    pub(super) fn new() -> Self {
        Self {
            scans: Vec::new(),
            users: Vec::new(),
            fate: Fate::Answered,
            lag: 0,
            states: vec![("Queued", "")],
            listed: None,
            instead: Vec::new(),
            clock_runs: true,
            connectors: CONNECTORS,
            tags: TAGS,
            appliances: APPLIANCES,
            addresses: ADDRESSES,
            launches: 0,
            changes: 0,
            now: instant::parse("2026-11-01T00:00:00Z").expect("a date"),
            wrote: false,
            looks: 0,
            first_launched: usize::MAX,
        }
    }

    /// With a clock that shows this date.
    pub(super) fn at(self, date: &str) -> Self {
        Self { now: instant::parse(date).expect("a date"), ..self }
    }

    pub(super) fn with_scan(mut self, reference: &str, title: &str, state: &'static str) -> Self {
        self.scans.push(Scan {
            reference: reference.to_owned(),
            title: title.to_owned(),
            state,
            sub_state: "",
            target: "192.0.2.1-192.0.2.9,\n  www.acme.example".to_owned(),
            group: "",
            profile: "Initial Options".to_owned(),
            launched: "2026-10-31T01:00:00Z",
        });
        self
    }

    pub(super) fn with_user(mut self, login: &str, email: &str, status: &'static str) -> Self {
        let (login, email) = (login.to_owned(), email.to_owned());
        self.users.push(User { login, email, external_id: String::new(), status });
        self
    }

    pub(super) fn run(&mut self, setup: &Setup) -> Result<Operated, Error> {
        operate(setup, false, |it| self.react(it))
    }

    pub(super) fn run_resumed(&mut self, setup: &Setup) -> Result<Operated, Error> {
        operate(setup, true, |it| self.react(it))
    }

    pub(super) fn react(&mut self, asked: Result<&Request, &Pause>) -> Option<Reply> {
        let request = match asked {
            Ok(request) => request,
            Err(pause) => {
                if self.clock_runs {
                    self.now += i64::from(pause.seconds) * 1000;
                }
                return None;
            }
        };
        if matches!(request.effect, Effect::Write(_)) {
            assert!(!self.wrote, "a second write");
            self.wrote = true;
            let Body::Form(form) = &request.body else { panic!("a write without a form") };
            return self.write(&request.path, form);
        }
        if self.wrote {
            self.looks += 1;
            if let Some((_, status, body)) = self.instead.iter().find(|(at, ..)| *at == self.looks) {
                return Some(Reply::new(*status, body));
            }
        }
        Some(Reply::new(200, &self.list(request)))
    }

    fn write(&mut self, path: &str, form: &[(String, String)]) -> Option<Reply> {
        let value =
            |name: &str| form.iter().find(|(it, _)| it == name).map(|(_, it)| it.clone()).unwrap_or_default();
        match self.fate {
            Fate::Lost => return None,
            Fate::NotDone(status, body) => return Some(Reply::new(status, body)),
            Fate::Broken => return Some(Reply::new(200, "").broken()),
            _ => {}
        }
        let said = match (path, value("action").as_str()) {
            ("/api/2.0/fo/scan/", "launch") => {
                self.launches += 1;
                self.first_launched = self.first_launched.min(self.scans.len());
                let reference = format!("scan/9.{}", self.launches);
                let target = [value("ip"), value("fqdn")].into_iter().filter(|it| !it.is_empty());
                let target = target.collect::<Vec<_>>().join(",");
                self.scans.push(Scan {
                    reference: reference.clone(),
                    title: value("scan_title"),
                    state: "",
                    sub_state: "",
                    target: self.listed.map_or(target, str::to_owned),
                    group: "",
                    profile: "Initial Options".to_owned(),
                    launched: "2026-11-01T00:00:01Z",
                });
                simple(&format!(
                    "<TEXT>New vm scan launched</TEXT><ITEM_LIST><ITEM><KEY>ID</KEY><VALUE>7</VALUE></ITEM>\
                     <ITEM><KEY>REFERENCE</KEY><VALUE>{reference}</VALUE></ITEM></ITEM_LIST>"
                ))
            }
            ("/api/2.0/fo/scan/", action) => {
                self.changes += 1;
                let state = match action {
                    "cancel" => "Canceled",
                    "pause" => "Paused",
                    _ => "Running",
                };
                let reference = value("scan_ref");
                let scan = self.scans.iter_mut().find(|it| it.reference == reference).expect("a scan");
                scan.state = state;
                simple("<TEXT>Done</TEXT>")
            }
            (_, "add") => {
                self.changes += 1;
                let (email, external_id) = (value("email"), value("external_id"));
                self.users.push(User {
                    login: "acme_nu1".to_owned(),
                    email,
                    external_id,
                    status: "Pending Activation",
                });
                user("acme_nu1 user has been successfully created.")
            }
            (_, action) => {
                self.changes += 1;
                let login = value("login");
                let found = self.users.iter_mut().find(|it| it.login == login).expect("a user");
                found.status = if action == "activate" { "Active" } else { "Inactive" };
                user("updated")
            }
        };
        match self.fate {
            Fate::Unanswered => None,
            Fate::Instead(status, body) => Some(Reply::new(status, body)),
            _ => Some(Reply::new(200, &said)),
        }
    }

    fn list(&mut self, request: &Request) -> String {
        match request.path.as_str() {
            "/api/2.0/fo/appliance/" => self.appliances.to_owned(),
            "/api/2.0/fo/subscription/option_profile/vm/" => PROFILES.to_owned(),
            "/api/3.0/fo/asset/group/" => GROUPS.to_owned(),
            "/msp/user_list.php" => self.user_list(),
            "/qps/rest/2.0/search/am/tag" => self.tags.to_owned(),
            "/qps/rest/3.0/search/am/awsassetdataconnector" => self.connectors.to_owned(),
            "/api/2.0/fo/asset/ip/" => self.addresses.to_owned(),
            "/api/3.0/fo/scan/" => self.scan_list(request),
            other => panic!("{other} was asked for"),
        }
    }

    fn scan_list(&mut self, request: &Request) -> String {
        if self.first_launched != usize::MAX && self.lag > 0 {
            self.lag -= 1;
            return self.scans_in(Vec::new());
        }
        let parameter =
            |name: &str| request.query.iter().find(|(it, _)| it == name).map(|(_, it)| it.clone());
        let mut scans = self.scans.clone();
        for scan in scans.iter_mut().skip(self.first_launched) {
            (scan.state, scan.sub_state) = self.states[0];
        }
        if self.launches > 0 && self.states.len() > 1 {
            self.states.remove(0);
        }
        // Dates of this form are in the order of their texts.
        let since = parameter("launched_after_datetime");
        scans.retain(|it| since.as_deref().is_none_or(|since| it.launched >= since));
        scans.retain(|it| parameter("scan_ref").is_none_or(|reference| it.reference == reference));
        self.scans_in(scans)
    }

    fn scans_in(&self, scans: Vec<Scan>) -> String {
        let scans = scans.into_iter().map(|it| {
            let group = match it.group {
                "" => String::new(),
                it => format!("<ASSET_GROUP_TITLE_LIST><ASSET_GROUP_TITLE>{it}</ASSET_GROUP_TITLE></ASSET_GROUP_TITLE_LIST>"),
            };
            format!(
                "<SCAN><REF>{}</REF><TYPE>API</TYPE><TITLE><![CDATA[ {} ]]></TITLE><USER_LOGIN>acme_ab1</USER_LOGIN>\
                 <LAUNCH_DATETIME>{}</LAUNCH_DATETIME><DURATION>{}</DURATION>\
                 <PROCESSING_PRIORITY>5 - High</PROCESSING_PRIORITY><PROCESSED>0</PROCESSED>\
                 <STATUS><STATE>{}</STATE><SUB_STATE>{}</SUB_STATE></STATUS><TARGET><![CDATA[{}]]></TARGET>{group}\
                 <OPTION_PROFILE><TITLE>{}</TITLE></OPTION_PROFILE></SCAN>",
                it.reference,
                it.title,
                it.launched,
                if it.state == "Finished" { "00:10:00" } else { "Pending" },
                it.state,
                it.sub_state,
                it.target,
                it.profile
            )
        });
        let scans = scans.collect::<String>();
        let list = if scans.is_empty() { scans } else { format!("<SCAN_LIST>{scans}</SCAN_LIST>") };
        format!(
            "<SCAN_LIST_OUTPUT><REQUEST><USER_LOGIN>acme_ab1</USER_LOGIN></REQUEST><RESPONSE><DATETIME>{}</DATETIME>{list}\
             </RESPONSE></SCAN_LIST_OUTPUT>",
            instant::write(self.now)
        )
    }

    fn user_list(&self) -> String {
        let users = self.users.iter().map(|it| {
            format!(
                "<USER><USER_LOGIN>{}</USER_LOGIN><EXTERNAL_ID><![CDATA[{}]]></EXTERNAL_ID><CONTACT_INFO><FIRSTNAME>Ada</FIRSTNAME>\
                 <LASTNAME>Byron</LASTNAME><EMAIL><![CDATA[{}]]></EMAIL></CONTACT_INFO><USER_STATUS>{}</USER_STATUS>\
                 <USER_ROLE>Scanner</USER_ROLE><BUSINESS_UNIT>Retail &amp; Stores</BUSINESS_UNIT><MANAGER_POC>0</MANAGER_POC></USER>",
                it.login, it.external_id, it.email, it.status
            )
        });
        let users = users.collect::<String>();
        format!("<USER_LIST_OUTPUT><USER_LIST>{users}</USER_LIST></USER_LIST_OUTPUT>")
    }
}

pub(super) fn simple(content: &str) -> String {
    format!(
        "<SIMPLE_RETURN><RESPONSE><DATETIME>2026-11-01T00:00:01Z</DATETIME>{content}</RESPONSE></SIMPLE_RETURN>"
    )
}

/// The password is what Qualys adds where no e-mail is sent.
fn user(message: &str) -> String {
    format!(
        "<USER_OUTPUT><API name=\"user.php\" username=\"acme_ab1\" at=\"2026-11-01T00:00:01Z\" /><RETURN status=\"SUCCESS\">\
         <MESSAGE>\n{message}\n</MESSAGE></RETURN><USER><USER_LOGIN>acme_nu1</USER_LOGIN><PASSWORD>SECRET-1</PASSWORD></USER>\
         </USER_OUTPUT>"
    )
}

const APPLIANCES: &str = "<APPLIANCE_LIST_OUTPUT><RESPONSE><DATETIME>2026-11-01T00:00:00Z</DATETIME><APPLIANCE_LIST>\
    <APPLIANCE><ID>1</ID><NAME>fra-1</NAME><STATUS>Online</STATUS></APPLIANCE>\
    <APPLIANCE><ID>2</ID><NAME>aws-1</NAME><STATUS>Offline</STATUS><ACTIVATION_CODE>SECRET-2</ACTIVATION_CODE>\
    <CLOUD_INFO><PLATFORM_PROVIDER>ec2</PLATFORM_PROVIDER><EC2_INFO><INSTANCE_REGION>us-east-1</INSTANCE_REGION></EC2_INFO></CLOUD_INFO>\
    </APPLIANCE></APPLIANCE_LIST></RESPONSE></APPLIANCE_LIST_OUTPUT>";

const PROFILES: &str = "<OPTION_PROFILES><OPTION_PROFILE><BASIC_INFO><ID>11</ID><GROUP_NAME><![CDATA[Initial Options]]></GROUP_NAME>\
    <GROUP_TYPE>user</GROUP_TYPE><IS_DEFAULT>1</IS_DEFAULT></BASIC_INFO><SCAN><PASSWORD_BRUTE_FORCING><CUSTOM_LIST><CUSTOM><ID>9</ID>\
    <LOGIN_PASSWORD>SECRET-3</LOGIN_PASSWORD></CUSTOM></CUSTOM_LIST></PASSWORD_BRUTE_FORCING></SCAN></OPTION_PROFILE>\
    <OPTION_PROFILE><BASIC_INFO><ID>12</ID><GROUP_NAME>Quick</GROUP_NAME></BASIC_INFO></OPTION_PROFILE>\
    <OPTION_PROFILE><BASIC_INFO><ID>13</ID><GROUP_NAME>QUICK</GROUP_NAME></BASIC_INFO></OPTION_PROFILE></OPTION_PROFILES>";

const GROUPS: &str = "<ASSET_GROUP_LIST_OUTPUT><RESPONSE><DATETIME>2026-11-01T00:00:00Z</DATETIME><ASSET_GROUP_LIST>\
    <ASSET_GROUP><ID>21</ID><TITLE><![CDATA[DMZ, outer]]></TITLE><IP_SET><IP_RANGE>192.0.2.0-192.0.2.255</IP_RANGE></IP_SET></ASSET_GROUP>\
    <ASSET_GROUP><ID>22</ID><TITLE>Office</TITLE><OWNER_USER_NAME>Ada Byron (acme_ab1)</OWNER_USER_NAME>\
    <OWNER_UNIT_ID>5</OWNER_UNIT_ID><IP_SET><IP>198.51.100.1</IP><IP_RANGE>10.1.0.0-10.1.0.9</IP_RANGE></IP_SET></ASSET_GROUP>\
    </ASSET_GROUP_LIST></RESPONSE></ASSET_GROUP_LIST_OUTPUT>";

const TAGS: &str = "<ServiceResponse><responseCode>SUCCESS</responseCode><count>2</count><data><Tag><id>31</id><name>Web</name>\
    <children><list><TagSimple><id>33</id><name>Shop</name></TagSimple></list></children></Tag><Tag><id>32</id><name>Data</name></Tag>\
    </data></ServiceResponse>";

const CONNECTORS: &str = "<ServiceResponse><responseCode>SUCCESS</responseCode><count>1</count><data><AwsAssetDataConnector><id>41</id>\
    <name>prod</name><arn>SECRET-4</arn></AwsAssetDataConnector></data></ServiceResponse>";

const ADDRESSES: &str = "<IP_LIST_OUTPUT><RESPONSE><DATETIME>2026-11-01T00:00:00Z</DATETIME><IP_SET><IP>10.1.1.1</IP>\
    <IP_RANGE>192.0.2.0-192.0.2.255</IP_RANGE></IP_SET></RESPONSE></IP_LIST_OUTPUT>";

/// The message and the next step of an error.
pub(super) fn refusal(operated: Result<Operated, Error>) -> String {
    match operated {
        Ok(it) => panic!("not refused: {it}"),
        Err(error) => {
            let problem = error.problem();
            [Some(problem.message.clone()), problem.remedy.clone()]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join("; ")
        }
    }
}

/// A launch of one address.
pub(super) fn launch() -> Setup {
    Setup::operate("launch-vm-scan")
        .with_text("title", "Weekly")
        .with_text("option-profile", "Initial Options")
        .with("addresses", &["192.0.2.1"])
}
