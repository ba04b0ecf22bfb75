//! Backups: made every night, kept by a rule, and proven by restoring.
//!
//! Owns `backup` and the `setting`s `backup…`. [`settings`] says where they go and whose keys open
//! them; [`make`] makes one, [`sealing`] compresses and encrypts it, [`target`] keeps it, the
//! [`manifest`] says what it is; [`keep`] says which stay, [`catalog`] what this server knows of
//! them. [`lay`] takes one back into an empty folder, [`drill`] does so every night to see that it
//! can be done, [`restore`] on the day when it must, and [`in_place`]
//! while the server runs. [`shipping`] takes the write-ahead log to the target in between, as
//! [`log_file`] says; a [`standby`] follows it on another machine, and [`promote`] makes that one
//! the hospital. [`kinds`] are its jobs. Permissions:
//! `system.read`, `system.write`.
pub mod api;
pub mod catalog;
mod describe;
pub mod drill;
pub mod error;
pub mod extent;
pub mod in_place;
pub mod keep;
pub mod kinds;
pub mod lay;
pub mod log_file;
pub mod make;
pub mod manifest;
pub mod promote;
mod replay;
pub mod resource;
pub mod restore;
pub mod sealing;
pub mod settings;
pub mod shipping;
pub mod standby;
pub mod target;

pub use describe::describe;
pub use error::BackupError;
pub use extent::Extent;
pub use resource::{BACKUP, BACKUPS};
pub use shipping::Shipping;
