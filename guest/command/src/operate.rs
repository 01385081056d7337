//! Carries out an operation at the source: shown first, confirmed, sent once, and kept as evidence.

mod folder;
mod journal;
mod journaled;
mod repeats;
mod report;
mod shown;
mod terms;
#[cfg(test)]
mod tests;

use std::io::Write;
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use exhibit_plugin::catalog::{AuthScheme, Manifest, Operation};
use exhibit_plugin::collection::{Job, Task};
use exhibit_plugin::types::{Instant, Kind, Setting, Value};
use exhibit_plugin::{Plugin, Work};
use exhibit_records::{self as records, Counts, Digest, OperationOutcome, OriginRecord, PluginRecord};
use exhibit_rows::{ShowPath as _, Shown};

use self::journal::{Journal, Step};
use self::journaled::Journaled;
use self::repeats::Repeats;
use self::report::Report;
use self::terms::{Begun, Terms};
use crate::arguments::Operate;
use crate::blanking::Blanking;
use crate::clock::{Clock, this_second};
use crate::collector::{Collector, MaxTimes, Open};
use crate::connection::{self, Origins};
use crate::ended::{Ended, Outcome, Permit};
use crate::evidence::{self, Collected, record};
use crate::exit;
use crate::failure::{Failure, written};
use crate::network::Wire;
use crate::secrets::Secrets;
use crate::settings;

/// The parameter that says whether an operation waits for its end, where it can.
const WAIT: &str = "wait";
/// A scan of a large network takes days.
const MAX_WAIT: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// What an operation needs of the world.
pub(crate) struct World<W> {
    pub(crate) clock: Rc<dyn Clock>,
    pub(crate) wire: W,
    /// Text that no other call has.
    pub(crate) nonce: String,
    /// The digest of the plugin that this command is built of.
    pub(crate) plugin: Option<Digest>,
}

/// An operation that is to be carried out.
struct Call<'a> {
    order: &'a Operate,
    manifest: &'a Manifest,
    operation: &'a Operation,
    settings: Vec<Setting>,
    parameters: Vec<Setting>,
    origins: Origins,
    secrets: Option<Secrets>,
}

/// Shows the ordered operation, or carries it out. Returns the exit code.
pub(crate) fn run<P: Plugin>(
    order: &Operate,
    world: World<impl Wire + 'static>,
    out: &mut dyn Write,
) -> Result<u8, Failure> {
    let manifest = P::manifest();
    let Some(name) = &order.operation else {
        written(out.write_all(shown::list(&manifest).as_bytes()))?;
        return Ok(exit::OK);
    };
    let operation = shown::find(&manifest, name)?;
    if order.is_question() {
        written(out.write_all(shown::describe(operation).as_bytes()))?;
        return Ok(exit::OK);
    }
    let settings = settings::read(&manifest.settings, &order.connect.set)?;
    let call = Call {
        order,
        manifest: &manifest,
        operation,
        parameters: parameters(order, operation)?,
        origins: connection::origins::<P>(&order.connect, &settings)?,
        secrets: connection::secrets(&order.connect, &manifest)?,
        settings,
    };
    if order.confirm.is_none() && !order.resume {
        return call.propose::<P>(world, out);
    }
    call.check_keys()?;
    call.carry_out::<P>(world, out)
}

/// What was given, with `wait` where that was asked for.
fn parameters(order: &Operate, operation: &Operation) -> Result<Vec<Setting>, Failure> {
    let mut given = order.with.clone();
    if order.wait {
        if !operation.parameters.iter().any(|it| it.name == WAIT && it.kind == Kind::Boolean) {
            return Err(Failure::call(format!("`{}` ends when it is answered", operation.name))
                .next("leave --wait out"));
        }
        given.push((WAIT.to_owned(), "true".to_owned()));
    }
    settings::read(&operation.parameters, &given)
}

impl Call<'_> {
    /// What a person must repeat.
    fn to_confirm(&self) -> String {
        let name = &self.operation.confirm;
        let given = self.parameters.iter().find(|it| it.name == *name).map(|it| &it.value);
        let default = self.operation.parameters.iter().find(|it| it.name == *name);
        match given.or(default.and_then(|it| it.default.as_ref())) {
            Some(Value::Texts(it)) => it.join(","),
            Some(it) => crate::text::value(it),
            None => String::new(),
        }
    }

    /// The two keys: this call may change something, and what it changes was repeated.
    fn check_keys(&self) -> Result<(), Failure> {
        if !self.order.allowed {
            return Err(Failure::call("this call may not change anything at the source")
                .next("add --allow-operate, if it is meant to"));
        }
        let value = self.to_confirm();
        let confirmed = self.order.confirm.as_deref();
        if !value.is_empty() && confirmed == Some(&value) {
            return Ok(());
        }
        let given =
            confirmed.map(|it| format!("`{}` was repeated, and ", Shown::line(it))).unwrap_or_default();
        let name = &self.operation.confirm;
        let what = format!("not confirmed: {given}`{name}` is `{}`", Shown::line(&value));
        let next = format!("add --confirm {}, if that is what is meant", shown::quoted(&value));
        Err(Failure::call(what).next(next))
    }

    /// Opens sessions of the run with this id that began then.
    fn open<P: Plugin>(&self, id: &str, as_of: Instant) -> Open {
        let job = Job {
            task: Task::Operate(self.operation.name.clone()),
            settings: self.settings.clone(),
            criteria: self.parameters.clone(),
            window: None,
            since: None,
            as_of,
            id: Some(id.to_owned()),
            checkpoint: None,
        };
        Box::new(move |checkpoint| Work::open::<P>(Job { checkpoint, ..job.clone() }))
    }

    fn times(&self) -> MaxTimes {
        (self.order.max_wait.or(Some(MAX_WAIT)), self.order.max_time)
    }

    /// Finds out what it would send, by reads alone, and shows that.
    fn propose<P: Plugin>(
        &self,
        world: World<impl Wire + 'static>,
        out: &mut dyn Write,
    ) -> Result<u8, Failure> {
        let World { clock, wire, nonce, .. } = world;
        let (origins, secrets) = (self.origins.clone(), self.secrets.clone());
        let network = connection::network(wire, self.manifest, origins, secrets, Rc::clone(&clock));
        let mut network = Blanking::new(network, &self.operation.blanked);
        let mut report = Report::new(&self.operation.fields)?;
        let open = self.open::<P>(&nonce, this_second(&*clock));
        let mut collector =
            Collector::new(open, &mut network, &mut report, &*clock, Permit::Propose, self.times())?;
        let Ended::Proposed(request) = collector.run()? else {
            let text = format!("{}: nothing is to be changed.\n", self.operation.label);
            written(out.write_all(text.as_bytes()))?;
            return Ok(exit::OK);
        };
        let origin = self.origins.get(&request.origin).map(ToString::to_string).unwrap_or_default();
        let text = shown::proposal(self.operation, &request, &origin);
        let known = "Text by which this run is known, such as in a title, is another one in each run.";
        written(out.write_all(format!("{text}\n{known}\n").as_bytes()))?;
        let missing = shown::missing(self.order.allowed, &self.to_confirm(), self.order.out.is_some());
        Err(Failure::call("not confirmed: nothing was sent").next(format!("to send it, add: {missing}")))
    }

    fn carry_out<P: Plugin>(
        &self,
        world: World<impl Wire + 'static>,
        out: &mut dyn Write,
    ) -> Result<u8, Failure> {
        let Some(folder) = &self.order.out else {
            return Err(Failure::call("no place is given for the evidence").next("add --out DIR"));
        };
        let World { clock, wire, nonce, plugin } = world;
        let Some(plugin) = plugin else {
            return Err(Failure::call(
                "this component does not know the plugin that it is built of, which evidence has to name",
            )
            .next(
                "build it as guest/build does: with EXHIBIT_PLUGIN_DIGEST set to the digest of the plugin",
            ));
        };
        let begun = self.begun(&*clock, nonce.clone(), plugin)?;
        let journal = folder::begin(
            folder,
            &begun,
            &folder::Choice {
                confirm: &self.operation.confirm,
                nonce: &nonce,
                resume: self.order.resume,
                fresh: self.order.fresh,
                take_over: self.order.take_over,
                clock: &*clock,
            },
        )?;
        let begun = journal.begun().cloned().unwrap_or(begun);
        let repeats = match &self.secrets {
            Some(secrets) => Repeats::of(self.manifest, secrets)?,
            None => Repeats::default(),
        };
        let (origins, secrets) = (self.origins.clone(), self.secrets.clone());
        let network =
            connection::network(wire, self.manifest, origins, secrets, Rc::clone(&clock)).may_write();
        let listed = begun.terms.origins.clone();
        let mut answers =
            Journaled::new(Box::new(network), journal, listed, repeats, &self.operation.blanked, &*clock);
        let mut report = Report::new(&self.operation.fields)?;
        let ended = Collector::new(
            self.open::<P>(&begun.id, begun.as_of),
            &mut answers,
            &mut report,
            &*clock,
            Permit::Write,
            self.times(),
        )
        .and_then(|mut it| it.run());
        let mut journal = answers.journal;
        let outcome = match ended {
            Ok(Ended::Finished(outcome)) => outcome,
            Ok(Ended::Proposed(_)) => return Err(Failure::source("the operation ended before it was sent")),
            Err(failure) => return Err(folder::left(folder, &mut journal, failure)),
        };
        let proof = self.keep(folder, &mut journal, &begun, *outcome, &mut report);
        let proof = proof.map_err(folder::goes_on)?;
        self.say(folder, &proof, &report, out)
    }

    /// Writes the evidence, and removes what it was made of.
    fn keep(
        &self,
        folder: &Path,
        journal: &mut Journal,
        begun: &Begun,
        outcome: Outcome,
        report: &mut Report,
    ) -> Result<records::Proof, Failure> {
        journal.append(Step::Closed, None)?;
        let answers = folder::answers(journal);
        let driven = outcome.counts;
        let collected = Collected {
            proof_type: record::report_type(self.operation),
            plugin: begun.terms.plugin.clone(),
            job: records::Job {
                settings: begun.terms.settings.clone(),
                criteria: begun.terms.parameters.clone(),
                window: None,
                since: None,
                as_of: record::instant(begun.as_of),
                id: Some(begun.id.clone()),
            },
            origins: begun.terms.origins.clone(),
            account: self.order.account.clone(),
            began: begun.as_of,
            resumed: journal.resumed(),
            counts: Counts {
                // Those that a session could not read are not counted again.
                requests: driven.requests.max(answers.len() as u64),
                answers: driven.answers,
                bytes: driven.bytes,
                rows: driven.rows,
                rejected: driven.rejected,
                retries: driven.retries,
                waited: outcome.waited.max(journal.waited()),
            },
            summary: &outcome.summary,
            rejections: outcome.rejections,
            pages: std::mem::take(&mut report.pages),
            table: std::mem::take(&mut report.table),
        };
        let bodies = answers.into_iter().map(|(step, record)| {
            let body = record.file.is_some().then(|| journal.body(step)).transpose()?;
            Ok((record, body))
        });
        let proof = evidence::write(folder, collected, bodies)?;
        Journal::remove(folder)?;
        Ok(proof)
    }

    /// Says how it went.
    fn say(
        &self,
        folder: &Path,
        proof: &records::Proof,
        report: &Report,
        out: &mut dyn Write,
    ) -> Result<u8, Failure> {
        let verdict = shown::verdict(self.operation, proof.outcome);
        let mut text = format!("{verdict}\n");
        for row in &report.first {
            text.push_str(&format!("\n{}", shown::report(&self.operation.fields, row)));
        }
        for note in &proof.notes {
            text.push_str(&format!("\nNote: {}\n", Shown::lines(note)));
        }
        text.push_str(&format!("\nThe evidence is in {}\n", folder.shown()));
        written(out.write_all(text.as_bytes()))?;
        match proof.outcome {
            None | Some(OperationOutcome::Done) => Ok(exit::OK),
            Some(OperationOutcome::NotDone) => Err(Failure::source(verdict)
                .next("read the report, mend what it names, and run it again into another folder")),
            Some(OperationOutcome::Unknown) => Err(Failure::source(verdict).next(
                "look at the source what became of it, before you run it again; the report says where",
            )),
        }
    }

    fn begun(&self, clock: &dyn Clock, id: String, plugin: Digest) -> Result<Begun, Failure> {
        let Manifest { id: name, version, .. } = self.manifest;
        let origin = |(name, it): (&String, &exhibit_signing::Origin)| OriginRecord {
            name: name.clone(),
            url: it.to_string(),
        };
        let terms = Terms {
            host: env!("CARGO_PKG_VERSION").to_owned(),
            plugin: PluginRecord { id: name.clone(), version: version.clone(), digest: plugin },
            operation: self.operation.name.clone(),
            settings: self.settings.iter().map(record::argument).collect(),
            parameters: self.parameters.iter().map(record::argument).collect(),
            origins: self.origins.iter().map(origin).collect(),
            secrets: self.secrets.iter().flatten().map(|(name, it)| (name.clone(), it.place())).collect(),
            caller: self.caller()?,
            account: self.order.account.clone(),
        };
        Ok(Begun { terms, id, as_of: this_second(clock) })
    }

    /// A digest of the user names that it signs with.
    fn caller(&self) -> Result<Option<Digest>, Failure> {
        let Some(secrets) = &self.secrets else { return Ok(None) };
        let mut names = Vec::new();
        for auth in &self.manifest.auth {
            if let AuthScheme::Basic(basic) = &auth.scheme
                && let Some(reference) = secrets.get(&basic.username)
            {
                names.push(reference.resolve(&basic.username)?);
            }
        }
        Ok((!names.is_empty()).then(|| Digest::of(names.join("\n").as_bytes())))
    }
}
