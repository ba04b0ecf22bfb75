//! A store in a folder of its own that goes away with it, for the tests of all rooms.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use super::{Store, StoreOptions, migrate};
use crate::vocab::clock::SystemClock;

/// A temporary folder, removed when dropped.
#[derive(Debug)]
pub(super) struct ScratchFolder(pub(super) PathBuf);

impl ScratchFolder {
    pub(super) fn new() -> Self {
        static NUMBERS: AtomicU32 = AtomicU32::new(0);
        let number = NUMBERS.fetch_add(1, Ordering::Relaxed);
        let name = format!("healthflow-scratch-{}-{number}", std::process::id());
        Self(std::env::temp_dir().join(name))
    }
}

impl Drop for ScratchFolder {
    fn drop(&mut self) {
        // What a test leaves in the temporary folder is the system's to clear away.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

impl Store {
    /// An empty, migrated store in a temporary folder that goes away with its last clone.
    ///
    /// # Panics
    /// If the temporary folder cannot hold one. Not for anything but tests.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a test without its store cannot go on")]
    pub fn scratch() -> Self {
        let folder = ScratchFolder::new();
        let options = StoreOptions::new(&folder.0);
        Self::open_with(options, &SystemClock, migrate::MIGRATIONS, Some(folder))
            .expect("a scratch store needs a writable temporary folder")
    }

    /// A store as the program of schema `version` left it, filled with `rows`, then opened by
    /// this one.
    ///
    /// # Panics
    /// If the temporary folder cannot hold one, or the schema not what it is filled with.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a test without its store cannot go on")]
    pub fn scratch_since(version: usize, rows: &'static [&'static str]) -> Self {
        let folder = ScratchFolder::new();
        let options = || StoreOptions::new(&folder.0);
        let known = &migrate::MIGRATIONS[..version];
        let older = Self::open_with(options(), &SystemClock, known, None).expect("it is made");
        let fill = move |tx: &super::Tx<'_>| {
            rows.iter().try_for_each(|sql| tx.execute(sql, &[]).map(drop))
        };
        let filled = older.write_blocking::<_, super::StoreError>(super::Class::People, fill);
        filled.expect("it is filled");
        drop(older);
        let options = options();
        Self::open_with(options, &SystemClock, migrate::MIGRATIONS, Some(folder))
            .expect("it is brought up to date")
    }
}
