//! How many requests one address behind a trusted proxy may have under way at the same time.
//!
//! The proxy's connections are everybody's and so are not bounded by its address; without this
//! one of those behind it could take all of them.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use crate::vocab::problem::ProblemKind;
use crate::web::Failure;

/// Requests under way, by the network of whoever sent them; no more than there are requests.
#[derive(Debug)]
pub(super) struct Behind {
    most: usize,
    of: Mutex<HashMap<IpAddr, usize>>,
}

/// One request under way, for as long as this lives.
#[derive(Debug)]
pub(in crate::web) struct Held {
    behind: Arc<Behind>,
    from: IpAddr,
}

impl Behind {
    /// One network may have so many under way.
    pub(super) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self { most, of: Mutex::default() })
    }

    /// # Errors
    /// `web.too_many_at_once`.
    pub(super) fn enter(self: &Arc<Self>, from: IpAddr) -> Result<Held, Failure> {
        let mut of = self.of.lock().unwrap_or_else(PoisonError::into_inner);
        let count = of.entry(from).or_insert(0);
        if self.most <= *count {
            let kind = ProblemKind::TooMany { retry_after_s: 2 };
            let detail = "Your address has as many requests under way as one address may have. \
                 Wait until some are answered.";
            return Err(Failure::new("web.too_many_at_once", kind, detail));
        }
        *count += 1;
        Ok(Held { behind: Arc::clone(self), from })
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut of = self.behind.of.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = of.get_mut(&self.from) {
            *count -= 1;
            if *count == 0 {
                of.remove(&self.from);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_its_share_and_gets_it_back() {
        let behind = Behind::new(2);
        let [one, other] = [[10, 0, 0, 1], [10, 0, 0, 2]].map(IpAddr::from);
        let held = [behind.enter(one).unwrap(), behind.enter(one).unwrap()];
        let refused = behind.enter(one).unwrap_err();
        assert_eq!(refused.kind(), ProblemKind::TooMany { retry_after_s: 2 });
        assert!(behind.enter(other).is_ok());
        drop(held);
        assert!(behind.enter(one).is_ok());
        assert!(behind.of.lock().unwrap().is_empty());
    }
}
