//! Inventories and rows for tests.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::{fmt::Write as _, io};

use anyhow::Result;
use exhibit_inventory::{
    AsOf, Ending, Filter, Identity, Inventory, Item, Mapping, Merged, Reading, RowReader, RunOrder,
};
use exhibit_rows::{Kind, Value};
use exhibit_state::{Database, Location};

pub(crate) const DAY: i64 = 86_400_000;
/// 2026-11-01.
pub(crate) const NOW: i64 = 1_793_491_200_000;
pub(crate) const AS_OF: AsOf = AsOf { now: NOW, soon: 30 * DAY };
pub(crate) const GROUP: &str = "Qualys scan";

pub(crate) fn make(path: &Path) -> io::Result<()> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map(drop)
}

/// The inventory of this kind, in this database.
pub(crate) async fn open(address: &str, kind: &str) -> Result<Inventory> {
    let database = Database::open(&Location::parse(address)?, None, make).await?;
    Ok(Inventory::new(database, Mapping { kind: kind.to_owned(), ..mapping() })?)
}

pub(crate) fn mapping() -> Mapping {
    let field = |name: &str, kind| (name.to_owned(), kind);
    Mapping {
        kind: "certificates".to_owned(),
        identity: vec![
            Identity::Digest("hash".to_owned()),
            Identity::Number { issuer: vec!["issuer".to_owned()], number: "serial".to_owned() },
        ],
        fields: vec![
            field("name", Kind::Text),
            field("issuer", Kind::Text),
            field("serial", Kind::Text),
            field("hash", Kind::Text),
            field("begins", Kind::Instant),
            field("ends", Kind::Instant),
            field("hosts", Kind::Texts),
            field("grade", Kind::Text),
            field("bits", Kind::Integer),
            field("score", Kind::Number),
        ],
        title: "name".to_owned(),
        begins: Some("begins".to_owned()),
        ends: Some("ends".to_owned()),
        names: vec!["name".to_owned()],
        places: vec!["hosts".to_owned()],
    }
}

/// A row of a certificate: its hash is made of this number.
#[derive(Debug, Clone)]
pub(crate) struct Row(pub(crate) Vec<(&'static str, Value)>);

pub(crate) fn row(number: u32) -> Row {
    Row(vec![
        ("hash", Value::Text(hash(number))),
        ("name", Value::Text(format!("n{number}.example"))),
        ("issuer", Value::Text("Example CA".to_owned())),
        ("serial", Value::Text(format!("{number:x}"))),
        ("begins", Value::Instant(NOW - 100 * DAY)),
        ("ends", Value::Instant(NOW + i64::from(number) * DAY)),
        ("hosts", Value::Texts(vec![format!("h{number}")])),
        ("bits", Value::Integer(2048)),
    ])
}

impl Row {
    /// With this field.
    pub(crate) fn with(mut self, field: &'static str, value: impl Into<Value2>) -> Self {
        self.0.retain(|it| it.0 != field);
        self.0.push((field, value.into().0));
        self
    }
}

/// So that values of tests are short.
pub(crate) struct Value2(Value);

impl From<&str> for Value2 {
    fn from(it: &str) -> Self {
        Self(Value::Text(it.to_owned()))
    }
}

impl From<i64> for Value2 {
    fn from(it: i64) -> Self {
        Self(Value::Instant(it))
    }
}

impl From<&[&str]> for Value2 {
    fn from(it: &[&str]) -> Self {
        Self(Value::Texts(it.iter().map(|it| (*it).to_owned()).collect()))
    }
}

impl From<Value> for Value2 {
    fn from(it: Value) -> Self {
        Self(it)
    }
}

pub(crate) fn hash(number: u32) -> String {
    format!("{number:064x}")
}

pub(crate) fn identity(number: u32) -> String {
    format!("digest:{}", hash(number))
}

pub(crate) fn readings(rows: &[Row]) -> Vec<Reading> {
    let mapping = mapping();
    let names: Vec<&str> = mapping.fields.iter().map(|it| it.0.as_str()).collect();
    let reader = RowReader::new(&mapping, names.iter().copied());
    let value =
        |row: &Row, name: &str| row.0.iter().find(|it| it.0 == name).map_or(Value::Absent, |it| it.1.clone());
    let cells = |row: &Row| names.iter().map(|name| value(row, name)).collect::<Vec<Value>>();
    rows.iter().map(|row| reader.read(&cells(row))).collect()
}

/// A run of the source `s` on this day.
pub(crate) fn order(day: i64) -> RunOrder {
    RunOrder {
        source: "s".to_owned(),
        evidence: format!("sha256:{day}"),
        place: format!("evidence/{day}"),
        at: NOW - 1_000 * DAY + day * DAY,
        group: GROUP.to_owned(),
        now: NOW,
    }
}

/// Merges a whole run of this day.
pub(crate) async fn merge(inventory: &Inventory, day: i64, rows: &[Row]) -> Result<Merged> {
    merge_as(inventory, order(day), rows, true).await
}

pub(crate) async fn merge_as(
    inventory: &Inventory,
    order: RunOrder,
    rows: &[Row],
    is_whole: bool,
) -> Result<Merged> {
    let mut merge = inventory.merge(order).await?;
    merge.page(&readings(rows)).await?;
    Ok(merge.finish(Ending { is_whole, shown: rows.len() as u64 }).await?)
}

pub(crate) async fn all(inventory: &Inventory) -> Result<Vec<Item>> {
    Ok(inventory.list(&Filter::default(), AS_OF, None, usize::MAX).await?.0)
}

/// All that a person can see, in words: two inventories with the same are the same.
pub(crate) async fn dump(inventory: &Inventory) -> Result<String> {
    let mut text = String::new();
    let mut items = all(inventory).await?;
    items.sort_by(|one, other| one.identity.cmp(&other.identity));
    for item in items {
        writeln!(text, "{:?}", inventory.show(&item.identity, AS_OF).await?)?;
    }
    let mut errors = inventory.errors(false).await?;
    for error in &mut errors {
        error.id = None;
    }
    errors.sort_by(|one, other| {
        (&one.source, &one.subject, one.code).cmp(&(&other.source, &other.subject, other.code))
    });
    for error in errors {
        writeln!(text, "{error:?}")?;
    }
    for run in inventory.runs().await? {
        writeln!(text, "{run:?}")?;
    }
    Ok(text)
}
