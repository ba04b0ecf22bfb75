//! A file on its way into a bucket or out of it: one part of it at a time is in memory, so that
//! neither memory nor the time of one question grows with the file.

use std::io::{self, Read, Write};
use std::time::Duration;

use super::TargetError;
use super::bucket::Bucket;
use super::trouble::Trouble;

/// Bytes of a part.
pub(super) const PART: usize = 16 << 20;
/// Parts of one file, as the storage of others has it: 156 GiB in all.
const PARTS_MAX: u16 = 10_000;
/// After what pauses a part is tried again. What stays is told: the job comes again by itself.
const AGAIN: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(4)];

/// A file on its way into a bucket.
pub(super) struct Upload<'a> {
    bucket: &'a Bucket,
    key: String,
    part: Vec<u8>,
    /// By what the storage knows the parts that are there, once there is one.
    id: Option<String>,
    marks: Vec<String>,
    trouble: Option<Trouble>,
}

impl<'a> Upload<'a> {
    pub(super) fn new(bucket: &'a Bucket, key: String) -> Self {
        Self { bucket, key, part: Vec::new(), id: None, marks: Vec::new(), trouble: None }
    }

    /// Puts the file where it belongs if it was `written` whole, or else leaves nothing of it.
    pub(super) fn end(mut self, written: io::Result<()>) -> Result<(), Result<Trouble, io::Error>> {
        let ended = match (self.trouble.take(), written) {
            (Some(trouble), _) => Err(Ok(trouble)),
            (None, Err(cause)) => Err(Err(cause)),
            (None, Ok(())) => self.complete().map_err(Ok),
        };
        if ended.is_err()
            && let Some(id) = &self.id
            && let Err(trouble) = self.bucket.drop_parts((&self.key, id))
        {
            tracing::warn!("Parts of a backup that came to nothing stay in the bucket: {trouble}");
        }
        ended
    }

    fn complete(&mut self) -> Result<(), Trouble> {
        if self.id.is_none() {
            return self.bucket.put_whole(&self.key, &self.part);
        }
        if !self.part.is_empty() {
            self.send()?;
        }
        let id = self.id.as_deref().unwrap_or_default();
        self.bucket.end_parts((&self.key, id), &self.marks)
    }

    fn send(&mut self) -> Result<(), Trouble> {
        let id = match &self.id {
            Some(id) => id.clone(),
            None => self.id.insert(self.bucket.begin_parts(&self.key)?).clone(),
        };
        let number = u16::try_from(self.marks.len() + 1).unwrap_or(u16::MAX);
        if PARTS_MAX < number {
            let most = u64::from(PARTS_MAX) * u64::try_from(PART).unwrap_or(0);
            return Err(Trouble::TooLarge(most >> 30));
        }
        let mark = patiently(|| self.bucket.put_part((&self.key, &id), number, &self.part))?;
        self.marks.push(mark);
        self.part.clear();
        Ok(())
    }
}

impl Write for Upload<'_> {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        if self.trouble.is_none()
            && self.part.len() == PART
            && let Err(trouble) = self.send()
        {
            self.trouble = Some(trouble);
        }
        if let Some(trouble) = &self.trouble {
            return Err(io::Error::other(trouble.to_string()));
        }
        let length = from.len().min(PART - self.part.len());
        self.part.extend_from_slice(&from[..length]);
        Ok(length)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A file on its way out of a bucket.
pub struct Download {
    bucket: Bucket,
    key: String,
    /// Which version of it, so that no two are mixed.
    etag: Option<String>,
    part: Vec<u8>,
    /// Bytes of the part that were read.
    at: usize,
    /// Bytes of the parts that came.
    came: u64,
    total: u64,
    trouble: Option<Trouble>,
}

impl std::fmt::Debug for Download {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Download").field("key", &self.key).finish_non_exhaustive()
    }
}

impl Download {
    pub(super) fn begin(bucket: &Bucket, key: String) -> Result<Option<Self>, Trouble> {
        let mut download = Self {
            bucket: bucket.clone(),
            key,
            etag: None,
            part: Vec::new(),
            at: 0,
            came: 0,
            total: 0,
            trouble: None,
        };
        Ok(download.fetch()?.then_some(download))
    }

    /// That the way held.
    pub(super) fn check(&self) -> Result<(), TargetError> {
        match &self.trouble {
            Some(trouble) => Err(self.bucket.failed(trouble.clone())),
            None => Ok(()),
        }
    }

    /// The next part; whether there is such a file.
    fn fetch(&mut self) -> Result<bool, Trouble> {
        let first = self.came;
        let last = first + u64::try_from(PART).unwrap_or(0) - 1;
        let etag = self.etag.as_deref();
        let found = patiently(|| self.bucket.get_part(&self.key, (first, last), etag))?;
        let Some(answer) = found else { return Ok(false) };
        let no_parts = || Trouble::NoStorage("it gives no parts of files".to_owned());
        self.total = match (answer.status, &answer.range) {
            // Nothing begins at its end.
            (416, _) if first == 0 => 0,
            (206, Some(range)) => total_of(range, first).ok_or_else(no_parts)?,
            _ => return Err(no_parts()),
        };
        self.part = if answer.status == 416 { Vec::new() } else { answer.body };
        let length = u64::try_from(self.part.len()).unwrap_or(0);
        if length != self.total.saturating_sub(first).min(last - first + 1) {
            return Err(Trouble::Cut("a part is not whole".to_owned()));
        }
        self.etag = self.etag.take().or(answer.etag);
        self.at = 0;
        self.came += length;
        Ok(true)
    }
}

/// The length of the whole file in `bytes 0-9/100`, if it begins at `first`.
fn total_of(range: &str, first: u64) -> Option<u64> {
    let (part, total) = range.strip_prefix("bytes ")?.split_once('/')?;
    let (begins, _) = part.split_once('-')?;
    (begins.parse() == Ok(first)).then(|| total.parse().ok())?
}

impl Read for Download {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if let Some(trouble) = &self.trouble {
            return Err(io::Error::other(trouble.to_string()));
        }
        if self.at == self.part.len() && self.came < self.total {
            let gone = || Trouble::Cut("it was taken away meanwhile".to_owned());
            let fetched = self.fetch();
            if let Err(trouble) =
                fetched.and_then(|is_there| is_there.then_some(()).ok_or_else(gone))
            {
                let told = io::Error::other(trouble.to_string());
                self.trouble = Some(trouble);
                return Err(told);
            }
        }
        let length = into.len().min(self.part.len() - self.at);
        into[..length].copy_from_slice(&self.part[self.at..self.at + length]);
        self.at += length;
        Ok(length)
    }
}

/// Tries `ask` again a little later while what is in the way may pass.
fn patiently<T>(mut ask: impl FnMut() -> Result<T, Trouble>) -> Result<T, Trouble> {
    for pause in AGAIN {
        match ask() {
            Err(trouble) if trouble.passes() => {
                tracing::warn!("A part of a backup is sent or asked for again: {trouble}");
                std::thread::sleep(pause);
            }
            told => return told,
        }
    }
    ask()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_says_where_it_begins_and_how_long_the_whole_is() {
        assert_eq!(total_of("bytes 0-9/100", 0), Some(100));
        assert_eq!(total_of("bytes 10-19/100", 10), Some(100));
        for wrong in ["bytes 0-9/100", "bytes */100", "10-19/100", "bytes 10-19/*", ""] {
            assert_eq!(total_of(wrong, 10), None, "{wrong}");
        }
    }
}
