//! Encryption as clients meet it: the real executable, real handshakes.

mod certificates;
mod client;
mod handshakes;
mod plain;
mod sessions;
