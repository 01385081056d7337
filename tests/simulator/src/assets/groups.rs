//! The asset groups and tags of the made-up subscription.

use std::borrow::Cow;

use crate::world::World;

/// Titles of the asset groups; the ids follow from the places.
pub(crate) const GROUPS: [&str; 8] = [
    "All",
    "Servers Frankfurt",
    "Servers Dublin",
    "Workstations",
    "DMZ",
    "PCI & Payments",
    "Cloud",
    "Laboratory",
];

/// The id of the first asset group.
const FIRST_GROUP: u64 = 1_001;

/// The id of the first tag.
const FIRST_TAG: u64 = 7_588_410;

/// Ids of tags lie this far apart.
const TAG_STEP: u64 = 7;

/// Names of the tags. Some of them are what people and attackers have put into names.
pub(crate) const TAGS: [&str; 16] = [
    "Cloud Agent",
    "Production",
    "Owner: Finance",
    "R&D <lab> \"East\"",
    "Frankfurt",
    "ends here ]]> or not",
    "Criticality 5",
    "Zürich – 東京 🗼",
    "Internet Facing Assets",
    "=HYPERLINK(\"http://evil\")",
    "Windows",
    "{{token}}",
    "Linux",
    "<script>alert('hi')</script>",
    "PCI",
    "BU/Retail/Stores",
];

/// The ids and the names of the tags. Those beyond [`TAGS`] are on no host.
pub(crate) fn tags(world: &World) -> impl Iterator<Item = (u64, Cow<'static, str>)> + use<> {
    (0..world.tags as usize).map(|place| {
        let name =
            TAGS.get(place).map_or_else(|| format!("Tag {}", place + 1).into(), |it| Cow::Borrowed(*it));
        (tag_id(place), name)
    })
}

/// The ids and the titles of the asset groups, and their places. Those beyond [`GROUPS`] have no host.
pub(crate) fn groups(world: &World) -> impl Iterator<Item = (usize, u64, Cow<'static, str>)> + use<> {
    (0..world.asset_groups as usize).map(|place| {
        let title =
            GROUPS.get(place).map_or_else(|| format!("Group {}", place + 1).into(), |it| Cow::Borrowed(*it));
        (place, group_id(place), title)
    })
}

/// The id of the asset group at a place in [`GROUPS`].
pub(crate) fn group_id(place: usize) -> u64 {
    FIRST_GROUP + place as u64
}

/// The id of the tag at a place in [`TAGS`].
pub(crate) fn tag_id(place: usize) -> u64 {
    FIRST_TAG + TAG_STEP * place as u64
}
