//! The HTTP kit: what every handler needs and no hospital knows.
//!
//! [`permit`] lets a handler be called only by those who may, [`body`] bounds and reads what
//! was sent, [`query`] what stands after the `?`, [`conditional`] speaks ETag and If-Match,
//! [`failure`] turns any [`Explain`](crate::vocab::problem::Explain) into problem+json,
//! [`envelope`] wraps every request with an id, a time limit, a log line and the security
//! headers, [`origin`] knows from where it comes, [`hosts`] by which names the server may be
//! called, [`site`] which page asks and over which sort of connection, [`limits`] lets no more in
//! than may come, [`live`] tells open screens what has changed, [`openapi`] describes what rooms
//! mount.
pub mod body;
pub mod conditional;
pub mod envelope;
pub mod failure;
pub mod hosts;
mod gathered;
pub mod limits;
pub mod live;
pub mod openapi;
pub mod origin;
pub mod permit;
mod pieces;
pub mod query;
pub mod site;
mod strict;

pub use body::{Body, Small};
pub use failure::{Answer, Failure};
pub use permit::{Gate, Held, Permission, Permit, SessionState, Signed};
