//! What accounts have rights for.

/// What an account needs a right for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Right {
    Hosts,
    Detections,
    KnowledgeBase,
    Groups,
    /// Scanner appliances and option profiles.
    Choices,
    VmScans,
    VmControl,
    PcScans,
    Schedules,
    Tickets,
    Users,
    UserControl,
    Was,
    WasLaunch,
    Tags,
    Connectors,
    Certificates,
}
