//! Who you are and what you may do.
//!
//! Owns `app_user`, `role`, `session`, `api_token`, `totp`, `recovery_code`, `passkey`, `pin` and
//! the hospital's `setting`s. [`roles`] says which permissions a role holds, [`standing`] what an
//! account may do with it and [`explain`] why, [`password_rules`] which passwords may be chosen,
//! [`passwords`] hashes in bounded slots, [`second_factor`] is codes of an app ([`totp`]),
//! [`passkeys`] and [`recovery`] codes, [`pending`] what was begun and waits for its second step,
//! [`sessions`] are durable and hold only the hash of their secret, as do [`tokens`], by which
//! programs come in, [`workstations`] lock and change hands with [`pins`], [`sign_in_rules`] is
//! what the hospital asks for, [`users`] are people with an account, [`setup`] is the one-time way
//! in, [`guests`] and [`slowing`] hold up whoever guesses, [`limits`] keeps how many requests are
//! let in, [`gate`] is what `web` asks. [`reach`] decides who sees which patient, [`care_team`] and
//! [`break_glass`] are the ways to see one beyond the reach of one's role. [`directory`] and
//! [`openid`] let in people whose password lies elsewhere: [`connections`] are how they are set,
//! [`errands`] ask other machines, [`trust`] says which, and [`secrets`] seal what the server must
//! be able to read again.
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
pub mod passkeys;
pub mod password_rules;
pub mod passwords;
pub mod pending;
pub mod pins;
pub mod reach;
pub mod recovery;
pub mod roles;
pub mod second_factor;
pub mod secrets;
pub mod sessions;
pub mod setup;
pub mod sign_in_rules;
pub mod slowing;
pub mod standing;
pub mod tokens;
pub mod totp;
pub mod trust;
pub mod users;
pub mod workstations;

pub use error::AccessError;

#[cfg(test)]
mod tests;
