//! What stands in the store for rows that are in an archive.

use super::archive::{Archives, Manifest};
use crate::store::{ReadTx, StoreError, Tx, Value};
use crate::vocab::digest::{hex, sha256};

/// How far the rows of a stub have left the store or come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StubState {
    /// The archive is proven, and rows are being deleted.
    Pruning,
    /// All of them are in the archive only.
    Archived,
    /// They are being read back.
    Restoring,
}

impl StubState {
    const ALL: [Self; 3] = [Self::Pruning, Self::Archived, Self::Restoring];

    /// Its word in the store and in the API.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Pruning => "pruning",
            Self::Archived => "archived",
            Self::Restoring => "restoring",
        }
    }
}

/// A stub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stub {
    /// The number of the first row that it stands for.
    pub first_id: i64,
    /// The number of the last.
    pub last_id: i64,
    /// The earliest time of them, in microseconds since 1970 UTC.
    pub first_at: i64,
    /// The latest.
    pub last_at: i64,
    /// The hash before the first row.
    pub before: Vec<u8>,
    /// The hash of the last row.
    pub hash: Vec<u8>,
    /// The archive's name in its folder.
    pub file: String,
    /// SHA-256 over the archive's lines, as its manifest has it.
    pub digest: Vec<u8>,
    /// When that was.
    pub archived_at: i64,
    /// SHA-256 over all of this.
    pub seal: Vec<u8>,
    /// The audit row that carries the seal.
    pub sealed_by: i64,
    /// How far it is.
    pub state: StubState,
}

const COLUMNS: &str = "first_id, last_id, first_at, last_at, before, hash, file, digest, \
    archived_at, seal, sealed_by, state";

impl Stub {
    /// The stub for what `manifest` describes; it is sealed by no row yet.
    #[must_use]
    pub fn of(manifest: &Manifest, archived_at: i64) -> Self {
        let mut stub = Self {
            first_id: manifest.first_id,
            last_id: manifest.last_id,
            first_at: manifest.first_at,
            last_at: manifest.last_at,
            before: manifest.before.clone(),
            hash: manifest.hash.clone(),
            file: Archives::name(manifest.first_id, manifest.last_id),
            digest: manifest.sha256.clone(),
            archived_at,
            seal: Vec::new(),
            sealed_by: 0,
            state: StubState::Pruning,
        };
        stub.seal = stub.own_seal().to_vec();
        stub
    }

    /// The seal that belongs to it.
    #[must_use]
    pub fn own_seal(&self) -> [u8; 32] {
        sha256(&[
            &self.first_id.to_le_bytes(),
            &self.last_id.to_le_bytes(),
            &self.first_at.to_le_bytes(),
            &self.last_at.to_le_bytes(),
            &self.before,
            &self.hash,
            self.file.as_bytes(),
            &self.digest,
            &self.archived_at.to_le_bytes(),
        ])
    }

    /// How many rows it stands for.
    #[must_use]
    pub fn rows(&self) -> i64 {
        self.last_id - self.first_id + 1
    }

    /// Whether `manifest` is of the archive that it stands for.
    #[must_use]
    pub fn fits(&self, manifest: &Manifest) -> bool {
        let Manifest { first_id, last_id, rows, before, hash, sha256, .. } = manifest;
        (self.first_id, self.last_id, self.rows()) == (*first_id, *last_id, *rows)
            && (&self.before, &self.hash, &self.digest) == (before, hash, sha256)
    }

    /// What the audit row says that seals it.
    #[must_use]
    pub fn detail(&self) -> String {
        let Self { first_id, last_id, file, .. } = self;
        format!("rows {first_id} to {last_id} in {file}, seal {}", hex(&self.seal))
    }

    /// Writes it.
    pub(super) fn insert(&self, tx: &Tx<'_>) -> Result<(), StoreError> {
        let sql = format!(
            "INSERT INTO audit_archive ({COLUMNS}) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)"
        );
        let params = [
            self.first_id.into(),
            self.last_id.into(),
            self.first_at.into(),
            self.last_at.into(),
            Value::Blob(self.before.clone()),
            Value::Blob(self.hash.clone()),
            self.file.as_str().into(),
            Value::Blob(self.digest.clone()),
            self.archived_at.into(),
            Value::Blob(self.seal.clone()),
            self.sealed_by.into(),
            self.state.word().into(),
        ];
        tx.execute(&sql, &params).map(|_| ())
    }

    /// Notes how far it is.
    pub(super) fn set_state(
        tx: &Tx<'_>,
        first_id: i64,
        state: StubState,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE audit_archive SET state = ?2 WHERE first_id = ?1";
        tx.execute(sql, &[first_id.into(), state.word().into()]).map(|_| ())
    }

    /// Takes it away: its rows are back.
    pub(super) fn remove(tx: &Tx<'_>, first_id: i64) -> Result<(), StoreError> {
        let sql = "DELETE FROM audit_archive WHERE first_id = ?1";
        tx.execute(sql, &[first_id.into()]).map(|_| ())
    }
}

/// All stubs, in the order of their rows.
///
/// # Errors
/// What the store says.
pub fn all(tx: &ReadTx<'_>) -> Result<Vec<Stub>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM audit_archive ORDER BY first_id");
    tx.all(&sql, &[], |row| {
        let word: String = row.get(11)?;
        let state = StubState::ALL.into_iter().find(|state| state.word() == word);
        Ok(Stub {
            first_id: row.get(0)?,
            last_id: row.get(1)?,
            first_at: row.get(2)?,
            last_at: row.get(3)?,
            before: row.get(4)?,
            hash: row.get(5)?,
            file: row.get(6)?,
            digest: row.get(7)?,
            archived_at: row.get(8)?,
            seal: row.get(9)?,
            sealed_by: row.get(10)?,
            state: state.unwrap_or(StubState::Archived),
        })
    })
}
