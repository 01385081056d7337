//! How many certificates stand how: the first line of what people read.

use std::collections::BTreeMap;

use exhibit::format::{count, counted};
use exhibit_inventory::{Item, Status};

use super::columns::{mark, owner};

/// How many certificates stand how.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Amounts {
    pub(super) all: u64,
    pub(super) statuses: BTreeMap<&'static str, u64>,
    /// Those that end soon or have ended, and for which no owner is entered.
    pub(super) due_unowned: u64,
}

/// The worst first.
const ORDER: [Status; 5] =
    [Status::Expired, Status::Expiring, Status::NotSeen, Status::Replaced, Status::Valid];

impl Amounts {
    pub(super) fn of<'a>(items: impl IntoIterator<Item = &'a Item>) -> Self {
        let mut amounts = Self::default();
        for it in items {
            amounts.all += 1;
            *amounts.statuses.entry(it.status.word()).or_default() += 1;
            let is_due = matches!(it.status, Status::Expired | Status::Expiring);
            amounts.due_unowned += u64::from(is_due && owner(it).is_none());
        }
        amounts
    }

    /// `300 certificates: ✘ 2 expired, ! 5 expiring, ✔ 293 valid.`
    pub(super) fn in_words(&self) -> String {
        let said = ORDER.into_iter().filter_map(|status| {
            let number = self.statuses.get(status.word())?;
            Some(format!("{} {} {}", mark(status), count(*number), status.word()))
        });
        let said: Vec<String> = said.collect();
        let all = counted(self.all, "certificate", "certificates");
        let mut text = match said.is_empty() {
            true => format!("{all}."),
            false => format!("{all}: {}.", said.join(", ")),
        };
        if self.due_unowned > 0 {
            let have = if self.due_unowned == 1 { "has" } else { "have" };
            text += &format!(
                " Of those that end soon or have ended, {} {have} no owner.",
                count(self.due_unowned)
            );
        }
        text
    }
}
