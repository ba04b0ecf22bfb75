//! Who you are and what you may do.
//!
//! Owns `app_user`, `role`, `session`, `api_token` and the hospital's `setting`s. [`roles`] says
//! which permissions a role holds, [`standing`] what an account may do with it and [`explain`]
//! why, [`passwords`] hashes in bounded slots, [`sessions`] are durable and hold only the hash of
//! their secret, as do [`tokens`], by which programs come in, [`users`] are people with an
//! account, [`setup`] is the one-time way in, [`guests`] and [`slowing`] hold up whoever guesses
//! passwords, [`limits`] keeps how many requests are let in, [`gate`] is what `web` asks.
//! [`reach`] decides who sees which patient, [`care_team`] and [`break_glass`] are the ways to see
//! one beyond the reach of one's role. [`directory`] and [`openid`] let in people whose password
//! lies elsewhere: [`connections`] are how they are set, [`errands`] ask other machines, [`trust`]
//! says which, and [`secrets`] seal the passwords that the server itself needs for it.
pub mod api;
pub mod break_glass;
pub mod care_team;
pub mod connections;
pub mod describe;
pub mod directory;
pub mod errands;
pub mod error;
pub mod explain;
pub mod gate;
pub mod guests;
pub mod hospital;
pub mod limits;
pub mod openid;
pub mod passwords;
pub mod reach;
pub mod roles;
pub mod secrets;
pub mod sessions;
pub mod setup;
pub mod slowing;
pub mod standing;
pub mod tokens;
pub mod trust;
pub mod users;

pub use error::AccessError;

#[cfg(test)]
mod tests;
