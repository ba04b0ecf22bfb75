//! Where a bucket is, and what is wrong with what somebody typed. The secret half of the access
//! key is kept apart.

use serde::{Deserialize, Serialize};

use super::bucket;
use crate::access::openid::settings::is_safe;
use crate::access::trust;
use crate::vocab::problem::Findings;

/// Characters of an address, a name, a prefix, a key.
pub const TEXT_MAX: usize = 500;
/// The region of storage that has none.
const REGION: &str = "us-east-1";

/// A bucket of S3-compatible storage, and the prefix in it below which everything lies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Address {
    /// The storage, such as `https://s3.hospital.example`.
    pub endpoint: String,
    /// What the storage calls the place of the bucket; most have one only.
    pub region: String,
    /// The bucket.
    pub name: String,
    /// Below it lies everything; empty for all of the bucket. Without `/` at its ends.
    pub prefix: String,
    /// Whether the bucket is named in the path of an address, or else in front of the host.
    pub path_style: bool,
    /// The access key, without its secret.
    pub access_key: String,
    /// Authorities whose certificates the storage shows (PEM); else those of this machine.
    pub ca_pem: Option<String>,
}

impl Default for Address {
    fn default() -> Self {
        Self {
            endpoint: String::new(),
            region: REGION.to_owned(),
            name: String::new(),
            prefix: String::new(),
            path_style: true,
            access_key: String::new(),
            ca_pem: None,
        }
    }
}

impl Address {
    /// The bucket and the prefix in `text`, such as `s3://backups/hospital`; nothing if it is no
    /// such address.
    #[must_use]
    pub fn of_url(text: &str) -> Option<Self> {
        let rest = text.strip_prefix("s3://")?;
        let (name, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let (name, prefix) = (name.to_owned(), prefix.to_owned());
        Some(Self { name, prefix, ..Self::default() })
    }

    /// The same the other way round.
    #[must_use]
    pub fn url(&self) -> String {
        let between = if self.prefix.is_empty() { "" } else { "/" };
        format!("s3://{}{between}{}", self.name, self.prefix)
    }

    /// Whether the secret may be used for this one as it was for `before`: where something of the
    /// storage changed, whoever changes it types the secret again.
    #[must_use]
    pub fn keeps_secret_of(&self, before: &Self) -> bool {
        (&self.endpoint, &self.ca_pem, &self.access_key)
            == (&before.endpoint, &before.ca_pem, &before.access_key)
    }

    /// Trims what was typed and notes what is wrong with it, each field below `bucket`.
    pub fn check(&mut self, findings: &mut Findings) {
        let Self { endpoint, region, name, prefix, access_key, .. } = self;
        for text in [endpoint, region, name, prefix, access_key] {
            *text = text.trim().to_owned();
        }
        self.prefix = self.prefix.trim_matches('/').to_owned();
        self.ca_pem = self.ca_pem.take().filter(|pem| !pem.trim().is_empty());
        if self.region.is_empty() {
            REGION.clone_into(&mut self.region);
        }
        let safe = "Write the address of the storage, beginning with https:// and without the \
             bucket, such as https://s3.hospital.example. In clear it is reached on this machine \
             only.";
        let is_storage = is_safe(&self.endpoint);
        findings.check(is_storage, "bucket.endpoint", safe);
        let fits = |text: &str, also: &[u8]| {
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || also.contains(&byte);
            text.len() <= TEXT_MAX && text.bytes().all(plain)
        };
        let mend = "Write its region as the storage calls it, such as eu-central-1.";
        findings.check(fits(&self.region, b"-_"), "bucket.region", mend);
        let length = (3..=255).contains(&self.name.len());
        let is_name = length && fits(&self.name, b"-._") && !self.name.contains("..");
        let mend = "Write the name of a bucket that is there: 3 or more of small letters, digits, \
             dots and hyphens.";
        findings.check(is_name, "bucket.name", mend);
        let whole = |part: &str| !part.is_empty() && part != "." && part != "..";
        let is_prefix = self.prefix.is_empty()
            || (fits(&self.prefix, b"-._/") && self.prefix.split('/').all(whole));
        let mend = "Use letters, digits, dots, hyphens, underscores and /, or leave it empty.";
        findings.check(is_prefix, "bucket.prefix", mend);
        let key = (1..=TEXT_MAX).contains(&self.access_key.len())
            && self.access_key.bytes().all(|byte| byte.is_ascii_graphic());
        findings.check(key, "bucket.access_key", "Write the access key, without its secret.");
        if let Some(pem) = &self.ca_pem {
            let read = match pem.len() <= trust::PEM_MAX {
                true => trust::certificates(pem).err(),
                false => Some("Paste fewer certificates.".to_owned()),
            };
            read.into_iter().for_each(|mend| findings.add("bucket.ca_pem", mend));
        }
        if is_storage && is_name && !self.path_style {
            let mend = "This bucket cannot be named in front of that host: choose to name it in \
                 the path.";
            findings.check(bucket::signer(self).is_ok(), "bucket.path_style", mend);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(change: impl FnOnce(&mut Address)) -> Vec<String> {
        let mut address = Address {
            endpoint: "https://s3.hospital.example".to_owned(),
            name: "backups".to_owned(),
            prefix: "/hospital/main/".to_owned(),
            access_key: "AKEXAMPLE".to_owned(),
            ..Address::default()
        };
        change(&mut address);
        let mut findings = Findings::new();
        address.check(&mut findings);
        assert!(!address.prefix.ends_with('/') && !address.prefix.starts_with('/'));
        let told = findings.verdict().err().unwrap_or_default();
        told.into_iter().map(|one| one.field).collect()
    }

    #[test]
    fn what_is_wrong_is_told_by_field() {
        let none: [&str; 0] = [];
        assert_eq!(wrong(|_| {}), none);
        assert_eq!(wrong(|it| it.prefix.clear()), none);
        assert_eq!(wrong(|it| it.path_style = false), none);
        for text in ["", "s3.hospital.example", "http://s3.hospital.example", "https://a@b.c"] {
            assert_eq!(wrong(|it| it.endpoint = text.to_owned()), ["bucket.endpoint"], "{text}");
        }
        for text in ["", "ab", "a/b/c", "with blank", "a..b", "näme"] {
            assert_eq!(wrong(|it| it.name = text.to_owned()), ["bucket.name"], "{text}");
        }
        for text in ["a//b", "../x", "a/./b", "a b", "a?b"] {
            assert_eq!(wrong(|it| it.prefix = text.to_owned()), ["bucket.prefix"], "{text}");
        }
        assert_eq!(wrong(|it| it.region = "eu/1".to_owned()), ["bucket.region"]);
        assert_eq!(wrong(|it| it.access_key = "a b".to_owned()), ["bucket.access_key"]);
        assert_eq!(wrong(|it| it.ca_pem = Some("x".to_owned())), ["bucket.ca_pem"]);
        let by_address = |it: &mut Address| {
            it.endpoint = "https://10.0.0.7".to_owned();
            it.path_style = false;
        };
        assert_eq!(wrong(by_address), ["bucket.path_style"]);
    }

    #[test]
    fn an_address_is_one_word_on_the_command_line() {
        for text in ["s3://backups", "s3://backups/hospital/main"] {
            assert_eq!(Address::of_url(text).unwrap().url(), text);
        }
        assert!(Address::of_url("/mnt/backup").is_none());
        let mut address = Address::of_url("s3://backups/main").unwrap();
        "https://s3.hospital.example".clone_into(&mut address.endpoint);
        for (path_style, base) in [
            (true, "https://s3.hospital.example/backups/"),
            (false, "https://backups.s3.hospital.example/"),
        ] {
            address.path_style = path_style;
            assert_eq!(bucket::signer(&address).unwrap().base_url().as_str(), base);
        }
    }
}
