//! How the hospital's directory is reached and read: what is kept of it, and what is wrong with
//! what somebody typed. There is no connection without TLS: `ldaps://` begins with it, `ldap://`
//! goes over to it (StartTLS) before anything else is said.

use serde::{Deserialize, Serialize};

use super::mapping::{self, Rule};
use super::names;
use crate::access::connections::Place;
use crate::access::trust;
use crate::vocab::problem::Findings;

/// Where the store has them.
pub const KEPT: Place<Settings> = Place::new("directory", "directory_password");

/// Servers that are tried one after the other.
pub const SERVERS_MAX: usize = 5;
/// Characters of a server's address, a distinguished name or a filter.
pub const TEXT_MAX: usize = 500;
/// Characters of the password of the service account.
pub const PASSWORD_MAX: usize = 500;

/// Which kind of directory it is; each has its own attributes and its own way with groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Flavor {
    /// Active Directory, and Samba as one.
    #[default]
    ActiveDirectory,
    /// OpenLDAP, 389 Directory Server, FreeIPA and the like.
    Ldap,
}

/// How the directory is reached and read. The password of the service account is kept apart.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Whether people sign in with it.
    pub enabled: bool,
    /// Which kind it is.
    pub flavor: Flavor,
    /// `ldaps://host[:port]` or `ldap://host[:port]`, in the order in which they are tried.
    pub servers: Vec<String>,
    /// Authorities whose certificates the servers show (PEM); else those of this machine.
    pub ca_pem: Option<String>,
    /// The account with which the server looks people up.
    pub bind_dn: String,
    /// Where people are.
    pub base: String,
    /// How a person is found; `{name}` is what they typed.
    pub user_filter: Option<String>,
    /// Where groups are; else where people are.
    pub group_base: Option<String>,
    /// Whether somebody in a group that is in a group counts as in both.
    pub nested_groups: bool,
    /// Which group gives which role.
    pub mapping: Vec<Rule>,
}

/// A server's address, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// TLS from the first byte, not by StartTLS.
    pub tls_first: bool,
    /// A name, or an address of IPv4.
    pub host: String,
    /// The port.
    pub port: u16,
}

impl Server {
    /// The server in `text`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (tls_first, rest) = match text.strip_prefix("ldaps://") {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix("ldap://")?),
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (host, port) = match rest.split_once(':') {
            Some((host, port)) => (host, port.parse().ok().filter(|port| *port != 0)?),
            None => (rest, if tls_first { 636 } else { 389 }),
        };
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
        let named = (1..=253).contains(&host.len()) && host.bytes().all(fits);
        named.then(|| Self { tls_first, host: host.to_owned(), port })
    }

    /// The address as it is shown.
    #[must_use]
    pub fn url(&self) -> String {
        let scheme = if self.tls_first { "ldaps" } else { "ldap" };
        format!("{scheme}://{}:{}", self.host, self.port)
    }
}

impl Settings {
    /// The servers, in the order in which they are tried.
    #[must_use]
    pub fn addresses(&self) -> Vec<Server> {
        self.servers.iter().filter_map(|server| Server::parse(server)).collect()
    }

    /// How a person is found.
    #[must_use]
    pub fn filter(&self) -> &str {
        self.user_filter.as_deref().unwrap_or(match self.flavor {
            Flavor::ActiveDirectory => {
                "(&(objectCategory=person)(objectClass=user)\
                 (|(sAMAccountName={name})(userPrincipalName={name})))"
            }
            Flavor::Ldap => "(&(objectClass=person)(uid={name}))",
        })
    }

    /// The attribute that is the user name here.
    #[must_use]
    pub fn name_attribute(&self) -> &'static str {
        match self.flavor {
            Flavor::ActiveDirectory => "sAMAccountName",
            Flavor::Ldap => "uid",
        }
    }

    /// The attribute that stays the same whatever somebody is called.
    #[must_use]
    pub fn id_attribute(&self) -> &'static str {
        match self.flavor {
            Flavor::ActiveDirectory => "objectGUID",
            Flavor::Ldap => "entryUUID",
        }
    }

    /// Where groups are.
    #[must_use]
    pub fn groups_under(&self) -> &str {
        self.group_base.as_deref().unwrap_or(&self.base)
    }

    /// Whether the password of the service account may be said to the servers of `before`: where
    /// something of it changed, whoever changes it types the password again, or it could be sent
    /// to a server of their choice.
    #[must_use]
    pub fn keeps_password_of(&self, before: &Self) -> bool {
        (&self.servers, &self.ca_pem, &self.bind_dn)
            == (&before.servers, &before.ca_pem, &before.bind_dn)
    }

    /// Trims what was typed and notes what is wrong with it.
    pub fn check(&mut self, findings: &mut Findings) {
        for text in self.servers.iter_mut().chain([&mut self.bind_dn, &mut self.base]) {
            text.trim().to_owned().clone_into(text);
        }
        for text in [&mut self.ca_pem, &mut self.user_filter, &mut self.group_base] {
            *text = text.take().map(|text| text.trim().to_owned()).filter(|it| !it.is_empty());
        }
        let some = (1..=SERVERS_MAX).contains(&self.servers.len());
        findings.check(some, "servers", &format!("Name 1 to {SERVERS_MAX} servers."));
        for (at, server) in self.servers.iter().enumerate() {
            let mend = "Write ldaps://server.example, or ldap://server.example to go over to TLS \
                 after the greeting (StartTLS). There is no connection without TLS.";
            let known = Server::parse(server).is_some();
            findings.check(known, &format!("servers[{at}]"), mend);
        }
        for (field, text) in [("bind_dn", &self.bind_dn), ("base", &self.base)] {
            let fits = (1..=TEXT_MAX).contains(&text.chars().count()) && is_plain(text);
            let mend = "Write a distinguished name such as ou=people,dc=hospital,dc=example.";
            // Active Directory also takes name@domain for the account.
            let named = text.contains('=') || (field == "bind_dn" && text.contains('@'));
            findings.check(fits && named, field, mend);
        }
        if let Some(base) = &self.group_base {
            let fits = base.contains('=') && base.chars().count() <= TEXT_MAX && is_plain(base);
            findings.check(fits, "group_base", "Write a distinguished name, or leave it out.");
        }
        if let Some(filter) = &self.user_filter {
            let tried = names::filter(filter, "x");
            let fits = filter.chars().count() <= TEXT_MAX && filter.contains("{name}");
            let mend = "Write a filter with {name} in the place of the name that was typed, such \
                 as (&(objectClass=person)(uid={name})).";
            findings.check(fits && ldap3::parse_filter(tried).is_ok(), "user_filter", mend);
        }
        if let Some(pem) = &self.ca_pem {
            let read =
                if pem.len() <= trust::PEM_MAX { trust::certificates(pem) } else { Ok(Vec::new()) };
            match read {
                Ok(found) if !found.is_empty() => {}
                Ok(_) => findings.add("ca_pem", "Paste fewer certificates."),
                Err(mend) => findings.add("ca_pem", mend),
            }
        }
        mapping::check(&mut self.mapping, findings);
        let empty = "Say which group gives which role: nobody else is let in.";
        findings.check(!self.enabled || !self.mapping.is_empty(), "mapping", empty);
    }
}

fn is_plain(text: &str) -> bool {
    !text.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fine() -> Settings {
        Settings {
            enabled: true,
            servers: vec!["ldaps://dc1.hospital.example".to_owned()],
            bind_dn: "reader@hospital.example".to_owned(),
            base: "dc=hospital,dc=example".to_owned(),
            mapping: vec![Rule {
                group: "IT".to_owned(),
                role: "administrator".to_owned(),
                facility_id: None,
            }],
            ..Settings::default()
        }
    }

    fn wrong(change: impl FnOnce(&mut Settings)) -> Vec<String> {
        let (mut settings, mut findings) = (fine(), Findings::new());
        change(&mut settings);
        settings.check(&mut findings);
        let told = findings.verdict().err().unwrap_or_default();
        told.into_iter().map(|one| one.field).collect()
    }

    #[test]
    fn what_is_wrong_is_told_by_field() {
        let none: [&str; 0] = [];
        assert_eq!(wrong(|_| {}), none);
        assert_eq!(wrong(|it| it.servers.clear()), ["servers"]);
        assert_eq!(wrong(|it| it.servers = vec!["ldaps://a".to_owned(); 6]), ["servers"]);
        assert_eq!(wrong(|it| it.bind_dn = "reader".to_owned()), ["bind_dn"]);
        assert_eq!(wrong(|it| it.base = "people".to_owned()), ["base"]);
        assert_eq!(wrong(|it| it.base = "dc=a\u{0}".to_owned()), ["base"]);
        assert_eq!(wrong(|it| it.group_base = Some("x".to_owned())), ["group_base"]);
        assert_eq!(wrong(|it| it.ca_pem = Some("x".to_owned())), ["ca_pem"]);
        assert_eq!(wrong(|it| it.ca_pem = Some("x".repeat(70_000))), ["ca_pem"]);
        for filter in ["(uid=ama)", "(uid={name}", "({name})", "(|(uid={name})"] {
            assert_eq!(wrong(|it| it.user_filter = Some(filter.to_owned())), ["user_filter"]);
        }
        assert_eq!(wrong(|it| it.mapping.clear()), ["mapping"]);
        assert_eq!(wrong(|it| (it.enabled, it.mapping) = (false, Vec::new())), none);
    }

    #[test]
    fn there_is_no_way_to_a_server_without_tls() {
        let server = Server::parse("ldap://dc1.hospital.example/").unwrap();
        assert_eq!((server.tls_first, server.port), (false, 389));
        assert_eq!(Server::parse("ldaps://10.0.0.1:3269").unwrap().url(), "ldaps://10.0.0.1:3269");
        for text in [
            "dc1.hospital.example",
            "http://dc1",
            "ldapi:///run/slapd.sock",
            "ldaps://",
            "ldaps://a:0",
            "ldaps://a:66666",
            "ldaps://user@a",
            "ldaps://a/dc=x",
            "ldaps://a?b",
            "LDAPS://a b",
        ] {
            assert_eq!(Server::parse(text), None, "{text}");
            assert_eq!(wrong(|it| it.servers = vec![text.to_owned()]), ["servers[0]"], "{text}");
        }
    }

    #[test]
    fn the_password_goes_to_no_server_that_it_was_not_typed_for() {
        let before = fine();
        let changed = |change: fn(&mut Settings)| {
            let mut now = fine();
            change(&mut now);
            !now.keeps_password_of(&before)
        };
        assert!(changed(|it| it.servers.push("ldaps://mine.example".to_owned())));
        assert!(changed(|it| it.bind_dn = "cn=other,dc=x".to_owned()));
        assert!(changed(|it| it.ca_pem = Some("mine".to_owned())));
        assert!(!changed(|it| it.base = "dc=other".to_owned()));
    }
}
