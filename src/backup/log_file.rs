//! The write-ahead log as it lies at a target: chains of files, each a row of records. A record
//! says in clear what it is, and holds bytes of the log, sealed. Each names the one before it, so
//! that one which was taken away or changed shows.
//!
//! `log/CHAIN/00000001.hfl`: 4 bytes of length (little-endian), so many of JSON, then the sealed
//! bytes; again and again. A file whose last record is not whole was cut off by an end of the
//! program; whoever goes on begins another file. In a bucket each record is a file of its own.

use std::io::{self, Read};

use serde::{Deserialize, Serialize};

use super::manifest::fingerprint;
use super::sealing::{self, AtMost, SecretKey};
use super::target::{Target, TargetError};
use crate::store::{LogPiece, LogPlace};

/// The folder of chains in a target.
pub const LOG: &str = "log";
/// Bytes of one file, about; then another begins.
pub const FILE_MAX: u64 = 64 << 20;
/// Files that are looked at for the last record.
const LOOKED_BACK: usize = 20;
/// What a record may say of itself.
const HEAD_MAX: u32 = 4_096;
/// Bytes of one record, in the clear and sealed.
const BYTES_MAX: u64 = 1 << 30;

/// What a record says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// When it was taken, microseconds UTC: all in it was committed before.
    pub at: i64,
    /// Where its bytes begin in the log.
    pub place: LogPlace,
    /// Bytes in the clear.
    pub bytes: u64,
    /// Bytes as they are stored.
    pub stored_bytes: u64,
    /// SHA-256 of those.
    pub stored_sha256: String,
    /// The fingerprint of the record before; empty for the first of a chain.
    pub previous: String,
}

impl Record {
    /// `piece`, taken at `at`, sealed for `recipients`, after the record `previous`: the bytes to
    /// store.
    ///
    /// # Errors
    /// A recipient is none.
    pub fn seal(
        piece: &LogPiece,
        at: i64,
        recipients: &[String],
        previous: &str,
    ) -> io::Result<(Self, Vec<u8>)> {
        let mut sealed = Vec::new();
        let plain = &mut &piece.bytes[..];
        let passed = sealing::seal(plain, &mut sealed, recipients, &mut |_| Ok(()))?;
        let record = Self {
            at,
            place: piece.place,
            bytes: passed.bytes,
            stored_bytes: passed.stored_bytes,
            stored_sha256: passed.stored_sha256,
            previous: previous.to_owned(),
        };
        let head = record.head();
        let length = u32::try_from(head.len()).unwrap_or(u32::MAX).to_le_bytes();
        Ok((record, [&length[..], &head, &sealed].concat()))
    }

    /// By what the next one names it.
    #[must_use]
    pub fn print(&self) -> String {
        fingerprint(&self.head())
    }

    /// Where its bytes end in the log.
    #[must_use]
    pub fn end(&self) -> LogPlace {
        LogPlace { offset: self.place.offset.saturating_add(self.bytes), ..self.place }
    }

    /// What is in `sealed`.
    ///
    /// # Errors
    /// As [`sealing::unseal`]; it is not what was written.
    pub fn unseal(&self, sealed: &[u8], key: &SecretKey) -> io::Result<Vec<u8>> {
        let mut plain = Vec::new();
        let to = &mut AtMost::new(&mut plain, self.bytes);
        let passed = sealing::unseal(&mut &sealed[..], to, key, &mut |_| Ok(()))?;
        if (passed.stored_sha256 != self.stored_sha256) || passed.bytes != self.bytes {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "it is another record"));
        }
        Ok(plain)
    }

    fn head(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }
}

/// Where the file `number` of `chain` lies.
#[must_use]
pub fn path_of(chain: &str, number: u64) -> String {
    format!("{LOG}/{chain}/{number:08}.hfl")
}

/// Whether `name` is one that this program gives a chain: the moment of its beginning.
#[must_use]
pub fn is_chain(name: &str) -> bool {
    name.len() == 16 && name.bytes().all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f'))
}

/// The numbers of the files of `chain`, in order.
///
/// # Errors
/// What the target says.
pub fn files_of(target: &Target, chain: &str) -> Result<Vec<u64>, TargetError> {
    let names = target.list(&format!("{LOG}/{chain}"))?;
    let number = |name: &String| {
        let number = name.strip_suffix(".hfl")?.parse().ok()?;
        Some(number).filter(|number| *name == format!("{number:08}.hfl"))
    };
    Ok(names.iter().filter_map(number).collect())
}

/// Why a walk ended before the end of a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Broken {
    /// A record does not follow from the one before it.
    Gap,
    /// What stands there is no record.
    Garbled,
}

/// Where a chain ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// With this record; the number of its newest file, whatever is in that.
    At(Record, u64),
    /// Nothing was ever written to it; the number of its newest file, or 0.
    Empty(u64),
    /// With something that nobody could go beyond, or it is not there as it was.
    Lost,
}

/// The end of `chain`. Of files that were cut off in their first record, few are looked at.
///
/// # Errors
/// What the target says.
pub fn end_of(target: &Target, chain: &str) -> Result<End, TargetError> {
    let files = files_of(target, chain)?;
    let newest = files.last().copied().unwrap_or(0);
    let mut cut_off = 0;
    for number in files.iter().rev() {
        let Some(mut file) = target.open(&path_of(chain, *number))? else { continue };
        let found = begins(&mut file);
        file.check()?;
        match found {
            Ok(Begins::Record) => {
                let mut last = None;
                let broken = walk(target, chain, *number, &mut |record, _| {
                    last = Some(record.clone());
                    Ok::<_, TargetError>(true)
                })?;
                let whole = last.filter(|_| broken.is_none());
                return Ok(whole.map_or(End::Lost, |last| End::At(last, newest)));
            }
            // An append that failed leaves such a one at most.
            Ok(Begins::Nothing) => {}
            Ok(Begins::CutOff) if cut_off < LOOKED_BACK => cut_off += 1,
            Ok(Begins::CutOff) | Err(_) => return Ok(End::Lost),
        }
    }
    Ok(End::Empty(newest))
}

/// How a file begins.
enum Begins {
    Record,
    CutOff,
    Nothing,
}

fn begins(file: &mut dyn Read) -> io::Result<Begins> {
    let mut first = [0];
    if !fill(file, &mut first)? {
        return Ok(Begins::Nothing);
    }
    let found = next(&mut (&first[..]).chain(file))?;
    Ok(if found.is_some() { Begins::Record } else { Begins::CutOff })
}

/// Hears a record and its sealed bytes, and whether it wants the next one.
pub type Each<'a, E> = dyn FnMut(&Record, &[u8]) -> Result<bool, E> + 'a;

/// Where a walk stands in a chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spot {
    /// The file that is read.
    pub file: u64,
    /// Bytes of it that were read.
    pub offset: u64,
    /// The record before, from which the next one must follow.
    pub before: Option<Record>,
}

impl Spot {
    /// The beginning of the file `file`.
    #[must_use]
    pub fn at(file: u64) -> Self {
        Self { file, offset: 0, before: None }
    }
}

/// Hands every record of `chain` from the file `first` on to `each`, with its sealed bytes, until
/// that says no. Says where the chain breaks, if it does.
///
/// # Errors
/// What the target and `each` say.
pub fn walk<E: From<TargetError>>(
    target: &Target,
    chain: &str,
    first: u64,
    each: &mut Each<'_, E>,
) -> Result<Option<Broken>, E> {
    walk_on(target, chain, &mut Spot::at(first), each)
}

/// The same from `spot` on, which then stands behind the last record that `each` took.
///
/// # Errors
/// What the target and `each` say.
pub fn walk_on<E: From<TargetError>>(
    target: &Target,
    chain: &str,
    spot: &mut Spot,
    each: &mut Each<'_, E>,
) -> Result<Option<Broken>, E> {
    let mut files = files_of(target, chain)?;
    // What only comes whole was read whole.
    let is_done = target.is_remote() && 0 < spot.offset;
    files.retain(|number| spot.file < *number || (spot.file == *number && !is_done));
    for some in files.chunks(target.ahead()) {
        let paths: Vec<String> = some.iter().map(|number| path_of(chain, *number)).collect();
        for (number, file) in some.iter().zip(target.open_each(&paths)?) {
            let Some(mut file) = file else { continue };
            if spot.file != *number {
                (spot.file, spot.offset) = (*number, 0);
            }
            file.skip(spot.offset).map_err(|cause| target.unusable(cause))?;
            loop {
                let found = next(&mut file);
                // What does not come is not known to be damaged.
                file.check()?;
                let (record, sealed, bytes) = match found {
                    Ok(Some(found)) => found,
                    // Cut off: the next file goes on where the record before this one ended.
                    Ok(None) => break,
                    Err(_) => return Ok(Some(Broken::Garbled)),
                };
                if spot.before.as_ref().is_some_and(|before| !follows(before, &record)) {
                    return Ok(Some(Broken::Gap));
                }
                if !each(&record, &sealed)? {
                    return Ok(None);
                }
                spot.offset += bytes;
                spot.before = Some(record);
            }
        }
    }
    Ok(None)
}

/// Whether `record` comes after `before`, or in its place: what was written at an end of the
/// program is written once more.
fn follows(before: &Record, record: &Record) -> bool {
    let named = record.previous == before.print() || record.previous == before.previous;
    let end = before.end();
    let goes_on = record.place.generation == end.generation && record.place.offset <= end.offset;
    let begins = record.place.offset == 0 && end.generation < record.place.generation;
    named && (goes_on || begins)
}

/// The next record of `file`, with its sealed bytes and how many bytes all of it takes; nothing at
/// its end, or where it was cut off.
fn next(file: &mut dyn Read) -> io::Result<Option<(Record, Vec<u8>, u64)>> {
    let mut length = [0; 4];
    if !fill(file, &mut length)? {
        return Ok(None);
    }
    let length = u32::from_le_bytes(length);
    let garbled = || io::Error::from(io::ErrorKind::InvalidData);
    if HEAD_MAX < length {
        return Err(garbled());
    }
    let mut head = vec![0; usize::try_from(length).unwrap_or(0)];
    if !fill(file, &mut head)? {
        return Ok(None);
    }
    let record: Record = serde_json::from_slice(&head).map_err(|_| garbled())?;
    let ends = record.place.offset.checked_add(record.bytes);
    if BYTES_MAX < record.stored_bytes.max(record.bytes) || ends.is_none() {
        return Err(garbled());
    }
    let mut sealed = Vec::new();
    let read = file.take(record.stored_bytes).read_to_end(&mut sealed)?;
    if u64::try_from(read).unwrap_or(0) != record.stored_bytes {
        return Ok(None);
    }
    let (_, print) = sealing::fingerprint(&mut &sealed[..], &mut |_| Ok(()))?;
    if print != record.stored_sha256 {
        return Err(garbled());
    }
    let bytes = 4 + u64::from(length) + record.stored_bytes;
    Ok(Some((record, sealed, bytes)))
}

fn fill(file: &mut dyn Read, into: &mut [u8]) -> io::Result<bool> {
    match file.read_exact(into) {
        Ok(()) => Ok(true),
        Err(cause) if cause.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(cause) => Err(cause),
    }
}

/// Takes away the files of `chain` that no backup from the generation `needed` on can use.
///
/// # Errors
/// What the target says.
pub fn thin_out(target: &Target, chain: &str, needed: u64) -> Result<(), TargetError> {
    let files = files_of(target, chain)?;
    // All of a file is from before the first record of the next one.
    let superfluous = before(target, chain, &files, needed)?.saturating_sub(1);
    let gone: Vec<String> =
        files[..superfluous].iter().map(|number| path_of(chain, *number)).collect();
    target.remove_each(&gone)
}

/// The number of the file of `chain` from which on everything of the generation `needed` is found.
///
/// # Errors
/// What the target says.
pub fn first_with(target: &Target, chain: &str, needed: u64) -> Result<u64, TargetError> {
    let files = files_of(target, chain)?;
    let last_before = before(target, chain, &files, needed)?.checked_sub(1);
    Ok(last_before.and_then(|at| files.get(at)).copied().unwrap_or(0))
}

/// How many of `files` begin with a generation before `needed`. Generations only grow, so that few
/// files are looked at of however many; one that cannot be read counts as needed.
fn before(target: &Target, chain: &str, files: &[u64], needed: u64) -> Result<usize, TargetError> {
    let (mut low, mut high) = (0, files.len());
    while low < high {
        let middle = low.midpoint(high);
        let mut first = None;
        if let Some(mut file) = target.open(&path_of(chain, files[middle]))? {
            first = next(&mut file).ok().flatten();
            file.check()?;
        }
        match first {
            Some((record, ..)) if record.place.generation < needed => low = middle + 1,
            _ => high = middle,
        }
    }
    Ok(low)
}

#[cfg(test)]
mod tests;
