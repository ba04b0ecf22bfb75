//! Remembers that the database file was found damaged, so that nothing is written into it any
//! more and the health probe says so. Pages that are whole can still be read.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use super::error::StoreError;

/// What was found, once.
#[derive(Debug, Default)]
pub(super) struct Damage {
    found: AtomicBool,
    what: Mutex<Option<(PathBuf, String)>>,
}

impl Damage {
    /// Remembers `error` if the file is to blame for it.
    pub(super) fn note(&self, error: &StoreError) {
        let StoreError::Damaged { file, detail } = error else { return };
        let mut what = self.what.lock().unwrap_or_else(PoisonError::into_inner);
        if what.is_none() {
            tracing::error!(
                store.file = %file.display(),
                store.detail = detail,
                "The database file is damaged; nothing more is written to it"
            );
            *what = Some((file.clone(), detail.clone()));
            self.found.store(true, Ordering::Release);
        }
    }

    /// The damage, if any was found.
    pub(super) fn found(&self) -> Option<StoreError> {
        if !self.found.load(Ordering::Acquire) {
            return None;
        }
        let what = self.what.lock().unwrap_or_else(PoisonError::into_inner);
        what.clone().map(|(file, detail)| StoreError::Damaged { file, detail })
    }
}
