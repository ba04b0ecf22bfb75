//! HealthFlow: a hospital's whole server in one program.
//!
//! Rooms in reading order; each imports only rooms above it.
pub mod vocab;
pub mod observability;
pub mod config;
pub mod store;
pub mod web;
pub mod platform;
pub mod access;
pub mod domain;
pub mod interop;
pub mod server;
pub mod cli;
