//! Assembly: opens every room, mounts every route, serves, and stops in good order.
//!
//! [`house`] opens the machinery over one data folder, [`routes`] mounts what the rooms offer,
//! [`health`] answers balancers, [`control`] keeps the owner-only files by which the command line
//! reaches a running server, [`listen`] binds, [`entrance`] lets connections in, encrypted by
//! [`tls`] at the pace of [`handshakes`], or tells whoever speaks plainly where to go ([`plain`]);
//! [`connections`], [`impatient`] and [`line`] are the bounds of each, over a [`carrier`] of
//! either sort, with [`framing`] to know where requests begin. [`counter`] is where the command
//! line comes in, [`trust`] hands out the root, [`run`] serves and drains, [`service`] tells the
//! system's service manager how it goes, [`upkeep`] clears away what has served its time,
//! [`ballast`] watches the disk, [`live`] tells open screens what has changed, [`ui`] serves the
//! embedded pages, [`doctor`] says what is wrong, [`bundle`] gathers it for whoever helps,
//! [`openapi`] describes the API, [`documentation`] offers the description and, made from it by
//! [`reference`], a page to read.
pub mod ballast;
pub mod bundle;
mod carrier;
mod connections;
pub mod control;
mod counter;
pub mod doctor;
pub mod documentation;
mod entrance;
pub mod extent;
mod framing;
mod handshakes;
pub mod health;
pub mod house;
mod impatient;
pub mod lateness;
mod line;
mod listen;
pub mod live;
pub mod metrics;
pub mod morning;
pub mod openapi;
mod plain;
mod reference;
pub mod routes;
pub mod run;
pub mod service;
pub mod tls;
pub mod trust;
pub mod ui;
pub mod upkeep;

pub use house::{House, OpenError};
