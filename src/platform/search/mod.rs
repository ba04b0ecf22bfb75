//! search: full-text look-up of patients.
