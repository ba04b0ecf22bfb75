//! What follows `backup` and `restore`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// `backup …`.
#[derive(Debug, Subcommand)]
pub enum BackupCommand {
    /// Say where backups go
    To(BackupToArguments),
    /// Make a recovery key, print it once, and ask for it again as proof that it was kept
    Key {
        /// Do not ask for it: somebody will prove it with healthflow backup prove
        #[arg(long)]
        later: bool,
    },
    /// Prove that somebody has the recovery sheet: its key on standard input
    Prove,
    /// Make a backup now and wait for it
    Now,
    /// Restore the newest backup into a scratch folder now, and look at all of it
    Drill,
    /// List the backups, the newest first
    List,
}

/// `backup to`.
#[derive(Debug, Args)]
pub struct BackupToArguments {
    /// A folder of another disk or a share, by its whole path
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
    /// Who can read backups beside the recovery sheet: the public half of an age key; again for
    /// more
    #[arg(long = "recipient", value_name = "AGE1…")]
    pub recipients: Vec<String>,
}

/// `restore`.
#[derive(Debug, Args)]
pub struct RestoreArguments {
    /// The folder with the backups
    #[arg(long, value_name = "DIR")]
    pub from: PathBuf,
    /// Bring it back to this moment, like 2026-03-01T14:05:00Z or with the offset of the place;
    /// otherwise to the last that there is
    #[arg(long, value_name = "TIME", conflicts_with = "backup")]
    pub at: Option<jiff::Timestamp>,
    /// One backup as it is, by its name, without what was shipped after it
    #[arg(long, value_name = "NAME")]
    pub backup: Option<String>,
    /// Read the key of the recovery sheet from this file; otherwise from standard input, one line
    #[arg(long, value_name = "FILE")]
    pub key_file: Option<PathBuf>,
    /// Put the hospital that is in the data folder aside
    #[arg(long)]
    pub replace: bool,
    /// Only list the backups that are there; needs no key
    #[arg(long, conflicts_with_all = ["backup", "at", "key_file", "replace"])]
    pub list: bool,
}
