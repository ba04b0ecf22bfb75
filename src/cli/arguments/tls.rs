//! What follows `tls`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// `tls …`.
#[derive(Debug, Subcommand)]
pub enum TlsCommand {
    /// Show whose certificates lie in the data folder, their names, ends and fingerprints
    Show,
    /// Print a signing request for the hospital's authority; its key stays in the data folder
    Request(TlsRequestArguments),
    /// Take the certificate that the hospital's authority signed, after checking that it fits
    Install(TlsInstallArguments),
    /// Put the installed certificate away and go back to the server's own authority
    Remove,
    /// Make another root in place of the server's own; workstations must then trust the new one
    NewRoot,
}

/// `tls request`.
#[derive(Debug, Args)]
pub struct TlsRequestArguments {
    /// A name or address by which people reach the server; again for more. Otherwise those of
    /// this machine and of host_names
    #[arg(long = "name", value_name = "NAME")]
    pub names: Vec<String>,
    /// The organization, if the authority wants one
    #[arg(long, value_name = "NAME")]
    pub organization: Option<String>,
}

/// `tls install`.
#[derive(Debug, Args)]
pub struct TlsInstallArguments {
    /// The certificate, best with those above it behind (PEM, or DER of a single one)
    #[arg(value_name = "CERT")]
    pub certificate: PathBuf,
}
