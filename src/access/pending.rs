//! What was begun at the door and waits for its end: a password that still needs a code, a
//! passkey that was asked for. In memory, for five minutes, bounded, each used once.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::AccessError;
use super::passwords::secret;
use crate::vocab::digest::sha256;

/// How long something may wait, microseconds.
pub const VALID_FOR: i64 = 5 * 60 * 1_000_000;
/// Things that wait at the same time; one more takes the place of the oldest from the address of
/// which most wait, so that a flood costs the ward nothing.
const WAITING_MAX: usize = 4_096;

struct Row<T> {
    item: T,
    network: IpAddr,
    begun_at: i64,
    number: u64,
}

struct Rows<T> {
    rows: HashMap<[u8; 32], Row<T>>,
    begun: u64,
}

/// Things that wait, each under a secret that only whoever began it has.
pub struct Pending<T>(Mutex<Rows<T>>);

impl<T> std::fmt::Debug for Pending<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pending").finish_non_exhaustive()
    }
}

impl<T> Default for Pending<T> {
    fn default() -> Self {
        Self(Mutex::new(Rows { rows: HashMap::new(), begun: 0 }))
    }
}

impl<T> Pending<T> {
    /// Keeps `item`, begun from `network` at `now` (microseconds), and gives its secret.
    ///
    /// # Errors
    /// The system gives no random numbers.
    pub fn begin(&self, item: T, network: IpAddr, now: i64) -> Result<String, AccessError> {
        let token = format!("hfw_{}", secret(32)?);
        let waits = |row: &Row<T>| (0..VALID_FOR).contains(&(now - row.begun_at));
        self.lock().rows.retain(|_, row| waits(row));
        self.keep(&token, item, network, now);
        Ok(token)
    }

    /// Takes out what waits under `token`, unless it has waited too long. Nobody else gets it.
    pub fn take(&self, token: &str, now: i64) -> Option<Taken<T>> {
        let row = self.lock().rows.remove(&key(token))?;
        let waited = now - row.begun_at;
        let Row { item, network, begun_at, .. } = row;
        (0..VALID_FOR).contains(&waited).then_some(Taken { item, network, begun_at })
    }

    /// Puts back what was taken: its time goes on from where it began.
    pub fn put_back(&self, token: &str, taken: Taken<T>) {
        self.keep(token, taken.item, taken.network, taken.begun_at);
    }

    fn keep(&self, token: &str, item: T, network: IpAddr, begun_at: i64) {
        let mut waiting = self.lock();
        make_room(&mut waiting.rows);
        waiting.begun += 1;
        let row = Row { item, network, begun_at, number: waiting.begun };
        waiting.rows.insert(key(token), row);
    }

    fn lock(&self) -> MutexGuard<'_, Rows<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What was taken out.
#[derive(Debug)]
pub struct Taken<T> {
    /// What it is.
    pub item: T,
    network: IpAddr,
    begun_at: i64,
}

fn key(token: &str) -> [u8; 32] {
    sha256(&[b"pending", token.as_bytes()])
}

fn make_room<T>(rows: &mut HashMap<[u8; 32], Row<T>>) {
    if rows.len() < WAITING_MAX {
        return;
    }
    let mut of_address: HashMap<IpAddr, usize> = HashMap::new();
    for row in rows.values() {
        *of_address.entry(row.network).or_default() += 1;
    }
    let most = of_address.values().copied().max();
    let may_go = |row: &&Row<T>| of_address.get(&row.network).copied() == most;
    let oldest = rows.values().filter(may_go).map(|row| row.number).min();
    rows.retain(|_, row| Some(row.number) != oldest);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(last: u8) -> IpAddr {
        [10, 0, 0, last].into()
    }

    #[test]
    fn each_is_taken_once_within_its_time_and_by_its_secret_only() {
        let pending = Pending::default();
        let token = pending.begin("one", at(1), 0).unwrap();
        assert!(pending.take("hfw_0", 1).is_none());
        assert!(pending.take("", 1).is_none());
        assert_eq!(pending.take(&token, VALID_FOR - 1).unwrap().item, "one");
        assert!(pending.take(&token, VALID_FOR - 1).is_none(), "used");
        let late = pending.begin("two", at(1), 0).unwrap();
        assert!(pending.take(&late, VALID_FOR).is_none());
        let early = pending.begin("three", at(1), 10).unwrap();
        assert!(pending.take(&early, 9).is_none(), "the clock was put back");
    }

    #[test]
    fn what_is_put_back_does_not_live_longer() {
        let pending = Pending::default();
        let token = pending.begin("one", at(1), 0).unwrap();
        let taken = pending.take(&token, VALID_FOR - 1).unwrap();
        pending.put_back(&token, taken);
        assert!(pending.take(&token, VALID_FOR).is_none());
    }

    #[test]
    fn a_flood_from_several_addresses_costs_the_ward_nothing() {
        let pending = Pending::default();
        let ward = pending.begin(0, at(1), 0).unwrap();
        for number in 0..WAITING_MAX + 300 {
            let flood = at(u8::try_from(2 + number % 200).unwrap());
            pending.begin(number, flood, 0).unwrap();
        }
        assert_eq!(pending.lock().rows.len(), WAITING_MAX);
        assert!(pending.take(&ward, 1).is_some());
    }

    #[test]
    fn what_has_waited_too_long_is_not_kept() {
        let pending = Pending::default();
        pending.begin(0, at(1), 0).unwrap();
        pending.begin(1, at(1), VALID_FOR).unwrap();
        assert_eq!(pending.lock().rows.len(), 1);
    }
}
