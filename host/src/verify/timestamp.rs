//! Since when the evidence is there.

use std::path::Path;

use exhibit_records::{Digest, Proof};

use crate::checks::{Fault, Verdict};
use crate::evidence::{StampError, format_instant, kept_timestamp};
use crate::remedy::Remedy;
use crate::signing::{Authorities, TimestampError};

/// An authority that is trusted saw it, where there is one to trust or a time stamp. `None` where there is
/// neither: most evidence has no time stamp, and none was requested.
pub(crate) fn is_of(folder: &Path, proof: &Proof, trusted: &Authorities) -> Option<Verdict> {
    let Some(authority) = &proof.timestamped_by else {
        return (!trusted.is_empty()).then(|| Verdict::failed("there is no time stamp", Remedy::DoNotRely));
    };
    let (timestamp, of) = match kept_timestamp(folder, proof) {
        Ok(kept) => kept,
        Err(StampError::Io(error)) => {
            let fault = Fault::unread(error.to_string(), &error, Remedy::DoNotRely);
            return Some(Verdict::of(vec![fault], ""));
        }
        Err(error) => return Some(Verdict::failed(error.to_string(), Remedy::DoNotRely)),
    };
    if let Err(error) = timestamp.is_of(Digest::of(&of)) {
        return Some(Verdict::failed(error.to_string(), Remedy::DoNotRely));
    }
    let claimed = format_instant(timestamp.claimed());
    if trusted.is_empty() {
        let why = format!("it says that {authority} saw it at {claimed}");
        return Some(Verdict::without(why, Remedy::NameCertificates { authority: authority.clone() }));
    }
    Some(match timestamp.verify(&of, trusted) {
        Ok(time) => Verdict::of(vec![], format!("seen at {}", format_instant(time))),
        // Of a trusted authority: what cannot be checked neither passed nor failed.
        Err(error @ TimestampError::OtherKey(_)) => {
            Verdict::without(format!("it says {claimed}; {error}"), Remedy::CheckTimestampElsewhere)
        }
        Err(error) => Verdict::failed(error.to_string(), Remedy::DoNotRely),
    })
}
