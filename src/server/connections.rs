//! How many connections one address may hold.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use crate::vocab::network::network;

/// The open connections of each address.
#[derive(Debug)]
pub(super) struct Connections {
    most: usize,
    open: Mutex<HashMap<IpAddr, usize>>,
}

/// One connection, counted for as long as this lives.
#[derive(Debug)]
pub(super) struct Counted {
    all: Arc<Connections>,
    from: IpAddr,
}

impl Connections {
    /// One address may have `most`.
    pub(super) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self { most, open: Mutex::default() })
    }

    /// Counts a connection from `address`; this machine's own are free.
    ///
    /// # Errors
    /// The address has as many as it may.
    pub(super) fn enter(self: &Arc<Self>, address: IpAddr) -> Result<Option<Counted>, TooMany> {
        let from = network(Some(address));
        if from.is_loopback() {
            return Ok(None);
        }
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(from).or_insert(0);
        if self.most <= *count {
            return Err(TooMany);
        }
        *count += 1;
        if *count == self.most {
            tracing::warn!("{address} has {} connections open and gets no more", self.most);
        }
        Ok(Some(Counted { all: Arc::clone(self), from }))
    }
}

/// An address has as many connections as it may.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooMany;

impl Drop for Counted {
    fn drop(&mut self) {
        let mut open = self.all.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.from) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.from);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn one_address_has_a_bound_and_this_machine_none() {
        let all = Connections::new(4);
        let mut held = Vec::new();
        for _ in 0..4 {
            held.push(all.enter(ip("10.0.0.1")).unwrap_or_default());
        }
        assert!(held.iter().all(Option::is_some));
        assert!(all.enter(ip("10.0.0.1")).is_err() && all.enter(ip("::ffff:10.0.0.1")).is_err());
        assert!(all.enter(ip("10.0.0.2")).is_ok());
        held.pop();
        assert!(all.enter(ip("10.0.0.1")).is_ok());
        for _ in 0..100 {
            assert!(all.enter(ip("127.0.0.1")).is_ok_and(|counted| counted.is_none()));
            assert!(all.enter(ip("::1")).is_ok_and(|counted| counted.is_none()));
        }
        drop(held);
        assert!(all.open.lock().unwrap().is_empty());
    }

    #[test]
    fn a_network_of_ipv6_counts_as_one() {
        let all = Connections::new(1);
        let _held = all.enter(ip("2001:db8:0:1::1"));
        assert!(all.enter(ip("2001:db8:0:1:ffff::2")).is_err());
        assert!(all.enter(ip("2001:db8:0:2::1")).is_ok());
    }
}
