//! The one that a person means by a name.

use exhibit_plugin::Error;
use exhibit_plugin::problem::invalid;

use crate::qualys::reading::short;

/// Names that an error offers: more are not read.
const MAX_CANDIDATES: usize = 10;

/// What is chosen, for messages.
#[derive(Debug, Clone, Copy)]
pub(super) struct What {
    /// Such as `option profile`.
    pub(super) one: &'static str,
    /// The parameter that names it.
    pub(super) parameter: &'static str,
}

/// The one of `all` with this name: as it is written, or else without regard to case.
///
/// # Errors
/// `invalid`, with the candidates, where the name fits none or several.
pub(super) fn choose<'a, T>(
    what: What,
    wanted: &str,
    all: &'a [T],
    name: impl Fn(&T) -> &str,
    shown: impl Fn(&T) -> String,
) -> Result<&'a T, Error> {
    let same = |it: &&T| name(it) == wanted;
    let similar = |it: &&T| name(it).to_lowercase() == wanted.to_lowercase();
    let mut fitting: Vec<&T> = all.iter().filter(same).collect();
    if fitting.is_empty() {
        fitting = all.iter().filter(similar).collect();
    }
    match fitting.as_slice() {
        [one] => Ok(one),
        [] => Err(none(what, wanted, all, name, shown)),
        several => {
            let message = format!("{} are called {wanted:?}", several.len());
            Err(invalid(format!("more than one {} is meant: {message}", what.one))
                .remedy(format!("name one of them: {}", listed(several.iter().map(|it| shown(it)))))
                .about(what.parameter))
        }
    }
}

fn none<T>(
    what: What,
    wanted: &str,
    all: &[T],
    name: impl Fn(&T) -> &str,
    shown: impl Fn(&T) -> String,
) -> Error {
    let part = wanted.to_lowercase();
    let close: Vec<&T> = all.iter().filter(|it| name(it).to_lowercase().contains(&part)).collect();
    let offered = if close.is_empty() { all.iter().collect() } else { close };
    let error = invalid(format!("no {} is called {wanted:?}", what.one)).about(what.parameter);
    if offered.is_empty() {
        error.remedy(format!("Qualys lists no {} for this account: check its permissions", what.one))
    } else {
        error.remedy(format!("choose one: {}", listed(offered.iter().map(|it| shown(it)))))
    }
}

/// So many of them, in one line.
pub(super) fn listed(names: impl ExactSizeIterator<Item = String>) -> String {
    let count = names.len();
    let shown: Vec<String> = names.take(MAX_CANDIDATES).map(|it| short(&it)).collect();
    let more = count.saturating_sub(shown.len());
    let rest = if more == 0 { String::new() } else { format!(" and {more} more") };
    format!("{}{rest}", shown.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHAT: What = What { one: "scanner", parameter: "scanner" };

    fn chosen(wanted: &str, all: &[&str]) -> Result<String, String> {
        let chosen = choose(WHAT, wanted, all, |it| it, |it| (*it).to_owned());
        chosen.map(|it| (*it).to_owned()).map_err(|it| {
            let problem = it.problem();
            format!("{}; {}", problem.message, problem.remedy.clone().unwrap_or_default())
        })
    }

    #[test]
    fn a_name_as_it_is_written_comes_before_one_in_another_case() {
        assert_eq!(chosen("dmz", &["DMZ", "dmz"]).as_deref(), Ok("dmz"));
        assert_eq!(chosen("Dmz", &["DMZ", "lab"]).as_deref(), Ok("DMZ"));
    }

    #[test]
    fn a_name_that_fits_none_or_two_is_refused_with_the_candidates() {
        let two = "more than one scanner is meant: 2 are called \"Dmz\"; name one of them: DMZ, dmz";
        assert_eq!(chosen("Dmz", &["DMZ", "dmz", "lab"]), Err(two.to_owned()));
        let none = "no scanner is called \"fra\"; choose one: fra-1, FRA-2";
        assert_eq!(chosen("fra", &["fra-1", "FRA-2", "lab"]), Err(none.to_owned()));
        let all = "no scanner is called \"x\"; choose one: fra-1, lab";
        assert_eq!(chosen("x", &["fra-1", "lab"]), Err(all.to_owned()));
        let nothing =
            "no scanner is called \"x\"; Qualys lists no scanner for this account: check its permissions";
        assert_eq!(chosen("x", &[]), Err(nothing.to_owned()));
    }

    #[test]
    fn the_candidates_are_bounded() {
        let names: Vec<String> = (0..50_000).map(|it| format!("scanner-{it}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let refused = chosen("scanner", &names).expect_err("none");
        assert!(refused.ends_with("scanner-9 and 49990 more"), "{refused}");
    }
}
