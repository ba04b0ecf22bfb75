//! The live channel over real sockets of the real executable.

mod access;
mod client;
mod delivery;
mod misuse;
mod outages;

pub(crate) use client::{Screen, all_told};
