//! The newest line, whose values are the host's own: nothing is turned into anything, and nothing copied.

use wasmtime::Store;
use wasmtime::component::{InstancePre, ResourceAny};

use crate::contract::catalog::{Manifest, Origin};
use crate::contract::collection::{Batch, Job, Response, Step};
use crate::contract::testing::{Observation, Report, Test};
use crate::contract::types::{Error, Instant, Row, Setting};
use crate::contract::{Exports, PluginPre};

use super::super::state::State;
use super::super::version::CONTRACT;
use super::calls::{Call, Instance, Line, OtherTypes, Prepared};

pub(crate) struct Newest;

impl Line for Newest {
    fn version(&self) -> &'static str {
        CONTRACT
    }

    fn interfaces(&self) -> &'static [&'static str] {
        &["catalog", "collection", "testing"]
    }

    fn prepare(&self, component: InstancePre<State>) -> wasmtime::Result<Box<dyn Prepared>> {
        Ok(Box::new(PluginPre::new(component)?))
    }
}

impl Prepared for PluginPre<State> {
    fn start<'a>(&'a self, store: &'a mut Store<State>) -> Call<'a, Box<dyn Instance>> {
        Box::pin(async move {
            let instance = self.instance_pre().instantiate_async(&mut *store).await?;
            let exports = Exports::new(store, &instance).map_err(|error| error.context(OtherTypes))?;
            Ok(Box::new(exports) as Box<dyn Instance>)
        })
    }
}

impl Instance for Exports {
    fn describe<'a>(&'a self, store: &'a mut Store<State>) -> Call<'a, Manifest> {
        Box::pin(self.exhibit_plugin_catalog().call_describe(store))
    }

    fn resolve<'a>(
        &'a self,
        store: &'a mut Store<State>,
        settings: &'a [Setting],
    ) -> Call<'a, Result<Vec<Origin>, Error>> {
        Box::pin(self.exhibit_plugin_catalog().call_resolve(store, settings))
    }

    fn open_session<'a>(
        &'a self,
        store: &'a mut Store<State>,
        job: &'a Job,
    ) -> Call<'a, Result<ResourceAny, Error>> {
        Box::pin(async move { self.exhibit_plugin_collection().session().call_open(store, job).await })
    }

    fn next<'a>(
        &'a self,
        store: &'a mut Store<State>,
        session: ResourceAny,
    ) -> Call<'a, Result<Step, Error>> {
        Box::pin(async move { self.exhibit_plugin_collection().session().call_next(store, session).await })
    }

    fn waited<'a>(&'a self, store: &'a mut Store<State>, session: ResourceAny) -> Call<'a, ()> {
        Box::pin(async move { self.exhibit_plugin_collection().session().call_waited(store, session).await })
    }

    fn accept<'a>(
        &'a self,
        store: &'a mut Store<State>,
        session: ResourceAny,
        head: &'a Response,
    ) -> Call<'a, Result<(), Error>> {
        Box::pin(
            async move { self.exhibit_plugin_collection().session().call_accept(store, session, head).await },
        )
    }

    fn feed<'a>(
        &'a self,
        store: &'a mut Store<State>,
        session: ResourceAny,
        chunk: &'a [u8],
    ) -> Call<'a, Result<Batch, Error>> {
        Box::pin(
            async move { self.exhibit_plugin_collection().session().call_feed(store, session, chunk).await },
        )
    }

    fn end<'a>(
        &'a self,
        store: &'a mut Store<State>,
        session: ResourceAny,
    ) -> Call<'a, Result<Batch, Error>> {
        Box::pin(async move { self.exhibit_plugin_collection().session().call_end(store, session).await })
    }

    fn interrupted<'a>(&'a self, store: &'a mut Store<State>, session: ResourceAny) -> Call<'a, ()> {
        Box::pin(
            async move { self.exhibit_plugin_collection().session().call_interrupted(store, session).await },
        )
    }

    fn checkpoint<'a>(&'a self, store: &'a mut Store<State>, session: ResourceAny) -> Call<'a, Vec<u8>> {
        Box::pin(
            async move { self.exhibit_plugin_collection().session().call_checkpoint(store, session).await },
        )
    }

    fn open_tester<'a>(
        &'a self,
        store: &'a mut Store<State>,
        proof_type: &'a str,
        tests: &'a [Test],
        as_of: Instant,
    ) -> Call<'a, Result<ResourceAny, Error>> {
        Box::pin(async move {
            self.exhibit_plugin_testing().tester().call_open(store, proof_type, tests, as_of).await
        })
    }

    fn fields<'a>(&'a self, store: &'a mut Store<State>, tester: ResourceAny) -> Call<'a, Vec<String>> {
        Box::pin(async move { self.exhibit_plugin_testing().tester().call_fields(store, tester).await })
    }

    fn observe<'a>(
        &'a self,
        store: &'a mut Store<State>,
        tester: ResourceAny,
        rows: &'a [Row],
    ) -> Call<'a, Result<Observation, Error>> {
        Box::pin(
            async move { self.exhibit_plugin_testing().tester().call_observe(store, tester, rows).await },
        )
    }

    fn finish<'a>(&'a self, store: &'a mut Store<State>, tester: ResourceAny) -> Call<'a, Vec<Report>> {
        Box::pin(async move { self.exhibit_plugin_testing().tester().call_finish(store, tester).await })
    }
}
