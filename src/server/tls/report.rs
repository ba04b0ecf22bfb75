//! What is in force, told to people and programs.

use jiff::Timestamp;
use serde_json::{Value as Json, json};

use super::authority::RENEWED_BEFORE_DAYS;
use super::certificate::About;
use super::keeper::{Origin, Standing};

/// Days before the end of a certificate that somebody has to renew by hand, from which on it is
/// told.
pub const WARNED_BEFORE_DAYS: i64 = 30;
/// The same for our own root, which has to come to every workstation.
const ROOT_WARNED_BEFORE_DAYS: i64 = 365;

impl Origin {
    /// The word for it in the API.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Installed => "installed",
            Self::Files => "files",
        }
    }

    /// The same in words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Own => "signed by the server's own authority, renewed by itself",
            Self::Installed => "signed by the hospital's authority, installed",
            Self::Files => "from the files that the settings name",
        }
    }
}

/// What somebody should do, in plain words.
#[must_use]
pub fn warnings(standing: &Standing, now: Timestamp) -> Vec<String> {
    let mut told = Vec::new();
    let days = standing.about.days_left(now);
    let ends = match days {
        ..0 => Some("The certificate has expired: browsers warn of the server.".to_owned()),
        0..WARNED_BEFORE_DAYS => Some(format!("The certificate ends in {days} days.")),
        _ => None,
    };
    let mend = match standing.origin {
        Origin::Own => " It should have renewed itself: look into the log.",
        Origin::Installed => {
            " Ask the hospital's authority again (healthflow tls request) and install its answer."
        }
        Origin::Files => " Put a new one into the files of tls_certificate and tls_key.",
    };
    // Ours is renewed within seconds when it has so few days left.
    let overdue = standing.origin != Origin::Own || days + 1 < RENEWED_BEFORE_DAYS;
    told.extend(ends.filter(|_| overdue).map(|ends| format!("{ends}{mend}")));
    if let Some(refused) = &standing.refused {
        told.push(format!("A newer certificate is not used: {refused}"));
    }
    if !standing.left_out.is_empty() {
        told.push(format!(
            "The server's own root may not vouch for {}. To reach the server by that, make another \
             root (healthflow tls new-root) and hand it out, or use a certificate of your own.",
            standing.left_out.join(", ")
        ));
    }
    if let Some(root) = &standing.root
        && root.days_left(now) < ROOT_WARNED_BEFORE_DAYS
    {
        told.push(format!(
            "The server's own root ends in {} days. Make another one (healthflow tls new-root) and \
             hand it out.",
            root.days_left(now)
        ));
    }
    told
}

/// What one certificate says.
#[must_use]
pub fn certificate(about: &About) -> Json {
    json!({
        "subject": about.subject,
        "issuer": about.issuer,
        "names": about.names.listed(),
        "begins_at": about.begins_at.to_string(),
        "ends_at": about.ends_at.to_string(),
        "fingerprint_sha256": about.fingerprint,
    })
}

/// All of it.
#[must_use]
pub fn whole(standing: &Standing, hsts_s: u64, now: Timestamp) -> Json {
    json!({
        "encrypted": true,
        "origin": standing.origin.word(),
        "certificate": certificate(&standing.about),
        "root": standing.root.as_ref().map(certificate),
        "hsts_s": hsts_s,
        "warnings": warnings(standing, now),
    })
}
