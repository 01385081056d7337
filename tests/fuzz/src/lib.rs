//! What holds of every reader of bytes from outside, whatever the bytes are.
//!
//! Each target is a plain function. libFuzzer calls it for as long as it is let (`tests/fuzz/README.md`), and the test
//! beside this library for a moment with each build.

mod blank;
mod evidence;
mod log;
mod records;
mod registry;
mod signatures;
mod source;
mod texts;

// By themselves, so that libFuzzer sees the branches of one reader alone.
pub use blank::blank;
pub use evidence::{bundle, coding, component, rows};
pub use log::{checkpoint, inclusion, tiles};
pub use records::{answers, entries, proof, run, store};
pub use registry::{manifest, realm};
pub use signatures::{certificates, envelope, timestamp};
pub use source::{answer, json, resume, xml};
pub use texts::{instant, reference, tests};

/// A reader, and what holds of it.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// What it is called: by its folder in `corpus/`, too.
    pub name: &'static str,
    /// Reads the bytes. Panics where something does not hold that should.
    pub run: fn(&[u8]),
}

/// All of them, by their names.
pub const TARGETS: &[Target] = &[
    Target { name: "answer", run: source::answer },
    Target { name: "answers", run: records::answers },
    Target { name: "blank", run: blank::blank },
    Target { name: "bundle", run: evidence::bundle },
    Target { name: "certificates", run: signatures::certificates },
    Target { name: "checkpoint", run: log::checkpoint },
    Target { name: "coding", run: evidence::coding },
    Target { name: "component", run: evidence::component },
    Target { name: "entries", run: records::entries },
    Target { name: "envelope", run: signatures::envelope },
    Target { name: "inclusion", run: log::inclusion },
    Target { name: "instant", run: texts::instant },
    Target { name: "json", run: source::json },
    Target { name: "manifest", run: registry::manifest },
    Target { name: "proof", run: records::proof },
    Target { name: "realm", run: registry::realm },
    Target { name: "reference", run: texts::reference },
    Target { name: "resume", run: source::resume },
    Target { name: "rows", run: evidence::rows },
    Target { name: "run", run: records::run },
    Target { name: "store", run: records::store },
    Target { name: "tests", run: texts::tests },
    Target { name: "tiles", run: log::tiles },
    Target { name: "timestamp", run: signatures::timestamp },
    Target { name: "xml", run: source::xml },
];
