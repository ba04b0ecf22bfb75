//! patients
use crate::vocab::id::Kind;
/// Patients.
pub const PATIENT: Kind = Kind::new("patient", "pat");
