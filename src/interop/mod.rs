//! interop: other people's formats.
pub mod fhir;
