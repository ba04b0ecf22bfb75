//! A look into a store that nobody has open, which leaves no trace: for the doctor.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::connection;
use super::damage::Damage;
use super::deadline::Deadline;
use super::error::StoreError;
use super::folder::{DATABASE, RUNNING};
use super::tx::ReadTx;

/// How long the look may take.
const DEADLINE: Duration = Duration::from_secs(5);

/// What `look` sees in the store of `folder`. `None` where there is none, or one that is in use
/// or did not end in order: part of it may lie in its log.
///
/// # Errors
/// What the engine or `look` says.
pub fn peek<T>(
    folder: &Path,
    look: impl FnOnce(&ReadTx<'_>) -> Result<T, StoreError>,
) -> Result<Option<T>, StoreError> {
    let file = folder.join(DATABASE);
    if folder.join(RUNNING).exists() || !std::fs::metadata(&file).is_ok_and(|it| it.len() != 0) {
        return Ok(None);
    }
    let deadline = Arc::new(Deadline::new());
    let Some(conn) = connection::open_still(&file, &deadline)? else { return Ok(None) };
    deadline.set(DEADLINE);
    conn.execute_batch("BEGIN").map_err(|error| StoreError::from_engine(error, &conn))?;
    let damage = Damage::default();
    look(&ReadTx::new(&conn, &deadline, &damage)).map(Some)
}
