//! Why a component cannot be run as a plugin.

use std::fmt;

use exhibit_rows::Shown;

use crate::contract::ManifestError;
use crate::remedy::Remedy;

use super::compiler::CompileError;
use super::counted::{Counted, Exceeded};
use super::error::PluginError;

/// So many imports are listed: the first ones show what the component is about.
const LISTED_IMPORTS: usize = 12;

/// Why a component is no plugin for this host, or cannot be run by it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// More bytes than a plugin may have.
    #[error("the component has {size} bytes, and a plugin may have at most {limit}")]
    TooLarge {
        /// Bytes.
        size: usize,
        /// Bytes.
        limit: usize,
    },
    /// No WebAssembly component, or one that this host cannot compile.
    #[error("this is no WebAssembly component that can run here: {0}")]
    NotAComponent(String),
    /// WebAssembly without the types of a component.
    #[error("this is a core WebAssembly module, and a plugin is a component")]
    CoreModule,
    /// It wants more of the host than WASI, linked empty: all that it is not given, by name.
    #[error("the component imports what a plugin is not given: {}", List(.0))]
    Imports(Vec<String>),
    /// It imports by a name that is given, and wants other functions or types under it.
    #[error("the component wants more of an interface than a plugin is given: {0}")]
    ImportTypes(String),
    /// It takes more than a session may have.
    #[error("the component needs {found} {what}, and a session may have {limit}")]
    NeedsMore {
        /// Of what.
        what: Needed,
        /// How much it takes before it runs.
        found: u64,
        /// How much there may be.
        limit: u64,
    },
    /// It has more of something than the compiler is given.
    #[error("the component has {found} {what}, and a plugin may have at most {limit}")]
    TooMuch {
        /// Of what.
        what: Counted,
        /// How many were found; there may be more.
        found: u64,
        /// How many there may be.
        limit: u64,
    },
    /// It cannot be compiled with the memory and in the time that there are for it.
    #[error("the component cannot be compiled: {0}")]
    Compile(#[source] CompileError),
    /// It exports no contract.
    #[error(
        "the component exports no `{interface}`, so it is no plugin; it should export the world \
         `exhibit:plugin/plugin@{speaks}`"
    )]
    NoContract {
        /// The interface that is missing.
        interface: String,
        /// The version that this host speaks.
        speaks: &'static str,
    },
    /// It is of a line of the contract that is older than those that this host runs, or between them.
    #[error(
        "the plugin is of {}, and this host runs {}: rebuild the plugin against such a line, or use an \
         older exhibit", Of { line, found }, Lines(runs)
    )]
    TooOld {
        /// The plugin's version.
        found: String,
        /// The name of its line, such as `0.0.9`; that of a draft is its version.
        line: String,
        /// The names of the lines that this host runs, as in `0.1 and 0.2`.
        runs: String,
    },
    /// It is of a line of the contract that is newer than those that this host runs.
    #[error(
        "the plugin is of {}, and this host runs {}: update this program to a version that runs the plugin's",
        Of { line, found }, Lines(runs)
    )]
    TooNew {
        /// The plugin's version.
        found: String,
        /// The name of its line, such as `0.2`; that of a draft is its version.
        line: String,
        /// The names of the lines that this host runs, as in `0.1 and 0.2`.
        runs: String,
    },
    /// One of the contract's interfaces lacks a function.
    #[error("the plugin lacks a function of the contract, version {speaks}: {why}")]
    MissingExport {
        /// The version that this host has of the plugin's line.
        speaks: &'static str,
        /// Which one.
        why: String,
    },
    /// Its exports have the right names and the wrong types.
    #[error("the plugin's exports are not those of the contract, version {speaks}: {why}")]
    OtherTypes {
        /// The version that this host has of the plugin's line.
        speaks: &'static str,
        /// What differs.
        why: String,
    },
    /// This machine has no room for it: nothing is wrong with the plugin.
    #[error("this machine has no address space left to run the plugin in: {0}")]
    NoAddressSpace(String),
    /// It could not say what it is.
    #[error("the plugin cannot describe itself: {0}")]
    Describe(#[source] PluginError),
    /// What it says about itself makes no sense.
    #[error("the plugin's manifest is invalid: {0}")]
    Manifest(#[from] ManifestError),
}

/// What a session has a limited number of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Needed {
    /// Instances of core modules: a component with a language's runtime has many.
    CoreInstances,
    /// Linear memories.
    Memories,
    /// Bytes of all memories together.
    MemoryBytes,
    /// Tables of functions.
    Tables,
    /// Elements of one table.
    TableElements,
}

impl LoadError {
    /// Whether the operator probably meant another file: it is no plugin at all, rather
    /// than one with a fault or of another version.
    pub fn is_of_the_call(&self) -> bool {
        match self {
            Self::TooLarge { .. }
            | Self::NotAComponent(_)
            | Self::CoreModule
            | Self::Imports(_)
            | Self::NoContract { .. } => true,
            Self::ImportTypes(_)
            | Self::NeedsMore { .. }
            | Self::TooMuch { .. }
            | Self::Compile(_)
            | Self::TooOld { .. }
            | Self::TooNew { .. }
            | Self::MissingExport { .. }
            | Self::OtherTypes { .. }
            | Self::NoAddressSpace(_)
            | Self::Describe(_)
            | Self::Manifest(_) => false,
        }
    }

    /// Whether it is this machine that cannot run it, whatever the plugin is.
    pub fn is_of_the_machine(&self) -> bool {
        matches!(
            self,
            Self::NoAddressSpace(_)
                | Self::Describe(PluginError::NoAddressSpace { .. })
                | Self::Compile(CompileError::Process(_))
        )
    }

    /// What to do.
    pub fn remedy(&self) -> Remedy {
        match self {
            Self::TooLarge { .. } | Self::NotAComponent(_) => {
                "name the component file of a plugin".into()
            }
            Self::CoreModule => "build it as a component, such as for the target wasm32-wasip2".into(),
            Self::Imports(imports) => advice_on(imports).into(),
            Self::ImportTypes(_) => {
                "build the plugin with a standard library that uses an earlier version of WASI 0.2".into()
            }
            Self::NeedsMore { what: Needed::MemoryBytes, .. } => {
                "build the plugin so that it begins with less memory, or give sessions more of it".into()
            }
            Self::NeedsMore { .. } => {
                "build the plugin of fewer parts, or with a smaller language runtime".into()
            }
            Self::TooMuch { .. } => {
                "name the component file of a plugin; build it with optimisation, of fewer and smaller parts".into()
            }
            Self::Compile(CompileError::Process(_)) => {
                "allow this program to begin itself again, as it does to compile a component of others".into()
            }
            Self::Compile(_) => {
                "build the plugin with optimisation, of fewer and smaller parts, or use a machine that is less busy"
                    .into()
            }
            Self::NoContract { .. } => {
                "name the component file of a plugin; one that is being written exports the world `plugin` of the contract".into()
            }
            Self::TooOld { .. } | Self::MissingExport { .. } | Self::OtherTypes { .. } => {
                "build the plugin against the contract of this version".into()
            }
            Self::TooNew { .. } => Remedy::Update,
            Self::NoAddressSpace(_) | Self::Describe(PluginError::NoAddressSpace { .. }) => {
                Remedy::GiveAddressSpace
            }
            Self::Describe(_) => Remedy::ReportPlugin,
            Self::Manifest(_) => "correct the manifest at this place".into(),
        }
    }
}

impl From<Exceeded> for LoadError {
    fn from(Exceeded { what, found }: Exceeded) -> Self {
        Self::TooMuch { what, found, limit: what.limit() }
    }
}

/// What to do about imports that are not given.
fn advice_on(imports: &[String]) -> &'static str {
    let is_network = |it: &String| it.starts_with("wasi:http/") || it.starts_with("wasi:sockets/");
    if imports.iter().any(is_network) {
        "leave out the code or the crate that opens connections, or build with WASI stubbed where a language's runtime \
         brings them along: a plugin has no network, and has its requests made by returning them from `next`"
    } else {
        "leave out the code or the crate that wants it: a plugin has neither network nor files nor a clock, and may import \
         only what a standard library wants of WASI 0.2"
    }
}

impl fmt::Display for Needed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CoreInstances => "core instances",
            Self::Memories => "memories",
            Self::MemoryBytes => "bytes of memory before it runs",
            Self::Tables => "tables",
            Self::TableElements => "elements in one table",
        })
    }
}

/// What a plugin was built against, in a sentence.
struct Of<'a> {
    line: &'a str,
    found: &'a str,
}

impl fmt::Display for Of<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, found } = self;
        match line {
            _ if line != found => write!(f, "line {line} of the contract (version {found})"),
            _ if line.contains('-') => write!(f, "the draft {found} of the contract, which is of no line"),
            _ => write!(f, "line {line} of the contract"),
        }
    }
}

/// The lines that a host runs, in a sentence.
struct Lines<'a>(&'a str);

impl fmt::Display for Lines<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = if self.0.contains(' ') { "lines" } else { "line" };
        write!(f, "{word} {}", self.0)
    }
}

/// Names from a component, in a sentence.
struct List<'a>(&'a [String]);

impl fmt::Display for List<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let listed = self.0.len().min(LISTED_IMPORTS);
        let more = self.0.len() - listed;
        for (index, name) in self.0.iter().take(listed).enumerate() {
            match index {
                0 => {}
                _ if index + 1 == listed && more == 0 => f.write_str(" and ")?,
                _ => f.write_str(", ")?,
            }
            write!(f, "`{}`", Shown::line(name))?;
        }
        if more > 0 {
            write!(f, " and {more} more")?;
        }
        Ok(())
    }
}
