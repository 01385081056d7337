//! Which certificates a command is about.

use clap::{Args, ValueEnum};
use exhibit::clock::DAY;
use exhibit_inventory::{AsOf, Filter, Status};

use super::super::arguments;

/// How a certificate stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Standing {
    /// It is valid
    Valid,
    /// It ends soon: see --soon
    Expiring,
    /// It has ended
    Expired,
    /// Another one was issued in its place
    Replaced,
    /// The source shows it no more
    NotSeen,
}

impl From<Standing> for Status {
    fn from(it: Standing) -> Self {
        match it {
            Standing::Valid => Self::Valid,
            Standing::Expiring => Self::Expiring,
            Standing::Expired => Self::Expired,
            Standing::Replaced => Self::Replaced,
            Standing::NotSeen => Self::NotSeen,
        }
    }
}

/// Which certificates: all that is said must apply.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct Selection {
    /// Those that end within so many days, and whose work is still to do: neither replaced nor gone
    #[arg(long, value_name = "DAYS", value_parser = arguments::days_or_unit)]
    expiring: Option<u32>,
    /// Those of this group
    #[arg(long, value_name = "GROUP")]
    group: Option<String>,
    /// Those that stand like this; may be given again
    #[arg(long, value_name = "STATUS")]
    status: Vec<Standing>,
    /// Those that this contact, e-mail address or team looks after
    #[arg(long, value_name = "NAME", conflicts_with = "no_owner")]
    owner: Option<String>,
    /// Those for which no owner is entered
    #[arg(long)]
    no_owner: bool,
    /// Those on this host
    #[arg(long, value_name = "HOST")]
    host: Option<String>,
}

impl Selection {
    /// Whether it names anything.
    pub(super) fn is_given(&self) -> bool {
        self.expiring.is_some()
            || self.group.is_some()
            || !self.status.is_empty()
            || self.owner.is_some()
            || self.no_owner
            || self.host.is_some()
    }

    pub(super) fn filter(&self, as_of: AsOf) -> Filter {
        let mut filter = Filter {
            statuses: self.status.iter().map(|it| Status::from(*it)).collect(),
            group: self.group.clone(),
            owner: self.owner.clone(),
            is_unowned: self.no_owner,
            place: self.host.clone(),
            ..Filter::default()
        };
        if let Some(days) = self.expiring {
            filter.ends_from = Some(as_of.now);
            filter.ends_before = Some(as_of.now.saturating_add(i64::from(days) * DAY));
            if filter.statuses.is_empty() {
                filter.statuses = vec![Status::Valid, Status::Expiring];
            }
        }
        filter
    }
}
