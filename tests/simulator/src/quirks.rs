//! What an endpoint does wrong of itself.

/// Faults that only the endpoint can make, for it is the one that knows its records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Quirks {
    pub(crate) repeat_border_ticket: bool,
    pub(crate) stuck_paging: bool,
    pub(crate) hide_launched: bool,
    pub(crate) more_unsaid: bool,
    pub(crate) more_as_text: bool,
    pub(crate) stuck_last_id: bool,
}
