//! The store through its face: groups, reads, openings, and what goes wrong with disks.

mod damage;
mod faults;
mod groups;
mod indexes;
mod missing;
mod opening;
mod reading;
mod shipping;
mod statements;
mod values;

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use super::job::Closure;
use super::migrate::Migration;
use super::scratch::ScratchFolder;
use super::{Class, ReadTx, Store, StoreError, StoreOptions, Tx, params};
use crate::vocab::clock::FrozenClock;

/// What these tests keep: notes on lists.
const LISTS: Migration = Migration {
    version: 1,
    name: "0001_lists",
    sql: "CREATE TABLE list (id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;
          INSERT INTO list (id, name) VALUES (1, 'ward');
          CREATE TABLE note (
            id INTEGER PRIMARY KEY,
            list_id INTEGER NOT NULL REFERENCES list (id),
            text TEXT NOT NULL CONSTRAINT note_says_something CHECK (text <> ''),
            body BLOB
          ) STRICT;
          CREATE UNIQUE INDEX note_text ON note (text);
          CREATE UNIQUE INDEX list_name ON list (lower(name));",
};

/// A question without an end.
const RUNAWAY: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
                       SELECT count(*) FROM n";

const SCREEN: Duration = Duration::from_secs(2);

/// A data folder that goes away with the test.
struct Home {
    folder: ScratchFolder,
}

impl Home {
    fn new() -> Self {
        Self { folder: ScratchFolder::new() }
    }

    fn path(&self) -> PathBuf {
        self.folder.0.clone()
    }

    fn database(&self) -> PathBuf {
        self.folder.0.join("healthflow.db")
    }

    fn open(&self) -> Result<Store, StoreError> {
        self.open_with(|_| {})
    }

    fn open_with(&self, change: impl FnOnce(&mut StoreOptions)) -> Result<Store, StoreError> {
        self.open_as(change, &[LISTS])
    }

    fn open_as(
        &self,
        change: impl FnOnce(&mut StoreOptions),
        migrations: &[Migration],
    ) -> Result<Store, StoreError> {
        let mut options = StoreOptions::new(self.path());
        change(&mut options);
        let clock = FrozenClock::at("2026-03-01T08:00:00Z");
        Store::open_with(options, &clock, migrations, None)
    }
}

fn add(tx: &Tx<'_>, text: &str) -> Result<(), StoreError> {
    tx.execute("INSERT INTO note (list_id, text) VALUES (1, ?1)", &params![text]).map(|_| ())
}

fn notes(store: &Store) -> Vec<String> {
    store
        .read(SCREEN, |tx| {
            tx.all("SELECT text FROM note ORDER BY id", &params![], |row| row.get(0))
        })
        .unwrap()
}

fn count(store: &Store) -> i64 {
    store
        .read(SCREEN, |tx| tx.one("SELECT count(*) FROM note", &params![], |row| row.get(0)))
        .unwrap()
}

/// Text that fills most of a page.
fn a_full_page_of(text: &str) -> String {
    text.repeat(3000 / text.len())
}

/// Puts a job into the queue without waiting for its answer.
fn enqueue<T: Send + 'static>(
    store: &Store,
    class: Class,
    job: impl Fn(&Tx<'_>) -> Result<T, StoreError> + Send + 'static,
) -> Receiver<Result<T, StoreError>> {
    let (reply, answer) = channel();
    let job = Closure::boxed(job, move |done: Result<T, StoreError>| {
        let _ = reply.send(done);
    });
    store.inner.shared.queue.push(class, job, Duration::ZERO).unwrap();
    answer
}

/// Keeps the writer busy until it is dropped, so that what is queued meanwhile forms one group.
struct Held {
    _release: Sender<()>,
}

fn hold(store: &Store) -> Held {
    let (started, begun) = channel();
    let (release, released) = channel::<()>();
    let held = enqueue(store, Class::People, move |_| {
        let _ = started.send(());
        // Ends when the other end is dropped.
        let _ = released.recv();
        // Longer than a group may run, so that the next job opens a new one.
        std::thread::sleep(Duration::from_millis(12));
        Ok(())
    });
    begun.recv().unwrap();
    drop(held);
    Held { _release: release }
}
