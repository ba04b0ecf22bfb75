//! Uploads: patients' data in files of ours, which stay only for as long as an import needs
//! them.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use futures_util::{Stream, StreamExt};
use sha2::{Digest, Sha256};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use super::refusal::ImportError;

/// Uploads at the same time.
pub(super) const UPLOADS_MAX: usize = 4;
/// Pieces of an upload that wait for the disk.
const CHUNKS_WAITING: usize = 32;
/// How slow an upload may be, or it would hold its slot for ever.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    /// The longest that it may stand still.
    pub(super) still_max: Duration,
    /// The span that [`Self::bytes_min`] is for.
    pub(super) span: Duration,
    /// The fewest bytes in each span.
    pub(super) bytes_min: u64,
}

/// 16 KiB a second over each minute, which two telephone channels carry: no upload holds its
/// slot for longer than an hour for each 56 MiB.
pub(super) const PACE: Pace = Pace {
    still_max: Duration::from_secs(60),
    span: Duration::from_secs(60),
    bytes_min: 60 * 16 * 1024,
};

/// Measures how fast the bytes come. Only waiting for them counts: that our disk is slow is not
/// the sender's fault.
struct Meter {
    pace: Pace,
    waited: Duration,
    bytes: u64,
}

impl Meter {
    /// Waits for what comes next.
    ///
    /// # Errors
    /// It broke off, stood still or came too slowly.
    async fn next<B: AsRef<[u8]>, E>(
        &mut self,
        payload: &mut (impl Stream<Item = Result<B, E>> + Unpin),
    ) -> Result<Option<B>, ImportError> {
        let Pace { still_max, span, bytes_min } = self.pace;
        let begun = Instant::now();
        let next = timeout(still_max, payload.next()).await;
        self.waited += begun.elapsed();
        let chunk = match next {
            Ok(Some(chunk)) => chunk.map_err(|_| ImportError::Incomplete)?,
            Ok(None) => return Ok(None),
            Err(_) => return Err(ImportError::Still { seconds: still_max.as_secs() }),
        };
        self.bytes += chunk.as_ref().len() as u64;
        if span <= self.waited {
            if self.bytes < bytes_min {
                return Err(ImportError::TooSlow {
                    kib: bytes_min / 1024,
                    seconds: span.as_secs(),
                });
            }
            (self.waited, self.bytes) = (Duration::ZERO, 0);
        }
        Ok(Some(chunk))
    }
}

/// How the names of uploads end; nothing else in the folder is ours to remove.
const ENDING: &str = "upload";

/// An uploaded file that no import owns yet. It goes with this value.
#[derive(Debug)]
pub struct Staged {
    path: PathBuf,
    is_kept: bool,
}

impl Staged {
    /// The file at `path`, which is there or is about to be.
    #[must_use]
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, is_kept: false }
    }

    /// Where it lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// An import owns the file from now on and removes it at its end.
    pub(super) fn keep(mut self) {
        self.is_kept = true;
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        if !self.is_kept {
            remove_one(&self.path);
        }
    }
}

/// Writes the upload into `folder` on a thread of its own: a slow disk holds up this upload and
/// no other request. Gives the file and the SHA-256 of what is in it.
///
/// # Errors
/// More than `max` bytes; it broke off, or came more slowly than `pace`; the disk.
/// Nothing of it stays.
pub(super) async fn receive<B, E>(
    folder: &Path,
    max: u64,
    pace: Pace,
    mut payload: impl Stream<Item = Result<B, E>> + Unpin,
) -> Result<(Staged, Vec<u8>), ImportError>
where
    B: AsRef<[u8]> + Send + 'static,
{
    let name = crate::access::passwords::secret(12)
        .map_err(|cause| ImportError::Disk(std::io::Error::other(cause.to_string())))?;
    let path = folder.join(format!("{name}.{ENDING}"));
    let (chunks, arriving) = mpsc::channel::<B>(CHUNKS_WAITING);
    let (told, written) = oneshot::channel();
    std::thread::Builder::new()
        .name(ENDING.to_owned())
        .spawn(move || {
            // Whoever waited may have gone; the file comes back then and goes.
            drop(told.send(write(path, arriving, max)));
        })
        .map_err(ImportError::Disk)?;
    let mut broken = None;
    let mut meter = Meter { pace, waited: Duration::ZERO, bytes: 0 };
    loop {
        match meter.next(&mut payload).await {
            Ok(Some(chunk)) => {
                if chunks.send(chunk).await.is_err() {
                    break;
                }
            }
            Ok(None) => break,
            Err(cause) => {
                broken = Some(cause);
                break;
            }
        }
    }
    drop(chunks);
    let written = written.await.map_err(|_| ImportError::Incomplete)??;
    match broken {
        Some(cause) => Err(cause),
        None => Ok(written),
    }
}

fn write<B: AsRef<[u8]>>(
    path: PathBuf,
    mut arriving: mpsc::Receiver<B>,
    max: u64,
) -> Result<(Staged, Vec<u8>), ImportError> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut file = options.open(&path).map_err(ImportError::Disk)?;
    let staged = Staged::new(path);
    let (mut hasher, mut bytes) = (Sha256::new(), 0_u64);
    while let Some(chunk) = arriving.blocking_recv() {
        let chunk = chunk.as_ref();
        bytes += chunk.len() as u64;
        if max < bytes {
            return Err(ImportError::TooLarge { max });
        }
        hasher.update(chunk);
        file.write_all(chunk).map_err(ImportError::Disk)?;
    }
    file.sync_all().map_err(ImportError::Disk)?;
    Ok((staged, hasher.finalize().to_vec()))
}

/// Uploads are patients' data: only the owner of the folder may look.
pub(super) fn make_private(folder: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Removes the uploads in `folder` that are not `needed`. They are told apart by their names,
/// which never repeat, so that it does not matter by which way the folder is reached.
pub(super) fn sweep(folder: &Path, needed: &[PathBuf]) {
    let found = match fs::read_dir(folder) {
        Ok(found) => found,
        Err(cause) => {
            tracing::warn!("Old uploads could not be looked for: {cause}");
            return;
        }
    };
    for path in found.flatten().map(|entry| entry.path()) {
        let is_ours = path.extension().is_some_and(|ending| ending == ENDING);
        if is_ours && !needed.iter().any(|it| it.file_name() == path.file_name()) {
            remove_one(&path);
        }
    }
}

/// Removes files that an import needed.
pub(super) fn remove(paths: &[PathBuf]) {
    paths.iter().for_each(|path| remove_one(path));
}

fn remove_one(path: &Path) {
    match fs::remove_file(path) {
        Err(cause) if cause.kind() != ErrorKind::NotFound => {
            tracing::warn!("An upload could not be removed: {cause}");
        }
        _ => {}
    }
}
