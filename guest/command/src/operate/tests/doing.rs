//! A plugin with one operation: it looks a name up, does it, and can look whether it is done.

use exhibit_plugin::catalog::{
    Auth, AuthScheme, BasicAuth, Manifest, Operation, Origin as Resolved, Parameter,
};
use exhibit_plugin::collection::{Body, Change, Effect, Method, Pause, PauseReason, Request};
use exhibit_plugin::column::{Cell, Column, column};
use exhibit_plugin::operation::{DONE, NOT_DONE, OUTCOME};
use exhibit_plugin::session::Order;
use exhibit_plugin::types::{Error, Kind, Value};
use exhibit_plugin::{Arguments, Assignment, Need, Plugin, Procedure, Report, Source, WholeAnswer};
use serde::{Deserialize, Serialize};

const NAME: Column<fn() -> Cell> = column("name", "Name", Kind::Text, || Ok(Value::Absent));
const HOW: Column<fn() -> Cell> = column(OUTCOME, "Outcome", Kind::Text, || Ok(Value::Absent));

/// The plugin.
pub(super) struct Doing;

impl Plugin for Doing {
    fn manifest() -> Manifest {
        let text = str::to_owned;
        let basic = BasicAuth { username: text("user"), password: text("pass") };
        let waits = Parameter::new("wait", Kind::Boolean, "Wait", "Whether to wait.");
        Manifest {
            id: text("doing"),
            version: text("0.0.0"),
            label: text("Doing"),
            vendor: text("Example"),
            settings: vec![],
            secrets: ["user", "pass"].map(|it| Parameter::text(it, "", "")).to_vec(),
            auth: vec![Auth { name: text("basic"), scheme: AuthScheme::Basic(basic) }],
            answer_headers: vec![],
            proof_types: vec![],
            operations: vec![Operation {
                name: text("do"),
                label: text("Do it"),
                help: String::new(),
                parameters: vec![Parameter::text("title", "Title", "What.").required(), waits],
                fields: vec![NAME.field(), HOW.field()],
                confirm: text("title"),
                needs: vec![],
                blanked: vec![],
            }],
            lookups: vec![],
            inventories: vec![],
            guide: String::new(),
        }
    }

    fn resolve(_: &Arguments) -> Result<Vec<Resolved>, Error> {
        let url = Some("https://api.example".to_owned());
        Ok(vec![Resolved { name: "api".to_owned(), url, portal: None }])
    }

    fn open(_: &Order) -> Result<Box<dyn Source>, Error> {
        Err(exhibit_plugin::problem::invalid("there is nothing to collect"))
    }

    fn operate(assignment: &Assignment, saved: Option<&str>) -> Result<Box<dyn Procedure>, Error> {
        let title = assignment.parameters.text("title").unwrap_or_default();
        Ok(Box::new(Flow {
            title: title.to_owned(),
            marked: format!("{title} [{}]", assignment.id),
            waits: assignment.parameters.boolean("wait") == Some(true),
            stage: saved.and_then(|it| serde_json::from_str(it).ok()).unwrap_or(Stage::Names),
        }))
    }
}

struct Flow {
    title: String,
    marked: String,
    waits: bool,
    stage: Stage,
}

#[derive(Serialize, Deserialize)]
enum Stage {
    Names,
    Write,
    Waiting,
    Looking,
    Done,
}

impl Flow {
    fn request(&self, path: &str, body: Body, effect: Effect) -> Need {
        Need::Send(Request {
            origin: "api".to_owned(),
            method: if effect == Effect::Read { Method::Get } else { Method::Post },
            path: path.to_owned(),
            query: vec![],
            headers: vec![],
            body,
            auth: Some("basic".to_owned()),
            effect,
        })
    }

    fn ended(&mut self, how: &str, report: &mut Report) {
        report.row(vec![Value::Text(self.title.clone()), Value::Text(how.to_owned())]);
        self.stage = Stage::Done;
    }
}

impl Procedure for Flow {
    fn next(&self) -> Result<Need, Error> {
        let form = vec![("title".to_owned(), self.marked.clone())];
        let details = vec![("What".to_owned(), self.title.clone())];
        let change = Change { summary: "Does it.".to_owned(), details };
        Ok(match self.stage {
            Stage::Names => self.request("/names", Body::None, Effect::Read),
            Stage::Write => self.request("/do", Body::Form(form), Effect::Write(change)),
            Stage::Waiting => Need::Wait(Pause {
                seconds: 60,
                reason: PauseReason::Polling,
                connection_wide: false,
                message: "it is being done".to_owned(),
            }),
            Stage::Looking => self.request("/state", Body::None, Effect::Read),
            Stage::Done => Need::Done,
        })
    }

    fn answered(&mut self, answer: &WholeAnswer<'_>, report: &mut Report) -> Result<(), Error> {
        match (&self.stage, answer.body) {
            (Stage::Names, _) => self.stage = Stage::Write,
            (Stage::Write, _) if self.waits => self.stage = Stage::Waiting,
            (Stage::Write, _) | (Stage::Looking, b"there") => self.ended(DONE, report),
            _ => self.ended(NOT_DONE, report),
        }
        Ok(())
    }

    fn waited(&mut self) {
        self.stage = Stage::Looking;
    }

    fn interrupted(&mut self, _: bool) {
        self.stage = Stage::Looking;
    }

    fn save(&self) -> String {
        serde_json::to_string(&self.stage).unwrap_or_default()
    }
}
