//! The request, repeated at the head of its answer for `echo_request=1`.

use crate::{parameters::Parameters, question::Question, refusal::Refusal, xml::Xml};

/// A request that wants to see itself.
pub(crate) struct Echo {
    now: i64,
    username: String,
    resource: String,
    parameters: Vec<(String, String)>,
}

impl Echo {
    /// What to repeat, where that was asked for.
    pub(crate) fn read(parameters: &Parameters, question: &Question<'_>) -> Result<Option<Self>, Refusal> {
        let echo = Self {
            now: question.world.now_seconds(),
            username: question.caller.login.clone(),
            resource: question.call.path.clone(),
            parameters: parameters.pairs().to_vec(),
        };
        Ok(parameters.is_set("echo_request")?.then_some(echo))
    }

    pub(crate) fn write(&self, xml: &mut Xml<'_>) {
        xml.open("REQUEST");
        xml.moment("DATETIME", self.now);
        xml.text("USER_LOGIN", &self.username);
        xml.text("RESOURCE", &self.resource);
        xml.open("PARAM_LIST");
        for (name, value) in &self.parameters {
            xml.open("PARAM");
            xml.text("KEY", name);
            xml.text("VALUE", value);
            xml.close("PARAM");
        }
        xml.close("PARAM_LIST");
        xml.close("REQUEST");
    }
}
