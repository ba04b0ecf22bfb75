#![doc = include_str!("ARCHITECTURE.md")]

pub mod vocab;
pub mod observability;
pub mod config;
pub mod store;
pub mod web;
pub mod platform;
pub mod access;
pub mod notify;
pub mod backup;
pub mod watch;
pub mod domain;
pub mod interop;
pub mod demo;
pub mod server;
pub mod cli;
