//! A search that is not answered: a response code, mostly under status 200.

use crate::{
    call::Received,
    stream::{Document, Source},
    xml::Xml,
};

/// What is wrong with a search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) code: &'static str,
    message: String,
    resolution: String,
}

impl Refused {
    /// A request that makes no sense.
    pub(crate) fn request(message: impl Into<String>, resolution: impl Into<String>) -> Self {
        Self { code: "INVALID_REQUEST", message: message.into(), resolution: resolution.into() }
    }

    /// An object that is not there.
    pub(crate) fn missing(message: impl Into<String>) -> Self {
        Self { code: "NOT_FOUND", message: message.into(), resolution: "Please check the id.".to_owned() }
    }

    /// A body that is not the document that it should be.
    pub(crate) fn document(message: impl Into<String>) -> Self {
        Self {
            code: "INVALID_XML",
            message: message.into(),
            resolution: "Please send a ServiceRequest.".to_owned(),
        }
    }

    /// A permission that the account lacks.
    pub(crate) fn unauthorized() -> Self {
        Self {
            code: "UNAUTHORIZED",
            message: "The user has no permission to use this API.".to_owned(),
            resolution: "Please check the permissions of the user.".to_owned(),
        }
    }

    /// A login that is not known, or none.
    pub(crate) fn login(call: &Received) -> Self {
        let (code, message) = match call.header("authorization") {
            Some(_) => ("INVALID_CREDENTIALS", "The user name or the password is wrong."),
            None => ("AUTH_CREDENTIALS_NEEDED", "There is neither a user name nor a password."),
        };
        Self { code, message: message.to_owned(), resolution: "Please check them.".to_owned() }
    }

    /// The body of the answer.
    pub(crate) fn source(&self) -> Source {
        let mut out = Vec::new();
        Document::declaration(&mut out);
        let mut xml = Xml::new(&mut out, 0);
        xml.open("ServiceResponse");
        xml.text("responseCode", self.code);
        xml.open("responseErrorDetails");
        xml.text("errorMessage", &self.message);
        xml.text("errorResolution", &self.resolution);
        xml.close("responseErrorDetails");
        xml.close("ServiceResponse");
        Source::Whole(out.into())
    }
}
