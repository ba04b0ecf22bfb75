//! What S3-compatible storage refuses, in words that say how to mend it. Nothing of an answer is
//! told but its number and its code: messages of storage repeat what was signed.

use jiff::Timestamp;

/// What was tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doing {
    /// To see what is there.
    List,
    /// To read.
    Read,
    /// To write.
    Write,
    /// To take away.
    Delete,
}

impl Doing {
    fn word(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Read => "read",
            Self::Write => "write",
            Self::Delete => "delete",
        }
    }
}

/// What is wrong with the storage or the way to it, and the mend.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// The access key is unknown.
    #[error("the storage does not know this access key. Copy it again from where it was made")]
    UnknownKey,
    /// The secret is another one's.
    #[error(
        "the secret key does not fit the access key. Type it again; it is shown only where it was \
         made"
    )]
    WrongSecret,
    /// There is no such bucket.
    #[error("there is no such bucket. Make it at the storage, or correct its name")]
    NoBucket,
    /// The bucket is elsewhere.
    #[error("the bucket is in another region{}. Write that one", named(.0.as_deref()))]
    Region(Option<String>),
    /// The clocks differ.
    #[error(
        "the clock of this machine and that of the storage are {0} minutes apart. Set the wrong \
         one right, best by NTP"
    )]
    Clock(i64),
    /// The access key may not.
    #[error(
        "the access key may not {} there. Give it s3:ListBucket of the bucket, and s3:GetObject, \
         s3:PutObject, s3:DeleteObject and s3:AbortMultipartUpload of what is in it",
        .0.word()
    )]
    Denied(Doing),
    /// There is no room.
    #[error(
        "the storage has no room: it is full, or a quota is reached. Make room there, or keep \
         fewer backups"
    )]
    Full,
    /// Nobody answers.
    #[error("nobody answers there ({0}). Look at the address, the network and the firewall")]
    Unreachable(String),
    /// It came to an end in the middle.
    #[error("the connection broke off ({0}). Look at the network and at the storage")]
    Cut(String),
    /// It took too long.
    #[error("it answered too slowly and was given up. Look at the network and at the storage")]
    Slow,
    /// Its certificate.
    #[error(
        "its certificate is not trusted ({0}). Paste the certificate of the authority that signed \
         it, or look whether the address is the one in it"
    )]
    Untrusted(String),
    /// It is in trouble itself.
    #[error("the storage is in trouble itself (it answered {status} {code}). Look at it there")]
    Failing {
        /// The number of the answer.
        status: u16,
        /// Its code.
        code: String,
    },
    /// It is something else.
    #[error("what answers there is no S3-compatible storage ({0}). Look at the address")]
    NoStorage(String),
    /// Anything else.
    #[error("the storage refused it ({status} {code})")]
    Refused {
        /// The number of the answer.
        status: u16,
        /// Its code.
        code: String,
    },
    /// More than one file may be.
    #[error("a file of more than {0} GiB cannot be stored there")]
    TooLarge(u64),
    /// The address itself.
    #[error("{0}")]
    Address(String),
}

fn named(region: Option<&str>) -> String {
    region.map(|region| format!(", {region}")).unwrap_or_default()
}

/// How far apart clocks may be, minutes: storage takes a quarter of an hour.
const APART_MAX: i64 = 10;
/// Characters of a code or a region that is told on.
const WORD_MAX: usize = 64;

impl Trouble {
    /// What an answer says that is none of those wanted: its number, its body, its time, and what
    /// had been asked for at `now`.
    pub(super) fn of(
        (status, body): (u16, &[u8]),
        date: Option<Timestamp>,
        doing: Doing,
        now: Timestamp,
    ) -> Self {
        let code = word(body, "Code").unwrap_or_default();
        let apart = date.map_or(0, |date| (now.as_second() - date.as_second()).abs() / 60);
        let is_refused = matches!(status, 400 | 401 | 403);
        match (status, code.as_str()) {
            (_, "RequestTimeTooSkewed") => Self::Clock(apart),
            _ if is_refused && APART_MAX <= apart => Self::Clock(apart),
            (_, "InvalidAccessKeyId" | "NotSignedUp") => Self::UnknownKey,
            (_, "SignatureDoesNotMatch") => Self::WrongSecret,
            (_, "NoSuchBucket") => Self::NoBucket,
            (_, "AuthorizationHeaderMalformed" | "AuthorizationQueryParametersError")
            | (301 | 307, _) => Self::Region(word(body, "Region")),
            (507, _) => Self::Full,
            (_, code)
                if ["Quota", "StorageFull", "InsufficientStorage"]
                    .iter()
                    .any(|part| code.contains(part)) =>
            {
                Self::Full
            }
            (401 | 403, _) => Self::Denied(doing),
            (500.., _) => Self::Failing { status, code },
            (_, "") => Self::NoStorage(format!("it answered {status}")),
            _ => Self::Refused { status, code },
        }
    }

    /// Whether trying again at once may help.
    pub(super) fn passes(&self) -> bool {
        matches!(self, Self::Cut(_) | Self::Failing { .. })
    }

    /// The field of [`super::Address`] at fault, as forms name it.
    #[must_use]
    pub fn field(&self) -> &'static str {
        match self {
            Self::UnknownKey | Self::Denied(_) => "bucket.access_key",
            Self::WrongSecret => "secret_key",
            Self::Region(_) => "bucket.region",
            Self::Untrusted(_) => "bucket.ca_pem",
            Self::NoBucket | Self::Full | Self::TooLarge(_) => "bucket.name",
            _ => "bucket.endpoint",
        }
    }
}

/// What stands in the element `name` of `body`, if it is a plain word.
fn word(body: &[u8], name: &str) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?;
    let (_, rest) = text.split_once(&format!("<{name}>"))?;
    let (word, _) = rest.split_once(&format!("</{name}>"))?;
    let plain = word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    (plain && word.len() <= WORD_MAX).then(|| word.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(status: u16, code: &str) -> Trouble {
        let body = format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code></Error>");
        let now = Timestamp::UNIX_EPOCH;
        Trouble::of((status, body.as_bytes()), Some(now), Doing::Write, now)
    }

    #[test]
    fn what_storage_refuses_is_told_with_its_mend_and_its_field() {
        for (status, code, part, field) in [
            (403, "SignatureDoesNotMatch", "secret key does not fit", "secret_key"),
            (403, "InvalidAccessKeyId", "does not know", "bucket.access_key"),
            (404, "NoSuchBucket", "no such bucket", "bucket.name"),
            (403, "AccessDenied", "may not write", "bucket.access_key"),
            (403, "", "may not write", "bucket.access_key"),
            (403, "QuotaExceeded", "no room", "bucket.name"),
            (507, "XMinioStorageFull", "no room", "bucket.name"),
            (403, "RequestTimeTooSkewed", "clock", "bucket.endpoint"),
            (500, "InternalError", "500 InternalError", "bucket.endpoint"),
            (503, "SlowDown", "503 SlowDown", "bucket.endpoint"),
            (301, "PermanentRedirect", "another region", "bucket.region"),
            (404, "", "no S3-compatible storage", "bucket.endpoint"),
            (409, "Whatever", "409 Whatever", "bucket.endpoint"),
        ] {
            let told = said(status, code);
            assert!(told.to_string().contains(part), "{code}: {told}");
            assert_eq!(told.field(), field, "{code}");
        }
    }

    #[test]
    fn a_clock_that_is_wrong_is_seen_also_where_storage_only_refuses() {
        let body =
            b"<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>";
        let (here, there) = (Timestamp::UNIX_EPOCH, Timestamp::from_second(20 * 60));
        let told = Trouble::of((403, body), there.ok(), Doing::Read, here);
        assert_eq!(told, Trouble::Clock(20));
    }

    #[test]
    fn nothing_of_an_answer_is_told_on_but_plain_words() {
        let body = b"<Error><Code>It said <b>this</b></Code></Error>";
        assert_eq!(word(body, "Code"), None);
        assert_eq!(word("<Region>eu-west-1</Region>".as_bytes(), "Region").unwrap(), "eu-west-1");
        let long = format!("<Code>{}</Code>", "a".repeat(100));
        assert_eq!(word(long.as_bytes(), "Code"), None);
    }
}
