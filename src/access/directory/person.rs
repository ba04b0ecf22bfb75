//! People in the directory: found by what they typed or by what stays the same of them, with
//! the groups they are in.

use std::collections::{BTreeSet, VecDeque};

use ldap3::SearchEntry;

use super::ldap::{Line, Trouble};
use super::names;
use super::settings::{Flavor, Settings};
use crate::vocab::digest::hex;

/// Groups of one person that are looked at.
pub const GROUPS_MAX: usize = 1_000;
/// Groups that are asked about in one question.
const GROUPS_AT_ONCE: usize = 50;
/// How deep groups lie in groups.
const DEPTH_MAX: usize = 10;

/// An attribute that says something of whether the account may be used.
const STATES: [&str; 3] = ["userAccountControl", "nsAccountLock", "pwdAccountLockedTime"];

/// Somebody in the directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Their entry.
    pub dn: String,
    /// What stays the same of them.
    pub external_id: String,
    /// The user name here.
    pub username: String,
    /// What they are called.
    pub display_name: String,
    /// The account is locked or switched off there.
    pub disabled: bool,
    /// Groups that their own entry names.
    member_of: Vec<String>,
}

/// What a search for one person came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// They are there.
    One(Box<Person>),
    /// Nobody is.
    Nobody,
    /// More than one is: nobody can say who it would be.
    Several,
    /// Their entry lacks this attribute.
    Lacks(&'static str),
}

/// Who is meant by `typed`.
///
/// # Errors
/// As [`Line::search`].
pub async fn by_name(line: &mut Line, settings: &Settings, typed: &str) -> Result<Found, Trouble> {
    let filter = names::filter(settings.filter(), names::without_domain(typed));
    find(line, settings, &filter).await
}

/// Who had `external_id` when they signed in.
///
/// # Errors
/// As [`Line::search`].
pub async fn by_id(line: &mut Line, settings: &Settings, id: &str) -> Result<Found, Trouble> {
    let value = match settings.flavor {
        Flavor::ActiveDirectory => {
            let pairs = (0..id.len()).step_by(2).map(|at| id.get(at..at + 2).unwrap_or_default());
            let bytes = pairs.filter_map(|pair| u8::from_str_radix(pair, 16).ok());
            names::bytes_in_filter(&bytes.collect::<Vec<u8>>())
        }
        Flavor::Ldap => ldap3::ldap_escape(id).into_owned(),
    };
    let filter = format!("({}={value})", settings.id_attribute());
    find(line, settings, &filter).await
}

async fn find(line: &mut Line, settings: &Settings, filter: &str) -> Result<Found, Trouble> {
    let own = [settings.id_attribute(), settings.name_attribute()];
    let attributes = [&own[..], &["displayName", "cn", "memberOf"], &STATES].concat();
    let (entries, more) = line.search(&settings.base, filter, &attributes, 2).await?;
    Ok(match entries.as_slice() {
        [] => Found::Nobody,
        [entry] if !more => read(entry, settings),
        _ => Found::Several,
    })
}

fn read(entry: &SearchEntry, settings: &Settings) -> Found {
    let Some(external_id) = identity(entry, settings) else {
        return Found::Lacks(settings.id_attribute());
    };
    let Some(username) = text(entry, settings.name_attribute()) else {
        return Found::Lacks(settings.name_attribute());
    };
    let display_name = text(entry, "displayName").or_else(|| text(entry, "cn"));
    Found::One(Box::new(Person {
        dn: entry.dn.clone(),
        external_id,
        display_name: display_name.unwrap_or_else(|| username.clone()),
        username,
        disabled: is_disabled(entry),
        member_of: texts(entry, "memberOf"),
    }))
}

fn identity(entry: &SearchEntry, settings: &Settings) -> Option<String> {
    let name = settings.id_attribute();
    match settings.flavor {
        // Sixteen bytes, which may happen to be text.
        Flavor::ActiveDirectory => {
            let bytes = entry.bin_attrs.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
            let bytes = bytes.and_then(|(_, values)| values.first()).map(|value| hex(value));
            bytes.or_else(|| text(entry, name).map(|value| hex(value.as_bytes())))
        }
        Flavor::Ldap => text(entry, name),
    }
    .filter(|id| !id.is_empty() && id.len() <= 200)
}

/// The account is off in Active Directory (bit 2), in 389 Directory Server and FreeIPA, or by
/// OpenLDAP's policy of passwords.
fn is_disabled(entry: &SearchEntry) -> bool {
    let off = text(entry, STATES[0]).and_then(|it| it.parse::<u32>().ok());
    off.is_some_and(|it| it & 2 != 0)
        || text(entry, STATES[1]).is_some_and(|it| it.eq_ignore_ascii_case("true"))
        || text(entry, STATES[2]).is_some()
}

/// The distinguished names of all groups that `person` is in.
///
/// # Errors
/// As [`Line::search`].
pub async fn groups(
    line: &mut Line,
    settings: &Settings,
    person: &Person,
) -> Result<Vec<String>, Trouble> {
    let mut all = Groups::default();
    person.member_of.iter().for_each(|group| all.add(group, 1));
    if settings.flavor == Flavor::ActiveDirectory && settings.nested_groups {
        // LDAP_MATCHING_RULE_IN_CHAIN: the server itself follows groups in groups.
        let member = ldap3::ldap_escape(person.dn.as_str());
        let filter = format!("(member:1.2.840.113556.1.4.1941:={member})");
        let base = settings.groups_under();
        let (found, _) = line.search(base, &filter, &["cn"], GROUPS_MAX).await?;
        found.iter().for_each(|group| all.add(&group.dn, DEPTH_MAX));
        return Ok(all.names);
    }
    let uid = ldap3::ldap_escape(person.username.as_str());
    let own = format!("(|{}(memberUid={uid}))", membership(&person.dn));
    all.search(line, settings, &own, 1).await?;
    while settings.nested_groups && !all.waiting.is_empty() {
        let depth = all.waiting.front().map_or(0, |(_, depth)| *depth);
        let count = GROUPS_AT_ONCE.min(all.waiting.len());
        let asked: String = all.waiting.drain(..count).map(|(dn, _)| membership(&dn)).collect();
        all.search(line, settings, &format!("(|{asked})"), depth + 1).await?;
    }
    Ok(all.names)
}

fn membership(dn: &str) -> String {
    let dn = ldap3::ldap_escape(dn);
    format!("(member={dn})(uniqueMember={dn})")
}

/// Groups that were found, each once.
#[derive(Debug, Default)]
struct Groups {
    names: Vec<String>,
    known: BTreeSet<String>,
    /// Those of which it was not yet asked in which groups they are, and how deep they lie.
    waiting: VecDeque<(String, usize)>,
}

impl Groups {
    fn add(&mut self, dn: &str, depth: usize) {
        if self.names.len() < GROUPS_MAX && self.known.insert(names::normal(dn)) {
            self.names.push(dn.to_owned());
            if depth < DEPTH_MAX {
                self.waiting.push_back((dn.to_owned(), depth));
            }
        }
    }

    async fn search(
        &mut self,
        line: &mut Line,
        settings: &Settings,
        filter: &str,
        depth: usize,
    ) -> Result<(), Trouble> {
        let base = settings.groups_under();
        let (found, _) = line.search(base, filter, &["cn"], GROUPS_MAX).await?;
        found.iter().for_each(|group| self.add(&group.dn, depth));
        Ok(())
    }
}

fn texts(entry: &SearchEntry, name: &str) -> Vec<String> {
    let found = entry.attrs.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    found.map(|(_, values)| values.clone()).unwrap_or_default()
}

fn text(entry: &SearchEntry, name: &str) -> Option<String> {
    texts(entry, name).into_iter().next().filter(|value| !value.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(texts: &[(&str, &str)], bytes: &[(&str, &[u8])]) -> SearchEntry {
        let attrs = texts.iter().map(|(name, text)| ((*name).to_owned(), vec![(*text).to_owned()]));
        let bin_attrs =
            bytes.iter().map(|(name, bytes)| ((*name).to_owned(), vec![bytes.to_vec()]));
        SearchEntry {
            dn: "CN=Ama,DC=x".to_owned(),
            attrs: attrs.collect(),
            bin_attrs: bin_attrs.collect(),
        }
    }

    fn person(entry: &SearchEntry) -> Person {
        match read(entry, &Settings::default()) {
            Found::One(person) => *person,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_entry_of_active_directory_is_read_as_it_comes() {
        let guid: &[u8] = &[0xff, 1, 0, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];
        let names = [("samaccountname", "Ama"), ("displayName", "Ama Mensah")];
        let ama = person(&entry(&names, &[("objectGUID", guid)]));
        assert_eq!(ama.external_id, "ff01000405060708090a0b0c0d0e0f10");
        assert_eq!((ama.username.as_str(), ama.display_name.as_str()), ("Ama", "Ama Mensah"));
        assert!(!ama.disabled);
        let textual = [("sAMAccountName", "ama"), ("objectGUID", "0123456789abcdef")];
        let textual = person(&entry(&textual, &[]));
        assert_eq!(textual.external_id, hex(b"0123456789abcdef"));
        assert_eq!(textual.display_name, "ama");
    }

    #[test]
    fn an_account_that_is_off_is_known_by_the_attribute_of_its_directory() {
        for (name, value, off) in [
            ("userAccountControl", "514", true),
            ("userAccountControl", "512", false),
            ("nsAccountLock", "TRUE", true),
            ("nsAccountLock", "false", false),
            ("pwdAccountLockedTime", "000001010000Z", true),
        ] {
            let texts = [("sAMAccountName", "ama"), ("objectGUID", "x"), (name, value)];
            assert_eq!(person(&entry(&texts, &[])).disabled, off, "{name} {value}");
        }
    }

    #[test]
    fn who_lacks_what_makes_a_person_is_nobody() {
        let lacking = |texts: &[(&str, &str)]| read(&entry(texts, &[]), &Settings::default());
        assert_eq!(lacking(&[("sAMAccountName", "ama")]), Found::Lacks("objectGUID"));
        assert_eq!(lacking(&[("objectGUID", "x")]), Found::Lacks("sAMAccountName"));
        let empty = [("objectGUID", "x"), ("sAMAccountName", " ")];
        assert_eq!(lacking(&empty), Found::Lacks("sAMAccountName"));
    }
}
