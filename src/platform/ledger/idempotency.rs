//! One key, one create: a double click or a retry gives the first answer again.

use super::{RecordError, Work};
use crate::store::Value;
use crate::vocab::actor::Actor;
use crate::vocab::digest::sha256;

/// What a create answered.
#[derive(Debug, Clone)]
pub struct Created {
    /// The new record.
    pub id: i64,
    /// Its version at that time: 1.
    pub version: i64,
    /// `{"data":{…}}` as it was answered the first time.
    pub body: String,
    /// Whether an earlier answer is given again.
    pub replayed: bool,
}

/// A key with what it was sent for.
#[derive(Debug, Clone)]
pub struct KeyedRequest {
    key_hash: [u8; 32],
    request_hash: [u8; 32],
}

impl KeyedRequest {
    /// `key` of the actor of `work` for a create of `path` with `request`.
    ///
    /// Role and token are part of it: an answer is given again only to somebody who sees as much.
    #[must_use]
    pub fn new(actor: &Actor, path: &str, key: &str, request: &[u8]) -> Self {
        let id = actor.user_id().unwrap_or(0).to_le_bytes();
        let token = actor.token().unwrap_or(0).to_le_bytes();
        let role = actor.role().as_bytes();
        let parts = [&id[..], &token[..], role, path.as_bytes(), key.as_bytes()];
        Self { key_hash: sha256(&parts), request_hash: sha256(&[request]) }
    }

    /// The earlier answer to this key.
    ///
    /// # Errors
    /// The key was used for another request; what the store says.
    pub fn replay(&self, work: &Work<'_>) -> Result<Option<Created>, RecordError> {
        let sql = "SELECT request_hash, record_id, body FROM idempotency WHERE key_hash = ?1";
        let found = work.tx().opt(sql, &[Value::Blob(self.key_hash.to_vec())], |row| {
            Ok((row.get::<Vec<u8>>(0)?, row.get::<i64>(1)?, row.get::<String>(2)?))
        })?;
        let Some((request_hash, id, body)) = found else { return Ok(None) };
        if request_hash != self.request_hash {
            return Err(RecordError::KeyReused);
        }
        Ok(Some(Created { id, version: 1, body, replayed: true }))
    }

    /// Keeps `created`, whose body must hold no secret, for the next time.
    ///
    /// # Errors
    /// What the store says.
    pub fn keep(&self, work: &Work<'_>, created: &Created) -> Result<(), RecordError> {
        let sql = "INSERT INTO idempotency (key_hash, request_hash, record_id, body, created_at) \
            VALUES (?1, ?2, ?3, ?4, ?5)";
        let params = [
            Value::Blob(self.key_hash.to_vec()),
            Value::Blob(self.request_hash.to_vec()),
            created.id.into(),
            created.body.as_str().into(),
            work.now().into(),
        ];
        work.tx().execute(sql, &params)?;
        Ok(())
    }
}
