//! Readers that count: how far the file is read, and how much has come out of its packing.

use super::{Limits, Progress};
use std::cell::Cell;
use std::io::{self, Read, Seek, SeekFrom};

/// What one file has cost so far, shared by all readers over it.
pub(super) struct Account<'a> {
    pub(super) limits: &'a Limits,
    progress: &'a Progress,
    file_bytes: u64,
    read: Cell<u64>,
    unpacked: Cell<u64>,
}

impl<'a> Account<'a> {
    pub(super) fn new(limits: &'a Limits, progress: &'a Progress, file_bytes: u64) -> Self {
        let (read, unpacked) = (Cell::new(0), Cell::new(0));
        Self { limits, progress, file_bytes, read, unpacked }
    }

    fn note_read(&self, bytes: u64) {
        let before = self.read.get();
        self.read.set(before + bytes);
        // A place that is read twice is progress only once.
        let counted = (before + bytes).min(self.file_bytes) - before.min(self.file_bytes);
        self.progress.add(counted);
    }

    fn note_unpacked(&self, bytes: u64) -> io::Result<()> {
        let unpacked = self.unpacked.get() + bytes;
        self.unpacked.set(unpacked);
        // Overlapping members of a zip read the same bytes again and again: they count once.
        let packed = self.read.get().min(self.file_bytes).max(1);
        let swollen = self.limits.ratio_from_bytes < unpacked
            && packed.saturating_mul(self.limits.ratio_max) < unpacked;
        if swollen || self.limits.unpacked_bytes_max < unpacked {
            return Err(io::Error::other(Swollen { unpacked }));
        }
        Ok(())
    }
}

/// More came out of a packed file than clinical data ever does.
#[derive(Debug, thiserror::Error)]
#[error(
    "it unpacks to more than {} MB out of very little, as files made to exhaust a computer do; \
     nothing after this point was read. If it is meant so, unpack it first",
    unpacked >> 20
)]
pub(super) struct Swollen {
    unpacked: u64,
}

/// Counts what is read of the file as it lies on the disk.
pub(super) struct Metered<'a, R> {
    inner: R,
    account: &'a Account<'a>,
}

impl<'a, R> Metered<'a, R> {
    pub(super) fn new(inner: R, account: &'a Account<'a>) -> Self {
        Self { inner, account }
    }
}

impl<R: Read> Read for Metered<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.account.note_read(count as u64);
        Ok(count)
    }
}

impl<R: Seek> Seek for Metered<'_, R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}

/// Counts what comes out of a decompressor and ends it when that is out of all proportion.
pub(super) struct Guard<'a, R> {
    inner: R,
    account: &'a Account<'a>,
}

impl<'a, R> Guard<'a, R> {
    pub(super) fn new(inner: R, account: &'a Account<'a>) -> Self {
        Self { inner, account }
    }
}

impl<R: Read> Read for Guard<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.account.note_unpacked(count as u64)?;
        Ok(count)
    }
}
