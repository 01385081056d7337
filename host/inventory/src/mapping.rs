//! How the rows of a proof become items: what a plugin's manifest says of it.

use exhibit_rows::Kind;

/// Fields that persons own. No source's row is ever written to one of them.
pub const OWNED: [&str; 8] =
    ["contact", "email", "team", "environment", "cost-centre", "application", "renewal", "notes"];
/// Those of them that name who looks after an item.
pub const OWNERS: [&str; 3] = ["contact", "email", "team"];
/// Fields of one item.
const FIELDS: usize = 200;

/// How the rows of a proof become items.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// What the items are, such as `certificates`: items of one kind are told apart by their identity alone, whichever
    /// source or plugin they come from.
    pub kind: String,
    /// What tells items apart, the strongest first. The first one counts that a row has a value for.
    pub identity: Vec<Identity>,
    /// The columns that an item keeps, with their kinds. The source owns them. Columns that are computed of the time of the
    /// collection do not belong here: they would be different in each run.
    pub fields: Vec<(String, Kind)>,
    /// The field that persons call an item by: of texts.
    pub title: String,
    /// From when on an item is valid: of instants.
    pub begins: Option<String>,
    /// Until when an item is valid: of instants.
    pub ends: Option<String>,
    /// The fields whose values an item and its successor have in common.
    pub names: Vec<String>,
    /// The fields that say where an item is: a successor is at a place of the item that it replaces.
    pub places: Vec<String>,
}

/// What tells items apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identity {
    /// A digest in hexadecimal digits: enough by itself.
    Digest(String),
    /// A number that is unique among those of one issuer, if the issuer is careful. Two items with the same one are not
    /// merged.
    Number {
        /// The fields that name the issuer together.
        issuer: Vec<String>,
        /// The field with the number, in hexadecimal digits.
        number: String,
    },
}

/// Why a mapping makes no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MappingError {
    /// Nothing tells the items apart.
    #[error("the inventory `{0}` has nothing that tells its items apart")]
    NoIdentity(String),
    /// No fields, or more than an item has.
    #[error("an inventory has 1 to {FIELDS} fields, each once; `{0}` does not")]
    Fields(String),
    /// A field that persons own.
    #[error("`{0}` is a field that persons own; a source cannot have it")]
    Owned(String),
    /// A field that the mapping uses and does not keep, or of another kind than it must be.
    #[error("`{field}` should be a field of {kind} that the items keep")]
    Field {
        /// The field.
        field: String,
        /// What it should hold.
        kind: &'static str,
    },
}

impl Mapping {
    /// Checks that it makes sense.
    ///
    /// # Errors
    /// At the first place where it does not.
    pub fn check(&self) -> Result<(), MappingError> {
        if self.identity.is_empty() {
            return Err(MappingError::NoIdentity(self.kind.clone()));
        }
        let repeated = |(place, field): (usize, &(String, Kind))| {
            self.fields.iter().take(place).any(|earlier| earlier.0 == field.0)
        };
        if self.fields.is_empty()
            || self.fields.len() > FIELDS
            || self.fields.iter().enumerate().any(repeated)
        {
            return Err(MappingError::Fields(self.kind.clone()));
        }
        if let Some((owned, _)) = self.fields.iter().find(|it| OWNED.contains(&it.0.as_str())) {
            return Err(MappingError::Owned(owned.clone()));
        }
        let expect = |field: &String, kinds: &[Kind]| match self.kind_of(field) {
            Some(kind) if kinds.contains(&kind) => Ok(()),
            _ => Err(MappingError::Field {
                field: field.clone(),
                kind: kinds.first().map_or("any kind", |it| it.name()),
            }),
        };
        expect(&self.title, &[Kind::Text])?;
        let instants = self.begins.iter().chain(&self.ends);
        instants.into_iter().try_for_each(|it| expect(it, &[Kind::Instant]))?;
        let texts = self.names.iter().chain(&self.places);
        texts.into_iter().try_for_each(|it| expect(it, &[Kind::Texts, Kind::Text]))?;
        self.identity.iter().try_for_each(|identity| match identity {
            Identity::Digest(field) => expect(field, &[Kind::Text]),
            Identity::Number { issuer, number } => {
                issuer.iter().chain([number]).try_for_each(|it| expect(it, &[Kind::Text]))
            }
        })
    }

    fn kind_of(&self, field: &str) -> Option<Kind> {
        self.fields.iter().find(|it| it.0 == field).map(|it| it.1)
    }
}
