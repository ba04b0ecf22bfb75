//! Who waits at the door, and whose turn it is.
//!
//! Passwords are slow to check on purpose, so whoever asks for many could keep everybody else
//! waiting. Addresses take turns: one more that floods the door costs the others one turn, not
//! the door. Those who have signed in to this account from this address before wait in a line
//! of their own, which gets every second turn, however many addresses flood the other.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;

/// Who comes to the door.
#[derive(Debug, Clone, Copy)]
pub struct Guest {
    /// From where, as [`network`](crate::vocab::network::network) has it.
    pub network: IpAddr,
    /// Whether the account that is asked for was signed in to from there before.
    pub usual: bool,
}

/// Those of one address that may wait at the same time.
const OF_ONE_ADDRESS_MAX: usize = 60;

/// What waits: two lines of at most so many each.
#[derive(Debug)]
pub struct Turns<T> {
    usual: Line<T>,
    others: Line<T>,
    is_turn_of_usual: bool,
}

/// What did not find room.
#[derive(Debug, PartialEq, Eq)]
pub struct Full<T>(pub T);

impl<T> Turns<T> {
    /// Two empty lines for `most` each.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self { usual: Line::new(most), others: Line::new(most), is_turn_of_usual: true }
    }

    /// Takes `item` of `guest` in. In a full line the latest of whoever holds most of it makes
    /// room, and is given back.
    ///
    /// # Errors
    /// The item, if nobody holds more of the line than its own address.
    pub fn push(&mut self, guest: Guest, item: T) -> Result<Option<T>, Full<T>> {
        let line = if guest.usual { &mut self.usual } else { &mut self.others };
        line.push(guest.network, item)
    }

    /// Takes out whose turn it is.
    pub fn take(&mut self) -> Option<T> {
        let usual_first = self.is_turn_of_usual;
        self.is_turn_of_usual = !usual_first;
        match usual_first {
            true => self.usual.take().or_else(|| self.others.take()),
            false => self.others.take().or_else(|| self.usual.take()),
        }
    }
}

/// The items of each address in their order; addresses take turns.
#[derive(Debug)]
struct Line<T> {
    most: usize,
    waiting: usize,
    of_each: HashMap<IpAddr, VecDeque<T>>,
    turns: VecDeque<IpAddr>,
}

impl<T> Line<T> {
    fn new(most: usize) -> Self {
        Self { most, waiting: 0, of_each: HashMap::new(), turns: VecDeque::new() }
    }

    fn push(&mut self, network: IpAddr, item: T) -> Result<Option<T>, Full<T>> {
        let own = self.of_each.get(&network).map_or(0, VecDeque::len);
        if OF_ONE_ADDRESS_MAX <= own {
            return Err(Full(item));
        }
        let mut gone = None;
        if self.most <= self.waiting {
            let longest = self.of_each.values_mut().max_by_key(|items| items.len());
            let Some(longest) = longest.filter(|items| own + 1 < items.len()) else {
                return Err(Full(item));
            };
            gone = longest.pop_back();
            self.waiting -= 1;
        }
        if own == 0 {
            self.turns.push_back(network);
        }
        self.of_each.entry(network).or_default().push_back(item);
        self.waiting += 1;
        Ok(gone)
    }

    fn take(&mut self) -> Option<T> {
        let network = self.turns.pop_front()?;
        let items = self.of_each.get_mut(&network)?;
        let item = items.pop_front();
        if items.is_empty() {
            self.of_each.remove(&network);
        } else {
            self.turns.push_back(network);
        }
        self.waiting -= 1;
        item
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guest(last: u8, usual: bool) -> Guest {
        Guest { network: [10, 0, 0, last].into(), usual }
    }

    #[test]
    fn one_more_address_costs_the_others_one_turn() {
        let mut turns = Turns::new(120);
        for flood in 1..=3 {
            let taken = (0..62).filter(|_| turns.push(guest(flood, false), flood).is_ok()).count();
            assert!(taken <= OF_ONE_ADDRESS_MAX, "{taken}");
        }
        assert!(turns.push(guest(9, false), 9).unwrap().is_some(), "somebody made room");
        let first: Vec<_> = std::iter::from_fn(|| turns.take()).take(4).collect();
        assert_eq!(first, [1, 2, 3, 9]);
        assert_eq!(std::iter::from_fn(|| turns.take()).count(), 116);
        assert!(turns.others.of_each.is_empty() && turns.others.turns.is_empty());
        assert_eq!(turns.others.waiting, 0);
    }

    #[test]
    fn those_at_their_usual_place_have_every_second_turn_and_room_of_their_own() {
        let mut turns = Turns::new(8);
        for address in 0..8 {
            turns.push(guest(address, false), "flood").unwrap();
        }
        assert_eq!(turns.push(guest(9, false), "new"), Err(Full("new")), "nobody holds more");
        turns.push(guest(9, true), "ward").unwrap();
        turns.push(guest(9, true), "ward").unwrap();
        let first: Vec<_> = std::iter::from_fn(|| turns.take()).take(4).collect();
        assert_eq!(first, ["ward", "flood", "ward", "flood"]);
    }
}
