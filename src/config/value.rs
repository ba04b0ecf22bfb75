//! A value that has been checked against what its key allows.

use std::ffi::OsStr;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use ipnet::IpNet;
use jiff::tz::TimeZone;

use super::keys::Allowed;

/// A checked value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// The program decides.
    Auto,
    /// Not at all.
    Off,
    /// A number within the bounds of its key.
    Number(u64),
    /// One of the words of its key.
    Word(&'static str),
    /// An absolute path.
    Folder(PathBuf),
    /// An address with a port.
    Address(SocketAddr),
    /// A time zone that the built-in database knows.
    Zone(TimeZone),
    /// Networks of addresses, perhaps none.
    Networks(Vec<IpNet>),
    /// Host names, in small letters.
    Names(Vec<String>),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Off => f.write_str("off"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Word(word) => f.write_str(word),
            Self::Folder(path) => write!(f, "{}", path.display()),
            Self::Address(address) => write!(f, "{address}"),
            Self::Zone(zone) => f.write_str(zone.iana_name().unwrap_or("UTC")),
            Self::Networks(nets) if nets.is_empty() => f.write_str("none"),
            Self::Networks(nets) => {
                let shown: Vec<String> = nets.iter().map(ToString::to_string).collect();
                f.write_str(&shown.join(", "))
            }
            Self::Names(names) => f.write_str(&names.join(",")),
        }
    }
}

/// Reads `text` as `allowed` says; `None` if it is not allowed. Relative folders count from
/// `base`, which should be absolute.
#[must_use]
pub fn parse(allowed: Allowed, text: &OsStr, base: &Path) -> Option<Value> {
    match allowed {
        Allowed::Folder => folder(text, base),
        Allowed::FolderAutoOff if text == "auto" => Some(Value::Auto),
        Allowed::FolderAutoOff | Allowed::FileOrOff if text == "off" => Some(Value::Off),
        Allowed::FolderAutoOff | Allowed::FileOrOff => folder(text, base),
        _ => parse_text(allowed, text.to_str()?.trim()),
    }
}

fn parse_text(allowed: Allowed, text: &str) -> Option<Value> {
    match allowed {
        Allowed::Address => address(text).map(Value::Address),
        Allowed::Whole { min, max } => whole(text, min, max),
        Allowed::AutoOrWhole { .. } | Allowed::AutoOrZone | Allowed::AutoOrWords(_)
            if text == "auto" =>
        {
            Some(Value::Auto)
        }
        Allowed::AutoOrWhole { min, max } => whole(text, min, max),
        Allowed::Words(words) | Allowed::AutoOrWords(words) => {
            words.iter().find(|word| **word == text).map(|w| Value::Word(w))
        }
        Allowed::NamesOrOff if text == "off" => Some(Value::Off),
        Allowed::NamesOrOff => names(text),
        Allowed::AutoOrZone => TimeZone::get(text).ok().map(Value::Zone),
        Allowed::NoneOrNetworks if text == "none" => Some(Value::Networks(Vec::new())),
        Allowed::NoneOrNetworks => {
            text.split(',').map(network).collect::<Option<_>>().map(Value::Networks)
        }
        Allowed::Folder | Allowed::FolderAutoOff | Allowed::FileOrOff => None,
    }
}

/// Names of hosts, not addresses: those the machine knows. No wildcards: a certificate of our own
/// names what people type.
fn names(text: &str) -> Option<Value> {
    let names: Vec<String> = text
        .split(',')
        .map(|name| name.trim().trim_end_matches('.').to_ascii_lowercase())
        .collect();
    let fine = names.len() <= NAMES_MAX && names.iter().all(|name| is_host_name(name));
    fine.then_some(Value::Names(names))
}

/// Names that can be given; a certificate grows with each.
const NAMES_MAX: usize = 64;

/// Whether `name` is a host name in small letters (RFC 1123), and no address.
#[must_use]
pub fn is_host_name(name: &str) -> bool {
    let label = |label: &str| {
        let inside = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let edge = label.starts_with('-') || label.ends_with('-');
        (1..=63).contains(&label.len()) && label.bytes().all(inside) && !edge
    };
    let last = name.rsplit('.').next().unwrap_or_default();
    let is_number = last.bytes().all(|byte| byte.is_ascii_digit());
    name.len() <= 253 && name.split('.').all(label) && !is_number
}

fn whole(text: &str, min: u64, max: u64) -> Option<Value> {
    // `parse` alone would also take "+8", which nobody means.
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = digits.then(|| text.parse().ok()).flatten()?;
    (min..=max).contains(&number).then_some(Value::Number(number))
}

/// Names are not resolved: an address that changes with the weather in DNS is no place to serve
/// on. `localhost` alone is understood, because everybody types it.
fn address(text: &str) -> Option<SocketAddr> {
    match text.strip_prefix("localhost:") {
        Some(port) => Some(SocketAddr::from(([127, 0, 0, 1], port.parse().ok()?))),
        None => text.parse().ok(),
    }
}

/// An address alone is a network of one. Whoever trusts all addresses believes everybody.
fn network(text: &str) -> Option<IpNet> {
    let text = text.trim();
    let one = || text.parse::<IpAddr>().ok().map(|address| IpNet::from(address.to_canonical()));
    text.parse().ok().or_else(one).filter(|net: &IpNet| 0 < net.prefix_len()).map(|net| net.trunc())
}

fn folder(text: &OsStr, base: &Path) -> Option<Value> {
    // A NUL would be cut off silently by some system calls and refused by others.
    let usable = !text.is_empty() && !text.as_encoded_bytes().contains(&0);
    usable.then(|| Value::Folder(tidy(&base.join(text))))
}

/// Takes `.` out of the path. `..` stays, because behind a symbolic link it means another folder.
fn tidy(path: &Path) -> PathBuf {
    path.components().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(allowed: Allowed, text: &str) -> Option<String> {
        parse(allowed, OsStr::new(text), Path::new("/srv")).map(|value| value.to_string())
    }

    #[test]
    fn numbers_are_plain_digits_within_bounds() {
        let rule = Allowed::AutoOrWhole { min: 1, max: 256 };
        for (text, expected) in [
            ("1", Some("1")),
            ("256", Some("256")),
            (" 8 ", Some("8")),
            ("auto", Some("auto")),
            ("0", None),
            ("257", None),
            ("+8", None),
            ("-1", None),
            ("8.0", None),
            ("", None),
            ("Auto", None),
            ("99999999999999999999999", None),
        ] {
            assert_eq!(read(rule, text).as_deref(), expected, "{text:?}");
        }
    }

    #[test]
    fn addresses_carry_a_port() {
        for (text, expected) in [
            ("0.0.0.0:80", Some("0.0.0.0:80")),
            ("[::1]:8475", Some("[::1]:8475")),
            ("localhost:9", Some("127.0.0.1:9")),
            ("127.0.0.1", None),
            ("127.0.0.1:70000", None),
            ("hospital.example:80", None),
            (":80", None),
        ] {
            assert_eq!(read(Allowed::Address, text).as_deref(), expected, "{text:?}");
        }
    }

    #[test]
    fn networks_are_those_that_were_meant_and_never_all_addresses() {
        for (text, expected) in [
            ("none", Some("none")),
            ("10.0.0.5", Some("10.0.0.5/32")),
            (" 10.0.0.5 , 192.168.7.9/24", Some("10.0.0.5/32, 192.168.7.0/24")),
            ("::ffff:10.0.0.5", Some("10.0.0.5/32")),
            ("fd00:7::/32", Some("fd00:7::/32")),
            ("0.0.0.0/0", None),
            ("10.0.0.5, ::/0", None),
            ("10.0.0.0/33", None),
            ("10.0.0.5,", None),
            ("", None),
            ("none, 10.0.0.5", None),
            ("proxy.example", None),
            ("10.0.0.5:80", None),
        ] {
            assert_eq!(read(Allowed::NoneOrNetworks, text).as_deref(), expected, "{text:?}");
        }
    }

    #[test]
    fn folders_become_absolute() {
        assert_eq!(read(Allowed::Folder, "./a/b").as_deref(), Some("/srv/a/b"));
        assert_eq!(read(Allowed::Folder, "/var/x/").as_deref(), Some("/var/x"));
        assert_eq!(read(Allowed::Folder, ""), None);
        assert_eq!(read(Allowed::Folder, "a\0b"), None);
        assert_eq!(read(Allowed::FolderAutoOff, "off").as_deref(), Some("off"));
    }

    #[test]
    fn names_of_hosts_are_no_addresses_and_no_wildcards() {
        for (text, expected) in [
            ("off", Some("off")),
            ("records", Some("records")),
            ("HIS.Hospital.example., records", Some("his.hospital.example,records")),
            ("", None),
            ("10.0.0.1", None),
            ("::1", None),
            ("*.hospital.example", None),
            ("-a", None),
            ("a..b", None),
            ("a b", None),
            ("https://a", None),
        ] {
            assert_eq!(read(Allowed::NamesOrOff, text).as_deref(), expected, "{text:?}");
        }
        assert_eq!(read(Allowed::FileOrOff, "a.pem").as_deref(), Some("/srv/a.pem"));
        assert_eq!(read(Allowed::AutoOrWords(&["on", "off"]), "on").as_deref(), Some("on"));
        assert_eq!(read(Allowed::AutoOrWords(&["on", "off"]), "yes"), None);
    }

    #[test]
    fn time_zones_come_from_the_built_in_database() {
        assert_eq!(read(Allowed::AutoOrZone, "Africa/Nairobi").as_deref(), Some("Africa/Nairobi"));
        assert_eq!(read(Allowed::AutoOrZone, "Mars/Olympus"), None);
    }
}
