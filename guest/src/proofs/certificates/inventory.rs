//! Certificates as items that a team looks after.

use exhibit_plugin::catalog::{Inventory, IssuedNumber, ItemIdentity};

/// What an item keeps of a row. Without `days-left`, which is another one each day, and without the dates on which Qualys last
/// found or updated the certificate, which would be a change in each run.
const FIELDS: [&str; 38] = [
    "common-name",
    "issuer",
    "serial-number",
    "valid-from",
    "valid-to",
    "key",
    "signature-algorithm",
    "self-signed",
    "hosts",
    "ports",
    "grade",
    "certhash",
    "certificate-id",
    "type",
    "alternative-names",
    "distinguished-name",
    "organization",
    "organizational-units",
    "locality",
    "state",
    "country",
    "issuer-organization",
    "issuer-hash",
    "issuer-category",
    "root-issuer",
    "root-hash",
    "key-algorithm",
    "key-size",
    "key-strength",
    "extended-validation",
    "imported",
    "created",
    "instance-count",
    "asset-count",
    "ip-addresses",
    "operating-systems",
    "tags",
    "sources",
];

pub(crate) fn inventory() -> Inventory {
    let texts = |all: &[&str]| all.iter().map(|it| (*it).to_owned()).collect();
    Inventory {
        name: "certificates".to_owned(),
        label: "Certificates".to_owned(),
        proof_type: super::PROOF.name.to_owned(),
        identity: vec![
            ItemIdentity::Digest("certhash".to_owned()),
            // Where Qualys gives no certhash. Private authorities share names, so that the organization counts, too.
            ItemIdentity::Number(IssuedNumber {
                issuer: texts(&["issuer", "issuer-organization"]),
                number: "serial-number".to_owned(),
            }),
        ],
        fields: texts(&FIELDS),
        title: "common-name".to_owned(),
        begins: Some("valid-from".to_owned()),
        ends: Some("valid-to".to_owned()),
        names: texts(&["common-name", "alternative-names"]),
        places: texts(&["hosts"]),
        group: "Qualys scan".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{COLUMNS, PROOF};
    use super::*;

    /// A column that is added has to be placed: with the items, or with these.
    const LEFT_OUT: [&str; 3] = ["days-left", "last-found", "updated"];

    #[test]
    fn each_column_is_kept_or_left_out() {
        let described = (PROOF.describe)().fields;
        let columns: Vec<&str> = described.iter().map(|it| it.name.as_str()).collect();
        let kept: Vec<&str> = columns.iter().copied().filter(|it| !LEFT_OUT.contains(it)).collect();
        assert_eq!(kept, FIELDS);
        assert_eq!(columns.len(), COLUMNS.len());
    }
}
