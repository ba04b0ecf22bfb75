//! What `web` asks: who holds this secret, and please note this refusal.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use subtle::ConstantTimeEq;

use super::roles::PERMISSIONS;
use super::sessions;
use crate::platform::ledger::Desk;
use crate::store::{Class, Tx};
use crate::vocab::actor::{Actor, Call};
use crate::vocab::digest::sha256;
use crate::web::{Failure, Gate};

/// Held only by the command line of the machine that the data lies on.
pub const BOX_LOCAL: &str = "box.local";

/// How old the noted use of a session grows before it is noted again, microseconds.
const USE_NOTED_EVERY: i64 = 5 * 60 * 1_000_000;
/// Sessions whose use is being noted at one time; those beyond are noted at their next request.
const NOTING_MAX: usize = 1_000;

/// The gate of this hospital.
#[derive(Debug)]
pub struct Door {
    desk: Desk,
    /// Sessions whose use is being noted just now.
    noting: Arc<Mutex<HashSet<i64>>>,
    /// Hash of the secret that lies in the data folder for the command line of this machine.
    control: [u8; 32],
}

impl Door {
    /// A gate over `desk`; whoever can read the owner-only file with `control_token` in the
    /// data folder owns the data anyway and acts as the command line.
    #[must_use]
    pub fn new(desk: Desk, control_token: &str) -> Self {
        let control = sha256(&[control_token.as_bytes()]);
        Self { desk, noting: Arc::default(), control }
    }

    /// Notes that the session is in use, in the class of bulk work and without waiting. What
    /// finds no place in the queue is noted at the next request.
    fn note_use(&self, session: i64, now: i64) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        {
            let mut noting = self.noting.lock().unwrap_or_else(PoisonError::into_inner);
            if NOTING_MAX <= noting.len() || !noting.insert(session) {
                return;
            }
        }
        let (store, noting) = (self.desk.store().clone(), Arc::clone(&self.noting));
        runtime.spawn(async move {
            let job = move |tx: &Tx<'_>| sessions::note_use(tx, session, now);
            if let Err(cause) = store.write(Class::Bulk, job).await {
                tracing::debug!("The use of a session was not noted: {cause}");
            }
            noting.lock().unwrap_or_else(PoisonError::into_inner).remove(&session);
        });
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
        let now = self.desk.now();
        let deadline = self.desk.screen_deadline();
        let found = self.desk.store().read(deadline, |tx| sessions::find(tx, token, now))?;
        if let Some(held) = &found
            && held.last_used_at + USE_NOTED_EVERY <= now
            && let Some(session) = held.actor.session()
        {
            self.note_use(session, now);
        }
        Ok(found.map(|held| held.actor))
    }

    fn refused(&self, call: &Call, permission: &'static str) {
        self.desk.note_refusal(call, permission);
    }
}
