//! Exports a [`Plugin`] through the contract.

use std::cell::RefCell;
use std::marker::PhantomData;

use crate::arguments::Arguments;
use crate::contract::types::{Error, Instant, Row, Setting};
use crate::contract::{catalog, collection, testing};
use crate::plugin::Plugin;
use crate::problem::invalid;
use crate::tester::Tester;
use crate::work::Work;

/// A [`Plugin`], in the shape that the bindings want. For [`export!`](crate::export!).
#[derive(Debug)]
pub struct Export<P>(PhantomData<P>);

impl<P: Plugin> catalog::Guest for Export<P> {
    fn describe() -> catalog::Manifest {
        P::manifest()
    }

    fn resolve(settings: Vec<Setting>) -> Result<Vec<catalog::Origin>, Error> {
        let manifest = P::manifest();
        P::resolve(&Arguments::check("setting", &manifest.settings, settings)?)
    }
}

impl<P: Plugin> collection::Guest for Export<P> {
    type Session = Open<P>;
}

/// A session, behind the shared reference that an exported resource is called by.
pub struct Open<P> {
    session: RefCell<Work>,
    plugin: PhantomData<P>,
}

impl<P: Plugin> collection::GuestSession for Open<P> {
    fn open(job: collection::Job) -> Result<collection::Session, Error> {
        let session = RefCell::new(Work::open::<P>(job)?);
        Ok(collection::Session::new(Self { session, plugin: PhantomData }))
    }

    fn next(&self) -> Result<collection::Step, Error> {
        self.session.borrow_mut().next()
    }

    fn waited(&self) {
        self.session.borrow_mut().waited();
    }

    fn accept(&self, head: collection::Response) -> Result<(), Error> {
        self.session.borrow_mut().accept(&head)
    }

    fn feed(&self, chunk: Vec<u8>) -> Result<collection::Batch, Error> {
        self.session.borrow_mut().feed(&chunk)
    }

    fn end(&self) -> Result<collection::Batch, Error> {
        self.session.borrow_mut().end()
    }

    fn interrupted(&self) {
        self.session.borrow_mut().interrupted();
    }

    fn checkpoint(&self) -> Vec<u8> {
        self.session.borrow().checkpoint()
    }
}

impl<P: Plugin> testing::Guest for Export<P> {
    type Tester = Testing<P>;
}

/// A tester, behind the shared reference that an exported resource is called by.
pub struct Testing<P> {
    tester: RefCell<Tester>,
    plugin: PhantomData<P>,
}

impl<P: Plugin> testing::GuestTester for Testing<P> {
    fn open(proof_type: String, tests: Vec<testing::Test>, as_of: Instant) -> Result<testing::Tester, Error> {
        let manifest = P::manifest();
        let Some(proof_type) = manifest.proof_types.iter().find(|it| it.name == proof_type) else {
            return Err(invalid(format!("unknown proof type {proof_type:?}")).about(proof_type));
        };
        let tester = RefCell::new(Tester::open(proof_type, &tests, as_of)?);
        Ok(testing::Tester::new(Self { tester, plugin: PhantomData }))
    }

    fn fields(&self) -> Vec<String> {
        self.tester.borrow().fields().to_vec()
    }

    fn observe(&self, rows: Vec<Row>) -> Result<testing::Observation, Error> {
        self.tester.borrow_mut().observe(&rows)
    }

    fn finish(&self) -> Vec<testing::Report> {
        self.tester.borrow().finish()
    }
}
