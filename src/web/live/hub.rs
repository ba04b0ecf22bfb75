//! Who follows what, and the handing out of what happened.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::line::{Line, Parcel, Whose};
use super::protocol;
use crate::vocab::actor::Actor;

/// More notices than this of one topic at once are told as one order to fetch anew.
pub const BURST_MAX: usize = 64;

/// How many may be connected.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// In all.
    pub clients: usize,
    /// Of one session: tabs of one browser.
    pub of_session: usize,
    /// Topics that one client may follow.
    pub topics: usize,
}

/// Something that happened, as it is told to clients.
#[derive(Debug, Clone)]
pub struct Notice {
    /// Its number.
    pub seq: i64,
    /// The topics it belongs to, at most two.
    pub topics: Vec<Arc<str>>,
    /// Told only to those who hold it.
    pub permission: &'static str,
    /// Told only to those who see the patient.
    pub patient: Option<Whose>,
    /// The kind of record.
    pub kind: &'static str,
    /// The record, opaque.
    pub id: String,
    /// What, past tense.
    pub event: String,
}

/// Whose session has to be looked at again before anything more is told to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Doubt {
    /// This account was changed.
    User(i64),
    /// This session or token has ended.
    Session(i64),
    /// What many may do was changed.
    Everybody,
}

/// Hands notices to clients. Cheap to clone.
#[derive(Clone)]
pub struct Hub(Arc<Inner>);

struct Inner {
    bounds: Bounds,
    state: Mutex<State>,
    /// Everything up to this number was put into the lines.
    head: AtomicI64,
    closing: AtomicBool,
}

#[derive(Default)]
struct State {
    last_number: u64,
    clients: HashMap<u64, Client>,
    topics: HashMap<Arc<str>, HashSet<u64>>,
}

struct Client {
    line: Arc<Line>,
    topics: BTreeSet<Arc<str>>,
}

/// The place of a connected client, free again when it is dropped.
pub struct Seat {
    hub: Hub,
    pub(super) line: Arc<Line>,
}

/// Why somebody is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoSeat {
    /// Too many are connected.
    Full,
    /// The server stops.
    Closing,
}

impl std::fmt::Debug for Hub {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hub").field("head", &self.head()).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Seat {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Seat").field("number", &self.line.number).finish_non_exhaustive()
    }
}

impl Hub {
    /// A hub without clients.
    #[must_use]
    pub fn new(bounds: Bounds) -> Self {
        Self(Arc::new(Inner {
            bounds,
            state: Mutex::default(),
            head: AtomicI64::new(0),
            closing: AtomicBool::new(false),
        }))
    }

    /// Everything up to this number was handed out.
    #[must_use]
    pub fn head(&self) -> i64 {
        self.0.head.load(Ordering::Acquire)
    }

    /// How many are connected.
    #[must_use]
    pub fn connected(&self) -> usize {
        self.lock().clients.len()
    }

    /// Hands `notices`, in order, to those who follow their topics; afterwards everything up to
    /// `head` was handed out. Those in `doubts` are looked at again before they get anything.
    pub fn publish(&self, notices: &[Notice], doubts: &HashSet<Doubt>, head: i64) {
        let before = self.head();
        let state = self.lock();
        let mut woken: HashMap<u64, &Arc<Line>> = HashMap::new();
        if !doubts.is_empty() {
            let doubted = state.clients.values().map(|client| &client.line).filter(|line| {
                doubts.contains(&Doubt::Everybody)
                    || line.user.is_some_and(|id| doubts.contains(&Doubt::User(id)))
                    || line.session.is_some_and(|id| doubts.contains(&Doubt::Session(id)))
            });
            for line in doubted {
                line.doubt();
                woken.insert(line.number, line);
            }
        }
        let bursts = state.bursts(notices);
        for (topic, permission) in &bursts {
            // First and with the place before all of them: see the invariant of the room.
            let (patient, frame) = (None, protocol::resync(before, &[topic]));
            let parcel = Parcel { permission, patient, frame };
            for client in state.following(topic) {
                client.line.push(&parcel);
                woken.insert(client.line.number, &client.line);
            }
        }
        for notice in notices {
            state.hand_out(notice, &bursts, &mut woken);
        }
        self.0.head.store(head, Ordering::Release);
        for line in woken.into_values() {
            line.bell.notify_one();
        }
    }

    /// A place for `actor`.
    ///
    /// # Errors
    /// There is none.
    pub fn enter(&self, actor: &Actor) -> Result<Seat, NoSeat> {
        let mut state = self.lock();
        if self.is_closing() {
            return Err(NoSeat::Closing);
        }
        let of_session = |client: &&Client| client.line.session == actor.came_by();
        let same = state.clients.values().filter(of_session).count();
        if self.0.bounds.clients <= state.clients.len() || self.0.bounds.of_session <= same {
            return Err(NoSeat::Full);
        }
        state.last_number += 1;
        let line = Arc::new(Line::new(state.last_number, actor));
        let client = Client { line: Arc::clone(&line), topics: BTreeSet::new() };
        state.clients.insert(line.number, client);
        drop(state);
        Ok(Seat { hub: self.clone(), line })
    }

    /// Has every client told that the server stops. Nobody is let in any more.
    pub fn close(&self) {
        self.0.closing.store(true, Ordering::Release);
        for client in self.lock().clients.values() {
            client.line.bell.notify_one();
        }
    }

    /// Whether [`close`](Self::close) was called.
    #[must_use]
    pub fn is_closing(&self) -> bool {
        self.0.closing.load(Ordering::Acquire)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Topic and permission of what is told as one order to fetch anew.
type Bursts = HashSet<(Arc<str>, &'static str)>;

impl State {
    fn following(&self, topic: &str) -> impl Iterator<Item = &Client> {
        let numbers = self.topics.get(topic).into_iter().flatten();
        numbers.filter_map(|number| self.clients.get(number))
    }

    fn bursts(&self, notices: &[Notice]) -> Bursts {
        if notices.len() <= BURST_MAX {
            return HashSet::new();
        }
        let mut counts: HashMap<(&Arc<str>, &'static str), usize> = HashMap::new();
        for notice in notices {
            for topic in notice.topics.iter().filter(|topic| self.topics.contains_key(*topic)) {
                *counts.entry((topic, notice.permission)).or_default() += 1;
            }
        }
        let many = counts.into_iter().filter(|(_, count)| BURST_MAX < *count);
        many.map(|((topic, permission), _)| (Arc::clone(topic), permission)).collect()
    }

    fn hand_out<'a>(
        &'a self,
        notice: &Notice,
        bursts: &Bursts,
        woken: &mut HashMap<u64, &'a Arc<Line>>,
    ) {
        let Notice { permission, topics, seq, .. } = notice;
        let told = |topic: &Arc<str>| !bursts.contains(&(Arc::clone(topic), *permission));
        let topics: Vec<&Arc<str>> = topics.iter().filter(|topic| told(topic)).collect();
        for (at, topic) in topics.iter().enumerate() {
            let (mut last, mut not_last) = (None, None);
            for client in self.following(topic) {
                // Of two messages about one event only the second moves the place to resume
                // from: between the two the connection may break.
                let more = topics[at + 1..].iter().any(|later| client.topics.contains(*later));
                let (kept, seq) = if more { (&mut not_last, seq - 1) } else { (&mut last, *seq) };
                let parcel = kept.get_or_insert_with(|| Parcel {
                    permission,
                    patient: notice.patient,
                    frame: protocol::event(notice, topic, seq),
                });
                client.line.push(parcel);
                woken.insert(client.line.number, &client.line);
            }
        }
    }
}

impl Seat {
    /// Follows `topics` from now on: everything after the number it gives back will come.
    ///
    /// # Errors
    /// The number of topics that one client may follow.
    pub fn follow(&self, topics: &[String]) -> Result<i64, usize> {
        let mut state = self.hub.lock();
        let State { clients, topics: index, .. } = &mut *state;
        let Some(client) = clients.get_mut(&self.line.number) else { return Ok(self.hub.head()) };
        let fresh = topics.iter().filter(|topic| !client.topics.contains(topic.as_str()));
        let fresh: BTreeSet<&String> = fresh.collect();
        let most = self.hub.0.bounds.topics;
        if most < client.topics.len() + fresh.len() {
            return Err(most);
        }
        for topic in fresh {
            let known = index.get_key_value(topic.as_str()).map(|(known, _)| Arc::clone(known));
            let topic = known.unwrap_or_else(|| Arc::from(topic.as_str()));
            client.topics.insert(Arc::clone(&topic));
            index.entry(topic).or_default().insert(self.line.number);
        }
        Ok(self.hub.head())
    }

    /// Follows `topics` no more.
    pub fn leave(&self, topics: &[String]) {
        let mut state = self.hub.lock();
        let State { clients, topics: index, .. } = &mut *state;
        let Some(client) = clients.get_mut(&self.line.number) else { return };
        for topic in topics {
            client.topics.remove(topic.as_str());
            forget(index, topic, self.line.number);
        }
    }

    /// What the client follows.
    #[must_use]
    pub fn topics(&self) -> Vec<Arc<str>> {
        let state = self.hub.lock();
        let client = state.clients.get(&self.line.number);
        client.map(|client| client.topics.iter().cloned().collect()).unwrap_or_default()
    }

    /// The hub it belongs to.
    #[must_use]
    pub fn hub(&self) -> &Hub {
        &self.hub
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut state = self.hub.lock();
        let State { clients, topics: index, .. } = &mut *state;
        let Some(client) = clients.remove(&self.line.number) else { return };
        for topic in &client.topics {
            forget(index, topic, self.line.number);
        }
    }
}

fn forget(index: &mut HashMap<Arc<str>, HashSet<u64>>, topic: &str, number: u64) {
    if let Some(followers) = index.get_mut(topic) {
        followers.remove(&number);
        if followers.is_empty() {
            index.remove(topic);
        }
    }
}
