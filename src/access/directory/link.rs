//! The link to the hospital's directory: what it is set to, who is asked, and what came of it.
//!
//! A sign-in looks the name up as the service account, tries the password as the person, then
//! reads their groups as the service account again. Servers are tried in their order, the one
//! that answered last first; a password that one of them was asked about is not tried at another,
//! or one mistake would count twice there.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use rustls::ClientConfig;
use tokio::time::timeout;

use super::breaker::Breaker;
use super::ldap::{self, Line, Tried, Trouble};
use super::mapping::{self, Rule};
use super::person::{self, Found, Person};
use super::settings::{KEPT, Server, Settings};
use crate::access::connections::Kept;
use crate::access::errands::Errands;
use crate::access::error::AccessError;
use crate::access::guests::Guest;
use crate::access::secrets::Secrets;
use crate::access::trust;
use crate::platform::ledger::Desk;

/// Conversations at one time.
const THREADS: usize = 6;
/// The longest that a sign-in may take there, whatever the number of servers.
pub const SIGN_IN_MAX: Duration = Duration::from_secs(15);

/// The link. Cheap to clone.
#[derive(Debug, Clone)]
pub struct DirectoryLink {
    errands: Errands,
    secrets: Secrets,
    state: Arc<State>,
}

#[derive(Debug, Default)]
struct State {
    ready: RwLock<Option<Arc<Ready>>>,
    breaker: Breaker,
    answered_last: AtomicUsize,
    heard: Mutex<Option<Heard>>,
}

/// When the directory was asked last, and what went wrong.
#[derive(Debug, Clone)]
pub struct Heard {
    /// Microseconds since 1970 UTC.
    pub at: i64,
    /// Nothing, if it answered.
    pub trouble: Option<String>,
}

/// Everything that a conversation needs.
pub struct Ready {
    /// How the directory is reached and read.
    pub settings: Settings,
    /// The password of the service account.
    pub password: String,
    /// Whom it trusts.
    pub tls: Arc<ClientConfig>,
}

impl std::fmt::Debug for Ready {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ready").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// What a sign-in came to at the directory.
#[derive(Debug)]
pub enum Outcome {
    /// The password is theirs, and this is the role that their groups give them, if any does.
    In(Box<Person>, Option<Rule>),
    /// There is nobody of this name, the password is wrong, or the account is off.
    Wrong,
    /// The password is theirs and too old.
    Expired,
}

impl DirectoryLink {
    /// A link that is set as `desk`'s store says.
    ///
    /// # Errors
    /// A thread cannot be started; what the store says.
    pub fn start(desk: &Desk, secrets: &Secrets) -> Result<Self, AccessError> {
        let errands = Errands::start("directory", THREADS)?;
        let link = Self { errands, secrets: secrets.clone(), state: Arc::default() };
        link.set_as_kept(desk)?;
        Ok(link)
    }

    /// Takes over what the store says now. What cannot be used is told in the log and in the
    /// settings; people with local accounts sign in all the same.
    ///
    /// # Errors
    /// What the store says.
    pub fn set_as_kept(&self, desk: &Desk) -> Result<(), AccessError> {
        let kept = desk.store().read(desk.screen_deadline(), |tx| KEPT.find(tx))?;
        let ready = match kept.filter(|kept| kept.settings.enabled) {
            Some(kept) => self.ready(kept).unwrap_or_else(|why| {
                tracing::error!("The hospital's directory cannot be used: {why}");
                self.hear(desk.now(), Some(why));
                None
            }),
            None => None,
        };
        *self.state.ready.write().unwrap_or_else(PoisonError::into_inner) = ready.map(Arc::new);
        self.state.breaker.answered();
        Ok(())
    }

    fn ready(&self, kept: Kept<Settings>) -> Result<Option<Ready>, String> {
        let password = kept.secret(&self.secrets)?;
        let tls = trust::client(kept.settings.ca_pem.as_deref())?;
        Ok(Some(Ready { settings: kept.settings, password, tls }))
    }

    /// Whether people sign in with it.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.current().is_some()
    }

    /// What conversations go by just now.
    #[must_use]
    pub fn current(&self) -> Option<Arc<Ready>> {
        self.state.ready.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// When it was asked last, and what went wrong.
    #[must_use]
    pub fn heard(&self) -> Option<Heard> {
        self.state.heard.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn hear(&self, at: i64, trouble: Option<String>) {
        let mut heard = self.state.heard.lock().unwrap_or_else(PoisonError::into_inner);
        *heard = Some(Heard { at, trouble });
    }

    /// The secrets under which its password lies.
    #[must_use]
    pub fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    /// The threads on which it is asked.
    #[must_use]
    pub fn errands(&self) -> &Errands {
        &self.errands
    }

    /// Tries `password` for whoever is called `typed` there, when it is `guest`'s turn.
    ///
    /// # Errors
    /// [`AccessError::DirectorySilent`] if nobody answers; too many ask at the same time.
    pub async fn sign_in(
        &self,
        desk: &Desk,
        guest: Guest,
        (typed, password): (String, String),
    ) -> Result<Outcome, AccessError> {
        if typed.trim().is_empty() || password.is_empty() {
            return Ok(Outcome::Wrong);
        }
        self.ask(desk, guest, async move |link, ready| link.attempt(ready, &typed, &password).await)
            .await
    }

    /// Whoever has `external_id` there, with the role that their groups give them, when it is
    /// `guest`'s turn.
    ///
    /// # Errors
    /// [`AccessError::WrongCredentials`] if they are gone or locked there; no group gives a role;
    /// as [`sign_in`](Self::sign_in).
    pub async fn look_up(
        &self,
        desk: &Desk,
        guest: Guest,
        external_id: String,
    ) -> Result<(Box<Person>, Rule), AccessError> {
        let found = self.ask(desk, guest, async move |link, ready| {
            let mut line = link.open(ready).await?;
            match person::by_id(&mut line, &ready.settings, &external_id).await? {
                Found::One(person) if !person.disabled => {
                    let rule = role(&mut line, &ready.settings, &person).await?;
                    Ok(Some((person, rule)))
                }
                _ => Ok(None),
            }
        });
        let (person, rule) = found.await?.ok_or(AccessError::WrongCredentials)?;
        Ok((person, rule.ok_or(AccessError::NoGroup)?))
    }

    /// Has `question` asked on a thread for it, unless the directory has been silent.
    async fn ask<T, Q>(&self, desk: &Desk, guest: Guest, question: Q) -> Result<T, AccessError>
    where
        T: Send + 'static,
        Q: AsyncFnOnce(&Self, &Ready) -> Result<T, Trouble> + Send + 'static,
    {
        let Some(ready) = self.current() else { return Err(AccessError::DirectorySilent) };
        let (link, desk) = (self.clone(), desk.clone());
        let job = move |runtime: &tokio::runtime::Runtime| {
            if !link.state.breaker.lets(Instant::now()) {
                return Err(AccessError::DirectorySilent);
            }
            let work = async {
                let late = || Trouble::Silent("The directory".to_owned());
                timeout(SIGN_IN_MAX, question(&link, &ready)).await.map_err(|_| late())?
            };
            let outcome = runtime.block_on(work);
            link.note(&desk, outcome.as_ref().err());
            outcome.map_err(|_| AccessError::DirectorySilent)
        };
        self.errands.run(guest, job).await?
    }

    async fn attempt(
        &self,
        ready: &Ready,
        typed: &str,
        password: &str,
    ) -> Result<Outcome, Trouble> {
        let mut line = self.open(ready).await?;
        let found = person::by_name(&mut line, &ready.settings, typed).await?;
        let person = match found {
            Found::One(person) if !person.disabled => person,
            Found::One(_) | Found::Nobody => return Ok(Outcome::Wrong),
            Found::Several => {
                tracing::warn!("The filter of the directory finds several people for one name");
                return Ok(Outcome::Wrong);
            }
            Found::Lacks(attribute) => {
                tracing::warn!("An entry of the directory has no {attribute}; nobody is let in");
                return Ok(Outcome::Wrong);
            }
        };
        match line.try_password(&person.dn, password).await? {
            Tried::Right => {}
            Tried::Wrong => return Ok(Outcome::Wrong),
            Tried::Expired => return Ok(Outcome::Expired),
        }
        line.bind(&ready.settings.bind_dn, &ready.password).await?;
        let rule = role(&mut line, &ready.settings, &person).await?;
        Ok(Outcome::In(person, rule))
    }

    /// A conversation as the service account with the first server that has one.
    ///
    /// # Errors
    /// None has; what the last one said.
    pub async fn open(&self, ready: &Ready) -> Result<Line, Trouble> {
        let servers = ready.settings.addresses();
        let first = self.state.answered_last.load(Ordering::Relaxed) % servers.len().max(1);
        let mut last = Trouble::Strange("no server is named".to_owned());
        for at in (0..servers.len()).map(|step| (first + step) % servers.len()) {
            match open_at(&servers[at], ready).await {
                Ok(line) => {
                    self.state.answered_last.store(at, Ordering::Relaxed);
                    return Ok(line);
                }
                Err(trouble) if trouble.is_of_server() => {
                    tracing::warn!("A server of the directory is passed over: {trouble}");
                    last = trouble;
                }
                Err(trouble) => return Err(trouble),
            }
        }
        Err(last)
    }

    /// Notes how the directory was heard last, for the settings and for those who come next.
    pub fn note(&self, desk: &Desk, trouble: Option<&Trouble>) {
        match trouble {
            None => self.state.breaker.answered(),
            Some(trouble) => {
                tracing::error!("The hospital's directory cannot be asked: {trouble}");
                self.state.breaker.failed(Instant::now());
            }
        }
        self.hear(desk.now(), trouble.map(ToString::to_string));
    }
}

/// A conversation with `server` as the service account.
async fn open_at(server: &Server, ready: &Ready) -> Result<Line, Trouble> {
    let addresses = ldap::resolve(server).await?;
    let stream = ldap::connect(server, &addresses).await?;
    let mut line = ldap::secure(server, stream, Arc::clone(&ready.tls)).await?;
    line.bind(&ready.settings.bind_dn, &ready.password).await?;
    Ok(line)
}

/// The rule that gives `person` their role, if one does.
///
/// # Errors
/// As [`person::groups`].
pub async fn role(
    line: &mut Line,
    settings: &Settings,
    person: &Person,
) -> Result<Option<Rule>, Trouble> {
    let groups = person::groups(line, settings, person).await?;
    Ok(mapping::of_directory(&settings.mapping, &groups, settings.groups_under()).cloned())
}
