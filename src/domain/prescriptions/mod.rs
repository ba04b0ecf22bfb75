//! prescriptions
