//! Who you are and what you may do.
//!
//! Owns `app_user`, `session` and the hospital's `setting`s. [`roles`] says which permissions a
//! role holds, [`passwords`] hashes in bounded slots, [`sessions`] are durable and hold only
//! the hash of their secret, [`users`] are people with an account, [`setup`] is the one-time
//! way in, [`guests`] and [`slowing`] hold up whoever guesses passwords, [`gate`] is what `web`
//! asks. [`directory`] and [`openid`] let in people whose password lies elsewhere; what asks
//! other machines for it are [`errands`], whom they trust says [`trust`], and the passwords that
//! the server itself needs for it lie under the seal of [`secrets`].
pub mod api;
pub mod connections;
pub mod describe;
pub mod directory;
pub mod errands;
pub mod error;
pub mod gate;
pub mod guests;
pub mod hospital;
pub mod openid;
pub mod passwords;
pub mod roles;
pub mod secrets;
pub mod sessions;
pub mod setup;
pub mod slowing;
pub mod trust;
pub mod users;

pub use error::AccessError;

#[cfg(test)]
mod tests;
