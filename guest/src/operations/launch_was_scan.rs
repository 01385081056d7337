//! Launches a scan of a web application.

use exhibit_plugin::catalog::{self, Parameter};
use exhibit_plugin::collection::Change;
use exhibit_plugin::types::Row;
use exhibit_plugin::xml::Element;
use exhibit_plugin::{Assignment, Error, Kind, Procedure, Value};
use serde::{Deserialize, Serialize};

use super::call::{Call, Reply, Write};
use super::flow;
use super::found::{Found, check_name_is_enough};
use super::launch::{self, Appliance, WARNING};
use super::operation::Operation;
use super::rights::Right;
use super::steps::{Ending, Outcome, Sight, Steps};
use super::targets::Range;
use super::was_names::Name;
use super::was_scan::{self, UNDER_WAY, WasScan};
use super::was_watch::WasWatch;
use super::{launch_vm_scan, parameters};
use crate::names::{What, choose};
use crate::qualys::blanked::{APPLIANCES, SIGN_INS, names};
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
        blanked: names(&[APPLIANCES, SIGN_INS]),
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
    watch: WasWatch,
    kind: String,
    application: Name,
    profile: Option<Name>,
    scanner: Option<Name>,
    signs_in: bool,
    sends_mail: bool,
    defaults: Option<Defaults>,
    /// Scans of the same application that have not ended; `None` until that was asked.
    under_way: Option<Vec<String>>,
    /// What a person should know before, one sentence each.
    warnings: Vec<String>,
}

/// What counts where a launch says nothing.
#[derive(Serialize, Deserialize)]
struct Defaults {
    profile: String,
    scanner: String,
}

enum Question {
    Application,
    /// Which appliances there are, where only such a one reaches the application.
    Reach,
    Defaults(String),
    Profile,
    Scanner,
    UnderWay(String),
}

fn open(assignment: &Assignment, saved: Option<&str>) -> Result<Box<dyn Procedure>, Error> {
    let wait = parameters::wait_seconds(&assignment.parameters)?;
    flow::open(assignment, saved, wait, |assignment| {
        let given = &assignment.parameters;
        Ok(LaunchWas {
            watch: WasWatch::of(&assignment.id, parameters::required(given, "title")?),
            kind: given.text("type").unwrap_or("VULNERABILITY").to_owned(),
            application: Name::of(parameters::required(given, "web-application")?),
            profile: parameters::text(given, "was-option-profile")?.map(Name::of),
            scanner: parameters::text(given, "scanner")?.map(Name::of),
            signs_in: given.boolean("sign-in").unwrap_or(false),
            sends_mail: given.boolean("send-mail").unwrap_or(false),
            defaults: None,
            under_way: None,
            warnings: Vec::new(),
        })
    })
}

impl LaunchWas {
    fn asks(&self) -> Option<Question> {
        let Some(application) = &self.application.found else { return Some(Question::Application) };
        if self.defaults.is_none() {
            return Some(Question::Defaults(application.id.clone()));
        }
        if self.not_reached().is_some() {
            return Some(Question::Reach);
        }
        if self.profile.as_ref().is_some_and(|it| it.found.is_none()) {
            return Some(Question::Profile);
        }
        if self.scanner.as_ref().is_some_and(|it| it.found.is_none() && !is_external(&it.wanted)) {
            return Some(Question::Scanner);
        }
        self.under_way.is_none().then(|| Question::UnderWay(application.id.clone()))
    }

    /// Why the application is not reached, where that is known: a private address is not, by a scanner of Qualys.
    fn not_reached(&self) -> Option<String> {
        let wanted = self.scanner.as_ref().map(|it| it.wanted.as_str());
        let scanner = wanted.or(self.defaults.as_ref().map(|it| it.scanner.as_str())).unwrap_or_default();
        let url = self.application.found.as_ref().map(|it| it.remark.as_str()).unwrap_or_default();
        let is_private = Range::parse(host(url)).is_some_and(|it| it.is_private());
        (is_external(scanner) && is_private).then(|| {
            format!("{url:.100} is private, and the scanner {scanner} reaches only what is in the Internet")
        })
    }

    fn scanner_in_words(&self) -> String {
        let of_application = |it: &str| format!("{it} (that of the web application)");
        match (&self.scanner, &self.defaults) {
            (Some(Name { found: Some(found), .. }), _) => found.shown(),
            (Some(_), _) => format!("{EXTERNAL}: the scanners of Qualys in the Internet"),
            (None, Some(defaults)) if !defaults.scanner.is_empty() => of_application(&defaults.scanner),
            (None, _) => of_application("not listed"),
        }
    }

    fn profile_in_words(&self) -> String {
        let of_application = |it: &str| format!("{it} (that of the web application)");
        match (&self.profile, &self.defaults) {
            (Some(Name { found: Some(found), .. }), _) => found.shown(),
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
            Question::Reach | Question::Scanner => Call::new(
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
            }
            Some(Question::Reach) => {
                let why = self.not_reached().unwrap_or_default();
                return Err(launch::needed(&why, reply));
            }
            Some(Question::Profile) => {
                if let Some(profile) = &mut self.profile {
                    profile.learn(PROFILE, reply)?;
                }
            }
            Some(Question::Scanner) => {
                let all = reply.records(Appliance::read)?.records;
                let what = What { one: "scanner appliance", parameter: "scanner" };
                if let Some(scanner) = &mut self.scanner {
                    let choice = choose(what, &scanner.wanted, &all)?;
                    let names: Vec<Found> = all.iter().map(|it| it.found.clone()).collect();
                    check_name_is_enough(what, &choice.one.found, &names)?;
                    let found = choice.one.found.clone().named_by(&scanner.wanted, choice.has_namesake);
                    scanner.found = Some(found);
                    self.warnings.extend(choice.one.offline());
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
        let mut details = vec![("Title".to_owned(), self.watch.name())];
        let mut add = |label: &str, text: String| {
            if !text.is_empty() {
                details.push((label.to_owned(), text));
            }
        };
        let yes = |it: bool| if it { "yes" } else { "no" }.to_owned();
        let id = self.application.found.as_ref().map(|it| it.id.clone()).unwrap_or_default();
        if let Some(it) = &self.application.found {
            add("Web application", it.shown());
        }
        add("Type", self.kind.clone());
        add("Option profile", self.profile_in_words());
        add("Scanner", self.scanner_in_words());
        add("Signs in", yes(self.signs_in));
        add("E-mail at its end", yes(self.sends_mail));
        add("In progress already", self.under_way.as_ref().map(|it| it.join(", ")).unwrap_or_default());
        for warning in &self.warnings {
            add(WARNING, warning.clone());
        }

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
        let mut scan = Data::default()
            .text("name", &self.watch.name())
            .text("type", &self.kind)
            .within("target", target);
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
        self.watch.id = said.reference;
    }

    fn look(&self) -> Call {
        self.watch.look(|search| search.with("name", Operator::Equals, self.watch.name()))
    }

    fn see(&mut self, reply: &Reply<'_>) -> Result<Sight, Stop> {
        self.watch.see(reply)
    }

    fn has_reference(&self) -> bool {
        self.watch.id.is_some()
    }

    fn under_way(&self) -> Option<String> {
        self.watch.under_way()
    }

    fn done(&self) -> String {
        self.watch.done()
    }

    fn ended(&self) -> (Outcome, String) {
        self.watch.ended()
    }

    fn where_to_look(&self) -> String {
        let mark = self.watch.mark();
        let otherwise = format!("for a name that ends in {mark:?}, before anything is launched again");
        self.watch.where_to_look(&otherwise)
    }

    fn row(&self, ending: &Ending) -> Row {
        let application = self.application.found.as_ref().map_or(&self.application.wanted, |it| &it.name);
        self.watch.row(application, ending)
    }

    fn notes(&self) -> Vec<String> {
        self.warnings.iter().map(|it| format!("Known before the launch: {it}.")).collect()
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
