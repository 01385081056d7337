//! Launches a scan of a web application.

use exhibit_plugin::catalog::{self, Parameter};
use exhibit_plugin::collection::Change;
use exhibit_plugin::problem::invalid;
use exhibit_plugin::types::Row;
use exhibit_plugin::xml::Element;
use exhibit_plugin::{Assignment, Error, Kind, Procedure, Value};
use serde::{Deserialize, Serialize};

use super::call::{Call, Reply, Write};
use super::flow;
use super::names::{LISTS_ARE_KEPT, What, choose};
use super::operation::Operation;
use super::rights::Right;
use super::steps::{Ending, Outcome, Seen, Sight, Steps};
use super::targets::Range;
use super::was_names::{Found, Name, appliance};
use super::was_scan::{self, UNDER_WAY, WasReport, WasScan};
use super::{launch_vm_scan, mark, parameters};
use crate::qualys::fo::whole::List;
use crate::qualys::qps::whole::{Data, Operator, Query};
use crate::qualys::reading::{Accepted, Stop, short};

pub(super) const OPERATION: Operation =
    Operation { name: "launch-was-scan", describe, right: Right::WasLaunch, open };

const EXTERNAL: &str = "External";
const APPLICATION: What = What { one: "web application", parameter: "web-application" };
const PROFILE: What = What { one: "option profile", parameter: "was-option-profile" };

fn describe() -> catalog::Operation {
    let mut parameters = vec![
        launch_vm_scan::title(),
        Parameter::text("web-application", "Web application", "The name of the web application.").required(),
        Parameter::text("type", "Type", "What the scan looks for.")
            .choices([
                ("VULNERABILITY", "Vulnerabilities"),
                ("DISCOVERY", "The pages of the application alone"),
            ])
            .default(Value::Text("VULNERABILITY".to_owned())),
        Parameter::text(
            "was-option-profile",
            "Option profile",
            "The name of an option profile for web applications. It is that of the web application where none is given.",
        ),
        Parameter::text(
            "scanner",
            "Scanner",
            "The name of a scanner appliance, or External. It is that of the web application where none is given.",
        ),
        Parameter::new(
            "sign-in",
            Kind::Boolean,
            "Sign in",
            "Whether the scan signs in with the default authentication record of the web application.",
        )
        .default(Value::Boolean(false)),
        Parameter::new(
            "send-mail",
            Kind::Boolean,
            "E-mail",
            "Whether Qualys sends an e-mail when the scan has ended.",
        )
        .default(Value::Boolean(false)),
    ];
    parameters.extend(parameters::wait());
    catalog::Operation {
        name: OPERATION.name.to_owned(),
        label: "Launch a WAS scan".to_owned(),
        help: "Launches a scan of a web application.".to_owned(),
        parameters,
        fields: was_scan::fields(),
        confirm: "title".to_owned(),
        needs: needs("the permission Launch WAS Scan"),
    }
}

/// What an account needs that launches scans of web applications.
pub(super) fn needs(permission: &str) -> Vec<String> {
    vec![
        "API access".to_owned(),
        "the WAS module, with access to the web application: others are left out".to_owned(),
        permission.to_owned(),
    ]
}

#[derive(Serialize, Deserialize)]
struct LaunchWas {
    title: String,
    mark: String,
    kind: String,
    application: Name,
    profile: Option<Name>,
    scanner: Option<Name>,
    signs_in: bool,
    sends_mail: bool,
    defaults: Option<Defaults>,
    /// Scans of the same application that have not ended; `None` until that was asked.
    under_way: Option<Vec<String>>,
    id: Option<String>,
    seen: Option<WasScan>,
}

/// What counts where a launch says nothing.
#[derive(Serialize, Deserialize)]
struct Defaults {
    profile: String,
    scanner: String,
}

enum Question {
    Application,
    Defaults(String),
    Profile,
    Scanner,
    UnderWay(String),
}

fn open(assignment: &Assignment, saved: Option<&str>) -> Result<Box<dyn Procedure>, Error> {
    let wait = parameters::wait_seconds(&assignment.parameters)?;
    flow::open(assignment, saved, wait, |assignment| {
        let given = &assignment.parameters;
        let name = |wanted: &str| Name { wanted: wanted.to_owned(), found: None, exactly: false };
        Ok(LaunchWas {
            title: parameters::required(given, "title")?.to_owned(),
            mark: mark::of(&assignment.id),
            kind: given.text("type").unwrap_or("VULNERABILITY").to_owned(),
            application: name(parameters::required(given, "web-application")?),
            profile: parameters::text(given, "was-option-profile")?.map(name),
            scanner: parameters::text(given, "scanner")?.map(name),
            signs_in: given.boolean("sign-in").unwrap_or(false),
            sends_mail: given.boolean("send-mail").unwrap_or(false),
            defaults: None,
            under_way: None,
            id: None,
            seen: None,
        })
    })
}

impl LaunchWas {
    fn asks(&self) -> Option<Question> {
        let Some(application) = &self.application.found else { return Some(Question::Application) };
        if self.defaults.is_none() {
            return Some(Question::Defaults(application.id.clone()));
        }
        if self.profile.as_ref().is_some_and(|it| it.found.is_none()) {
            return Some(Question::Profile);
        }
        if self.scanner.as_ref().is_some_and(|it| it.found.is_none() && !is_external(&it.wanted)) {
            return Some(Question::Scanner);
        }
        self.under_way.is_none().then(|| Question::UnderWay(application.id.clone()))
    }

    fn name(&self) -> String {
        format!("{} {}", self.title, self.mark)
    }

    /// A private address is not reached by a scanner of Qualys.
    fn check_reach(&self) -> Result<(), Error> {
        let wanted = self.scanner.as_ref().map(|it| it.wanted.as_str());
        let scanner = wanted.or(self.defaults.as_ref().map(|it| it.scanner.as_str())).unwrap_or_default();
        let url = self.application.found.as_ref().map(|it| it.url.as_str()).unwrap_or_default();
        if is_external(scanner) && Range::parse(host(url)).is_some_and(|it| it.is_private()) {
            let why = format!(
                "{url:.100} is private, and the scanner {scanner} reaches only what is in the Internet"
            );
            return Err(invalid(why).remedy("choose a scanner appliance that reaches it").about("scanner"));
        }
        Ok(())
    }

    fn scanner_in_words(&self) -> String {
        let of_application = |it: &str| format!("{it} (that of the web application)");
        match (&self.scanner, &self.defaults) {
            (Some(Name { found: Some(found), .. }), _) => format!("{} (id {})", found.name, found.id),
            (Some(_), _) => format!("{EXTERNAL}: the scanners of Qualys in the Internet"),
            (None, Some(defaults)) if !defaults.scanner.is_empty() => of_application(&defaults.scanner),
            (None, _) => of_application("not listed"),
        }
    }

    fn profile_in_words(&self) -> String {
        let of_application = |it: &str| format!("{it} (that of the web application)");
        match (&self.profile, &self.defaults) {
            (Some(Name { found: Some(found), .. }), _) => format!("{} (id {})", found.name, found.id),
            (Some(name), _) => name.wanted.clone(),
            (None, Some(defaults)) if !defaults.profile.is_empty() => of_application(&defaults.profile),
            (None, _) => of_application("not listed"),
        }
    }
}

fn is_external(name: &str) -> bool {
    name.eq_ignore_ascii_case(EXTERNAL)
}

/// The host of an address.
fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let authority = authority.rsplit('@').next().unwrap_or_default();
    match authority.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    }
}

impl Steps for LaunchWas {
    fn question(&self) -> Option<Call> {
        let applications = || Query::new("/qps/rest/3.0/search/was/webapp", "WebApp");
        Some(match self.asks()? {
            Question::Application => self.application.search(applications()),
            Question::Defaults(id) => Call::Search(applications().with("id", Operator::Equals, id).verbose()),
            Question::Profile => {
                let profiles = Query::new("/qps/rest/3.0/search/was/optionprofile", "OptionProfile");
                self.profile.as_ref()?.search(profiles)
            }
            Question::Scanner => Call::new(
                "/api/2.0/fo/appliance/",
                List { root: "APPLIANCE_LIST_OUTPUT", record: "APPLIANCE" },
                [("action", "list")],
            ),
            Question::UnderWay(id) => {
                Call::Search(was_scan::search().with("webApp.id", Operator::Equals, id).with(
                    "status",
                    Operator::In,
                    UNDER_WAY,
                ))
            }
        })
    }

    fn learn(&mut self, reply: &Reply<'_>) -> Result<(), Stop> {
        match self.asks() {
            Some(Question::Application) => {
                self.application.learn(APPLICATION, reply)?;
            }
            Some(Question::Defaults(_)) => {
                let read = |it: &Element<'_>| {
                    let text = |of: &str, name: &str| {
                        short(it.child(of).and_then(|it| it.get(name)).unwrap_or_default())
                    };
                    let named = text("defaultScanner", "friendlyName");
                    let scanner = if named.is_empty() { text("defaultScanner", "type") } else { named };
                    Some(Defaults { profile: text("defaultProfile", "name"), scanner })
                };
                let defaults = reply.records(read)?.records.into_iter().next();
                let empty = Defaults { profile: String::new(), scanner: String::new() };
                self.defaults = Some(defaults.unwrap_or(empty));
                self.check_reach()?;
            }
            Some(Question::Profile) => {
                if let Some(profile) = &mut self.profile {
                    profile.learn(PROFILE, reply)?;
                }
            }
            Some(Question::Scanner) => {
                let all = reply.records(appliance)?.records;
                let what = What { one: "scanner appliance", parameter: "scanner" };
                if let Some(scanner) = &mut self.scanner {
                    let shown = |it: &Found| format!("{} (id {})", it.name, it.id);
                    scanner.found = Some(choose(what, &scanner.wanted, &all, |it| &it.name, shown)?.clone());
                }
            }
            Some(Question::UnderWay(_)) => {
                let scans = reply.records(WasScan::read)?.records;
                self.under_way = Some(scans.iter().take(10).map(WasScan::in_words).collect());
            }
            None => {}
        }
        Ok(())
    }

    fn write(&self) -> Write {
        let mut details = vec![("Title".to_owned(), self.name())];
        let mut add = |label: &str, text: String| {
            if !text.is_empty() {
                details.push((label.to_owned(), text));
            }
        };
        let yes = |it: bool| if it { "yes" } else { "no" }.to_owned();
        let id = self.application.found.as_ref().map(|it| it.id.clone()).unwrap_or_default();
        if let Some(it) = &self.application.found {
            add("Web application", format!("{} (id {})", it.name, it.id));
            add("Address", short(&it.url));
        }
        add("Type", self.kind.clone());
        add("Option profile", self.profile_in_words());
        add("Scanner", self.scanner_in_words());
        add("Signs in", yes(self.signs_in));
        add("E-mail at its end", yes(self.sends_mail));
        add("In progress already", self.under_way.as_ref().map(|it| it.join(", ")).unwrap_or_default());

        let mut target = Data::default().within("webApp", Data::default().text("id", &id));
        if self.signs_in {
            target = target.within("webAppAuthRecord", Data::default().text("isDefault", "true"));
        }
        if let Some(scanner) = &self.scanner {
            let appliance = match &scanner.found {
                Some(found) => Data::default().text("type", "INTERNAL").text("friendlyName", &found.name),
                None => Data::default().text("type", "EXTERNAL"),
            };
            target = target.within("scannerAppliance", appliance);
        }
        let mut scan =
            Data::default().text("name", &self.name()).text("type", &self.kind).within("target", target);
        if let Some(profile) = self.profile.as_ref().and_then(|it| it.found.as_ref()) {
            scan = scan.within("profile", Data::default().text("id", &profile.id));
        }
        // What counts where it is left out is not documented.
        scan = scan.text("sendMail", if self.sends_mail { "true" } else { "false" });
        let change = Change { summary: "Launches a scan of a web application.".to_owned(), details };
        let data = Data::default().within("WasScan", scan);
        Write::was_scan("/qps/rest/3.0/launch/was/wasscan", &data, change)
    }

    fn accepted(&mut self, said: Accepted) {
        self.id = said.reference;
    }

    fn look(&self) -> Call {
        let search = was_scan::search().verbose();
        Call::Search(match &self.id {
            Some(id) => search.with("id", Operator::Equals, id.as_str()),
            None => search.with("name", Operator::Equals, self.name()),
        })
    }

    fn see(&mut self, reply: &Reply<'_>) -> Result<Sight, Stop> {
        let (id, name) = (self.id.clone(), self.name());
        let is_it = |it: &WasScan| id.as_ref().map_or(it.name == name, |id| it.id == *id);
        let scans = reply.records(|it| WasScan::read(it).filter(is_it))?;
        let Some(scan) = scans.records.into_iter().next() else {
            return Ok(Sight { seen: Seen::NotYet, at: scans.at });
        };
        self.id = Some(scan.id.clone());
        self.seen = Some(scan);
        Ok(Sight { seen: Seen::Done, at: scans.at })
    }

    fn has_reference(&self) -> bool {
        self.id.is_some()
    }

    fn under_way(&self) -> Option<String> {
        let Some(scan) = &self.seen else { return Some("not known".to_owned()) };
        (!scan.is_final()).then(|| scan.status.clone())
    }

    fn ended(&self) -> (Outcome, String) {
        let not_seen = || (Outcome::Unknown, String::new());
        self.seen.as_ref().map_or_else(not_seen, WasScan::ended)
    }

    fn where_to_look(&self) -> String {
        match &self.id {
            Some(id) => format!("look in the console, in the list of web application scans, at the ID {id}"),
            None => format!(
                "look in the console, in the list of web application scans, for a name that ends in {:?}, before anything is \
                 launched again",
                self.mark
            ),
        }
    }

    fn row(&self, ending: &Ending) -> Row {
        let application = self.application.found.as_ref().map_or(&self.application.wanted, |it| &it.name);
        let (id, seen) = (self.id.as_deref(), self.seen.as_ref());
        WasReport { id, name: &self.name(), application, seen, ending }.row()
    }

    fn notes(&self) -> Vec<String> {
        self.profile.iter().map(|_| LISTS_ARE_KEPT.to_owned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::host;

    #[test]
    fn an_address_has_a_host() {
        for (url, expected) in [
            ("https://10.1.2.3:8443/a?b=c", "10.1.2.3"),
            ("http://user@[fd00::1]:80/", "fd00::1"),
            ("shop.acme.example/#top", "shop.acme.example"),
            ("", ""),
        ] {
            assert_eq!(host(url), expected, "{url}");
        }
    }
}
