//! Words that every room speaks. Nothing here reads a disk, a clock or a network.
//!
//! [`id`] names things, [`clock`] tells the time when asked, [`actor`] says who acts,
//! [`problem`] says what went wrong, [`patch`] tells "not sent" from "sent as null",
//! [`moment`] keeps clinical times as they were written, [`decimal`] keeps digits,
//! [`text`] takes from text what nobody can see, [`network`] says which addresses are one place.
pub mod actor;
pub mod clock;
pub mod decimal;
pub mod digest;
pub mod id;
pub mod moment;
pub mod network;
pub mod patch;
pub mod problem;
pub mod text;
