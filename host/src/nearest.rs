//! What was probably meant by a name that there is not.

/// Names less alike than this are no slips of the finger. 1 is the same name.
const ALIKE: f64 = 0.7;

/// The name that was probably meant.
pub fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let alike = known.map(|it| (strsim::jaro_winkler(name, it), it)).filter(|(alike, _)| *alike >= ALIKE);
    alike.max_by(|one, other| one.0.total_cmp(&other.0)).map(|(_, it)| it)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_forgiven_and_more_is_not() {
        let known = ["assets", "users", "vm-scans", "pc-scans", "tickets"];
        for (name, meant) in
            [("asets", Some("assets")), ("user", Some("users")), ("vmscans", Some("vm-scans")), ("zzz", None)]
        {
            assert_eq!(nearest(name, known.into_iter()), meant, "{name}");
        }
    }
}
