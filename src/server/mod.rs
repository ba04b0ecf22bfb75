//! Assembly: opens every room, mounts every route, serves, and stops in good order.
//!
//! [`house`] opens the machinery over one data folder, [`routes`] mounts what the rooms offer,
//! [`health`] answers balancers, [`control`] keeps the owner-only files by which the command line
//! reaches a running server, [`listen`] binds, with [`line`] and [`connections`] as its bounds and
//! [`framing`] to know where requests begin, [`run`] serves and drains, [`housekeeping`] clears
//! away what has served its time, [`live`] tells open screens what has changed, [`ui`] serves the
//! embedded pages, [`openapi`] describes the API, [`documentation`] offers the description and,
//! made from it by [`reference`], a page to read.
mod connections;
pub mod control;
pub mod documentation;
mod framing;
pub mod health;
pub mod house;
pub mod housekeeping;
mod line;
mod listen;
pub mod live;
pub mod openapi;
mod reference;
pub mod routes;
pub mod run;
pub mod ui;

pub use house::{House, OpenError};
