//! A sign-in that is under way at the provider. The browser itself keeps it, sealed and out of
//! sight of scripts, so that nobody's flood of begun sign-ins pushes out another's, and only the
//! browser that began it can end it.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use aes_gcm_siv::aead::{Aead, KeyInit};
use aes_gcm_siv::{Aes256GcmSiv, Nonce};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

use crate::access::error::AccessError;
use crate::access::passwords::secret;
use crate::vocab::digest::sha256;

/// How long somebody may take at the provider, microseconds.
pub const LASTS: i64 = 600 * 1_000_000;
/// Ended sign-ins that are remembered, so that none is ended twice. Ten minutes of them at 16 a
/// second; about 1 MiB.
const ENDED_MAX: usize = 10_000;
const NONCE_BYTES: usize = 12;

/// What was sent along to the provider, or must be shown to it afterwards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begun {
    /// Comes back in the address.
    pub state: String,
    /// Comes back in what the provider signs.
    pub nonce: String,
    /// Shows that whoever fetches the proof is who began (PKCE).
    pub verifier: String,
    /// Microseconds since 1970 UTC.
    at: i64,
}

impl Begun {
    /// A sign-in that begins at `now`.
    ///
    /// # Errors
    /// The system gives no random numbers.
    pub fn new(now: i64) -> Result<Self, AccessError> {
        Ok(Self { state: secret(32)?, nonce: secret(32)?, verifier: secret(32)?, at: now })
    }
}

/// Seals what browsers keep, under a key that lives as long as the program, and remembers what
/// has ended.
pub struct Pending {
    cipher: Aes256GcmSiv,
    ended: Mutex<Ended>,
}

#[derive(Debug, Default)]
struct Ended {
    known: HashMap<[u8; 32], i64>,
    order: VecDeque<[u8; 32]>,
}

impl std::fmt::Debug for Pending {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pending").finish_non_exhaustive()
    }
}

impl Pending {
    /// Nothing under way.
    ///
    /// # Errors
    /// The system gives no random numbers.
    pub fn new() -> Result<Self, AccessError> {
        let mut key = [0; 32];
        getrandom::fill(&mut key).map_err(|cause| AccessError::Randomness(cause.to_string()))?;
        Ok(Self { cipher: Aes256GcmSiv::new(&key.into()), ended: Mutex::default() })
    }

    /// `begun` for its browser to keep.
    ///
    /// # Errors
    /// The system gives no random numbers.
    pub fn seal(&self, begun: &Begun) -> Result<String, AccessError> {
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce).map_err(|cause| AccessError::Randomness(cause.to_string()))?;
        let plain = serde_json::to_vec(begun).unwrap_or_default();
        // It can fail for more than 64 GiB only, and what is empty opens to nothing.
        let sealed = self.cipher.encrypt(&Nonce::from(nonce), &plain[..]).unwrap_or_default();
        Ok(URL_SAFE_NO_PAD.encode([&nonce[..], &sealed].concat()))
    }

    /// Ends what the browser kept as `kept` and came back with `state` at `now`: it is the same,
    /// not too old, and was not ended before.
    #[must_use]
    pub fn end(&self, kept: &str, state: &str, now: i64) -> Option<Begun> {
        let bytes = URL_SAFE_NO_PAD.decode(kept).ok()?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE_BYTES>()?;
        let plain = self.cipher.decrypt(&Nonce::from(*nonce), sealed).ok()?;
        let begun: Begun = serde_json::from_slice(&plain).ok()?;
        let same = bool::from(begun.state.as_bytes().ct_eq(state.as_bytes()));
        let lasts = (begun.at..begun.at.saturating_add(LASTS)).contains(&now);
        (same && lasts && self.is_first(&begun.state, now)).then_some(begun)
    }

    fn is_first(&self, state: &str, now: i64) -> bool {
        let mut ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        let key = sha256(&[state.as_bytes()]);
        while let Some(oldest) = ended.order.front().copied() {
            let old = ended.known.get(&oldest).is_none_or(|at| at + LASTS < now);
            if !old && ended.order.len() < ENDED_MAX {
                break;
            }
            ended.order.pop_front();
            ended.known.remove(&oldest);
        }
        if ended.known.contains_key(&key) {
            return false;
        }
        ended.known.insert(key, now);
        ended.order.push_back(key);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_browser_that_began_can_end_it_and_once() {
        let pending = Pending::new().unwrap();
        let (mine, other) = (Begun::new(1_000).unwrap(), Begun::new(1_000).unwrap());
        let (kept, others) = (pending.seal(&mine).unwrap(), pending.seal(&other).unwrap());
        assert!(!kept.contains(&mine.state));
        assert_eq!(pending.end(&others, &mine.state, 2_000), None, "another browser");
        assert_eq!(pending.end("", &mine.state, 2_000), None, "no browser");
        assert_eq!(pending.end(&kept, "", 2_000), None);
        assert_eq!(pending.end(&kept, &mine.state, 999), None, "the clock was put back");
        assert_eq!(pending.end(&kept, &mine.state, 1_000 + LASTS), None, "too late");
        let elsewhere = Pending::new().unwrap();
        assert_eq!(elsewhere.end(&kept, &mine.state, 2_000), None);
        assert_eq!(pending.end(&kept, &mine.state, 2_000), Some(mine.clone()));
        assert_eq!(pending.end(&kept, &mine.state, 2_000), None, "a second time");
        assert_eq!(pending.end(&others, &other.state, 2_000), Some(other));
    }

    #[test]
    fn what_is_remembered_of_the_ended_is_bounded() {
        let pending = Pending::new().unwrap();
        for number in 0..ENDED_MAX + 50 {
            assert!(pending.is_first(&number.to_string(), 1));
        }
        let held = || pending.ended.lock().unwrap().known.len();
        assert_eq!(held(), ENDED_MAX);
        assert!(!pending.is_first(&(ENDED_MAX + 49).to_string(), 1));
        assert!(pending.is_first("later", 2 + LASTS));
        assert_eq!(held(), 1, "what is too old to be ended again is forgotten");
    }
}
