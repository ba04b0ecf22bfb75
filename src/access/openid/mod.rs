//! The hospital's OpenID provider: people sign in there and come back with a proof of it.
//!
//! The authorization code flow of OpenID Connect Core 1.0 with PKCE (RFC 7636), after RFC 9700:
//! [`settings`] say who the provider is, [`http`] asks it, [`provider`] knows its addresses and
//! keys and checks what it signs, [`pending`] is what a browser keeps while somebody is there,
//! [`link`] ties them together, [`api`] offers it.
//!
//! Nothing that comes back is believed but what the provider has signed for this server, for this
//! browser and for this one sign-in.
pub mod api;
pub mod describe;
pub mod http;
pub mod link;
pub mod pending;
pub mod provider;
pub mod settings;
