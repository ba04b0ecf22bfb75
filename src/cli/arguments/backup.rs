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
    /// A folder of another disk or a share, by its whole path; or a bucket of S3-compatible
    /// storage, like s3://BUCKET/PREFIX
    #[arg(value_name = "PLACE")]
    pub place: PathBuf,
    /// Who can read backups beside the recovery sheet: the public half of an age key; again for
    /// more
    #[arg(long = "recipient", value_name = "AGE1…")]
    pub recipients: Vec<String>,
    /// How it is reached, if it is a bucket
    #[command(flatten)]
    pub storage: StorageArguments,
}

/// How a bucket is reached. There is no argument for the secret key: everybody on the machine sees
/// those.
#[derive(Debug, Args)]
#[command(next_help_heading = "Of a bucket")]
pub struct StorageArguments {
    /// The address of the storage, like https://s3.hospital.example
    #[arg(long, value_name = "URL", env = "AWS_ENDPOINT_URL", hide_env_values = true)]
    pub endpoint: Option<String>,
    /// Its region, where it has several
    #[arg(long, value_name = "NAME", env = "AWS_REGION", hide_env_values = true)]
    pub region: Option<String>,
    /// The access key; its secret comes from AWS_SECRET_ACCESS_KEY, from --secret-file, or else
    /// from standard input, one line
    #[arg(long, value_name = "KEY", env = "AWS_ACCESS_KEY_ID", hide_env_values = true)]
    pub access_key: Option<String>,
    /// Read the secret key from this file
    #[arg(long, value_name = "FILE")]
    pub secret_file: Option<PathBuf>,
    /// Name the bucket in front of the host and not in the path
    #[arg(long)]
    pub virtual_host: bool,
    /// Trust the authorities in this file (PEM) and not those of this machine
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,
}

/// `restore`.
#[derive(Debug, Args)]
pub struct RestoreArguments {
    /// The folder with the backups, or the bucket, like s3://BUCKET/PREFIX
    #[arg(long, value_name = "PLACE")]
    pub from: PathBuf,
    /// Bring it back to this moment, like 2026-03-01T14:05:00Z or with the offset of the place;
    /// otherwise to the last that there is
    #[arg(long, value_name = "TIME", conflicts_with = "backup")]
    pub at: Option<jiff::Timestamp>,
    /// One backup as it is, by its name, without what was shipped after it
    #[arg(long, value_name = "NAME")]
    pub backup: Option<String>,
    /// Read the key of the recovery sheet from this file; otherwise from standard input, one line,
    /// after that of a secret key
    #[arg(long, value_name = "FILE")]
    pub key_file: Option<PathBuf>,
    /// Put the hospital that is in the data folder aside
    #[arg(long)]
    pub replace: bool,
    /// Only list the backups that are there; needs no key
    #[arg(long, conflicts_with_all = ["backup", "at", "key_file", "replace"])]
    pub list: bool,
    /// How it is reached, if it is a bucket
    #[command(flatten)]
    pub storage: StorageArguments,
}

/// `standby`.
#[derive(Debug, Args)]
pub struct StandbyArguments {
    /// The folder with the backups of the hospital, or the bucket, like s3://BUCKET/PREFIX
    #[arg(long, value_name = "PLACE")]
    pub from: PathBuf,
    /// Read the key of the recovery sheet from this file; otherwise from standard input, one line,
    /// after that of a secret key
    #[arg(long, value_name = "FILE")]
    pub key_file: Option<PathBuf>,
    /// How it is reached, if it is a bucket
    #[command(flatten)]
    pub storage: StorageArguments,
}

/// `promote`.
#[derive(Debug, Args)]
pub struct PromoteArguments {
    /// Without what may be new at PLACE, because that is gone: the old hospital is kept out when
    /// both see it again
    #[arg(long)]
    pub as_it_is: bool,
    /// Do not ask for the hospital's name
    #[arg(long)]
    pub yes: bool,
    /// What it follows, and from where.
    #[command(flatten)]
    pub standby: StandbyArguments,
}
