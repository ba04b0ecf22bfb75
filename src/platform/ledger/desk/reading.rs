//! Reading at the desk: each patient's record only by those who may see it, and every look in
//! the audit.

use super::Desk;
use crate::platform::disk::Ladder;
use crate::platform::ledger::audit::{Entry, Seen, Shown};
use crate::platform::ledger::queue::Place;
use crate::platform::ledger::warden::Asking;
use crate::platform::ledger::{OutOfReach, Sight, Standing, Warden};
use crate::store::{ReadTx, StoreError};
use crate::vocab::actor::{Actor, Call};

/// What a look has found.
struct Looked<T> {
    value: Result<T, OutOfReach>,
    /// The record or page, and each patient whose record it opened beside it.
    seen: Vec<(Seen, Why)>,
}

/// Why it was allowed, in an emergency.
type Why = Option<String>;

impl Desk {
    /// How much room the disk has, in what is left off because of it.
    #[must_use]
    pub fn ladder(&self) -> &Ladder {
        &self.0.ladder
    }

    /// Has `warden` asked whose record somebody may see; the first one stays. Until then nobody
    /// with an account sees any patient.
    pub fn ask_warden(&self, warden: Box<dyn Warden>) {
        let kept = self.0.warden.set(warden);
        debug_assert!(kept.is_ok(), "there is one warden");
    }

    /// What `actor` may see of `patient` just now. Not to be kept: it is another one soon.
    ///
    /// # Errors
    /// What the store says.
    pub fn standing(&self, actor: &Actor, patient: i64) -> Result<Standing, StoreError> {
        self.0.store.read(self.0.screen_deadline, |tx| {
            let sight = Sight::new(tx, self.asking(actor));
            sight.ask(std::iter::once(patient))?;
            Ok(sight.standing(patient))
        })
    }

    /// A look by `actor` that leaves no trace, for tests of what is shown.
    #[cfg(test)]
    pub(crate) fn peek<T>(
        &self,
        actor: &Actor,
        look: impl FnOnce(&Sight<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let look = |tx: &ReadTx<'_>| look(&Sight::new(tx, self.asking(actor)));
        self.0.store.read(self.0.screen_deadline, look)
    }

    pub(super) fn asking<'a>(&'a self, actor: &'a Actor) -> Asking<'a> {
        Asking { warden: self.0.warden.get().map(AsRef::as_ref), actor, now: self.now() }
    }

    /// A read by `call` that concerns patients. `look` runs at once on this thread and says
    /// what was seen; the audit row rides in a following commit. Whoever may not see the patient
    /// that it names gets nothing, and that is in the audit before they hear it.
    ///
    /// # Errors
    /// What `look` says, or the store; [`OutOfReach`].
    pub async fn read<T, S, E>(
        &self,
        call: &Call,
        act: &str,
        look: impl FnOnce(&Sight<'_>) -> Result<(T, S), E>,
    ) -> Result<T, E>
    where
        S: Into<Shown>,
        E: From<StoreError> + From<OutOfReach>,
    {
        let place = self.0.audit.reserve().await?;
        let found = self.0.store.read(self.0.screen_deadline, |tx| self.look(tx, call, look))?;
        self.hand_out(place, (call, act), found).await
    }

    /// A read that an office in the house entitles to and not care, such as that of who broke
    /// the glass: nobody is asked whose record it is. The room has asked for the permission.
    ///
    /// # Errors
    /// What `look` says, or the store.
    pub async fn read_ex_officio<T, E>(
        &self,
        call: &Call,
        act: &str,
        look: impl FnOnce(&ReadTx<'_>) -> Result<(T, Seen), E>,
    ) -> Result<T, E>
    where
        E: From<StoreError>,
    {
        let place = self.0.audit.reserve().await?;
        let (value, seen) = self.0.store.read(self.0.screen_deadline, look)?;
        place.send(Entry::new(call, self.now(), act, seen));
        Ok(value)
    }

    /// A read that may take longer than a millisecond: on a reader thread, else as
    /// [`read`](Self::read).
    ///
    /// # Errors
    /// What `look` says, or the store.
    pub async fn read_slow<T, S, E>(
        &self,
        call: &Call,
        act: &str,
        look: impl FnOnce(&Sight<'_>) -> Result<(T, S), E> + Send + 'static,
    ) -> Result<T, E>
    where
        S: Into<Shown>,
        T: Send + 'static,
        E: From<StoreError> + From<OutOfReach> + Send + 'static,
    {
        let place = self.0.audit.reserve().await?;
        let (desk, asking) = (self.clone(), call.clone());
        let look = move |tx: &ReadTx<'_>| desk.look(tx, &asking, look);
        let found = self.0.store.read_slow(self.0.screen_deadline, look).await?;
        self.hand_out(place, (call, act), found).await
    }

    /// The same for what takes longer than a millisecond: on a reader thread.
    ///
    /// # Errors
    /// What `look` says, or the store.
    pub async fn read_slow_ex_officio<T, E>(
        &self,
        call: &Call,
        act: &str,
        look: impl FnOnce(&ReadTx<'_>) -> Result<(T, Seen), E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let place = self.0.audit.reserve().await?;
        let (value, seen) = self.0.store.read_slow(self.0.screen_deadline, look).await?;
        place.send(Entry::new(call, self.now(), act, seen));
        Ok(value)
    }

    /// What `look` sees, if the caller may see whom it names.
    fn look<T, S: Into<Shown>, E: From<StoreError>>(
        &self,
        tx: &ReadTx<'_>,
        call: &Call,
        look: impl FnOnce(&Sight<'_>) -> Result<(T, S), E>,
    ) -> Result<Looked<T>, E> {
        let asking = self.asking(&call.actor);
        let sight = Sight::new(tx, asking);
        let (value, shown) = look(&sight)?;
        let Shown { mut whole, each } = shown.into();
        let named = [&whole].into_iter().chain(&each).filter_map(|seen| seen.patient);
        sight.ask(named)?;
        let why = |seen: &Seen| match seen.patient.map(|patient| sight.standing(patient)) {
            None | Some(Standing::Open) => Ok(None),
            Some(Standing::Emergency(emergency)) => Ok(Some(emergency.why)),
            Some(Standing::Named | Standing::Hidden) => Err(asking.refusal()),
        };
        let all = [&whole].into_iter().chain(&each).map(why).collect::<Result<Vec<Why>, _>>();
        Ok(match all {
            Ok(all) => {
                let seen = std::iter::once(whole).chain(each).zip(all).collect();
                Looked { value: Ok(value), seen }
            }
            Err(refused) => {
                whole.detail = Some("access.out_of_reach".to_owned());
                Looked { value: Err(refused), seen: vec![(whole, None)] }
            }
        })
    }

    /// Everything is in the queue before anything is shown.
    async fn hand_out<T, E: From<StoreError> + From<OutOfReach>>(
        &self,
        place: Place,
        (call, act): (&Call, &str),
        looked: Looked<T>,
    ) -> Result<T, E> {
        let now = self.now();
        let mut place = Some(place);
        for (seen, why) in looked.seen {
            let entry = Entry::new(call, now, act, seen).because(why);
            let entry = if looked.value.is_ok() { entry } else { entry.refused() };
            let place = match place.take() {
                Some(place) => place,
                None => self.0.audit.reserve().await?,
            };
            place.send(entry);
        }
        if looked.value.is_err() {
            self.settled().await;
        }
        Ok(looked.value?)
    }
}
