//! The database itself: opened, and changed in one transaction after the other.

use std::fmt;
use std::io;
use std::path::Path;
use std::time::Duration;

use exhibit_secrets::Secret;
use sqlx::pool::PoolOptions;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions as _, PgPool, Postgres, Sqlite, SqlitePool};

use super::error::StateError;
use super::location::{Location, Server, Tls};
use super::migrate;
use super::transaction::{Inner, Transaction};

/// How long a change waits for others. One takes a second or two; what is busy for longer is stuck.
const BUSY: Duration = Duration::from_secs(60);
/// Connections at a time. Changes are one after the other anyway.
const CONNECTIONS: u32 = 4;
/// Until a server answers.
const CONNECT: Duration = Duration::from_secs(15);
/// What changes of Exhibit lock in PostgreSQL, so that they do not overlap: any number that other programs of the same
/// database do not use.
const LOCK: i64 = 0x0045_7868_6962_6974;

/// Makes a file that was not there, for its owner alone. The embedding program has one place that makes files.
pub type MakeFile = fn(&Path) -> io::Result<()>;

/// The state database. Cheap to clone; clones share their connections.
#[derive(Clone)]
pub struct Database(Pool);

#[derive(Clone)]
enum Pool {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

/// Without the connection's options, which have the password in them.
impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Pool::Sqlite(_) => "Database(SQLite)",
            Pool::Postgres(_) => "Database(PostgreSQL)",
        })
    }
}

impl Database {
    /// Opens it, makes it where it is a file that is not there, and brings it up to date. The password is that of a
    /// server's role; where there is none, the server must do without one. Variables of the environment and files in the
    /// home folder give none.
    ///
    /// # Errors
    /// Where it cannot be opened, or a later version of Exhibit has changed it so that this one cannot work with it.
    pub async fn open(
        location: &Location,
        password: Option<&Secret>,
        make_file: MakeFile,
    ) -> Result<Self, StateError> {
        let connect = |cause| StateError::Connect { location: location.to_string(), cause };
        let database = match location {
            Location::Sqlite(path) => {
                // Made here, so that it is for its owner alone; SQLite gives the files beside it the same rights.
                match make_file(path) {
                    Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                        return Err(StateError::File { path: path.clone(), cause: error });
                    }
                    _ => Self(Pool::Sqlite(sqlite(path).await.map_err(connect)?)),
                }
            }
            Location::Postgres(server) => {
                Self(Pool::Postgres(postgres(server, password).await.map_err(connect)?))
            }
        };
        // Readers do not wait for a change that is under way.
        let mut reading = database.begin("BEGIN").await?;
        let found = migrate::found(&mut reading).await?;
        drop(reading);
        if !migrate::is_current(found)? {
            database.change(async |transaction| migrate::migrate(transaction).await).await?;
        }
        Ok(database)
    }

    /// Carries out a change that no other one overlaps, of other processes, too: each sees all that those before it did.
    /// All of it is kept, or where it fails, nothing.
    ///
    /// # Errors
    /// Those of the change, and where it cannot be kept.
    pub async fn change<T, E: From<StateError>>(
        &self,
        change: impl AsyncFnOnce(&mut Transaction) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut transaction = self.begin("BEGIN IMMEDIATE").await?;
        if let Inner::Postgres(_) = &transaction.0 {
            transaction.execute("SELECT pg_advisory_xact_lock($1)", &[LOCK.into()]).await.map_err(busy)?;
        }
        let result = change(&mut transaction).await?;
        transaction.commit().await.map_err(StateError::Database).map_err(busy)?;
        Ok(result)
    }

    /// Looks at the database as it is at one moment.
    ///
    /// # Errors
    /// Those of the look.
    pub async fn read<T, E: From<StateError>>(
        &self,
        look: impl AsyncFnOnce(&mut Transaction) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut transaction = self.begin("BEGIN").await?;
        look(&mut transaction).await
    }

    /// Waits until all that was read and written is done, and closes the connections.
    pub async fn close(&self) {
        match &self.0 {
            Pool::Sqlite(pool) => pool.close().await,
            Pool::Postgres(pool) => pool.close().await,
        }
    }

    async fn begin(&self, sqlite: &'static str) -> Result<Transaction, StateError> {
        let inner = match &self.0 {
            Pool::Sqlite(pool) => pool.begin_with(sqlite).await.map(Inner::Sqlite),
            Pool::Postgres(pool) if sqlite == "BEGIN" => {
                pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await.map(Inner::Postgres)
            }
            // After the lock, each statement sees what others have committed.
            Pool::Postgres(pool) => {
                pool.begin_with("BEGIN ISOLATION LEVEL READ COMMITTED").await.map(Inner::Postgres)
            }
        };
        inner.map(Transaction).map_err(StateError::Database).map_err(busy)
    }
}

/// That others held it for too long has a name of its own: 5 and its kin are SQLite's, 55P03 is PostgreSQL's.
fn busy(error: StateError) -> StateError {
    match error {
        StateError::Database(sqlx::Error::Database(cause))
            if cause.code().is_some_and(|it| ["5", "6", "517", "261", "55P03"].contains(&&*it)) =>
        {
            StateError::Busy { limit: BUSY, cause: sqlx::Error::Database(cause) }
        }
        other => other,
    }
}

async fn sqlite(path: &Path) -> Result<SqlitePool, sqlx::Error> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .journal_mode(SqliteJournalMode::Wal)
        // What a person entered is there after a power cut.
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY)
        .disable_statement_logging();
    let pool = PoolOptions::<Sqlite>::new().max_connections(CONNECTIONS).acquire_timeout(BUSY);
    pool.connect_with(options).await
}

async fn postgres(server: &Server, password: Option<&Secret>) -> Result<PgPool, sqlx::Error> {
    let mode = match server.tls {
        Tls::Off => PgSslMode::Disable,
        Tls::Full => PgSslMode::VerifyFull,
        Tls::IssuerOnly => PgSslMode::VerifyCa,
    };
    // All that the driver would else take from the environment is set.
    let mut options = PgConnectOptions::new_without_pgpass()
        .host(&server.host)
        .port(server.port)
        .username(&server.user)
        .password(password.map_or("", Secret::reveal))
        .database(&server.database)
        .application_name("exhibit")
        .options([("lock_timeout", format!("{}ms", BUSY.as_millis()))])
        .ssl_mode(mode)
        .disable_statement_logging();
    if let Some(file) = &server.root_certificates {
        options = options.ssl_root_cert(file);
    }
    let pool = PoolOptions::<Postgres>::new().max_connections(CONNECTIONS).acquire_timeout(CONNECT);
    pool.connect_with(options).await
}
