//! Passwords: argon2id on threads of their own, of lower priority, behind a bounded queue, so
//! that a storm of sign-ins never starves a request.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::oneshot;

use super::AccessError;
use super::guests::{Guest, Turns};
use super::password_rules::composed;

/// Memory of one hash, in KiB; with [`PASSES`] the first choice of RFC 9106 for servers that
/// OWASP lists for argon2id (19 MiB, 2 passes, 1 lane). Raised here, they are raised for every
/// account at its next sign-in.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Work that may wait for each slot, in each of the two lines: about two seconds of it at 60
/// hashes a second.
const QUEUE_PER_SLOT: usize = 120;

type Job = Box<dyn FnOnce(&Argon2<'static>) + Send>;

/// The slots that hash. Cheap to clone; the threads end with the last clone.
#[derive(Debug, Clone)]
pub struct Passwords {
    slots: Arc<Slots>,
    /// Verified against when there is no such user, so that the answer takes as long.
    nobody: Arc<str>,
}

/// Ends the threads when it is dropped.
#[derive(Debug)]
struct Slots(Arc<Shared>);

struct Shared {
    state: Mutex<State>,
    arrived: Condvar,
}

struct State {
    turns: Turns<Job>,
    is_closed: bool,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Slots {
    fn drop(&mut self) {
        self.0.lock().is_closed = true;
        self.0.arrived.notify_all();
    }
}

impl Passwords {
    /// Starts `slots` threads (at least one); each takes 19 MiB while it hashes.
    ///
    /// # Errors
    /// A thread cannot be started or the system gives no random numbers.
    pub fn start(slots: usize) -> Result<Self, AccessError> {
        let slots = slots.max(1);
        let state = State { turns: Turns::new(slots * QUEUE_PER_SLOT), is_closed: false };
        let shared = Arc::new(Shared { state: Mutex::new(state), arrived: Condvar::new() });
        let held = Arc::new(Slots(Arc::clone(&shared)));
        for slot in 0..slots {
            let shared = Arc::clone(&shared);
            std::thread::Builder::new()
                .name(format!("password-{slot}"))
                .spawn(move || work(&shared))
                .map_err(|cause| AccessError::Hashing(cause.to_string()))?;
        }
        let nobody = hash_with(&argon2()?, &secret(16)?)?.into();
        Ok(Self { slots: held, nobody })
    }

    /// The hash of `password` as a PHC string, when it is `guest`'s turn.
    ///
    /// # Errors
    /// [`AccessError::HashingBusy`] when too many wait.
    pub async fn hash(&self, guest: Guest, password: String) -> Result<String, AccessError> {
        self.run(guest, move |argon2| hash_with(argon2, &composed(&password))).await?
    }

    /// Whether `password` is the one behind `hash`, when it is `guest`'s turn. Without a hash, or
    /// with one that no password has, it takes as long and is never right.
    ///
    /// # Errors
    /// [`AccessError::HashingBusy`] when too many wait.
    pub async fn verify(
        &self,
        guest: Guest,
        password: String,
        hash: Option<String>,
    ) -> Result<bool, AccessError> {
        let nobody = Arc::clone(&self.nobody);
        self.run(guest, move |argon2| {
            let password = composed(&password);
            // What stands in the place of a hash is none, and takes as long.
            let known = hash.as_deref().and_then(|text| PasswordHash::new(text).ok());
            let is_known = known.is_some();
            let hash = known.or_else(|| PasswordHash::new(&nobody).ok());
            let fits = |hash| argon2.verify_password(password.as_bytes(), &hash).is_ok();
            hash.is_some_and(fits) && is_known
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        guest: Guest,
        job: impl FnOnce(&Argon2<'static>) -> T + Send + 'static,
    ) -> Result<T, AccessError> {
        let (answer, asked) = oneshot::channel();
        let job: Job = Box::new(move |argon2| {
            // Whoever asked may have gone; nothing is left to do then.
            if !answer.is_closed() {
                let _ = answer.send(job(argon2));
            }
        });
        let shared = &self.slots.0;
        // Whoever makes room hears that it is busy, because nobody will answer them.
        let gone = shared.lock().turns.push(guest, job).map_err(|_| AccessError::HashingBusy)?;
        drop(gone);
        shared.arrived.notify_one();
        asked.await.map_err(|_| AccessError::HashingBusy)
    }
}

fn work(shared: &Shared) {
    lower_priority();
    let Ok(argon2) = argon2() else { return };
    let mut state = shared.lock();
    while !state.is_closed {
        match state.turns.take() {
            Some(job) => {
                drop(state);
                job(&argon2);
                state = shared.lock();
            }
            None => {
                state = shared.arrived.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
        }
    }
}

/// On Linux a thread has a priority of its own; elsewhere the slots alone are the bound.
fn lower_priority() {
    #[cfg(target_os = "linux")]
    {
        let thread = Some(rustix::thread::gettid());
        if let Err(cause) = rustix::process::setpriority_process(thread, 10) {
            tracing::debug!("The hashing thread keeps its priority: {cause}");
        }
    }
}

fn argon2() -> Result<Argon2<'static>, AccessError> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None)
        .map_err(|cause| AccessError::Hashing(cause.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash_with(argon2: &Argon2<'static>, password: &str) -> Result<String, AccessError> {
    argon2
        .hash_password(password.as_bytes())
        .map(|hash| hash.to_string())
        .map_err(|cause| AccessError::Hashing(cause.to_string()))
}

/// Whether a password was hashed with less than is asked for now: it is hashed anew when its
/// person signs in the next time, which is the only moment at which it is known.
#[must_use]
pub fn is_outdated(hash: &str) -> bool {
    let Ok(hash) = PasswordHash::new(hash) else { return false };
    let params = Params::try_from(&hash);
    params.is_ok_and(|params| {
        hash.algorithm.as_str() != Algorithm::Argon2id.as_str()
            || params.m_cost() < MEMORY_KIB
            || params.t_cost() < PASSES
    })
}

/// So many random bytes in hexadecimal.
///
/// # Errors
/// The system gives none.
pub fn secret(bytes: usize) -> Result<String, AccessError> {
    let mut random = vec![0; bytes];
    getrandom::fill(&mut random).map_err(|cause| AccessError::Randomness(cause.to_string()))?;
    Ok(crate::vocab::digest::hex(&random))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(memory_kib: u32, passes: u32, algorithm: Algorithm) -> String {
        let params = Params::new(memory_kib, passes, LANES, None).unwrap();
        hash_with(&Argon2::new(algorithm, Version::V0x13, params), "four calm green herons")
            .unwrap()
    }

    #[test]
    fn what_was_hashed_with_less_is_outdated() {
        let id = Algorithm::Argon2id;
        assert!(!is_outdated(&hash(MEMORY_KIB, PASSES, id)));
        assert!(!is_outdated(&hash(MEMORY_KIB + 1_024, PASSES + 1, id)), "more is fine");
        assert!(is_outdated(&hash(MEMORY_KIB - 1_024, PASSES, id)));
        assert!(is_outdated(&hash(MEMORY_KIB, PASSES - 1, id)));
        assert!(is_outdated(&hash(MEMORY_KIB, PASSES, Algorithm::Argon2i)));
        assert!(!is_outdated("no hash"));
    }
}
