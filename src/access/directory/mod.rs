//! The hospital's directory: LDAP and Active Directory.
//!
//! [`settings`] say how it is reached and read, [`ldap`] is one conversation with one server,
//! [`person`] finds people and their groups, [`mapping`] turns groups into a role, [`link`] is
//! what a sign-in asks, [`breaker`] leaves a silent directory alone, [`accounts`] are made and
//! brought up to date from it, [`watch`] looks from time to time whether they still are there,
//! [`trial`] tries settings out, [`api`] offers all of it.
//!
//! Whose account is local signs in with its local password and is never looked up here, so that
//! somebody can come in when the directory cannot be asked.
pub mod accounts;
pub mod api;
pub mod breaker;
pub mod describe;
pub mod ldap;
pub mod link;
pub mod mapping;
pub mod names;
pub mod person;
pub mod settings;
pub mod trial;
pub mod watch;
