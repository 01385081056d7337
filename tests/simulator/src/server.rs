//! Listens, and sees every request through to its answer.

use std::{
    collections::VecDeque,
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::{Context as _, Result};
use hyper::{Request, Response, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::{JoinHandle, JoinSet},
};

use crate::{
    answer::Answer,
    body::Body,
    call::Received,
    changes::{AddedUser, Changes, Launched, LaunchedWas},
    endpoint::Endpoint,
    faults::{Fault, Faults, Rewrite},
    gate,
    gateway::{Gateway, Manner},
    qps,
    question::Question,
    quirks::Quirks,
    quota::{Blocked, Quota},
    refusal::{Family, Refusal},
    replay::Replay,
    rights,
    session::Sessions,
    stream::Source,
    wire::{ResetSwitch, Wire},
    world::World,
};

/// Requests that are remembered for assertions; a benchmark must not grow without end.
const REMEMBERED: usize = 10_000;

/// How long to wait where the system has no socket to spare, instead of asking all the time.
const AFTER_FAILED_ACCEPT: Duration = Duration::from_millis(10);

/// What to serve, and where.
#[derive(Clone, Debug, Default)]
pub struct Setup {
    /// The port of 127.0.0.1; 0 takes a free one.
    pub port: u16,
    /// The subscription.
    pub world: World,
    /// Recorded answers, which are given instead and to anyone.
    pub replay: Option<Replay>,
}

/// A running simulator. It stops when dropped.
pub struct Simulator {
    address: SocketAddr,
    service: Arc<Service>,
    listening: JoinHandle<()>,
}

struct Service {
    world: Arc<World>,
    changes: Changes,
    replay: Option<Replay>,
    faults: Faults,
    quota: Quota,
    gateway: Gateway,
    sessions: Sessions,
    received: Mutex<VecDeque<Received>>,
    /// How many there were, those that are no longer remembered included.
    asked: watch::Sender<u64>,
}

impl Simulator {
    /// Serves a world on a free port of 127.0.0.1. Fails when no port can be had.
    pub async fn start(world: World) -> Result<Self> {
        let setup = Setup { world, ..Setup::default() };
        Self::start_with(setup).await
    }

    /// Serves as set up. Fails when the port is taken.
    pub async fn start_with(setup: Setup) -> Result<Self> {
        let wanted = SocketAddr::from((Ipv4Addr::LOCALHOST, setup.port));
        let listener = TcpListener::bind(wanted)
            .await
            .with_context(|| format!("Port {} of 127.0.0.1 is not free; choose another", setup.port))?;
        let address = listener.local_addr().context("The system does not say which port it gave")?;
        let service = Arc::new(Service {
            quota: Quota::of(&setup.world),
            world: Arc::new(setup.world),
            changes: Changes::none(),
            replay: setup.replay,
            faults: Faults::default(),
            gateway: Gateway::default(),
            sessions: Sessions::default(),
            received: Mutex::default(),
            asked: watch::Sender::default(),
        });
        let listening = tokio::spawn(listen(listener, Arc::clone(&service)));
        Ok(Self { address, service, listening })
    }

    /// Where it listens, such as `http://127.0.0.1:40123`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What goes wrong; can be changed while it runs.
    pub fn faults(&self) -> &Faults {
        &self.service.faults
    }

    /// The last 10,000 requests, oldest first; each is here before its answer is sent.
    pub fn requests(&self) -> Vec<Received> {
        let received = self.service.received.lock();
        let received = received.unwrap_or_else(PoisonError::into_inner);
        received.iter().cloned().collect()
    }

    /// Waits until so many requests came, since it started; they are in [`Self::requests`] then.
    pub async fn asked(&self, requests: u64) {
        let mut asked = self.service.asked.subscribe();
        // The sender is the simulator's own, and so is not gone.
        let _ = asked.wait_for(|asked| *asked >= requests).await;
    }

    /// The scans that were launched since it started, oldest first, those of other clients included.
    pub fn launched(&self) -> Vec<Launched> {
        self.service.changes.launched()
    }

    /// The scans of web applications that were launched since it started, oldest first.
    pub fn launched_was(&self) -> Vec<LaunchedWas> {
        self.service.changes.launched_was()
    }

    /// The users who were added since it started, oldest first.
    pub fn added_users(&self) -> Vec<AddedUser> {
        self.service.changes.users()
    }

    /// Lets time pass for the scans that were launched, and for the dates of their lists.
    pub fn advance(&self, by: Duration) {
        self.service.changes.advance(by);
    }

    /// Stops listening and drops all connections.
    pub async fn stop(mut self) {
        self.listening.abort();
        // It ends by being aborted; there is nothing else to learn from it.
        let _ = (&mut self.listening).await;
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn listen(listener: TcpListener, service: Arc<Service>) {
    // Ends its connections when it is dropped itself.
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                match accepted {
                    Ok((stream, _)) => {
                        connections.spawn(serve(stream, Arc::clone(&service)));
                    }
                    Err(_) => tokio::time::sleep(AFTER_FAILED_ACCEPT).await,
                }
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn serve(stream: TcpStream, service: Arc<Service>) {
    // Small answers must not wait for more to send; without it they only come later.
    let _ = stream.set_nodelay(true);
    let reset = ResetSwitch::default();
    let wire = TokioIo::new(Wire::new(stream, reset.clone()));
    let answering = service_fn(move |request| {
        let (service, reset) = (Arc::clone(&service), reset.clone());
        async move { service.handle(request, reset).await }
    });
    // A connection ends in an error when the client goes away or a fault resets it; both are expected.
    let _ = http1::Builder::new().serve_connection(wire, answering).await;
}

impl Service {
    async fn handle(&self, request: Request<Incoming>, reset: ResetSwitch) -> io::Result<Response<Body>> {
        let mut call = match Received::read(request).await {
            Ok(call) => call,
            Err(_) => {
                let mut response = Response::new(Body::new(Source::empty(), reset, None));
                *response.status_mut() = hyper::StatusCode::PAYLOAD_TOO_LARGE;
                return Ok(response);
            }
        };
        let mut faults = self.faults.fire(&call.path);
        faults.retain(|it| it.is_of(call.page()));
        let world = self.world_now();
        let endpoint = Endpoint::on(&call.path);
        let family = endpoint.map(|endpoint| endpoint.family);
        let login = call.login();
        if faults.contains(&Fault::LoseRequest) {
            return Err(self.lose(call, &reset));
        }
        if faults.contains(&Fault::RevokeToken) {
            self.gateway.tokens.revoke();
        }
        let instead = faults.iter().find_map(|fault| fault.whole_answer(family, &world, &login));
        let answer = match (instead, &self.replay) {
            (Some(instead), _) => instead.into(),
            // What was recorded has no tokens in it, and is given to anyone.
            (None, Some(_)) if call.path == "/auth" => self.gateway.tokens.answer_anyone(&self.world),
            (None, Some(replay)) => replay.answer(&call),
            (None, None) if Gateway::has(&call.path) => {
                self.gateway.answer(&call, &world, &self.quota, manner(&faults))
            }
            (None, None) if Sessions::are_on(&call.path) => self.sessions.answer(&call, &self.world),
            (None, None) => match endpoint {
                Some(endpoint) => self.ask(endpoint, &call, &world, Quirks::of(&faults)),
                None if Endpoint::lacks_slash(&call.path) => moved(&call),
                None => Answer::xml(404, Source::empty()),
            },
        };
        if faults.contains(&Fault::LoseAnswer) {
            return Err(self.lose(call, &reset));
        }
        let answer = match faults.iter().find_map(Fault::page_for_answer) {
            Some(page) => page.into(),
            None => answer,
        };
        let mut rewrites: Vec<_> = faults.iter().filter_map(|fault| fault.rewrite(&login)).collect();
        // The others know UTF-8 only.
        rewrites.sort_by_key(|it| matches!(it, Rewrite::Charset(_)));
        let cut = faults.iter().find_map(|fault| fault.cut());
        call.status = answer.status;
        let response = answer
            .spoiled(rewrites, cut)
            .in_members(faults.contains(&Fault::GzipMembers))
            .in_pieces(faults.iter().find_map(|fault| fault.pieces()))
            .in_charset(faults.iter().find_map(|fault| fault.head_charset()))
            // A call takes its time after it was answered.
            .response(&call, &world, self.changes.now(&world) - i64::from(world.seconds_a_call), reset);
        self.remember(call);
        Ok(response)
    }

    /// The world as it is now, before the time passes that a call takes.
    fn world_now(&self) -> Arc<World> {
        let now = self.changes.now(&self.world);
        self.changes.advance(Duration::from_secs(self.world.seconds_a_call.into()));
        let elapsed = now - self.world.now_seconds();
        if elapsed == self.world.elapsed {
            return Arc::clone(&self.world);
        }
        Arc::new(World { elapsed, ..World::clone(&self.world) })
    }

    /// Ends the connection without an answer.
    fn lose(&self, call: Received, reset: &ResetSwitch) -> io::Error {
        self.remember(call);
        reset.arm();
        io::ErrorKind::ConnectionReset.into()
    }

    fn ask(&self, endpoint: Endpoint, call: &Received, world: &Arc<World>, quirks: Quirks) -> Answer {
        let is_search = endpoint.family == Family::Qps;
        let caller = match gate::check(call, &self.world, &self.sessions) {
            Ok(caller) => caller,
            Err(refusal) if is_search && refusal.status == 401 => {
                return portal(call, 200, qps::Refused::login(call).source());
            }
            Err(refusal) => return Answer::xml(refusal.status, refusal.simple_return(&self.world)),
        };
        if !endpoint.methods.contains(&call.method.as_str()) {
            return Answer::xml(405, Source::empty());
        }
        if is_search && call.method == "POST" && !qps::has_document(call) {
            return Answer::xml(415, Source::empty());
        }
        let (standing, permit) = self.quota.enter();
        let permit = match permit {
            Ok(permit) => permit,
            Err(Blocked::Concurrency(calls)) => {
                let answer = self.refused(&Refusal::too_many_running(calls));
                return if is_search { answer } else { answer.concurrency(standing) };
            }
            Err(Blocked::Rate(seconds)) => {
                let answer = self.refused(&Refusal::rate_limited(seconds));
                return if is_search { answer } else { answer.standing(standing) };
            }
        };
        let question = Question {
            world,
            changes: &self.changes,
            call,
            caller: &caller,
            version: endpoint.version,
            quirks,
        };
        let refused = rights::refused(&caller, call, endpoint.family, &self.world);
        let (status, source) =
            match refused.map_or_else(|| (endpoint.answer)(&question).map(|it| (200, it)), Ok) {
                Ok(answer) => answer,
                // What stands before the API refuses it, and in HTML.
                Err(refusal) if refusal.status == 414 => {
                    return page(414, "Request-URI Too Long").running(permit);
                }
                Err(refusal) => refusal.answer(endpoint.family, &self.world),
            };
        match is_search {
            true => portal(call, status, source).running(permit),
            false => Answer::xml(status, source).running(permit).standing(standing),
        }
    }

    fn refused(&self, refusal: &Refusal) -> Answer {
        let (status, source) = refusal.answer(Family::Fo, &self.world);
        Answer::xml(status, source)
    }

    fn remember(&self, call: Received) {
        let mut received = self.received.lock().unwrap_or_else(PoisonError::into_inner);
        if received.len() == REMEMBERED {
            received.pop_front();
        }
        received.push_back(call);
        drop(received);
        self.asked.send_modify(|asked| *asked += 1);
    }
}

/// What the portal says, in XML or in JSON.
fn portal(call: &Received, status: u16, source: Source) -> Answer {
    if !qps::wants_json(call) {
        return Answer::xml(status, source);
    }
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    Answer::other(status, headers, qps::json_answer(source))
}

/// Where a path of the FO endpoints is that lacks the slash at its end. Clients that follow do so by GET, and lose what
/// they posted.
fn moved(call: &Received) -> Answer {
    let host = call.header("host").unwrap_or_default();
    let mut location = format!("http://{host}{}/", call.path);
    if !call.query.is_empty() {
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(&call.query).finish();
        location = format!("{location}?{query}");
    }
    page(301, "Moved Permanently").with("location", location)
}

/// What the web server says by itself.
fn page(status: u16, title: &str) -> Answer {
    let headers = vec![("content-type".to_owned(), "text/html; charset=iso-8859-1".to_owned())];
    let page =
        format!("<html><head><title>{status} {title}</title></head>\n<body><h1>{title}</h1></body></html>\n");
    Answer::other(status, headers, Source::Whole(page.into()))
}

/// How the gateway answers with these faults.
fn manner(faults: &[Fault]) -> Manner {
    Manner {
        nul: faults.contains(&Fault::NulInNames),
        envelope: faults.contains(&Fault::DataEnvelope),
        shifted: faults.contains(&Fault::ShiftedPages),
        stuck: faults.contains(&Fault::StuckPaging),
        echo: faults.contains(&Fault::EchoInRecord),
    }
}
