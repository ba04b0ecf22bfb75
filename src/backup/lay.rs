//! Takes a backup from its target, opens it and lays it into an empty folder; then looks whether
//! it is what its manifest says.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use super::error::BackupError;
use super::extent::place_of;
use super::manifest::{Manifest, Piece};
use super::sealing::{self, AtMost, SecretKey};
use super::target::Target;
use crate::store::{Examined, examine};

/// Lays all of `manifest` into `into`, which is there and empty. `go_on` hears how many bytes are
/// done and ends it by an error.
///
/// # Errors
/// [`BackupError::WrongKey`], [`BackupError::Differs`] if something was changed or is missing at
/// the target; what the system says.
pub fn lay(
    target: &Target,
    manifest: &Manifest,
    key: &SecretKey,
    into: &Path,
    go_on: &mut dyn FnMut(u64) -> io::Result<()>,
) -> Result<(), BackupError> {
    let mut before = 0_u64;
    for piece in manifest.pieces() {
        lay_one(target, manifest, piece, (key, into), &mut |done| {
            go_on(before.saturating_add(done))
        })?;
        before = before.saturating_add(piece.bytes);
    }
    Ok(())
}

fn lay_one(
    target: &Target,
    manifest: &Manifest,
    piece: &Piece,
    (key, into): (&SecretKey, &Path),
    go_on: &mut dyn FnMut(u64) -> io::Result<()>,
) -> Result<(), BackupError> {
    let differs = |flaw: &str| BackupError::Differs {
        name: manifest.name.clone(),
        flaw: format!("{} {flaw}", piece.stored),
    };
    let there = target.open(&piece.stored)?;
    let mut there = there.ok_or_else(|| differs("is missing at the target"))?;
    let path = place_of(into, &piece.path);
    let failed = || format!("write {}", piece.path);
    let mut file = create(&path).map_err(BackupError::io(failed()))?;
    let mut written = Written { file: &mut file, failed: None };
    let mut bounded = AtMost::new(&mut written, piece.bytes);
    let opened = sealing::unseal(&mut there, &mut bounded, key, go_on);
    // What does not come is not known to be damaged.
    there.check()?;
    // Told apart from what is wrong at the target: this disk may be full.
    if let Some(cause) = written.failed {
        return Err(BackupError::io(failed())(cause));
    }
    match opened {
        Ok(passed) if (passed.bytes, &passed.sha256) == (piece.bytes, &piece.sha256) => {
            file.sync_all().map_err(BackupError::io(failed()))
        }
        Ok(_) => Err(differs("is another file than the manifest says")),
        Err(cause) => match cause.kind() {
            io::ErrorKind::PermissionDenied => Err(BackupError::WrongKey(manifest.name.clone())),
            _ => Err(differs(&format!("was changed or cut off at the target ({cause})"))),
        },
    }
}

/// Remembers whether it was the writing that failed.
struct Written<'a> {
    file: &'a mut File,
    failed: Option<io::Error>,
}

impl io::Write for Written<'_> {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        self.file.write(from).map_err(|cause| {
            let told = io::Error::new(cause.kind(), cause.to_string());
            self.failed = Some(cause);
            told
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

fn create(path: &Path) -> io::Result<File> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path)
}

/// Looks at every page and reference of what was laid into `folder`, and whether it holds what
/// `manifest` says. Nothing comes back if `go_on` says no.
///
/// # Errors
/// [`BackupError::Differs`] with the first difference; what the store says.
pub fn compare(
    folder: &Path,
    manifest: &Manifest,
    go_on: &mut dyn FnMut() -> bool,
) -> Result<Option<Examined>, BackupError> {
    let Some(found) = examine(folder, go_on)? else { return Ok(None) };
    let differs = |flaw: String| BackupError::Differs { name: manifest.name.clone(), flaw };
    let said = |table: &String| manifest.rows.get(table).copied().unwrap_or(0);
    if let Some((table, rows)) = found.rows.iter().find(|(table, rows)| said(table) != **rows) {
        let flaw = format!("{table} has {rows} rows, and {} were there", said(table));
        return Err(differs(flaw));
    }
    let is = (found.rows.len(), found.schema_version, found.audit_newest, &found.audit_hash);
    let Manifest { rows, schema_version, audit_newest, audit_hash, .. } = manifest;
    if is != (rows.len(), *schema_version, *audit_newest, audit_hash) {
        let flaw = "its tables or its newest audit row are others".to_owned();
        return Err(differs(flaw));
    }
    Ok(Some(found))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;

    #[test]
    fn a_piece_that_unpacks_to_more_than_the_manifest_says_fills_no_disk() {
        let store = Store::scratch();
        let (target, key) = (Target::folder(store.folder()), SecretKey::generate());
        let mut passed = None;
        let stored = || "backups/x/database.zst.age".to_owned();
        let put = target.put(&stored(), &mut |file| {
            let plain = &mut io::Read::take(io::repeat(0), 64 << 20);
            passed = Some(sealing::seal(plain, file, &[key.recipient()], &mut |_| Ok(()))?);
            Ok(())
        });
        put.unwrap();
        let whole = Piece::new("healthflow.db", stored(), passed.unwrap());
        let into = store.folder().join("into");
        fs::create_dir(&into).unwrap();
        let manifest = |bytes| Manifest {
            form: 1,
            name: "x".to_owned(),
            hospital: String::new(),
            made_at: 0,
            program: String::new(),
            schema_version: 0,
            audit_newest: 0,
            audit_hash: String::new(),
            rows: std::collections::BTreeMap::new(),
            recipients: Vec::new(),
            database: Piece { bytes, ..whole.clone() },
            files: Vec::new(),
            log: None,
            previous: None,
        };
        let refused = lay(&target, &manifest(3 << 20), &key, &into, &mut |_| Ok(()));
        assert!(matches!(refused, Err(BackupError::Differs { .. })), "{refused:?}");
        let path = into.join("healthflow.db");
        assert!(fs::metadata(&path).unwrap().len() <= 3 << 20);
        fs::remove_file(&path).unwrap();
        lay(&target, &manifest(64 << 20), &key, &into, &mut |_| Ok(())).unwrap();
    }
}
