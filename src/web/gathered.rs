//! How many bytes of bodies are held at the same time: of all, and of each sender.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Failure;
use crate::vocab::problem::ProblemKind;

/// Whoever sends bodies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Sender {
    /// An account, from wherever it is signed in.
    User(i64),
    /// Somebody without one, by the network of the address.
    Network(IpAddr),
}

/// Bytes of bodies that are being gathered or parsed.
#[derive(Debug, Default)]
pub struct Gathered(Mutex<Counts>);

#[derive(Debug, Default)]
struct Counts {
    all: usize,
    /// Only of those who hold something now, so it is no longer than there are requests.
    of: HashMap<Sender, usize>,
}

impl Gathered {
    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Bytes of one body, counted with those of all others for as long as this lives.
pub(super) struct Held {
    gathered: Arc<Gathered>,
    sender: Sender,
    most: usize,
    share: usize,
    own: usize,
}

impl Held {
    /// Nothing yet, of a body of `sender` with at most `largest` bytes. All together may hold
    /// `most`, one sender a quarter of it, and both at least one largest body: who leaves bodies
    /// unfinished would else keep everybody from writing, for as long as a request may take.
    pub(super) fn none(
        gathered: &Arc<Gathered>,
        sender: Sender,
        most: usize,
        largest: usize,
    ) -> Self {
        let (most, share) = (most.max(largest), (most / 4).max(largest));
        Self { gathered: Arc::clone(gathered), sender, most, share, own: 0 }
    }

    /// # Errors
    /// `web.bodies_busy`; then nothing is added.
    pub(super) fn add(&mut self, bytes: usize) -> Result<(), Failure> {
        let mut counts = self.gathered.counts();
        let of_sender = counts.of.get(&self.sender).copied().unwrap_or(0);
        if self.share < of_sender.saturating_add(bytes) {
            return Err(busy("Too much is being sent by you at the same time."));
        }
        if self.most < counts.all.saturating_add(bytes) {
            return Err(busy("Too much is being sent at the same time."));
        }
        counts.all += bytes;
        counts.of.insert(self.sender, of_sender + bytes);
        self.own += bytes;
        Ok(())
    }
}

fn busy(what: &str) -> Failure {
    let detail = format!("{what} Try again in a few seconds.");
    Failure::new("web.bodies_busy", ProblemKind::Busy { retry_after_s: 2 }, detail)
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut counts = self.gathered.counts();
        counts.all -= self.own;
        let left = counts.of.get(&self.sender).copied().unwrap_or(0).saturating_sub(self.own);
        if left == 0 {
            counts.of.remove(&self.sender);
        } else {
            counts.of.insert(self.sender, left);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUSY: ProblemKind = ProblemKind::Busy { retry_after_s: 2 };

    #[test]
    fn all_bodies_together_are_bounded_and_make_room_again() {
        let gathered = Arc::default();
        let of = |user| Held::none(&gathered, Sender::User(user), 100, 25);
        let mut held: Vec<Held> = (1..=4).map(of).collect();
        assert!(held.iter_mut().all(|one| one.add(15).is_ok() && one.add(10).is_ok()));
        assert_eq!(of(5).add(1).unwrap_err().kind(), BUSY);
        drop(held);
        assert!(of(5).add(25).is_ok());
        let counts = gathered.counts();
        assert_eq!((counts.all, counts.of.len()), (0, 0));
    }

    #[test]
    fn one_sender_has_a_quarter_of_it_and_the_others_go_on() {
        let gathered = Arc::default();
        let network = Sender::Network([10, 0, 0, 1].into());
        for sender in [Sender::User(1), network] {
            let mut slow: Vec<Held> =
                (0..28).map(|_| Held::none(&gathered, sender, 100, 5)).collect();
            let taken = slow.iter_mut().filter_map(|one| one.add(5).ok()).count();
            assert_eq!(taken, 5, "{sender:?}");
            assert_eq!(slow[5].add(1).unwrap_err().kind(), BUSY);
            assert!(Held::none(&gathered, Sender::User(2), 100, 5).add(5).is_ok());
            slow.truncate(4);
            assert!(Held::none(&gathered, sender, 100, 5).add(5).is_ok(), "there is room again");
        }
    }

    #[test]
    fn one_largest_body_always_has_room() {
        let gathered = Arc::default();
        let mut one = Held::none(&gathered, Sender::User(1), 10, 50);
        assert!(one.add(50).is_ok());
        assert_eq!(one.add(1).unwrap_err().kind(), BUSY);
    }
}
