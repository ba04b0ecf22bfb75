//! cli: one file per command.
