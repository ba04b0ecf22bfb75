//! The data folder: ours alone, on a local disk, used by one process at a time.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::error::StoreError;
use super::pulse::{self, Pulse};
use super::replace;

pub(super) const DATABASE: &str = "healthflow.db";
pub(super) const LOCK: &str = "healthflow.lock";
pub(super) const RUNNING: &str = "healthflow.running";
const SNAPSHOTS: &str = "snapshots";

/// The folder while this process holds it.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    lock: File,
    /// Whether the last process that had it ended without closing the store.
    unclean: bool,
    /// When that process was last seen to write.
    last_alive: Option<Timestamp>,
    /// The newest audit row that it has noted.
    known: Option<i64>,
}

impl Folder {
    /// Creates the folder if it is not there and takes it for this process.
    ///
    /// # Errors
    /// [`StoreError::NetworkFileSystem`], [`StoreError::Locked`] or [`StoreError::Io`].
    pub(super) fn take(path: &Path) -> Result<Self, StoreError> {
        refuse_network(path, share_in_name(path))?;
        create_private(path)?;
        refuse_network(path, network_kind(path)?)?;
        let lock = lock(path)?;
        let unclean = path.join(RUNNING).exists();
        let last_alive = last_written(path);
        let known = pulse::noted(&path.join(RUNNING));
        Ok(Self { path: path.to_owned(), lock, unclean, last_alive, known })
    }

    /// The database file; only [`super::connection`] opens it.
    pub(super) fn database(&self) -> PathBuf {
        self.path.join(DATABASE)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn was_unclean(&self) -> bool {
        self.unclean
    }

    /// When the process that had it before was last seen to write, to the minute if it was idle.
    pub(super) fn last_alive(&self) -> Option<Timestamp> {
        self.last_alive
    }

    /// The newest audit row that the process before has noted, if it did not end in order.
    pub(super) fn known(&self) -> Option<i64> {
        self.known
    }

    /// What says now and then that the store is in use, and how far it has come: to `newest`
    /// now.
    pub(super) fn pulse(&self, newest: Option<i64>) -> Pulse {
        Pulse::new(self.path.join(RUNNING), self.database(), newest)
    }

    /// Refuses to begin anew where a database was in use and is gone.
    pub(super) fn refuse_missing(&self) -> Result<(), StoreError> {
        let file = self.database();
        let there = std::fs::symlink_metadata(&file).is_ok_and(|found| found.len() != 0);
        if there || !self.unclean {
            return Ok(());
        }
        if let Some(kept) = replace::interrupted(&self.path) {
            return Err(StoreError::Interrupted { folder: self.path.clone(), kept });
        }
        let detail = "it was in use and is now missing or empty; if you mean to begin anew, \
                      choose an empty data folder";
        Err(StoreError::Damaged { file, detail: detail.to_owned() })
    }

    /// Notes that a store is in use whose newest audit row is `newest`, until
    /// [`Folder::is_clean`].
    pub(super) fn is_running(&self, newest: Option<i64>) -> Result<(), StoreError> {
        let marker = self.path.join(RUNNING);
        let made = private_file(&marker).and_then(|file| pulse::note(file, newest));
        match made.map_err(failed("mark as running", &marker)) {
            // What is there must be readable on a full disk too.
            Err(StoreError::DiskFull) => Ok(()),
            made => made.and_then(|_| sync_folder(&self.path)),
        }
    }

    /// Notes that the store was closed in order.
    pub(super) fn is_clean(&self) {
        let marker = self.path.join(RUNNING);
        if let Err(error) = std::fs::remove_file(&marker) {
            tracing::warn!(store.cause = %error, "The mark of a running store stays: {error}");
        }
    }

    /// The folder for copies made before upgrades, created if it is not there.
    pub(super) fn snapshots(&self) -> Result<PathBuf, StoreError> {
        let path = self.path.join(SNAPSHOTS);
        create_private(&path)?;
        Ok(path)
    }

    /// The newest copy made before an upgrade, if there is one.
    pub(super) fn newest_snapshot(&self) -> Option<PathBuf> {
        snapshots_in(&self.path.join(SNAPSHOTS)).pop()
    }
}

impl super::Store {
    /// Bytes that the volume of the data folder has for us, where that can be asked.
    ///
    /// # Errors
    /// What the system says.
    pub fn free(&self) -> Result<Option<u64>, StoreError> {
        free_bytes(self.folder()).map(|free| Some(free).filter(|free| *free != u64::MAX))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Said explicitly, because a process that is just being started still has a copy of the
        // handle. Where it fails, the lock goes with the handle.
        let _ = self.lock.unlock();
    }
}

/// When a store was last written to in `folder`, by the dates of its files.
fn last_written(folder: &Path) -> Option<Timestamp> {
    let database = folder.join(DATABASE);
    let files = [folder.join(RUNNING), super::wal::log_file(&database), database];
    // By name: a handle on the database must never be opened here.
    let dates = files.iter().filter_map(|path| std::fs::symlink_metadata(path).ok());
    let newest = dates.filter_map(|about| about.modified().ok()).max()?;
    Timestamp::try_from(newest).ok()
}

/// When the last run on `folder` was last alive, if it did not end in order (the inner `None`:
/// nobody knows). Says the same of one that still runs.
#[must_use]
pub fn killed_in(folder: &Path) -> Option<Option<Timestamp>> {
    folder.join(RUNNING).exists().then(|| last_written(folder))
}

/// The copies in `folder`, the oldest first.
pub(super) fn snapshots_in(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut copies: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "db"))
        .collect();
    copies.sort();
    copies
}

/// Lets only the owner read and write the file at `path`.
pub(super) fn make_private(path: &Path) -> Result<(), StoreError> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let private = std::fs::Permissions::from_mode(0o600);
        // By name, without a handle on the file.
        std::fs::set_permissions(path, private).map_err(failed("make private", path))?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

/// Makes a rename in `folder` durable.
pub(super) fn sync_folder(folder: &Path) -> Result<(), StoreError> {
    #[cfg(unix)]
    File::open(folder).and_then(|handle| handle.sync_all()).map_err(failed("sync", folder))?;
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}

/// Bytes that the volume of `path` has for us.
pub(super) fn free_bytes(path: &Path) -> Result<u64, StoreError> {
    #[cfg(unix)]
    {
        let volume = rustix::fs::statvfs(path)
            .map_err(|error| failed("look at the volume of", path)(error.into()))?;
        Ok(volume.f_bavail.saturating_mul(volume.f_frsize))
    }
    // Without a safe call to ask with, the copy itself finds out.
    #[cfg(not(unix))]
    {
        let _ = path;
        Ok(u64::MAX)
    }
}

/// Writes the small file `path` whole and durably, or leaves the one that was there.
///
/// # Errors
/// [`StoreError::Io`], [`StoreError::DiskFull`].
pub fn write_whole(path: &Path, text: &[u8]) -> Result<(), StoreError> {
    let fresh = path.with_extension("new");
    let failed =
        |cause: std::io::Error| StoreError::io(format!("write {}", path.display()), &cause);
    let mut file = File::create(&fresh).map_err(failed)?;
    file.write_all(text).and_then(|()| file.sync_all()).map_err(failed)?;
    make_private(&fresh)?;
    std::fs::rename(&fresh, path).map_err(failed)?;
    path.parent().map_or(Ok(()), sync_folder)
}

fn failed(what: &str, path: &Path) -> impl FnOnce(std::io::Error) -> StoreError {
    let what = format!("{what} {}", path.display());
    move |cause| StoreError::io(what, &cause)
}

fn create_private(path: &Path) -> Result<(), StoreError> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(path).map_err(failed("create the folder", path))
}

fn lock(folder: &Path) -> Result<File, StoreError> {
    let path = folder.join(LOCK);
    let mut file = private_file(&path).map_err(failed("open", &path))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut text = String::new();
            let read = file.read_to_string(&mut text);
            let process = read.ok().and_then(|_| text.trim().parse().ok());
            return Err(StoreError::Locked { folder: folder.to_owned(), process });
        }
        Err(TryLockError::Error(error)) => return Err(failed("lock", &path)(error)),
    }
    // Only for the message above; on a full disk it can be missing.
    let _ = file.set_len(0).and_then(|()| write!(file, "{}", std::process::id()));
    Ok(file)
}

/// Opens a small file of ours as it is, or makes it for its owner alone.
fn private_file(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path)
}

fn refuse_network(folder: &Path, kind: Option<&str>) -> Result<(), StoreError> {
    kind.map_or(Ok(()), |kind| {
        Err(StoreError::NetworkFileSystem { folder: folder.to_owned(), kind: kind.to_owned() })
    })
}

/// `\\server\share` and `\\?\UNC\server\share`, wherever the program runs.
fn share_in_name(path: &Path) -> Option<&'static str> {
    let text = path.to_str()?.replace('/', "\\");
    let device = text.strip_prefix(r"\\?\").or_else(|| text.strip_prefix(r"\\.\"));
    let shared = match device {
        Some(rest) => rest.get(..4).is_some_and(|start| start.eq_ignore_ascii_case(r"UNC\")),
        None => cfg!(windows) && text.starts_with(r"\\"),
    };
    shared.then_some("a Windows share")
}

#[cfg(target_os = "linux")]
fn network_kind(path: &Path) -> Result<Option<&'static str>, StoreError> {
    let volume = rustix::fs::statfs(path)
        .map_err(|error| failed("look at the volume of", path)(error.into()))?;
    // The kernel's magic numbers are 32 bits wide; some platforms extend their sign.
    Ok(network_name((volume.f_type & 0xFFFF_FFFF) as u64))
}

#[cfg(not(target_os = "linux"))]
fn network_kind(_: &Path) -> Result<Option<&'static str>, StoreError> {
    Ok(None)
}

/// The name of a file system whose locks or shared memory do not hold between machines.
#[cfg(any(target_os = "linux", test))]
fn network_name(magic: u64) -> Option<&'static str> {
    match magic {
        0x6969 => Some("NFS"),
        0x517B | 0xFE53_4D42 => Some("SMB"),
        0xFF53_4D42 => Some("CIFS"),
        0x564C => Some("NCP"),
        0x5346_414F => Some("AFS"),
        0x7375_7245 => Some("Coda"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn network_file_systems_are_known_by_their_numbers() {
        assert_eq!(network_name(0x6969), Some("NFS"));
        assert_eq!(network_name(0xFF53_4D42), Some("CIFS"));
        assert_eq!(network_name(0xFE53_4D42), Some("SMB"));
        assert_eq!(network_name(0xEF53), None, "ext4");
        assert_eq!(network_name(0x9123_683E), None, "btrfs");
        assert_eq!(network_name(0x0102_1994), None, "tmpfs");
    }

    #[test]
    fn a_windows_share_is_known_by_its_name() {
        let share = |path: &str| share_in_name(Path::new(path)).is_some();
        assert!(share(r"\\?\UNC\server\hospital"));
        assert!(share(r"\\?\unc\server\hospital"));
        assert!(!share(r"\\?\C:\hospital"));
        assert!(!share(r"C:\hospital"));
        assert!(!share("/srv/hospital"));
        assert_eq!(share(r"\\server\hospital"), cfg!(windows));
    }

    #[test]
    fn a_share_is_refused_in_words_that_name_the_mend() {
        let refused = Folder::take(Path::new(r"\\?\UNC\server\hospital")).unwrap_err();
        let words = refused.to_string();
        assert!(words.contains("network file system (a Windows share)"), "{words}");
        assert!(words.contains("choose a folder on a local disk"), "{words}");
    }
}
