//! Encryption of connections: whose certificate is shown, and who is asked for one.
//!
//! [`names`] finds by which names this machine is reached, [`certificate`] reads what a certificate
//! says, [`pair`] holds one with its private key and refuses what does not fit, [`authority`] is
//! our own for the house, [`folder`] keeps `tls/` in the data folder, [`request`] asks the
//! hospital's authority, [`keeper`] has in force what is right at the moment and renews it,
//! [`report`] tells it to people.
pub mod authority;
pub mod certificate;
mod error;
pub mod folder;
pub mod keeper;
pub mod names;
pub mod pair;
pub mod report;
pub mod request;
#[cfg(test)]
mod tests;

pub use error::TlsError;
pub use keeper::Tls;
