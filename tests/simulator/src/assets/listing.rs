//! A page of the host list, and where the next one begins.

use std::{fmt::Write as _, sync::Arc};

use super::{
    filter::Filter,
    host::{self, Host},
    show::{Details, Show},
};
use crate::{
    echo::Echo,
    parameters::{Parameters, Ranges},
    question::Question,
    refusal::Refusal,
    stream::Rows,
    world::World,
    xml::Xml,
};

/// Hosts on a page where nothing else was asked for.
const DEFAULT_LIMIT: u64 = 1_000;

/// Most hosts that can be asked for at once, other than by 0, which is all.
const MOST: u64 = 1_000_000;

/// The page that was asked for.
pub(crate) struct Page {
    /// Hosts on the page; none is no limit.
    limit: Option<u64>,
    ids: Ranges,
    /// The request with an `id_min` left open at its end.
    next_url: String,
    /// Asks for the same page again in the URL of the next.
    stuck_at: Option<u64>,
    echo: Option<Echo>,
}

impl Page {
    pub(crate) fn read(
        parameters: &Parameters,
        question: &Question<'_>,
        path: &str,
    ) -> Result<Self, Refusal> {
        let limit = parameters.number("truncation_limit")?.unwrap_or(DEFAULT_LIMIT);
        if limit > MOST {
            return Err(Refusal::bad_value("truncation_limit", &limit.to_string()));
        }
        let least = parameters.number("id_min")?.unwrap_or(0);
        let most = parameters.number("id_max")?.unwrap_or(u64::MAX);
        let ids = match parameters.ranges("ids")? {
            Some(ids) => ids.between(least, most),
            None => Ranges::from_to(least, most),
        };
        Ok(Self {
            limit: (limit > 0).then_some(limit),
            ids,
            next_url: next_url(parameters, limit, path, "&cloud_agent_activationkey=0"),
            stuck_at: question.quirks.stuck_paging.then_some(least),
            echo: Echo::read(parameters, question)?,
        })
    }

    /// The places in the list that are to be looked at.
    pub(crate) fn places(&self, world: &World) -> Places {
        let place = |id| host::first_from(world, id).min(world.assets);
        let mut places: Vec<_> = self
            .ids
            .iter()
            .map(|(low, high)| (place(low), place(high.saturating_add(1))))
            .filter(|(from, until)| from < until)
            .collect();
        places.reverse();
        Places(places)
    }

    /// Whether no further host is on it.
    pub(crate) fn is_full(&self, listed: u64) -> bool {
        Some(listed) == self.limit
    }

    /// Writes the request, where that was asked for.
    pub(crate) fn echo(&self, xml: &mut Xml<'_>) {
        if let Some(echo) = &self.echo {
            echo.write(xml);
        }
    }

    /// Says that the list goes on with the host of this id.
    pub(crate) fn warning(&self, xml: &mut Xml<'_>, id: u64) {
        let id = self.stuck_at.unwrap_or(id);
        let limit = self.limit.unwrap_or_default();
        xml.open("WARNING");
        xml.number("CODE", 1980);
        let text = format!("{limit} record limit exceeded. Use URL to get next batch of results.");
        xml.text("TEXT", &text);
        xml.padded_cdata("URL", &format!("{}{id}", self.next_url));
        xml.close("WARNING");
    }
}

/// Places in the list of hosts that are still to be looked at: from one up to, but not including, another; the first ones
/// last.
pub(crate) struct Places(Vec<(u64, u64)>);

impl Places {
    /// The next of them.
    pub(crate) fn next(&mut self) -> Option<u64> {
        let (from, until) = self.0.last_mut()?;
        let place = *from;
        *from += 1;
        if *from == *until {
            self.0.pop();
        }
        Some(place)
    }
}

/// The URL of the next page names a host, a version and mostly a parameter that were not requested, as the
/// service does; its query alone is good for anything.
pub(super) fn next_url(parameters: &Parameters, limit: u64, path: &str, unasked: &str) -> String {
    let mut url = format!("https://qualysapi.p01.eng.internal.example{path}?action=list");
    for (name, value) in parameters.pairs() {
        let own = ["action", "id_min", "truncation_limit", "cloud_agent_activationkey"];
        if !own.contains(&name.as_str()) {
            let value: String = form_urlencoded::byte_serialize(value.as_bytes()).collect();
            // Writing to a string cannot fail.
            let _ = write!(url, "&{name}={value}");
        }
    }
    let _ = write!(url, "&truncation_limit={limit}{unasked}&id_min=");
    url
}

/// Goes through the hosts of the world and shows those that were asked for.
pub(crate) struct Listing {
    world: Arc<World>,
    show: Show,
    filter: Filter,
    page: Page,
    places: Places,
    listed: u64,
    next_id: Option<u64>,
}

impl Listing {
    pub(crate) fn new(world: Arc<World>, show: Show, filter: Filter, page: Page) -> Self {
        let places = page.places(&world);
        Self { world, show, filter, page, places, listed: 0, next_id: None }
    }

    fn list_element(&self) -> &'static str {
        match self.show.details {
            Details::None => "ID_SET",
            _ => "HOST_LIST",
        }
    }
}

impl Rows for Listing {
    fn head(&mut self, xml: &mut Xml<'_>) {
        self.page.echo(xml);
        xml.open("RESPONSE");
        xml.moment("DATETIME", self.world.moment());
    }

    fn row(&mut self, xml: &mut Xml<'_>) -> bool {
        let Some(place) = self.places.next() else {
            return false;
        };
        let host = Host::at(&self.world, place);
        if host.life.unborn || !self.filter.admits(&host) {
            return true;
        }
        if self.page.is_full(self.listed) {
            self.next_id = Some(host.id);
            return false;
        }
        let mut response = xml.deeper();
        if self.listed == 0 {
            response.open(self.list_element());
            self.show.host(&mut response, &host);
        } else {
            self.show.host(&mut response.deeper(), &host);
        }
        self.listed += 1;
        true
    }

    fn foot(&mut self, xml: &mut Xml<'_>) {
        let mut xml = xml.deeper();
        if self.listed > 0 {
            xml.deeper().close(self.list_element());
        }
        if let Some(id) = self.next_id {
            self.page.warning(&mut xml, id);
        }
        xml.close("RESPONSE");
    }
}
