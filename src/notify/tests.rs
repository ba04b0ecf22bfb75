//! Whoever has to know is told once, at a time that suits, in their language; nothing is lost while
//! the way to them is interrupted.

use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use serde_json::json;

use super::channel::{Channel, Channels, KEPT, Level, Sort, Way, Ways};
use super::message::{Line, Message};
use super::preference::{self, Preference};
use super::recipients::{Recipient, To};
use super::{Raised, Severity, Shout, mail, over, raise};
use crate::access::roles::defaults;
use crate::access::secrets::Secrets;
use crate::platform::ledger::Desk;
use crate::store::{Class, Store, StoreError, Tx};
use crate::vocab::clock::{Clock, FrozenClock};
use crate::vocab::id::IdSource;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: i64 = 60_000_000;

struct House {
    desk: Desk,
    clock: FrozenClock,
}

impl House {
    fn open() -> Self {
        let clock = FrozenClock::at("2026-03-01T12:00:00Z");
        let told: Arc<dyn Clock> = Arc::new(clock.clone());
        let ids = IdSource::new(Arc::clone(&told), 0);
        let house = Self { desk: Desk::open(Store::scratch(), told, ids, SECOND), clock };
        defaults::settle(&house.desk).unwrap();
        house.write(|tx, _| {
            let sql = "INSERT INTO app_user (id, username, display_name, role, password_hash, \
                created_at, updated_at) VALUES (7, 'ama', 'Ama', 'administrator', '', 0, 0)";
            tx.execute(sql, &[])?;
            let mail = mail::Settings { enabled: true, ..mail::Settings::default() };
            mail::KEPT.save(tx, &mail, None, 1)?;
            KEPT.save(tx, &Channels { channels: vec![channel("c1")] }, None, 1)
        });
        house
    }

    fn write<T: Send + 'static>(
        &self,
        job: impl Fn(&Tx<'_>, &Desk) -> Result<T, StoreError> + Send + 'static,
    ) -> T {
        let desk = self.desk.clone();
        self.desk.store().write_blocking(Class::People, move |tx| job(tx, &desk)).unwrap()
    }

    fn raise(&self, subject: &'static str, severity: Severity) {
        self.write(move |tx, desk| {
            let facts = json!({"kind": "backup", "error": "Full."});
            let facts = facts.as_object().unwrap().clone();
            let subject = subject.to_owned();
            raise(tx, desk, &Raised { subject, severity, words: "job_died", facts })
        });
    }

    fn over(&self, subject: &'static str) -> bool {
        self.write(move |tx, desk| over(tx, desk, subject))
    }

    fn mails_ama(&self, level: Level, quiet: Option<(i64, i64)>) {
        self.write(move |tx, _| {
            let email = Some("ama@example.org".to_owned());
            let said = Preference { email, level, quiet, ..Preference::default() };
            preference::save(tx, 7, &said, 1)
        });
    }

    fn deliveries(&self) -> Vec<String> {
        let sql = "SELECT recipient || ' ' || event || ' ' || ((due_at - ?1) / 1000000) \
            FROM notification_delivery ORDER BY notification_id, position";
        let now = self.desk.now();
        let read = |tx: &crate::store::ReadTx<'_>| tx.all(sql, &[now.into()], |row| row.get(0));
        self.desk.store().read::<_, StoreError>(SECOND, read).unwrap()
    }
}

fn channel(key: &str) -> Channel {
    Channel {
        key: key.to_owned(),
        name: "Pager".to_owned(),
        sort: Sort::Webhook,
        level: Level::All,
        language: "en".to_owned(),
        host: "pager.example".to_owned(),
    }
}

#[test]
fn what_is_open_is_told_once_and_its_end_to_whoever_was_told() {
    let house = House::open();
    house.mails_ama(Level::Critical, None);
    house.raise("job:backup", Severity::Warning);
    house.raise("job:backup", Severity::Warning);
    assert_eq!(house.deliveries(), ["channel:c1 raised 30"], "mail is for what cannot wait");
    house.raise("job:backup", Severity::Critical);
    house.raise("job:backup", Severity::Critical);
    house.raise("job:backup", Severity::Warning);
    let worse = ["channel:c1 raised 30", "channel:c1 worse 0", "person:7 worse 0"];
    assert_eq!(house.deliveries(), worse);
    assert!(house.over("job:backup"));
    assert!(!house.over("job:backup"), "it is over once");
    assert_eq!(house.deliveries()[3..], ["channel:c1 over 30", "person:7 over 30"]);
    house.raise("job:backup", Severity::Warning);
    assert_eq!(house.deliveries().len(), 6, "what comes again is new");
}

#[test]
fn what_goes_on_counts_once_a_minute() {
    let house = House::open();
    for _ in 0..3 {
        house.raise("job:backup", Severity::Warning);
    }
    house.clock.set("2026-03-01T12:01:01Z");
    house.raise("job:backup", Severity::Warning);
    let times = |tx: &crate::store::ReadTx<'_>| {
        tx.one("SELECT times FROM notification", &[], |row| row.get::<i64>(0))
    };
    assert_eq!(house.desk.store().read::<_, StoreError>(SECOND, times).unwrap(), 2);
}

#[test]
fn who_sleeps_is_told_in_the_morning_and_of_both_at_once() {
    let house = House::open();
    // Noon is in it.
    house.mails_ama(Level::All, Some((11 * 60, 13 * 60)));
    house.raise("job:tidy", Severity::Warning);
    let hour = "person:7 raised 3600";
    assert_eq!(house.deliveries(), ["channel:c1 raised 30", hour]);
    house.over("job:tidy");
    assert_eq!(house.deliveries()[3], "person:7 over 3600");
    house.raise("job:backup", Severity::Critical);
    assert_eq!(house.deliveries()[5], "person:7 raised 0", "what cannot wait does not");
}

#[test]
fn who_may_not_see_the_system_is_not_told() {
    let house = House::open();
    house.mails_ama(Level::All, None);
    house.write(|tx, _| tx.execute("UPDATE app_user SET role = 'nurse' WHERE id = 7", &[]));
    house.raise("job:backup", Severity::Critical);
    assert_eq!(house.deliveries(), ["channel:c1 raised 0"]);
    house.write(|tx, _| {
        tx.execute("UPDATE app_user SET role = 'administrator', active = 0 WHERE id = 7", &[])
    });
    house.raise("job:other", Severity::Critical);
    assert_eq!(house.deliveries().len(), 2);
}

#[test]
fn that_a_way_is_interrupted_is_told_by_the_others() {
    let house = House::open();
    house.mails_ama(Level::All, None);
    house.raise("notify:mail", Severity::Critical);
    house.raise("notify:channel:c1", Severity::Critical);
    assert_eq!(house.deliveries(), ["channel:c1 raised 0", "person:7 raised 0"]);
}

#[test]
fn quiet_hours_end_by_the_clock_on_the_wall() {
    let ama = |quiet| Recipient {
        to: To::Person(7),
        name: String::new(),
        email: None,
        level: Level::All,
        quiet: Some(quiet),
        language: "en".to_owned(),
        digest: "none".to_owned(),
    };
    let zone = TimeZone::get("Europe/Berlin").unwrap();
    let at = |text: &str| text.parse::<jiff::Timestamp>().unwrap().as_microsecond();
    let night = ama((22 * 60, 6 * 60));
    let awake = |text: &str| {
        let found = night.awake_at(at(text), &zone);
        crate::vocab::clock::instant(found).to_string()
    };
    assert_eq!(awake("2026-06-01T19:59:00Z"), "2026-06-01T19:59:00Z");
    assert_eq!(awake("2026-06-01T20:00:00Z"), "2026-06-02T04:00:00Z");
    assert_eq!(awake("2026-06-02T03:59:59Z"), "2026-06-02T04:00:00Z");
    assert_eq!(awake("2026-06-02T04:00:00Z"), "2026-06-02T04:00:00Z");
    // The night in which clocks go back is an hour longer.
    assert_eq!(awake("2026-10-24T22:00:00Z"), "2026-10-25T05:00:00Z");
    // At half past two clocks go forward over the end.
    let gap = ama((60, 150)).awake_at(at("2026-03-29T00:30:00Z"), &zone);
    assert!(at("2026-03-29T00:30:00Z") <= gap && gap <= at("2026-03-29T01:30:00Z"));
}

#[test]
fn a_message_says_everything_that_came_together_and_is_one_line_above() {
    let zone = TimeZone::UTC;
    let facts = json!({"kind": "backup", "error": "The disk is full."});
    let line = |words: &str, over_at| Line {
        id: "ntf_1".to_owned(),
        subject: "job:backup".to_owned(),
        severity: "critical".to_owned(),
        words: words.to_owned(),
        facts: facts.as_object().unwrap().clone(),
        raised_at: 10 * MINUTE,
        over_at,
        is_test: false,
    };
    let lines = [line("job_died", Some(20 * MINUTE)), line("job_died", None)];
    let hospital = "St. Elsewhere\r\nBcc: all";
    let message = Message { hospital, language: "en", zone: &zone, lines: &lines };
    let subject = message.subject();
    assert!(!subject.contains('\n') && subject.contains("Act now: Backup"), "{subject}");
    assert!(subject.ends_with("(+1)"), "{subject}");
    let text = message.text();
    assert!(text.contains("The disk is full."), "{text}");
    assert!(text.contains("From 1970-01-01 00:10 UTC until 1970-01-01 00:20 UTC"), "{text}");
    let told = &message.json()["notifications"];
    assert_eq!(
        (told[0]["state"].as_str(), told[1]["state"].as_str()),
        (Some("over"), Some("open"))
    );
}

#[test]
fn recipients_are_written_and_read_the_same() {
    for to in [To::Person(12), To::Channel("a1".to_owned())] {
        assert_eq!(To::parse(&to.to_string()), Some(to));
    }
    assert_eq!(To::parse("person:x"), None);
    assert_eq!(To::parse("nobody"), None);
}

#[test]
fn who_was_known_is_told_also_when_the_store_takes_nothing() {
    use std::io::{Read, Write};
    let (house, secrets) = (House::open(), Secrets::new([7; 32]));
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let ways = Ways::from([("c1".to_owned(), Way { url, signing_secret: None })]);
    let sealed = KEPT.seal(&secrets, &serde_json::to_string(&ways).unwrap()).unwrap();
    house.write(move |tx, _| {
        KEPT.save(tx, &Channels { channels: vec![channel("c1")] }, Some(&sealed), 2)
    });
    let shout = Shout::new(&house.desk, &secrets);
    house.desk.store().close();
    let raised = Raised {
        subject: "alert:database".to_owned(),
        severity: Severity::Critical,
        words: "alert",
        facts: serde_json::Map::new(),
    };
    shout.tell(&raised);
    shout.tell(&raised);
    let (mut stream, _) = listener.accept().unwrap();
    let mut heard = [0; 4_096];
    let mut length = 0;
    while !String::from_utf8_lossy(&heard[..length]).contains("alert:database") {
        length += stream.read(&mut heard[length..]).unwrap();
    }
    stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").unwrap();
    listener.set_nonblocking(true).unwrap();
    std::thread::sleep(Duration::from_millis(200));
    assert!(listener.accept().is_err(), "once an hour");
}
