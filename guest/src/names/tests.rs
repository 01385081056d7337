//! Which one is chosen, and what a person reads where it is not known.

use super::*;

const WHAT: What = What { one: "scanner", parameter: "scanner" };

struct Scanner(&'static str, &'static str, &'static str);

impl Named for Scanner {
    fn name(&self) -> &str {
        self.0
    }

    fn keys(&self) -> Vec<&str> {
        vec![self.1]
    }

    fn in_words(&self) -> String {
        with_facts(self.0, [format!("id {}", self.1).as_str(), self.2])
    }
}

fn message(error: &Error) -> String {
    let problem = error.problem();
    format!("{}; {}", problem.message, problem.remedy.clone().unwrap_or_default())
}

fn chosen(wanted: &str, all: &[&str]) -> Result<String, String> {
    choose(WHAT, wanted, all).map(|it| (*it.one).to_owned()).map_err(|it| message(&it))
}

#[test]
fn a_name_as_it_is_written_comes_before_one_in_another_case() {
    assert_eq!(chosen("dmz", &["DMZ", "dmz"]).as_deref(), Ok("dmz"));
    assert_eq!(chosen("Dmz", &["DMZ", "lab"]).as_deref(), Ok("DMZ"));
}

#[test]
fn an_id_is_as_good_as_a_name() {
    let all = [Scanner("dmz", "1", ""), Scanner("dmz", "2", "of Ada"), Scanner("2", "3", "")];
    let id = |wanted: &str| choose(WHAT, wanted, &all).map(|it| (it.one.1, it.has_namesake));
    assert_eq!(id("1").ok(), Some(("1", true)));
    assert_eq!(id("3").ok(), Some(("3", false)));
    // What is called so is meant before what is numbered so.
    assert_eq!(id("2").ok(), Some(("3", false)));
    assert_eq!(
        message(&id("dmz").expect_err("two")),
        "more than one scanner is meant: 2 are called \"dmz\"; name one of them by its id: dmz (id 1), dmz (id 2, of Ada)"
    );
    assert_eq!(
        message(&id("DMZ").expect_err("two")),
        "more than one scanner is meant: 2 are called \"DMZ\"; name one of them by its id: dmz (id 1), \
         dmz (id 2, of Ada)"
    );
}

#[test]
fn a_name_that_fits_none_or_two_is_refused_with_the_candidates() {
    let two = "more than one scanner is meant: 2 are called \"Dmz\"; write one of them as it is written here: DMZ, dmz";
    assert_eq!(chosen("Dmz", &["DMZ", "dmz", "lab"]), Err(two.to_owned()));
    let none = "no scanner is called \"fra\"; choose one, the nearest first: fra-1, FRA-2, lab";
    assert_eq!(chosen("fra", &["lab", "fra-1", "FRA-2"]), Err(none.to_owned()));
    let wrong = "no scanner is called \"fra-l\"; choose one, the nearest first: fra-1, lab, dub-1";
    assert_eq!(chosen("fra-l", &["lab", "dub-1", "fra-1"]), Err(wrong.to_owned()));
    let nothing =
        "no scanner is called \"x\"; Qualys lists no scanner for this account: check its permissions";
    assert_eq!(chosen("x", &[]), Err(nothing.to_owned()));
}

#[test]
fn the_candidates_are_bounded() {
    let names: Vec<String> = (0..50_000).map(|it| format!("scanner-{it}")).collect();
    let refused = message(&choose(WHAT, "scanner", &names).expect_err("none"));
    assert!(refused.ends_with("scanner-9 and 49990 more"), "{refused}");
    let refused = message(&choose(WHAT, "skanner-77", &names).expect_err("none"));
    assert!(refused.contains("the nearest first: scanner-77, "), "{refused}");
}
