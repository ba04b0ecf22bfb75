//! The folder `tls/` in the data folder, its owner's alone.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::TlsError;
use crate::server::control::write_owner_only;

/// Its name in the data folder.
pub const FOLDER: &str = "tls";
/// The certificate of our own authority, which everybody may have.
const ROOT: &str = "root.crt";
/// Its private key.
const ROOT_KEY: &str = "root.key";
/// What our own authority has signed for this server, with its key.
const SERVER: &str = "server.pem";
/// The key of the signing request that is under way.
const REQUEST_KEY: &str = "request.key";
/// What the hospital's authority has signed for this server, with its key.
const INSTALLED: &str = "installed.pem";
/// Larger files are no certificates.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// The folder.
#[derive(Debug, Clone)]
pub struct TlsFolder(PathBuf);

/// Our own authority as it lies in the folder, PEM.
pub struct Root {
    /// Its certificate.
    pub certificate: Vec<u8>,
    /// Its private key.
    pub key: Vec<u8>,
}

impl TlsFolder {
    /// That of the hospital in `data`; nothing is made yet.
    #[must_use]
    pub fn of(data: &Path) -> Self {
        Self(data.join(FOLDER))
    }

    /// Our own authority.
    ///
    /// # Errors
    /// They are there and cannot be read.
    pub fn root(&self) -> Result<Option<Root>, TlsError> {
        let found = self.found(ROOT)?.zip(self.found(ROOT_KEY)?);
        Ok(found.map(|(certificate, key)| Root { certificate, key }))
    }

    /// The certificate of our own authority, PEM.
    ///
    /// # Errors
    /// It is there and cannot be read.
    pub fn root_certificate(&self) -> Result<Option<Vec<u8>>, TlsError> {
        self.found(ROOT)
    }

    /// Keeps our own authority.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn keep_root(&self, certificate: &str, key: &str) -> Result<(), TlsError> {
        self.keep(ROOT_KEY, key)?;
        self.keep(ROOT, certificate)
    }

    /// What our own authority has signed for this server: PEM, certificate and key in one.
    ///
    /// # Errors
    /// It is there and cannot be read.
    pub fn server(&self) -> Result<Option<Vec<u8>>, TlsError> {
        self.found(SERVER)
    }

    /// Keeps what our own authority has signed.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn keep_server(&self, both: &str) -> Result<(), TlsError> {
        self.keep(SERVER, both)
    }

    /// What the hospital's authority has signed: PEM, certificates and key in one.
    ///
    /// # Errors
    /// It is there and cannot be read.
    pub fn installed(&self) -> Result<Option<Vec<u8>>, TlsError> {
        self.found(INSTALLED)
    }

    /// Keeps what the hospital's authority has signed.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn keep_installed(&self, both: &str) -> Result<(), TlsError> {
        self.keep(INSTALLED, both)
    }

    /// Goes back to our own authority; whether something was there.
    ///
    /// # Errors
    /// It cannot be taken away.
    pub fn remove_installed(&self) -> Result<bool, TlsError> {
        let path = self.0.join(INSTALLED);
        match fs::remove_file(&path) {
            Ok(()) => Ok(true),
            Err(cause) if cause.kind() == ErrorKind::NotFound => Ok(false),
            Err(cause) => Err(TlsError::File { path, what: "removed", cause }),
        }
    }

    /// The private key of the signing request under way, PEM.
    ///
    /// # Errors
    /// It is there and cannot be read.
    pub fn request_key(&self) -> Result<Option<Vec<u8>>, TlsError> {
        self.found(REQUEST_KEY)
    }

    /// Keeps the private key of a signing request.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn keep_request_key(&self, key: &str) -> Result<(), TlsError> {
        self.keep(REQUEST_KEY, key)
    }

    fn found(&self, name: &str) -> Result<Option<Vec<u8>>, TlsError> {
        match read(&self.0.join(name)) {
            Err(TlsError::File { cause, .. }) if cause.kind() == ErrorKind::NotFound => Ok(None),
            found => found.map(Some),
        }
    }

    fn keep(&self, name: &str, text: &str) -> Result<(), TlsError> {
        let refused = |path: &Path, cause| {
            let path = path.to_owned();
            TlsError::File { path, what: "written", cause }
        };
        make_private(&self.0).map_err(|cause| refused(&self.0, cause))?;
        let path = self.0.join(name);
        write_owner_only(&path, text).map_err(|cause| refused(&path, cause))
    }
}

fn make_private(folder: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// All of a file that holds certificates or keys.
///
/// # Errors
/// It is not there, cannot be read, or is too large for what it should be.
pub fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    let refused = |cause| TlsError::File { path: path.to_owned(), what: "read", cause };
    let size = fs::metadata(path).map_err(refused)?.len();
    if FILE_BYTES_MAX < size {
        return Err(refused(std::io::Error::other(
            "it is larger than 1 MiB; is it the right one?",
        )));
    }
    fs::read(path).map_err(refused)
}
