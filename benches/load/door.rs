//! What it costs to find out who asks, which every request pays.

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

use super::table::Table;

const ROUNDS: u32 = 50_000;

/// Looks up, in this process, the `token` of a session in the data folder of a stopped server.
pub(crate) fn measure(data: &Path, token: &str, table: &mut Table) {
    let what = "look-up of a session, in the process";
    if !table.wants(what) {
        return;
    }
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let store = Store::open(StoreOptions::new(data), Arc::clone(&clock)).unwrap();
    let ids = IdSource::new(Arc::clone(&clock), 0);
    let desk = Desk::open(store.clone(), clock, ids, Duration::from_secs(1));
    let door = Door::new(desk.clone(), "none");
    assert!(door.identify(token, None).unwrap().is_some());
    let began = Instant::now();
    for _ in 0..ROUNDS {
        assert!(black_box(door.identify(black_box(token), None)).unwrap().is_some());
    }
    let each = began.elapsed().as_secs_f64() * 1e6 / f64::from(ROUNDS);
    table.fact(what, &format!("{each:.1} µs"));
    desk.close();
    store.close();
}
