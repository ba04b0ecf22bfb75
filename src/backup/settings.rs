//! Where backups go, for how long they are kept, and whose keys open them.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::catalog::SKEW;
use super::keep::Keep;
use super::sealing::{SecretKey, is_recipient};
use super::target::{Address, Claim, Target, TargetError};
use crate::access::connections::Place;
use crate::access::error::AccessError;
use crate::access::secrets::Secrets;
use crate::store::{ReadTx, StoreError, write_whole};
use crate::vocab::digest;
use crate::vocab::problem::Findings;

/// Where the store has the settings.
pub const KEPT: Place<Settings> = Place::new("backup", "backup_secret");
/// Where it has the keys; the sealed secret is this server's own key.
pub const KEYS: Place<Keys> = Place::new("backup_keys", "backup_own_key");

/// Further recipients beside the recovery sheet.
pub const RECIPIENTS_MAX: usize = 8;
/// Characters of a path.
pub const PATH_MAX: usize = 1_000;
/// Bytes of the secret key of storage.
pub const SECRET_MAX: usize = 500;
/// The most backups of one sort.
pub const KEEP_MAX: usize = 400;

/// Where backups go and for how long they are kept.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// A folder of a second disk or a share, by its whole path; empty for none.
    pub folder: String,
    /// A bucket of S3-compatible storage, in place of a folder. The secret half of its key is kept
    /// apart.
    pub bucket: Option<Address>,
    /// For how long they are kept.
    pub keep: Keep,
    /// Whether they go to the very disk that the data folder is on, where that can be told; the
    /// server finds that out when they are set.
    pub same_volume: Option<bool>,
    /// Who can read them beside the recovery sheet: public halves of age keys.
    pub recipients: Vec<String>,
}

impl Settings {
    /// Whether it is set where they go.
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.bucket.is_some() || !self.folder.is_empty()
    }

    /// Where they go, if that is set; `secret` gives the secret half of a bucket's key.
    ///
    /// # Errors
    /// What `secret` says.
    pub fn target<E>(
        &self,
        secret: impl FnOnce() -> Result<String, E>,
    ) -> Result<Option<Target>, E> {
        Ok(match &self.bucket {
            Some(address) => Some(Target::bucket(address, &secret()?)),
            None => Some(&self.folder).filter(|it| !it.is_empty()).map(Target::folder),
        })
    }

    /// Trims what was typed and notes what is wrong with it. `data` is the data folder.
    pub fn check(&mut self, data: &Path, findings: &mut Findings) {
        self.folder = self.folder.trim().to_owned();
        let whole = "Write the whole path of a folder, such as /mnt/backup/healthflow or \
             \\\\server\\backup\\healthflow.";
        let fits = self.folder.chars().count() <= PATH_MAX
            && !self.folder.chars().any(char::is_control)
            && (self.folder.is_empty() || Path::new(&self.folder).is_absolute());
        findings.check(fits, "folder", whole);
        let (inside, here) = (is_inside(&self.folder, data), "folder");
        let mend = "This is in the data folder: whatever takes that away takes the backups too. \
             Choose a folder of another disk or a share.";
        findings.check(!inside, here, mend);
        if let Some(address) = &mut self.bucket {
            let mend = "Choose one: a folder, or a bucket of S3-compatible storage.";
            findings.check(self.folder.is_empty(), "folder", mend);
            address.check(findings);
        }
        let Keep { daily, weekly, monthly } = self.keep;
        for (field, value) in [("daily", daily), ("weekly", weekly), ("monthly", monthly)] {
            let mend = format!("Send 0 to {KEEP_MAX}.");
            findings.check(value <= KEEP_MAX, &format!("keep.{field}"), &mend);
        }
        findings.check(0 < daily, "keep.daily", "Keep at least one day.");
        let mend = format!("Name at most {RECIPIENTS_MAX}.");
        findings.check(self.recipients.len() <= RECIPIENTS_MAX, "recipients", &mend);
        for (at, text) in self.recipients.iter_mut().enumerate() {
            text.trim().to_owned().clone_into(text);
            let mend = "Write the public half of an age key: it begins with age1.";
            findings.check(is_recipient(text), &format!("recipients[{at}]"), mend);
        }
    }
}

/// Whether the folder `path` lies in `data`, whatever it is called.
fn is_inside(path: &str, data: &Path) -> bool {
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    !path.is_empty() && real(Path::new(path)).starts_with(real(data))
}

/// A key whose other half is on paper.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SheetKey {
    /// For whom is sealed.
    pub recipient: String,
    /// When it was made, microseconds UTC.
    pub made_at: i64,
    /// When somebody has shown that they have the sheet.
    pub proven_at: Option<i64>,
}

/// Whose keys open backups. The halves that do are elsewhere: on the sheet, and sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keys {
    /// By what the hospital knows its backups: random, made once.
    pub hospital: String,
    /// For whom this server seals so that it can read back what it made.
    pub own: String,
    /// The sheet in force.
    pub sheet: Option<SheetKey>,
    /// A newer one that nobody has shown yet.
    pub pending: Option<SheetKey>,
}

impl Keys {
    /// New ones, with the secret half of the server's own.
    ///
    /// # Errors
    /// The system gives no random numbers.
    pub fn generate() -> Result<(Self, SecretKey), AccessError> {
        let mut name = [0; 16];
        let failed = |cause: getrandom::Error| AccessError::Randomness(cause.to_string());
        getrandom::fill(&mut name).map_err(failed)?;
        let own = SecretKey::generate();
        let keys =
            Self { hospital: digest::hex(&name), own: own.recipient(), sheet: None, pending: None };
        Ok((keys, own))
    }

    /// For whom is sealed: the sheet, this server, and `others`. Nothing until somebody has shown
    /// the sheet.
    #[must_use]
    pub fn recipients(&self, others: &[String]) -> Option<Vec<String>> {
        let sheet = self.sheet.as_ref().filter(|sheet| sheet.proven_at.is_some())?;
        let mut all = vec![sheet.recipient.clone(), self.own.clone()];
        all.extend(others.iter().cloned());
        all.sort();
        all.dedup();
        Some(all)
    }
}

/// The file of a data folder that tells it from every copy; it goes into no backup.
const WRITER: &str = "backup.writer";

/// By what the data folder `data` is told from every copy of it, if it has ever written backups.
#[must_use]
pub fn writer_of(data: &Path) -> Option<String> {
    let text = std::fs::read_to_string(data.join(WRITER)).ok()?;
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// The same, made if there is none.
///
/// # Errors
/// The system gives no random numbers, or the file cannot be written.
pub fn ensure_writer(data: &Path) -> Result<String, AccessError> {
    if let Some(writer) = writer_of(data) {
        return Ok(writer);
    }
    let writer = random_name()?;
    write_whole(&data.join(WRITER), writer.as_bytes())?;
    Ok(writer)
}

/// The file of a data folder that says how often the hospital had been promoted when this copy
/// took over; it goes into no backup.
const EPOCH: &str = "backup.epoch";

/// In which epoch the data folder `data` writes backups: 0 until a standby is promoted.
#[must_use]
pub fn epoch_of(data: &Path) -> u64 {
    let text = std::fs::read_to_string(data.join(EPOCH)).unwrap_or_default();
    text.trim().parse().unwrap_or(0)
}

/// From now on the data folder `data` writes in `epoch`.
///
/// # Errors
/// The file cannot be written.
pub fn enter_epoch(data: &Path, epoch: u64) -> Result<(), StoreError> {
    write_whole(&data.join(EPOCH), epoch.to_string().as_bytes())
}

/// With what the data folder `data` of `hospital` writes to `target`. A copy that has never written
/// is of the epoch that it finds there.
///
/// # Errors
/// The system gives no random numbers, a file cannot be written; the inner one, what the target
/// says.
pub fn claim_of(
    data: &Path,
    hospital: String,
    target: &Target,
) -> Result<Result<Claim, TargetError>, AccessError> {
    if writer_of(data).is_none() {
        match target.mark() {
            Ok(mark) => enter_epoch(data, mark.map_or(0, |mark| mark.epoch))?,
            Err(cause) => return Ok(Err(cause)),
        }
    }
    let writer = ensure_writer(data)?;
    Ok(Ok(Claim { hospital, writer, epoch: epoch_of(data) }))
}

fn random_name() -> Result<String, AccessError> {
    let mut name = [0; 16];
    let failed = |cause: getrandom::Error| AccessError::Randomness(cause.to_string());
    getrandom::fill(&mut name).map_err(failed)?;
    Ok(digest::hex(&name))
}

/// Everything that a backup needs to know.
#[derive(Debug, Clone)]
pub struct Ready {
    /// Where it goes.
    pub target: Target,
    /// Which hospital's it is, which copy of it this is, and in which epoch it writes.
    pub claim: Claim,
    /// For how long.
    pub keep: Keep,
    /// Whose keys open it.
    pub recipients: Vec<String>,
    /// This server's own.
    pub own: SecretKey,
}

/// Why there are no backups.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotReady {
    /// Nobody has said where they go.
    #[error("Backups are not set up: nobody has said where they go. See Backups")]
    NoTarget,
    /// Nobody has shown a recovery sheet.
    #[error(
        "No backup is made before somebody has shown the recovery sheet: without it nobody could \
         open one. See Backups"
    )]
    NoSheet,
    /// The server's own key does not open.
    #[error("The server's own key for backups cannot be read: {0}")]
    NoKey(String),
    /// The secret key of the storage does not open.
    #[error("The storage for backups cannot be reached: {0}")]
    NoSecret(String),
}

/// What `tx` has of it, for the data folder `data`.
///
/// # Errors
/// What the store says; the inner one, what is missing.
pub fn ready(
    tx: &ReadTx<'_>,
    secrets: &Secrets,
    data: &Path,
) -> Result<Result<Ready, NotReady>, StoreError> {
    let Some(kept) = KEPT.find(tx)? else { return Ok(Err(NotReady::NoTarget)) };
    let target = match kept.settings.target(|| kept.secret(secrets)) {
        Ok(Some(target)) => target,
        Ok(None) => return Ok(Err(NotReady::NoTarget)),
        Err(cause) => return Ok(Err(NotReady::NoSecret(cause))),
    };
    let settings = kept.settings;
    let Some(kept) = KEYS.find(tx)? else { return Ok(Err(NotReady::NoSheet)) };
    let Some(recipients) = kept.settings.recipients(&settings.recipients) else {
        return Ok(Err(NotReady::NoSheet));
    };
    let own = kept.secret(secrets).map_err(NotReady::NoKey).and_then(|text| {
        SecretKey::parse(&text).ok_or_else(|| NotReady::NoKey("it is no key".to_owned()))
    });
    Ok(own.map(|own| {
        let (hospital, keep) = (kept.settings.hospital.clone(), settings.keep);
        let writer = writer_of(data).unwrap_or_default();
        let claim = Claim { hospital, writer, epoch: epoch_of(data) };
        Ready { target, claim, keep, recipients, own }
    }))
}

/// After how long without a backup that is whole something is wrong, microseconds: a night, and
/// six hours for one that takes long.
pub const LATE: i64 = 30 * 3_600_000_000;
/// The words of [`standing`].
pub const STANDINGS: [&str; 6] = ["unset", "none", "late", "broken", "unproven", "ok"];

/// How backups stand, as one of [`STANDINGS`]: whether they are set up, there is one, it is new,
/// and the last drill could restore it.
///
/// # Errors
/// What the store says.
pub fn standing(tx: &ReadTx<'_>, now: i64) -> Result<&'static str, StoreError> {
    let settings = KEPT.find(tx)?.map(|kept| kept.settings).unwrap_or_default();
    let keys = KEYS.find(tx)?.map(|kept| kept.settings);
    if !settings.is_set() || keys.is_none_or(|keys| keys.recipients(&[]).is_none()) {
        return Ok("unset");
    }
    let sql = "SELECT drill_outcome FROM backup WHERE drilled_at <= ?1 \
        ORDER BY drilled_at DESC LIMIT 1";
    let until = now.saturating_add(SKEW);
    let drilled = tx.opt(sql, &[until.into()], |row| row.get::<String>(0))?;
    if drilled.as_deref() == Some("failed") {
        return Ok("broken");
    }
    let Some(made_at) = newest_made(tx, now)? else { return Ok("none") };
    if made_at < now - LATE {
        return Ok("late");
    }
    Ok(if drilled.is_some() { "ok" } else { "unproven" })
}

/// When the newest backup that is whole was made; one of the future is none.
pub(super) fn newest_made(tx: &ReadTx<'_>, now: i64) -> Result<Option<i64>, StoreError> {
    let sql = "SELECT max(made_at) FROM backup WHERE state = 'verified' AND made_at <= ?1";
    tx.one(sql, &[now.saturating_add(SKEW).into()], |row| row.get(0))
}
