//! The paths of objects: which of them are whose.

use exhibit_records::RUN_FILE;

use crate::evidence::in_store::EVIDENCE;
use crate::testing::earlier;

use super::super::catalog::Catalog;

/// Where collections are that can be resumed.
pub(super) const RESUME: &str = "resume";

/// The name of evidence and a path within it, of an object that is a file of evidence.
pub(super) fn of_evidence(path: &str) -> Option<(&str, &str)> {
    path.strip_prefix(EVIDENCE)?.strip_prefix('/')?.split_once('/')
}

/// What makes a folder evidence.
pub(super) fn proof_of(evidence: &str) -> String {
    format!("{EVIDENCE}/{evidence}/{}", exhibit_records::PROOF_FILE)
}

/// The run that a file of evidence belongs to, such as `tests/0002`.
pub(super) fn run_of(file: &str) -> Option<&str> {
    let rest = file.strip_prefix(earlier::RUNS)?.strip_prefix('/')?;
    let (number, _) = rest.split_once('/')?;
    Some(&file[..file.len() - rest.len() + number.len()])
}

/// Of an object that belongs to what the log does not know, evidence or a run of tests: the object that makes
/// that whole, and is put there last.
pub(super) fn last_of_unknown(path: &str, catalog: &Catalog) -> Option<String> {
    let (evidence, file) = of_evidence(path)?;
    let Some(package) = catalog.find(evidence) else { return Some(proof_of(evidence)) };
    let run = run_of(file).filter(|it| !package.knows(it))?;
    Some(format!("{EVIDENCE}/{evidence}/{run}/{RUN_FILE}"))
}

/// Whether it makes something whole. Evidence with its first run: after that run.
pub(super) fn comes_last(path: &str) -> u8 {
    let name = path.rsplit('/').next();
    if name == Some(exhibit_records::PROOF_FILE) { 2 } else { u8::from(name == Some(RUN_FILE)) }
}

#[cfg(test)]
mod tests {
    use super::super::super::catalog::tests::{catalog, kept};
    use super::*;
    use exhibit_records::Entry;

    #[test]
    fn what_the_log_does_not_know_is_made_whole_by_one_object() -> Result<(), String> {
        let catalog = catalog(&[Entry::from(kept("a", 1))])?;
        let last = |path| last_of_unknown(path, &catalog);
        assert_eq!(last("evidence/b/answers/index.ndjson").as_deref(), Some("evidence/b/proof.json"));
        assert_eq!(
            last("evidence/a/tests/0002/tests.toml").as_deref(),
            Some("evidence/a/tests/0002/run.json")
        );
        assert_eq!(last("evidence/a/proof.json"), None);
        assert_eq!(last("plugins/00.wasm.zst"), None);
        Ok(())
    }
}
