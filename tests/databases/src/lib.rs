//! A PostgreSQL server of a test's own: in a temporary folder, on a Unix socket, gone with the test.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail, ensure};
use tempfile::TempDir;

/// What tests that need it are skipped for want of.
const NEED: &str = "postgresql";
/// Where Debian keeps the programs of each version.
const DEBIAN: &str = "/usr/lib/postgresql";
/// PostgreSQL refuses to run as root: tests that do run it as the user that owns nothing.
const UNPRIVILEGED: u32 = 65_534;
const ROLE: &str = "exhibit";

/// A server that runs until it is dropped.
#[derive(Debug)]
pub struct Postgres {
    programs: PathBuf,
    folder: TempDir,
}

impl Postgres {
    /// Starts one. `None` where there is no PostgreSQL: the test is skipped then, in writing.
    ///
    /// # Errors
    /// Where it does not start, or must not be skipped.
    pub fn start() -> Result<Option<Self>> {
        let Some(programs) = programs() else {
            exhibit_skipped::skip(NEED, "there is no `initdb` on the path or below /usr/lib/postgresql")?;
            return Ok(None);
        };
        let folder = tempfile::Builder::new().prefix("pg").tempdir_in("/tmp")?;
        if is_root() {
            chown(folder.path(), Some(UNPRIVILEGED), Some(UNPRIVILEGED))?;
        }
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700))?;
        let server = Self { programs, folder };
        let data = server.data();
        // What a power cut would take is of no interest here.
        server.run("initdb", &["-D", &data, "-U", ROLE, "-A", "trust", "-E", "UTF8", "--locale=C", "-N"])?;
        let options = format!("-c listen_addresses= -c fsync=off -k {}", server.folder.path().display());
        let log = server.folder.path().join("log").display().to_string();
        server.run("pg_ctl", &["start", "-w", "-s", "-D", &data, "-l", &log, "-o", &options])?;
        Ok(Some(server))
    }

    /// The address of a new, empty database.
    ///
    /// # Errors
    /// Where it cannot be made.
    pub fn database(&self, name: &str) -> Result<String> {
        let folder = self.folder.path().display().to_string();
        self.run("createdb", &["-h", &folder, "-U", ROLE, name])?;
        Ok(format!("postgres:///{name}?host={folder}&user={ROLE}"))
    }

    fn data(&self) -> String {
        self.folder.path().join("data").display().to_string()
    }

    fn run(&self, program: &str, arguments: &[&str]) -> Result<()> {
        let mut command = Command::new(self.programs.join(program));
        command.args(arguments).current_dir(self.folder.path()).env_clear().stdin(Stdio::null());
        if is_root() {
            command.uid(UNPRIVILEGED).gid(UNPRIVILEGED);
        }
        // Not a pipe: the server that `pg_ctl` starts would hold it open.
        let said = self.folder.path().join("said");
        let file = fs::File::create(&said)?;
        command.stdout(file.try_clone()?).stderr(file);
        let status = command.status().with_context(|| format!("{program} does not start"))?;
        ensure!(status.success(), "{program} failed: {}", fs::read_to_string(&said)?);
        Ok(())
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let data = self.data();
        if Path::new(&data).join("postmaster.pid").exists()
            && let Err(error) = self.run("pg_ctl", &["stop", "-m", "immediate", "-s", "-D", &data])
        {
            eprintln!("the server of the test does not stop: {error:#}");
        }
    }
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// The folder of the newest version's programs.
fn programs() -> Option<PathBuf> {
    let all = fs::read_dir(DEBIAN).into_iter().flatten().flatten();
    let newest = all
        .filter_map(|it| Some((it.file_name().to_str()?.parse::<u32>().ok()?, it.path().join("bin"))))
        .filter(|(_, bin)| bin.join("initdb").is_file())
        .max();
    newest.map(|it| it.1).or_else(|| {
        let path = std::env::var_os("PATH")?;
        std::env::split_paths(&path).find(|it| it.join("initdb").is_file() && it.join("pg_ctl").is_file())
    })
}

/// Each database that tests run over: a file of SQLite, and a PostgreSQL server where there is one.
#[derive(Debug)]
pub struct Databases {
    folder: TempDir,
    postgres: Option<Postgres>,
}

impl Databases {
    /// Starts what there is.
    ///
    /// # Errors
    /// As of [`Postgres::start`].
    pub fn start() -> Result<Self> {
        // In memory where there is such a place: these tests are about rules, and a disk makes each change wait.
        let in_memory = tempfile::Builder::new().prefix("state").tempdir_in("/dev/shm");
        let folder = in_memory.or_else(|_| tempfile::tempdir())?;
        Ok(Self { folder, postgres: Postgres::start()? })
    }

    /// How many there are: the file first.
    pub fn kinds(&self) -> usize {
        1 + usize::from(self.postgres.is_some())
    }

    /// The addresses of a new, empty database of each.
    ///
    /// # Errors
    /// Where one cannot be made.
    pub fn new_ones(&self, name: &str) -> Result<Vec<String>> {
        (0..self.kinds()).map(|kind| self.new_one(name, kind)).collect()
    }

    /// The address of a new, empty database of one kind.
    ///
    /// # Errors
    /// Where it cannot be made.
    pub fn new_one(&self, name: &str, kind: usize) -> Result<String> {
        if !name.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'_') {
            bail!("{name} is no name for a database");
        }
        match (&self.postgres, kind) {
            (Some(postgres), 1) => postgres.database(name),
            _ => Ok(format!("sqlite:{}", self.folder.path().join(format!("{name}.db")).display())),
        }
    }
}
