//! Secrets that the program must be able to read again, such as those behind the codes of an
//! app: sealed in the store under a key that is not in it.
//!
//! The key lies in `secret.key` of the data folder, for its owner only. Whoever has a copy of
//! the database alone has none of these secrets.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use aes_gcm_siv::aead::{Aead, KeyInit, Payload};
use aes_gcm_siv::{Aes256GcmSiv, Nonce};
use data_encoding::HEXLOWER;

use super::AccessError;

/// The file with the key.
pub const KEY_FILE: &str = "secret.key";
const NONCE_BYTES: usize = 12;

/// Seals and unseals; shows nothing of its key.
#[derive(Clone)]
pub struct Secrets(Aes256GcmSiv);

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Secrets").finish_non_exhaustive()
    }
}

impl Secrets {
    /// The secrets under `key`.
    #[must_use]
    pub fn new(key: [u8; 32]) -> Self {
        Self(Aes256GcmSiv::new(&key.into()))
    }

    /// The secrets of the data folder `folder`, whose key is made at the first call.
    ///
    /// # Errors
    /// The file cannot be read or written, or holds no key: it is never replaced, because what
    /// was sealed with it would be lost.
    pub fn open(folder: &Path) -> io::Result<Self> {
        let path = folder.join(KEY_FILE);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => {
                let mut key = [0; 32];
                getrandom::fill(&mut key).map_err(io::Error::other)?;
                let text = format!("{}\n", HEXLOWER.encode(&key));
                write_owner_only(&path, &text)?;
                text
            }
            Err(cause) => return Err(cause),
        };
        let key = HEXLOWER.decode(text.trim().as_bytes()).ok();
        let key = key.and_then(|key| <[u8; 32]>::try_from(key).ok()).ok_or_else(|| {
            let said = format!("{KEY_FILE} holds no key; put back the file of a backup");
            io::Error::new(io::ErrorKind::InvalidData, said)
        })?;
        Ok(Self::new(key))
    }

    /// `plain`, sealed for `purpose`: it is unsealed for the same one only.
    ///
    /// # Errors
    /// The system gives no random numbers.
    pub fn seal(&self, purpose: &str, plain: &[u8]) -> Result<Vec<u8>, AccessError> {
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce).map_err(|cause| AccessError::Randomness(cause.to_string()))?;
        let payload = Payload { msg: plain, aad: purpose.as_bytes() };
        let sealed = self.0.encrypt(&Nonce::from(nonce), payload);
        let sealed = sealed.map_err(|cause| AccessError::Hashing(cause.to_string()))?;
        Ok([&nonce[..], &sealed].concat())
    }

    /// What was sealed for `purpose` under this key; nothing if it was not.
    #[must_use]
    pub fn unseal(&self, purpose: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>()?;
        let payload = Payload { msg: sealed, aad: purpose.as_bytes() };
        self.0.decrypt(&Nonce::from(*nonce), payload).ok()
    }
}

/// Never over a file that is there, and never half of it.
fn write_owner_only(path: &Path, text: &str) -> io::Result<()> {
    let fresh = path.with_extension("key.new");
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    // A left-over of a start that was killed.
    let _ = fs::remove_file(&fresh);
    let mut file = options.open(&fresh)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    let linked = fs::hard_link(&fresh, path).or_else(|cause| match cause.kind() {
        io::ErrorKind::AlreadyExists => Err(cause),
        // Some file systems have no links; the data folder has one server at a time anyway.
        _ => fs::copy(&fresh, path).map(|_| ()),
    });
    let _ = fs::remove_file(&fresh);
    linked
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> std::path::PathBuf {
        let folder = std::env::temp_dir().join(format!("hf-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    #[test]
    fn what_is_sealed_opens_with_the_same_file_for_the_same_purpose_only() {
        let folder = folder("secrets");
        let sealed = Secrets::open(&folder).unwrap().seal("totp 7", b"planted").unwrap();
        assert!(!sealed.windows(7).any(|window| window == b"planted"));
        let again = Secrets::open(&folder).unwrap();
        assert_eq!(again.unseal("totp 7", &sealed).as_deref(), Some(&b"planted"[..]));
        assert_eq!(again.unseal("totp 8", &sealed), None);
        assert_eq!(Secrets::new([7; 32]).unseal("totp 7", &sealed), None);
        for length in 0..sealed.len() {
            assert_eq!(again.unseal("totp 7", &sealed[..length]), None, "{length}");
        }
        assert_ne!(again.seal("totp 7", b"planted").unwrap(), sealed, "no two are the same");
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn the_key_is_for_its_owner_only_and_never_replaced() {
        let folder = folder("key");
        Secrets::open(&folder).unwrap();
        let path = folder.join(KEY_FILE);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "nothing else is left there");
        fs::write(&path, "not a key").unwrap();
        assert!(Secrets::open(&folder).unwrap_err().to_string().contains("backup"));
        assert_eq!(fs::read_to_string(&path).unwrap(), "not a key");
        fs::remove_dir_all(&folder).unwrap();
    }
}
