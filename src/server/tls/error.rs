//! What goes wrong with certificates, with the mend.

use std::path::PathBuf;

use crate::vocab::problem::{Explain, ProblemKind};

/// Why a certificate, a key or a request is refused.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file.
    #[error("{} cannot be {what}: {cause}.", path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// `read` or `written`.
        what: &'static str,
        /// What the system says.
        cause: std::io::Error,
    },
    /// No certificate is in it.
    #[error(
        "There is no certificate in it. It must be PEM: lines that begin with \
             -----BEGIN CERTIFICATE-----, the server's own first, then those above it."
    )]
    NoCertificate,
    /// No usable private key is in it.
    #[error(
        "There is no private key in it that can be used. It must be PEM, RSA of 2,048 bits \
             and more or ECDSA P-256 or P-384, without a password: take it off with openssl pkey."
    )]
    NoKey,
    /// The key belongs to another certificate.
    #[error(
        "The private key does not belong to the certificate. Use the two that were made \
             together."
    )]
    Unfit,
    /// Its time is over.
    #[error(
        "The certificate has expired, on {ended}. Get a new one; until then --tls auto \
             without files uses the server's own authority."
    )]
    Expired {
        /// The day.
        ended: String,
    },
    /// Its time has not come.
    #[error("The certificate holds from {begins} only. Check the clock of this machine.")]
    Early {
        /// The day.
        begins: String,
    },
    /// It names no host.
    #[error(
        "The certificate names no host and no address (subject alternative names), so no \
             browser takes it. Ask for one with the names of the server."
    )]
    Nameless,
    /// It is an authority's.
    #[error(
        "This is the certificate of an authority, not of a server. Give the one that was \
             signed for this server, with those above it behind."
    )]
    OfAuthority,
    /// Nobody asked.
    #[error(
        "No signing request was made in this data folder. Make one with healthflow tls \
             request, or name the two files in tls_certificate and tls_key."
    )]
    NotAsked,
    /// A name that cannot be certified.
    #[error(
        "\"{name}\" is no name of a host and no address, such as his.hospital.example or \
             10.0.0.5."
    )]
    Name {
        /// What was given.
        name: String,
    },
    /// The library.
    #[error("A certificate could not be made: {0}")]
    Made(#[from] rcgen::Error),
    /// The other library.
    #[error("The certificate cannot be used: {0}")]
    Used(#[from] rustls::Error),
}

impl Explain for TlsError {
    fn code(&self) -> &'static str {
        match self {
            Self::File { .. } => "tls.file",
            Self::NoCertificate => "tls.no_certificate",
            Self::NoKey => "tls.no_key",
            Self::Unfit => "tls.unfit",
            Self::Expired { .. } => "tls.expired",
            Self::Early { .. } => "tls.early",
            Self::Nameless => "tls.nameless",
            Self::OfAuthority => "tls.of_authority",
            Self::NotAsked => "tls.not_asked",
            Self::Name { .. } => "tls.name",
            Self::Made(_) => "tls.made",
            Self::Used(_) => "tls.used",
        }
    }

    fn kind(&self) -> ProblemKind {
        match self {
            Self::File { .. } | Self::Made(_) | Self::Used(_) => ProblemKind::Fault,
            _ => ProblemKind::Invalid,
        }
    }
}
