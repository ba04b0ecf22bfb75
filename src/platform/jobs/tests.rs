//! What the queue promises, on a real store with real threads: each job is tried as often as it
//! may, never twice at once, and never lost.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::*;
use crate::observability::metrics::Metrics;
use crate::platform::ledger::{Desk, Work};
use crate::store::{Class, Store, StoreError};
use crate::vocab::actor::{Actor, Call};
use crate::vocab::clock::{Clock, FrozenClock};
use crate::vocab::id::IdSource;

const SECOND: Duration = Duration::from_secs(1);
const PATIENCE: Duration = Duration::from_secs(30);

struct House {
    desk: Desk,
    clock: FrozenClock,
}

impl House {
    fn open() -> Self {
        let clock = FrozenClock::at("2026-03-01T12:00:00Z");
        let told: Arc<dyn Clock> = Arc::new(clock.clone());
        let ids = IdSource::new(Arc::clone(&told), 0);
        Self { desk: Desk::open(Store::scratch(), told, ids, SECOND), clock }
    }

    fn start(&self, kinds: Vec<JobKind>) -> Jobs {
        let jobs = Jobs::new(&self.desk, (kinds, Metrics::default()), 3);
        jobs.start().unwrap();
        jobs
    }

    fn order(&self, new: NewJob) -> Option<i64> {
        let call = Call::new(Actor::machine("test", Vec::new()), "request-1");
        let job = move |work: &Work<'_>| order(work, &new);
        self.desk.write_blocking::<_, StoreError>(&call, "jobs.order", job).unwrap()
    }

    fn text(&self, sql: &'static str) -> Vec<String> {
        let read = self.desk.store().read(SECOND, |tx| tx.all(sql, &[], |row| row.get(0)));
        read.map_err(|cause: StoreError| cause).unwrap()
    }

    fn run(&self, sql: &'static str) {
        let job = move |tx: &crate::store::Tx<'_>| tx.execute(sql, &[]).map(drop);
        self.desk.store().write_blocking::<_, StoreError>(Class::People, job).unwrap();
    }

    fn attempts(&self) -> Vec<String> {
        self.text("SELECT coalesce(outcome, 'open') FROM job_attempt ORDER BY job_id, position")
    }

    fn states(&self) -> Vec<String> {
        self.text("SELECT state || ' ' || coalesce(error_code, '-') FROM job ORDER BY id")
    }
}

fn eventually(what: &str, is_so: impl Fn() -> bool) {
    let until = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < until, "not in time: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn failing(name: &'static str) -> JobKind {
    JobKind::new(name, |(), _| -> Result<Done, JobError> {
        Err(JobError::Failed { code: "test.failed", detail: "Not yet.".to_owned() })
    })
}

#[test]
fn what_is_ordered_is_done_once_with_what_it_carries() {
    let house = House::open();
    let heard = Arc::new(Mutex::new(Vec::new()));
    let ear = Arc::clone(&heard);
    let jobs = house.start(vec![JobKind::new("say", move |word: String, _| {
        ear.lock().unwrap().push(word);
        Ok("said".to_owned())
    })]);
    for word in ["one", "two", "three"] {
        house.order(NewJob::new("say", &word)).unwrap();
    }
    eventually("three words", || house.states() == ["done -", "done -", "done -"]);
    jobs.close();
    let mut heard = heard.lock().unwrap().clone();
    heard.sort();
    assert_eq!(heard, ["one", "three", "two"]);
    assert_eq!(house.attempts(), ["done", "done", "done"]);
    assert_eq!(house.text("SELECT DISTINCT result FROM job"), ["said"]);
    let events = house.text("SELECT DISTINCT event FROM outbox WHERE subject_kind = 'job'");
    assert_eq!(events, ["created", "started", "done"]);
}

#[test]
fn a_failure_is_tried_again_after_two_and_four_seconds_and_then_it_is_dead() {
    let house = House::open();
    let jobs = house.start(vec![failing("fail")]);
    house.order(NewJob::new("fail", &())).unwrap();
    let due = "SELECT CAST(run_at / 1000000 % 100 AS TEXT) FROM job WHERE state = 'waiting'";
    eventually("the first try", || house.attempts() == ["failed"]);
    eventually("it waits", || house.text(due) == ["2"]);
    house.clock.set("2026-03-01T12:00:01.9Z");
    std::thread::sleep(Duration::from_millis(1_200));
    assert_eq!(house.attempts(), ["failed"], "not before its time");
    house.clock.set("2026-03-01T12:00:02Z");
    eventually("the second try", || house.text(due) == ["6"]);
    house.clock.set("2026-03-01T12:00:06Z");
    eventually("it is dead", || house.states() == ["dead test.failed"]);
    jobs.close();
    assert_eq!(house.attempts(), ["failed", "failed", "failed"]);
    assert_eq!(house.text("SELECT error_detail FROM job"), ["Not yet."]);
    assert_eq!(kind::back_off(1), 2_000_000);
    assert_eq!(kind::back_off(3), 8_000_000);
    assert_eq!(kind::back_off(40), 3_600_000_000, "an hour at most");
    let depth = || {
        let read = house.desk.store().read(SECOND, |tx| queue::depth(tx, house.desk.now()));
        read.map_err(|cause: StoreError| cause).unwrap()
    };
    assert_eq!((depth().dead, depth().failing), (1, 1));
    house.order(NewJob::new("fail", &())).unwrap();
    assert_eq!((depth().due, depth().failing), (1, 1), "until one succeeds");
    house.run("UPDATE job SET state = 'done' WHERE state = 'waiting'");
    assert_eq!((depth().dead, depth().failing), (1, 0));
}

#[test]
fn a_fault_of_the_program_ends_one_attempt_and_no_thread() {
    let house = House::open();
    let jobs = house.start(vec![
        JobKind::new("panic", |(), _| -> Result<Done, JobError> { panic!("a fault") }).tried(1),
        JobKind::new("calm", |(), _| Ok(String::new())),
        JobKind::new("number", |_: i64, _| Ok(String::new())),
    ]);
    for _ in 0..5 {
        house.order(NewJob::new("panic", &()).tried(1)).unwrap();
    }
    house.order(NewJob::new("calm", &())).unwrap();
    house.order(NewJob::new("number", &"seven")).unwrap();
    house.order(NewJob::new("unheard of", &())).unwrap();
    eventually("all have ended", || !house.states().iter().any(|it| it.starts_with("waiting")));
    eventually("all are noted", || !house.states().iter().any(|it| it.starts_with("running")));
    jobs.close();
    let states = house.states();
    assert_eq!(states[..5], ["dead jobs.panicked"; 5].map(str::to_owned));
    assert_eq!(states[5..], ["done -", "dead jobs.payload", "dead jobs.unknown_kind"]);
}

#[test]
fn of_a_key_one_waits_or_runs_and_the_smallest_priority_goes_first() {
    let house = House::open();
    assert!(house.order(NewJob::new("say", &"a").only_one("k")).is_some());
    assert!(house.order(NewJob::new("say", &"b").only_one("k")).is_none());
    let last = NewJob::new("say", &"last").with_priority(90);
    assert!(house.order(last).is_some());
    let later = NewJob::new("say", &"later").not_before(i64::MAX);
    assert!(house.order(later).is_some());
    assert!(house.order(NewJob::new("say", &"first").with_priority(10)).is_some());
    let heard = Arc::new(Mutex::new(Vec::new()));
    let ear = Arc::clone(&heard);
    let kind = JobKind::new("say", move |word: String, _| {
        ear.lock().unwrap().push(word);
        Ok(String::new())
    });
    let jobs = Jobs::new(&house.desk, (vec![kind], Metrics::default()), 1);
    jobs.start().unwrap();
    eventually("three are done", || heard.lock().unwrap().len() == 3);
    jobs.close();
    assert_eq!(*heard.lock().unwrap(), ["first", "a", "last"]);
    assert!(house.order(NewJob::new("say", &"c").only_one("k")).is_some(), "it has ended");
}

#[test]
fn one_too_many_is_refused_and_what_ordered_it_is_not_done_by_half() {
    let house = House::open();
    house.run(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) \
        INSERT INTO job (id, kind, payload, state, priority, run_at, tries_max, created_at, \
        updated_at) SELECT i, 'old', 'null', 'waiting', 50, 0, 3, 0, 0 FROM n",
    );
    assert_eq!(queue::WAITING_MAX, 100_000);
    let call = Call::new(Actor::machine("test", Vec::new()), "request-1");
    let job = |work: &Work<'_>| {
        work.tx().execute("INSERT INTO setting VALUES ('half', '1', 0)", &[])?;
        order(work, &NewJob::new("say", &"one too many"))
    };
    let refused = house.desk.write_blocking::<_, StoreError>(&call, "jobs.order", job);
    assert!(matches!(refused, Err(StoreError::Busy { .. })), "{refused:?}");
    assert!(house.text("SELECT name FROM setting WHERE name = 'half'").is_empty());
    house.run("UPDATE job SET state = 'done' WHERE id = 1");
    assert!(house.order(NewJob::new("say", &"the last one")).is_some());
}

/// A kind that runs until it is told to stop, and how many of it run.
fn endless(name: &'static str) -> (JobKind, Arc<AtomicUsize>) {
    let running = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&running);
    let kind = JobKind::new(name, move |(), run| {
        count.fetch_add(1, Ordering::SeqCst);
        let ended = loop {
            if let Err(ended) = run.step() {
                break ended;
            }
            run.progress(1, Some(2));
            std::thread::sleep(Duration::from_millis(5));
        };
        count.fetch_sub(1, Ordering::SeqCst);
        Err(ended)
    });
    (kind, running)
}

#[test]
fn what_is_cancelled_ends_and_what_takes_too_long_fails() {
    let house = House::open();
    let (long, running) = endless("long");
    let (slow, _) = endless("slow");
    let jobs = house.start(vec![long, slow.within(Duration::from_millis(50))]);
    let id = house.order(NewJob::new("long", &())).unwrap();
    house.order(NewJob::new("slow", &()).tried(1)).unwrap();
    eventually("it runs", || running.load(Ordering::SeqCst) == 1);
    eventually("it took too long", || house.states()[1] == "dead jobs.timed_out");
    let told = "SELECT progress_done || '/' || progress_total FROM job WHERE state = 'running'";
    assert_eq!(house.text(told), ["1/2"]);
    jobs.cancel(id);
    eventually("it is cancelled", || house.states()[0] == "cancelled -");
    jobs.close();
    assert_eq!(house.attempts(), ["cancelled", "timed_out"]);
}

#[test]
fn what_runs_when_the_house_closes_goes_on_at_the_next_start() {
    let house = House::open();
    let (long, running) = endless("long");
    let jobs = house.start(vec![long]);
    house.order(NewJob::new("long", &())).unwrap();
    eventually("it runs", || running.load(Ordering::SeqCst) == 1);
    jobs.close();
    assert_eq!(
        (house.states(), house.attempts()),
        (vec!["waiting -".to_owned()], vec!["interrupted".to_owned()])
    );
    let done = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&done);
    let jobs = house.start(vec![JobKind::new("long", move |(), _| {
        told.store(true, Ordering::SeqCst);
        Ok(String::new())
    })]);
    eventually("it goes on", || house.states() == ["done -"]);
    jobs.close();
    assert_eq!(house.attempts(), ["interrupted", "done"]);
    assert_eq!(house.text("SELECT CAST(tries AS TEXT) FROM job"), ["1"], "not its fault");
}

#[test]
fn a_long_look_at_the_store_does_not_hold_up_the_end() {
    let house = House::open();
    let jobs = house.start(vec![JobKind::new("count", |(), run| {
        let endless = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) \
            SELECT count(*) FROM n";
        let counted = run
            .desk()
            .store()
            .read(Duration::from_secs(600), |tx| tx.one(endless, &[], |row| row.get::<i64>(0)));
        Ok(counted.map(|counted: i64| counted.to_string())?)
    })]);
    house.order(NewJob::new("count", &())).unwrap();
    eventually("it counts", || house.attempts() == ["open"]);
    let begun = Instant::now();
    jobs.close();
    assert!(begun.elapsed() < PATIENCE);
    assert_eq!(house.states(), ["waiting -"]);
    assert_eq!(house.attempts(), ["interrupted"]);
}

#[test]
fn what_ran_when_the_program_was_killed_runs_again_but_not_for_ever() {
    let house = House::open();
    house.order(NewJob::new("calm", &())).unwrap();
    house.order(NewJob::new("calm", &()).tried(1)).unwrap();
    let now = house.desk.now();
    let claim = move |tx: &crate::store::Tx<'_>| queue::claim(tx, now, 9, (None, &HashMap::new()));
    let claimed = house.desk.store().write_blocking::<_, StoreError>(Class::Bulk, claim).unwrap();
    assert_eq!(claimed.len(), 2);
    // Nobody notes how they end: that is how a killed program leaves them.
    let jobs = house.start(vec![JobKind::new("calm", |(), _| Ok(String::new()))]);
    eventually("it runs again", || house.states()[0] == "done -");
    jobs.close();
    assert_eq!(house.states(), ["done -", "dead jobs.interrupted"]);
    assert_eq!(house.attempts(), ["interrupted", "done", "interrupted"]);
}

static NIGHTLY: [DefaultSchedule; 2] = [
    DefaultSchedule { kind: "nightly", cron: "30 2 * * *", catch_up: true },
    DefaultSchedule { kind: "hourly", cron: "0 * * * *", catch_up: false },
];

#[test]
fn the_clock_orders_each_once_makes_up_for_what_was_missed_and_overlaps_nothing() {
    let house = House::open();
    schedule::settle(&house.desk, &NIGHTLY).unwrap();
    schedule::settle(&house.desk, &NIGHTLY).unwrap();
    let kinds = [failing("nightly"), failing("hourly")];
    let tick = || {
        schedule::tick(&house.desk, &kinds).unwrap();
        house.text("SELECT kind FROM job ORDER BY id")
    };
    let next = || {
        house.text(
            "SELECT strftime('%d %H:%M', next_at / 1000000, 'unixepoch') \
        FROM schedule ORDER BY id",
        )
    };
    assert!(tick().is_empty(), "nothing is due when it is first seen");
    assert_eq!(next(), ["02 02:30", "01 13:00"]);
    house.clock.set("2026-03-01T13:00:00Z");
    assert_eq!(tick(), ["hourly"]);
    assert_eq!(tick(), ["hourly"], "once");
    house.clock.set("2026-03-01T14:00:10Z");
    assert_eq!(tick(), ["hourly"], "the first still waits");
    house.run("UPDATE job SET state = 'done', ended_at = 1");
    // The server was off for two days: the night is made up for once, the hour not.
    house.clock.set("2026-03-03T16:30:00Z");
    assert_eq!(tick(), ["hourly", "nightly"]);
    assert_eq!(next(), ["04 02:30", "03 17:00"]);
    let last = "SELECT kind FROM schedule WHERE last_job_id IS NOT NULL ORDER BY id";
    assert_eq!(house.text(last), ["nightly", "hourly"]);
    // The hospital moves: nothing comes early, and the clock is the new one.
    house.desk.set_zone(jiff::tz::TimeZone::get("Asia/Kolkata").unwrap());
    assert_eq!(tick().len(), 2);
    assert_eq!(next(), ["03 21:00", "03 17:30"]);
    house.run("UPDATE schedule SET active = 0");
    house.clock.set("2026-03-09T16:30:00Z");
    assert_eq!(tick().len(), 2, "what is switched off does not come");
}

#[test]
fn jobs_that_have_served_their_time_go_with_their_attempts() {
    let house = House::open();
    let jobs = house.start(vec![JobKind::new("calm", |(), _| Ok(String::new()))]);
    for _ in 0..3 {
        house.order(NewJob::new("calm", &())).unwrap();
    }
    eventually("they are done", || house.states() == ["done -", "done -", "done -"]);
    jobs.close();
    house.run("UPDATE job SET state = 'dead' WHERE id = (SELECT max(id) FROM job)");
    house.clock.set("2026-04-01T12:00:00Z");
    let now = house.desk.now();
    let clear = move |tx: &crate::store::Tx<'_>| queue::clear(tx, now, 100);
    let gone = house.desk.store().write_blocking::<_, StoreError>(Class::Bulk, clear).unwrap();
    assert_eq!((gone, house.states(), house.attempts().len()), (2, vec!["dead -".to_owned()], 1));
}
