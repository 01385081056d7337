//! What a test of a file means for a proof type: the contract's test, or what in it makes
//! no sense.

use std::ops::Range;

use toml::Spanned;

use crate::contract::bounds;
use crate::contract::catalog::{Field, ProofType};
use crate::contract::testing::{Condition, EmptyRule, Operand, Test, TestCase};
use crate::contract::types::Kind;
use crate::nearest::nearest;
use crate::remedy::Remedy;

use super::control;
use super::error::{Fault, SuiteError};
use super::literal::{example, holds};
use super::operator::{Operator, Takes};
use super::read::TestFile;
use super::serde_words::short;
use super::threshold;
use super::written::{self, WhenEmpty};

/// Reads the tests of one file for one proof type.
pub(super) struct Reader<'a> {
    pub(super) file: &'a TestFile,
    pub(super) proof_type: &'a ProofType,
}

impl Reader<'_> {
    pub(super) fn test(&self, test: &written::Test) -> Result<Test, SuiteError> {
        let written::Test { name, label, why, controls, threshold, when_empty, scope, case, .. } = test;
        bounds::name(name.get_ref())
            .map_err(|what| self.fault(what, name.span()).next("rename it, as in name = \"users-sign-in\""))
            .map_err(SuiteError::Senseless)?;
        if case.get_ref().is_empty() {
            let fault = self.fault("without a case every row would pass", case.span());
            return Err(SuiteError::Senseless(
                fault.next("say what a row must be to pass, under [[test.case]]"),
            ));
        }
        if controls.len() > bounds::ENTRIES {
            let what = format!("a test may list at most {} controls", bounds::ENTRIES);
            let fault = self.fault(what, controls[bounds::ENTRIES].span());
            return Err(SuiteError::Senseless(fault.next("make several tests of it")));
        }
        Ok(Test {
            name: name.get_ref().clone(),
            label: self.line(label)?,
            help: match why {
                Some(why) => {
                    bounds::help(why.get_ref()).map_err(|what| self.text(what, why.span()))?;
                    why.get_ref().clone()
                }
                None => String::new(),
            },
            scope: self.conditions(scope)?,
            cases: case.get_ref().iter().map(|it| self.case(it)).collect::<Result<_, _>>()?,
            threshold: match threshold {
                Some(share) => share
                    .get_ref()
                    .hundredths()
                    .map_err(|no| SuiteError::Senseless(self.fault(no.what, share.span()).next(no.remedy)))?,
                None => threshold::ALL,
            },
            when_empty: (*when_empty).into(),
            controls: controls.iter().map(|it| self.control(it)).collect::<Result<_, _>>()?,
        })
    }

    fn case(&self, case: &written::Case) -> Result<TestCase, SuiteError> {
        if case.all.get_ref().is_empty() {
            let fault = self.fault("without a condition every row would pass", case.all.span());
            return Err(SuiteError::Senseless(fault.next("add { field = …, operator = … }")));
        }
        Ok(TestCase {
            label: case.label.as_ref().map(|it| self.line(it)).transpose()?.unwrap_or_default(),
            conditions: self.conditions(case.all.get_ref())?,
        })
    }

    fn conditions(&self, all: &[Spanned<written::Condition>]) -> Result<Vec<Condition>, SuiteError> {
        all.iter().map(|it| self.condition(it.get_ref()).map_err(SuiteError::Senseless)).collect()
    }

    fn condition(&self, condition: &written::Condition) -> Result<Condition, Fault> {
        let field = self.field(&condition.field)?;
        let operator = *condition.operator.get_ref();
        if !operator.fits(field.kind) {
            let fitting: Vec<String> =
                Operator::ALL.into_iter().filter(|it| it.fits(field.kind)).map(Operator::name).collect();
            let what = format!(
                "`{}` cannot be asked of `{}`, which holds {}",
                operator.name(),
                field.name,
                holds(field.kind)
            );
            let fault = self.fault(what, condition.operator.span());
            return Err(fault.next(format!("what can be asked of it: {}", fitting.join(", "))));
        }
        Ok(Condition {
            field: condition.field.get_ref().clone(),
            operator: operator.into(),
            operand: self.operand(condition, operator, field)?,
        })
    }

    fn operand(
        &self,
        condition: &written::Condition,
        operator: Operator,
        field: &Field,
    ) -> Result<Operand, Fault> {
        let written::Condition { value, days, other, .. } = condition;
        let given = [
            ("value", value.as_ref().map(Spanned::span)),
            ("days", days.as_ref().map(Spanned::span)),
            ("other", other.as_ref().map(Spanned::span)),
        ];
        let mut given = given.into_iter().filter_map(|(key, span)| Some((key, span?)));
        let first = given.next();
        if let (Some((one, _)), Some((another, span))) = (&first, given.next()) {
            let what = format!("a condition takes only one of `{one}` and `{another}`");
            return Err(self.fault(what, span).next(format!("leave out `{one}` or `{another}`")));
        }
        match (operator.takes(), value, days, other) {
            (Takes::Nothing, None, None, None) => Ok(Operand::None),
            (Takes::Days, None, Some(days), None) => Ok(Operand::Days(*days.get_ref())),
            (Takes::ValueOrOther, None, None, Some(other)) => {
                self.field(other)?;
                Ok(Operand::Field(other.get_ref().clone()))
            }
            (Takes::ValueOrOther, Some(value), None, None) => {
                let refuse = || {
                    let what = format!(
                        "`{}` holds {}, and this value has another type",
                        field.name,
                        holds(field.kind)
                    );
                    self.fault(what, value.span()).next(example(field.kind))
                };
                value.get_ref().value(field.kind).map(Operand::Value).ok_or_else(refuse)
            }
            (Takes::Text, Some(value), None, None) => {
                let refuse = || {
                    let what = format!("`{}` takes a text, and this value has another type", operator.name());
                    self.fault(what, value.span()).next(example(Kind::Text))
                };
                value.get_ref().value(Kind::Text).map(Operand::Value).ok_or_else(refuse)
            }
            (takes, ..) => Err(self.wrong_key(condition, operator, takes, first)),
        }
    }

    /// The operator takes another key than was given, if any was.
    fn wrong_key(
        &self,
        condition: &written::Condition,
        operator: Operator,
        takes: Takes,
        given: Option<(&'static str, Range<usize>)>,
    ) -> Fault {
        let add = match takes {
            Takes::Nothing => "",
            Takes::ValueOrOther => "value = …, or other = \"another-field\"",
            Takes::Text => "value = \"…\"",
            Takes::Days => "days = 30",
        };
        let name = operator.name();
        match given {
            None => {
                let what = format!("`{name}` needs something to compare the field with");
                self.fault(what, condition.operator.span()).next(format!("add {add}"))
            }
            Some((key, span)) if takes == Takes::Nothing => {
                let what = format!("`{name}` takes no `{key}`");
                self.fault(what, span).next(format!("leave out `{key}`"))
            }
            Some((key, span)) => {
                let what = format!("`{name}` takes no `{key}`");
                self.fault(what, span).next(format!("write {add} instead"))
            }
        }
    }

    fn field(&self, name: &Spanned<String>) -> Result<&Field, Fault> {
        let written = name.get_ref();
        let fields = &self.proof_type.fields;
        let named = |it: &&Field| it.name == *written || it.aliases.contains(written);
        fields.iter().find(named).ok_or_else(|| {
            let what = format!("`{}` has no field `{}`", self.proof_type.name, short(written));
            let remedy = match nearest(written, fields.iter().map(|it| it.name.as_str())) {
                Some(meant) => Remedy::DidYouMean { name: meant.to_owned() },
                None => Remedy::ListFields { proof_type: self.proof_type.name.clone() },
            };
            self.fault(what, name.span()).next(remedy)
        })
    }

    fn control(&self, name: &Spanned<String>) -> Result<String, SuiteError> {
        control::wrong(name.get_ref()).map_err(|what| {
            let remedy = "name a framework and a control of it, as in \"soc2:cc6.2\"";
            SuiteError::Senseless(self.fault(what, name.span()).next(remedy))
        })?;
        Ok(name.get_ref().clone())
    }

    fn line(&self, text: &Spanned<String>) -> Result<String, SuiteError> {
        bounds::line(text.get_ref(), bounds::LABEL_BYTES).map_err(|what| self.text(what, text.span()))?;
        Ok(text.get_ref().clone())
    }

    fn text(&self, what: String, span: Range<usize>) -> SuiteError {
        let remedy = "write it shorter, and plain; what needs more words can be said in the test's `why`";
        SuiteError::Senseless(self.fault(what, span).next(remedy))
    }

    fn fault(&self, what: impl Into<String>, span: Range<usize>) -> Fault {
        Fault::new(what, self.file.place(span))
    }
}

impl From<WhenEmpty> for EmptyRule {
    fn from(it: WhenEmpty) -> Self {
        match it {
            WhenEmpty::Fail => Self::Fail,
            WhenEmpty::Pass => Self::Pass,
            WhenEmpty::Inconclusive => Self::Inconclusive,
        }
    }
}
