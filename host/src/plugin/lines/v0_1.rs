//! The line 0.1, as its last frozen version has it.
//!
//! Its plugins do not say what a window proves, count no repeated keys, and name a window that they chose in a note at most.

use wasmtime::Store;
use wasmtime::component::{InstancePre, ResourceAny};

use crate::contract as new;

use super::super::state::State;
use super::adapt::{Adapt, records, variants};
use super::calls::{Call, Instance, Line, OtherTypes, Prepared};

use self::bindings::exports::exhibit::plugin as old;
use self::bindings::{Plugin, PluginPre};

mod bindings {
    wasmtime::component::bindgen!({
        path: "../wit/frozen/0.1.0",
        world: "plugin",
        exports: { default: async },
        additional_derives: [Clone],
    });
}

pub(crate) struct V0_1;

impl Line for V0_1 {
    fn version(&self) -> &'static str {
        "0.1.0"
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
            let exports = Plugin::new(store, &instance).map_err(|error| error.context(OtherTypes))?;
            Ok(Box::new(exports) as Box<dyn Instance>)
        })
    }
}

impl Instance for Plugin {
    fn describe<'a>(&'a self, store: &'a mut Store<State>) -> Call<'a, new::catalog::Manifest> {
        Box::pin(async move { Ok(self.exhibit_plugin_catalog().call_describe(store).await?.adapt()) })
    }

    fn resolve<'a>(
        &'a self,
        store: &'a mut Store<State>,
        settings: &'a [new::types::Setting],
    ) -> Call<'a, Result<Vec<new::catalog::Origin>, new::types::Error>> {
        let settings: Vec<old::types::Setting> = settings.to_vec().adapt();
        Box::pin(
            async move { Ok(self.exhibit_plugin_catalog().call_resolve(store, &settings).await?.adapt()) },
        )
    }

    fn open_session<'a>(
        &'a self,
        store: &'a mut Store<State>,
        job: &'a new::collection::Job,
    ) -> Call<'a, Result<ResourceAny, new::types::Error>> {
        let job: old::collection::Job = job.clone().adapt();
        Box::pin(async move {
            Ok(self.exhibit_plugin_collection().session().call_open(store, &job).await?.adapt())
        })
    }

    fn next<'a>(
        &'a self,
        store: &'a mut Store<State>,
        session: ResourceAny,
    ) -> Call<'a, Result<new::collection::Step, new::types::Error>> {
        Box::pin(async move {
            Ok(self.exhibit_plugin_collection().session().call_next(store, session).await?.adapt())
        })
    }

    fn waited<'a>(&'a self, store: &'a mut Store<State>, session: ResourceAny) -> Call<'a, ()> {
        Box::pin(async move { self.exhibit_plugin_collection().session().call_waited(store, session).await })
    }

    fn accept<'a>(
        &'a self,
        store: &'a mut Store<State>,
        session: ResourceAny,
        head: &'a new::collection::Response,
    ) -> Call<'a, Result<(), new::types::Error>> {
        let head: old::collection::Response = head.clone().adapt();
        Box::pin(async move {
            let collection = self.exhibit_plugin_collection();
            Ok(collection.session().call_accept(store, session, &head).await?.adapt())
        })
    }

    fn feed<'a>(
        &'a self,
        store: &'a mut Store<State>,
        session: ResourceAny,
        chunk: &'a [u8],
    ) -> Call<'a, Result<new::collection::Batch, new::types::Error>> {
        Box::pin(async move {
            Ok(self.exhibit_plugin_collection().session().call_feed(store, session, chunk).await?.adapt())
        })
    }

    fn end<'a>(
        &'a self,
        store: &'a mut Store<State>,
        session: ResourceAny,
    ) -> Call<'a, Result<new::collection::Batch, new::types::Error>> {
        Box::pin(async move {
            Ok(self.exhibit_plugin_collection().session().call_end(store, session).await?.adapt())
        })
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
        tests: &'a [new::testing::Test],
        as_of: new::types::Instant,
    ) -> Call<'a, Result<ResourceAny, new::types::Error>> {
        let tests: Vec<old::testing::Test> = tests.to_vec().adapt();
        Box::pin(async move {
            let tester = self.exhibit_plugin_testing().tester();
            Ok(tester.call_open(store, proof_type, &tests, as_of).await?.adapt())
        })
    }

    fn fields<'a>(&'a self, store: &'a mut Store<State>, tester: ResourceAny) -> Call<'a, Vec<String>> {
        Box::pin(async move { self.exhibit_plugin_testing().tester().call_fields(store, tester).await })
    }

    fn observe<'a>(
        &'a self,
        store: &'a mut Store<State>,
        tester: ResourceAny,
        rows: &'a [new::types::Row],
    ) -> Call<'a, Result<new::testing::Observation, new::types::Error>> {
        let rows: Vec<old::types::Row> = rows.to_vec().adapt();
        Box::pin(async move {
            Ok(self.exhibit_plugin_testing().tester().call_observe(store, tester, &rows).await?.adapt())
        })
    }

    fn finish<'a>(
        &'a self,
        store: &'a mut Store<State>,
        tester: ResourceAny,
    ) -> Call<'a, Vec<new::testing::Report>> {
        Box::pin(async move {
            Ok(self.exhibit_plugin_testing().tester().call_finish(store, tester).await?.adapt())
        })
    }
}

// What a plugin gives.

records! { old => new:
    types::Problem { message, remedy, code, subject }
    catalog::Parameter { name, label, help, kind, choices, required, default }
    catalog::Choice { value, label }
    catalog::Origin { name, url, portal }
    catalog::Auth { name, scheme }
    catalog::BasicAuth { username, password }
    catalog::HeaderAuth { name, prefix, secret }
    catalog::TokenExchange { origin, path, form, lifetime }
    catalog::Field { name, aliases, label, kind, help, shown, personal }
    catalog::Link { origin, path, note }
    collection::Request { origin, method, path, query, headers, body, auth, effect }
    collection::Content { media_type, bytes }
    collection::Pause { seconds, reason, connection_wide, message }
    collection::Batch { rows, rejected }
    collection::Rejection { subject, reason }
    testing::Test { name, label, help, scope, cases, threshold, when_empty, controls }
    testing::TestCase { label, conditions }
    testing::Condition { field, operator, operand }
    testing::Observation { outcomes, findings }
    testing::Finding { row, test, field, seen, wanted }
    testing::Report { test, outcome, counted, passed, failed, inconclusive, not_applicable, message }
}

variants! { old => new:
    types::Value {
        Absent, Empty, Text(it), Integer(it), Number(it), Boolean(it), Instant(it), Duration(it), Texts(it)
    }
    types::Kind { Text, Integer, Number, Boolean, Instant, Duration, Texts }
    types::Error { Denied(it), Unlicensed(it), Invalid(it), Rejected(it), Unavailable(it), Malformed(it) }
    catalog::AuthScheme { Basic(it), Token(it), Header(it) }
    collection::Step { Send(it), Wait(it), Finished(it) }
    collection::Method { Get, Post }
    collection::Body { None, Form(it), Content(it) }
    collection::PauseReason { RateLimit, ConcurrencyLimit, Polling, Maintenance }
    testing::EmptyRule { Fail, Pass, Inconclusive }
    testing::Operand { None, Value(it), Field(it), Days(it) }
    testing::Operator {
        IsEmpty, IsNotEmpty, Equals, DoesNotEqual, Contains, DoesNotContain, MatchesRegex, DoesNotMatchRegex,
        LessThan, AtMost, GreaterThan, AtLeast, IsBefore, IsAfter, IsLessThanDaysFromNow,
        IsAtLeastDaysFromNow, IsMoreThanDaysAgo, IsAtMostDaysAgo, IsTrue, IsFalse
    }
    testing::Outcome { Pass, Fail, Inconclusive, NotApplicable }
}

impl Adapt<new::catalog::Manifest> for old::catalog::Manifest {
    fn adapt(self) -> new::catalog::Manifest {
        let Self {
            id,
            version,
            label,
            vendor,
            settings,
            secrets,
            auth,
            answer_headers,
            proof_types,
            operations,
        } = self;
        new::catalog::Manifest {
            id,
            version,
            label,
            vendor,
            settings: settings.adapt(),
            secrets: secrets.adapt(),
            auth: auth.adapt(),
            answer_headers,
            proof_types: proof_types.adapt(),
            operations: operations.adapt(),
            lookups: vec![],
            inventories: vec![],
            guide: String::new(),
        }
    }
}

impl Adapt<new::catalog::Operation> for old::catalog::Operation {
    fn adapt(self) -> new::catalog::Operation {
        let Self { name, label, help, parameters, fields, confirm } = self;
        let (parameters, fields) = (parameters.adapt(), fields.adapt());
        new::catalog::Operation {
            name,
            label,
            help,
            parameters,
            fields,
            confirm,
            needs: vec![],
            blanked: vec![],
        }
    }
}

impl Adapt<new::collection::Effect> for old::collection::Effect {
    fn adapt(self) -> new::collection::Effect {
        match self {
            Self::Read => new::collection::Effect::Read,
            // The line does not say what a write changes.
            Self::Write => new::collection::Effect::Write(new::collection::Change {
                summary: String::new(),
                details: vec![],
            }),
        }
    }
}

impl Adapt<new::catalog::ProofType> for old::catalog::ProofType {
    fn adapt(self) -> new::catalog::ProofType {
        let Self { name, label, help, fields, key, criteria, window, needs, link, schedule, suggested } =
            self;
        // The line says what a window is held against, and not what it proves.
        let window_use = |help| new::catalog::WindowUse { help, proves: new::catalog::ProvenTime::Nothing };
        new::catalog::ProofType {
            name,
            label,
            help,
            fields: fields.adapt(),
            key,
            criteria: criteria.adapt(),
            window: window.map(window_use),
            changes: Err("The plugin is of contract 0.1, which has no proofs of changes.".to_owned()),
            needs,
            link: link.adapt(),
            schedule,
            suggested: suggested.adapt(),
            blanked: vec![],
        }
    }
}

impl Adapt<new::collection::Summary> for old::collection::Summary {
    fn adapt(self) -> new::collection::Summary {
        let Self { pages, rows, declared, rejected, duplicates, outside_window, notes } = self;
        new::collection::Summary {
            pages,
            rows,
            declared,
            rejected,
            duplicates,
            outside_window,
            point: None,
            repeated_keys: None,
            window: None,
            outcome: None,
            notes,
        }
    }
}

// What a plugin is given.

records! { new => old:
    types::Setting { name, value }
    types::Window { start, end }
    collection::Response { status, headers }
    testing::Test { name, label, help, scope, cases, threshold, when_empty, controls }
    testing::TestCase { label, conditions }
    testing::Condition { field, operator, operand }
}

variants! { new => old:
    types::Value {
        Absent, Empty, Text(it), Integer(it), Number(it), Boolean(it), Instant(it), Duration(it), Texts(it)
    }
    testing::EmptyRule { Fail, Pass, Inconclusive }
    testing::Operand { None, Value(it), Field(it), Days(it) }
    testing::Operator {
        IsEmpty, IsNotEmpty, Equals, DoesNotEqual, Contains, DoesNotContain, MatchesRegex, DoesNotMatchRegex,
        LessThan, AtMost, GreaterThan, AtLeast, IsBefore, IsAfter, IsLessThanDaysFromNow,
        IsAtLeastDaysFromNow, IsMoreThanDaysAgo, IsAtMostDaysAgo, IsTrue, IsFalse
    }
}

impl Adapt<old::collection::Job> for new::collection::Job {
    fn adapt(self) -> old::collection::Job {
        let Self { task, settings, criteria, window, since: _, as_of, id: _, checkpoint } = self;
        let (task, settings, criteria) = (task.adapt(), settings.adapt(), criteria.adapt());
        old::collection::Job { task, settings, criteria, window: window.adapt(), as_of, checkpoint }
    }
}

impl Adapt<old::collection::Task> for new::collection::Task {
    fn adapt(self) -> old::collection::Task {
        match self {
            Self::Collect(it) => old::collection::Task::Collect(it),
            Self::Probe(it) => old::collection::Task::Probe(it),
            // The line has no lookups, so that none is ever asked for.
            Self::Operate(it) | Self::LookUp(it) => old::collection::Task::Operate(it),
        }
    }
}
