//! interop: other people's formats.
//!
//! [`source`] reads files of any packing and cuts them into resources, [`fhir`] says what each
//! FHIR R4 resource means in our words, [`csv`] does the same for tables of patients.
pub mod csv;
pub mod fhir;
pub mod import;
pub mod source;
