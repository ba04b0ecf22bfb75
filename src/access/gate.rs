//! What `web` asks: who holds this secret, and please note this refusal.

use subtle::ConstantTimeEq;

use super::roles::PERMISSIONS;
use super::sessions;
use crate::platform::ledger::Desk;
use crate::vocab::actor::{Actor, Call};
use crate::vocab::digest::sha256;
use crate::web::{Failure, Gate};

/// Held only by the command line of the machine that the data lies on.
pub const BOX_LOCAL: &str = "box.local";

/// The gate of this hospital.
#[derive(Debug)]
pub struct Door {
    desk: Desk,
    /// Hash of the secret that lies in the data folder for the command line of this machine.
    control: [u8; 32],
}

impl Door {
    /// A gate over `desk`; whoever can read the owner-only file with `control_token` in the
    /// data folder owns the data anyway and acts as the command line.
    #[must_use]
    pub fn new(desk: Desk, control_token: &str) -> Self {
        Self { desk, control: sha256(&[control_token.as_bytes()]) }
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
        Ok(found.map(|(actor, _)| actor))
    }

    fn refused(&self, call: &Call, permission: &'static str) {
        self.desk.note_refusal(call, permission);
    }
}
