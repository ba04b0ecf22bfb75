//! access: who you are and what you may do.
