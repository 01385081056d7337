//! The tests of one proof type, gathered from where they are.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use exhibit_rows::{ShowPath as _, Shown};

use crate::contract::bounds::ENTRIES;
use crate::contract::catalog::ProofType;
use crate::contract::testing::Test;
use crate::contract::types::{Error, Problem};
use crate::nearest::nearest;
use crate::remedy::Remedy;

use super::control;
use super::error::{Fault, SuiteError};
use super::meaning::Reader;
use super::place::Place;
use super::read::TestFile;
use super::serde_words::short;
use super::{Source, pointer};

/// Tests of one proof type, and where each of them comes from.
#[derive(Debug, Clone)]
pub struct Suite {
    proof_type: String,
    tests: Vec<Test>,
    origins: Vec<Origin>,
}

/// Where a test comes from.
#[derive(Debug, Clone)]
enum Origin {
    Suggested,
    /// A file, and which of its tests it is.
    File(Arc<TestFile>, usize),
}

/// Sources, read, and each of them once.
struct Read(Vec<Option<Arc<TestFile>>>);

impl Suite {
    /// Gathers the tests of one proof type, in the order of the sources. Tests of other proof
    /// types are left out.
    ///
    /// # Errors
    ///
    /// Where a source cannot be read, a test of this proof type makes no sense, two have one name, or there is none.
    pub fn gather(sources: &[Source], proof_type: &ProofType) -> Result<Self, SuiteError> {
        Read::sources(sources)?.some_suite(proof_type)
    }

    /// As [`Self::gather`], on a thread of its own: a source may be a pipe that no one writes to, and the caller can then
    /// be dropped. Runs on tokio.
    ///
    /// # Errors
    ///
    /// As [`Self::gather`].
    pub async fn gather_off_thread(sources: &[Source], proof_type: &ProofType) -> Result<Self, SuiteError> {
        let (named, of) = (sources.to_vec(), proof_type.clone());
        let read = tokio::task::spawn_blocking(move || Self::gather(&named, &of)).await;
        read.unwrap_or_else(|why| {
            let file = sources.iter().find_map(|it| match it {
                Source::File(path) => Some(path.clone()),
                Source::Suggested => None,
            });
            Err(SuiteError::Unreadable { file: file.unwrap_or_default(), why: std::io::Error::other(why) })
        })
    }

    /// Gathers all tests that there are, a suite for each proof type that has some. A test of
    /// a proof type that is not among these is an error.
    ///
    /// # Errors
    ///
    /// Where a source cannot be read, a test makes no sense or is of another proof type, or two of one proof type have one
    /// name.
    pub fn gather_all(sources: &[Source], proof_types: &[ProofType]) -> Result<Vec<Self>, SuiteError> {
        let read = Read::sources(sources)?;
        read.check_proofs(proof_types)?;
        let mut suites = Vec::new();
        for proof_type in proof_types {
            let suite = read.suite(proof_type)?;
            if !suite.tests.is_empty() {
                suites.push(suite);
            }
        }
        if suites.is_empty() {
            return Err(SuiteError::NoTests { wanted: None, found: BTreeSet::new() });
        }
        Ok(suites)
    }

    /// The tests of one proof type in a file with these bytes. `path` is what errors name.
    ///
    /// # Errors
    ///
    /// As [`Self::gather`].
    #[doc(hidden)]
    pub fn of_bytes(path: &Path, bytes: &[u8], proof_type: &ProofType) -> Result<Self, SuiteError> {
        let file = TestFile::read(path, bytes.to_owned())?;
        Read(vec![Some(Arc::new(file))]).some_suite(proof_type)
    }

    /// The name of the proof type.
    pub fn proof_type(&self) -> &str {
        &self.proof_type
    }

    /// The tests, as a tester takes them.
    pub fn tests(&self) -> &[Test] {
        &self.tests
    }

    /// What is probably a slip in tests of files, a sentence each: controls that are not named as those of their
    /// framework are. The tests can be run all the same.
    pub fn doubts(&self) -> Vec<String> {
        let mut doubts: Vec<String> = Vec::new();
        for (test, origin) in self.tests.iter().zip(&self.origins) {
            let Origin::File(file, _) = origin else { continue };
            let of_test = test.controls.iter().filter_map(|it| control::doubt(it));
            let file = file.path.shown();
            doubts.extend(of_test.map(|it| format!("{file}: test `{}`: {it}", test.name)));
        }
        doubts
    }

    /// Where one of the tests comes from.
    pub fn source(&self, test: usize) -> Option<Source> {
        Some(match self.origins.get(test)? {
            Origin::Suggested => Source::Suggested,
            Origin::File(file, _) => Source::File(file.path.clone()),
        })
    }

    /// What a tester's refusal of these tests is about: the place in the file that its subject
    /// points at, as in `/0/cases/1/conditions/0/operand`.
    pub fn explain(&self, error: &Error) -> SuiteError {
        let Problem { message, remedy, subject, .. } = error.problem();
        let remedy = remedy.as_deref().map(|it| Remedy::PluginSays { text: Shown::line(it).to_string() });
        let fault = Fault { what: message.clone(), at: None, beside: None, remedy };
        let pointer = subject.as_deref().unwrap_or_default();
        let test = pointer::test(pointer).and_then(|at| Some((self.origins.get(at)?, self.tests.get(at)?)));
        SuiteError::Senseless(match test {
            Some((Origin::File(file, at), _)) => {
                let (span, usual) = pointer::resolve(pointer, &file.tests[*at]);
                let remedy = fault.remedy.or(usual.map(Remedy::from));
                Fault { at: Some(Box::new(file.place(span))), remedy, ..fault }
            }
            Some((Origin::Suggested, test)) => Fault {
                what: format!("the plugin refuses a test that it suggests, `{}`: {message}", test.name),
                remedy: fault
                    .remedy
                    .or(Some("test with a file of your own, and tell the plugin's author".into())),
                ..fault
            },
            None => fault,
        })
    }

    fn add(&mut self, test: Test, origin: Origin) -> Result<(), SuiteError> {
        if let Some(at) = self.tests.iter().position(|it| it.name == test.name) {
            return Err(SuiteError::Senseless(twice(&test.name, &self.origins[at], &origin)));
        }
        if self.tests.len() == ENTRIES {
            let what = format!("there are more than {ENTRIES} tests of `{}`", self.proof_type);
            let remedy = Some("run them in several suites".into());
            return Err(SuiteError::Senseless(Fault {
                what,
                at: origin.place().map(Box::new),
                beside: None,
                remedy,
            }));
        }
        self.tests.push(test);
        self.origins.push(origin);
        Ok(())
    }
}

impl Read {
    fn sources(sources: &[Source]) -> Result<Self, SuiteError> {
        let mut read = Vec::new();
        for (index, source) in sources.iter().enumerate() {
            if sources[..index].contains(source) {
                continue;
            }
            read.push(match source {
                Source::Suggested => None,
                Source::File(path) => Some(Arc::new(TestFile::open(path)?)),
            });
        }
        Ok(Self(read))
    }

    fn some_suite(&self, proof_type: &ProofType) -> Result<Suite, SuiteError> {
        let suite = self.suite(proof_type)?;
        if suite.tests.is_empty() {
            return Err(SuiteError::NoTests { wanted: Some(proof_type.name.clone()), found: self.proofs() });
        }
        Ok(suite)
    }

    fn suite(&self, proof_type: &ProofType) -> Result<Suite, SuiteError> {
        let mut suite = Suite { proof_type: proof_type.name.clone(), tests: Vec::new(), origins: Vec::new() };
        for source in &self.0 {
            let Some(file) = source else {
                for test in &proof_type.suggested {
                    suite.add(test.clone(), Origin::Suggested)?;
                }
                continue;
            };
            let reader = Reader { file, proof_type };
            for (at, test) in file.tests.iter().enumerate() {
                if *test.get_ref().proof.get_ref() == proof_type.name {
                    suite.add(reader.test(test.get_ref())?, Origin::File(Arc::clone(file), at))?;
                }
            }
        }
        Ok(suite)
    }

    /// The proof types that the files have tests of.
    fn proofs(&self) -> BTreeSet<String> {
        let tests = self.0.iter().flatten().flat_map(|it| &it.tests);
        tests.map(|it| short(it.get_ref().proof.get_ref())).collect()
    }

    fn check_proofs(&self, proof_types: &[ProofType]) -> Result<(), SuiteError> {
        for file in self.0.iter().flatten() {
            for test in &file.tests {
                let proof = &test.get_ref().proof;
                let mut known = proof_types.iter().map(|it| it.name.as_str());
                if known.clone().any(|it| it == proof.get_ref()) {
                    continue;
                }
                let what = format!("the plugin has no proof type `{}`", short(proof.get_ref()));
                let remedy = match nearest(proof.get_ref(), known.by_ref()) {
                    Some(meant) => Remedy::DidYouMean { name: meant.to_owned() },
                    None => Remedy::ListProofTypes,
                };
                return Err(SuiteError::Senseless(Fault::new(what, file.place(proof.span())).next(remedy)));
            }
        }
        Ok(())
    }
}

impl Origin {
    /// Where the test's name is.
    fn place(&self) -> Option<Place> {
        match self {
            Self::Suggested => None,
            Self::File(file, test) => Some(file.place(file.tests[*test].get_ref().name.span())),
        }
    }
}

fn twice(name: &str, first: &Origin, second: &Origin) -> Fault {
    let remedy = "give one of them another name: results are kept by name";
    match (first.place(), second.place()) {
        (Some(first), Some(second)) => Fault {
            what: format!("there are two tests `{name}`"),
            at: Some(Box::new(second)),
            beside: Some(Box::new(("the first is here", first))),
            remedy: Some(remedy.into()),
        },
        (one, other) => Fault {
            what: format!("there is a test `{name}` among those that the plugin suggests, too"),
            at: other.or(one).map(Box::new),
            beside: None,
            remedy: Some(format!("{remedy}; or leave out the suggested tests").into()),
        },
    }
}

/// Gathers from what has been read.
#[cfg(test)]
pub(super) fn of_files(
    read: Vec<Option<Arc<TestFile>>>,
    proof_type: &ProofType,
) -> Result<Suite, SuiteError> {
    Read(read).some_suite(proof_type)
}
