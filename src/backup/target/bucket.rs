//! A bucket of S3-compatible storage, below a prefix: what a folder does, over HTTP.

use std::io::{self, Write};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};
use rusty_s3::actions::{
    CompleteMultipartUpload, CompleteMultipartUploadResponse, CreateMultipartUpload, DeleteObjects,
    DeleteObjectsResponse, ListObjectsV2, ObjectIdentifier,
};
use rusty_s3::{Credentials, S3Action, UrlStyle};

use super::TargetError;
use super::address::Address;
use super::transfer::{Download, Upload};
use super::trouble::{Doing, Trouble};
use super::wire::{Answer, Question, Wire};
use crate::vocab::clock::{Clock, SystemClock};

/// How long a signature is good for.
const VALID: Duration = Duration::from_secs(900);
/// The longest time for a question whose answer is short.
const SHORT: Duration = Duration::from_secs(30);
/// The longest time for putting parts together.
const LONG: Duration = Duration::from_secs(300);
/// The longest answer to them, bytes; a page of a list is a thousand names.
const ANSWER_MAX: u64 = 4 << 20;
/// The fingerprint of what is sent, with which storage sees whether all of it came; a bucket whose
/// files nobody can delete for a time takes none without it.
const MD5: &str = "content-md5";
/// Pages of one list.
const PAGES_MAX: usize = 5_000;
/// Files that are taken away at a time.
const BATCH: usize = 1_000;

/// The bucket. Cheap to clone; shows nothing of its secret.
#[derive(Clone)]
pub struct Bucket(Arc<Inner>);

struct Inner {
    address: Address,
    signer: Result<rusty_s3::Bucket, Trouble>,
    credentials: Credentials,
    /// Made when it is first asked: it reads the certificates of this machine.
    wire: OnceLock<Result<Wire, Trouble>>,
}

impl std::fmt::Debug for Bucket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Bucket").field(&self.place()).finish()
    }
}

impl PartialEq for Bucket {
    fn eq(&self, other: &Self) -> bool {
        (&self.0.address, &self.0.credentials) == (&other.0.address, &other.0.credentials)
    }
}

impl Eq for Bucket {}

/// What signs for the bucket at `address`.
pub(super) fn signer(address: &Address) -> Result<rusty_s3::Bucket, Trouble> {
    let style = if address.path_style { UrlStyle::Path } else { UrlStyle::VirtualHost };
    let wrong = || Trouble::Address("its address is none".to_owned());
    let endpoint = address.endpoint.parse().map_err(|_| wrong())?;
    let (name, region) = (address.name.clone(), address.region.clone());
    rusty_s3::Bucket::new(endpoint, style, name, region).map_err(|_| wrong())
}

impl Bucket {
    pub(super) fn new(address: &Address, secret: &str) -> Self {
        Self(Arc::new(Inner {
            address: address.clone(),
            signer: signer(address),
            credentials: Credentials::new(&address.access_key, secret),
            wire: OnceLock::new(),
        }))
    }

    pub(super) fn place(&self) -> String {
        format!("{} at {}", self.0.address.url(), self.0.address.endpoint)
    }

    pub(super) fn failed(&self, trouble: Trouble) -> TargetError {
        TargetError::Storage { place: self.place(), trouble }
    }

    fn key(&self, name: &str) -> String {
        let prefix = &self.0.address.prefix;
        if prefix.is_empty() { name.to_owned() } else { format!("{prefix}/{name}") }
    }

    /// With what a question is made: who signs, for whom.
    fn hand(&self) -> Result<(&rusty_s3::Bucket, Option<&Credentials>), Trouble> {
        Ok((self.0.signer.as_ref().map_err(Clone::clone)?, Some(&self.0.credentials)))
    }

    fn ask<'a, A: S3Action<'a>>(
        &self,
        action: &A,
        (headers, body): (&[(&'static str, &str)], Option<&[u8]>),
        (answer_max, time_max): (u64, Duration),
    ) -> Result<Answer, Trouble> {
        let made = self.0.wire.get_or_init(|| Wire::new(self.0.address.ca_pem.as_deref()));
        let wire = made.as_ref().map_err(Clone::clone)?;
        let url = String::from(action.sign_with_time(VALID, &SystemClock.now()));
        let method = A::METHOD.to_str();
        wire.ask(&Question { method, url, headers, body, answer_max, time_max })
    }

    /// Writes `name` whole, or leaves nothing.
    pub(super) fn put(
        &self,
        name: &str,
        write: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), TargetError> {
        let mut upload = Upload::new(self, self.key(name));
        let written = write(&mut upload);
        upload.end(written).map_err(|cause| match cause {
            Ok(trouble) => self.failed(trouble),
            Err(cause) => TargetError::Unusable { place: self.place(), cause: cause.to_string() },
        })
    }

    /// What lies under `name`, whose first part is there already.
    pub(super) fn open(&self, name: &str) -> Result<Option<Download>, TargetError> {
        Download::begin(self, self.key(name)).map_err(|trouble| self.failed(trouble))
    }

    /// The names directly below its folder `name`, sorted.
    pub(super) fn list(&self, name: &str) -> Result<Vec<String>, TargetError> {
        let prefix = self.key(name);
        let prefix = if prefix.is_empty() { prefix } else { format!("{}/", trimmed(&prefix)) };
        let mut names = self.keys(&prefix, true).map_err(|trouble| self.failed(trouble))?;
        for name in &mut names {
            name.truncate(name.trim_end_matches('/').len());
        }
        // Some storage shows a folder that somebody has made there as a file of no name.
        names.retain(|name| !name.is_empty());
        names.sort();
        Ok(names)
    }

    /// What follows `prefix` in the names that begin with it; `flat` up to the next `/`.
    fn keys(&self, prefix: &str, flat: bool) -> Result<Vec<String>, Trouble> {
        let (bucket, credentials) = self.hand()?;
        let (mut names, mut next) = (Vec::new(), None::<String>);
        for _ in 0..PAGES_MAX {
            let mut action = ListObjectsV2::new(bucket, credentials);
            action.with_prefix(prefix);
            if flat {
                action.with_delimiter("/");
            }
            if let Some(next) = next {
                action.with_continuation_token(next);
            }
            let answer = self.ask(&action, (&[], None), (ANSWER_MAX, SHORT))?;
            let text = wanted(&answer, Doing::List)?;
            let page = ListObjectsV2::parse_response(text).map_err(|_| garbled())?;
            let keys = page.contents.into_iter().map(|one| one.key);
            let folders = page.common_prefixes.into_iter().map(|one| one.prefix);
            for key in keys.chain(folders) {
                names.push(key.strip_prefix(prefix).ok_or_else(garbled)?.to_owned());
            }
            next = page.next_continuation_token;
            if next.is_none() {
                return Ok(names);
            }
        }
        Err(Trouble::Address("there are too many files in it".to_owned()))
    }

    /// Takes `name` away, a file or a folder with what is in it; it may be gone already.
    pub(super) fn remove(&self, name: &str) -> Result<(), TargetError> {
        let found = self.keys(&self.key(name), false).map_err(|trouble| self.failed(trouble))?;
        // Others may begin with the same letters.
        let meant = found.into_iter().filter(|rest| rest.is_empty() || rest.starts_with('/'));
        let names: Vec<String> = meant.map(|rest| format!("{name}{rest}")).collect();
        self.remove_each(&names)
    }

    pub(super) fn remove_each(&self, names: &[String]) -> Result<(), TargetError> {
        for names in names.chunks(BATCH) {
            self.remove_batch(names).map_err(|trouble| self.failed(trouble))?;
        }
        Ok(())
    }

    fn remove_batch(&self, names: &[String]) -> Result<(), Trouble> {
        let (bucket, credentials) = self.hand()?;
        if let [name] = names {
            let key = self.key(name);
            let action = bucket.delete_object(credentials, &key);
            let answer = self.ask(&action, (&[], None), (ANSWER_MAX, SHORT))?;
            // Some storage says so of what is gone already.
            let is_gone = answer.status == 404 && said(&answer, "NoSuchKey");
            return if is_gone { Ok(()) } else { wanted(&answer, Doing::Delete).map(drop) };
        }
        let objects: Vec<ObjectIdentifier> =
            names.iter().map(|name| ObjectIdentifier::new(self.key(name))).collect();
        let mut action = DeleteObjects::new(bucket, credentials, objects.iter());
        action.set_quiet(true);
        let (body, md5) = action.clone().body_with_md5();
        let headers = [(MD5, md5.as_str())];
        let asked = (&headers[..], Some(body.as_bytes()));
        let answer = self.ask(&action, asked, (ANSWER_MAX, SHORT))?;
        let text = wanted(&answer, Doing::Delete)?;
        let done = DeleteObjectsResponse::parse(text).map_err(|_| garbled())?;
        if done.errors.is_empty() { Ok(()) } else { Err(Trouble::Denied(Doing::Delete)) }
    }

    /// All of a small file in one question.
    pub(super) fn put_whole(&self, key: &str, bytes: &[u8]) -> Result<(), Trouble> {
        let (bucket, credentials) = self.hand()?;
        let action = bucket.put_object(credentials, key);
        let (bounds, md5) = ((ANSWER_MAX, time_for(bytes.len())), md5_of(bytes));
        let answer = self.ask(&action, (&[(MD5, &md5)], Some(bytes)), bounds)?;
        wanted(&answer, Doing::Write)?;
        // Storage names what it has; a page of something in between does not.
        answer.etag.map(drop).ok_or_else(garbled)
    }

    /// Begins a file of parts; its name among those that are under way.
    pub(super) fn begin_parts(&self, key: &str) -> Result<String, Trouble> {
        let (bucket, credentials) = self.hand()?;
        let action = bucket.create_multipart_upload(credentials, key);
        let answer = self.ask(&action, (&[], Some(&[])), (ANSWER_MAX, SHORT))?;
        let text = wanted(&answer, Doing::Write)?;
        let begun = CreateMultipartUpload::parse_response(text).map_err(|_| garbled())?;
        Ok(begun.upload_id().to_owned())
    }

    /// The part `number` (from 1 on) of the file `id`; its mark.
    pub(super) fn put_part(
        &self,
        (key, id): (&str, &str),
        number: u16,
        bytes: &[u8],
    ) -> Result<String, Trouble> {
        let (bucket, credentials) = self.hand()?;
        let action = bucket.upload_part(credentials, key, number, id);
        let (bounds, md5) = ((ANSWER_MAX, time_for(bytes.len())), md5_of(bytes));
        let answer = self.ask(&action, (&[(MD5, &md5)], Some(bytes)), bounds)?;
        wanted(&answer, Doing::Write)?;
        answer.etag.ok_or_else(garbled)
    }

    /// Makes one file of its parts.
    pub(super) fn end_parts(
        &self,
        (key, id): (&str, &str),
        marks: &[String],
    ) -> Result<(), Trouble> {
        let (bucket, credentials) = self.hand()?;
        let marks = marks.iter().map(String::as_str);
        let action = CompleteMultipartUpload::new(bucket, credentials, key, id, marks);
        let body = action.clone().body();
        let answer = self.ask(&action, (&[], Some(body.as_bytes())), (ANSWER_MAX, LONG))?;
        // It may begin to say yes before it knows.
        let text = wanted(&answer, Doing::Write)?;
        let done = CompleteMultipartUploadResponse::parse(text);
        done.map(drop).map_err(|_| refused(&answer, Doing::Write))
    }

    /// Forgets the parts of a file that will not be.
    pub(super) fn drop_parts(&self, (key, id): (&str, &str)) -> Result<(), Trouble> {
        let (bucket, credentials) = self.hand()?;
        let action = bucket.abort_multipart_upload(credentials, key, id);
        let answer = self.ask(&action, (&[], None), (ANSWER_MAX, SHORT))?;
        wanted(&answer, Doing::Delete).map(drop)
    }

    /// The bytes from `first` to `last` of a file, as far as it has them; of the version `etag`
    /// only, if that is given. Nothing if there is no such file.
    pub(super) fn get_part(
        &self,
        key: &str,
        (first, last): (u64, u64),
        etag: Option<&str>,
    ) -> Result<Option<Answer>, Trouble> {
        let (bucket, credentials) = self.hand()?;
        let action = bucket.get_object(credentials, key);
        let range = format!("bytes={first}-{last}");
        let mut headers = vec![("range", range.as_str())];
        headers.extend(etag.map(|etag| ("if-match", etag)));
        // One more than is asked for is too much.
        let most = (last - first + 2).max(ANSWER_MAX);
        let time = time_for(usize::try_from(last - first).unwrap_or(0));
        let answer = self.ask(&action, (&headers, None), (most, time))?;
        match answer.status {
            206 | 416 => Ok(Some(answer)),
            200 => Err(Trouble::NoStorage("it gives no parts of files".to_owned())),
            404 if said(&answer, "NoSuchKey") => Ok(None),
            _ => Err(refused(&answer, Doing::Read)),
        }
    }
}

fn md5_of(bytes: &[u8]) -> String {
    STANDARD.encode(Md5::digest(bytes))
}

/// The longest time for so many bytes, at half a megabit a second: five minutes for a part.
fn time_for(bytes: usize) -> Duration {
    SHORT + Duration::from_secs(u64::try_from(bytes >> 16).unwrap_or(0))
}

fn trimmed(prefix: &str) -> &str {
    prefix.trim_end_matches('/')
}

fn garbled() -> Trouble {
    Trouble::NoStorage("its answer is not to be understood".to_owned())
}

fn refused(answer: &Answer, doing: Doing) -> Trouble {
    Trouble::of((answer.status, &answer.body), answer.date, doing, SystemClock.now())
}

fn said(answer: &Answer, code: &str) -> bool {
    let body = String::from_utf8_lossy(&answer.body);
    body.contains(&format!("<Code>{code}</Code>"))
}

/// The text of an answer that says yes.
fn wanted(answer: &Answer, doing: Doing) -> Result<&str, Trouble> {
    match answer.status {
        200..=299 => std::str::from_utf8(&answer.body).map_err(|_| garbled()),
        _ => Err(refused(answer, doing)),
    }
}
