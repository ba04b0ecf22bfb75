//! Who you are and what you may do.
//!
//! Owns `app_user`, `role`, `session` and the hospital's `setting`s. [`roles`] says which
//! permissions a role holds, [`standing`] what an account may do with it and [`explain`] why,
//! [`passwords`] hashes in bounded slots, [`sessions`] are durable and hold only the hash of
//! their secret, [`users`] are people with an account, [`setup`] is the one-time way in,
//! [`guests`] and [`slowing`] hold up whoever guesses passwords, [`gate`] is what `web` asks.
pub mod api;
pub mod describe;
pub mod error;
pub mod explain;
pub mod gate;
pub mod guests;
pub mod hospital;
pub mod passwords;
pub mod roles;
pub mod sessions;
pub mod setup;
pub mod slowing;
pub mod standing;
pub mod users;

pub use error::AccessError;

#[cfg(test)]
mod tests;
