//! What leaves the machine is compressed (zstd), then encrypted (the age format, v1) for whoever
//! may read it again: `age -d -i KEY FILE | zstd -d` opens it without this program.

use std::io::{self, Read, Write};
use std::str::FromStr;

use age::secrecy::ExposeSecret;
use age::x25519::{Identity, Recipient};
use sha2::{Digest, Sha256};

use crate::vocab::digest;

/// Good for databases, and fast enough that the disk is what is waited for.
const LEVEL: i32 = 3;
/// Bytes that are handed on at a time.
const PIECE: usize = 1 << 20;

/// What was sealed or unsealed: how much of it there is, and its fingerprint on both sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passed {
    /// Bytes in the clear.
    pub bytes: u64,
    /// SHA-256 of them, hexadecimal.
    pub sha256: String,
    /// Bytes as they are stored.
    pub stored_bytes: u64,
    /// SHA-256 of those.
    pub stored_sha256: String,
}

/// A key of the recovery sheet or of this server, as text: it opens what was sealed for it.
#[derive(Clone)]
pub struct SecretKey(Identity);

impl std::fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SecretKey").finish_non_exhaustive()
    }
}

impl SecretKey {
    /// A new one, from the system's random numbers.
    #[must_use]
    pub fn generate() -> Self {
        Self(Identity::generate())
    }

    /// The key in `text`, however it was grouped, and in small letters or large ones.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        Identity::from_str(&text.to_ascii_uppercase()).ok().map(Self)
    }

    /// The key as it is written on the sheet. To be shown once and never kept in clear.
    #[must_use]
    pub fn reveal(&self) -> String {
        self.0.to_string().expose_secret().to_owned()
    }

    /// What is sealed for it.
    #[must_use]
    pub fn recipient(&self) -> String {
        self.0.to_public().to_string()
    }
}

/// Whether `text` names somebody for whom can be sealed.
#[must_use]
pub fn is_recipient(text: &str) -> bool {
    Recipient::from_str(text).is_ok()
}

/// Takes `plain` to its end and writes it sealed for all of `recipients` to `to`. `go_on` hears
/// the bytes that were taken so far and ends it by an error.
///
/// # Errors
/// There is no recipient, or one is none; what `plain`, `to` and `go_on` say.
pub fn seal(
    plain: &mut dyn Read,
    to: &mut dyn Write,
    recipients: &[String],
    go_on: &mut dyn FnMut(u64) -> io::Result<()>,
) -> io::Result<Passed> {
    let wrong = |_| io::Error::other("a recipient of the backups is none");
    let recipients: Vec<Recipient> = recipients
        .iter()
        .map(|text| Recipient::from_str(text).map_err(wrong))
        .collect::<Result<_, _>>()?;
    let all = recipients.iter().map(|one| one as &dyn age::Recipient);
    let encryptor = age::Encryptor::with_recipients(all).map_err(io::Error::other)?;
    let mut stored = Hashed::new(to);
    let sealed = encryptor.wrap_output(&mut stored)?;
    let mut packed = zstd::Encoder::new(sealed, LEVEL)?;
    packed.include_checksum(true)?;
    let mut plain = Hashed::new(plain);
    pass(&mut plain, &mut packed, go_on)?;
    packed.finish()?.finish()?;
    stored.inner.flush()?;
    Ok(passed(plain, stored))
}

/// Takes `stored` to its end and writes what was sealed in it to `to`.
///
/// # Errors
/// [`io::ErrorKind::PermissionDenied`] if it is not sealed for `key`;
/// [`io::ErrorKind::InvalidData`] if it was changed or cut off; what `stored`, `to` and
/// `go_on` say.
pub fn unseal(
    stored: &mut dyn Read,
    to: &mut dyn Write,
    key: &SecretKey,
    go_on: &mut dyn FnMut(u64) -> io::Result<()>,
) -> io::Result<Passed> {
    let mut stored = Hashed::new(stored);
    let mut plain = Hashed::new(to);
    let decryptor = age::Decryptor::new(&mut stored).map_err(|cause| not_opened(&cause))?;
    let keys = std::iter::once(&key.0 as &dyn age::Identity);
    let opened = decryptor.decrypt(keys).map_err(|cause| not_opened(&cause))?;
    let mut unpacked = zstd::Decoder::new(opened)?;
    pass(&mut unpacked, &mut plain, go_on)?;
    // Nothing may follow, and the fingerprint is that of the whole.
    let mut opened = unpacked.finish();
    let rest = io::copy(&mut opened, &mut io::sink())?;
    drop(opened);
    let behind = io::copy(&mut stored, &mut io::sink())?;
    if 0 < rest + behind {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "something follows its end"));
    }
    plain.inner.flush()?;
    Ok(passed(plain, stored))
}

/// The fingerprint of what `stored` gives, and how much that is.
///
/// # Errors
/// What `stored` and `go_on` say.
pub fn fingerprint(
    stored: &mut dyn Read,
    go_on: &mut dyn FnMut(u64) -> io::Result<()>,
) -> io::Result<(u64, String)> {
    let mut stored = Hashed::new(stored);
    pass(&mut stored, &mut io::sink(), go_on)?;
    Ok((stored.bytes, stored.hex()))
}

/// Takes so many bytes and not one more: a little that is stored may unpack to very much.
pub struct AtMost<W> {
    inner: W,
    left: u64,
}

impl<W: Write> AtMost<W> {
    /// At most `most` bytes to `inner`.
    pub fn new(inner: W, most: u64) -> Self {
        Self { inner, left: most }
    }
}

impl<W: Write> Write for AtMost<W> {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        let length = u64::try_from(from.len()).unwrap_or(u64::MAX);
        self.left = self.left.checked_sub(length).ok_or_else(|| {
            io::Error::new(io::ErrorKind::InvalidData, "it is larger than what was written")
        })?;
        self.inner.write_all(from)?;
        Ok(from.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

fn not_opened(cause: &age::DecryptError) -> io::Error {
    let kind = match cause {
        age::DecryptError::NoMatchingKeys => io::ErrorKind::PermissionDenied,
        age::DecryptError::Io(cause) => return io::Error::new(cause.kind(), cause.to_string()),
        _ => io::ErrorKind::InvalidData,
    };
    io::Error::new(kind, cause.to_string())
}

fn pass(
    from: &mut dyn Read,
    to: &mut dyn Write,
    go_on: &mut dyn FnMut(u64) -> io::Result<()>,
) -> io::Result<()> {
    let (mut piece, mut done) = (vec![0; PIECE], 0_u64);
    loop {
        let length = match from.read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(length) => length,
            Err(cause) if cause.kind() == io::ErrorKind::Interrupted => continue,
            Err(cause) => return Err(cause),
        };
        to.write_all(&piece[..length])?;
        done += u64::try_from(length).unwrap_or(0);
        go_on(done)?;
    }
}

fn passed<P, S>(plain: Hashed<P>, stored: Hashed<S>) -> Passed {
    let (bytes, stored_bytes) = (plain.bytes, stored.bytes);
    Passed { bytes, sha256: plain.hex(), stored_bytes, stored_sha256: stored.hex() }
}

/// Counts and fingerprints what goes through it.
struct Hashed<T> {
    inner: T,
    hash: Sha256,
    bytes: u64,
}

impl<T> Hashed<T> {
    fn new(inner: T) -> Self {
        Self { inner, hash: Sha256::new(), bytes: 0 }
    }

    fn hex(self) -> String {
        digest::hex(&self.hash.finalize())
    }

    fn went(&mut self, piece: &[u8]) {
        self.hash.update(piece);
        self.bytes += u64::try_from(piece.len()).unwrap_or(0);
    }
}

impl<T: Read> Read for Hashed<T> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(into)?;
        self.went(&into[..length]);
        Ok(length)
    }
}

impl<T: Write> Write for Hashed<T> {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        let length = self.inner.write(from)?;
        self.went(&from[..length]);
        Ok(length)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(_: u64) -> io::Result<()> {
        Ok(())
    }

    fn sealed(plain: &[u8], keys: &[&SecretKey]) -> (Vec<u8>, Passed) {
        let recipients: Vec<String> = keys.iter().map(|key| key.recipient()).collect();
        let mut stored = Vec::new();
        let passed = seal(&mut &plain[..], &mut stored, &recipients, &mut on).unwrap();
        (stored, passed)
    }

    #[test]
    fn each_of_its_recipients_opens_it_and_nobody_else() {
        let (sheet, server, other) =
            (SecretKey::generate(), SecretKey::generate(), SecretKey::generate());
        let plain: Vec<u8> = (0..300_000_u32).flat_map(u32::to_le_bytes).collect();
        let (stored, passed) = sealed(&plain, &[&sheet, &server]);
        assert!(stored.len() < plain.len(), "it is compressed");
        for key in [&sheet, &server] {
            let mut opened = Vec::new();
            let again = unseal(&mut &stored[..], &mut opened, key, &mut on).unwrap();
            assert!(opened == plain);
            assert_eq!(again, passed);
        }
        let refused = unseal(&mut &stored[..], &mut Vec::new(), &other, &mut on).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::PermissionDenied);
        assert!(seal(&mut &plain[..], &mut Vec::new(), &[], &mut on).is_err(), "for nobody");
    }

    #[test]
    fn a_byte_that_was_changed_anywhere_cut_off_or_added_is_seen() {
        let key = SecretKey::generate();
        let (stored, passed) = sealed(&[7; 5_000], &[&key]);
        for at in 0..stored.len() {
            let mut changed = stored.clone();
            changed[at] ^= 1;
            let opened = unseal(&mut &changed[..], &mut Vec::new(), &key, &mut on);
            // The name of the format is not part of what is sealed; the fingerprint has it.
            assert!(opened.is_err() || opened.unwrap() != passed, "byte {at}");
            let cut = unseal(&mut &stored[..at], &mut Vec::new(), &key, &mut on);
            assert!(cut.is_err(), "cut off at {at}");
        }
        let longer = [&stored[..], b"x"].concat();
        assert!(unseal(&mut &longer[..], &mut Vec::new(), &key, &mut on).is_err());
    }

    #[test]
    fn a_little_that_unpacks_to_much_ends_where_it_should() {
        let key = SecretKey::generate();
        let (stored, passed) = sealed(&vec![0; 64 << 20], &[&key]);
        assert!(passed.stored_bytes < 64 << 10);
        for (most, fits) in [(64 << 20, true), ((64 << 20) - 1, false), (1_000, false)] {
            let mut plain = Vec::new();
            let to = &mut AtMost::new(&mut plain, most);
            assert_eq!(unseal(&mut &stored[..], to, &key, &mut on).is_ok(), fits);
            assert!(u64::try_from(plain.len()).unwrap() <= most);
        }
    }

    #[test]
    fn a_key_is_read_as_people_type_it() {
        let key = SecretKey::generate();
        let text = key.reveal();
        let typed: String = text.to_lowercase().chars().flat_map(|c| [c, ' ']).collect();
        assert_eq!(SecretKey::parse(&typed).unwrap().recipient(), key.recipient());
        let mut slip = text.clone().into_bytes();
        slip[30] = if slip[30] == b'Q' { b'P' } else { b'Q' };
        assert!(SecretKey::parse(&String::from_utf8(slip).unwrap()).is_none());
        assert!(SecretKey::parse(&key.recipient()).is_none(), "the other half is no key");
        assert!(!format!("{key:?}").contains(&text[20..]));
    }
}
