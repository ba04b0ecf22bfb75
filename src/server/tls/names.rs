//! By which names and addresses this machine is reached.

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::config::value::is_host_name;

/// Addresses in one certificate: a machine with more has them from containers.
const ADDRESSES_MAX: usize = 64;

/// Names and addresses of one server.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    /// Host names in small letters, also those with a wildcard where a certificate has some.
    pub hosts: BTreeSet<String>,
    /// Addresses.
    pub addresses: BTreeSet<IpAddr>,
}

impl Names {
    /// Those of this machine, `given` ones, and the address `listen` that it serves on.
    #[must_use]
    pub fn of_machine(given: &[String], listen: IpAddr) -> Self {
        let mut hosts = own_hosts(&node_name(), &text("/etc/hosts"), &text("/etc/resolv.conf"));
        hosts.extend(given.iter().cloned());
        let found = if_addrs::get_if_addrs().unwrap_or_else(|cause| {
            tracing::warn!("The addresses of this machine cannot be listed: {cause}");
            Vec::new()
        });
        let mut addresses: BTreeSet<IpAddr> = [listen, [127, 0, 0, 1].into(), LOOPBACK_6.into()]
            .into_iter()
            .map(|address| address.to_canonical())
            .filter(|address| !address.is_unspecified())
            .collect();
        let usable = found.into_iter().map(|one| one.ip().to_canonical()).filter(is_typed);
        for address in usable {
            if addresses.len() < ADDRESSES_MAX {
                addresses.insert(address);
            }
        }
        Self { hosts, addresses }
    }

    /// All of them as text, names first.
    #[must_use]
    pub fn listed(&self) -> Vec<String> {
        let addresses = self.addresses.iter().map(IpAddr::to_string);
        self.hosts.iter().cloned().chain(addresses).collect()
    }

    /// Whether all of `others` are among these.
    #[must_use]
    pub fn cover(&self, others: &Self) -> bool {
        others.hosts.is_subset(&self.hosts) && others.addresses.is_subset(&self.addresses)
    }

    /// What is read as a list of names and addresses.
    ///
    /// # Errors
    /// The first that is neither.
    pub fn read(given: &[String]) -> Result<Self, String> {
        let mut names = Self::default();
        for name in given {
            let plain = name.trim().trim_end_matches('.').to_ascii_lowercase();
            if let Ok(address) = plain.parse::<IpAddr>() {
                names.addresses.insert(address.to_canonical());
            } else if is_host_name(plain.strip_prefix("*.").unwrap_or(&plain)) {
                names.hosts.insert(plain);
            } else {
                return Err(name.clone());
            }
        }
        Ok(names)
    }

    /// The name that somebody at another computer would most likely type: the longest host name
    /// that is not this machine's alone, else its first address of the network.
    #[must_use]
    pub fn best(&self) -> Option<String> {
        let alone = |name: &&String| *name == "localhost" || name.ends_with(".local");
        let host = self.hosts.iter().filter(|name| !alone(name)).max_by_key(|name| name.len());
        let address = || self.addresses.iter().find(|address| !address.is_loopback());
        host.cloned().or_else(|| address().map(IpAddr::to_string))
    }
}

const LOOPBACK_6: [u16; 8] = [0, 0, 0, 0, 0, 0, 0, 1];

/// Link-local addresses need the name of an interface behind them, so nobody can type them into
/// a browser.
fn is_typed(address: &IpAddr) -> bool {
    match address {
        IpAddr::V4(four) => !four.is_link_local() && !four.is_unspecified(),
        IpAddr::V6(six) => !six.is_unicast_link_local() && !six.is_unspecified(),
    }
}

fn text(path: &str) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}

#[cfg(unix)]
fn node_name() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

#[cfg(not(unix))]
fn node_name() -> String {
    std::env::var("COMPUTERNAME").unwrap_or_default()
}

/// The name of the machine, its whole name where the system's files know one, and the one by
/// which it calls itself on its own network without a name server.
fn own_hosts(node: &str, hosts_file: &str, resolver_file: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::from(["localhost".to_owned()]);
    let node = node.trim().trim_end_matches('.').to_ascii_lowercase();
    if !is_host_name(&node) || node == "localhost" {
        return names;
    }
    let short = node.split('.').next().unwrap_or(&node).to_owned();
    for line in hosts_file.lines() {
        let line = line.split('#').next().unwrap_or_default().to_ascii_lowercase();
        let of_line: Vec<&str> = line.split_whitespace().skip(1).collect();
        if of_line.iter().any(|name| *name == node || *name == short) {
            let of_node = of_line.into_iter().filter(|name| {
                is_host_name(name) && name.split('.').next() == Some(short.as_str())
            });
            names.extend(of_node.map(str::to_owned));
        }
    }
    if node == short
        && let Some(domain) = domain(resolver_file)
    {
        let whole = format!("{short}.{domain}");
        names.extend(is_host_name(&whole).then_some(whole));
    }
    names.insert(format!("{short}.local"));
    names.insert(short);
    names.insert(node);
    names
}

/// The first domain in which the machine looks for names.
fn domain(resolver_file: &str) -> Option<String> {
    resolver_file.lines().find_map(|line| {
        let mut words = line.split_whitespace();
        let says = matches!(words.next(), Some("search" | "domain"));
        let domain = words.next().filter(|_| says)?.trim_matches('.').to_ascii_lowercase();
        is_host_name(&domain).then_some(domain)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(node: &str, hosts_file: &str, resolver_file: &str) -> Vec<String> {
        own_hosts(node, hosts_file, resolver_file).into_iter().collect()
    }

    #[test]
    fn a_machine_knows_its_names_from_the_files_of_the_system() {
        assert_eq!(
            hosts("Records", "", "nameserver 1.1.1.1\nsearch hospital.example x.example\n"),
            ["localhost", "records", "records.hospital.example", "records.local"]
        );
        let file = "127.0.0.1 localhost\n127.0.1.1 his.korle.example his # ours\n10.0.0.9 other\n";
        assert_eq!(hosts("his", file, ""), ["his", "his.korle.example", "his.local", "localhost"]);
        assert_eq!(
            hosts("his.korle.example", "", "search elsewhere.example"),
            ["his", "his.korle.example", "his.local", "localhost"]
        );
        assert_eq!(hosts("(none)", "", "search x.example"), ["localhost"]);
    }

    #[test]
    fn the_best_name_is_one_that_others_can_type() {
        let names = |given: &[&str]| {
            let given: Vec<String> = given.iter().map(|name| (*name).to_owned()).collect();
            Names::read(&given).unwrap()
        };
        let all = names(&["localhost", "his", "his.korle.example", "his.local", "10.0.0.5"]);
        assert_eq!(all.best().as_deref(), Some("his.korle.example"));
        assert_eq!(
            names(&["localhost", "127.0.0.1", "10.0.0.5"]).best().as_deref(),
            Some("10.0.0.5")
        );
        assert_eq!(names(&["localhost", "::1"]).best(), None);
        assert_eq!(Names::read(&["a b".to_owned()]), Err("a b".to_owned()));
        assert!(all.cover(&names(&["HIS.", "10.0.0.5"])) && !all.cover(&names(&["10.0.0.6"])));
    }

    #[test]
    fn this_machine_has_addresses() {
        let names = Names::of_machine(&["records".to_owned()], [10, 99, 98, 97].into());
        assert!(names.hosts.contains("records") && names.hosts.contains("localhost"));
        for address in ["127.0.0.1", "::1", "10.99.98.97"] {
            assert!(names.addresses.contains(&address.parse().unwrap()), "{names:?}");
        }
    }
}
