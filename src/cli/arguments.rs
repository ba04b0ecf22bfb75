//! What can be typed.
mod backup;
mod tls;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::settings::SettingFlags;
use super::support_bundle::BundleArguments;
use crate::access::tokens;
use crate::demo::PATIENTS_MAX;

pub use backup::{
    BackupCommand, BackupToArguments, PromoteArguments, RestoreArguments, StandbyArguments,
    StorageArguments,
};
pub use tls::{TlsCommand, TlsInstallArguments, TlsRequestArguments};

/// The whole line.
#[derive(Debug, Parser)]
#[command(
    name = "healthflow",
    version,
    about = "A hospital's whole server in one file",
    max_term_width = 100,
    after_help = "To begin: healthflow serve, then open the link that it prints.",
    arg_required_else_help = false,
    subcommand_required = true
)]
pub struct Arguments {
    /// What every command accepts.
    #[command(flatten)]
    pub common: Common,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What every command accepts.
#[derive(Debug, Args)]
pub struct Common {
    /// Read settings from this file instead of healthflow.toml in the data folder
    #[arg(long, global = true, value_name = "FILE", help_heading = "Everywhere")]
    pub config: Option<PathBuf>,
    /// The folder that holds everything: database, search index, logs, healthflow.toml
    #[arg(long, global = true, value_name = "DIR", help_heading = "Everywhere")]
    pub data: Option<PathBuf>,
    /// Print the result, and any failure, as JSON
    #[arg(long, global = true, help_heading = "Everywhere")]
    pub json: bool,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the server until it is told to stop (Ctrl-C or SIGTERM)
    Serve(ServeArguments),
    /// Make the data folder, and set the hospital up if told how
    Init(InitArguments),
    /// Take in patients and records from files, folders and archives (.zip, .gz, .tar, .zst)
    #[command(after_help = IMPORT_HELP)]
    Import(ImportArguments),
    /// Make a hospital of invented people in an empty folder, to try and to measure with
    Demo(DemoArguments),
    /// Add, list and mend the people who may sign in
    #[command(arg_required_else_help = false)]
    User {
        /// What to do with them.
        #[command(subcommand)]
        command: UserCommand,
    },
    /// Make, list and revoke the tokens that programs come in with
    #[command(arg_required_else_help = false)]
    Token {
        /// What to do with them.
        #[command(subcommand)]
        command: TokenCommand,
    },
    /// Prove that the audit is whole, take it along, move what is old into archives and back
    #[command(arg_required_else_help = false)]
    Audit {
        /// What to do with it.
        #[command(subcommand)]
        command: AuditCommand,
    },
    /// Backups: where they go, the recovery sheet, make one now, prove that one can be restored
    #[command(arg_required_else_help = false)]
    Backup {
        /// What to do with them.
        #[command(subcommand)]
        command: BackupCommand,
    },
    /// Bring a hospital back from its backups, on this machine or a new one
    Restore(RestoreArguments),
    /// Follow a hospital's backups and log on another machine, ready to take its place
    Standby(StandbyArguments),
    /// Make this standby the hospital, and keep the old one out
    Promote(PromoteArguments),
    /// The server's certificate: look at it, ask the hospital's authority for one, install it
    #[command(arg_required_else_help = false)]
    Tls {
        /// What to do with it.
        #[command(subcommand)]
        command: TlsCommand,
    },
    /// Show every setting as it holds, and where it comes from
    Config(SettingFlags),
    /// Print the description of the API (OpenAPI 3.1, JSON)
    Openapi,
    /// Check this machine and the data folder, and say how to mend what is wrong
    Doctor(SettingFlags),
    /// Gather what somebody who helps needs, without patients and secrets; look, then save
    SupportBundle(BundleArguments),
}

/// `serve`.
#[derive(Debug, Args)]
pub struct ServeArguments {
    /// This is the hospital, although a standby of it was promoted: that one may write to the
    /// backups no longer. Once, after the other one was stopped
    #[arg(long)]
    pub take_back: bool,
    /// The settings.
    #[command(flatten)]
    pub settings: SettingFlags,
}

/// `init`: with the hospital's name it also sets the hospital up; without, it leaves that to the
/// browser and prints the one-time link.
#[derive(Debug, Args)]
pub struct InitArguments {
    /// The hospital's name; with it, the first administrator is created too
    #[arg(long, value_name = "NAME", requires_all = ["username", "password_stdin"])]
    pub hospital_name: Option<String>,
    /// The hospital's time zone, like Africa/Nairobi; otherwise the setting time_zone
    #[arg(long, value_name = "ZONE", requires = "hospital_name")]
    pub time_zone: Option<String>,
    /// The first administrator's user name
    #[arg(long, value_name = "USERNAME", requires = "hospital_name")]
    pub username: Option<String>,
    /// The first administrator's name as people read it; otherwise the user name
    #[arg(long, value_name = "NAME", requires = "hospital_name")]
    pub display_name: Option<String>,
    /// Read the password from standard input, one line
    #[arg(long, requires = "hospital_name")]
    pub password_stdin: bool,
}

/// What follows the options of `import`.
const IMPORT_HELP: &str = "\
Exit code: 0 all was taken; 3 the import is complete, and some of it was not taken; 1 it failed, \
or nothing was taken; 2 typed wrong.

Tables of patients (CSV; the delimiter is found) are understood by the usual names of columns, \
in a folder only with a name and a date of birth. Otherwise write a mapping, field to column:

  {\"family\": \"SURNAME\", \"given\": \"FIRST + MIDDLE\", \"birth_date\": \"BORN\",
   \"date_format\": \"dd/mm/yyyy\", \"mrn\": \"FILE NO\", \"identifier:urn:nin\": \"NATIONAL ID\"}

Fields: id (of the source), family, given, name (whole), prefix, suffix, maiden, birth_date, \
sex, phone, email, mrn, national_id, passport, identifier:SYSTEM, address.line, address.city, \
address.district, address.state, address.postal_code, address.country, marital_status, language, \
deceased_date, contact.name, contact.phone, contact.relationship (next of kin). Several columns \
are joined by \" + \". date_format is dd/mm/yyyy, mm/dd/yyyy or yyyy-mm-dd; without it a date \
that can mean two days is refused, unless another row of its column, written with the same mark, \
shows the order.";

/// `import`.
#[derive(Debug, Args)]
pub struct ImportArguments {
    /// Name of the system that the files come from; the same file of the same source twice
    /// changes nothing
    #[arg(long, value_name = "NAME")]
    pub source: Option<String>,
    /// What the files hold; otherwise told by their names and content
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<ImportFormat>,
    /// For CSV: a JSON file that says which column is what
    #[arg(long, value_name = "FILE.json")]
    pub mapping: Option<PathBuf>,
    /// Files, folders, archives (.zip, .gz, .tar, .zst)
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
}

/// What imported files hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ImportFormat {
    /// FHIR R4 as JSON: bundles or NDJSON
    Fhir,
    /// A table of patients
    Csv,
}

impl ImportFormat {
    /// The word as it is typed and as the API has it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Fhir => "fhir",
            Self::Csv => "csv",
        }
    }
}

/// `demo`.
#[derive(Debug, Args)]
pub struct DemoArguments {
    /// How many patients
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=PATIENTS_MAX))]
    pub patients: u64,
    /// Which of all such hospitals: the same seed gives the same one
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
    /// How much happened to each patient: nothing, about twelve records, or about forty
    #[arg(long, value_enum, default_value_t = DemoHistory::Light)]
    pub history: DemoHistory,
    /// The day on which the hospital is as it is; otherwise today
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<String>,
    /// Read the password of all accounts from standard input, one line; otherwise a random one
    #[arg(long)]
    pub password_stdin: bool,
}

/// How much happened to each patient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DemoHistory {
    /// Patients alone
    None,
    /// About twelve records for each
    Light,
    /// About forty records for each
    Full,
}

/// `token …`.
#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Make a token for a program; it is shown once
    Add(TokenAddArguments),
    /// List the tokens that hold or have ended in the last 90 days
    List,
    /// Revoke a token; whoever comes with it is refused from now on
    Revoke(TokenIdArguments),
}

/// `token add`.
#[derive(Debug, Args)]
pub struct TokenAddArguments {
    /// The user for whom the program acts
    pub username: String,
    /// What the token is for
    pub name: String,
    /// A permission that it may use, like patients.read; give one or more
    #[arg(long = "scope", value_name = "PERMISSION", required = true)]
    pub scopes: Vec<String>,
    /// Days until it expires, at most 365
    #[arg(long, value_name = "N", default_value_t = tokens::DAYS,
        value_parser = clap::value_parser!(i64).range(1..=tokens::DAYS_MAX))]
    pub days: i64,
}

/// `token revoke`.
#[derive(Debug, Args)]
pub struct TokenIdArguments {
    /// Which, as token list shows it
    #[arg(value_name = "TOKEN")]
    pub id: String,
}

/// `user …`.
#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Add somebody who may sign in
    Add(UserAddArguments),
    /// List everybody who may sign in
    List,
    /// Give somebody a new password; their sessions end
    ResetPassword(UserResetArguments),
    /// Keep somebody from signing in; their sessions end, their record stays
    Disable(UserNameArguments),
    /// Have a built-in role hold its default again, if nobody can do so in the browser any more
    RestoreRole {
        /// The role, such as administrator
        role: String,
    },
}

/// `user add`.
#[derive(Debug, Args)]
pub struct UserAddArguments {
    /// The name to sign in with
    pub username: String,
    /// What they may do: administrator, reception, nurse, clinician, pharmacist, laboratory,
    /// cashier, privacy_officer, integration, or a role of the hospital's own
    #[arg(long, value_name = "ROLE")]
    pub role: String,
    /// The facility they work at, by its name or id; without it, the whole hospital
    #[arg(long, value_name = "NAME")]
    pub facility: Option<String>,
    /// A department they belong to, by its name or id; may be given several times
    #[arg(long, value_name = "NAME")]
    pub department: Vec<String>,
    /// Their name as people read it; otherwise the user name
    #[arg(long, value_name = "NAME")]
    pub display_name: Option<String>,
    /// They choose a password of their own when they sign in first
    #[arg(long)]
    pub temporary: bool,
    /// Read the password from standard input, one line
    #[arg(long)]
    pub password_stdin: bool,
}

/// `user reset-password`.
#[derive(Debug, Args)]
pub struct UserResetArguments {
    /// The name they sign in with
    pub username: String,
    /// Take their app, passkeys, recovery codes and PIN away too, for somebody who has lost them
    #[arg(long)]
    pub remove_second_factor: bool,
    /// They choose a password of their own when they sign in next
    #[arg(long)]
    pub temporary: bool,
    /// Read the password from standard input, one line
    #[arg(long)]
    pub password_stdin: bool,
}

/// `user disable`.
#[derive(Debug, Args)]
pub struct UserNameArguments {
    /// The name they sign in with
    pub username: String,
}

/// `audit …`.
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Compare every row, archive and anchor; ends with 0 only if all is whole
    Verify(AuditVerifyArguments),
    /// Print rows, the newest first, an object of JSON a line
    Export(AuditExportArguments),
    /// Move rows that need not be kept any longer into an archive, which is proven first
    Prune(AuditPruneArguments),
    /// Read an archive back
    Restore(AuditRestoreArguments),
    /// Print a line that proves later how far the audit was, to keep outside of this machine
    Anchor,
}

/// `audit verify`.
#[derive(Debug, Args)]
pub struct AuditVerifyArguments {
    /// A line that healthflow audit anchor has printed; may be given several times
    #[arg(long = "anchor", value_name = "LINE")]
    pub anchors: Vec<String>,
}

/// `audit export`.
#[derive(Debug, Args)]
pub struct AuditExportArguments {
    /// From this day or time on, like 2026-03-01 or 2026-03-01T12:00:00Z
    #[arg(long, value_name = "TIME")]
    pub from: Option<String>,
    /// Before this time; a day counts as a whole
    #[arg(long, value_name = "TIME")]
    pub to: Option<String>,
    /// What concerns this patient: a record number, or an id like pat_…
    #[arg(long, value_name = "PATIENT")]
    pub patient: Option<String>,
    /// What this user did: the name they sign in with
    #[arg(long, value_name = "USERNAME")]
    pub user: Option<String>,
}

/// `audit prune`.
#[derive(Debug, Args)]
pub struct AuditPruneArguments {
    /// Only rows from before this day or time; otherwise all that the settings let go
    #[arg(long, value_name = "TIME", conflicts_with = "keep")]
    pub before: Option<String>,
    /// Only rows older than so many days
    #[arg(long, value_name = "DAYS")]
    pub keep: Option<u32>,
}

/// `audit restore`.
#[derive(Debug, Args)]
pub struct AuditRestoreArguments {
    /// The archive: a path, or the name of one in audit-archive in the data folder
    pub file: PathBuf,
}
