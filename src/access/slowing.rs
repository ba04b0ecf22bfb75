//! Slows whoever guesses a password, and nobody else for long.
//!
//! After [`Bound::free`] wrong passwords in a row the next try waits 1 s, then 2 s, 4 s and so
//! on. Two bounds hold at once. One is for the account from one address. A softer one is for
//! the account from all addresses together, against guesses spread over many; it lets an
//! address pass from which this account was signed in to before, so that nobody is kept from
//! their usual place by somebody else's guesses. Neither is permanent: after [`FORGET_AFTER`]
//! without a wrong password the tries are forgotten.
//!
//! Accounts are told apart by the name that was typed, whether or not there is one of this
//! name, so that the answer says nothing about it. Everything is in memory and begins anew with
//! the program. At [`ROWS_MAX`] rows the one that matters least goes: first what would be
//! forgotten anyway, then single mistakes, the oldest of each first. So a flood of invented
//! names pushes out neither somebody's usual place nor the wait of whoever guesses.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};

use super::AccessError;
use crate::vocab::digest::sha256;

const SECOND: i64 = 1_000_000;
/// Wrong passwords longer ago than this count no more, in microseconds.
const FORGET_AFTER: i64 = 3_600 * SECOND;
/// Rows kept, about 2 MiB: an account from an address, or an account as a whole.
const ROWS_MAX: usize = 20_000;

/// How many wrong passwords are free, and how long the longest wait is.
struct Bound {
    free: u32,
    wait_s_max: u32,
}

/// A person who mistypes gets five tries; who guesses gets 288 a day from then on.
const FROM_ONE_ADDRESS: Bound = Bound { free: 5, wait_s_max: 300 };
/// Only felt by somebody at a place where they have never signed in.
const FROM_ALL_ADDRESSES: Bound = Bound { free: 20, wait_s_max: 60 };

impl Bound {
    /// The wait after `failures` wrong passwords in a row, in microseconds.
    fn wait(&self, failures: u32) -> i64 {
        let Some(doublings) = failures.checked_sub(self.free) else { return 0 };
        let seconds = 1_u32.checked_shl(doublings).unwrap_or(u32::MAX).min(self.wait_s_max);
        i64::from(seconds) * SECOND
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Place {
    Anywhere,
    At(IpAddr),
}

/// Half of a hash: names are of any length, rows are not.
type Account = [u8; 16];

#[derive(Debug, Clone, Copy, Default)]
struct Row {
    failures: u32,
    /// When the last try was answered or let in, in microseconds.
    last: i64,
    /// Before this instant no try is let in, in microseconds.
    until: i64,
    /// The account was signed in to from here.
    usual: bool,
    /// This wait was noted in the audit.
    told: bool,
}

impl Row {
    /// The row as it counts at `now`. One from the future counts for nothing: the clock was
    /// put back, and nobody waits for it to come round again.
    fn at(self, now: i64) -> Self {
        if now < self.last || FORGET_AFTER < now - self.last {
            return Self { usual: self.usual, ..Self::default() };
        }
        self
    }

    /// How much would be lost with it.
    fn weight(&self, now: i64) -> (u8, i64) {
        let now = self.at(now);
        let weight = match (now.usual, now.failures) {
            (false, 0) => 0,
            (false, failures) if failures < FROM_ONE_ADDRESS.free => 1,
            _ => 2,
        };
        (weight, self.last)
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
pub struct Slowing(Mutex<HashMap<(Account, Place), Row>>);

impl Slowing {
    /// Lets a try for the account called `name` from `address` in at `now` (microseconds). Once
    /// the free ones are used up, one try uses up the wait: others at the same time do not
    /// slip in beside it.
    ///
    /// # Errors
    /// How long to wait.
    pub fn enter(&self, name: &str, address: Option<IpAddr>, now: i64) -> Result<(), Slowed> {
        let (account, here) = (account(name), place(address));
        let mut rows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let usual = rows.get(&(account, here)).is_some_and(|row| row.usual);
        let mut bounds = vec![(here, FROM_ONE_ADDRESS)];
        if !usual {
            bounds.push((Place::Anywhere, FROM_ALL_ADDRESSES));
        }
        for (place, _) in &bounds {
            let Some(row) = rows.get_mut(&(account, *place)) else { continue };
            let left = row.at(now).until - now;
            if 0 < left {
                let first = !std::mem::replace(&mut row.told, true);
                let retry_after_s = u32::try_from((left + SECOND - 1) / SECOND).unwrap_or(1);
                return Err(Slowed { retry_after_s, first });
            }
        }
        for (place, bound) in &bounds {
            if let Some(row) = rows.get_mut(&(account, *place)) {
                let seen = row.at(now);
                let wait = bound.wait(seen.failures);
                if 0 < wait {
                    *row = Row { until: now + wait, last: now, told: false, ..seen };
                }
            }
        }
        Ok(())
    }

    /// The password was wrong.
    pub fn failed(&self, name: &str, address: Option<IpAddr>, now: i64) {
        let (account, here) = (account(name), place(address));
        let mut rows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let usual = rows.get(&(account, here)).is_some_and(|row| row.usual);
        count(&mut rows, (account, here), &FROM_ONE_ADDRESS, now);
        // Mistakes at the usual place are the person's own.
        if !usual {
            count(&mut rows, (account, Place::Anywhere), &FROM_ALL_ADDRESSES, now);
        }
    }

    /// The password was right: this is a usual place from now on. What came from elsewhere
    /// stays counted, or a guesser would begin anew whenever the person signs in.
    pub fn succeeded(&self, name: &str, address: Option<IpAddr>, now: i64) {
        let key = (account(name), place(address));
        let mut rows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        make_room(&mut rows, &key, now);
        rows.insert(key, Row { last: now, usual: true, ..Row::default() });
    }
}

fn count(
    rows: &mut HashMap<(Account, Place), Row>,
    key: (Account, Place),
    bound: &Bound,
    now: i64,
) {
    make_room(rows, &key, now);
    let row = rows.entry(key).or_default();
    let seen = row.at(now);
    let failures = seen.failures.saturating_add(1);
    *row = Row { failures, last: now, until: now + bound.wait(failures), told: false, ..seen };
}

fn make_room(rows: &mut HashMap<(Account, Place), Row>, key: &(Account, Place), now: i64) {
    if rows.len() < ROWS_MAX || rows.contains_key(key) {
        return;
    }
    let least = rows.iter().min_by_key(|(_, row)| row.weight(now)).map(|(key, _)| *key);
    if let Some(least) = least {
        rows.remove(&least);
    }
}

/// Names differ as the table of users has it: without regard to case and blanks around them.
fn account(name: &str) -> Account {
    let hash = sha256(&[name.trim().to_lowercase().as_bytes()]);
    let mut half = [0; 16];
    half.copy_from_slice(&hash[..16]);
    half
}

/// One customer of a provider has a whole /64 of IPv6 to choose from.
fn place(address: Option<IpAddr>) -> Place {
    Place::At(match address.map(|address| address.to_canonical()) {
        Some(IpAddr::V6(address)) => {
            let network = u128::from(address) & !u128::from(u64::MAX);
            IpAddr::V6(Ipv6Addr::from(network))
        }
        Some(address) => address,
        None => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60 * SECOND;

    fn at(last: u8) -> Option<IpAddr> {
        Some([10, 0, 0, last].into())
    }

    /// Lets so many wrong passwords in, each as soon as it may come; the time at the end.
    fn guess(
        slowing: &Slowing,
        name: &str,
        address: Option<IpAddr>,
        times: u32,
        mut now: i64,
    ) -> i64 {
        for _ in 0..times {
            if let Err(slowed) = slowing.enter(name, address, now) {
                now += i64::from(slowed.retry_after_s) * SECOND;
                slowing.enter(name, address, now).unwrap();
            }
            slowing.failed(name, address, now);
        }
        now
    }

    fn wait(slowing: &Slowing, name: &str, address: Option<IpAddr>, now: i64) -> u32 {
        slowing.enter(name, address, now).err().map_or(0, |slowed| slowed.retry_after_s)
    }

    #[test]
    fn the_sixth_try_waits_and_each_further_one_twice_as_long_up_to_five_minutes() {
        let slowing = Slowing::default();
        let mut now = MINUTE;
        for expected in [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300] {
            assert_eq!(wait(&slowing, "ada", at(1), now), expected);
            now += i64::from(expected) * SECOND;
            if 0 < expected {
                slowing.enter("ada", at(1), now).unwrap();
            }
            slowing.failed("ada", at(1), now);
        }
        assert_eq!(wait(&slowing, "ada", at(2), now), 0, "another address is not meant");
        assert_eq!(wait(&slowing, "bea", at(1), now), 0, "nor another account");
    }

    #[test]
    fn tries_at_the_same_time_use_up_one_wait_together() {
        let slowing = Slowing::default();
        let now = guess(&slowing, "ada", at(1), 8, 0) + 8 * SECOND;
        slowing.enter("ada", at(1), now).unwrap();
        assert_eq!(wait(&slowing, "ada", at(1), now), 8, "its answer has not come yet");
    }

    #[test]
    fn a_right_password_ends_the_wait_and_time_forgets_it() {
        let slowing = Slowing::default();
        let now = guess(&slowing, " Ada ", at(1), 9, 0);
        assert_eq!(wait(&slowing, "ADA", at(1), now), 16, "case and blanks are no way around");
        slowing.succeeded("ada", at(1), now);
        assert_eq!(wait(&slowing, "ada", at(1), now), 0);
        let now = guess(&slowing, "ada", at(1), 9, now);
        assert_eq!(wait(&slowing, "ada", at(1), now + FORGET_AFTER + 1), 0);
    }

    #[test]
    fn a_clock_that_is_put_back_shuts_nobody_out() {
        let slowing = Slowing::default();
        let now = guess(&slowing, "ada", at(1), 9, 10_000 * MINUTE);
        assert_eq!(wait(&slowing, "ada", at(1), now - 24 * 60 * MINUTE), 0);
    }

    #[test]
    fn guesses_from_many_addresses_slow_the_account_but_not_at_its_usual_place() {
        let slowing = Slowing::default();
        slowing.succeeded("ada", at(200), 0);
        for last in 0..26 {
            let here = at(last);
            let now = SECOND;
            if slowing.enter("ada", here, now).is_ok() {
                slowing.failed("ada", here, now);
            }
        }
        assert_eq!(wait(&slowing, "ada", at(100), SECOND), 1, "a new place waits");
        assert_eq!(wait(&slowing, "ada", at(200), SECOND), 0, "the usual one does not");
        let mut now = SECOND;
        for last in 30..60 {
            now += i64::from(wait(&slowing, "ada", at(last), now)) * SECOND;
            slowing.failed("ada", at(last), now);
        }
        assert_eq!(wait(&slowing, "ada", at(100), now), 60, "never longer than a minute");
        assert_eq!(wait(&slowing, "ada", at(200), now), 0);
    }

    #[test]
    fn mistakes_at_the_usual_place_slow_nobody_elsewhere() {
        let slowing = Slowing::default();
        slowing.succeeded("ward", at(1), 0);
        let now = guess(&slowing, "ward", at(1), 30, 0);
        assert_eq!(wait(&slowing, "ward", at(1), now), 300);
        assert_eq!(wait(&slowing, "ward", at(2), now), 0);
    }

    #[test]
    fn one_audit_row_is_asked_for_each_wait() {
        let slowing = Slowing::default();
        let now = guess(&slowing, "ada", at(1), 7, 0);
        let first: Vec<_> =
            (0..3).map(|_| slowing.enter("ada", at(1), now).unwrap_err().first).collect();
        assert_eq!(first, [true, false, false]);
        let later = guess(&slowing, "ada", at(1), 1, now);
        assert!(slowing.enter("ada", at(1), later).unwrap_err().first);
    }

    #[test]
    fn a_flood_of_names_pushes_out_neither_a_wait_nor_a_usual_place() {
        let slowing = Slowing::default();
        slowing.succeeded("ada", at(200), 0);
        let now = guess(&slowing, "ada", at(1), 12, 0);
        // Two rows for each.
        for number in 0..ROWS_MAX / 2 + 50 {
            slowing.failed(&format!("nobody{number}"), at(1), now);
        }
        let rows = slowing.0.lock().unwrap().len();
        assert_eq!(rows, ROWS_MAX);
        assert_eq!(wait(&slowing, "ada", at(1), now), 128);
        assert!(slowing.0.lock().unwrap()[&(account("ada"), place(at(200)))].usual);
    }

    #[test]
    fn the_addresses_of_one_network_of_ipv6_are_one_place() {
        let address = |text: &str| place(Some(text.parse().unwrap()));
        assert_eq!(address("2001:db8:1:2::1"), address("2001:db8:1:2:ffff::9"));
        assert_ne!(address("2001:db8:1:2::1"), address("2001:db8:1:3::1"));
        assert_eq!(address("::ffff:10.0.0.1"), address("10.0.0.1"));
        assert_ne!(address("10.0.0.1"), address("10.0.0.2"));
    }
}
