//! The list of schedules; it comes in one piece.

use std::sync::Arc;

use super::schedule::{Frequency, REGIONS, Schedule, Target};
use crate::{
    clock, echo::Echo, parameters::Parameters, question::Question, refusal::Refusal, stream::Rows,
    world::World, xml::Xml,
};

/// The UUID of the only connector.
const CONNECTOR: &str = "7e1f0a52-0000-4000-8000-000000000001";

/// Goes through the schedules of the world and shows those that were asked for.
pub(super) struct Listing {
    world: Arc<World>,
    id: Option<u64>,
    active: Option<bool>,
    /// Whether only schedules of a special kind are asked for: there are none.
    special: bool,
    notifications: bool,
    cloud: bool,
    echo: Option<Echo>,
    next: u64,
    listed: bool,
}

impl Listing {
    pub(super) fn read(parameters: &Parameters, question: &Question<'_>) -> Result<Self, Refusal> {
        let kinds = [("certview", ()), ("ec2certview", ()), ("perimeter", ())];
        Ok(Self {
            world: Arc::clone(question.world),
            id: parameters.number("id")?,
            active: parameters.flag("active")?,
            special: parameters.choice("scan_type", &kinds)?.is_some(),
            notifications: parameters.is_set("show_notifications")?,
            cloud: parameters.is_set("show_cloud_details")?,
            echo: Echo::read(parameters, question)?,
            next: 0,
            listed: false,
        })
    }

    fn admits(&self, schedule: &Schedule) -> bool {
        !self.special
            && self.id.is_none_or(|id| id == schedule.id)
            && self.active.is_none_or(|active| active == schedule.is_active())
    }

    fn schedule(&self, xml: &mut Xml<'_>, schedule: &Schedule) {
        xml.open("SCAN");
        xml.number("ID", schedule.id);
        match schedule.active {
            Some(active) => xml.number("ACTIVE", active),
            None => xml.text("ACTIVE", ""),
        }
        xml.cdata("TITLE", schedule.title);
        xml.text("USER_LOGIN", schedule.login);
        self.target(xml, schedule);
        xml.open("OPTION_PROFILE");
        xml.cdata("TITLE", "Initial Options");
        xml.flag("DEFAULT_FLAG", true);
        xml.close("OPTION_PROFILE");
        xml.text("PROCESSING_PRIORITY", "0 - No Priority");
        plan(xml, schedule);
        if self.notifications && schedule.notified {
            xml.open("NOTIFICATIONS");
            xml.open("BEFORE_LAUNCH");
            xml.number("TIME", 30);
            xml.text("UNIT", "minutes");
            xml.cdata("MESSAGE", "A scan will start soon.");
            xml.close("BEFORE_LAUNCH");
            xml.open("AFTER_COMPLETE");
            xml.cdata("MESSAGE", "The scan is over.");
            xml.close("AFTER_COMPLETE");
            xml.close("NOTIFICATIONS");
        }
        xml.close("SCAN");
    }

    fn network(&self, xml: &mut Xml<'_>) {
        if self.world.networks {
            xml.number("NETWORK_ID", 0);
        }
    }

    fn target(&self, xml: &mut Xml<'_>, schedule: &Schedule) {
        let network = schedule.network;
        match schedule.target {
            Target::Addresses | Target::Groups => {
                xml.cdata(
                    "TARGET",
                    &format!("10.{network}.1.1-10.{network}.1.254,\n        10.{network}.2.7"),
                );
                self.network(xml);
                xml.cdata("ISCANNER_NAME", "External Scanner");
            }
            Target::Tags | Target::Ec2(_) => {
                xml.cdata("TARGET", "Asset Tags Included");
                self.network(xml);
                xml.cdata("ISCANNER_NAME", "aws-scanner-1,\n        aws-scanner-2");
            }
        }
        if let Target::Ec2(place) = schedule.target {
            let (code, name, uuid) = REGIONS[place];
            xml.open("EC2_INSTANCE");
            xml.text("CONNECTOR_UUID", CONNECTOR);
            xml.text("EC2_ENDPOINT", uuid);
            xml.close("EC2_INSTANCE");
            if self.cloud {
                cloud(xml, code, name, uuid);
            }
        }
        match schedule.target {
            Target::Groups => {
                xml.open("ASSET_GROUP_TITLE_LIST");
                xml.cdata("ASSET_GROUP_TITLE", "Servers Frankfurt");
                xml.cdata("ASSET_GROUP_TITLE", "PCI & Payments");
                xml.close("ASSET_GROUP_TITLE_LIST");
            }
            Target::Tags | Target::Ec2(_) => {
                xml.open("ASSET_TAGS");
                xml.text("TAG_INCLUDE_SELECTOR", "any");
                xml.cdata("TAG_SET_INCLUDE", "Linux,Windows");
                xml.text("TAG_EXCLUDE_SELECTOR", "all");
                xml.cdata("TAG_SET_EXCLUDE", "Laboratory");
                xml.close("ASSET_TAGS");
            }
            Target::Addresses => {
                xml.open("USER_ENTERED_IPS");
                for (start, end) in [("1.1", "1.254"), ("2.7", "2.7")] {
                    xml.open("RANGE");
                    xml.text("START", &format!("10.{network}.{start}"));
                    xml.text("END", &format!("10.{network}.{end}"));
                    xml.close("RANGE");
                }
                xml.close("USER_ENTERED_IPS");
            }
        }
    }
}

fn cloud(xml: &mut Xml<'_>, code: &str, name: &str, uuid: &str) {
    xml.open("CLOUD_DETAILS");
    xml.text("PROVIDER", "AWS");
    xml.open("CONNECTOR");
    xml.number("ID", 11);
    xml.text("UUID", CONNECTOR);
    xml.cdata("NAME", "AWS Production");
    xml.close("CONNECTOR");
    xml.text("SCAN_TYPE", "Internal");
    xml.open("CLOUD_TARGET");
    xml.text("PLATFORM", "VPC");
    xml.open("REGION");
    xml.text("UUID", uuid);
    xml.text("CODE", code);
    xml.text("NAME", name);
    xml.close("REGION");
    xml.text("VPC_SCOPE", "All");
    xml.close("CLOUD_TARGET");
    xml.close("CLOUD_DETAILS");
}

/// How often, and when next: without a zone, as the list has it.
fn plan(xml: &mut Xml<'_>, schedule: &Schedule) {
    xml.open("SCHEDULE");
    match schedule.frequency {
        Frequency::Days(days) => xml.attributed("DAILY", &[("frequency_days", &days.to_string())], ""),
        Frequency::Weeks(weeks, days) => {
            let weeks = weeks.to_string();
            xml.attributed("WEEKLY", &[("frequency_weeks", &weeks), ("weekdays", days)], "");
        }
        Frequency::Months(months, day) => {
            let (months, day) = (months.to_string(), day.to_string());
            xml.attributed("MONTHLY", &[("frequency_months", &months), ("day_of_month", &day)], "");
        }
    }
    xml.moment("START_DATE_UTC", schedule.started);
    xml.number("START_HOUR", schedule.started.rem_euclid(clock::DAY).unsigned_abs() / 3_600);
    xml.number("START_MINUTE", 30);
    if let Some(next) = schedule.next_launch {
        xml.with("NEXTLAUNCH_UTC", |out| {
            clock::push(out, next);
            out.pop();
        });
    }
    xml.open("TIME_ZONE");
    xml.text("TIME_ZONE_CODE", "DE");
    xml.cdata("TIME_ZONE_DETAILS", "(GMT+0100) Germany");
    xml.close("TIME_ZONE");
    xml.flag("DST_SELECTED", true);
    xml.close("SCHEDULE");
}

impl Rows for Listing {
    fn head(&mut self, xml: &mut Xml<'_>) {
        if let Some(echo) = &self.echo {
            echo.write(xml);
        }
        xml.open("RESPONSE");
        xml.moment("DATETIME", self.world.now_seconds());
    }

    fn row(&mut self, xml: &mut Xml<'_>) -> bool {
        if self.next == self.world.schedules {
            return false;
        }
        let schedule = Schedule::at(&self.world, self.next);
        self.next += 1;
        if !self.admits(&schedule) {
            return true;
        }
        let mut response = xml.deeper();
        if self.listed {
            self.schedule(&mut response.deeper(), &schedule);
        } else {
            response.open("SCHEDULE_SCAN_LIST");
            self.listed = true;
            self.schedule(&mut response, &schedule);
        }
        true
    }

    fn foot(&mut self, xml: &mut Xml<'_>) {
        let mut response = xml.deeper();
        if self.listed {
            response.deeper().close("SCHEDULE_SCAN_LIST");
        }
        response.close("RESPONSE");
    }
}
