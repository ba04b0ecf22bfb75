//! What a backup says of itself, in clear beside it: enough to check and to choose it without a
//! key, and nothing of any patient. Each names the one before it by its fingerprint, so that one
//! which was taken away or changed shows.

use std::collections::BTreeMap;
use std::path::{Component, Path};

use serde::{Deserialize, Serialize};

use super::sealing::Passed;
use super::target::{Target, TargetError};
use crate::store::LogPlace;
use crate::vocab::digest;

/// The form that this program writes and reads.
pub const FORM: u32 = 1;
/// The folder of backups in a target; each has a folder of its own, named by its time.
pub const BACKUPS: &str = "backups";
/// The folder of files that several backups share, each under the fingerprint of its content.
pub const FILES: &str = "files";
const MANIFEST: &str = "manifest.json";
const MANIFEST_MAX: u64 = 16 << 20;

/// One file of a data folder, sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    /// Where it lies in the data folder, with `/` between folders.
    pub path: String,
    /// Bytes in the clear.
    pub bytes: u64,
    /// SHA-256 of them, hexadecimal.
    pub sha256: String,
    /// Where it lies in the target.
    pub stored: String,
    /// Bytes as they are stored.
    pub stored_bytes: u64,
    /// SHA-256 of those.
    pub stored_sha256: String,
}

impl Piece {
    /// The file `path`, stored as `stored`.
    #[must_use]
    pub fn new(path: &str, stored: String, passed: Passed) -> Self {
        let Passed { bytes, sha256, stored_bytes, stored_sha256 } = passed;
        Self { path: path.to_owned(), bytes, sha256, stored, stored_bytes, stored_sha256 }
    }
}

/// Which backup was the one before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Previous {
    /// Its name.
    pub name: String,
    /// SHA-256 of its manifest.
    pub sha256: String,
}

/// Where a backup stands in the shipped log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InLog {
    /// The chain.
    pub chain: String,
    /// The generation from whose beginning on the log goes on from it.
    pub generation: u64,
    /// How far the log must be there to go on from it at all.
    pub until: LogPlace,
}

/// The manifest of one backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// [`FORM`].
    pub form: u32,
    /// Its name: when it was made, UTC.
    pub name: String,
    /// Which hospital's it is ([`super::target::Mark`]).
    pub hospital: String,
    /// The moment that it shows, microseconds UTC.
    pub made_at: i64,
    /// The program that made it.
    pub program: String,
    /// The newest migration in it.
    pub schema_version: i64,
    /// The number of the newest audit row in it.
    pub audit_newest: i64,
    /// The hash of that row, which hangs on all before it.
    pub audit_hash: String,
    /// How many rows each table has.
    pub rows: BTreeMap<String, i64>,
    /// Whose keys open it.
    pub recipients: Vec<String>,
    /// The database.
    pub database: Piece,
    /// What else lies in the data folder and is not made anew by itself.
    pub files: Vec<Piece>,
    /// Where it stands in the shipped log, if that is shipped.
    #[serde(default)]
    pub log: Option<InLog>,
    /// The one before, but for the first.
    pub previous: Option<Previous>,
}

/// Why a backup cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ManifestError {
    /// The target.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// There is none.
    #[error("there is no backup called {0}")]
    None(String),
    /// It is not as it was written.
    #[error("the manifest of the backup {name} is damaged: {cause}")]
    Damaged {
        /// Of which.
        name: String,
        /// What is wrong.
        cause: String,
    },
    /// It was made by a newer program.
    #[error("the backup {0} was made by a newer HealthFlow; take that one to restore it")]
    Newer(String),
}

impl Manifest {
    /// Where the manifest of the backup `name` lies.
    #[must_use]
    pub fn path_of(name: &str) -> String {
        format!("{BACKUPS}/{name}/{MANIFEST}")
    }

    /// Where its database lies.
    #[must_use]
    pub fn database_of(name: &str) -> String {
        format!("{BACKUPS}/{name}/database.zst.age")
    }

    /// All that has to be there for it.
    pub fn pieces(&self) -> impl Iterator<Item = &Piece> {
        std::iter::once(&self.database).chain(&self.files)
    }

    /// Bytes of all of it as stored.
    #[must_use]
    pub fn stored_bytes(&self) -> u64 {
        self.pieces().map(|piece| piece.stored_bytes).sum()
    }

    /// The text that is stored.
    #[must_use]
    pub fn text(&self) -> Vec<u8> {
        serde_json::to_vec_pretty(self).unwrap_or_default()
    }

    /// The manifest of the backup `name` in `target`, with the fingerprint of its text.
    ///
    /// # Errors
    /// [`ManifestError`].
    pub fn read(target: &Target, name: &str) -> Result<(Self, String), ManifestError> {
        let damaged = |cause: String| ManifestError::Damaged { name: name.to_owned(), cause };
        let text = match target.get(&Self::path_of(name), MANIFEST_MAX) {
            // Of one that is this long nothing is to be believed.
            Err(cause @ TargetError::TooLarge(_)) => return Err(damaged(cause.to_string())),
            text => text?,
        };
        let text = text.ok_or_else(|| ManifestError::None(name.to_owned()))?;
        let form: Form = serde_json::from_slice(&text).map_err(|at| damaged(at.to_string()))?;
        if FORM < form.form {
            return Err(ManifestError::Newer(name.to_owned()));
        }
        let manifest: Self = serde_json::from_slice(&text).map_err(|at| damaged(at.to_string()))?;
        if manifest.name != name {
            return Err(damaged(format!("it is that of {}", manifest.name)));
        }
        if let Some(piece) = manifest.pieces().find(|one| !stays(&one.path) || !stays(&one.stored))
        {
            return Err(damaged(format!("it names {}", piece.path)));
        }
        Ok((manifest, fingerprint(&text)))
    }
}

#[derive(Deserialize)]
struct Form {
    form: u32,
}

/// The fingerprint by which the next one names it.
#[must_use]
pub fn fingerprint(text: &[u8]) -> String {
    digest::hex(&digest::sha256(&[text]))
}

/// Whether `name` is one that this program gives a backup: its time to the second, and a number
/// if need be. Whatever else lies there is somebody else's.
#[must_use]
pub fn is_name(name: &str) -> bool {
    let (at, number) = name.split_once('-').unwrap_or((name, "2"));
    let shape: String = at.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    shape == "00000000T000000Z" && number.parse::<u32>().is_ok_and(|it| it.to_string() == number)
}

/// Whether `name` is one that this program gives a file in [`FILES`]: the fingerprint of what is
/// in it, and the beginning of that of whom it is for.
#[must_use]
pub fn is_file_name(name: &str) -> bool {
    let hex = |text: &str| text.bytes().all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f'));
    let prints = name.strip_suffix(".zst.age").and_then(|name| name.split_once('-'));
    prints.is_some_and(|(file, whom)| (file.len(), whom.len()) == (64, 8) && hex(file) && hex(whom))
}

/// The names of the backups in `target` that are whole, the oldest first.
///
/// # Errors
/// What the target says.
pub fn names(target: &Target) -> Result<Vec<String>, TargetError> {
    let mut whole = Vec::new();
    for name in target.list(BACKUPS)?.into_iter().filter(|name| is_name(name)) {
        if target.list(&format!("{BACKUPS}/{name}"))?.iter().any(|file| file == MANIFEST) {
            whole.push(name);
        }
    }
    Ok(whole)
}

/// The newest backup in `target`, as the next one names it.
///
/// # Errors
/// What the target says.
pub fn newest(target: &Target) -> Result<Option<Previous>, TargetError> {
    let Some(name) = names(target)?.pop() else { return Ok(None) };
    let text = target.get(&Manifest::path_of(&name), MANIFEST_MAX)?;
    Ok(text.map(|text| Previous { name, sha256: fingerprint(&text) }))
}

/// Whether `path` stays in the folder that it is put into.
fn stays(path: &str) -> bool {
    let plain = |part: Component<'_>| matches!(part, Component::Normal(_));
    !path.is_empty() && !path.contains('\\') && Path::new(path).components().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_path_leads_out_of_the_folder() {
        for path in ["", "/etc/x", "../x", "a/../../x", "a\\..\\x", "./../x", "C:\\x"] {
            assert!(!stays(path), "{path}");
        }
        assert!(stays("audit-archive/audit-1-5.ndjson.zst"));
    }

    #[test]
    fn what_has_another_name_is_nobodys_backup() {
        for name in ["20260101T020304Z", "20260101T020304Z-2", "20260101T020304Z-17"] {
            assert!(is_name(name), "{name}");
        }
        for name in ["zz", "", "20260101T020304Z-", "20260101T020304Z-02", "20260101T020304Z-x"] {
            assert!(!is_name(name), "{name}");
        }
        let print = "0123456789abcdef".repeat(4);
        assert!(is_file_name(&format!("{print}-89abcdef.zst.age")));
        for name in ["healthflow.db".to_owned(), format!("{print}.zst.age"), print.clone()] {
            assert!(!is_file_name(&name), "{name}");
        }
        assert!(!is_file_name(&format!("{print}-89ABCDEF.zst.age")));
    }
}
