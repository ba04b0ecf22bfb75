//! What the service manager of the system is told (systemd's `sd_notify`): that connections are
//! accepted, how it goes, that a long opening or closing is no failure, and, while the store
//! really answers, that the process does not hang. Silent where nobody listens.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::store::{Class, Store, StoreError};

/// How often a manager is asked for more time, and for how much.
const EXTENDED_EVERY: Duration = Duration::from_secs(10);
const EXTENDED_US: u32 = 30_000_000;
/// The longest that an opening or a closing is excused; then the manager's own limit holds.
const EXCUSED_MAX: Duration = Duration::from_secs(2 * 3_600);

/// Something to say.
#[derive(Debug, Clone, Copy)]
enum Word<'a> {
    Ready,
    Stopping,
    Alive,
    Status(&'a str),
    MoreTime,
}

#[cfg(target_os = "linux")]
fn tell(words: &[Word<'_>]) {
    use sd_notify::NotifyState;
    let states: Vec<NotifyState<'_>> = words
        .iter()
        .map(|word| match word {
            Word::Ready => NotifyState::Ready,
            Word::Stopping => NotifyState::Stopping,
            Word::Alive => NotifyState::Watchdog,
            Word::Status(text) => NotifyState::Status(text),
            Word::MoreTime => NotifyState::ExtendTimeoutUsec(EXTENDED_US),
        })
        .collect();
    if let Err(cause) = sd_notify::notify(&states) {
        tracing::debug!("The service manager does not listen: {cause}");
    }
}

#[cfg(not(target_os = "linux"))]
fn tell(_: &[Word<'_>]) {}

#[cfg(target_os = "linux")]
fn is_heard() -> bool {
    std::env::var_os("NOTIFY_SOCKET").is_some()
}

#[cfg(not(target_os = "linux"))]
fn is_heard() -> bool {
    false
}

/// How long the manager bears silence; `None` if it does not watch this process.
#[cfg(target_os = "linux")]
fn silence_max() -> Option<Duration> {
    sd_notify::watchdog_enabled().filter(|max| !max.is_zero())
}

#[cfg(not(target_os = "linux"))]
fn silence_max() -> Option<Duration> {
    None
}

/// Connections are accepted at `url`.
pub fn ready(url: &str) {
    tell(&[Word::Ready, Word::Status(&serves(url))]);
}

fn serves(url: &str) -> String {
    format!("Serves at {url}")
}

/// No new requests are accepted from now on.
pub fn stopping() {
    tell(&[Word::Stopping, Word::Status("Stopping: finishing the requests that run")]);
}

/// A thread that does something at intervals until it is dropped.
#[derive(Debug)]
pub(super) struct Ticking {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Ticking {
    pub(super) fn start(
        name: &str,
        every: Duration,
        mut tick: impl FnMut() + Send + 'static,
    ) -> Option<Self> {
        let (stop, stopped) = channel();
        let work = move || {
            while stopped.recv_timeout(every) == Err(RecvTimeoutError::Timeout) {
                tick();
            }
        };
        match std::thread::Builder::new().name(name.to_owned()).spawn(work) {
            Ok(thread) => Some(Self { stop: Some(stop), thread: Some(thread) }),
            Err(cause) => {
                tracing::error!("The thread {name} did not start: {cause}");
                None
            }
        }
    }
}

impl Drop for Ticking {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A tick that panicked has been told of by the panic itself.
            let _ = thread.join();
        }
    }
}

/// While it lives, the manager is asked for more time, within two hours.
#[derive(Debug)]
pub struct Patience(#[expect(dead_code, reason = "held for its drop")] Option<Ticking>);

impl Patience {
    /// Begins, saying `what` is being done.
    #[must_use = "it ends when it is dropped"]
    pub fn begin(what: &'static str) -> Self {
        if !is_heard() {
            return Self(None);
        }
        tell(&[Word::Status(what), Word::MoreTime]);
        let begun = Instant::now();
        let every = silence_max().map_or(EXTENDED_EVERY, |max| EXTENDED_EVERY.min(max / 2));
        Self(Ticking::start("service-patience", every, move || {
            let took = begun.elapsed();
            if took < EXCUSED_MAX {
                let status = format!("{what}, since {} s", took.as_secs());
                tell(&[Word::Status(&status), Word::MoreTime, Word::Alive]);
            }
        }))
    }
}

/// While it lives and the store answers, the manager is told that the process does.
#[derive(Debug)]
pub struct Watchdog(#[expect(dead_code, reason = "held for its drop")] Ticking);

impl Watchdog {
    /// Begins, if the manager watches this process.
    #[must_use]
    pub fn start(store: &Store) -> Option<Self> {
        let max = silence_max()?;
        // A look begins at half of the silence and has to end before all of it is over.
        let bound = max * 2 / 5;
        let mut probe = Probe::of(store.clone());
        let mut was_alive = true;
        let ticking = Ticking::start("service-watchdog", max / 2, move || {
            let is_alive = probe.answers(bound);
            if is_alive {
                tell(&[Word::Alive]);
            } else {
                tell(&[Word::Status("The database does not answer")]);
                tracing::error!(
                    "The database has not answered within {bound:?}: the service manager is not \
                     told that all is well, and will start HealthFlow anew"
                );
            }
            if is_alive && !was_alive {
                tell(&[Word::Status("The database answers again")]);
            }
            was_alive = is_alive;
        })?;
        Some(Self(ticking))
    }
}

/// Looks whether the store answers.
struct Probe {
    store: Store,
    /// Commits at the last look: a full queue is no standstill while something comes out of it.
    commits: u64,
}

impl Probe {
    fn of(store: Store) -> Self {
        Self { commits: store.status().commits, store }
    }

    /// A transaction went through the writer, and a read was answered, each within `bound`.
    /// Answers like a full disk count: starting anew would mend none of them.
    fn answers(&mut self, bound: Duration) -> bool {
        let before = std::mem::replace(&mut self.commits, self.store.status().commits);
        let writes = match self.write(bound) {
            Some(Err(StoreError::Busy { .. })) => before != self.commits,
            Some(_) => true,
            None => false,
        };
        let read = self.store.read(bound, |tx| tx.one("SELECT 1", &[], |row| row.get::<i64>(0)));
        writes && !matches!(read, Err(StoreError::Deadline))
    }

    /// `None` if nothing was heard within `bound`.
    fn write(&self, bound: Duration) -> Option<Result<(), StoreError>> {
        let store = self.store.clone();
        let (told, answer) = channel();
        // On a thread of its own, which ends when the writer answers: this one must not wait on.
        let asking =
            std::thread::Builder::new().name("service-probe".to_owned()).spawn(move || {
                let _ = told.send(store.write_blocking(Class::People, |_| Ok::<_, StoreError>(())));
            });
        asking.ok().and_then(|_| answer.recv_timeout(bound).ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_writer_that_hangs_is_no_answer_and_one_that_goes_on_is() {
        let store = Store::scratch();
        let mut probe = Probe::of(store.clone());
        let bound = Duration::from_millis(200);
        assert!(probe.answers(Duration::from_secs(20)));
        let (hold, held) = channel::<()>();
        let held = std::sync::Mutex::new(held);
        let (began, begun) = channel();
        let busy = store.clone();
        let hanging = std::thread::spawn(move || {
            busy.write_blocking(Class::People, move |_| {
                began.send(()).unwrap();
                let _ = held.lock().unwrap().recv();
                Ok::<_, StoreError>(())
            })
        });
        begun.recv().unwrap();
        assert!(!probe.answers(bound), "the writer hangs");
        drop(hold);
        hanging.join().unwrap().unwrap();
        assert!(probe.answers(Duration::from_secs(20)));
        store.close();
        assert!(probe.answers(bound), "a closed store has answered");
    }
}
