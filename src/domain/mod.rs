//! domain: the hospital.
pub mod facilities;
pub mod providers;
pub mod patients;
pub mod encounters;
pub mod records;
pub mod observations;
pub mod prescriptions;
