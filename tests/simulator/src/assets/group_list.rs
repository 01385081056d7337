//! The list of asset groups, `/api/N.0/fo/asset/group/`.

use std::borrow::Cow;

use super::{
    groups::{GROUPS, groups},
    listing::next_url,
};
use crate::{
    clock::DAY,
    echo::Echo,
    parameters::Parameters,
    question::Question,
    refusal::Refusal,
    stream::{Document, Source},
    world::World,
    written,
};

const DOCUMENT: Document =
    Document { root: "ASSET_GROUP_LIST_OUTPUT", dtd: "api/2.0/fo/asset/group/asset_group_list_output.dtd" };

const PATH: &str = "/api/3.0/fo/asset/group/";

/// Groups on a page where nothing else was asked for.
const DEFAULT_LIMIT: u64 = 1_000;

/// The addresses of the group at a place. One of them is in the Internet.
fn addresses(place: usize) -> String {
    match GROUPS.get(place) {
        Some(&"DMZ") => "192.0.2.0-192.0.2.255".to_owned(),
        _ => format!("10.{0}.{1}.0-10.{0}.{1}.255", place % 256, place / 256),
    }
}

/// The title and the addresses of the group with this id.
pub(crate) fn group(world: &World, id: u64) -> Option<(Cow<'static, str>, String)> {
    let (place, _, title) = groups(world).find(|(_, known, _)| *known == id)?;
    Some((title, addresses(place)))
}

/// The groups that were asked for, a page of them.
pub(crate) fn answer(question: &Question<'_>) -> Result<Source, Refusal> {
    let known = [
        "ids",
        "id_min",
        "id_max",
        "truncation_limit",
        "unit_id",
        "user_id",
        "title",
        "show_attributes",
        "output_format",
    ];
    let parameters = Parameters::of_list(question.call, &known)?;
    parameters.choice("output_format", &[("xml", ())])?;
    let echo = Echo::read(&parameters, question)?;
    let ids = parameters.ranges("ids")?;
    let (min, max) = (parameters.number("id_min")?, parameters.number("id_max")?);
    let asked = parameters.number("truncation_limit")?.unwrap_or(DEFAULT_LIMIT);
    let limit = if asked == 0 { usize::MAX } else { usize::try_from(asked).unwrap_or(usize::MAX) };
    let shows = |attribute: &str| {
        let attributes = parameters.texts("show_attributes").unwrap_or_else(|| vec!["TITLE"]);
        attributes.contains(&"ALL") || attributes.contains(&attribute)
    };
    let least = if question.quirks.stuck_paging { None } else { min };
    let wanted = groups(question.world).filter(|(_, id, title)| {
        ids.as_ref().is_none_or(|ids| ids.contains(*id))
            && least.is_none_or(|min| *id >= min)
            && max.is_none_or(|max| *id <= max)
            && parameters.text("title").is_none_or(|wanted| wanted == title)
    });
    let wanted: Vec<_> = wanted.collect();
    let now = question.changes.now(question.world);
    Ok(written::whole(DOCUMENT, |xml| {
        if let Some(echo) = &echo {
            echo.write(xml);
        }
        xml.open("RESPONSE");
        xml.moment("DATETIME", now);
        if !wanted.is_empty() {
            xml.open("ASSET_GROUP_LIST");
            for (place, id, title) in wanted.iter().take(limit) {
                xml.open("ASSET_GROUP");
                xml.number("ID", *id);
                if shows("TITLE") {
                    xml.cdata("TITLE", title);
                }
                if shows("LAST_UPDATE") {
                    xml.moment("LAST_UPDATE", question.world.now_seconds() - (*place as i64 % 90) * DAY);
                }
                if shows("BUSINESS_IMPACT") {
                    xml.text("BUSINESS_IMPACT", "High");
                }
                if shows("IP_SET") {
                    xml.open("IP_SET");
                    xml.text("IP_RANGE", &addresses(*place));
                    xml.close("IP_SET");
                }
                if shows("OWNER_USER_NAME") {
                    xml.text("OWNER_USER_NAME", "Alex Kim");
                }
                xml.close("ASSET_GROUP");
            }
            xml.close("ASSET_GROUP_LIST");
        }
        if let Some((_, next, _)) = wanted.get(limit) {
            xml.open("WARNING");
            xml.number("CODE", 1980);
            xml.text(
                "TEXT",
                &format!("{asked} record limit exceeded. Use URL to get next batch of results."),
            );
            xml.padded_cdata("URL", &format!("{}{next}", next_url(&parameters, asked, PATH, "")));
            xml.close("WARNING");
        }
        xml.close("RESPONSE");
    }))
}
