//! From where a walk reads the rows: the store, or the database past the seals of its pages.

use std::path::Path;

use super::anchors::{Anchor, Anchors};
use super::archive::Archives;
use super::verify::{Flaw, FlawKind, Verdict, Whole};
use super::{CustodyError, DEADLINE};
use crate::store::{PastSeals, ReadTx, Store, StoreError};

/// Answers questions of one snapshot.
pub(super) trait Source {
    fn read<T, E: From<StoreError>>(
        &self,
        f: impl FnOnce(&ReadTx<'_>) -> Result<T, E>,
    ) -> Result<T, E>;
}

impl Source for Store {
    fn read<T, E: From<StoreError>>(
        &self,
        f: impl FnOnce(&ReadTx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        Self::read(self, DEADLINE, f)
    }
}

impl Source for PastSeals {
    fn read<T, E: From<StoreError>>(
        &self,
        f: impl FnOnce(&ReadTx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        Self::read(self, DEADLINE, f)
    }
}

/// Walks the audit in `folder`, whose database is damaged: whoever changes a row with another
/// program breaks the seal of its page, and the row is to be named all the same. It never finds
/// the audit whole.
///
/// # Errors
/// The rows cannot be read past the seals either; it was told not to go on.
pub fn verify_past_seals(
    folder: &Path,
    printed: Vec<Anchor>,
    go_on: &dyn Fn(i64, i64) -> bool,
) -> Result<Verdict, CustodyError> {
    let source = &PastSeals::open(folder)?;
    let anchored = Anchors::of(folder).read()?;
    let archives = &Archives::of(folder);
    let mut verdict = Whole { source, archives, anchored, printed, go_on }.verify()?;
    let sealed = "Something other than HealthFlow has written to the database, or the disk has \
        changed it: pages do not match their seals.";
    let flaw = match verdict.flaw.take() {
        Some(flaw) => Flaw { told: format!("{} {sealed}", flaw.told), ..flaw },
        None => {
            let told = format!("{sealed} The rows of the audit hold together all the same.");
            Flaw::new(FlawKind::Damaged, None, told)
        }
    };
    verdict.flaw = Some(flaw);
    Ok(verdict)
}
