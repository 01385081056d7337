//! What counts as a change of a ticket, and which tickets a proof of changes lists beside those that are selected.

use crate::qualys::record::Record;

/// All states: without the parameter, some servers list only open tickets.
pub(super) const STATES: [&str; 4] = ["OPEN", "RESOLVED", "CLOSED", "IGNORED"];
pub(super) const LEFT: &str = "left";

/// What counts as a change.
pub(super) const CHANGES: &str = "Tickets that were modified, in whatever state. Finding a vulnerability again does not modify its ticket; this \
                       list does not tell which tickets were deleted, nor which no longer meet the criteria severities and \
                       asset-groups.";
/// What follows from the day, and what a scan changes without modifying the ticket.
pub(super) const LAGGING: [&str; 9] = [
    "overdue",
    "last-found",
    "last-scan",
    "times-found",
    "times-not-found",
    "dns-name",
    "netbios-name",
    "vulnerability-level",
    "vulnerability",
];

/// Whether the criterion on its state no longer selects it. Qualys selects by `IGNORED` what it lists as closed and ignored.
pub(super) fn has_left(ticket: &Record<'_>) -> bool {
    let is = |name: &str, word: &str| ticket.get(name).is_some_and(|it| it.eq_ignore_ascii_case(word));
    let state = if is("CURRENT_STATUS", "IGNORED") {
        "IGNORED"
    } else {
        ticket.get("CURRENT_STATE").unwrap_or_default()
    };
    let at = STATES.iter().position(|it| it.eq_ignore_ascii_case(state));
    at.is_some_and(|at| ticket.selected & 1 << at == 0)
}
