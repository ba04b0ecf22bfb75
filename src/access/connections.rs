//! Settings of the connections to other machines, in the store. The secret of each lies there
//! sealed, apart from what is shown.

use std::marker::PhantomData;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::error::AccessError;
use super::secrets::Secrets;
use crate::store::{ReadTx, StoreError, Tx};

/// Where the settings `S` of one connection lie.
#[derive(Debug, Clone, Copy)]
pub struct Place<S> {
    /// The row of `setting` with what is shown.
    row: &'static str,
    /// The row with the sealed secret; also what it is sealed for.
    secret: &'static str,
    settings: PhantomData<S>,
}

/// What the store has of one connection.
#[derive(Debug, Clone)]
pub struct Kept<S> {
    /// What is shown.
    pub settings: S,
    /// When it was written; also its version.
    pub version: i64,
    sealed: Option<String>,
    purpose: &'static str,
}

impl<S> Kept<S> {
    /// Whether there is a secret.
    #[must_use]
    pub fn has_secret(&self) -> bool {
        self.sealed.is_some()
    }

    /// The secret.
    ///
    /// # Errors
    /// There is none, or the key of this data folder does not open it; the words go on after the
    /// name of the connection.
    pub fn secret(&self, secrets: &Secrets) -> Result<String, String> {
        let Some(sealed) = &self.sealed else {
            return Err("its password or secret is missing: type it in the settings".to_owned());
        };
        let sealed = URL_SAFE_NO_PAD.decode(sealed).unwrap_or_default();
        let opened = secrets.unseal(self.purpose, &sealed);
        opened.and_then(|plain| String::from_utf8(plain).ok()).ok_or_else(|| {
            "its password or secret was sealed with the key of another data folder: type it again \
             in the settings"
                .to_owned()
        })
    }
}

impl<S: Serialize + DeserializeOwned> Place<S> {
    /// The place in the rows of `setting` with these names.
    #[must_use]
    pub const fn new(row: &'static str, secret: &'static str) -> Self {
        Self { row, secret, settings: PhantomData }
    }

    /// `plain` as the store keeps it.
    ///
    /// # Errors
    /// As [`Secrets::seal`].
    pub fn seal(&self, secrets: &Secrets, plain: &str) -> Result<String, AccessError> {
        Ok(URL_SAFE_NO_PAD.encode(secrets.seal(self.secret, plain.as_bytes())?))
    }

    /// What the store has, if anybody has set it.
    ///
    /// # Errors
    /// What the store says.
    pub fn find(&self, tx: &ReadTx<'_>) -> Result<Option<Kept<S>>, StoreError> {
        let sql = "SELECT value, updated_at FROM setting WHERE name = ?1";
        let of = |name: &str| {
            tx.opt(sql, &[name.into()], |row| Ok((row.get::<String>(0)?, row.get::<i64>(1)?)))
        };
        let Some((text, version)) = of(self.row)? else { return Ok(None) };
        let settings =
            serde_json::from_str(&text).map_err(|_| StoreError::Unreadable { kind: self.row })?;
        let sealed = of(self.secret)?.map(|(sealed, _)| sealed);
        Ok(Some(Kept { settings, version, sealed, purpose: self.secret }))
    }

    /// Writes `settings`, and the sealed secret if there is a new one.
    ///
    /// # Errors
    /// What the store says.
    pub fn save(
        &self,
        tx: &Tx<'_>,
        settings: &S,
        sealed: Option<&str>,
        now: i64,
    ) -> Result<(), StoreError> {
        let text = serde_json::to_string(settings).unwrap_or_default();
        for (name, value) in [(self.row, Some(text.as_str())), (self.secret, sealed)] {
            let Some(value) = value else { continue };
            let sql = "INSERT INTO setting (name, value, updated_at) VALUES (?1, ?2, ?3) \
                ON CONFLICT (name) DO UPDATE \
                SET value = excluded.value, updated_at = excluded.updated_at";
            tx.execute(sql, &[name.into(), value.into(), now.into()])?;
        }
        Ok(())
    }
}
