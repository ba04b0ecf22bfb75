//! Which chain the log of a data folder goes into, as a file of that folder says.

use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::backup::error::BackupError;
use crate::store::{StoreError, write_whole};

/// The file.
const CHAIN: &str = "log.chain";

/// Which chain the log of a data folder goes into.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Chain {
    name: String,
}

/// The chain into which the log of the data folder `data` goes, if it goes anywhere.
#[must_use]
pub fn chain_of(data: &Path) -> Option<String> {
    let text = fs::read(data.join(CHAIN)).ok()?;
    serde_json::from_slice::<Chain>(&text).ok().map(|chain| chain.name)
}

/// The log of `data` goes into the chain `name` from now on.
pub(super) fn set_chain(data: &Path, name: &str) -> Result<(), StoreError> {
    let text = serde_json::to_vec(&Chain { name: name.to_owned() }).unwrap_or_default();
    write_whole(&data.join(CHAIN), &text)
}

/// The log of the data folder `data` goes into a new chain when it is shipped next.
///
/// # Errors
/// What the system says.
pub fn forget_chain(data: &Path) -> Result<(), BackupError> {
    match fs::remove_file(data.join(CHAIN)) {
        Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => {
            Err(BackupError::io("begin the log anew")(cause))
        }
        _ => Ok(()),
    }
}
