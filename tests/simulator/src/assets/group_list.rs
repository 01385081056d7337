//! The list of asset groups, `/api/N.0/fo/asset/group/`.

use super::groups::{GROUPS, group_id};
use crate::{
    parameters::Parameters,
    question::Question,
    refusal::Refusal,
    stream::{Document, Source},
    written,
};

const DOCUMENT: Document =
    Document { root: "ASSET_GROUP_LIST_OUTPUT", dtd: "api/2.0/fo/asset/group/asset_group_list_output.dtd" };

/// The addresses of the group at a place. One of them is in the Internet.
fn addresses(place: usize) -> String {
    match GROUPS[place] {
        "DMZ" => "192.0.2.0-192.0.2.255".to_owned(),
        _ => format!("10.{place}.0.0-10.{place}.0.255"),
    }
}

/// The title and the addresses of the group with this id.
pub(crate) fn group(id: u64) -> Option<(&'static str, String)> {
    let place = (0..GROUPS.len()).find(|&place| group_id(place) == id)?;
    Some((GROUPS[place], addresses(place)))
}

/// The groups that were asked for, a page of them.
pub(crate) fn answer(question: &Question<'_>) -> Result<Source, Refusal> {
    let known =
        ["ids", "id_min", "id_max", "truncation_limit", "unit_id", "user_id", "title", "show_attributes"];
    let parameters = Parameters::of_list(question.call, &known)?;
    let ids = parameters.ranges("ids")?;
    let (min, max) = (parameters.number("id_min")?, parameters.number("id_max")?);
    let limit = match parameters.number("truncation_limit")?.unwrap_or(1_000) {
        0 => usize::MAX,
        limit => usize::try_from(limit).unwrap_or(usize::MAX),
    };
    let shows = |attribute: &str| {
        let attributes = parameters.texts("show_attributes").unwrap_or_else(|| vec!["TITLE"]);
        attributes.contains(&"ALL") || attributes.contains(&attribute)
    };
    let wanted = (0..GROUPS.len()).filter(|&place| {
        let id = group_id(place);
        ids.as_ref().is_none_or(|ids| ids.contains(id))
            && min.is_none_or(|min| id >= min)
            && max.is_none_or(|max| id <= max)
            && parameters.text("title").is_none_or(|title| title == GROUPS[place])
    });
    let wanted: Vec<usize> = wanted.collect();
    Ok(written::whole(DOCUMENT, |xml| {
        xml.open("RESPONSE");
        xml.moment("DATETIME", question.changes.now(question.world));
        if !wanted.is_empty() {
            xml.open("ASSET_GROUP_LIST");
            for &place in wanted.iter().take(limit) {
                xml.open("ASSET_GROUP");
                xml.number("ID", group_id(place));
                if shows("TITLE") {
                    xml.cdata("TITLE", GROUPS[place]);
                }
                if shows("OWNER_USER_NAME") {
                    xml.text("OWNER_USER_NAME", "Alex Kim");
                }
                if shows("BUSINESS_IMPACT") {
                    xml.text("BUSINESS_IMPACT", "High");
                }
                if shows("IP_SET") {
                    xml.open("IP_SET");
                    xml.text("IP_RANGE", &addresses(place));
                    xml.close("IP_SET");
                }
                xml.close("ASSET_GROUP");
            }
            xml.close("ASSET_GROUP_LIST");
        }
        if let Some(&next) = wanted.get(limit) {
            let id = group_id(next);
            xml.open("WARNING");
            xml.number("CODE", 1980);
            xml.text(
                "TEXT",
                &format!("{limit} record limit exceeded. Use URL to get next batch of results."),
            );
            let url =
                format!("https://qualysapi.qualys.example/api/3.0/fo/asset/group/?action=list&id_min={id}");
            xml.padded_cdata("URL", &url);
            xml.close("WARNING");
        }
        xml.close("RESPONSE");
    }))
}
