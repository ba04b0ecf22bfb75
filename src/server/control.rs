//! Owner-only files in the data folder: how the command line reaches the running server, and
//! the set-up link.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::access::AccessError;
use crate::access::passwords::secret;

/// The file that says where the running server is.
pub const SERVER_FILE: &str = "server.json";
/// The file with the set-up link.
pub const SETUP_FILE: &str = "setup-link.txt";

/// What the running server tells the command line of its own machine.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Running {
    /// Where it answers the command line, in clear and on this machine alone.
    pub address: SocketAddr,
    /// Where it serves everybody, if that is somewhere else.
    #[serde(default)]
    pub serves: Option<SocketAddr>,
    /// The secret that makes a request one of the command line.
    pub token: String,
    /// Its process.
    pub pid: u32,
}

/// A new secret for the command line.
///
/// # Errors
/// The system gives no random numbers.
pub fn new_token() -> Result<String, AccessError> {
    Ok(format!("hfc_{}", secret(32)?))
}

/// Says in `folder` where the server runs.
///
/// # Errors
/// The file cannot be written.
pub fn announce(folder: &Path, running: &Running) -> std::io::Result<()> {
    let text = serde_json::to_string(running)?;
    write_owner_only(&folder.join(SERVER_FILE), &text)
}

/// Where the server of `folder` runs, if one has said so.
#[must_use]
pub fn find(folder: &Path) -> Option<Running> {
    serde_json::from_str(&fs::read_to_string(folder.join(SERVER_FILE)).ok()?).ok()
}

/// Takes a file of this kind away; that it was not there is no fault.
pub fn withdraw(folder: &Path, name: &str) {
    if let Err(cause) = fs::remove_file(folder.join(name))
        && cause.kind() != std::io::ErrorKind::NotFound
    {
        tracing::warn!("{name} could not be removed: {cause}");
    }
}

/// Writes the set-up link where only the owner of the folder can read it.
///
/// # Errors
/// The file cannot be written.
pub fn leave_setup_link(folder: &Path, link: &str) -> std::io::Result<PathBuf> {
    let path = folder.join(SETUP_FILE);
    write_owner_only(&path, &format!("{link}\n"))?;
    Ok(path)
}

/// A reader sees the old file or the new one, never half of it, and nobody but the owner.
pub(super) fn write_owner_only(path: &Path, text: &str) -> std::io::Result<()> {
    let fresh = path.with_extension("new");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    // A left-over of a crash may have other permissions than the ones asked for here.
    let _ = fs::remove_file(&fresh);
    let written = options.open(&fresh).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&fresh, path)
    });
    if written.is_err() {
        // Half a file is of use to nobody.
        let _ = fs::remove_file(&fresh);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_the_owners_alone_and_readable_again() {
        let folder =
            std::env::temp_dir().join(format!("healthflow-control-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let address = "127.0.0.1:8475".parse().unwrap();
        let running = Running { address, serves: None, token: "hfc_1".to_owned(), pid: 7 };
        announce(&folder, &running).unwrap();
        assert_eq!(find(&folder).unwrap().token, "hfc_1");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(folder.join(SERVER_FILE)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        withdraw(&folder, SERVER_FILE);
        assert!(find(&folder).is_none());
        fs::remove_dir_all(&folder).unwrap();
    }
}
