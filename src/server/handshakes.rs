//! How many handshakes may be under way, and how much of a worker's time they may take.
//!
//! A handshake costs a thousand times what it costs to ask for one. Whoever asks on and on must
//! not take the time of those who are signed in already; so handshakes have a share of each
//! worker's time, and one address a share of those under way. Whoever is over it waits, since a
//! whole hospital may come from one address after a power failure, and nobody longer than the
//! limit of the whole handshake.

use std::cell::Cell;
use std::collections::HashMap;
use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use crate::vocab::network::network;

/// Of handshakes under way, one address may have a fourth.
const OF_ONE_ADDRESS: usize = 4;
/// Of a worker's time, handshakes may take one half while others wait for it.
const SHARE: u32 = 2;
/// Work that may be done at once after a quiet time.
const BURST: Duration = Duration::from_millis(20);

/// The handshakes under way, in all workers.
#[derive(Debug)]
pub(super) struct Handshakes {
    all: Arc<Semaphore>,
    of_one: usize,
    of: Mutex<HashMap<IpAddr, Arc<Semaphore>>>,
}

/// A place among them, for as long as this lives.
#[derive(Debug)]
pub(super) struct Place {
    handshakes: Arc<Handshakes>,
    from: IpAddr,
    permits: Option<(OwnedSemaphorePermit, OwnedSemaphorePermit)>,
}

impl Handshakes {
    /// At most `most` at the same time.
    pub(super) fn new(most: usize) -> Arc<Self> {
        let of_one = (most / OF_ONE_ADDRESS).max(1);
        Arc::new(Self { all: Arc::new(Semaphore::new(most)), of_one, of: Mutex::default() })
    }

    /// Waits for a place for somebody at `address`. The address' own comes first, so that its
    /// crowd stands in a line of its own.
    pub(super) async fn enter(self: &Arc<Self>, address: Option<IpAddr>) -> Option<Place> {
        let from = network(address);
        let line = {
            let mut of = self.of.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(of.entry(from).or_insert_with(|| Arc::new(Semaphore::new(self.of_one))))
        };
        // From here on the line is tidied away with the place, also when the wait is given up.
        let mut place = Place { handshakes: Arc::clone(self), from, permits: None };
        let own = line.acquire_owned().await.ok()?;
        let all = Arc::clone(&self.all).acquire_owned().await.ok()?;
        place.permits = Some((own, all));
        Some(place)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.permits = None;
        let mut of = self.handshakes.of.lock().unwrap_or_else(PoisonError::into_inner);
        // The map's own is the only one left: nobody of this address is here or waits.
        if of.get(&self.from).is_some_and(|line| Arc::strong_count(line) == 1) {
            of.remove(&self.from);
        }
    }
}

/// What handshakes may take of one worker's time. A worker is one thread.
#[derive(Debug)]
pub(super) struct Pace {
    /// From when on the next one may begin; work is paid for with time ahead.
    free_at: Cell<Instant>,
}

impl Pace {
    pub(super) fn new() -> Self {
        Self { free_at: Cell::new(Instant::now()) }
    }

    /// Waits until the worker has time for a handshake.
    pub(super) async fn turn(&self) {
        loop {
            let ahead = self.free_at.get().saturating_duration_since(Instant::now());
            if ahead <= BURST {
                return;
            }
            tokio::time::sleep(ahead - BURST).await;
        }
    }

    /// Work on a handshake has taken `time`.
    fn spent(&self, time: Duration) {
        let from = self.free_at.get().max(Instant::now());
        self.free_at.set(from + time * SHARE);
    }
}

/// A handshake whose work is counted.
pub(super) struct Paced<'p, F> {
    pace: &'p Pace,
    handshake: Pin<Box<F>>,
}

impl<'p, F> Paced<'p, F> {
    pub(super) fn new(pace: &'p Pace, handshake: F) -> Self {
        Self { pace, handshake: Box::pin(handshake) }
    }
}

impl<F: Future> Future for Paced<'_, F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.get_mut();
        let begun = Instant::now();
        let outcome = this.handshake.as_mut().poll(context);
        this.pace.spent(begun.elapsed());
        outcome
    }
}

#[cfg(test)]
mod tests {
    use futures_util::future::join_all;

    use super::*;

    const MS: Duration = Duration::from_millis(1);

    fn ip(text: &str) -> Option<IpAddr> {
        Some(text.parse().unwrap())
    }

    async fn is_let_in(handshakes: &Arc<Handshakes>, address: &str) -> Option<Place> {
        tokio::time::timeout(20 * MS, handshakes.enter(ip(address))).await.ok().flatten()
    }

    #[actix_web::test]
    async fn one_address_waits_for_itself_and_not_the_others() {
        let handshakes = Handshakes::new(8);
        let held = join_all([(); 2].map(|()| handshakes.enter(ip("10.0.0.1")))).await;
        assert!(is_let_in(&handshakes, "10.0.0.1").await.is_none(), "a fourth is 2");
        assert!(is_let_in(&handshakes, "10.0.0.2").await.is_some());
        drop(held);
        assert!(is_let_in(&handshakes, "10.0.0.1").await.is_some());
        assert!(handshakes.of.lock().unwrap().is_empty(), "nobody is remembered");
        assert_eq!(handshakes.all.available_permits(), 8);
    }

    #[actix_web::test]
    async fn all_together_have_a_bound() {
        let handshakes = Handshakes::new(4);
        let mut held = Vec::new();
        for last in 1..=4 {
            held.push(is_let_in(&handshakes, &format!("10.0.0.{last}")).await.unwrap());
        }
        assert!(is_let_in(&handshakes, "10.0.0.9").await.is_none());
        held.pop();
        assert!(is_let_in(&handshakes, "10.0.0.9").await.is_some());
    }

    #[actix_web::test]
    async fn handshakes_leave_half_of_a_workers_time_to_others() {
        let pace = Pace::new();
        let begun = Instant::now();
        let mut worked = Duration::ZERO;
        while begun.elapsed() < 300 * MS {
            pace.turn().await;
            let work = std::future::poll_fn(|_| {
                std::thread::sleep(5 * MS);
                Poll::Ready(())
            });
            let from = Instant::now();
            Paced::new(&pace, work).await;
            worked += from.elapsed();
        }
        let share = worked.as_secs_f64() / begun.elapsed().as_secs_f64();
        assert!((0.2..0.65).contains(&share), "{share}");
    }
}
