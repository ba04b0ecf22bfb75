//! What `web` asks: who holds this secret, and please note this refusal.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use subtle::ConstantTimeEq;

use super::error::AccessError;
use super::reach::Reaching;
use super::roles::{PERMISSIONS, ROLE};
use super::sessions::{self, Held, SESSION};
use super::sign_in_rules::SIGN_IN_RULES;
use super::tokens::{self, API_TOKEN, Ending};
use super::users::{DEPARTMENT, USER};
use super::workstations;
use crate::platform::cache::{Cache, CacheStatus, Ticket};
use crate::platform::ledger::{Desk, Touch};
use crate::store::{Class, StoreError, Tx};
use crate::vocab::actor::{Actor, Call};
use crate::vocab::digest::sha256;
use crate::web::permit::let_in;
use crate::web::{Failure, Gate, SessionState, envelope};

/// Held only by the command line of the machine that the data lies on.
pub const BOX_LOCAL: &str = "box.local";

/// How old the noted use of a session or a token grows before it is noted again,
/// microseconds.
const USE_NOTED_EVERY: i64 = 5 * 60 * 1_000_000;
/// Sessions and tokens whose use is being noted at one time; those beyond are noted at their
/// next request.
const NOTING_MAX: usize = 1_000;

/// What the cache of sessions takes at most, bytes.
const CACHE_BYTES_MAX: u64 = 4 << 20;
/// What a session takes in it: the hash of its secret and who holds it, bytes.
const SESSION_BYTES: u64 = 512;
/// How long a session is taken as known, microseconds. A change of it or of its account is
/// known at once; this bounds what nothing told of.
const KNOWN_FOR: i64 = 60_000_000;

/// Who holds which session or token. Cheap to clone.
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

    /// Has every session looked up at its next request: a role has changed, which many hold,
    /// the departments that divide a facility, or what is asked of those who sign in.
    pub fn forget_all(&self) {
        self.0.forget_all();
    }

    fn forget_changed(&self, touched: &[Touch]) {
        if touched.iter().any(|touch| [ROLE, DEPARTMENT, SIGN_IN_RULES].contains(&touch.kind)) {
            self.forget_all();
        }
        for touch in touched.iter().filter(|touch| [USER, SESSION, API_TOKEN].contains(&touch.kind))
        {
            self.forget(touch.id);
        }
    }
}

/// The gate of this hospital.
#[derive(Debug)]
pub struct Door {
    desk: Desk,
    /// Sessions and tokens whose use is being noted just now.
    noting: Arc<Mutex<HashSet<i64>>>,
    /// When somebody was refused last with a token that has ended.
    ended: Mutex<HashMap<i64, i64>>,
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
        desk.ask_warden(Box::new(Reaching));
        let control = sha256(&[control_token.as_bytes()]);
        Self { desk, noting: Arc::default(), ended: Mutex::default(), known, control }
    }

    /// The sessions that need no look-up.
    #[must_use]
    pub fn known(&self) -> &Known {
        &self.known
    }

    /// Has `note` note that the session or token `id` is in use, in the class of bulk work and
    /// without waiting. What finds no place in the queue is noted at a later request.
    fn note_use(&self, id: i64, note: impl Fn(&Tx<'_>) -> Result<(), StoreError> + Send + 'static) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        {
            let mut noting = self.noting.lock().unwrap_or_else(PoisonError::into_inner);
            if NOTING_MAX <= noting.len() || !noting.insert(id) {
                return;
            }
        }
        let (store, noting) = (self.desk.store().clone(), Arc::clone(&self.noting));
        runtime.spawn(async move {
            if let Err(cause) = store.write(Class::Bulk, note).await {
                tracing::debug!("The use of a session was not noted: {cause}");
            }
            noting.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
        });
    }
}

impl Door {
    /// Who acts through the token of a program.
    fn identify_program(&self, token: &str, from: Option<IpAddr>) -> Result<Actor, Failure> {
        if !tokens::is_typed_right(token) {
            return Err(AccessError::TokenMistyped.into());
        }
        let (now, key) = (self.desk.now(), tokens::token_hash(token));
        if let Some(seen) = self.known.0.get(&key, now) {
            return Ok(seen.actor);
        }
        let ticket = self.known.0.ticket();
        let deadline = self.desk.screen_deadline();
        match self.desk.store().read(deadline, |tx| tokens::find(tx, token, now))? {
            None => Err(AccessError::TokenUnknown.into()),
            Some(tokens::Known::Ended { id, ending }) => {
                self.note_ended(id, ending, from, now);
                Err(match ending {
                    Ending::Expired => AccessError::TokenExpired.into(),
                    Ending::Revoked => AccessError::TokenRevoked.into(),
                })
            }
            Some(tokens::Known::Holds { actor, id, expires_at, last_used_at }) => {
                if last_used_at + USE_NOTED_EVERY <= now {
                    self.note_use(id, move |tx| tokens::note_use(tx, id, now, from));
                }
                let until = expires_at.min(now + KNOWN_FOR);
                let groups = [actor.user_id().unwrap_or(id), id];
                let seen = Seen {
                    actor: actor.clone(),
                    noted_at: now,
                    noted_every: USE_NOTED_EVERY,
                    known_until: until,
                };
                self.known.0.put(key, (seen, groups), until, ticket);
                Ok(actor)
            }
        }
    }

    /// Has the audit say that somebody came with a token that has ended, for each at most every
    /// five minutes: a program that nobody has told goes on trying.
    fn note_ended(&self, id: i64, ending: Ending, from: Option<IpAddr>, now: i64) {
        let mut ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        ended.retain(|_, at| now < *at + USE_NOTED_EVERY);
        if NOTING_MAX <= ended.len() || ended.contains_key(&id) {
            return;
        }
        ended.insert(id, now);
        drop(ended);
        let call = Call::new(Actor::nobody(), envelope::request_id());
        self.desk.note_ended_token(
            &call.sent_from(from),
            API_TOKEN.name,
            id,
            match ending {
                Ending::Expired => "tokens.expired",
                Ending::Revoked => "tokens.revoked",
            },
        );
    }

    /// Who holds `token` and comes `from` there, and what its session is good for. `is_use` is a
    /// request of somebody, which is noted.
    fn look(
        &self,
        token: &str,
        from: Option<IpAddr>,
        is_use: bool,
    ) -> Result<Option<(Actor, SessionState)>, Failure> {
        if bool::from(self.control.ct_eq(&sha256(&[token.as_bytes()]))) {
            return Ok(Some((command_line(), SessionState::Open)));
        }
        if tokens::is_token(token) {
            let actor = self.identify_program(token, from)?;
            return Ok(Some((actor, SessionState::Open)));
        }
        let (now, key) = (self.desk.now(), sessions::token_hash(token));
        let ticket = self.known.0.ticket();
        if let Some(seen) = self.known.0.get(&key, now) {
            let actor = seen.actor.clone();
            if is_use && seen.noted_at + seen.noted_every <= now {
                self.note(key, Seen { noted_at: now, ..seen }, now, ticket);
            }
            return Ok(Some((actor, SessionState::Open)));
        }
        let deadline = self.desk.screen_deadline();
        let found = self.desk.store().read(deadline, |tx| {
            let Some(held) = sessions::find(tx, token, now)? else { return Ok(None) };
            let of = (held.actor.session().unwrap_or_default(), held.actor.role());
            let state = workstations::state(tx, of, held.last_used_at, now)?;
            Ok::<_, StoreError>(Some((held, state)))
        })?;
        let Some((held, (state, at_one))) = found else { return Ok(None) };
        let Held { actor, expires_at, last_used_at: noted_at } = held;
        let noted_every = if at_one { workstations::USE_NOTED_EVERY } else { USE_NOTED_EVERY };
        let known_until = expires_at.min(now + KNOWN_FOR);
        let mut seen = Seen { actor: actor.clone(), noted_at, noted_every, known_until };
        match state {
            // Nobody is there to be noted.
            SessionState::Locked => {}
            // What is good for less is looked up each time.
            SessionState::Enrolling | SessionState::NewPassword => {
                if is_use && noted_at + noted_every <= now {
                    self.note_session(actor.session().unwrap_or_default(), now);
                }
            }
            SessionState::Open if is_use && noted_at + noted_every <= now => {
                seen.noted_at = now;
                self.note(key, seen, now, ticket);
            }
            SessionState::Open => self.keep(key, seen, ticket),
        }
        Ok(Some((actor, state)))
    }

    /// Keeps what was `seen`, and notes that the session is in use.
    fn note(&self, key: Vec<u8>, seen: Seen, now: i64, ticket: Ticket) {
        if let Some(session) = seen.actor.session() {
            self.note_session(session, now);
        }
        self.keep(key, seen, ticket);
    }

    fn note_session(&self, id: i64, now: i64) {
        self.note_use(id, move |tx| sessions::note_use(tx, id, now));
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
    fn hold(
        &self,
        token: &str,
        from: Option<IpAddr>,
    ) -> Result<Option<(Actor, SessionState)>, Failure> {
        self.look(token, from, true)
    }

    fn peek(&self, token: &str, from: Option<IpAddr>) -> Result<Option<Actor>, Failure> {
        let_in(self.look(token, from, false)?)
    }

    fn refused(&self, call: &Call, permission: &'static str) {
        self.desk.note_refusal(call, permission);
    }

    fn settled(&self) -> Pin<Box<dyn Future<Output = ()> + '_>> {
        Box::pin(self.desk.settled())
    }
}

#[cfg(test)]
mod tests;
