//! What a component that is compiled has a limited number of.

use std::fmt;

use super::limits::{
    BLOCK_DEPTH, DEPTH, ENTRIES, FUNCTION_BYTES, FUNCTION_STEPS, FUNCTION_WORK, FUNCTIONS, INSTANCES, LOCALS,
    PARTS, TYPES, VALUES, WORK,
};

/// Too much of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Exceeded {
    pub(super) what: Counted,
    pub(super) found: u64,
}

/// What there may be a limited number of in a component that is compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Counted {
    /// Functions with code.
    Functions,
    /// Bytes of one function's code.
    FunctionBytes,
    /// Local variables of one function, its parameters included.
    Locals,
    /// Parameters and results of one type of function.
    Values,
    /// Blocks within blocks in one function.
    BlockDepth,
    /// Instructions of one function, each with the values and targets that it passes on.
    FunctionSteps,
    /// Bytes of one function's code, multiplied by the number of its local variables.
    FunctionWork,
    /// The same of all functions.
    Work,
    /// Types, those within types included.
    Types,
    /// What is listed in sections.
    Entries,
    /// Modules and components.
    Parts,
    /// Components within components.
    Depth,
    /// Instances of modules and components.
    Instances,
}

impl Counted {
    pub(super) const ALL: [Self; 13] = [
        Self::Functions,
        Self::FunctionBytes,
        Self::Locals,
        Self::Values,
        Self::BlockDepth,
        Self::FunctionSteps,
        Self::FunctionWork,
        Self::Work,
        Self::Types,
        Self::Entries,
        Self::Parts,
        Self::Depth,
        Self::Instances,
    ];

    /// The most that a component may have.
    pub(super) fn limit(self) -> u64 {
        match self {
            Self::Functions => FUNCTIONS,
            Self::FunctionBytes => FUNCTION_BYTES,
            Self::Locals => LOCALS,
            Self::Values => VALUES,
            Self::BlockDepth => BLOCK_DEPTH,
            Self::FunctionSteps => FUNCTION_STEPS,
            Self::FunctionWork => FUNCTION_WORK,
            Self::Work => WORK,
            Self::Types => TYPES,
            Self::Entries => ENTRIES,
            Self::Parts => PARTS,
            Self::Depth => DEPTH,
            Self::Instances => INSTANCES,
        }
    }
}

impl fmt::Display for Counted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Functions => "functions",
            Self::FunctionBytes => "bytes of code in one function",
            Self::Locals => "local variables in one function",
            Self::Values => "parameters and results in one type of function",
            Self::BlockDepth => "blocks within one another in one function",
            Self::FunctionSteps => "instructions in one function, counted with the values that they pass on",
            Self::FunctionWork => "bytes of code times local variables in one function",
            Self::Work => "bytes of code times local variables in all functions",
            Self::Types => "types",
            Self::Entries => "imports, exports, globals, segments and aliases",
            Self::Parts => "modules and components in it",
            Self::Depth => "components within one another",
            Self::Instances => "instances of modules and components",
        })
    }
}
