//! The last way to tell somebody: when the store takes nothing, an alarm can be neither noted nor
//! ordered, and that is the very day on which it must not be silent. It is sent at once, to those
//! who were known when the store last answered, and once an hour.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::message::Line;
use super::raise::Raised;
use super::recipients::{self, Recipient};
use super::ways::{Brake, Ways};
use crate::access::secrets::Secrets;
use crate::platform::ledger::Desk;
use crate::store::{ReadTx, StoreError};

/// How long the same is not said again, microseconds: an hour.
const AGAIN: i64 = 3_600_000_000;
/// Subjects that are remembered.
const SUBJECTS_MAX: usize = 100;

/// Tells without the store. Cheap to clone.
#[derive(Clone)]
pub struct Shout(Arc<Inner>);

impl std::fmt::Debug for Shout {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shout").finish_non_exhaustive()
    }
}

struct Inner {
    desk: Desk,
    secrets: Secrets,
    brake: Brake,
    known: Mutex<Option<Known>>,
    told: Mutex<HashMap<String, i64>>,
}

#[derive(Clone)]
struct Known {
    ways: Ways,
    recipients: Vec<Recipient>,
}

impl Shout {
    /// For the house of `desk`.
    #[must_use]
    pub fn new(desk: &Desk, secrets: &Secrets) -> Self {
        let shout = Self(Arc::new(Inner {
            desk: desk.clone(),
            secrets: secrets.clone(),
            brake: Brake::default(),
            known: Mutex::default(),
            told: Mutex::default(),
        }));
        shout.learn();
        shout
    }

    /// Takes note of who is told by which way, if the store answers. To be called now and then.
    pub fn learn(&self) {
        let find = |tx: &ReadTx<'_>| {
            let (ways, recipients) = (Ways::find(tx)?, recipients::all(tx)?);
            Ok::<_, StoreError>(Known { ways, recipients })
        };
        let desk = &self.0.desk;
        match desk.store().read(desk.screen_deadline(), find) {
            Ok(known) => *lock(&self.0.known) = Some(known),
            Err(cause) => tracing::debug!("Who is told was not read: {cause}"),
        }
    }

    /// Tells of `raised`, on a thread of its own, unless that was done within the hour.
    pub fn tell(&self, raised: &Raised) {
        let now = self.0.desk.now();
        {
            let mut told = lock(&self.0.told);
            told.retain(|_, at| now < at.saturating_add(AGAIN));
            if told.contains_key(&raised.subject) || SUBJECTS_MAX <= told.len() {
                return;
            }
            told.insert(raised.subject.clone(), now);
        }
        let (shout, raised) = (self.clone(), raised.clone());
        let thread = std::thread::Builder::new().name("notify-shout".to_owned());
        if let Err(cause) = thread.spawn(move || shout.0.send(&raised, now)) {
            tracing::error!("Nobody could be told: {cause}");
        }
    }
}

impl Inner {
    fn send(&self, raised: &Raised, now: i64) {
        let Some(Known { ways, recipients }) = lock(&self.known).clone() else { return };
        let lines = [Line::raised(raised, now)];
        let (means, zone) = ((&self.secrets, &self.brake), self.desk.zone());
        let from = format!("{now:x}");
        for recipient in recipients.iter().filter(|one| one.wants(raised.severity)) {
            let name = &recipient.name;
            match ways.send(means, (recipient, &lines), (&from, now, &zone)) {
                Ok(()) => tracing::warn!("{name} was told without the store"),
                Err(cause) => tracing::error!("{name} could not be told: {cause}"),
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
