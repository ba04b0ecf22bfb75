//! The desk: the one counter at which records are read and changed.
mod reading;

use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use jiff::tz::TimeZone;

use super::audit::{self, Entry, Seen};
use super::idempotency::{Created, KeyedRequest};
use super::queue::{AuditQueue, AuditState};
use super::{OutOfReach, RecordError, Touch, Warden, Work};
use crate::platform::disk::Ladder;
use crate::platform::resource::seal::Seal;
use crate::platform::resource::{Resource, Subject, select};
use crate::store::{Class, Store, StoreError};
use crate::vocab::actor::Call;
use crate::vocab::clock::Clock;
use crate::vocab::id::IdSource;
use crate::vocab::problem::{Explain, ProblemKind};

/// Reads and changes records, and keeps the audit. Cheap to clone.
#[derive(Clone)]
pub struct Desk(Arc<Inner>);

impl std::fmt::Debug for Desk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Desk").finish_non_exhaustive()
    }
}

/// Hears what changed.
type Told = Box<dyn Fn(&[Touch]) + Send + Sync>;
/// What became of a job, once it was run.
#[derive(Default)]
struct Ran {
    touched: Vec<Touch>,
    /// Whose record was refused.
    refused: Option<i64>,
}
type Changed = Arc<Mutex<Ran>>;
/// What ends a job: its audit rows, and before them whether it may have touched whom it did.
type Finish<E> = fn(&Work<'_>, &str) -> Result<(), E>;

struct Inner {
    store: Store,
    clock: Arc<dyn Clock>,
    ids: IdSource,
    audit: AuditQueue,
    zone: RwLock<TimeZone>,
    told: RwLock<Vec<Told>>,
    warden: OnceLock<Box<dyn Warden>>,
    screen_deadline: Duration,
    seal: OnceLock<Seal>,
    pub(super) ladder: Ladder,
}

impl Desk {
    /// A desk over `store`. Reads for screens end at `screen_deadline`.
    #[must_use]
    pub fn open(
        store: Store,
        clock: Arc<dyn Clock>,
        ids: IdSource,
        screen_deadline: Duration,
    ) -> Self {
        let audit = AuditQueue::start(store.clone(), Arc::clone(&clock));
        let zone = RwLock::new(TimeZone::UTC);
        let (told, warden, seal) = (RwLock::default(), OnceLock::new(), OnceLock::new());
        Self(Arc::new(Inner {
            store,
            clock,
            ids,
            audit,
            zone,
            told,
            warden,
            screen_deadline,
            seal,
            ladder: Ladder::default(),
        }))
    }

    /// The store, for reads that concern no patient and for machinery.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// The clock.
    #[must_use]
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.0.clock
    }

    /// The present in microseconds since 1970 UTC.
    #[must_use]
    pub fn now(&self) -> i64 {
        self.0.clock.now().as_microsecond()
    }

    /// The source of identities.
    #[must_use]
    pub fn ids(&self) -> &IdSource {
        &self.0.ids
    }

    /// The hospital's time zone.
    #[must_use]
    pub fn zone(&self) -> TimeZone {
        self.0.zone.read().unwrap_or_else(|poison| poison.into_inner()).clone()
    }

    /// Sets the hospital's time zone, from its settings.
    pub fn set_zone(&self, zone: TimeZone) {
        *self.0.zone.write().unwrap_or_else(|poison| poison.into_inner()) = zone;
    }

    /// The deadline of a read for a screen.
    #[must_use]
    pub fn screen_deadline(&self) -> Duration {
        self.0.screen_deadline
    }

    /// The seal of cursors. The first call in the life of a store makes its key.
    ///
    /// # Errors
    /// What the store says.
    pub fn seal(&self) -> Result<&Seal, StoreError> {
        match self.0.seal.get() {
            Some(seal) => Ok(seal),
            None => {
                let kept = Seal::kept_in(&self.0.store, self.0.screen_deadline, self.now())?;
                Ok(self.0.seal.get_or_init(|| kept))
            }
        }
    }

    /// Has `told` called with what each change touched, once it is durable and before it is
    /// answered. It runs on the writer's thread: it must be short, and not ask the store.
    pub fn after_each_change(&self, told: impl Fn(&[Touch]) + Send + Sync + 'static) {
        let mut all = self.0.told.write().unwrap_or_else(PoisonError::into_inner);
        all.push(Box::new(told));
    }

    /// Whether audit rows are written.
    #[must_use]
    pub fn audit_state(&self) -> AuditState {
        self.0.audit.state()
    }

    /// Takes no more work and waits until every audit row is committed.
    pub fn close(&self) {
        self.0.audit.close();
    }

    /// One change by `call`: `job` may be run again, so it must have no effect but the
    /// transaction's. A refusal is audited too.
    ///
    /// # Errors
    /// What `job` says, or the store; nothing is written then.
    pub async fn write<T, E>(
        &self,
        call: &Call,
        act: &str,
        job: impl Fn(&Work<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: Explain + From<StoreError> + From<OutOfReach> + Send + 'static,
    {
        let changed = Changed::default();
        let job = self.guarded_job(call, act, (job, &changed));
        let teller = self.teller(Arc::clone(&changed));
        let outcome = self.0.store.write_then(Class::People, job, teller).await;
        if let Err(cause) = &outcome {
            let refused = changed.lock().unwrap_or_else(PoisonError::into_inner).refused;
            self.note_failure(call, act, (cause, refused)).await;
        }
        outcome
    }

    /// The same from a thread that may wait, in the class of bulk work, with one audit row for
    /// each patient touched. Nobody is asked whose record it is: whoever may take files in writes
    /// what they say about anybody, and is shown nothing by it.
    ///
    /// # Errors
    /// What `job` says, or the store; nothing is written then.
    pub fn write_bulk<T, E>(
        &self,
        call: &Call,
        act: &str,
        job: impl Fn(&Work<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let changed = Changed::default();
        let finish = |work: &Work<'_>, act: &str| Ok(work.record_grouped(act)?);
        let job = self.job(call, act, (job, &changed), (false, finish));
        self.0.store.write_blocking_then(Class::Bulk, job, self.teller(changed))
    }

    /// One batch of a hospital that is being made and has no people in it yet, with one audit row
    /// in which `job` says what was done. Nothing is told to listeners: there are none.
    ///
    /// # Errors
    /// What `job` says, or the store; nothing is written then.
    pub fn write_founding(
        &self,
        call: &Call,
        act: &str,
        job: impl Fn(&crate::store::Tx<'_>) -> Result<String, StoreError> + Send + 'static,
    ) -> Result<(), StoreError> {
        let (desk, call, act) = (self.clone(), call.clone(), act.to_owned());
        self.0.store.write_blocking(Class::Bulk, move |tx| {
            let detail = Some(job(tx)?);
            let seen = Seen { kind: "house", id: None, patient: None, detail };
            audit::append(tx, &[Entry::new(&call, desk.now(), &act, seen)])
        })
    }

    /// The same as [`write`](Self::write) from a thread that may wait.
    ///
    /// # Errors
    /// What `job` says, or the store; nothing is written then.
    pub fn write_blocking<T, E>(
        &self,
        call: &Call,
        act: &str,
        job: impl Fn(&Work<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + From<OutOfReach> + Send + 'static,
    {
        let changed = Changed::default();
        let job = self.guarded_job(call, act, (job, &changed));
        self.0.store.write_blocking_then(Class::People, job, self.teller(changed))
    }

    /// Makes one record of `resource`: `job` gives its identity. With a `key`, a repetition of
    /// the same `request` gets the first answer.
    ///
    /// # Errors
    /// What `job` says, or the store, or that the key was used for another request.
    pub async fn create(
        &self,
        call: &Call,
        resource: &'static Resource,
        (key, request): (Option<&str>, &[u8]),
        job: impl Fn(&Work<'_>) -> Result<i64, RecordError> + Send + 'static,
    ) -> Result<Created, RecordError> {
        let keyed = key.map(|key| KeyedRequest::new(&call.actor, resource.path, key, request));
        let act = format!("{}.create", resource.path);
        let created = self
            .write(call, &act, move |work| {
                if let Some(keyed) = &keyed
                    && let Some(created) = keyed.replay(work)?
                {
                    return Ok::<_, RecordError>(created);
                }
                let id = job(work)?;
                let one = select::one(work.tx(), resource, id, &work.call().actor)?
                    .ok_or(RecordError::NotFound(resource.kind.name))?;
                let body = format!("{{\"data\":{}}}", String::from_utf8_lossy(&one.body));
                let created = Created { id, version: one.version, body, replayed: false };
                if let Some(keyed) = &keyed {
                    keyed.keep(work, &created)?;
                }
                Ok(created)
            })
            .await?;
        if created.replayed && resource.subject != Subject::House {
            self.note_replay(call, resource, created.id).await?;
        }
        Ok(created)
    }

    /// An answer that is given again shows a record: that is a read.
    async fn note_replay(
        &self,
        call: &Call,
        resource: &'static Resource,
        id: i64,
    ) -> Result<(), RecordError> {
        let act = format!("{}.replay", resource.path);
        self.read(call, &act, |tx| {
            let patient = select::owner(tx, resource, id)?;
            Ok::<_, RecordError>((
                (),
                Seen { kind: resource.kind.name, id: Some(id), patient, detail: None },
            ))
        })
        .await
    }

    /// Waits until what was noted before is durable, at most two seconds: who is refused
    /// something hears it when it is in the audit.
    pub async fn settled(&self) {
        self.0.audit.settled().await;
    }

    /// Notes that `call` was refused; from the permission check, which may not wait.
    pub fn note_refusal(&self, call: &Call, permission: &str) {
        let detail = Some(permission.to_owned());
        self.note_refused(call, Seen { kind: "permission", id: None, patient: None, detail });
    }

    /// Notes that a sign-in failed, and for which account if there is one of this name; `how`
    /// is a word for the audit. Returns when it is durable, as [`settled`](Self::settled) does.
    pub async fn note_failed_sign_in(&self, call: &Call, user: Option<i64>, how: &str) {
        let detail = Some(how.to_owned());
        self.note_refused(call, Seen { kind: "user", id: user, patient: None, detail });
        self.settled().await;
    }

    /// Notes that somebody came with the token `id`, which does not hold any more; `how` is a
    /// word for the audit.
    pub fn note_ended_token(&self, call: &Call, kind: &'static str, id: i64, how: &str) {
        let detail = Some(how.to_owned());
        self.note_refused(call, Seen { kind, id: Some(id), patient: None, detail });
    }

    fn note_refused(&self, call: &Call, seen: Seen) {
        self.0.audit.note(Entry::new(call, self.now(), "access.refused", seen).refused());
    }

    /// `job` with its audit rows, which `record` writes, as the store runs it.
    fn teller<T, E>(&self, changed: Changed) -> impl FnOnce(&Result<T, E>) + Send + use<T, E> {
        let desk = self.clone();
        move |outcome| {
            if outcome.is_ok() {
                let changed = changed.lock().unwrap_or_else(PoisonError::into_inner);
                let all = desk.0.told.read().unwrap_or_else(PoisonError::into_inner);
                all.iter().for_each(|told| told(&changed.touched));
            }
        }
    }

    /// `job` in which the records of those are changed only whom the caller may see.
    fn guarded_job<T, E>(
        &self,
        call: &Call,
        act: &str,
        job: (impl Fn(&Work<'_>) -> Result<T, E> + Send + 'static, &Changed),
    ) -> impl Fn(&crate::store::Tx<'_>) -> Result<T, E> + Send + 'static
    where
        E: From<StoreError> + From<OutOfReach> + 'static,
    {
        let finish = |work: &Work<'_>, act: &str| {
            work.clear::<E>()?;
            Ok(work.record(act)?)
        };
        self.job(call, act, job, (true, finish))
    }

    fn job<T, E>(
        &self,
        call: &Call,
        act: &str,
        (job, changed): (impl Fn(&Work<'_>) -> Result<T, E> + Send + 'static, &Changed),
        (guarded, finish): (bool, Finish<E>),
    ) -> impl Fn(&crate::store::Tx<'_>) -> Result<T, E> + Send + 'static
    where
        E: From<StoreError> + 'static,
    {
        let (desk, call, act) = (self.clone(), call.clone(), act.to_owned());
        let changed = Arc::clone(changed);
        move |tx| {
            let mut work = Work::new(tx, &call, &desk.0.ids, (desk.now(), desk.zone()));
            if guarded {
                work = work.guarded(desk.asking(&call.actor));
            }
            let value = job(&work).and_then(|value| finish(&work, &act).map(|()| value));
            let ran = Ran { touched: work.all_touched(), refused: work.refused() };
            // Set and not added to: the job may be run again.
            *changed.lock().unwrap_or_else(PoisonError::into_inner) = ran;
            value
        }
    }

    async fn note_failure<E: Explain>(
        &self,
        call: &Call,
        act: &str,
        (cause, patient): (&E, Option<i64>),
    ) {
        if matches!(cause.kind(), ProblemKind::Busy { .. } | ProblemKind::Fault) {
            return;
        }
        let detail = Some(cause.code().to_owned());
        let seen = Seen { kind: "refusal", id: None, patient, detail };
        self.0.audit.note(Entry::new(call, self.now(), act, seen).refused());
        self.settled().await;
    }
}
