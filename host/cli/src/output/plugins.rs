//! Plugins, and connections through them.

use std::path::Path;

use exhibit::contract::catalog::{AuthScheme, Origin};
use exhibit::plugin::{Metadata, Package, Plugin};
use exhibit_records::Digest;
use schemars::JsonSchema;
use serde::Serialize;

use super::proof_types::ParameterOutput;

/// What `exhibit plugin show` prints.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct PluginOutput<'a> {
    id: &'a str,
    version: &'a str,
    label: &'a str,
    vendor: &'a str,
    /// Of its component.
    digest: Digest,
    /// What it imports of the host, all of it given to it empty.
    imports: &'a [String],
    /// The size of its component.
    bytes: usize,
    /// What the component says of itself.
    build: BuildOutput<'a>,
    /// Where it sends requests; null where the settings do not say that.
    origins: Option<Vec<OriginOutput<'a>>>,
    /// For people: why that is not known.
    origins_problem: Option<&'a str>,
    /// How it signs requests.
    auth: Vec<AuthOutput<'a>>,
    /// The headers of answers that it reads.
    answer_headers: &'a [String],
    secrets: Vec<ParameterOutput<'a>>,
    settings: Vec<ParameterOutput<'a>>,
    /// The names of its proof types.
    proof_types: Vec<&'a str>,
    /// The names of what it can change at the source.
    operations: Vec<&'a str>,
}

/// A place that requests go to.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct OriginOutput<'a> {
    name: &'a str,
    /// Null where the operator says it.
    url: Option<&'a str>,
}

/// A way to sign requests.
#[derive(Debug, Serialize, JsonSchema)]
struct AuthOutput<'a> {
    name: &'a str,
    scheme: SchemeOutput,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum SchemeOutput {
    Basic,
    Token,
    Header,
}

/// What a component says of how it was built. Nothing of it is checked.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
struct BuildOutput<'a> {
    version: Option<&'a str>,
    revision: Option<&'a str>,
    /// An SPDX expression.
    licenses: Option<&'a str>,
    source: Option<&'a str>,
    homepage: Option<&'a str>,
    authors: Option<&'a str>,
    description: Option<&'a str>,
    /// What is built into it; null where it has no list, or none that can be read.
    packages: Option<Vec<PackageOutput<'a>>>,
    /// For people: why the list cannot be read.
    packages_problem: Option<&'a str>,
}

/// A package that is built into a component.
#[derive(Debug, Serialize, JsonSchema)]
struct PackageOutput<'a> {
    name: &'a str,
    version: &'a str,
    source: &'a str,
}

impl<'a> PluginOutput<'a> {
    /// Of a plugin whose component has so many bytes. `origins` are those of its settings' defaults, or why there are
    /// none.
    pub(crate) fn new(plugin: &'a Plugin, bytes: usize, origins: &'a Result<Vec<Origin>, String>) -> Self {
        let it = plugin.manifest();
        Self {
            id: &it.id,
            version: &it.version,
            label: &it.label,
            vendor: &it.vendor,
            digest: plugin.digest(),
            imports: plugin.imports(),
            bytes,
            build: plugin.metadata().into(),
            origins: origins.as_ref().ok().map(|it| it.iter().map(OriginOutput::from).collect()),
            origins_problem: origins.as_ref().err().map(String::as_str),
            auth: it
                .auth
                .iter()
                .map(|it| AuthOutput { name: &it.name, scheme: (&it.scheme).into() })
                .collect(),
            answer_headers: &it.answer_headers,
            secrets: it.secrets.iter().map(ParameterOutput::from).collect(),
            settings: it.settings.iter().map(ParameterOutput::from).collect(),
            proof_types: it.proof_types.iter().map(|it| it.name.as_str()).collect(),
            operations: it.operations.iter().map(|it| it.name.as_str()).collect(),
        }
    }
}

impl<'a> From<&'a Origin> for OriginOutput<'a> {
    fn from(it: &'a Origin) -> Self {
        Self { name: &it.name, url: it.url.as_deref() }
    }
}

impl From<&AuthScheme> for SchemeOutput {
    fn from(it: &AuthScheme) -> Self {
        match it {
            AuthScheme::Basic(_) => Self::Basic,
            AuthScheme::Token(_) => Self::Token,
            AuthScheme::Header(_) => Self::Header,
        }
    }
}

impl<'a> From<&'a Metadata> for BuildOutput<'a> {
    fn from(it: &'a Metadata) -> Self {
        let package =
            |it: &'a Package| PackageOutput { name: &it.name, version: &it.version, source: &it.source };
        let packages = it.packages.as_ref();
        Self {
            version: it.version.as_deref(),
            revision: it.revision.as_deref(),
            licenses: it.licenses.as_deref(),
            source: it.source.as_deref(),
            homepage: it.homepage.as_deref(),
            authors: it.authors.as_deref(),
            description: it.description.as_deref(),
            packages: packages.and_then(|it| it.as_ref().ok()).map(|it| it.iter().map(package).collect()),
            packages_problem: packages.and_then(|it| it.as_ref().err()).map(String::as_str),
        }
    }
}

/// What `exhibit plugin pull` prints.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct PulledOutput<'a> {
    /// The file that was written.
    pub(crate) file: &'a Path,
    /// Where it is in its registry, by its digest there.
    pub(crate) artifact: String,
    /// The digest of the component.
    pub(crate) component: Digest,
}

/// What `exhibit plugin push` prints.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct PushedOutput {
    /// Where it is in its registry, by its digest there.
    pub(crate) artifact: String,
    /// The digest of the component.
    pub(crate) component: Digest,
}

/// What `exhibit plugin forget` prints.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ForgottenOutput<'a> {
    /// What was remembered, once for each name that it had.
    pub(crate) forgotten: Vec<ForgottenPluginOutput<'a>>,
}

/// A plugin that was remembered.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ForgottenPluginOutput<'a> {
    /// How it calls itself.
    pub(crate) id: &'a str,
    /// The digest of its component.
    pub(crate) digest: Digest,
}

/// What `exhibit plugin new` prints.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct NewPluginOutput<'a> {
    /// The folder that was made.
    pub(crate) folder: &'a Path,
    /// The files in it.
    pub(crate) files: Vec<String>,
}

/// What `exhibit check` prints of each proof type and operation.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct AccessCheckOutput<'a> {
    /// Its name.
    pub(crate) name: &'a str,
    pub(crate) kind: AccessKind,
    pub(crate) result: AccessResult,
    /// For people: why the account may not, or why it was not tried.
    pub(crate) problem: Option<&'a str>,
    /// For people: what to do.
    pub(crate) next: Option<&'a str>,
    /// For people: what limits it, or what has to be looked at.
    pub(crate) remarks: &'a [String],
    /// From the last request to its answer's head, in milliseconds.
    pub(crate) round_trip_ms: Option<i64>,
    /// How far the source's clock is ahead of this machine's, in milliseconds.
    pub(crate) clock_skew_ms: Option<i64>,
}

/// What was checked.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum AccessKind {
    /// Whether it can be collected.
    ProofType,
    /// Whether it can be carried out.
    Operation,
}

/// Whether the account may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum AccessResult {
    /// It may.
    Ok,
    /// Reads do not show it: the remarks say what has to be looked at.
    Unknown,
    /// The source says that it may not: a right or a licence is missing, or the account is refused.
    Refused,
    /// It could not be found out: the source, the network or the plugin failed.
    Failed,
    /// It was not tried: what another one failed of is in its way, too, or there was no time left.
    NotTried,
}
