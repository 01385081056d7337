//! What there is to find: the sizes and habits of the made-up subscription.

/// 2026-11-01T00:00:00Z, the moment all data are dated from.
const NOW_MS: i64 = 1_793_491_200_000;

/// Calls in a window that a standard subscription is allowed.
const STANDARD_CALLS: u32 = 300;

/// The window of a standard subscription, in seconds.
const STANDARD_WINDOW_SECONDS: u64 = 3_600;

/// Calls that a standard subscription may have running at once.
const STANDARD_CONCURRENCY: u32 = 2;

/// The life of a token, as documented: four hours.
const TOKEN_SECONDS: u64 = 14_400;

/// What the account may see of other users.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CallerRole {
    /// Sees every field.
    #[default]
    Manager,
    /// Sees neither the identifiers nor the last login of users.
    RestrictedUnitManager,
}

/// A subscription to simulate. Two equal worlds answer with the same bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct World {
    /// Scanned hosts.
    pub assets: u64,
    /// Detections of each host, what was gathered not counted.
    pub detections: u64,
    /// Of so many QIDs, the KnowledgeBase lists one not; 0: it lists all.
    pub unlisted_qids: u64,
    /// Of so many detections, one has results of a megabyte; 0: not one.
    pub long_results: u64,
    /// Whether the account may read the KnowledgeBase.
    pub knowledge_base: bool,
    /// Users.
    pub users: u64,
    /// VM scans, the newest at `now`; half of them are within the default window of 30 days.
    pub scans: u64,
    /// Compliance scans, spread as the VM scans are.
    pub compliance_scans: u64,
    /// Schedules of VM scans.
    pub schedules: u64,
    /// Remediation tickets.
    pub tickets: u64,
    /// Scans that other clients launch at the moment of each launch, with titles that differ little.
    pub other_launches: u32,
    /// Seconds that pass in the world in each second of ours, for scans that were launched; 0 where it stands still.
    pub speed: u32,
    /// Web application scans, spread as the VM scans are.
    pub was_scans: u64,
    /// Certificates.
    pub certificates: u64,
    /// Asset groups; the first eight have hosts.
    pub asset_groups: u64,
    /// Tags; the first sixteen are on hosts.
    pub tags: u64,
    /// Web applications; the first four have been scanned.
    pub web_applications: u64,
    /// Whether the subscription has networks.
    pub networks: bool,
    /// What all made-up values follow from.
    pub seed: u64,
    /// The moment of the answers, in milliseconds since 1970 (UTC); no clock is read for data.
    pub now: i64,
    /// Seconds that have passed since then, for what changes by itself; each answer is given by the world as it is then.
    pub elapsed: i64,
    /// Of so many hosts, tickets and certificates, one changes on each day; 0: none ever does, and all are there from the beginning.
    pub change_one_in: u64,
    /// Seconds that pass with each call.
    pub seconds_a_call: u32,
    /// Whether answers have the moment of the world as their `Date`, as scans that are launched have, and not the clock's.
    pub dated: bool,
    /// The login that is let in.
    pub username: String,
    /// Its password.
    pub password: String,
    /// What that login may see.
    pub caller_role: CallerRole,
    /// Calls allowed in a window.
    pub rate_limit: u32,
    /// Length of that window in seconds, measured with tokio's clock so that a test can pause it.
    pub rate_window_seconds: u64,
    /// Calls of other programs on the same account between two of ours.
    pub other_clients: u32,
    /// Calls that may run at once; a call runs until its answer has been sent.
    pub concurrency_limit: u32,
    /// How long a token of the gateway is accepted, in seconds, by tokio's clock.
    pub token_seconds: u64,
    /// Whether answers are compressed for clients that accept gzip.
    pub gzip: bool,
    /// Whether reports carry the comments of an evaluation account and the footer.
    pub comments: bool,
}

impl Default for World {
    fn default() -> Self {
        Self {
            assets: 1_000,
            detections: 4,
            unlisted_qids: 50,
            long_results: 0,
            knowledge_base: true,
            users: 25,
            scans: 120,
            compliance_scans: 40,
            schedules: 12,
            tickets: 2_500,
            other_launches: 0,
            speed: 0,
            was_scans: 60,
            certificates: 300,
            asset_groups: 8,
            tags: 16,
            web_applications: 4,
            networks: false,
            seed: 1,
            now: NOW_MS,
            elapsed: 0,
            change_one_in: 0,
            seconds_a_call: 0,
            dated: false,
            username: "acme_sim1".to_owned(),
            password: "not-a-secret".to_owned(),
            caller_role: CallerRole::default(),
            rate_limit: STANDARD_CALLS,
            rate_window_seconds: STANDARD_WINDOW_SECONDS,
            other_clients: 0,
            concurrency_limit: STANDARD_CONCURRENCY,
            token_seconds: TOKEN_SECONDS,
            gzip: true,
            comments: true,
        }
    }
}

impl World {
    /// The moment of the answers in whole seconds since 1970.
    pub(crate) fn now_seconds(&self) -> i64 {
        self.now.div_euclid(1_000)
    }

    /// The moment of an answer, in seconds since 1970.
    pub(crate) fn moment(&self) -> i64 {
        self.now_seconds() + self.elapsed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock;

    #[test]
    fn the_default_world_is_dated_the_first_of_november_2026() {
        let mut date = Vec::new();
        clock::push(&mut date, World::default().now_seconds());
        assert_eq!(date, b"2026-11-01T00:00:00Z");
    }
}
