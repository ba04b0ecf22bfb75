//! What it costs to find out who asks.

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use healthflow::access::gate::Door;
use healthflow::platform::ledger::Desk;
use healthflow::store::{Store, StoreOptions};
use healthflow::vocab::clock::{Clock, SystemClock};
use healthflow::vocab::id::IdSource;
use healthflow::web::Gate;

use super::row;

const ROUNDS: u32 = 50_000;

/// Adds its row to the table: look-ups in the data folder that a server left, with its `token`.
pub(super) fn report(folder: &Path, token: &str) {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let store = Store::open(StoreOptions::new(folder), Arc::clone(&clock)).unwrap();
    let ids = IdSource::new(Arc::clone(&clock), 0);
    let desk = Desk::open(store.clone(), clock, ids, Duration::from_secs(1));
    let door = Door::new(desk.clone(), "none");
    assert!(door.identify(token).unwrap().is_some());
    let begun = Instant::now();
    for _ in 0..ROUNDS {
        assert!(black_box(door.identify(black_box(token))).unwrap().is_some());
    }
    let each = begun.elapsed().as_secs_f64() * 1e6 / f64::from(ROUNDS);
    row("finding the session of a request", &format!("{each:.1} µs"));
    desk.close();
    store.close();
}
