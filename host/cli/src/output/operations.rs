//! Operations, lookups, and the guide.

use std::collections::BTreeMap;

use exhibit::contract::catalog::{Lookup, Operation};
use exhibit::contract::collection::{Effect, Request};
use exhibit::contract::types::Row;
use exhibit::evidence;
use exhibit_records::{Proof, RequestRecord};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value as Json;

use super::proof_types::ParameterOutput;

/// What `exhibit operate` prints of an operation: of one, or of each in a list.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct OperationOutput<'a> {
    name: &'a str,
    label: &'a str,
    help: &'a str,
    parameters: Vec<ParameterOutput<'a>>,
    /// The parameter that is repeated to confirm it.
    confirm: &'a str,
    /// The fields of its report.
    fields: Vec<&'a str>,
    needs: &'a [String],
}

impl<'a> From<&'a Operation> for OperationOutput<'a> {
    fn from(it: &'a Operation) -> Self {
        Self {
            name: &it.name,
            label: &it.label,
            help: &it.help,
            parameters: it.parameters.iter().map(ParameterOutput::from).collect(),
            confirm: &it.confirm,
            fields: it.fields.iter().map(|it| it.name.as_str()).collect(),
            needs: &it.needs,
        }
    }
}

/// What `exhibit operate` prints where nothing was confirmed: what it would send.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ProposalOutput<'a> {
    operation: &'a str,
    /// Always false.
    sent: bool,
    /// What would be sent; null where nothing is to be changed.
    request: Option<RequestRecord>,
    /// The URL of the origin that it would go to.
    origin: Option<&'a str>,
    /// A sentence on what it would change.
    summary: Option<&'a str>,
    /// What it would touch: labels and texts.
    details: &'a [(String, String)],
    /// The parameter that is repeated to confirm it, and its value.
    confirm: (&'a str, Option<&'a str>),
}

impl<'a> ProposalOutput<'a> {
    pub(crate) fn nothing(operation: &'a Operation) -> Self {
        Self {
            operation: &operation.name,
            sent: false,
            request: None,
            origin: None,
            summary: None,
            details: &[],
            confirm: (&operation.confirm, None),
        }
    }

    pub(crate) fn of(
        operation: &'a Operation,
        request: &'a Request,
        origin: &'a str,
        value: &'a str,
    ) -> Self {
        let change = match &request.effect {
            Effect::Write(change) => Some(change),
            Effect::Read => None,
        };
        Self {
            operation: &operation.name,
            sent: false,
            request: Some(RequestRecord::from(request)),
            origin: Some(origin),
            summary: change.map(|it| it.summary.as_str()),
            details: change.map_or(&[], |it| it.details.as_slice()),
            confirm: (&operation.confirm, Some(value)),
        }
    }
}

/// What `exhibit operate` prints of what was done.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct OperateOutput<'a> {
    /// Where the evidence is: a folder, or its name in a store.
    pub(crate) folder: &'a str,
    /// As `proof.json` has it; its outcome says what came of it.
    pub(crate) proof: &'a Proof,
}

/// What `exhibit lookup` prints: of one lookup, or of each in a list, then without rows.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct LookupOutput<'a> {
    lookup: &'a str,
    label: &'a str,
    help: &'a str,
    /// The field that holds what a parameter takes.
    value: &'a str,
    /// The parameters and criteria that take it.
    parameters: &'a [String],
    needs: &'a [String],
    /// By field, as rows of evidence have values; a field that the source did not say is left out.
    rows: Vec<BTreeMap<&'a str, Json>>,
    notes: &'a [String],
}

impl<'a> LookupOutput<'a> {
    pub(crate) fn new(it: &'a Lookup, rows: &'a [Row], notes: &'a [String]) -> Self {
        let row = |row: &'a Row| {
            let cells = it.fields.iter().zip(row);
            let said = cells.filter(|(_, value)| !matches!(value, exhibit::contract::types::Value::Absent));
            said.map(|(field, value)| (field.name.as_str(), evidence::json(value))).collect()
        };
        Self {
            lookup: &it.name,
            label: &it.label,
            help: &it.help,
            value: &it.value,
            parameters: &it.parameters,
            needs: &it.needs,
            rows: rows.iter().map(row).collect(),
            notes,
        }
    }
}

/// What `exhibit guide` prints.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct GuideOutput<'a> {
    /// CommonMark; empty where the plugin brings none.
    pub(crate) guide: &'a str,
}
