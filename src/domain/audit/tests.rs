//! The audit as people read it, over HTTP.
