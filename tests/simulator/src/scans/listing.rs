//! A list of scans; it comes in one piece, however long it is.

use std::{collections::HashSet, sync::Arc};

use super::{
    filter::Filter,
    scan::{Kind, Scan, State},
};
use crate::{
    changes::Control, clock, echo::Echo, parameters::Parameters, question::Question, refusal::Refusal,
    stream::Rows, world::World, xml::Xml,
};

const PRIORITIES: [&str; 10] = [
    "0 - No Priority",
    "1 - Emergency",
    "2 - Ultimate",
    "3 - Critical",
    "4 - Major",
    "5 - High",
    "6 - Standard",
    "7 - Medium",
    "8 - Minor",
    "9 - Low",
];

/// Goes through the scans of the world and shows those that were asked for.
pub(crate) struct Listing {
    world: Arc<World>,
    kind: Kind,
    filter: Filter,
    echo: Option<Echo>,
    groups: bool,
    profile: bool,
    status: bool,
    target: bool,
    /// The titles that were shown, where only the latest scan of each is wanted.
    shown: Option<HashSet<String>>,
    /// What clients launched, oldest first: it is listed before the rest.
    launched: Vec<Scan>,
    controlled: Vec<(String, Control)>,
    now: i64,
    next: u64,
    listed: bool,
}

impl Listing {
    pub(crate) fn new(
        world: Arc<World>,
        kind: Kind,
        filter: Filter,
        parameters: &Parameters,
        question: &Question<'_>,
    ) -> Result<Self, Refusal> {
        let now = question.changes.now(&world);
        let shows_launched = kind == Kind::Vm && !question.quirks.hide_launched;
        let launched = if shows_launched { question.changes.launched() } else { Vec::new() };
        Ok(Self {
            launched: launched.iter().map(|scan| Scan::launched(scan, now)).collect(),
            controlled: if kind == Kind::Vm { question.changes.controlled() } else { Vec::new() },
            now,
            world,
            kind,
            filter,
            echo: Echo::read(parameters, question)?,
            groups: parameters.is_set("show_ags")?,
            profile: parameters.is_set("show_op")?,
            status: parameters.flag("show_status")?.unwrap_or(true),
            target: !parameters.is_set("ignore_target")?,
            shown: parameters.is_set("show_last")?.then(HashSet::new),
            next: 0,
            listed: false,
        })
    }

    fn scan(&self, xml: &mut Xml<'_>, scan: &Scan) {
        xml.open("SCAN");
        if self.kind == Kind::Compliance {
            xml.number("ID", scan.id);
        }
        xml.text("REF", &scan.reference());
        xml.text("TYPE", scan.launched_by);
        if scan.title_is_padded {
            xml.padded_cdata("TITLE", &scan.title);
        } else {
            xml.cdata("TITLE", &scan.title);
        }
        xml.text("USER_LOGIN", &scan.login);
        xml.moment("LAUNCH_DATETIME", scan.launched);
        xml.with("DURATION", |out| match scan.state {
            State::Running => out.extend_from_slice(b"Running"),
            State::Queued | State::Loading => out.extend_from_slice(b"Pending"),
            _ => clock::push_duration(out, scan.duration),
        });
        if self.kind == Kind::Vm {
            let priority = PRIORITIES[scan.priority as usize];
            xml.text("PROCESSING_PRIORITY", priority);
        }
        xml.flag("PROCESSED", scan.processed);
        if self.status {
            xml.open("STATUS");
            xml.text("STATE", scan.state.name());
            if let Some(sub_state) = scan.sub_state {
                xml.text("SUB_STATE", sub_state);
            }
            xml.close("STATUS");
        }
        if self.target {
            xml.cdata("TARGET", &scan.target);
        }
        if self.groups && !scan.groups.is_empty() {
            xml.open("ASSET_GROUP_TITLE_LIST");
            for group in &scan.groups {
                xml.cdata("ASSET_GROUP_TITLE", group);
            }
            xml.close("ASSET_GROUP_TITLE_LIST");
        }
        if self.profile {
            xml.open("OPTION_PROFILE");
            xml.cdata("TITLE", &scan.profile);
            xml.flag("DEFAULT_FLAG", scan.profile == "Initial Options");
            xml.close("OPTION_PROFILE");
        }
        xml.close("SCAN");
    }
}

impl Rows for Listing {
    fn head(&mut self, xml: &mut Xml<'_>) {
        if let Some(echo) = &self.echo {
            echo.write(xml);
        }
        xml.open("RESPONSE");
        xml.moment("DATETIME", self.now);
    }

    fn row(&mut self, xml: &mut Xml<'_>) -> bool {
        let scan = match self.launched.pop() {
            Some(scan) => scan,
            None if self.next == self.kind.count(&self.world) => return false,
            None => {
                self.next += 1;
                Scan::at(&self.world, self.kind, self.next - 1).controlled(&self.controlled)
            }
        };
        if !self.filter.admits(&scan) {
            return true;
        }
        if self.shown.as_mut().is_some_and(|shown| !shown.insert(scan.title.to_string())) {
            return true;
        }
        let mut response = xml.deeper();
        if !self.listed {
            response.open("SCAN_LIST");
            self.listed = true;
            self.scan(&mut response, &scan);
        } else {
            self.scan(&mut response.deeper(), &scan);
        }
        true
    }

    fn foot(&mut self, xml: &mut Xml<'_>) {
        let mut response = xml.deeper();
        if self.listed {
            response.deeper().close("SCAN_LIST");
        }
        response.close("RESPONSE");
    }
}
