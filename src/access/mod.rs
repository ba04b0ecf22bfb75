//! Who you are and what you may do.
//!
//! Owns `app_user`, `role`, `session`, `api_token` and the hospital's `setting`s. [`roles`] says
//! which permissions a role holds, [`standing`] what an account may do with it and [`explain`]
//! why, [`passwords`] hashes in bounded slots, [`sessions`] are durable and hold only the hash of
//! their secret, as do [`tokens`], by which programs come in, [`users`] are people with an
//! account, [`setup`] is the one-time way in, [`guests`] and [`slowing`] hold up whoever guesses
//! passwords, [`limits`] keeps how many requests are let in, [`gate`] is what `web` asks.
//! [`reach`] decides who sees which patient, [`care_team`] and [`break_glass`] are the ways to see
//! one beyond the reach of one's role.
pub mod api;
pub mod break_glass;
pub mod care_team;
pub mod describe;
pub mod error;
pub mod explain;
pub mod gate;
pub mod guests;
pub mod hospital;
pub mod limits;
pub mod passwords;
pub mod reach;
pub mod roles;
pub mod sessions;
pub mod setup;
pub mod slowing;
pub mod standing;
pub mod tokens;
pub mod users;

pub use error::AccessError;

#[cfg(test)]
mod tests;
