//! The asset groups and tags of the made-up subscription.

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

/// The ids and the names of the tags.
pub(crate) fn tags() -> impl Iterator<Item = (u64, &'static str)> {
    TAGS.iter().enumerate().map(|(place, name)| (tag_id(place), *name))
}

/// The id of the asset group at a place in [`GROUPS`].
pub(crate) fn group_id(place: usize) -> u64 {
    FIRST_GROUP + place as u64
}

/// The id of the tag at a place in [`TAGS`].
pub(crate) fn tag_id(place: usize) -> u64 {
    FIRST_TAG + TAG_STEP * place as u64
}
