//! What `web` asks: who holds this secret, and please note this refusal.

use std::collections::HashSet;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use subtle::ConstantTimeEq;

use super::roles::PERMISSIONS;
use super::sessions::{self, Held, SESSION};
use super::users::USER;
use super::workstations;
use crate::platform::cache::{Cache, CacheStatus, Ticket};
use crate::platform::ledger::{Desk, Touch};
use crate::store::{Class, StoreError, Tx};
use crate::vocab::actor::{Actor, Call};
use crate::vocab::digest::sha256;
use crate::web::permit::let_in;
use crate::web::{Failure, Gate, Standing};

/// Held only by the command line of the machine that the data lies on.
pub const BOX_LOCAL: &str = "box.local";

/// How old the noted use of a session grows before it is noted again, microseconds.
const USE_NOTED_EVERY: i64 = 5 * 60 * 1_000_000;
/// Sessions whose use is being noted at one time; those beyond are noted at their next request.
const NOTING_MAX: usize = 1_000;

/// What the cache of sessions takes at most, bytes.
const CACHE_BYTES_MAX: u64 = 4 << 20;
/// What a session takes in it: the hash of its secret and who holds it, bytes.
const SESSION_BYTES: u64 = 512;
/// How long a session is taken as known, microseconds. A change of it or of its account is
/// known at once; this bounds what nothing told of.
const KNOWN_FOR: i64 = 60_000_000;

/// Who holds which session. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Known(Arc<Cache<Vec<u8>, Seen>>);

/// An open session as it is remembered.
#[derive(Debug, Clone)]
struct Seen {
    actor: Actor,
    /// When its use was noted last, and how often it is, microseconds.
    noted_at: i64,
    noted_every: i64,
    /// Until when it is taken as known, microseconds.
    known_until: i64,
}

impl Known {
    /// How the cache does.
    #[must_use]
    pub fn status(&self) -> CacheStatus {
        self.0.status()
    }

    /// Whether the cache is within its bound.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.status().bytes <= CACHE_BYTES_MAX
    }

    /// Has the session or the account `id` looked up at its next request. Whoever hears of a
    /// change by its event may hear of it a moment before its own forgetting.
    pub fn forget(&self, id: i64) {
        self.0.forget_group(id);
    }

    fn forget_changed(&self, touched: &[Touch]) {
        for touch in touched.iter().filter(|touch| [USER, SESSION].contains(&touch.kind)) {
            self.forget(touch.id);
        }
    }
}

/// The gate of this hospital.
#[derive(Debug)]
pub struct Door {
    desk: Desk,
    /// Sessions whose use is being noted just now.
    noting: Arc<Mutex<HashSet<i64>>>,
    known: Known,
    /// Hash of the secret that lies in the data folder for the command line of this machine.
    control: [u8; 32],
}

impl Door {
    /// A gate over `desk`; whoever can read the owner-only file with `control_token` in the
    /// data folder owns the data anyway and acts as the command line.
    #[must_use]
    pub fn new(desk: Desk, control_token: &str) -> Self {
        let known = Known(Arc::new(Cache::new(CACHE_BYTES_MAX, SESSION_BYTES)));
        let told = known.clone();
        desk.after_each_change(move |touched| told.forget_changed(touched));
        let control = sha256(&[control_token.as_bytes()]);
        Self { desk, noting: Arc::default(), known, control }
    }

    /// The sessions that need no look-up.
    #[must_use]
    pub fn known(&self) -> &Known {
        &self.known
    }

    /// Notes that the session is in use, in the class of bulk work and without waiting. What
    /// finds no place in the queue is noted at a later request.
    fn note_use(&self, session: i64, now: i64) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        {
            let mut noting = self.noting.lock().unwrap_or_else(PoisonError::into_inner);
            if NOTING_MAX <= noting.len() || !noting.insert(session) {
                return;
            }
        }
        let (store, noting) = (self.desk.store().clone(), Arc::clone(&self.noting));
        runtime.spawn(async move {
            let job = move |tx: &Tx<'_>| sessions::note_use(tx, session, now);
            if let Err(cause) = store.write(Class::Bulk, job).await {
                tracing::debug!("The use of a session was not noted: {cause}");
            }
            noting.lock().unwrap_or_else(PoisonError::into_inner).remove(&session);
        });
    }
}

impl Door {
    /// Who holds `token`, and what its session is good for. `is_use` is a request of somebody,
    /// which is noted.
    fn look(&self, token: &str, is_use: bool) -> Result<Option<(Actor, Standing)>, Failure> {
        if bool::from(self.control.ct_eq(&sha256(&[token.as_bytes()]))) {
            return Ok(Some((command_line(), Standing::Open)));
        }
        let (now, key) = (self.desk.now(), sessions::token_hash(token));
        let ticket = self.known.0.ticket();
        if let Some(seen) = self.known.0.get(&key, now) {
            let actor = seen.actor.clone();
            if is_use && seen.noted_at + seen.noted_every <= now {
                self.note(key, Seen { noted_at: now, ..seen }, now, ticket);
            }
            return Ok(Some((actor, Standing::Open)));
        }
        let deadline = self.desk.screen_deadline();
        let found = self.desk.store().read(deadline, |tx| {
            let Some(held) = sessions::find(tx, token, now)? else { return Ok(None) };
            let of = (held.actor.session().unwrap_or_default(), held.actor.role());
            let standing = workstations::standing(tx, of, held.last_used_at, now)?;
            Ok::<_, StoreError>(Some((held, standing)))
        })?;
        let Some((held, (standing, at_one))) = found else { return Ok(None) };
        let Held { actor, expires_at, last_used_at: noted_at } = held;
        let noted_every = if at_one { workstations::USE_NOTED_EVERY } else { USE_NOTED_EVERY };
        let known_until = expires_at.min(now + KNOWN_FOR);
        let mut seen = Seen { actor: actor.clone(), noted_at, noted_every, known_until };
        match standing {
            // Nobody is there to be noted.
            Standing::Locked => {}
            // What is good for less is looked up each time.
            Standing::Enrolling => {
                if is_use && noted_at + noted_every <= now {
                    self.note_use(actor.session().unwrap_or_default(), now);
                }
            }
            Standing::Open if is_use && noted_at + noted_every <= now => {
                seen.noted_at = now;
                self.note(key, seen, now, ticket);
            }
            Standing::Open => self.keep(key, seen, ticket),
        }
        Ok(Some((actor, standing)))
    }

    /// Keeps what was `seen`, and notes that the session is in use.
    fn note(&self, key: Vec<u8>, seen: Seen, now: i64, ticket: Ticket) {
        if let Some(session) = seen.actor.session() {
            self.note_use(session, now);
        }
        self.keep(key, seen, ticket);
    }

    fn keep(&self, key: Vec<u8>, seen: Seen, ticket: Ticket) {
        if let (Some(user), Some(session)) = (seen.actor.user_id(), seen.actor.session()) {
            let until = seen.known_until;
            self.known.0.put(key, (seen, [user, session]), until, ticket);
        }
    }
}

/// The command line of the machine that the data folder lies on.
#[must_use]
pub fn command_line() -> Actor {
    Actor::machine("command line", [&PERMISSIONS[..], &[BOX_LOCAL]].concat())
}

impl Gate for Door {
    fn hold(&self, token: &str) -> Result<Option<(Actor, Standing)>, Failure> {
        self.look(token, true)
    }

    fn peek(&self, token: &str) -> Result<Option<Actor>, Failure> {
        let_in(self.look(token, false)?)
    }

    fn refused(&self, call: &Call, permission: &'static str) {
        self.desk.note_refusal(call, permission);
    }

    fn settled(&self) -> Pin<Box<dyn Future<Output = ()> + '_>> {
        Box::pin(self.desk.settled())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::Duration;

    use serde_json::json;

    use super::*;
    use crate::access::users::{self, USERS};
    use crate::platform::ledger::{RecordError, Work};
    use crate::platform::resource::form::Form;
    use crate::platform::resource::verbs;
    use crate::store::Store;
    use crate::vocab::clock::{Clock, FrozenClock};
    use crate::vocab::id::IdSource;

    const NOON: &str = "2026-03-01T12:00:00Z";

    fn call() -> Call {
        Call::new(command_line(), "request-1")
    }

    fn door() -> (Door, FrozenClock) {
        let clock = FrozenClock::at(NOON);
        let shared: Arc<dyn Clock> = Arc::new(clock.clone());
        let ids = IdSource::new(shared.clone(), 0);
        let desk = Desk::open(Store::scratch(), shared, ids, Duration::from_secs(5));
        (Door::new(desk, "control"), clock)
    }

    /// An account with this role and a session `token` of an hour; its id.
    fn signed_in(door: &Door, role: &'static str, token: &'static str) -> i64 {
        let job = move |work: &Work<'_>| {
            let fields = json!({"username": token, "display_name": token, "role": role});
            let form = Form::read(&USERS, fields.as_object().unwrap(), work.zone())
                .map_err(RecordError::from)?;
            let id = users::add(work, form, "hash")?;
            let expires_at = work.now() + 3_600_000_000;
            sessions::open(work, id, token, expires_at, &sessions::Seat::default())
                .map_err(|_| RecordError::NotFound("session"))?;
            Ok::<_, RecordError>(id)
        };
        door.desk.write_blocking(&call(), "test", job).unwrap()
    }

    fn amend(door: &Door, id: i64, fields: serde_json::Value) {
        let job = move |work: &Work<'_>| {
            verbs::amend(work, &USERS, (id, None), fields.as_object().unwrap())
        };
        door.desk.write_blocking::<_, RecordError>(&call(), "test", job).unwrap();
    }

    fn role(door: &Door, token: &str) -> Option<String> {
        door.identify(token).unwrap().map(|actor| actor.role().to_owned())
    }

    #[test]
    fn a_session_is_looked_up_once_a_minute_and_ends_with_its_time() {
        let (door, clock) = door();
        signed_in(&door, "nurse", "one");
        let asked = |door: &Door| (door.known.status().hits, door.known.status().misses);
        for _ in 0..5 {
            assert_eq!(role(&door, "one").as_deref(), Some("nurse"));
        }
        assert_eq!(asked(&door), (4, 1));
        clock.set("2026-03-01T12:01:00Z");
        role(&door, "one");
        assert_eq!(asked(&door), (4, 2));
        clock.set("2026-03-01T12:59:59.5Z");
        assert!(role(&door, "one").is_some());
        clock.set("2026-03-01T13:00:00Z");
        assert_eq!(role(&door, "one"), None, "known for a minute, but not beyond its end");
        assert_eq!(role(&door, "never"), None);
    }

    #[test]
    fn what_stays_open_is_no_sign_of_anybody_being_there() {
        let (door, clock) = door();
        signed_in(&door, "nurse", "one");
        let at_workstation =
            |tx: &Tx<'_>| tx.execute("UPDATE session SET workstation = x'00'", &[]);
        door.desk.store().write_blocking(Class::People, at_workstation).unwrap();
        // The hospital's 15 minutes, and two.
        for minute in 1..=17 {
            clock.set(&format!("2026-03-01T12:{minute:02}:00Z"));
            assert!(door.peek("one").unwrap().is_some(), "{minute}");
        }
        clock.set("2026-03-01T12:18:00.5Z");
        assert_eq!(door.peek("one").unwrap_err().code(), "access.locked");
        assert_eq!(door.identify("one").unwrap_err().code(), "access.locked");
    }

    #[test]
    fn a_change_of_a_session_or_its_account_is_known_at_the_next_request() {
        let (door, _) = door();
        signed_in(&door, "administrator", "admin");
        let (one, two) = (signed_in(&door, "nurse", "one"), signed_in(&door, "nurse", "two"));
        assert!(["one", "two"].iter().all(|token| role(&door, token).is_some()));
        amend(&door, one, json!({"role": "reception"}));
        assert_eq!(role(&door, "one").as_deref(), Some("reception"));
        amend(&door, one, json!({"active": false}));
        assert_eq!(role(&door, "one"), None);
        let session = door.identify("two").unwrap().unwrap().session().unwrap();
        let end = move |work: &Work<'_>| sessions::end(work, session);
        door.desk.write_blocking::<_, StoreError>(&call(), "test", end).unwrap();
        assert_eq!(role(&door, "two"), None);
        assert_ne!(one, two);
        assert!(role(&door, "admin").is_some());
    }

    #[test]
    fn whoever_asks_while_the_role_changes_never_brings_the_old_one_back() {
        let (door, _) = door();
        // Without one nobody's role could be changed.
        signed_in(&door, "administrator", "admin");
        let id = signed_in(&door, "nurse", "one");
        let stop = AtomicBool::new(false);
        std::thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    while !stop.load(Ordering::Relaxed) {
                        role(&door, "one");
                    }
                });
            }
            let changes = || {
                (0..200).all(|round| {
                    let now = if round % 2 == 0 { "reception" } else { "nurse" };
                    amend(&door, id, json!({"role": now}));
                    (0..5).all(|_| role(&door, "one").as_deref() == Some(now))
                })
            };
            // The others end also when something is wrong here.
            let held = std::panic::catch_unwind(std::panic::AssertUnwindSafe(changes));
            stop.store(true, Ordering::Relaxed);
            assert!(held.unwrap(), "an old role came back");
        });
    }
}
