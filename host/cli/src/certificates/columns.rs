//! What of a certificate is shown in tables.

use exhibit::clock::DAY;
use exhibit::evidence::format_instant;
use exhibit::format::counted;
use exhibit_inventory::{AsOf, Item, OWNED, OWNERS, Status};
use serde_json::Value as Json;

use super::super::failure::Failure;
use super::super::terminal::shown;
use super::opened::Opened;

/// What a table shows where no call says otherwise.
pub(super) const USUAL: [&str; 8] = ["title", "ends", "left", "status", "owner", "group", "places", "id"];
/// Names of places that a table names.
const PLACES: usize = 2;
/// Characters of a digest that tell it apart at a glance; `show` takes the beginning of one.
const ID: usize = 12;

/// What a column has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Column {
    Title,
    Begins,
    Ends,
    /// How long it is until it ends.
    Left,
    Status,
    Owner,
    Group,
    Places,
    Id,
    Identity,
    Successor,
    LastSeen,
    /// A field that persons fill in.
    Owned(&'static str),
    /// A field of the source.
    Field(String),
}

impl Column {
    /// The column of this name.
    pub(super) fn named(name: &str, opened: &Opened) -> Result<Self, Failure> {
        let fields = || opened.inventory.mapping().fields.iter().map(|it| it.0.as_str());
        Ok(match name {
            "title" => Self::Title,
            "begins" => Self::Begins,
            "ends" => Self::Ends,
            "left" => Self::Left,
            "status" => Self::Status,
            "owner" => Self::Owner,
            "group" => Self::Group,
            "places" => Self::Places,
            "id" => Self::Id,
            "identity" => Self::Identity,
            "successor" => Self::Successor,
            "last-seen" => Self::LastSeen,
            name => match OWNED.into_iter().find(|it| *it == name) {
                Some(owned) => Self::Owned(owned),
                None if fields().any(|it| it == name) => Self::Field(name.to_owned()),
                None => {
                    let known: Vec<&str> = USUAL
                        .into_iter()
                        .chain(["begins", "identity", "successor", "last-seen"])
                        .chain(OWNED)
                        .chain(fields())
                        .collect();
                    return Err(Failure::call(format!("there is no column `{}`", shown(name)))
                        .next(format!("choose of these: {}", known.join(", "))));
                }
            },
        })
    }

    pub(super) fn heading(&self, opened: &Opened) -> String {
        match self {
            Self::Title => "Certificate".to_owned(),
            Self::Begins => "Begins".to_owned(),
            Self::Ends => "Ends".to_owned(),
            Self::Left => "Left".to_owned(),
            Self::Status => "Status".to_owned(),
            Self::Owner => "Owner".to_owned(),
            Self::Group => "Group".to_owned(),
            Self::Places => "Where".to_owned(),
            Self::Id => "Id".to_owned(),
            Self::Identity => "Identity".to_owned(),
            Self::Successor => "Replaced by".to_owned(),
            Self::LastSeen => "Last seen".to_owned(),
            Self::Owned(field) => owned_label(field).to_owned(),
            Self::Field(field) => shown(opened.label(field)),
        }
    }

    /// For a terminal: marks, short dates, the first places.
    pub(super) fn glance(&self, item: &Item, opened: &Opened) -> String {
        match self {
            Self::Status => status(item.status),
            Self::Places => {
                let places = places(item, opened);
                let more = places.len().saturating_sub(PLACES);
                let first = places.iter().take(PLACES).map(|it| shown(it)).collect::<Vec<_>>().join(", ");
                if more > 0 { format!("{first} and {more} more") } else { first }
            }
            Self::Begins => item.begins.map_or_else(String::new, day),
            Self::Ends => item.ends.map_or_else(|| "no end".to_owned(), day),
            Self::LastSeen => item.last_seen.map_or_else(String::new, day),
            _ => shown(&self.whole(item, opened)),
        }
    }

    /// For files: all of it, dates as RFC 3339.
    pub(super) fn whole(&self, item: &Item, opened: &Opened) -> String {
        let instant = |it: Option<i64>| it.map(format_instant).unwrap_or_default();
        match self {
            Self::Title => item.title.clone(),
            Self::Begins => instant(item.begins),
            Self::Ends => instant(item.ends),
            Self::Left => item.ends.map(|it| left(it, opened.as_of)).unwrap_or_default(),
            Self::Status => item.status.word().to_owned(),
            Self::Owner => owner(item).unwrap_or_default().to_owned(),
            Self::Group => item.group.clone(),
            Self::Places => places(item, opened).join(", "),
            Self::Id => short_id(&item.identity),
            Self::Identity => item.identity.clone(),
            Self::Successor => item.successor.clone().unwrap_or_default(),
            Self::LastSeen => instant(item.last_seen),
            Self::Owned(field) => item.owned.get(*field).cloned().unwrap_or_default(),
            Self::Field(field) => item.values.get(field).map(text).unwrap_or_default(),
        }
    }
}

/// What people call a field that they fill in.
pub(super) fn owned_label(field: &str) -> &str {
    match field {
        "contact" => "Contact",
        "email" => "E-mail",
        "team" => "Team",
        "environment" => "Environment",
        "cost-centre" => "Cost centre",
        "application" => "Application",
        "renewal" => "Renewal under way",
        "notes" => "Notes",
        other => other,
    }
}

/// Who looks after it, if anybody was entered.
pub(super) fn owner(item: &Item) -> Option<&str> {
    OWNERS.into_iter().find_map(|it| item.owned.get(it)).map(String::as_str)
}

/// Where it is.
pub(super) fn places(item: &Item, opened: &Opened) -> Vec<String> {
    let fields = opened.inventory.mapping().places.iter().filter_map(|it| item.values.get(it));
    let mut places: Vec<String> = Vec::new();
    for value in fields {
        match value {
            Json::Array(all) => places.extend(all.iter().map(text)),
            other => places.push(text(other)),
        }
    }
    places
}

/// A value as people read it.
pub(super) fn text(value: &Json) -> String {
    match value {
        Json::String(it) => it.clone(),
        Json::Array(all) => all.iter().map(text).collect::<Vec<_>>().join(", "),
        Json::Bool(true) => "yes".to_owned(),
        Json::Bool(false) => "no".to_owned(),
        other => other.to_string(),
    }
}

/// A status with its mark.
pub(super) fn status(it: Status) -> String {
    format!("{} {}", mark(it), it.word())
}

pub(super) fn mark(it: Status) -> char {
    match it {
        Status::Expired => '✘',
        Status::Expiring => '!',
        Status::Valid => '✔',
        Status::Replaced => '–',
        _ => '?',
    }
}

/// The date of an instant, in UTC.
pub(super) fn day(instant: i64) -> String {
    format_instant(instant).chars().take_while(|it| *it != 'T').collect()
}

/// How long it is until then, or how long ago it was.
pub(super) fn left(ends: i64, as_of: AsOf) -> String {
    let days = ends.saturating_sub(as_of.now).div_euclid(DAY);
    let number = days.unsigned_abs();
    match days {
        0 => "today".to_owned(),
        1.. => counted(number, "day", "days"),
        _ => format!("{} ago", counted(number, "day", "days")),
    }
}

/// The beginning of an identity: `show` takes it.
fn short_id(identity: &str) -> String {
    if identity.starts_with("digest:") { short(identity) } else { identity.to_owned() }
}

/// The beginning of a digest, without the name of what made it.
pub(super) fn short(digest: &str) -> String {
    let digits = digest.split_once(':').map_or(digest, |it| it.1);
    digits.chars().take(ID).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_days_away_or_ago() {
        let as_of = AsOf { now: 10 * DAY, soon: 0 };
        let left = |ends| left(ends, as_of);
        assert_eq!(left(10 * DAY + 1), "today");
        assert_eq!(left(12 * DAY), "2 days");
        assert_eq!(left(9 * DAY), "1 day ago");
    }

    #[test]
    fn values_are_texts() {
        let value = serde_json::json!(["a", 1, true]);
        assert_eq!(text(&value), "a, 1, yes");
        assert_eq!(short_id("digest:0123456789abcdef"), "0123456789ab");
        assert_eq!(short_id("number:CN=x/01"), "number:CN=x/01");
    }
}
