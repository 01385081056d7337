//! Answers without the values that the plugin's manifest says must not be kept: as the host does it.

use exhibit_blank::Blanker;
use exhibit_plugin::collection::Request;

use crate::transport::{Answer, Body, Transport, TransportError};

/// Blanks values in what another transport answers.
pub(crate) struct Blanking<T> {
    transport: T,
    names: Vec<String>,
}

impl<T> Blanking<T> {
    /// The values of these names.
    pub(crate) fn new(transport: T, names: &[String]) -> Self {
        Self { transport, names: names.to_vec() }
    }
}

impl<T: Transport> Transport for Blanking<T> {
    fn answer(&mut self, request: &Request) -> Result<Answer, TransportError> {
        let Answer { head, body } = self.transport.answer(request)?;
        let body = Blanked { body, blanker: Blanker::new(&self.names), is_over: false };
        Ok(Answer { head, body: Box::new(body) })
    }

    fn is_live(&self) -> bool {
        self.transport.is_live()
    }
}

struct Blanked {
    body: Box<dyn Body>,
    blanker: Blanker,
    is_over: bool,
}

impl Body for Blanked {
    fn chunk(&mut self) -> Result<Option<Vec<u8>>, TransportError> {
        let mut kept = Vec::new();
        while kept.is_empty() && !self.is_over {
            match self.body.chunk()? {
                Some(chunk) => self.blanker.pass(&chunk, &mut kept),
                None => {
                    self.is_over = true;
                    self.blanker.end(&mut kept);
                }
            }
        }
        Ok((!kept.is_empty()).then_some(kept))
    }
}
