//! Sealed text: what travels in an address and comes back, unreadable and unforgeable.
//!
//! AES-256-GCM-SIV (RFC 8452) under one key of this store. The nonce is fixed, which this mode
//! is made for: all that it lets show is that two sealed texts are the same, and the same page
//! must have the same bytes, or its ETag would never match.

use std::time::Duration;

use aes_gcm_siv::aead::{Aead, KeyInit};
use aes_gcm_siv::{Aes256GcmSiv, Nonce};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::store::{Class, Store, StoreError};

/// The row of `setting` that holds the key.
const SETTING: &str = "cursor_key";
const NONCE: [u8; 12] = *b"list cursor\0";
/// The longest sealed text that is opened. What is sealed here is far below it.
pub const SEALED_MAX: usize = 4_096;

/// Seals and opens. Cheap to clone; shows nothing of its key.
#[derive(Clone)]
pub struct Seal(Aes256GcmSiv);

impl std::fmt::Debug for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Seal").finish_non_exhaustive()
    }
}

impl Seal {
    /// The seal under `key`.
    #[must_use]
    pub fn new(key: [u8; 32]) -> Self {
        Self(Aes256GcmSiv::new(&key.into()))
    }

    /// The seal of `store`, whose key is made at the first call and then kept.
    ///
    /// # Errors
    /// The system gives no random numbers; what the store says.
    pub fn kept_in(store: &Store, deadline: Duration, now: i64) -> Result<Self, StoreError> {
        let find = "SELECT value FROM setting WHERE name = ?1";
        let kept = store
            .read(deadline, |tx| tx.opt(find, &[SETTING.into()], |row| row.get::<String>(0)))?;
        if let Some(key) = kept.as_deref().and_then(key_of) {
            return Ok(Self::new(key));
        }
        let mut fresh = [0; 32];
        getrandom::fill(&mut fresh).map_err(|cause| StoreError::Io {
            what: "get random numbers for the key of cursors".to_owned(),
            cause: cause.to_string(),
        })?;
        let text = URL_SAFE_NO_PAD.encode(fresh);
        store.write_blocking(Class::People, move |tx| {
            let sql = "INSERT INTO setting (name, value, updated_at) VALUES (?1, ?2, ?3) \
                ON CONFLICT (name) DO UPDATE \
                SET value = excluded.value, updated_at = excluded.updated_at";
            // Somebody else may have made one in between; theirs may be in use already.
            let kept = tx.opt(find, &[SETTING.into()], |row| row.get::<String>(0))?;
            if let Some(key) = kept.as_deref().and_then(key_of) {
                return Ok(Self::new(key));
            }
            tx.execute(sql, &[SETTING.into(), text.as_str().into(), now.into()])?;
            Ok(Self::new(fresh))
        })
    }

    /// `plain` as text that is safe in an address.
    #[must_use]
    pub fn close(&self, plain: &[u8]) -> String {
        let nonce: Nonce = NONCE.into();
        // It can fail for more than 64 GiB only.
        URL_SAFE_NO_PAD.encode(self.0.encrypt(&nonce, plain).unwrap_or_default())
    }

    /// What was sealed as `text`, or `None` if this seal has not made it.
    #[must_use]
    pub fn open(&self, text: &str) -> Option<Vec<u8>> {
        if SEALED_MAX < text.len() {
            return None;
        }
        let sealed = URL_SAFE_NO_PAD.decode(text).ok()?;
        let nonce: Nonce = NONCE.into();
        self.0.decrypt(&nonce, sealed.as_slice()).ok()
    }
}

fn key_of(text: &str) -> Option<[u8; 32]> {
    URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const DEADLINE: Duration = Duration::from_secs(5);

    proptest! {
        #[test]
        fn a_sealed_text_opens_under_its_own_key_and_unchanged_only(
            plain in proptest::collection::vec(any::<u8>(), 0..200),
            place in any::<proptest::sample::Index>(),
        ) {
            let seal = Seal::new([7; 32]);
            let text = seal.close(&plain);
            prop_assert_eq!(seal.open(&text), Some(plain.clone()));
            prop_assert_eq!(seal.close(&plain), text.as_str());
            prop_assert_eq!(Seal::new([8; 32]).open(&text), None);
            let mut bytes = text.into_bytes();
            let place = place.index(bytes.len());
            bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
            let forged = String::from_utf8(bytes).unwrap();
            prop_assert_eq!(seal.open(&forged), None);
        }
    }

    #[test]
    fn what_is_too_long_or_no_sealed_text_does_not_open() {
        let seal = Seal::new([7; 32]);
        for text in ["", "A", "é", "====", &"A".repeat(SEALED_MAX + 1)] {
            assert_eq!(seal.open(text), None);
        }
    }

    #[test]
    fn a_store_keeps_its_key_and_nothing_shows_it() {
        let store = Store::scratch();
        let first = Seal::kept_in(&store, DEADLINE, 1).unwrap();
        let text = first.close(b"place");
        let again = Seal::kept_in(&store, DEADLINE, 2).unwrap();
        assert_eq!(again.open(&text).as_deref(), Some(&b"place"[..]));
        assert_eq!(format!("{again:?}"), "Seal { .. }");
        let other = Seal::kept_in(&Store::scratch(), DEADLINE, 1).unwrap();
        assert_eq!(other.open(&text), None);
    }
}
