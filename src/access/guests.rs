//! Who waits at the door: one address may hold only a part of the places, so that somebody who
//! guesses passwords from one machine does not shut everybody else out.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use super::AccessError;

/// Sign-ins of one address that may wait at the same time; the queue of one slot holds twice
/// as many.
const PLACES: usize = 60;

/// Sign-ins under way, by address. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Guests(Arc<Mutex<HashMap<IpAddr, usize>>>);

/// A place at the door, given back when it is dropped.
#[derive(Debug)]
pub struct Place {
    guests: Guests,
    address: Option<IpAddr>,
}

impl Guests {
    /// A place for a sign-in from `address`.
    ///
    /// # Errors
    /// [`AccessError::HashingBusy`] when the address holds its part already.
    pub fn enter(&self, address: Option<IpAddr>) -> Result<Place, AccessError> {
        if let Some(address) = address {
            let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let count = waiting.entry(address).or_default();
            if PLACES <= *count {
                return Err(AccessError::HashingBusy);
            }
            *count += 1;
        }
        Ok(Place { guests: self.clone(), address })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some(address) = self.address else { return };
        let mut waiting = self.guests.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = waiting.get_mut(&address) {
            *count -= 1;
            if *count == 0 {
                waiting.remove(&address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_holds_its_part_and_no_more() {
        let guests = Guests::default();
        let (one, other) = (Some([127, 0, 0, 1].into()), Some([127, 0, 0, 2].into()));
        let mut places: Vec<_> = (0..PLACES).map(|_| guests.enter(one).unwrap()).collect();
        assert!(matches!(guests.enter(one), Err(AccessError::HashingBusy)));
        assert!(guests.enter(other).is_ok());
        places.pop();
        assert!(guests.enter(one).is_ok());
        drop(places);
        assert!(guests.0.lock().unwrap().is_empty());
    }
}
