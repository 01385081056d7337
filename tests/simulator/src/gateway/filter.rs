//! The documented filters of certificates, as far as clients send them.

use std::cmp::Ordering;

use serde_json::Value;

use super::{certificate::Certificate, refused::Refused};
use crate::clock;

/// What certificates must be like.
#[derive(Debug, Default)]
pub(super) struct Filter {
    conditions: Vec<Condition>,
    is_any: bool,
    /// `None` for all.
    managed: Option<bool>,
}

#[derive(Debug)]
struct Condition {
    field: Field,
    operator: Operator,
    value: String,
}

#[derive(Clone, Copy, Debug)]
enum Field {
    Hash,
    Serial,
    Kind,
    ValidTo,
    Updated,
    Tag,
}

#[derive(Clone, Copy, Debug)]
enum Operator {
    Equals,
    NotEquals,
    Contains,
    Orders(&'static [Ordering]),
}

impl Filter {
    /// Reads `filter` and `assetType` of a request.
    pub(super) fn read(filter: Option<&Value>, asset_type: Option<&Value>) -> Result<Self, Refused> {
        let managed = match asset_type.map(|it| it.as_str().unwrap_or_default()) {
            None | Some("MANAGED") => Some(true),
            Some("UNMANAGED") => Some(false),
            Some("ALL") => None,
            Some(other) => return Err(Refused::bad_request(format!("assetType cannot be {other}"))),
        };
        let Some(filter) = filter else { return Ok(Self { managed, ..Self::default() }) };
        // One public client writes `operator` where the documentation has `operation`.
        let operation =
            filter.get("operation").or(filter.get("operator")).map(|it| it.as_str().unwrap_or_default());
        let is_any = match operation {
            None | Some("AND") => false,
            Some("OR") => true,
            Some(other) => return Err(Refused::bad_request(format!("operation cannot be {other}"))),
        };
        let all = filter.get("filters").and_then(Value::as_array);
        let all = all.ok_or_else(|| Refused::bad_request("filter.filters is missing"))?;
        let conditions = all.iter().map(Condition::read).collect::<Result<_, _>>()?;
        Ok(Self { conditions, is_any, managed })
    }

    /// Whether nothing is left out.
    pub(super) fn is_all(&self) -> bool {
        self.conditions.is_empty() && self.managed.is_none()
    }

    pub(super) fn admits(&self, certificate: &Certificate) -> bool {
        let mut met = self.conditions.iter().map(|it| it.is_met(certificate));
        let of_conditions =
            if self.is_any && !self.conditions.is_empty() { met.any(|it| it) } else { met.all(|it| it) };
        !certificate.unborn && self.managed.is_none_or(|it| it == certificate.is_managed) && of_conditions
    }
}

impl Condition {
    fn read(json: &Value) -> Result<Self, Refused> {
        let text = |name: &str| json.get(name).and_then(Value::as_str).unwrap_or_default();
        let field = match text("field") {
            "certificate.hash" => Field::Hash,
            "certificate.serialNumber" => Field::Serial,
            "certificate.type" => Field::Kind,
            "certificate.validToDate" => Field::ValidTo,
            "certificate.updateDate" => Field::Updated,
            "asset.tagName" => Field::Tag,
            other => return Err(Refused::bad_request(format!("the field {other} cannot be filtered by"))),
        };
        let operator = match text("operator") {
            "EQUALS" => Operator::Equals,
            "NOT_EQUALS" => Operator::NotEquals,
            "CONTAINS" => Operator::Contains,
            "LESSER" => Operator::Orders(&[Ordering::Less]),
            "GREATER" => Operator::Orders(&[Ordering::Greater]),
            "LESS_THAN_EQUAL" => Operator::Orders(&[Ordering::Less, Ordering::Equal]),
            "GREATER_THAN_EQUAL" => Operator::Orders(&[Ordering::Greater, Ordering::Equal]),
            other => return Err(Refused::bad_request(format!("the operator {other} is not known"))),
        };
        let value = text("value").to_owned();
        let is_date = matches!(field, Field::ValidTo | Field::Updated);
        if value.is_empty() || is_date && clock::parse(&value).is_none() {
            return Err(Refused::bad_request(format!("{value} is not a value of {}", text("field"))));
        }
        Ok(Self { field, operator, value })
    }

    fn is_met(&self, certificate: &Certificate) -> bool {
        let order = |seconds: i64| clock::parse(&self.value).map(|it| seconds.cmp(&it));
        let (text, order) = match self.field {
            Field::Hash => (certificate.hash.as_str(), None),
            Field::Serial => (certificate.serial.as_str(), None),
            Field::Kind => (certificate.kind, None),
            Field::Tag => (certificate.tag, None),
            Field::ValidTo => ("", order(certificate.valid_to)),
            Field::Updated => ("", order(certificate.updated)),
        };
        let order = order.unwrap_or_else(|| text.cmp(&self.value));
        match self.operator {
            Operator::Equals => order.is_eq(),
            Operator::NotEquals => order.is_ne(),
            Operator::Contains => text.contains(&self.value),
            Operator::Orders(orders) => orders.contains(&order),
        }
    }
}
