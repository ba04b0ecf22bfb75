//! Errands: whatever has to ask another machine before somebody is let in, on threads of its own
//! behind a bounded queue. A machine that does not answer holds up those who wait for it and
//! nobody else: no worker, and nobody who signs in with a local account.
//!
//! Addresses take turns as they do at the door; see [`guests`](super::guests).

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;

use super::error::AccessError;
use super::guests::{Guest, Turns};

/// Errands that may wait for each thread, in each of the two lines.
const QUEUE_PER_THREAD: usize = 16;

type Job = Box<dyn FnOnce(&Runtime) + Send>;

/// The threads that run errands. Cheap to clone; they end with the last clone.
#[derive(Debug, Clone)]
pub struct Errands(Arc<Threads>);

/// Ends the threads when it is dropped.
#[derive(Debug)]
struct Threads(Arc<Shared>);

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

impl Drop for Threads {
    fn drop(&mut self) {
        self.0.lock().is_closed = true;
        self.0.arrived.notify_all();
    }
}

impl Errands {
    /// Starts `threads` threads called `name`, each with a runtime of its own for what speaks to
    /// the network asynchronously.
    ///
    /// # Errors
    /// A thread or a runtime cannot be started.
    pub fn start(name: &str, threads: usize) -> Result<Self, AccessError> {
        let state = State { turns: Turns::new(threads * QUEUE_PER_THREAD), is_closed: false };
        let shared = Arc::new(Shared { state: Mutex::new(state), arrived: Condvar::new() });
        let held = Arc::new(Threads(Arc::clone(&shared)));
        for number in 0..threads {
            let shared = Arc::clone(&shared);
            let mut builder = Builder::new_current_thread();
            let runtime = builder.enable_all().max_blocking_threads(2).build();
            let runtime = runtime.map_err(AccessError::errands)?;
            std::thread::Builder::new()
                .name(format!("{name}-{number}"))
                .spawn(move || work(&shared, runtime))
                .map_err(AccessError::errands)?;
        }
        Ok(Self(held))
    }

    /// What `job` gives, when it is `guest`'s turn. It must bound its own time.
    ///
    /// # Errors
    /// [`AccessError::ErrandsBusy`] when too many wait, or the job came to nothing.
    pub async fn run<T: Send + 'static>(
        &self,
        guest: Guest,
        job: impl FnOnce(&Runtime) -> T + Send + 'static,
    ) -> Result<T, AccessError> {
        let (answer, asked) = oneshot::channel();
        let job: Job = Box::new(move |runtime| {
            // Whoever asked may have gone; nothing is left to do then.
            if !answer.is_closed() {
                let _ = answer.send(job(runtime));
            }
        });
        let shared = &self.0.0;
        // Whoever makes room hears that it is busy, because nobody will answer them.
        let gone = shared.lock().turns.push(guest, job).map_err(|_| AccessError::ErrandsBusy)?;
        drop(gone);
        shared.arrived.notify_one();
        asked.await.map_err(|_| AccessError::ErrandsBusy)
    }
}

fn work(shared: &Shared, runtime: Runtime) {
    let mut state = shared.lock();
    while !state.is_closed {
        match state.turns.take() {
            Some(job) => {
                drop(state);
                // A library may panic over what the other machine sends; the thread stays.
                if catch_unwind(AssertUnwindSafe(|| job(&runtime))).is_err() {
                    tracing::error!("An errand to another machine failed in the middle");
                }
                state = shared.lock();
            }
            None => {
                state = shared.arrived.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
        }
    }
    drop(state);
    // Names may still be looked up; nobody waits for them any more.
    runtime.shutdown_background();
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;
    use std::time::Duration;

    use futures_util::future::join_all;

    use super::*;

    fn guest(last: u8) -> Guest {
        Guest { network: IpAddr::from([10, 0, 0, last]), usual: false }
    }

    #[actix_web::test]
    async fn what_finds_no_place_is_refused_at_once_and_a_panic_ends_no_thread() {
        let errands = Errands::start("test", 1).unwrap();
        let slow = |_: &Runtime| std::thread::sleep(Duration::from_millis(30));
        let all = join_all((0..40).map(|at| errands.run(guest(at % 4), slow))).await;
        let refused = all.iter().filter(|one| one.is_err()).count();
        assert!((40 - 17 - 1..=40 - 16).contains(&refused), "{refused}");
        let failed = errands.run(guest(1), |_| panic!("what the other machine sent")).await;
        assert!(matches!(failed, Err::<(), _>(AccessError::ErrandsBusy)));
        assert_eq!(errands.run(guest(1), |_| 7).await.unwrap(), 7);
    }
}
