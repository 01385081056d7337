//! Where the state database is.

use std::fmt;
use std::path::{Path, PathBuf};

use exhibit_rows::ShowPath as _;
use url::{Host, Url};

/// The port of PostgreSQL where none is given.
const PORT: u16 = 5432;
const SQLITE: &str = "sqlite:";

/// Where the state database is: a file, or a server. Never a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// A file of SQLite on this machine. Not on a network share: SQLite's locks do not hold there.
    Sqlite(PathBuf),
    /// A database of a PostgreSQL server.
    Postgres(Server),
}

/// A database of a PostgreSQL server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// A name or an address, or the folder of a Unix socket.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The role that logs in.
    pub user: String,
    /// The database's name.
    pub database: String,
    /// How the connection is protected.
    pub tls: Tls,
    /// A file of PEM certificates to trust in place of the system's.
    pub root_certificates: Option<PathBuf>,
}

/// How a connection to a server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    /// Not at all: for a server on this machine, or where the operator says so.
    Off,
    /// TLS with a certificate of a trusted issuer, for this host.
    Full,
    /// TLS with a certificate of a trusted issuer, for whatever host.
    IssuerOnly,
}

/// Why a text names no state database. Nothing of the text is repeated: a password may be in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LocationError {
    /// Neither of the two kinds.
    #[error("the state database should be `sqlite:PATH` or `postgres://USER@HOST/DATABASE`")]
    Unknown,
    /// A password in the address.
    #[error("the address of the state database must have no password in it; name a secret that has it")]
    Password,
    /// No path behind `sqlite:`.
    #[error("`sqlite:` should be followed by the path of a file")]
    NoPath,
    /// A database in memory, which is gone with the process.
    #[error("the state database cannot be in memory; give the path of a file")]
    Memory,
    /// No host, role or database.
    #[error("the address of the state database lacks its {0}: `postgres://USER@HOST/DATABASE`")]
    Lacks(&'static str),
    /// A parameter that is not known, or not with that value.
    #[error(
        "the address of the state database has an unknown parameter; known are sslmode (disable, verify-ca, \
         verify-full), sslrootcert (a file), and for a socket host (its folder) and user"
    )]
    Parameter,
}

impl Location {
    /// Reads `sqlite:PATH` or `postgres://USER@HOST[:PORT]/DATABASE`. A server on another machine is only talked to over
    /// TLS with a checked certificate, unless the address says `?sslmode=disable`.
    ///
    /// # Errors
    /// Where it is neither, or has a password in it.
    pub fn parse(text: &str) -> Result<Self, LocationError> {
        let text = text.trim();
        if let Some(path) = text.strip_prefix(SQLITE) {
            // `sqlite://path` is how other programs write it.
            let path = path.strip_prefix("//").unwrap_or(path);
            return match path {
                "" => Err(LocationError::NoPath),
                ":memory:" => Err(LocationError::Memory),
                path => Ok(Self::Sqlite(PathBuf::from(path))),
            };
        }
        let url = Url::parse(text).map_err(|_| LocationError::Unknown)?;
        match url.scheme() {
            "postgres" | "postgresql" => server(&url).map(Self::Postgres),
            _ => Err(LocationError::Unknown),
        }
    }

    /// The file that it is, where it is one.
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::Sqlite(path) => Some(path),
            Self::Postgres(_) => None,
        }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "{SQLITE}{}", path.shown()),
            Self::Postgres(Server { host, port, user, database, .. }) => {
                write!(f, "postgres://{user}@{host}:{port}/{database}")
            }
        }
    }
}

fn server(url: &Url) -> Result<Server, LocationError> {
    if url.password().is_some() {
        return Err(LocationError::Password);
    }
    let mut host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
    let is_local = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => {
            name.parse::<std::net::IpAddr>().map_or(name == "localhost", |it| it.is_loopback())
        }
        None => false,
    };
    let mut tls = if is_local { Tls::Off } else { Tls::Full };
    let mut root_certificates = None;
    let mut user = percent_decoded(url.username());
    for (name, value) in url.query_pairs() {
        match (&*name, &*value) {
            ("sslmode", "disable") => tls = Tls::Off,
            ("sslmode", "verify-ca") => tls = Tls::IssuerOnly,
            ("sslmode", "verify-full") => tls = Tls::Full,
            ("sslrootcert", file) if !file.is_empty() => root_certificates = Some(PathBuf::from(file)),
            ("host", folder) if folder.starts_with('/') && host.is_empty() => {
                folder.clone_into(&mut host);
                tls = Tls::Off;
            }
            // Beside a socket's folder: there is no place for it before an empty host.
            ("user", name) if user.is_empty() => name.clone_into(&mut user),
            ("password", _) => return Err(LocationError::Password),
            _ => return Err(LocationError::Parameter),
        }
    }
    let part = |text: String, name| if text.is_empty() { Err(LocationError::Lacks(name)) } else { Ok(text) };
    Ok(Server {
        host: part(host, "host")?,
        port: url.port().unwrap_or(PORT),
        user: part(user, "user")?,
        database: part(percent_decoded(url.path().trim_start_matches('/')), "database")?,
        tls,
        root_certificates,
    })
}

/// With the bytes that `%` stands before. What is no UTF-8 then is no name of PostgreSQL's either.
fn percent_decoded(text: &str) -> String {
    // A form's decoding, but `+` is a plus here.
    let text = text.replace('+', "%2B");
    let pairs = url::form_urlencoded::parse(text.as_bytes());
    pairs.map(|(name, _)| name.into_owned()).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_by_its_path() {
        for text in ["sqlite:exhibit.db", "sqlite://exhibit.db", " sqlite:exhibit.db\n"] {
            assert_eq!(Location::parse(text), Ok(Location::Sqlite("exhibit.db".into())), "{text}");
        }
        assert_eq!(Location::parse("sqlite:///var/lib/x"), Ok(Location::Sqlite("/var/lib/x".into())));
        assert_eq!(Location::parse("sqlite:"), Err(LocationError::NoPath));
        assert_eq!(Location::parse("sqlite::memory:"), Err(LocationError::Memory));
    }

    #[test]
    fn a_server_of_another_machine_is_talked_to_over_tls() {
        let tls = |text: &str| match Location::parse(text) {
            Ok(Location::Postgres(server)) => Ok((server.host, server.port, server.tls)),
            other => Err(format!("{other:?}")),
        };
        let expect = |host: &str, port, tls| Ok((host.to_owned(), port, tls));
        assert_eq!(tls("postgres://e@db.example/state"), expect("db.example", 5432, Tls::Full));
        assert_eq!(tls("postgresql://e@127.0.0.1:5433/state"), expect("127.0.0.1", 5433, Tls::Off));
        assert_eq!(tls("postgres://e@localhost/state"), expect("localhost", 5432, Tls::Off));
        assert_eq!(tls("postgres://e@[::1]/state"), expect("::1", 5432, Tls::Off));
        assert_eq!(tls("postgres://e@10.0.0.1/s?sslmode=disable"), expect("10.0.0.1", 5432, Tls::Off));
        assert_eq!(tls("postgres://e@localhost/s?sslmode=verify-full"), expect("localhost", 5432, Tls::Full));
        assert_eq!(
            tls("postgres:///state?host=/run/postgresql&user=e"),
            expect("/run/postgresql", 5432, Tls::Off)
        );
    }

    #[test]
    fn a_password_is_refused_and_not_repeated() {
        for text in [
            "postgres://exhibit:hunter2@db.example/state",
            "postgres://exhibit@db.example/state?password=hunter2",
            "postgres://exhibit:hunter2@",
            "mysql://exhibit:hunter2@db.example/state",
            "postgres://exhibit@db.example/state?x=hunter2",
            "hunter2",
        ] {
            let error = Location::parse(text).expect_err(text);
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        assert_eq!(Location::parse("postgres://db.example/state"), Err(LocationError::Lacks("user")));
        assert_eq!(Location::parse("postgres://e@db.example"), Err(LocationError::Lacks("database")));
        assert_eq!(Location::parse("postgres:///state"), Err(LocationError::Lacks("host")));
        assert_eq!(Location::parse("exhibit.db"), Err(LocationError::Unknown));
    }

    #[test]
    fn names_may_be_of_any_characters() {
        let Ok(Location::Postgres(server)) = Location::parse("postgres://a%40b@db.example/c%2Fd+e") else {
            panic!("it is a server")
        };
        assert_eq!((server.user.as_str(), server.database.as_str()), ("a@b", "c/d+e"));
    }
}
