//! A line that never was, and what a host makes of it: much that today's line has is not there.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use wasmtime::Store;
use wasmtime::component::{InstancePre, ResourceAny};

use crate::contract::catalog::{Field, Manifest, Origin, ProofType};
use crate::contract::collection::{Batch, Body, Effect, Job, Method, Request, Response, Step, Summary, Task};
use crate::contract::testing::{Observation, Report, Test};
use crate::contract::types::{Error, Instant, Kind, Problem, Row, Setting, Value};

use super::super::super::state::State;
use super::super::calls::{Call, Instance, Line, Prepared};

use self::bindings::{Plugin, PluginPre};

mod bindings {
    wasmtime::component::bindgen!({
        path: "src/plugin/lines/tests/made-up",
        world: "plugin",
        exports: { default: async },
    });
}

/// The one origin of a plugin of this line.
const ORIGIN: &str = "source";

pub(super) struct MadeUp;

/// An instance, and what it gave: the line has no summary, so the host counts.
struct Counting {
    plugin: Plugin,
    pages: AtomicU32,
    rows: AtomicU64,
}

impl Line for MadeUp {
    fn version(&self) -> &'static str {
        "0.0.9"
    }

    fn interfaces(&self) -> &'static [&'static str] {
        &["catalog", "collection"]
    }

    fn prepare(&self, component: InstancePre<State>) -> wasmtime::Result<Box<dyn Prepared>> {
        Ok(Box::new(PluginPre::new(component)?))
    }
}

impl Prepared for PluginPre<State> {
    fn start<'a>(&'a self, store: &'a mut Store<State>) -> Call<'a, Box<dyn Instance>> {
        Box::pin(async move {
            let plugin = self.instantiate_async(store).await?;
            let counting = Counting { plugin, pages: AtomicU32::new(0), rows: AtomicU64::new(0) };
            Ok(Box::new(counting) as Box<dyn Instance>)
        })
    }
}

impl Instance for Counting {
    fn describe<'a>(&'a self, store: &'a mut Store<State>) -> Call<'a, Manifest> {
        Box::pin(async move {
            let old = self.plugin.exhibit_plugin_catalog().call_describe(store).await?;
            Ok(Manifest {
                id: old.id,
                version: String::new(),
                label: old.label,
                vendor: String::new(),
                settings: vec![],
                secrets: vec![],
                auth: vec![],
                answer_headers: vec![],
                proof_types: vec![proof_type(old.proof, old.columns)],
                operations: vec![],
                lookups: vec![],
                inventories: vec![],
                guide: String::new(),
            })
        })
    }

    fn resolve<'a>(
        &'a self,
        store: &'a mut Store<State>,
        _: &'a [Setting],
    ) -> Call<'a, Result<Vec<Origin>, Error>> {
        Box::pin(async move {
            let old = self.plugin.exhibit_plugin_catalog().call_describe(store).await?;
            Ok(Ok(vec![Origin { name: ORIGIN.to_owned(), url: Some(old.url), portal: None }]))
        })
    }

    fn open_session<'a>(
        &'a self,
        store: &'a mut Store<State>,
        job: &'a Job,
    ) -> Call<'a, Result<ResourceAny, Error>> {
        Box::pin(async move {
            let Task::Collect(name) = &job.task else { return Ok(Err(invalid("it only collects"))) };
            let opened = self.plugin.exhibit_plugin_collection().session().call_open(store, name).await?;
            Ok(opened.map_err(|message| invalid(&message)))
        })
    }

    fn next<'a>(
        &'a self,
        store: &'a mut Store<State>,
        session: ResourceAny,
    ) -> Call<'a, Result<Step, Error>> {
        Box::pin(async move {
            let path = self.plugin.exhibit_plugin_collection().session().call_next(store, session).await?;
            Ok(Ok(path.map_or_else(|| Step::Finished(self.summary()), |path| Step::Send(get(path)))))
        })
    }

    fn waited<'a>(&'a self, _: &'a mut Store<State>, _: ResourceAny) -> Call<'a, ()> {
        Box::pin(async { Ok(()) })
    }

    fn accept<'a>(
        &'a self,
        _: &'a mut Store<State>,
        _: ResourceAny,
        _: &'a Response,
    ) -> Call<'a, Result<(), Error>> {
        Box::pin(async { Ok(Ok(())) })
    }

    fn feed<'a>(
        &'a self,
        store: &'a mut Store<State>,
        session: ResourceAny,
        chunk: &'a [u8],
    ) -> Call<'a, Result<Batch, Error>> {
        Box::pin(async move {
            let session_type = self.plugin.exhibit_plugin_collection().session();
            let old = session_type.call_feed(store, session, chunk).await?;
            self.rows.fetch_add(old.len() as u64, Ordering::Relaxed);
            let value = |it: Option<String>| it.map_or(Value::Absent, Value::Text);
            let rows = old.into_iter().map(|row| row.into_iter().map(value).collect()).collect();
            Ok(Ok(Batch { rows, rejected: vec![] }))
        })
    }

    fn end<'a>(&'a self, _: &'a mut Store<State>, _: ResourceAny) -> Call<'a, Result<Batch, Error>> {
        self.pages.fetch_add(1, Ordering::Relaxed);
        Box::pin(async { Ok(Ok(Batch { rows: vec![], rejected: vec![] })) })
    }

    fn interrupted<'a>(&'a self, _: &'a mut Store<State>, _: ResourceAny) -> Call<'a, ()> {
        Box::pin(async { Ok(()) })
    }

    fn checkpoint<'a>(&'a self, _: &'a mut Store<State>, _: ResourceAny) -> Call<'a, Vec<u8>> {
        Box::pin(async { Ok(vec![]) })
    }

    fn open_tester<'a>(
        &'a self,
        _: &'a mut Store<State>,
        _: &'a str,
        _: &'a [Test],
        _: Instant,
    ) -> Call<'a, Result<ResourceAny, Error>> {
        Box::pin(async { Ok(Err(invalid("plugins of the line 0.0.9 test nothing"))) })
    }

    fn fields<'a>(&'a self, _: &'a mut Store<State>, _: ResourceAny) -> Call<'a, Vec<String>> {
        Box::pin(async { Ok(vec![]) })
    }

    fn observe<'a>(
        &'a self,
        _: &'a mut Store<State>,
        _: ResourceAny,
        _: &'a [Row],
    ) -> Call<'a, Result<Observation, Error>> {
        Box::pin(async { Ok(Err(invalid("plugins of the line 0.0.9 test nothing"))) })
    }

    fn finish<'a>(&'a self, _: &'a mut Store<State>, _: ResourceAny) -> Call<'a, Vec<Report>> {
        Box::pin(async { Ok(vec![]) })
    }
}

impl Counting {
    fn summary(&self) -> Summary {
        Summary {
            pages: self.pages.load(Ordering::Relaxed),
            rows: self.rows.load(Ordering::Relaxed),
            declared: None,
            rejected: 0,
            duplicates: 0,
            outside_window: 0,
            point: None,
            outcome: None,
            repeated_keys: None,
            window: None,
            notes: vec![],
        }
    }
}

fn proof_type(name: String, columns: Vec<String>) -> ProofType {
    let field = |name: String| Field {
        label: name.clone(),
        name,
        aliases: vec![],
        kind: Kind::Text,
        help: String::new(),
        shown: true,
        personal: false,
    };
    ProofType {
        label: name.clone(),
        name,
        help: String::new(),
        // The line names no key: rows are told apart by all that they have.
        key: columns.clone(),
        fields: columns.into_iter().map(field).collect(),
        criteria: vec![],
        window: None,
        changes: Err("Its source is not asked for changes.".to_owned()),
        needs: vec![],
        link: None,
        schedule: String::new(),
        suggested: vec![],
        blanked: vec![],
    }
}

fn get(path: String) -> Request {
    Request {
        origin: ORIGIN.to_owned(),
        method: Method::Get,
        path,
        query: vec![],
        headers: vec![],
        body: Body::None,
        auth: None,
        effect: Effect::Read,
    }
}

fn invalid(message: &str) -> Error {
    Error::Invalid(Problem { message: message.to_owned(), remedy: None, code: None, subject: None })
}
