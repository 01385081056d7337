//! A page of tickets, and the number to go on from.

use std::sync::Arc;

use super::{
    filter::Filter,
    ticket::{self, Ticket},
    write::Show,
};
use crate::{
    parameters::Parameters, question::Question, refusal::Refusal, stream::Rows, world::World, xml::Xml,
};

/// Tickets in an answer.
const PAGE: u64 = 1_000;

/// The parameters that the header repeats.
const REPEATED: [(&str, &str); 2] = [("asset_groups", "ASSET_GROUPS"), ("states", "STATES")];

/// Goes through the tickets of the world and shows those that were asked for.
pub(crate) struct Listing {
    world: Arc<World>,
    /// Who asks.
    login: String,
    filter: Filter,
    show: Show,
    /// Names and values of the filters, as the header repeats them.
    repeated: Vec<(&'static str, String)>,
    next: u64,
    end: u64,
    listed: u64,
    last: u64,
    truncated: bool,
}

impl Listing {
    pub(crate) fn new(
        question: &Question<'_>,
        filter: Filter,
        show: Show,
        parameters: &Parameters,
    ) -> Result<Self, Refusal> {
        let (world, quirks) = (Arc::clone(question.world), question.quirks);
        let since = parameters.number("since_ticket_number")?;
        let until = parameters.number("until_ticket_number")?;
        let mut next = ticket::first_from(&world, since.unwrap_or(0));
        if quirks.repeat_border_ticket && since.is_some() {
            next = last_before(&world, &filter, next).unwrap_or(next);
        }
        let end = until.map_or(u64::MAX, |until| ticket::first_from(&world, until.saturating_add(1)));
        let repeated = REPEATED
            .iter()
            .filter_map(|&(parameter, element)| Some((element, parameters.text(parameter)?.to_owned())));
        Ok(Self {
            repeated: repeated.collect(),
            next,
            end: end.min(world.tickets),
            login: question.caller.login.clone(),
            world,
            filter,
            show,
            listed: 0,
            last: 0,
            truncated: false,
        })
    }
}

/// The place of the last ticket before another that was asked for as well.
fn last_before(world: &World, filter: &Filter, place: u64) -> Option<u64> {
    (0..place).rev().find(|&earlier| filter.admits(&Ticket::at(world, earlier)))
}

impl Rows for Listing {
    fn head(&mut self, xml: &mut Xml<'_>) {
        xml.open("HEADER");
        xml.text("USER_LOGIN", &self.login);
        xml.cdata("COMPANY", "Acme, Inc.");
        xml.moment("DATETIME", self.world.moment());
        xml.open("WHERE");
        for (element, value) in &self.repeated {
            xml.cdata(element, value);
        }
        xml.close("WHERE");
        xml.close("HEADER");
    }

    fn row(&mut self, xml: &mut Xml<'_>) -> bool {
        if self.next >= self.end {
            return false;
        }
        let ticket = Ticket::at(&self.world, self.next);
        self.next += 1;
        if !self.filter.admits(&ticket) {
            return true;
        }
        if self.listed == PAGE {
            self.truncated = true;
            return false;
        }
        if self.listed == 0 {
            xml.open("TICKET_LIST");
            self.show.ticket(xml, &ticket);
        } else {
            self.show.ticket(&mut xml.deeper(), &ticket);
        }
        self.listed += 1;
        self.last = ticket.number;
        true
    }

    fn foot(&mut self, xml: &mut Xml<'_>) {
        if self.listed > 0 {
            xml.deeper().close("TICKET_LIST");
        }
        if self.truncated {
            let text = format!("Truncated after {PAGE} records");
            xml.attributed("TRUNCATION", &[("last", &self.last.to_string())], &text);
        }
    }
}
