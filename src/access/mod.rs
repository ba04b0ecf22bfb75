//! Who you are and what you may do.
//!
//! Owns `app_user`, `session`, `totp`, `recovery_code`, `passkey`, `pin` and the hospital's
//! `setting`s. [`roles`] says which permissions a role holds, [`password_rules`] which passwords
//! may be chosen, [`passwords`] hashes in bounded slots, [`second_factor`] is codes of an app
//! ([`totp`]), [`passkeys`] and [`recovery`] codes, [`pending`] what was begun and waits for
//! its second step, [`sessions`] are durable and hold only the hash of their secret,
//! [`workstations`] lock and change hands with [`pins`], [`sign_in_rules`] is what the hospital
//! asks for, [`users`] are people with an account, [`setup`] is the one-time way in, [`guests`]
//! and [`slowing`] hold up whoever guesses, [`secrets`] seals what must be read again, [`gate`]
//! is what `web` asks.
pub mod api;
pub mod describe;
mod describe_sign_in;
pub mod error;
pub mod gate;
pub mod guests;
pub mod hospital;
pub mod passkeys;
pub mod password_rules;
pub mod passwords;
pub mod pending;
pub mod pins;
pub mod recovery;
pub mod roles;
pub mod second_factor;
pub mod secrets;
pub mod sessions;
pub mod setup;
pub mod sign_in_rules;
pub mod slowing;
pub mod totp;
pub mod users;
pub mod workstations;

pub use error::AccessError;

#[cfg(test)]
mod tests;
