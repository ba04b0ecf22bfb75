//! Slows whoever guesses a password, and nobody else for long.
//!
//! After [`Bound::free`] wrong passwords in a row the next try waits 1 s, then 2 s, 4 s and so
//! on. Three bounds hold at once. One is for the account from one address. A softer one is for
//! the account from all addresses together, against guesses spread over many. The third is for
//! an address whatever the account, against one that tries many names. The last two let those
//! pass who have signed in to this account from this address before, so that nobody is kept
//! from their usual place by somebody else's guesses. None is permanent: after
//! [`Bound::forgotten_after`] without a wrong password the tries are forgotten.
//!
//! A try counts as wrong from its beginning, so that those at the same time do not slip in
//! beside each other, and is taken back when the password was right or was not looked at.
//!
//! Accounts are told apart by the name that was typed, whether or not there is one of this
//! name, so that the answer says nothing about it. Everything is in memory and begins anew with
//! the program. At [`ROWS_MAX`] rows the one that matters least goes: first what would be
//! forgotten anyway, then single mistakes, the oldest of each first. So a flood of invented
//! names does not push out the wait of whoever guesses.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::AccessError;
use super::guests::Guest;
use super::users;
use crate::vocab::digest::sha256;

const SECOND: i64 = 1_000_000;
/// Rows kept, about 2 MiB.
const ROWS_MAX: usize = 20_000;

/// How many wrong passwords are free, how long the longest wait is, and after how long without
/// one they count no more.
struct Bound {
    free: u32,
    wait_s_max: u32,
    forgotten_after: i64,
}

/// A person who mistypes gets five tries; who guesses gets 288 a day from then on.
const ACCOUNT_FROM_ADDRESS: Bound =
    Bound { free: 5, wait_s_max: 300, forgotten_after: 3_600 * SECOND };
/// Only felt by somebody at a place where they have never signed in.
const ACCOUNT: Bound = Bound { free: 20, wait_s_max: 60, forgotten_after: 3_600 * SECOND };
/// Felt by the same. Many people may share an address: the wait is short, and half is forgiven
/// whenever somebody signs in from there.
const ADDRESS: Bound = Bound { free: 30, wait_s_max: 30, forgotten_after: 600 * SECOND };

impl Bound {
    /// The wait after `failures` wrong passwords in a row, in microseconds.
    fn wait(&self, failures: u32) -> i64 {
        let Some(doublings) = failures.checked_sub(self.free) else { return 0 };
        let seconds = 1_u32.checked_shl(doublings).unwrap_or(u32::MAX).min(self.wait_s_max);
        i64::from(seconds) * SECOND
    }
}

/// Half of a hash: names are of any length, rows are not.
type Account = [u8; 16];

/// What tries are counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Key {
    AccountFromAddress(Account, IpAddr),
    Account(Account),
    Address(IpAddr),
}

impl Key {
    fn bound(&self) -> &'static Bound {
        match self {
            Self::AccountFromAddress(..) => &ACCOUNT_FROM_ADDRESS,
            Self::Account(_) => &ACCOUNT,
            Self::Address(_) => &ADDRESS,
        }
    }

    /// All that a try for the account called `name` counts for.
    fn all(name: &str, guest: Guest) -> Vec<Self> {
        let account = account(name);
        let mut keys = vec![Self::AccountFromAddress(account, guest.network)];
        if !guest.usual {
            keys.extend([Self::Account(account), Self::Address(guest.network)]);
        }
        keys
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct Row {
    failures: u32,
    /// When the last try was let in or answered, in microseconds.
    last: i64,
    /// Before this instant no try is let in, in microseconds.
    until: i64,
    /// This wait was noted in the audit.
    told: bool,
}

impl Row {
    /// The row as it counts at `now`. One from the future counts for nothing: the clock was
    /// put back, and nobody waits for it to come round again.
    fn at(self, now: i64, bound: &Bound) -> Self {
        if now < self.last || bound.forgotten_after < now - self.last {
            return Self::default();
        }
        self
    }

    /// How much would be lost with it.
    fn weight(&self, now: i64, bound: &Bound) -> (u8, i64) {
        let weight = match self.at(now, bound).failures {
            0 => 0,
            failures if failures < bound.free => 1,
            _ => 2,
        };
        (weight, self.last)
    }

    /// With so many `failures` fewer than it has.
    fn forgive(&mut self, failures: u32, bound: &Bound) {
        self.failures = self.failures.saturating_sub(failures);
        self.until = self.until.min(self.last + bound.wait(self.failures));
    }
}

/// A try that has to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slowed {
    /// For how long, in whole seconds, at least 1.
    pub retry_after_s: u32,
    /// Whether it is the first that is told so of this wait: one audit row is enough.
    pub first: bool,
}

impl From<Slowed> for AccessError {
    fn from(slowed: Slowed) -> Self {
        Self::Slowed { retry_after_s: slowed.retry_after_s }
    }
}

/// Wrong passwords by account and address.
#[derive(Debug, Default)]
pub struct Slowing(Mutex<HashMap<Key, Row>>);

/// A try that was let in, and counts as wrong until something else is said. Dropped without a
/// word it is taken back: the password was not looked at.
#[derive(Debug)]
#[must_use = "a try that is dropped is taken back"]
pub struct Try<'a> {
    slowing: &'a Slowing,
    /// What it still counts for.
    keys: Vec<Key>,
}

impl Slowing {
    /// Lets a try of `guest` for the account called `name` in at `now` (microseconds). Once the
    /// free ones are used up, one try uses up the wait.
    ///
    /// # Errors
    /// How long to wait.
    pub fn enter(&self, name: &str, guest: Guest, now: i64) -> Result<Try<'_>, Slowed> {
        let keys = Key::all(name, guest);
        let mut rows = self.lock();
        for key in &keys {
            let Some(row) = rows.get_mut(key) else { continue };
            let left = row.at(now, key.bound()).until - now;
            if 0 < left {
                let first = !std::mem::replace(&mut row.told, true);
                let retry_after_s = u32::try_from((left + SECOND - 1) / SECOND).unwrap_or(1);
                return Err(Slowed { retry_after_s, first });
            }
        }
        for key in &keys {
            make_room(&mut rows, key, now);
            let row = rows.entry(*key).or_default();
            let failures = row.at(now, key.bound()).failures.saturating_add(1);
            let until = now + key.bound().wait(failures);
            *row = Row { failures, last: now, until, told: false };
        }
        drop(rows);
        Ok(Try { slowing: self, keys })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Row>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Try<'_> {
    /// The password was wrong; the wait is counted from `now` on.
    pub fn failed(mut self, now: i64) {
        let mut rows = self.slowing.lock();
        for key in self.keys.drain(..) {
            if let Some(row) = rows.get_mut(&key) {
                row.last = row.last.max(now);
                row.until = row.until.max(now + key.bound().wait(row.failures));
            }
        }
    }

    /// The password was right: this place begins anew. What came for this account from
    /// elsewhere stays counted, or a guesser would begin anew whenever the person signs in.
    pub fn succeeded(mut self) {
        let mut rows = self.slowing.lock();
        for key in self.keys.drain(..) {
            let Some(row) = rows.get_mut(&key) else { continue };
            match key {
                Key::AccountFromAddress(..) => {
                    rows.remove(&key);
                }
                Key::Account(_) => row.forgive(1, key.bound()),
                Key::Address(_) => row.forgive(1 + row.failures / 2, key.bound()),
            }
        }
    }
}

impl Drop for Try<'_> {
    fn drop(&mut self) {
        let mut rows = self.slowing.lock();
        for key in self.keys.drain(..) {
            if let Some(row) = rows.get_mut(&key) {
                row.forgive(1, key.bound());
            }
        }
    }
}

fn make_room(rows: &mut HashMap<Key, Row>, key: &Key, now: i64) {
    if rows.len() < ROWS_MAX || rows.contains_key(key) {
        return;
    }
    let least = rows.iter().min_by_key(|(key, row)| row.weight(now, key.bound()));
    if let Some(least) = least.map(|(key, _)| *key) {
        rows.remove(&least);
    }
}

/// Names differ as the table of users has it.
fn account(name: &str) -> Account {
    let hash = sha256(&[users::username(name).as_bytes()]);
    let mut half = [0; 16];
    half.copy_from_slice(&hash[..16]);
    half
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60 * SECOND;

    fn at(last: u8) -> Guest {
        Guest { network: [10, 0, 0, last].into(), usual: false }
    }

    fn usual(last: u8) -> Guest {
        Guest { usual: true, ..at(last) }
    }

    /// Lets so many wrong passwords in, each as soon as it may come; the time at the end.
    fn guess(slowing: &Slowing, name: &str, guest: Guest, times: u32, mut now: i64) -> i64 {
        for _ in 0..times {
            now += i64::from(wait(slowing, name, guest, now)) * SECOND;
            slowing.enter(name, guest, now).unwrap().failed(now);
        }
        now
    }

    fn wait(slowing: &Slowing, name: &str, guest: Guest, now: i64) -> u32 {
        slowing.enter(name, guest, now).err().map_or(0, |slowed| slowed.retry_after_s)
    }

    #[test]
    fn the_sixth_try_waits_and_each_further_one_twice_as_long_up_to_five_minutes() {
        let slowing = Slowing::default();
        let mut now = MINUTE;
        for expected in [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300] {
            assert_eq!(wait(&slowing, "ada", at(1), now), expected);
            now += i64::from(expected) * SECOND;
            slowing.enter("ada", at(1), now).unwrap().failed(now);
        }
        assert_eq!(wait(&slowing, "ada", at(2), now), 0, "another address is not meant");
        assert_eq!(wait(&slowing, "bea", at(1), now), 0, "nor another account");
    }

    #[test]
    fn of_many_tries_at_the_same_time_only_the_free_ones_are_let_in() {
        let slowing = Slowing::default();
        let tries: Vec<_> = (0..100).map(|_| slowing.enter("ada", at(1), MINUTE)).collect();
        assert_eq!(tries.iter().filter(|tried| tried.is_ok()).count(), 5);
        tries.into_iter().flatten().for_each(|tried| tried.failed(MINUTE));
        let now = MINUTE + SECOND;
        let later = slowing.enter("ada", at(1), now).unwrap();
        assert_eq!(wait(&slowing, "ada", at(1), now), 2, "its answer has not come yet");
        later.failed(now + SECOND / 2);
        assert_eq!(wait(&slowing, "ada", at(1), now + SECOND / 2), 2, "counted from the answer");
    }

    #[test]
    fn a_try_that_was_not_looked_at_is_taken_back() {
        let slowing = Slowing::default();
        for _ in 0..100 {
            drop(slowing.enter("ada", at(1), MINUTE).unwrap());
        }
        let now = guess(&slowing, "ada", at(1), 5, MINUTE);
        assert_eq!(wait(&slowing, "ada", at(1), now), 1);
    }

    #[test]
    fn a_right_password_ends_the_wait_and_time_forgets_it() {
        let slowing = Slowing::default();
        let now = guess(&slowing, " Ada ", at(1), 9, MINUTE);
        assert_eq!(wait(&slowing, "ADA", at(1), now), 16, "case and blanks are no way around");
        let now = now + 16 * SECOND;
        slowing.enter("ada", at(1), now).unwrap().succeeded();
        assert_eq!(wait(&slowing, "ada", at(1), now), 0);
        let now = guess(&slowing, "ada", at(1), 9, now);
        assert_eq!(wait(&slowing, "ada", at(1), now + ACCOUNT.forgotten_after + 1), 0);
        assert_eq!(wait(&slowing, "ada", at(1), now - MINUTE), 0, "the clock was put back");
    }

    #[test]
    fn guesses_from_many_addresses_slow_the_account_but_not_at_its_usual_place() {
        let slowing = Slowing::default();
        for last in 0..26 {
            if let Ok(tried) = slowing.enter("ada", at(last), SECOND) {
                tried.failed(SECOND);
            }
        }
        assert_eq!(wait(&slowing, "ada", at(100), SECOND), 1, "a new place waits");
        assert_eq!(wait(&slowing, "ada", usual(200), SECOND), 0, "the usual one does not");
        let mut now = SECOND;
        for last in 30..60 {
            now = guess(&slowing, "ada", at(last), 1, now);
        }
        assert_eq!(wait(&slowing, "ada", at(100), now), 60, "never longer than a minute");
        slowing.enter("ada", usual(200), now).unwrap().succeeded();
        assert_eq!(wait(&slowing, "ada", at(100), now), 60, "and nothing begins anew");
    }

    #[test]
    fn an_address_that_tries_many_names_waits_and_nobody_at_a_usual_place() {
        let slowing = Slowing::default();
        let tried = |number: usize| slowing.enter(&format!("nobody{number}"), at(1), MINUTE);
        let tries: Vec<_> = (0..62).map(tried).collect();
        assert_eq!(tries.iter().filter(|tried| tried.is_ok()).count(), 30);
        tries.into_iter().flatten().for_each(|tried| tried.failed(MINUTE));
        assert_eq!(wait(&slowing, "ada", at(1), MINUTE), 1);
        assert_eq!(wait(&slowing, "ada", usual(1), MINUTE), 0, "the person who is known here");
        assert_eq!(wait(&slowing, "ada", at(2), MINUTE), 0, "another address");
        let name = |number: u32| format!("nobody{number}");
        let now = (31..50).fold(MINUTE, |now, it| guess(&slowing, &name(it), at(1), 1, now));
        assert_eq!(wait(&slowing, "ada", at(1), now), 30, "never longer than half a minute");
        let now = now + 30 * SECOND;
        slowing.enter("ada", at(1), now).unwrap().succeeded();
        assert_eq!(wait(&slowing, "bea", at(1), now), 0, "somebody has signed in from there");
        assert_eq!(wait(&slowing, "bea", at(1), now + ADDRESS.forgotten_after + 1), 0);
    }

    #[test]
    fn mistakes_at_the_usual_place_slow_nobody_elsewhere() {
        let slowing = Slowing::default();
        let now = guess(&slowing, "ward", usual(1), 30, 0);
        assert_eq!(wait(&slowing, "ward", usual(1), now), 300);
        assert_eq!(wait(&slowing, "ward", at(2), now), 0);
    }

    #[test]
    fn one_audit_row_is_asked_for_each_wait() {
        let slowing = Slowing::default();
        let first = |now| slowing.enter("ada", at(1), now).unwrap_err().first;
        let now = (0..7).fold(0, |now, _| {
            let now = now + 8 * SECOND;
            slowing.enter("ada", at(1), now).unwrap().failed(now);
            now
        });
        assert_eq!([first(now), first(now), first(now)], [true, false, false]);
        let later = now + 8 * SECOND;
        slowing.enter("ada", at(1), later).unwrap().failed(later);
        assert!(first(later));
    }

    #[test]
    fn a_flood_of_names_does_not_push_out_a_wait() {
        let slowing = Slowing::default();
        let now = guess(&slowing, "ada", usual(1), 12, 0);
        for number in 0..ROWS_MAX + 50 {
            slowing.enter(&format!("nobody{number}"), usual(1), now).unwrap().failed(now);
        }
        assert_eq!(slowing.lock().len(), ROWS_MAX);
        assert_eq!(wait(&slowing, "ada", usual(1), now), 128);
    }
}
