//! web: the HTTP kit; knows no patient.
