//! The same statements over SQLite and PostgreSQL.

use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use exhibit_databases::Databases;
use exhibit_state::{Bound, Database, LATEST, Location, StateError, Transaction};

fn make(path: &Path) -> io::Result<()> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map(drop)
}

async fn open(address: &str) -> Result<Database> {
    Ok(Database::open(&Location::parse(address)?, None, make).await?)
}

async fn count(database: &Database) -> Result<i64, StateError> {
    database
        .read(async |it: &mut Transaction| {
            it.rows("SELECT COUNT(*) FROM inventory_source", &[])
                .await?
                .first()
                .map_or(Ok(-1), |it| it.integer(0))
        })
        .await
}

async fn add(transaction: &mut Transaction, name: &str) -> Result<i64, StateError> {
    let next = transaction.rows("SELECT COALESCE(MAX(id), 0) + 1 FROM inventory_source", &[]).await?;
    let id = next.first().map_or(Ok(1), |it| it.integer(0))?;
    let insert = "INSERT INTO inventory_source (id, kind, name) VALUES ($1, $2, $3)";
    transaction.execute(insert, &[id.into(), "kind".into(), name.into()]).await?;
    Ok(id)
}

#[tokio::test(flavor = "multi_thread")]
async fn both_databases_behave_alike() -> Result<()> {
    let databases = Databases::start()?;
    for address in databases.new_ones("alike")? {
        values_come_back_as_they_were(&open(&address).await?).await.context(address.clone())?;
        a_change_that_fails_leaves_nothing(&open(&address).await?).await.context(address.clone())?;
        a_later_schema_is_refused_only_where_it_must_be(&address).await.context(address)?;
    }
    for address in databases.new_ones("at_once")? {
        opened_and_changed_by_several_at_once(&address).await.context(address)?;
    }
    Ok(())
}

async fn values_come_back_as_they_were(database: &Database) -> Result<()> {
    let values =
        [Bound::from(i64::MIN), i64::MAX.into(), Bound::Integer(None), "ü \u{1} '".into(), Bound::Text(None)];
    let back = database
        .change(async |it: &mut Transaction| {
            it.execute("CREATE TABLE t (a BIGINT, b BIGINT, c BIGINT, d TEXT, e TEXT)", &[]).await?;
            let all: Vec<Bound> = (0..777).flat_map(|_| values.clone()).collect();
            it.insert("INSERT INTO t (a, b, c, d, e)", 5, &all, "").await?;
            it.rows("SELECT a, b, c, d, e FROM t", &[]).await
        })
        .await?;
    ensure!(back.len() == 777);
    for row in back {
        ensure!((row.integer(0)?, row.integer(1)?) == (i64::MIN, i64::MAX));
        ensure!((row.maybe_integer(2)?, row.text(3)?, row.maybe_text(4)?) == (None, "ü \u{1} '", None));
        ensure!(row.integer(3).is_err() && row.text(0).is_err() && row.text(4).is_err());
    }
    let found = database
        .read(async |it: &mut Transaction| {
            let several: Vec<Bound> = (0..450).map(|it| Bound::from(i64::MAX - it)).collect();
            it.rows_in("SELECT a FROM t WHERE d = $1 AND b IN", &["ü \u{1} '".into()], &several).await
        })
        .await?;
    ensure!(found.len() == 777);
    Ok(())
}

async fn a_change_that_fails_leaves_nothing(database: &Database) -> Result<()> {
    let before = count(database).await?;
    let changed: Result<(), StateError> = database
        .change(async |it: &mut Transaction| {
            add(it, "one").await?;
            it.execute("INSERT INTO no_such_table VALUES (1)", &[]).await.map(drop)
        })
        .await;
    ensure!(changed.is_err_and(|it| !it.is_transient()));
    ensure!(count(database).await? == before);
    Ok(())
}

async fn a_later_schema_is_refused_only_where_it_must_be(address: &str) -> Result<()> {
    let set = async |version: i64, oldest: i64| {
        let database = open(address).await?;
        let update = "UPDATE exhibit_schema SET version = $1, oldest = $2";
        let values = [Bound::from(version), oldest.into()];
        let changed: Result<u64, StateError> =
            database.change(async |it: &mut Transaction| it.execute(update, &values).await).await;
        anyhow::Ok(changed?)
    };
    // A later version added a table: both work side by side, and the older one does not take it back.
    set(LATEST + 1, LATEST).await?;
    open(address).await?;
    set(LATEST + 2, LATEST + 1).await?;
    let refused = open(address).await.err().context("it should be refused")?.to_string();
    ensure!(refused.contains(&format!("has schema {}", LATEST + 1)), "{refused}");
    Ok(())
}

async fn opened_and_changed_by_several_at_once(address: &str) -> Result<()> {
    let one = |worker: usize| {
        let address = address.to_owned();
        tokio::spawn(async move {
            let database = open(&address).await?;
            for number in 0..10 {
                let name = format!("{worker}/{number}");
                database.change(async |it: &mut Transaction| add(it, &name).await).await?;
            }
            anyhow::Ok(())
        })
    };
    let workers: Vec<_> = (0..8).map(one).collect();
    for worker in workers {
        worker.await??;
    }
    ensure!(count(&open(address).await?).await? == 80);
    Ok(())
}

#[tokio::test]
async fn the_file_and_those_beside_it_are_for_their_owner_alone() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("exhibit.db");
    let database = open(&format!("sqlite:{}", path.display())).await?;
    database.change(async |it: &mut Transaction| add(it, "one").await).await?;
    let mut names = Vec::new();
    for entry in fs::read_dir(folder.path())? {
        let entry = entry?;
        ensure!(entry.metadata()?.permissions().mode() & 0o777 == 0o600, "{}", entry.path().display());
        names.push(entry.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    ensure!(names == ["exhibit.db", "exhibit.db-shm", "exhibit.db-wal"], "{names:?}");
    Ok(())
}

#[tokio::test]
async fn what_is_no_database_is_refused_with_its_place() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("exhibit.db");
    fs::write(
        &path,
        "this is something else, and long enough to be looked at as a whole header of a file, or so",
    )?;
    let error = open(&format!("sqlite:{}", path.display())).await.err().context("it is no database")?;
    ensure!(error.to_string().contains("exhibit.db"), "{error}");
    let error =
        open(&format!("sqlite:{}/a/b.db", folder.path().display())).await.err().context("no folder")?;
    ensure!(error.to_string().contains("a/b.db cannot be made"), "{error}");
    Ok(())
}
