//! A stand-in for Qualys on real sockets.
//!
//! [`Simulator::start`] binds a port of 127.0.0.1 and answers there as the Qualys API does: the host
//! list, detections and the KnowledgeBase, the VM and compliance scan lists, the scan schedules, the users, the remediation
//! tickets and the web application scans of a made-up subscription, and, as the gateway does, its certificates, with
//! authentication, paging and limits. The same [`World`] gives the same bytes,
//! until clients change it: they launch scans and add users, and [`Simulator::launched`] says what was done.
//! What goes wrong in practice is switched on with [`Faults`], while it runs; recorded answers are
//! served by [`Replay`].
//!
//! ```no_run
//! # async fn example() -> anyhow::Result<()> {
//! use exhibit_simulator::{Fault, Rule, Simulator, World};
//!
//! let simulator = Simulator::start(World { assets: 10, ..World::default() }).await?;
//! simulator.faults().push(Rule::once(Fault::ResetAt(5_000)).on("/fo/asset/host/"));
//! println!("{}/api/5.0/fo/asset/host/?action=list", simulator.url());
//! # Ok(())
//! # }
//! ```

mod about;
mod account;
mod answer;
mod assets;
mod body;
mod call;
mod chance;
mod changes;
mod choices;
mod clock;
mod cut;
mod detections;
mod echo;
mod endpoint;
mod faults;
mod gate;
mod gateway;
mod life;
mod origin;
mod parameters;
mod qps;
mod question;
mod quirks;
mod quota;
mod refusal;
mod replay;
mod right;
mod rights;
mod scans;
mod schedules;
mod server;
mod session;
mod stream;
mod texts;
mod tickets;
mod user_write;
mod users;
mod was;
mod wire;
mod world;
mod written;
mod xml;

pub use account::{ACCOUNTS, Account};
pub use call::Received;
pub use changes::{AddedUser, Launched, LaunchedWas};
pub use faults::{Charset, Fault, Faults, Rule, When};
pub use replay::Replay;
pub use server::{Setup, Simulator};
pub use world::{CallerRole, World};
