//! Our own authority: a root that only vouches for this house, and what it signs for the server.
//!
//! Workstations that trust the root trust whoever has its key with every name that it may vouch
//! for. So it says itself for which those are (RFC 5280 name constraints): the names of the
//! machine, names that no public name server gives out, and addresses of inner networks. A key
//! that is stolen opens no bank and no mail.

use std::net::IpAddr;

use jiff::civil::Date;
use jiff::{Span, Timestamp};
use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    NameConstraints, SanType,
};
use rustls::pki_types::CertificateDer;
use x509_parser::extensions::GeneralName;

use super::TlsError;
use super::certificate::{self, About, day};
use super::names::Names;
use crate::vocab::digest;

/// Years for which the root holds.
const ROOT_YEARS: i32 = 10;
/// Days for which the server's certificate holds. Browsers take 397 at most; it renews itself,
/// so it may be short, and long enough for a server that is not started for months.
const SERVER_DAYS: i32 = 180;
/// Days before its end at which it is renewed.
pub const RENEWED_BEFORE_DAYS: i64 = 30;

/// Endings that no public name server gives out (RFC 6761, RFC 6762, RFC 8375, ICANN).
const INNER_NAMES: [&str; 5] = ["localhost", "local", "lan", "internal", "home.arpa"];
/// Networks of houses and machines (RFC 1918, RFC 6598, RFC 3927, RFC 4193).
const INNER_NETWORKS: [(&str, u8); 9] = [
    ("10.0.0.0", 8),
    ("172.16.0.0", 12),
    ("192.168.0.0", 16),
    ("100.64.0.0", 10),
    ("169.254.0.0", 16),
    ("127.0.0.0", 8),
    ("::1", 128),
    ("fc00::", 7),
    ("fe80::", 10),
];

/// The authority of one house.
pub struct Authority {
    /// What its certificate says.
    pub about: About,
    /// Its certificate.
    pub der: CertificateDer<'static>,
    issuer: Issuer<'static, KeyPair>,
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Authority").field("about", &self.about).finish_non_exhaustive()
    }
}

/// What has just been made, as PEM.
#[derive(Debug)]
pub struct Made {
    /// The certificate.
    pub certificate: String,
    /// Its private key.
    pub key: String,
}

impl Authority {
    /// Makes the root of a house whose server has `names`.
    ///
    /// # Errors
    /// The system gives no randomness.
    pub fn make(names: &Names, now: Timestamp) -> Result<Made, TlsError> {
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::default();
        params.distinguished_name = root_name(names, &key);
        hold(&mut params, day(now), Span::new().years(ROOT_YEARS));
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.name_constraints = Some(NameConstraints {
            permitted_subtrees: permitted(names),
            excluded_subtrees: Vec::new(),
        });
        let certificate = params.self_signed(&key)?.pem();
        Ok(Made { certificate, key: key.serialize_pem() })
    }

    /// The authority with this certificate and this key, PEM.
    ///
    /// # Errors
    /// They cannot be read, do not belong together, or do not hold at `now`.
    pub fn read(certificate: &[u8], key: &[u8], now: Timestamp) -> Result<Self, TlsError> {
        let der = certificate::chain(certificate)?.remove(0);
        let key = std::str::from_utf8(key).map_err(|_| TlsError::NoKey)?;
        let key = KeyPair::from_pem(key).map_err(|_| TlsError::NoKey)?;
        let parsed = certificate::parse(&der)?;
        if parsed.public_key().subject_public_key.data.as_ref() != key.public_key_raw() {
            return Err(TlsError::Unfit);
        }
        let about = About::of(&der)?;
        about.demand_valid(now)?;
        let issuer = Issuer::from_ca_cert_der(&der, key)?;
        Ok(Self { about, der, issuer })
    }

    /// Splits `names` into what the root may vouch for and what it may not.
    #[must_use]
    pub fn vouched(&self, names: &Names) -> (Names, Vec<String>) {
        let (mut within, mut without) = (Names::default(), Vec::new());
        let Some(limits) = Limits::of(&self.der) else { return (names.clone(), without) };
        for host in &names.hosts {
            if limits.hosts.iter().any(|limit| is_below(host, limit)) {
                within.hosts.insert(host.clone());
            } else {
                without.push(host.clone());
            }
        }
        for address in &names.addresses {
            if limits.networks.iter().any(|network| is_inside(*address, network)) {
                within.addresses.insert(*address);
            } else {
                without.push(address.to_string());
            }
        }
        (within, without)
    }

    /// Signs a new certificate for a server with `names`, all of which it must be able to vouch
    /// for: PEM, certificate and key in one.
    ///
    /// # Errors
    /// The system gives no randomness.
    pub fn issue(&self, names: &Names, now: Timestamp) -> Result<String, TlsError> {
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::default();
        params.distinguished_name = common_name(names.best().unwrap_or_default());
        let until = day(self.about.ends_at).since(day(now)).map_or(0, |left| left.get_days());
        let days = SERVER_DAYS.min(until);
        hold(&mut params, day(now), Span::new().days(days));
        params.subject_alt_names = alternative(names)?;
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let certificate = params.signed_by(&key, &self.issuer)?;
        Ok(format!("{}{}", key.serialize_pem(), certificate.pem()))
    }

    /// Whether it has signed the certificate that `about` is of.
    #[must_use]
    pub fn has_signed(&self, about: &About) -> bool {
        // The name of each root has its own key in it.
        about.issuer == self.about.subject
    }
}

/// `names` as they stand in a certificate or in a request for one.
pub(super) fn alternative(names: &Names) -> Result<Vec<SanType>, TlsError> {
    let hosts = names.hosts.iter().map(|host| Ok(SanType::DnsName(host.as_str().try_into()?)));
    let addresses = names.addresses.iter().map(|address| Ok(SanType::IpAddress(*address)));
    hosts.chain(addresses).collect()
}

pub(super) fn common_name(name: String) -> DistinguishedName {
    let mut whole = DistinguishedName::new();
    // RFC 5280 bounds it; the names that count are the alternative ones.
    whole.push(DnType::CommonName, name.chars().take(64).collect::<String>());
    whole
}

/// Two roots of one machine must not be mistaken for each other.
fn root_name(names: &Names, key: &KeyPair) -> DistinguishedName {
    let mark = digest::hex(&digest::sha256(&[key.public_key_raw()])[..4]);
    let best = names.best().unwrap_or_else(|| "this machine".to_owned());
    let best: String = best.chars().take(30).collect();
    common_name(format!("HealthFlow authority of {best}, {mark}"))
}

/// From the day before `today`, because clocks of workstations are wrong, for `length`.
fn hold(params: &mut CertificateParams, today: Date, length: Span) {
    let midnight = |day: Date| {
        let part = |number: i8| u8::try_from(number).unwrap_or(1);
        rcgen::date_time_ymd(day.year().into(), part(day.month()), part(day.day()))
    };
    params.not_before = midnight(today.saturating_sub(Span::new().days(1)));
    params.not_after = midnight(today.saturating_add(length));
}

fn permitted(names: &Names) -> Vec<GeneralSubtree> {
    let mut hosts: Vec<&str> = INNER_NAMES.to_vec();
    for host in &names.hosts {
        let host = host.trim_start_matches("*.");
        if !hosts.iter().any(|limit| is_below(host, limit)) {
            hosts.push(host);
        }
    }
    let mut networks: Vec<(IpAddr, u8)> = INNER_NETWORKS
        .iter()
        .filter_map(|(address, prefix)| Some((address.parse().ok()?, *prefix)))
        .collect();
    for address in &names.addresses {
        if !networks.iter().any(|(network, prefix)| shares(*address, *network, *prefix)) {
            networks.push((*address, if address.is_ipv4() { 32 } else { 128 }));
        }
    }
    let hosts = hosts.into_iter().map(|host| GeneralSubtree::DnsName(host.to_owned()));
    let networks = networks.into_iter().map(|(address, prefix)| {
        GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(address, prefix))
    });
    hosts.chain(networks).collect()
}

/// Whether the first `prefix` bits of both are the same.
fn shares(address: IpAddr, network: IpAddr, prefix: u8) -> bool {
    match (address, network) {
        (IpAddr::V4(address), IpAddr::V4(network)) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0);
            address.to_bits() & mask == network.to_bits() & mask
        }
        (IpAddr::V6(address), IpAddr::V6(network)) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or(0);
            address.to_bits() & mask == network.to_bits() & mask
        }
        _ => false,
    }
}

/// What a root says that it vouches for.
struct Limits {
    hosts: Vec<String>,
    networks: Vec<(IpAddr, IpAddr)>,
}

impl Limits {
    /// `None` of a root that says nothing of it.
    fn of(der: &[u8]) -> Option<Self> {
        let certificate = certificate::parse(der).ok()?;
        let limits = certificate.name_constraints().ok()??;
        let mut found = Self { hosts: Vec::new(), networks: Vec::new() };
        for subtree in limits.value.permitted_subtrees.as_ref()? {
            match &subtree.base {
                GeneralName::DNSName(host) => found.hosts.push(host.to_ascii_lowercase()),
                GeneralName::IPAddress(bytes) => {
                    let (address, mask) = bytes.split_at(bytes.len() / 2);
                    let both = certificate::address(address).zip(certificate::address(mask));
                    found.networks.extend(both);
                }
                _ => {}
            }
        }
        Some(found)
    }
}

fn is_below(host: &str, limit: &str) -> bool {
    let rest = host.trim_start_matches("*.").strip_suffix(limit);
    rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

fn is_inside(address: IpAddr, (network, mask): &(IpAddr, IpAddr)) -> bool {
    match (address, network, mask) {
        (IpAddr::V4(address), IpAddr::V4(network), IpAddr::V4(mask)) => {
            address.to_bits() & mask.to_bits() == network.to_bits() & mask.to_bits()
        }
        (IpAddr::V6(address), IpAddr::V6(network), IpAddr::V6(mask)) => {
            address.to_bits() & mask.to_bits() == network.to_bits() & mask.to_bits()
        }
        _ => false,
    }
}
