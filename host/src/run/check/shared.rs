//! What one probe failed of, and others would, too.

use crate::clock::Clock;
use crate::collect::{CollectError, Connection};
use crate::contract::catalog::AuthScheme;
use crate::contract::collection::{Job, Request, Step, Task};
use crate::contract::settings;
use crate::contract::types::Error;
use crate::http::{Origin, SendError};
use crate::plugin::PluginError;

use exhibit_rows::Shown;

use super::answers::Answers;
use super::problem::{CheckProblem, NotTried, UNAUTHORIZED, is_login_refused};
use super::watch::Watch;

/// What one probe failed of, and others would, too.
pub(super) enum Shared {
    Credentials,
    /// By the name that the plugin has for it.
    Origin(String),
    /// The proxy refuses the login: to try it again might lock that account.
    Proxy,
    /// By the name of the signature.
    Signature(String),
}

impl Shared {
    /// What this problem of a probe means for others. `accepted` are the signatures that the source has taken so far.
    pub(super) async fn of(
        problem: &CheckProblem,
        answers: &Answers<'_>,
        connection: &Connection,
        task: &Task,
        watch: &Watch<'_>,
        accepted: &[String],
    ) -> Option<Self> {
        let is_accepted = |auth: Option<&String>| auth.is_some_and(|it| accepted.contains(it));
        match problem {
            CheckProblem::Failed(CollectError::Plugin(PluginError::Said(error))) => {
                let is_refused = is_of_the_account(connection, error)
                    || matches!(error, Error::Denied(_)) && answers.status == Some(UNAUTHORIZED);
                let scheme = answers.auth.as_ref().and_then(|it| connection.plugin().manifest().auth(it));
                // A token was given for the credentials, so these are right: what is refused is what it may do.
                let is_token = matches!(scheme, Some(AuthScheme::Token(_)));
                (is_refused && !is_token && !is_accepted(answers.auth.as_ref())).then_some(Self::Credentials)
            }
            CheckProblem::Failed(CollectError::Sign(error)) => {
                let auth = first_request(connection, task, watch.clock).await?.auth?;
                match is_login_refused(error) && accepted.is_empty() {
                    true => Some(Self::Credentials),
                    false => Some(Self::Signature(auth)),
                }
            }
            CheckProblem::Failed(CollectError::Send { error, .. }) if error.is_of_a_proxy_login() => {
                Some(Self::Proxy)
            }
            CheckProblem::NoAnswer { .. } => Some(Self::Origin(watch.origin())),
            CheckProblem::Failed(CollectError::Send { error, .. }) if is_of_the_origin(error) => {
                Some(Self::Origin(watch.origin()))
            }
            _ => None,
        }
    }

    /// Why this task is not tried; `None` where it may be different with it.
    pub(super) async fn reason_for(
        &self,
        connection: &Connection,
        task: &Task,
        clock: &dyn Clock,
    ) -> Option<NotTried> {
        match self {
            Self::Credentials => Some(NotTried::Refused),
            Self::Origin(origin) => {
                let request = first_request(connection, task, clock).await?;
                // Two origins may be one machine, by one address.
                let (asked, unreached) = (url(connection, &request.origin), url(connection, origin));
                (asked == unreached).then_some(NotTried::Unreached(unreached))
            }
            Self::Proxy => {
                let request = first_request(connection, task, clock).await?;
                Some(NotTried::Unreached(url(connection, &request.origin)))
            }
            Self::Signature(auth) => {
                let request = first_request(connection, task, clock).await?;
                (request.auth.as_ref() == Some(auth)).then_some(NotTried::Unsigned)
            }
        }
    }
}

/// Whether the plugin says that it is the account itself that is refused: the error is about one of its secrets.
fn is_of_the_account(connection: &Connection, error: &Error) -> bool {
    let subject = error.problem().subject.as_deref();
    connection.plugin().manifest().secrets.iter().any(|it| Some(it.name.as_str()) == subject)
}

/// Whether another request to the origin would fail alike: not where it is about one path.
fn is_of_the_origin(error: &SendError) -> bool {
    !matches!(error, SendError::Redirected { .. })
}

/// What this task would ask first.
async fn first_request(connection: &Connection, task: &Task, clock: &dyn Clock) -> Option<Request> {
    let plugin = connection.plugin();
    let job = Job {
        task: task.clone(),
        settings: connection.settings().to_vec(),
        criteria: settings::complete(plugin.manifest().parameters(task)?, vec![]).ok()?,
        window: None,
        since: None,
        as_of: clock.now(),
        id: None,
        checkpoint: None,
    };
    match plugin.open(&job).await.ok()?.next().await.ok()? {
        Step::Send(request) => Some(request),
        Step::Wait(_) | Step::Finished(_) => None,
    }
}

/// The URL of an origin, by the name that the plugin has for it.
pub(super) fn url(connection: &Connection, origin: &str) -> String {
    connection.origins().get(origin).map_or_else(|| Shown::line(origin).to_string(), Origin::to_string)
}
