//! The hospital in which imports are tried.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use crate::access::hospital::Hospital;
use crate::access::roles::PERMISSIONS;
use crate::access::setup;
use crate::interop::import::office::{Imports, insert};
use crate::interop::import::plan::{Format, Plan};
use crate::interop::import::run::Run;
use crate::interop::import::tally::Tally;
use crate::platform::ledger::Desk;
use crate::store::{Store, StoreError};
use crate::vocab::actor::{Actor, Call};
use crate::vocab::clock::FrozenClock;
use crate::vocab::id::IdSource;

const SECONDS: Duration = Duration::from_secs(5);
/// Bytes that an upload may have.
const UPLOAD_MAX: u64 = 1_000;

/// An empty record, a folder of files to import, and an office in which nobody works unless
/// told to.
pub(super) struct Trial {
    pub(super) desk: Desk,
    pub(super) call: Call,
    pub(super) office: Imports,
    pub(super) folder: PathBuf,
}

impl Drop for Trial {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

impl Trial {
    pub(super) fn new(name: &str) -> Self {
        Self::over(Store::scratch(), name)
    }

    pub(super) fn over(store: Store, name: &str) -> Self {
        let clock = Arc::new(FrozenClock::at("2026-03-01T12:00:00Z"));
        let ids = IdSource::new(clock.clone(), 0);
        let desk = Desk::open(store, clock, ids, SECONDS);
        let call = Call::new(Actor::machine("test", PERMISSIONS.to_vec()), "test");
        let hospital = Hospital { name: "Test".to_owned(), time_zone: "UTC".to_owned() };
        desk.write_blocking(&call, "setup", move |work| setup::first_facility(work, &hospital))
            .unwrap();
        let unique = format!("healthflow-import-{name}-{}", std::process::id());
        let folder = std::env::temp_dir().join(unique);
        let _ = fs::remove_dir_all(&folder);
        let (office, _) = Imports::prepare(desk.clone(), folder.clone(), UPLOAD_MAX).unwrap();
        Self { desk, call, office, folder }
    }

    pub(super) fn file(&self, name: &str, content: &str) {
        fs::write(self.folder.join(name), content).unwrap();
    }

    pub(super) fn import(&self) -> Tally {
        self.import_from("fhir")
    }

    pub(super) fn import_from(&self, source: &str) -> Tally {
        self.import_as(Format::Fhir, source)
    }

    pub(super) fn import_as(&self, format: Format, source: &str) -> Tally {
        let folder = vec![self.folder.clone()];
        let plan = Plan { source: source.to_owned(), format, paths: folder, ..plan() };
        let id = self.left(plan.clone());
        let stop = AtomicBool::new(false);
        Run::new(&self.desk, &self.call, (id, &plan), &stop).work().unwrap()
    }

    /// An order that waits, as an earlier process took it.
    pub(super) fn left(&self, plan: Plan) -> i64 {
        self.desk
            .write_blocking(&self.call, "imports.create", move |work| insert(work, &plan))
            .unwrap()
    }

    /// Changes the store behind everybody's back.
    pub(super) fn run(&self, sql: &'static str) {
        self.desk
            .write_blocking(&self.call, "test", move |work| {
                work.tx().execute(sql, &[])?;
                Ok::<_, StoreError>(())
            })
            .unwrap();
    }

    pub(super) fn count(&self, sql: &'static str) -> i64 {
        let read = self.desk.store().read(SECONDS, |tx| tx.one(sql, &[], |row| row.get::<i64>(0)));
        read.unwrap_or_else(|cause: StoreError| panic!("{sql}: {cause}"))
    }

    pub(super) fn text(&self, sql: &'static str) -> Option<String> {
        let read = self
            .desk
            .store()
            .read(SECONDS, |tx| tx.opt(sql, &[], |row| row.get::<Option<String>>(0)));
        read.unwrap_or_else(|cause: StoreError| panic!("{sql}: {cause}")).flatten()
    }
}

/// An order of nothing.
pub(super) fn plan() -> Plan {
    Plan {
        source: "fhir".to_owned(),
        label: "patients.json".to_owned(),
        format: Format::Fhir,
        mapping: None,
        paths: Vec::new(),
        staged: false,
    }
}
