//! How many connections one address may hold, and how many may wait for their first request.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::task::AtomicWaker;

use crate::vocab::network::network;

/// The open connections of each address.
pub(super) struct Connections {
    most: usize,
    /// Whose connections are everybody's.
    is_proxy: Box<dyn Fn(IpAddr) -> bool + Send + Sync>,
    open: Mutex<HashMap<IpAddr, usize>>,
    silent: Mutex<Silent>,
}

/// Connections whose first request has not come whole, the oldest first. They are few: whoever
/// wants something says so within a round trip.
#[derive(Default)]
struct Silent {
    most: usize,
    last_number: u64,
    queue: VecDeque<(u64, IpAddr, Arc<Wish>)>,
}

/// Whether a connection is wanted back.
#[derive(Debug, Default)]
struct Wish {
    is_wanted: AtomicBool,
    waker: AtomicWaker,
}

/// A connection whose first request has not come whole, for as long as this lives.
#[derive(Debug)]
pub(super) struct Waiting {
    all: Arc<Connections>,
    number: u64,
    wish: Arc<Wish>,
}

impl std::fmt::Debug for Connections {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connections").field("most", &self.most).finish_non_exhaustive()
    }
}

/// One connection, counted for as long as this lives.
#[derive(Debug)]
pub(super) struct Counted {
    all: Arc<Connections>,
    from: IpAddr,
}

impl Connections {
    /// One address may have `most`, unless it `is_proxy`; so many together may be `silent`.
    pub(super) fn new(
        most: usize,
        silent: usize,
        is_proxy: impl Fn(IpAddr) -> bool + Send + Sync + 'static,
    ) -> Arc<Self> {
        let silent = Mutex::new(Silent { most: silent.max(1), ..Silent::default() });
        Arc::new(Self { most, is_proxy: Box::new(is_proxy), open: Mutex::default(), silent })
    }

    /// A connection from `address` that has not asked for anything yet. When there are too many
    /// of them, the oldest of the address that has most is let go: the one that waits for an
    /// answer has asked by then, and the one that waits for nothing has no right to its place.
    /// This machine's own are not counted.
    pub(super) fn wait(self: &Arc<Self>, address: IpAddr) -> Option<Waiting> {
        let from = network(Some(address));
        if from.is_loopback() {
            return None;
        }
        let wish = Arc::new(Wish::default());
        let mut silent = self.silent.lock().unwrap_or_else(PoisonError::into_inner);
        silent.last_number += 1;
        let number = silent.last_number;
        silent.queue.push_back((number, from, Arc::clone(&wish)));
        let gone = if silent.most < silent.queue.len() { silent.take_one() } else { None };
        drop(silent);
        if let Some(gone) = gone {
            gone.is_wanted.store(true, Ordering::Release);
            gone.waker.wake();
        }
        Some(Waiting { all: Arc::clone(self), number, wish })
    }

    /// Counts a connection from `address`; this machine's own are free, and those of proxies.
    ///
    /// # Errors
    /// The address has as many as it may.
    pub(super) fn enter(self: &Arc<Self>, address: IpAddr) -> Result<Option<Counted>, TooMany> {
        let from = network(Some(address));
        if from.is_loopback() || (self.is_proxy)(address) {
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

impl Silent {
    /// Takes the oldest of the address that has most.
    fn take_one(&mut self) -> Option<Arc<Wish>> {
        let mut counts: HashMap<IpAddr, usize> = HashMap::new();
        for (_, from, _) in &self.queue {
            *counts.entry(*from).or_default() += 1;
        }
        let most = counts.values().copied().max().unwrap_or(0);
        let at = self.queue.iter().position(|(_, from, _)| counts[from] == most)?;
        self.queue.remove(at).map(|(.., wish)| wish)
    }
}

impl Waiting {
    /// Whether the place is wanted back; otherwise the task of `context` is woken when it is.
    pub(super) fn is_wanted(&self, context: &std::task::Context<'_>) -> bool {
        self.wish.waker.register(context.waker());
        self.wish.is_wanted.load(Ordering::Acquire)
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let mut silent = self.all.silent.lock().unwrap_or_else(PoisonError::into_inner);
        // In order of their numbers.
        if let Ok(at) = silent.queue.binary_search_by_key(&self.number, |(number, ..)| *number) {
            silent.queue.remove(at);
        }
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

    fn bounded(most: usize, silent: usize) -> Arc<Connections> {
        Connections::new(most, silent, |address| address == ip("10.0.0.9"))
    }

    fn wanted(waiting: &[Option<Waiting>]) -> Vec<bool> {
        let context = std::task::Context::from_waker(std::task::Waker::noop());
        waiting.iter().flatten().map(|one| one.is_wanted(&context)).collect()
    }

    #[test]
    fn of_those_who_say_nothing_the_oldest_of_the_most_frequent_address_goes() {
        let all = bounded(1_000, 4);
        let mut waiting = vec![all.wait(ip("10.0.0.1"))];
        waiting.extend((0..3).map(|_| all.wait(ip("10.0.0.2"))));
        assert_eq!(wanted(&waiting), [false; 4]);
        waiting.push(all.wait(ip("10.0.0.3")));
        assert_eq!(wanted(&waiting), [false, true, false, false, false]);
        waiting.push(all.wait(ip("10.0.0.2")));
        assert_eq!(wanted(&waiting), [false, true, true, false, false, false]);
        // Who has asked makes room, and is not meant any more.
        waiting.remove(0);
        waiting.push(all.wait(ip("10.0.0.4")));
        assert_eq!(wanted(&waiting), [true, true, false, false, false, false]);
        assert!(all.wait(ip("127.0.0.1")).is_none() && all.wait(ip("::1")).is_none());
        drop(waiting);
        assert!(all.silent.lock().unwrap().queue.is_empty());
    }

    #[test]
    fn two_addresses_that_say_nothing_keep_nobody_out() {
        let all = bounded(1_000, 100);
        let mut held = Vec::new();
        for round in 0..10_000 {
            held.push(all.wait(ip(if round % 2 == 0 { "10.0.0.1" } else { "10.0.0.2" })));
        }
        let ward: Vec<_> = (0..20).map(|_| all.wait(ip("10.0.0.3"))).collect();
        for round in 0..10_000 {
            held.push(all.wait(ip(if round % 2 == 0 { "10.0.0.1" } else { "10.0.0.2" })));
        }
        assert_eq!(wanted(&ward), [false; 20]);
        assert_eq!(all.silent.lock().unwrap().queue.len(), 100);
    }

    #[test]
    fn a_proxy_holds_the_connections_of_everybody_behind_it() {
        let all = bounded(2, 10);
        for _ in 0..10 {
            assert!(all.enter(ip("10.0.0.9")).is_ok_and(|counted| counted.is_none()));
        }
    }

    #[test]
    fn one_address_has_a_bound_and_this_machine_none() {
        let all = bounded(4, 10);
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
        let all = bounded(1, 10);
        let _held = all.enter(ip("2001:db8:0:1::1"));
        assert!(all.enter(ip("2001:db8:0:1:ffff::2")).is_err());
        assert!(all.enter(ip("2001:db8:0:2::1")).is_ok());
    }
}
