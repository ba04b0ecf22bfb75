//! The generator through its face, on real stores.

mod people;
mod records;
mod repeated;

use std::sync::Arc;
use std::time::Duration;

use jiff::civil::date;

use super::load::fill;
use super::{History, Order};
use crate::domain;
use crate::platform::ledger::Desk;
use crate::platform::resource::{Column, VERSIONED};
use crate::store::{ReadTx, Store, StoreError, Value};
use crate::vocab::clock::{Clock, FrozenClock};
use crate::vocab::id::IdSource;

const SECOND: Duration = Duration::from_secs(1);
/// The day of all these hospitals, at its first instant.
const NOW: &str = "2026-11-20T00:00:00Z";

fn order(patients: u64, history: History) -> Order {
    let (seed, today, password_hash) = (1, date(2026, 11, 20), "no password".to_owned());
    Order { patients, seed, history, today, minutes: 8 * 60, password_hash }
}

/// A desk over an empty store, whose clock stands still at [`NOW`].
fn desk() -> Desk {
    let clock: Arc<dyn Clock> = Arc::new(FrozenClock::at(NOW));
    Desk::open(Store::scratch(), Arc::clone(&clock), IdSource::new(clock, 0), 60 * SECOND)
}

fn hospital(order: &Order) -> Desk {
    let desk = desk();
    fill(&desk, order.clone(), u64::MAX, &mut |_| {}).unwrap();
    desk
}

fn read<T>(desk: &Desk, f: impl FnOnce(&ReadTx<'_>) -> Result<T, StoreError>) -> T {
    desk.store().read(60 * SECOND, f).unwrap()
}

fn number(desk: &Desk, sql: &str) -> i64 {
    read(desk, |tx| tx.one(sql, &[], |row| row.get(0)))
}

/// One row of a table: its name, the values of its columns, and which of them are identities.
type Dumped = (&'static str, Vec<(&'static str, Value)>);

/// Every row of every kind of record and of its child lists, in order.
fn dump(desk: &Desk) -> Vec<Dumped> {
    let mut rows = Vec::new();
    for resource in domain::ALL {
        let own = resource.columns.iter().chain(VERSIONED.iter());
        dump_table(desk, resource.table, &["id"], own, &mut rows);
        for child in resource.children {
            let keys = [child.owner, "position"];
            dump_table(desk, child.table, &keys, child.columns.iter(), &mut rows);
        }
    }
    rows
}

fn dump_table(
    desk: &Desk,
    table: &'static str,
    keys: &[&'static str],
    columns: impl Iterator<Item = &'static Column>,
    rows: &mut Vec<Dumped>,
) {
    let names: Vec<&'static str> =
        keys.iter().copied().chain(columns.map(|column| column.name)).collect();
    let order = keys.join(", ");
    let sql = format!("SELECT {} FROM {table} ORDER BY {order}", names.join(", "));
    rows.extend(read(desk, |tx| {
        tx.all(&sql, &[], |row| {
            let value = |(at, name): (usize, &&'static str)| (*name, row.value(at).to_value());
            Ok((table, names.iter().enumerate().map(value).collect()))
        })
    }));
}
