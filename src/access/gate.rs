//! What `web` asks: who holds this secret, and please note this refusal.

use std::sync::Arc;

use subtle::ConstantTimeEq;

use super::roles::PERMISSIONS;
use super::sessions::{self, SESSION};
use super::users::USER;
use crate::platform::cache::{Cache, CacheStatus};
use crate::platform::ledger::{Desk, Touch};
use crate::vocab::actor::{Actor, Call};
use crate::vocab::digest::sha256;
use crate::web::{Failure, Gate};

/// Held only by the command line of the machine that the data lies on.
pub const BOX_LOCAL: &str = "box.local";

/// What the cache of sessions takes at most, bytes.
const CACHE_BYTES_MAX: u64 = 4 << 20;
/// What a session takes in it: the hash of its secret and who holds it, bytes.
const SESSION_BYTES: u64 = 512;
/// How long a session is taken as known, microseconds. A change of it or of its account is
/// known at once; this bounds what nothing told of.
const KNOWN_FOR: i64 = 60_000_000;

/// Who holds which session. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Known(Arc<Cache<Vec<u8>, Actor>>);

impl Known {
    /// How the cache does.
    #[must_use]
    pub fn status(&self) -> CacheStatus {
        self.0.status()
    }

    /// Whether the cache is within its bound.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.status().bytes <= CACHE_BYTES_MAX
    }

    fn forget_changed(&self, touched: &[Touch]) {
        for touch in touched.iter().filter(|touch| [USER, SESSION].contains(&touch.kind)) {
            self.0.forget_group(touch.id);
        }
    }
}

/// The gate of this hospital.
#[derive(Debug)]
pub struct Door {
    desk: Desk,
    known: Known,
    /// Hash of the secret that lies in the data folder for the command line of this machine.
    control: [u8; 32],
}

impl Door {
    /// A gate over `desk`; whoever can read the owner-only file with `control_token` in the
    /// data folder owns the data anyway and acts as the command line.
    #[must_use]
    pub fn new(desk: Desk, control_token: &str) -> Self {
        let known = Known(Arc::new(Cache::new(CACHE_BYTES_MAX, SESSION_BYTES)));
        let told = known.clone();
        desk.after_each_change(move |touched| told.forget_changed(touched));
        Self { desk, known, control: sha256(&[control_token.as_bytes()]) }
    }

    /// The sessions that need no look-up.
    #[must_use]
    pub fn known(&self) -> &Known {
        &self.known
    }
}

/// The command line of the machine that the data folder lies on.
#[must_use]
pub fn command_line() -> Actor {
    Actor::machine("command line", [&PERMISSIONS[..], &[BOX_LOCAL]].concat())
}

impl Gate for Door {
    fn identify(&self, token: &str) -> Result<Option<Actor>, Failure> {
        if bool::from(self.control.ct_eq(&sha256(&[token.as_bytes()]))) {
            return Ok(Some(command_line()));
        }
        let (now, key) = (self.desk.now(), sessions::token_hash(token));
        if let Some(actor) = self.known.0.get(&key, now) {
            return Ok(Some(actor));
        }
        let ticket = self.known.0.ticket();
        let deadline = self.desk.screen_deadline();
        let found = self.desk.store().read(deadline, |tx| sessions::find(tx, token, now))?;
        let Some((actor, expires_at)) = found else { return Ok(None) };
        if let (Some(user), Some(session)) = (actor.user_id(), actor.session()) {
            let until = expires_at.min(now + KNOWN_FOR);
            self.known.0.put(key, (actor.clone(), [user, session]), until, ticket);
        }
        Ok(Some(actor))
    }

    fn refused(&self, call: &Call, permission: &'static str) {
        self.desk.note_refusal(call, permission);
    }
}
