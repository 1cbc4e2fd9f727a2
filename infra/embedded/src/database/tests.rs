use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, mpsc};

use futures_util::future::join_all;
use workflow::ports::Kind;

use super::*;

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn open(folder: &tempfile::TempDir) -> Database {
    Database::open(&folder.path().join("lockgate.db"), Mode::ReadWrite).unwrap()
}

fn put(store: impl Into<String>) -> impl FnOnce(&Connection) -> Result<(), Error> + Send + 'static {
    let store = store.into();
    move |connection| {
        connection.execute("INSERT INTO holds (store, request) VALUES (?1, 'r')", [store])?;
        Ok(())
    }
}

fn count(connection: &Connection) -> Result<i64, Error> {
    Ok(connection.query_row("SELECT count(*) FROM holds", [], |row| row.get(0))?)
}

#[tokio::test]
async fn what_was_acknowledged_is_read_at_once_and_after_opening_again() {
    let folder = folder();
    let database = open(&folder);
    database.write(put("a")).await.unwrap();
    assert_eq!(database.read(count).await.unwrap(), 1);
    drop(database);
    assert_eq!(open(&folder).read(count).await.unwrap(), 1);
}

#[tokio::test]
async fn jobs_that_come_together_share_a_flush() {
    let folder = folder();
    let database = open(&folder);
    let (go, wait) = mpsc::channel::<()>();
    let before = database.commits();
    let first = database.write(move |connection| {
        // Keeps the writer busy until the others stand in the queue.
        let _ = wait.recv();
        put("first")(connection)
    });
    let others = (0..100).map(|n| database.write(put(format!("store-{n}"))));
    let (first, others, ()) = tokio::join!(first, join_all(others), async { drop(go) });
    first.unwrap();
    for answer in others {
        answer.unwrap();
    }
    assert_eq!(database.read(count).await.unwrap(), 101);
    assert!(database.commits() - before <= 3, "{} flushes", database.commits() - before);
}

#[tokio::test]
async fn nothing_stays_of_a_job_that_fails_and_everything_of_its_neighbours() {
    let folder = folder();
    let database = open(&folder);
    let failing = database.write(|connection| {
        put("lost")(connection)?;
        Err::<(), _>(Error::refused(Kind::Conflict, "not today"))
    });
    let buggy = database.write(|connection| {
        put("lost too")(connection)?;
        panic!("a bug")
    });
    let (a, failed, bug, b) = tokio::join!(database.write(put("a")), failing, buggy, database.write(put("b")));
    a.and(b).unwrap();
    assert!(matches!(failed, Err(Error::Refused { kind: Kind::Conflict, .. })));
    let bug: Result<(), Error> = bug;
    assert!(matches!(bug, Err(Error::Bug)));
    assert_eq!(database.read(count).await.unwrap(), 2);
    assert!(!database.is_broken());
}

#[tokio::test]
async fn a_failed_flush_leaves_every_outcome_unknown_and_stops_the_writer() {
    let folder = folder();
    let database = open(&folder);
    let sabotage = database.write(|connection| {
        // A row without its parent, found out only when the transaction is committed.
        connection.pragma_update(None, "defer_foreign_keys", true)?;
        connection.execute("INSERT INTO identities (issuer, subject, person) VALUES ('i', 's', 1)", [])?;
        Ok(())
    });
    let (sabotaged, beside) = tokio::join!(sabotage, database.write(put("b")));
    assert!(matches!(sabotaged, Err(Error::Unknown(_))));
    assert!(matches!(beside, Err(Error::Unknown(_) | Error::Broken)));
    database.broken().await;
    assert!(database.is_broken());
    assert!(matches!(database.write(put("c")).await, Err(Error::Broken)));
    assert_eq!(database.read(count).await.unwrap(), 0);
    drop(database);
    assert!(open(&folder).write(put("d")).await.is_ok());
}

#[tokio::test]
async fn a_full_disk_asks_for_room_and_goes_on() {
    let folder = folder();
    let database = open(&folder);
    let asked = Arc::new(AtomicU32::new(0));
    let counter = Arc::clone(&asked);
    database.when_full(move || {
        counter.fetch_add(1, Ordering::Relaxed);
    });
    let filling = database.write(|connection| {
        put("lost")(connection)?;
        connection.pragma_update(None, "max_page_count", 1)?;
        let long = "x".repeat(1 << 20);
        connection.execute("INSERT INTO holds (store, request) VALUES ('a', ?1)", [long])?;
        Ok(())
    });
    let error = filling.await.unwrap_err();
    assert_eq!(error.kind(), Kind::Transient);
    assert_eq!(asked.load(Ordering::Relaxed), 1);
    database.write(|c| Ok(c.pragma_update(None, "max_page_count", 1 << 30)?)).await.unwrap();
    database.write(put("b")).await.unwrap();
    assert_eq!(database.read(count).await.unwrap(), 1);
}

#[tokio::test]
async fn readers_do_not_wait_for_a_long_write() {
    let folder = folder();
    let database = open(&folder);
    let (go, wait) = mpsc::channel::<()>();
    let long = database.write(move |connection| {
        put("a")(connection)?;
        let _ = wait.recv();
        Ok(())
    });
    let meanwhile = async {
        let seen = database.read(count).await;
        drop(go);
        seen
    };
    let (long, seen) = tokio::join!(long, meanwhile);
    long.unwrap();
    assert_eq!(seen.unwrap(), 0);
    assert_eq!(database.read(count).await.unwrap(), 1);
}

#[tokio::test]
async fn a_query_sees_one_state_throughout_and_cannot_write() {
    let folder = folder();
    let database = open(&folder);
    let (between, wait) = mpsc::channel::<()>();
    let query = database.read(move |connection| {
        let before = count(connection)?;
        let _ = wait.recv();
        Ok((before, count(connection)?))
    });
    let write = async {
        let written = database.write(put("a")).await;
        drop(between);
        written
    };
    let (seen, written) = tokio::join!(query, write);
    written.unwrap();
    let (before, after) = seen.unwrap();
    assert_eq!(before, after);
    assert!(database.read(put("b")).await.is_err());
}

#[tokio::test]
async fn a_database_of_a_later_release_is_left_alone() {
    let folder = folder();
    let path = folder.path().join("lockgate.db");
    drop(open(&folder));
    let connection = Connection::open(&path).unwrap();
    connection.pragma_update(None, "user_version", 9_999).unwrap();
    drop(connection);
    for mode in [Mode::ReadWrite, Mode::ReadOnly] {
        let refusal = Database::open(&path, mode).unwrap_err();
        assert!(matches!(refusal, OpenError::Newer { found: 9_999, .. }), "{refusal}");
        assert!(refusal.to_string().contains("left as it is"));
    }
}

#[tokio::test]
async fn a_database_of_another_program_is_left_alone() {
    let folder = folder();
    let path = folder.path().join("lockgate.db");
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE songs (title TEXT)").unwrap();
    let before = std::fs::read(&path).unwrap();
    assert!(matches!(Database::open(&path, Mode::ReadWrite), Err(OpenError::Foreign(_))));
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[tokio::test]
async fn reading_only_works_with_the_server_up_and_down_and_changes_nothing() {
    let folder = folder();
    let path = folder.path().join("lockgate.db");
    assert!(matches!(Database::open(&path, Mode::ReadOnly), Err(OpenError::Absent(_))));
    let server = open(&folder);
    server.write(put("a")).await.unwrap();
    let beside = Database::open(&path, Mode::ReadOnly).unwrap();
    assert_eq!(beside.read(count).await.unwrap(), 1);
    assert!(matches!(beside.write(put("b")).await, Err(Error::ReadOnly)));
    drop((server, beside));
    let alone = Database::open(&path, Mode::ReadOnly).unwrap();
    assert_eq!(alone.read(count).await.unwrap(), 1);
}

#[tokio::test]
async fn every_connection_keeps_to_the_durable_settings() {
    let folder = folder();
    let database = open(&folder);
    let pragma =
        |name: &'static str| move |c: &Connection| Ok(c.pragma_query_value(None, name, |row| row.get::<_, i64>(0))?);
    assert_eq!(database.write(pragma("synchronous")).await.unwrap(), 2);
    for (name, value) in [("foreign_keys", 1), ("trusted_schema", 0), ("mmap_size", 0)] {
        assert_eq!(database.write(pragma(name)).await.unwrap(), value, "{name}");
        assert_eq!(database.read(pragma(name)).await.unwrap(), value, "{name}");
    }
    let journal = |c: &Connection| Ok(c.pragma_query_value(None, "journal_mode", |row| row.get::<_, String>(0))?);
    assert_eq!(database.write(journal).await.unwrap(), "wal");
}
