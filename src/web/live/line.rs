//! The queue of one client, filled by the hub and emptied by the client's own socket.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use actix_web::web::Bytes;
use tokio::sync::Notify;

use crate::vocab::actor::Actor;

/// Notices that may wait for one client.
pub const QUEUE_MAX: usize = 256;
/// A client that was told to fetch anew has this long to take it before the next overflow
/// closes it.
const RESYNC_TAKEN: Duration = Duration::from_secs(5);

/// A frame, and the permission without which it is not delivered.
#[derive(Debug, Clone)]
pub struct Parcel {
    /// Asked of the actor at the time of delivery.
    pub permission: &'static str,
    /// Whose record it is about; asked of the actor too.
    pub patient: Option<Whose>,
    /// The whole frame, shared by all who get it.
    pub frame: Bytes,
}

/// The patient of a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Whose {
    /// Who.
    pub patient: i64,
    /// Also somebody who sees everybody has to be asked about.
    pub confidential: bool,
}

/// What the hub has for one client.
#[derive(Debug)]
pub struct Line {
    /// The number of the client.
    pub(super) number: u64,
    /// The account, for events that may end its session.
    pub(super) user: Option<i64>,
    /// The session.
    pub(super) session: Option<i64>,
    state: Mutex<State>,
    pub(super) bell: Notify,
    doubted: AtomicBool,
}

#[derive(Debug, Default)]
struct State {
    queue: VecDeque<Parcel>,
    /// More came than fits: the client has to fetch anew.
    overflowed: bool,
    /// When the last order to fetch anew was sent, until the client has confirmed it.
    resync_sent: Option<Instant>,
    too_slow: bool,
}

/// What a socket takes from its line.
#[derive(Debug)]
pub enum Taken {
    /// Nothing waits.
    Nothing,
    /// The next one.
    Parcel(Parcel),
    /// The queue overflowed: fetch anew.
    Resync,
    /// The queue overflowed again though the client had time: close it.
    TooSlow,
}

impl Line {
    pub(super) fn new(number: u64, actor: &Actor) -> Self {
        Self {
            number,
            user: actor.user_id(),
            session: actor.came_by(),
            state: Mutex::default(),
            bell: Notify::new(),
            doubted: AtomicBool::new(false),
        }
    }

    /// Puts a frame behind the others, or gives all up when there is no room.
    pub(super) fn push(&self, parcel: &Parcel) {
        let mut state = self.lock();
        if state.overflowed {
            // Whoever fetches anew sees this too.
            return;
        }
        if state.queue.len() < QUEUE_MAX {
            state.queue.push_back(parcel.clone());
            return;
        }
        state.queue = VecDeque::new();
        state.overflowed = true;
        state.too_slow |= state.resync_sent.is_some_and(|sent| RESYNC_TAKEN < sent.elapsed());
    }

    /// Takes the next.
    pub(super) fn take(&self) -> Taken {
        let mut state = self.lock();
        if state.too_slow {
            return Taken::TooSlow;
        }
        if std::mem::take(&mut state.overflowed) {
            state.resync_sent = Some(Instant::now());
            return Taken::Resync;
        }
        match state.queue.pop_front() {
            Some(parcel) => Taken::Parcel(parcel),
            None => {
                // Memory of a busy moment is given back.
                state.queue = VecDeque::new();
                Taken::Nothing
            }
        }
    }

    /// The client has confirmed what it was sent.
    pub(super) fn confirmed(&self) {
        self.lock().resync_sent = None;
    }

    /// Whether the client is told next that it is too slow; asked while nothing can be sent.
    pub(super) fn is_too_slow(&self) -> bool {
        self.lock().too_slow
    }

    /// Something happened that may end the session or change what it may see.
    pub(super) fn doubt(&self) {
        self.doubted.store(true, Ordering::Release);
    }

    /// Whether something happened since the last question.
    pub(super) fn take_doubt(&self) -> bool {
        self.doubted.swap(false, Ordering::AcqRel)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
