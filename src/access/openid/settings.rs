//! Who the hospital's OpenID provider is, and what is wrong with what somebody typed. The client
//! secret is kept apart.

use openidconnect::url::{Host, Url};
use serde::{Deserialize, Serialize};

use crate::access::connections::Place;
use crate::access::directory::mapping::{self, Rule};
use crate::access::trust;
use crate::vocab::problem::Findings;
use crate::vocab::text;

/// Where the store has them.
pub const KEPT: Place<Settings> = Place::new("openid", "openid_secret");

/// Characters of an address, a client id or the name of a claim.
pub const TEXT_MAX: usize = 500;
/// Bytes of the client secret.
pub const SECRET_MAX: usize = 500;
/// Scopes that are asked for beside `openid`.
const SCOPES_MAX: usize = 10;
/// Where the provider sends people back to, below the address of this server.
pub const CALLBACK: &str = "/api/v1/sessions/openid/callback";

/// How the provider is reached and what its claims mean.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Whether people sign in with it.
    pub enabled: bool,
    /// What the button says: "Sign in with …".
    pub name: String,
    /// The provider's own name, an address; its description lies below it.
    pub issuer: String,
    /// The address under which browsers know this server.
    pub own_url: String,
    /// What the provider calls this server.
    pub client_id: String,
    /// Scopes beside `openid`.
    pub scopes: Vec<String>,
    /// The claim that is the user name here.
    pub username_claim: String,
    /// The claim with the groups.
    pub groups_claim: String,
    /// Whether the provider asks everybody for a second factor, so that its proofs need not say it.
    pub asks_second_factor: bool,
    /// Authorities whose certificates the provider shows (PEM); else those of this machine.
    pub ca_pem: Option<String>,
    /// Which value of the claim gives which role.
    pub mapping: Vec<Rule>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            enabled: false,
            name: String::new(),
            issuer: String::new(),
            own_url: String::new(),
            client_id: String::new(),
            scopes: ["profile", "email"].map(str::to_owned).to_vec(),
            username_claim: "preferred_username".to_owned(),
            groups_claim: "groups".to_owned(),
            asks_second_factor: false,
            ca_pem: None,
            mapping: Vec::new(),
        }
    }
}

impl Settings {
    /// Where the provider sends people back to.
    #[must_use]
    pub fn redirect_url(&self) -> String {
        format!("{}{CALLBACK}", self.own_url)
    }

    /// Whether the client secret may be said to the provider of `before`: where something of it
    /// changed, whoever changes it types the secret again, or it could be sent to a server of
    /// their choice.
    #[must_use]
    pub fn keeps_secret_of(&self, before: &Self) -> bool {
        (&self.issuer, &self.ca_pem, &self.client_id)
            == (&before.issuer, &before.ca_pem, &before.client_id)
    }

    /// Trims what was typed and notes what is wrong with it.
    pub fn check(&mut self, findings: &mut Findings) {
        let claims = [&mut self.username_claim, &mut self.groups_claim];
        let texts = [&mut self.issuer, &mut self.client_id, &mut self.own_url];
        for text in texts.into_iter().chain(claims).chain(&mut self.scopes) {
            *text = text.trim().to_owned();
        }
        self.name = text::line(&self.name).unwrap_or_default();
        self.ca_pem = self.ca_pem.take().filter(|pem| !pem.trim().is_empty());
        let own = self.own_url.trim_end_matches('/').to_owned();
        self.own_url = own;
        let named = (1..=60).contains(&self.name.chars().count());
        findings.check(named, "name", "Give the name that people know it by, like Hospital ID.");
        let safe = "Write an address that begins with https:// and has no ? and no #.";
        findings.check(is_safe(&self.issuer), "issuer", safe);
        let bare = Url::parse(&self.own_url).is_ok_and(|url| url.path() == "/");
        let mend = "Write the address under which browsers know this server, like \
             https://healthflow.hospital.example, without a path.";
        findings.check(bare && is_safe(&self.own_url), "own_url", mend);
        let fits = |text: &str| {
            (1..=TEXT_MAX).contains(&text.len()) && text.bytes().all(|it| it.is_ascii_graphic())
        };
        findings.check(fits(&self.client_id), "client_id", "Write the client id of this server.");
        let claims =
            [("username_claim", &self.username_claim), ("groups_claim", &self.groups_claim)];
        for (field, claim) in claims {
            findings.check(fits(claim), field, "Write the name of a claim, like groups.");
        }
        let scopes = self.scopes.len() <= SCOPES_MAX && self.scopes.iter().all(|one| fits(one));
        findings.check(scopes, "scopes", "Name at most 10 scopes, each without blanks.");
        if let Some(pem) = &self.ca_pem {
            let read = match pem.len() <= trust::PEM_MAX {
                true => trust::certificates(pem).err(),
                false => Some("Paste fewer certificates.".to_owned()),
            };
            read.into_iter().for_each(|mend| findings.add("ca_pem", mend));
        }
        mapping::check(&mut self.mapping, findings);
        let empty = "Say which group gives which role: nobody else is let in.";
        findings.check(!self.enabled || !self.mapping.is_empty(), "mapping", empty);
    }
}

/// Whether `text` is an address to which a secret may be sent: https, or this machine itself,
/// where there is nobody between.
#[must_use]
pub fn is_safe(text: &str) -> bool {
    let Ok(url) = Url::parse(text) else { return false };
    let bare = url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    bare && text.len() <= TEXT_MAX && is_safe_way(&url)
}

/// Whether `url` is reached over https or is this machine itself.
#[must_use]
pub fn is_safe_way(url: &Url) -> bool {
    let own = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    url.host().is_some() && (url.scheme() == "https" || (url.scheme() == "http" && own))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(change: impl FnOnce(&mut Settings)) -> Vec<String> {
        let mut settings = Settings {
            enabled: true,
            name: "Hospital ID".to_owned(),
            issuer: "https://id.hospital.example/realms/main".to_owned(),
            own_url: "https://healthflow.hospital.example/".to_owned(),
            client_id: "healthflow".to_owned(),
            mapping: vec![Rule {
                group: "it".to_owned(),
                role: "administrator".to_owned(),
                facility_id: None,
            }],
            ..Settings::default()
        };
        change(&mut settings);
        let mut findings = Findings::new();
        settings.check(&mut findings);
        let told = findings.verdict().err().unwrap_or_default();
        told.into_iter().map(|one| one.field).collect()
    }

    #[test]
    fn what_is_wrong_is_told_by_field() {
        let none: [&str; 0] = [];
        assert_eq!(wrong(|_| {}), none);
        assert_eq!(wrong(|it| it.name = " ".to_owned()), ["name"]);
        assert_eq!(wrong(|it| it.client_id.clear()), ["client_id"]);
        assert_eq!(wrong(|it| it.groups_claim = "a b".to_owned()), ["groups_claim"]);
        assert_eq!(wrong(|it| it.username_claim.clear()), ["username_claim"]);
        assert_eq!(wrong(|it| it.scopes = vec!["a b".to_owned()]), ["scopes"]);
        assert_eq!(wrong(|it| it.ca_pem = Some("x".to_owned())), ["ca_pem"]);
        assert_eq!(wrong(|it| it.mapping.clear()), ["mapping"]);
        assert_eq!(wrong(|it| it.own_url = "https://a.example/b".to_owned()), ["own_url"]);
    }

    #[test]
    fn a_secret_is_sent_over_https_only_or_stays_on_this_machine() {
        for fine in ["https://id.example", "http://127.0.0.1:9000", "http://localhost:1/x"] {
            assert!(is_safe(fine), "{fine}");
        }
        for text in [
            "",
            "id.example",
            "http://id.example",
            "http://127.0.0.1.example",
            "http://10.0.0.1",
            "ftp://id.example",
            "https://user@id.example",
            "https://id.example?a",
            "https://id.example#a",
            "https://",
            "file:///etc",
        ] {
            assert!(!is_safe(text), "{text}");
            assert_eq!(wrong(|it| it.issuer = text.to_owned()), ["issuer"], "{text}");
        }
        let redirect = Settings { own_url: "https://a.example".to_owned(), ..Settings::default() };
        assert_eq!(redirect.redirect_url(), format!("https://a.example{CALLBACK}"));
    }
}
