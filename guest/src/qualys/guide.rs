//! The steps of the guide, for messages that say which of them helps.

use std::fmt;

/// How an account is set up for this plugin. The manifest carries it.
pub const TEXT: &str = include_str!("../../QUALYS.md");

/// A step of the guide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Which platform the account is on.
    Platform,
    /// The user, its role, and API access.
    User,
    /// A password of its own.
    Sso,
    /// Which hosts it sees.
    Hosts,
    /// The hosts of cloud agents.
    Agents,
    /// Modules, licences and permissions.
    Modules,
    /// The first sign-in.
    SignIn,
    /// No console.
    Gui,
    /// The address that calls come from.
    Address,
    /// The account that changes something.
    Operations,
    /// `check`.
    Check,
}

impl Step {
    /// All of them, in their order.
    pub const ALL: [(Self, &'static str); 11] = [
        (Self::Platform, "Find the platform"),
        (Self::User, "Create the user"),
        (Self::Sso, "Switch SSO off for it"),
        (Self::Hosts, "Assign hosts"),
        (Self::Agents, "Include the hosts of cloud agents"),
        (Self::Modules, "Give modules and permissions"),
        (Self::SignIn, "Sign in once"),
        (Self::Gui, "Take GUI access away"),
        (Self::Address, "Allow the address"),
        (Self::Operations, "Use a second account for operations"),
        (Self::Check, "Check"),
    ];

    /// Its number, from 1.
    pub fn number(self) -> usize {
        Self::ALL.iter().position(|(it, _)| *it == self).map_or(0, |it| it + 1)
    }

    fn title(self) -> &'static str {
        Self::ALL.iter().find(|(it, _)| *it == self).map_or("", |(_, title)| title)
    }
}

/// As a message names it, such as `step 7 of the guide, Sign in once`.
impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "step {} of the guide, {}", self.number(), self.title())
    }
}

#[cfg(test)]
mod tests;
