//! Patients: who is treated.
//!
//! Owns `patient`, `patient_name`, `patient_identifier`, `patient_telecom`, `patient_address`,
//! `patient_contact` and the counter of record numbers. The flat name and phone of `patient`
//! repeat the first row of their lists, so that a list of patients is one table; [`rules`]
//! keeps them equal. A record number is given once, by [`mrn`], and never changes.
//!
//! [`directory`] keeps the search index in step with the store, [`found_by`] says by which
//! other name somebody was found, [`matches`] finds who may be the same person, [`browse`]
//! opens the list of all anywhere, [`shelf`] says where its letters begin. Permissions:
//! `patients.read`, `patients.write`; the allergy review needs `records.write`.
pub mod api;
pub mod browse;
mod describe;
pub mod directory;
pub mod found_by;
pub mod matches;
pub mod mrn;
pub mod resource;
pub mod review;
pub mod rules;
pub mod shelf;

pub use describe::describe;
pub use directory::Directory;
pub use resource::{PATIENT, PATIENTS};
pub use shelf::Shelves;
