//! The link to the OpenID provider: what it is set to, what is known of the provider, and a
//! sign-in from its beginning to its end.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, Instant};

use super::pending::{Begun, Pending};
use super::provider::{Claims, Provider, Trouble};
use super::settings::{KEPT, Settings};
use crate::access::connections::Kept;
use crate::access::directory::accounts::{Comer, Origin};
use crate::access::directory::mapping;
use crate::access::errands::Errands;
use crate::access::error::AccessError;
use crate::access::guests::Guest;
use crate::access::secrets::Secrets;
use crate::access::sessions::Factor;
use crate::platform::ledger::Desk;

/// Questions to the provider at one time.
const THREADS: usize = 3;
/// How long its description and its keys are taken as known.
const KNOWN_FOR: Duration = Duration::from_secs(3_600);
/// How often they are read again because of a key that nobody knows: whoever makes keys up must
/// not make this server ask all the time.
const READ_AGAIN_EVERY: Duration = Duration::from_secs(60);
/// How long it is left alone after it did not answer.
const LEFT_ALONE: Duration = Duration::from_secs(10);

/// The link. Cheap to clone.
#[derive(Debug, Clone)]
pub struct OpenidLink {
    errands: Errands,
    secrets: Secrets,
    state: Arc<State>,
}

#[derive(Debug)]
struct State {
    ready: RwLock<Option<Arc<Ready>>>,
    known: Mutex<Known>,
    pending: Pending,
}

/// What is known of the provider.
#[derive(Debug, Default)]
struct Known {
    provider: Option<(Arc<Provider>, Instant)>,
    read_at: Option<Instant>,
    failed: Option<(String, Instant)>,
}

/// Everything that a sign-in needs.
pub struct Ready {
    /// Who the provider is.
    pub settings: Settings,
    /// The secret by which it knows this server.
    pub secret: String,
}

impl std::fmt::Debug for Ready {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ready").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// Why nobody was let in.
#[derive(Debug)]
pub enum Refused {
    /// Nothing is set.
    Off,
    /// What the browser kept is not there, too old, or another's; or it was used before.
    Over,
    /// At the provider.
    Provider(Trouble),
    /// None of their groups gives a role.
    NoGroup,
    /// Here.
    Here(AccessError),
}

impl From<AccessError> for Refused {
    fn from(cause: AccessError) -> Self {
        Self::Here(cause)
    }
}

impl OpenidLink {
    /// A link that is set as `desk`'s store says.
    ///
    /// # Errors
    /// A thread cannot be started; the system gives no random numbers; what the store says.
    pub fn start(desk: &Desk, secrets: &Secrets) -> Result<Self, AccessError> {
        let errands = Errands::start("openid", THREADS)?;
        let state =
            State { ready: RwLock::default(), known: Mutex::default(), pending: Pending::new()? };
        let link = Self { errands, secrets: secrets.clone(), state: Arc::new(state) };
        link.set_as_kept(desk)?;
        Ok(link)
    }

    /// Takes over what the store says now. What cannot be used is told in the log and in the
    /// settings.
    ///
    /// # Errors
    /// What the store says.
    pub fn set_as_kept(&self, desk: &Desk) -> Result<(), AccessError> {
        let kept = desk.store().read(desk.screen_deadline(), |tx| KEPT.find(tx))?;
        let mut known = Known::default();
        let ready = kept.filter(|kept| kept.settings.enabled).map(|kept| self.ready(kept));
        let ready = ready.transpose().unwrap_or_else(|why| {
            tracing::error!("The OpenID provider cannot be used: {why}");
            known.failed = Some((why, Instant::now()));
            None
        });
        *self.state.ready.write().unwrap_or_else(PoisonError::into_inner) = ready.map(Arc::new);
        *self.known() = known;
        Ok(())
    }

    fn ready(&self, kept: Kept<Settings>) -> Result<Ready, String> {
        let secret = kept.secret(&self.secrets)?;
        Ok(Ready { settings: kept.settings, secret })
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.state.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What sign-ins go by just now.
    #[must_use]
    pub fn current(&self) -> Option<Arc<Ready>> {
        self.state.ready.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What went wrong when the provider was asked last.
    #[must_use]
    pub fn trouble(&self) -> Option<String> {
        self.known().failed.as_ref().map(|(why, _)| why.clone())
    }

    /// The secrets under which its own lies.
    #[must_use]
    pub fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    /// The threads on which it is asked.
    #[must_use]
    pub fn errands(&self) -> &Errands {
        &self.errands
    }

    /// Begins a sign-in at `now`: where the browser goes, and what it keeps.
    ///
    /// # Errors
    /// The provider does not answer, or nothing is set.
    pub async fn begin(&self, guest: Guest, now: i64) -> Result<(String, String), Refused> {
        let ready = self.current().ok_or(Refused::Off)?;
        let link = self.clone();
        let job = move |_: &tokio::runtime::Runtime| {
            let provider = link.provider(&ready).map_err(Refused::Provider)?;
            let begun = Begun::new(now)?;
            let kept = link.state.pending.seal(&begun)?;
            Ok((provider.door(&ready.settings, &begun), kept))
        };
        self.errands.run(guest, job).await?
    }

    /// Ends a sign-in at `now`: who comes, and what they have shown at the provider, if what the
    /// browser `kept`, the `state` it came back with and the proof for its `code` fit.
    ///
    /// # Errors
    /// They do not, and why.
    pub async fn end(
        &self,
        guest: Guest,
        (kept, state, code): (String, String, String),
        now: i64,
    ) -> Result<(Comer, Factor), Refused> {
        let ready = self.current().ok_or(Refused::Off)?;
        let begun = self.state.pending.end(&kept, &state, now).ok_or(Refused::Over)?;
        let link = self.clone();
        let job = move |_: &tokio::runtime::Runtime| {
            let claims = link.claims(&ready, &begun, code, now).map_err(Refused::Provider)?;
            let has_second = claims.is_mfa || ready.settings.asks_second_factor;
            let factor = if has_second { Factor::OpenidMfa } else { Factor::Openid };
            Ok((comer(&ready.settings, &claims)?, factor))
        };
        self.errands.run(guest, job).await?
    }

    /// Whether what came back with `state` belongs to what the browser `kept`; it is used up.
    #[must_use]
    pub fn gives_up(&self, kept: &str, state: &str, now: i64) -> bool {
        self.state.pending.end(kept, state, now).is_some()
    }

    fn claims(
        &self,
        ready: &Ready,
        begun: &Begun,
        code: String,
        now: i64,
    ) -> Result<Claims, Trouble> {
        let settings = &ready.settings;
        let wanted = [settings.username_claim.as_str(), settings.groups_claim.as_str()];
        let provider = self.provider(ready)?;
        let proof = provider.fetch(begun, code)?;
        match provider.check(&proof, begun, (&wanted, now)) {
            Err(Trouble::UnknownKey) if self.may_read_again() => {
                self.known().provider = None;
                self.provider(ready)?.check(&proof, begun, (&wanted, now))
            }
            checked => checked,
        }
    }

    fn may_read_again(&self) -> bool {
        let read_at = self.known().read_at;
        read_at.is_none_or(|at| READ_AGAIN_EVERY <= at.elapsed())
    }

    /// The provider as it was read within [`KNOWN_FOR`].
    fn provider(&self, ready: &Ready) -> Result<Arc<Provider>, Trouble> {
        {
            let known = self.known();
            if let Some((provider, at)) = &known.provider
                && at.elapsed() < KNOWN_FOR
            {
                return Ok(Arc::clone(provider));
            }
            if let Some((why, at)) = &known.failed
                && at.elapsed() < LEFT_ALONE
            {
                return Err(Trouble::Silent(why.clone()));
            }
        }
        // Without the lock: whoever has what they need does not wait for it.
        let found = Provider::discover(&ready.settings, &ready.secret);
        let mut known = self.known();
        known.read_at = Some(Instant::now());
        match found {
            Ok(provider) => {
                let provider = Arc::new(provider);
                known.provider = Some((Arc::clone(&provider), Instant::now()));
                known.failed = None;
                Ok(provider)
            }
            Err(trouble) => {
                known.failed = Some((trouble.to_string(), Instant::now()));
                Err(trouble)
            }
        }
    }
}

/// Who comes, by `claims`.
fn comer(settings: &Settings, claims: &Claims) -> Result<Comer, Refused> {
    let rule = mapping::of_claim(&settings.mapping, &claims.texts(&settings.groups_claim));
    let rule = rule.ok_or(Refused::NoGroup)?.clone();
    let Some(username) = claims.text(&settings.username_claim) else {
        tracing::warn!("The OpenID provider names nobody in {}", settings.username_claim);
        return Err(AccessError::AccountUnfit.into());
    };
    let display_name = claims.text("name").unwrap_or(username).to_owned();
    Ok(Comer {
        origin: Origin::Openid,
        external_id: claims.external_id.clone(),
        username: username.to_owned(),
        display_name,
        rule,
    })
}
