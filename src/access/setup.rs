//! The set-up: a one-time link turns an empty database into a hospital with an administrator.

use std::sync::{Mutex, PoisonError};

use subtle::ConstantTimeEq;

use super::error::AccessError;
use super::hospital::{self, Hospital};
use super::passwords::secret;
use super::users;
use crate::platform::ledger::{RecordError, Touch, Work};
use crate::platform::resource::form::Form;
use crate::vocab::digest::sha256;

/// The secret of the set-up link, as long as there is one.
#[derive(Debug, Default)]
pub struct SetupKey(Mutex<Option<[u8; 32]>>);

impl SetupKey {
    /// Makes a new secret, replacing an older one, and gives it out for the only time.
    ///
    /// # Errors
    /// The system gives no random numbers.
    pub fn issue(&self) -> Result<String, AccessError> {
        let token = secret(24)?;
        *self.lock() = Some(sha256(&[token.as_bytes()]));
        Ok(token)
    }

    /// Whether `token` is the secret, compared in constant time.
    #[must_use]
    pub fn fits(&self, token: &str) -> bool {
        let sent = sha256(&[token.as_bytes()]);
        self.lock().is_some_and(|known| bool::from(known.ct_eq(&sent)))
    }

    /// Makes the link worthless.
    pub fn spend(&self) {
        *self.lock() = None;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<[u8; 32]>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Makes the hospital, its first facility and its first administrator, whose identity it gives.
///
/// # Errors
/// It is set up already; a value is refused; what the store says.
pub fn set_up(
    work: &Work<'_>,
    hospital: &Hospital,
    mut administrator: Form,
    password_hash: &str,
) -> Result<i64, AccessError> {
    if users::has_administrator(work.tx())? {
        return Err(AccessError::SetupDone);
    }
    let facility = first_facility(work, hospital)?;
    name_hospital(work, hospital, facility)?;
    administrator.set("facility_id", facility);
    Ok(users::add(work, administrator, password_hash)?)
}

/// The name of a hospital that nobody has named yet.
pub const UNNAMED: &str = "Hospital";

/// Gives the hospital its name and zone, and the name to its first facility if that has none of
/// its own: somebody may have been added before the set-up.
fn name_hospital(work: &Work<'_>, hospital: &Hospital, facility: i64) -> Result<(), RecordError> {
    hospital::save(work.tx(), hospital, work.now())?;
    let sql = "UPDATE facility SET name = ?2, version = version + 1, updated_at = ?3 \
        WHERE id = ?1 AND name = ?4 AND name <> ?2";
    let name = hospital.name.as_str().into();
    let params = [facility.into(), name, work.now().into(), UNNAMED.into()];
    if work.tx().execute(sql, &params)? != 0 {
        let kind = users::FACILITY;
        work.touched(Touch { kind, id: facility, patient: None, event: "amended" });
    }
    Ok(())
}

/// Makes the hospital and its first facility, if there is none.
///
/// # Errors
/// What the store says.
pub fn first_facility(work: &Work<'_>, hospital: &Hospital) -> Result<i64, RecordError> {
    let known =
        work.tx().opt("SELECT id FROM facility ORDER BY id LIMIT 1", &[], |row| row.get(0))?;
    if let Some(id) = known {
        return Ok(id);
    }
    hospital::save(work.tx(), hospital, work.now())?;
    let id = work.new_id();
    let sql = "INSERT INTO facility (id, name, created_at, updated_at) VALUES (?1, ?2, ?3, ?3)";
    work.tx().execute(sql, &[id.into(), hospital.name.as_str().into(), work.now().into()])?;
    work.touched(Touch { kind: users::FACILITY, id, patient: None, event: "created" });
    Ok(id)
}
