//! Each operation against a source of a few lines that keeps count of what it was made to do.

mod catalogue;
mod hostile;
mod launches;
mod lost;
mod model;
mod rights;
mod scans;
mod users;
mod waiting;
mod warnings;
mod was;
