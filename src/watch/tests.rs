//! The room over a real store: what is noted, how often, and what a restart leaves of it.

use std::sync::Arc;
use std::time::Duration;

use super::alarm::{Alarms, Standing, digits};
use super::rings::{Rings, SPANS};
use super::series::{Sample, Series};
use super::{defaults, kept};
use crate::access::secrets::Secrets;
use crate::notify::Shout;
use crate::platform::ledger::Desk;
use crate::store::{Class, ReadTx, Store, StoreError};
use crate::vocab::clock::{Clock, FrozenClock};
use crate::vocab::id::IdSource;

const SECOND: Duration = Duration::from_secs(1);
const STEP: i64 = 10_000_000;

struct House {
    desk: Desk,
    begin: i64,
}

impl House {
    fn open() -> Self {
        let clock: Arc<dyn Clock> = Arc::new(FrozenClock::at("2026-03-01T12:00:00Z"));
        let ids = IdSource::new(Arc::clone(&clock), 0);
        let desk = Desk::open(Store::scratch(), clock, ids, SECOND);
        defaults::settle(&desk).unwrap();
        let begin = desk.now();
        Self { desk, begin }
    }

    fn alarms(&self, rings: &Rings) -> Alarms {
        let shout = Shout::new(&self.desk, &Secrets::new([7; 32]));
        Alarms::new(&self.desk, &shout, rings)
    }

    fn at(&self, step: i64) -> i64 {
        self.begin + step * STEP
    }

    /// A sample of requests that take so long.
    fn sample(&self, step: i64, p95: f64) -> Sample {
        let mut sample = Sample::new(self.at(step));
        sample.set(Series::DurationP95, p95);
        sample
    }

    fn text(&self, sql: &'static str) -> Vec<String> {
        let read =
            self.desk.store().read(SECOND, |tx: &ReadTx<'_>| tx.all(sql, &[], |row| row.get(0)));
        read.map_err(|cause: StoreError| cause).unwrap()
    }

    fn run(&self, sql: &'static str) {
        let job = move |tx: &crate::store::Tx<'_>| tx.execute(sql, &[]).map(drop);
        self.desk.store().write_blocking::<_, StoreError>(Class::People, job).unwrap();
    }

    fn history(&self) -> Vec<String> {
        self.text(
            "SELECT level || iif(told_at IS NULL, '', ' told') || \
             iif(recovered_at IS NULL, '', ' over') FROM alert ORDER BY id",
        )
    }
}

#[test]
fn an_alert_is_one_row_from_its_beginning_to_its_end_and_each_step_is_audited() {
    let house = House::open();
    let mut alarms = house.alarms(&Rings::default());
    for step in 0..31 {
        alarms.step(&house.sample(step, 700.0));
    }
    assert_eq!(house.history(), ["warning told"]);
    for step in 31..62 {
        alarms.step(&house.sample(step, 3_000.0));
    }
    assert_eq!(house.history(), ["critical told"]);
    for step in 62..100 {
        alarms.step(&house.sample(step, 5.0));
    }
    assert_eq!(house.history(), ["critical told over"]);
    let acts = house.text("SELECT act FROM audit WHERE act LIKE 'alerts.%' ORDER BY id");
    assert_eq!(acts, ["alerts.raise", "alerts.escalate", "alerts.recover"]);
    let figures = house.text("SELECT value || ' ' || threshold FROM alert");
    assert_eq!(figures, ["3000 1000"]);
}

#[test]
fn a_restart_neither_repeats_what_was_raised_nor_forgets_what_was_on_its_way() {
    let house = House::open();
    let mut rings = Rings::default();
    let mut alarms = house.alarms(&rings);
    for step in 0..20 {
        let sample = house.sample(step, 700.0);
        rings.add(&sample);
        alarms.step(&sample);
    }
    assert_eq!(house.history(), Vec::<String>::new());
    let mut alarms = house.alarms(&rings);
    for step in 20..31 {
        alarms.step(&house.sample(step, 700.0));
    }
    assert_eq!(house.history(), ["warning told"]);
    let mut alarms = house.alarms(&Rings::default());
    for step in 31..80 {
        alarms.step(&house.sample(step, 700.0));
    }
    assert_eq!(house.history(), ["warning told"]);
}

#[test]
fn a_silence_keeps_it_quiet_and_what_goes_on_afterwards_is_told() {
    let house = House::open();
    house.run(
        "INSERT INTO alert_silence (id, minutes, reason, until_at, created_at, updated_at) \
         VALUES (1, 10, 'an upgrade', 1772367000000000, 0, 0)",
    );
    let mut alarms = house.alarms(&Rings::default());
    // The silence is over ten minutes after the beginning.
    for step in 0..60 {
        alarms.step(&house.sample(step, 700.0));
    }
    assert_eq!(house.history(), ["warning"]);
    alarms.step(&house.sample(60, 700.0));
    assert_eq!(house.history(), ["warning told"]);
    assert_eq!(house.text("SELECT act FROM audit WHERE act = 'alerts.tell'").len(), 1);
}

#[test]
fn what_nobody_has_changed_follows_the_program_and_the_rest_stays() {
    let house = House::open();
    house.run("UPDATE alert_rule SET warning = '7' WHERE code = 'cpu'");
    house.run("UPDATE alert_rule SET warning = '7', version = 2 WHERE code = 'memory'");
    defaults::settle(&house.desk).unwrap();
    let sql = "SELECT warning FROM alert_rule WHERE code IN ('cpu', 'memory') ORDER BY code";
    assert_eq!(house.text(sql), ["85", "7"]);
    let all = house.desk.store().read(SECOND, |tx| Standing::find(tx, 0)).unwrap();
    assert_eq!(all.rules.len(), defaults::DEFAULTS.len());
}

#[test]
fn a_rule_that_is_turned_off_ends_its_alert() {
    let house = House::open();
    let mut alarms = house.alarms(&Rings::default());
    for step in 0..31 {
        alarms.step(&house.sample(step, 700.0));
    }
    house.run("UPDATE alert_rule SET enabled = 0 WHERE code = 'slow'");
    alarms.step(&house.sample(31, 700.0));
    assert_eq!(house.history(), ["warning told over"]);
}

#[test]
fn samples_come_back_from_the_store_and_the_table_stays_bounded() {
    let house = House::open();
    let (mut rings, mut waiting) = (Rings::default(), Vec::new());
    let save = |rings: &Rings, waiting: &mut Vec<_>, until: i64| {
        let oldest = std::array::from_fn(|number: usize| rings.oldest(number));
        kept::save(house.desk.store(), std::mem::take(waiting), oldest, until).unwrap();
    };
    for step in 0..2_000 {
        waiting.extend(rings.add(&house.sample(step, 7.0)));
        if step % 100 == 99 {
            save(&rings, &mut waiting, house.at(step));
        }
    }
    let again = house.desk.store().read(SECOND, kept::load).unwrap();
    for number in 0..SPANS.len() {
        let (one, other) =
            (rings.line(number, Series::DurationP95), again.line(number, Series::DurationP95));
        let last = other.len() - usize::from(number != 0);
        assert_eq!(one[..last], other[..last], "{number}");
    }
    let rows = house.text("SELECT CAST(count(*) AS TEXT) FROM watch_sample WHERE ring = 0");
    assert_eq!(rows, ["360"]);
    // A clock that was set back leaves nothing from the future.
    save(&rings, &mut waiting, house.at(1_990));
    let rows = house.text("SELECT CAST(count(*) AS TEXT) FROM watch_sample WHERE ring = 0");
    assert!(rows[0].parse::<i64>().unwrap() < 360, "{rows:?}");
}

#[test]
fn figures_are_told_with_the_digits_that_count() {
    let told = [0.5, 12.0, 99.999, 512.25, 1_234.5, 5e9].map(digits);
    assert_eq!(told, ["0.5", "12", "100", "512.25", "1234", "5000000000"]);
}
