//! The live channel of this hospital: which topics there are, who may follow them, and the
//! pump that reads the outbox once for all clients.
//!
//! Following `patient:<id>` needs `patients.read` and is no read of the record: the person
//! already has the id, and what comes shows nothing but that something happened to a kind of
//! record that they may read. Reading it is audited when the screen asks the API. Whoever does
//! not see the patient can neither follow them nor is told, under any topic, of what happens.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::web::{self, Data, Payload, ServiceConfig};
use tokio::sync::{oneshot, watch};

use super::ui;
use crate::access::break_glass::{self, BREAK_GLASS};
use crate::access::care_team::{self, CARE_TEAM_MEMBER};
use crate::access::gate::Known;
use crate::access::roles::{ROLE, ROLES};
use crate::access::sessions::SESSION;
use crate::access::sign_in_rules::SIGN_IN_RULES;
use crate::access::tokens::API_TOKEN;
use crate::access::users::{DEPARTMENT, USER, USERS};
use crate::backup::BACKUPS;
use crate::domain;
use crate::domain::patients::{PATIENT, PATIENTS};
use crate::interop::import::IMPORTS;
use crate::notify::NOTIFICATIONS;
use crate::platform::events::{Event, outbox};
use crate::platform::jobs::{JOBS, SCHEDULES};
use crate::platform::ledger::Desk;
use crate::platform::resource::Resource;
use crate::store::{ReadTx, Store, StoreError};
use crate::vocab::actor::{Actor, Reach};
use crate::watch::{ALERT_RULES, ALERT_SILENCES, ALERTS};
use crate::web::live::{self, Doubt, Feed, Hub, Notice, Whose};
use crate::web::openapi::{Document, Operation};
use crate::web::{Answer, Failure};

/// More missed events than this are not told one by one.
const MISSED_MAX: i64 = 1_000;
/// Events read at a time.
const BATCH: i64 = 1_000;
/// What comes within this time is handed out together: a screen does not paint faster.
const PACE: Duration = Duration::from_millis(25);
/// After a failure to read.
const RETRY: Duration = Duration::from_secs(1);
const DEADLINE: Duration = Duration::from_secs(30);

/// Mounts the channel.
pub fn mount(config: &mut ServiceConfig) {
    config.service(web::resource("/api/v1/live").route(web::get().to(get_live)));
}

/// Describes it.
pub fn describe(document: &mut Document) {
    document.tag("live", "What has changed, told at once.");
    document.codes(400, &["live.handshake", "live.message"]);
    document.codes(403, &["live.origin"]);
    document.codes(404, &["live.topic"]);
    document.codes(413, &["live.topics"]);
    document.codes(415, &["live.message"]);
    document.codes(503, &["live.rate"]);
    let operation = Operation::new("live", "followLive", "Be told what changes, by WebSocket");
    let operation = PROTOCOL.iter().fold(operation, |operation, text| operation.detail(*text));
    document.add("get", "/api/v1/live", operation.ends(101, "The socket is open").refuses(&[403]));
}

/// What the two sides say, for people; [`live::protocol`] is the code of it.
const PROTOCOL: [&str; 5] = [
    "A WebSocket (RFC 6455): what is described here is its handshake. A program sends its token \
     in `Authorization`; a page of this server sends its cookie, and its `Origin` must be the \
     server's. Whoever's session has ended is let in and closed at once with 4401.",
    "The client sends JSON in text frames, at most 8 KiB: \
     `{\"subscribe\":[\"patients\",\"patient:pat_…\"],\"since\":\"41\"}` or \
     `{\"unsubscribe\":[\"patients\"]}`. A topic is the path of a list below /api/v1, or \
     `patient:` and an id for everything about one patient; the client needs the permission to \
     read it. `since` is the last `seq` that it has; null tells only what comes from now on.",
    "The server sends `{\"hello\":{seq,ui,time}}` first, `{\"event\":{seq,topic,kind,id,event}}` \
     for each change, `{\"resync\":{seq,topics}}` when too much happened to be told (fetch anew), \
     `{\"beat\":{seq,time}}` as a sign of life, and `{\"error\":…}` with a problem for a message \
     that it cannot follow. `seq` is the place to resume from; it is a text. No message holds a \
     value of a record: read it through the API.",
    "Answer pings with pongs, as every WebSocket client does by itself: they confirm what has \
     arrived.",
    "It is closed with 4401 when the session ends, 4408 when the client does not take what it is \
     sent, 4429 beyond the bound of connections, 1008 after several bad messages, 1001 when the \
     server stops.",
];

/// Asks for the session itself: whoever's has ended is told so over the socket.
async fn get_live(
    request: HttpRequest,
    payload: Payload,
    hub: Data<Hub>,
    feed: Data<Feed>,
) -> Answer {
    live::open(&request, payload, &hub, feed)
}

/// Every kind of record that events can be about, by its name.
static KINDS: LazyLock<HashMap<&str, &Resource>> = LazyLock::new(|| {
    let house = [&USERS, &ROLES, &IMPORTS, &JOBS, &SCHEDULES, &BACKUPS, &NOTIFICATIONS];
    let watch = [&ALERTS, &ALERT_RULES, &ALERT_SILENCES];
    let all = domain::ALL.into_iter().chain(house).chain(watch);
    all.map(|resource| (resource.kind.name, resource)).collect()
});

/// What the kit asks about topics.
#[must_use]
pub fn feed(desk: &Desk) -> Feed {
    let (store, clock) = (desk.store().clone(), desk.clock().clone());
    let asked = desk.clone();
    Feed {
        permission: Box::new(permission),
        subject: Box::new(|topic| PATIENT.parse(topic.strip_prefix("patient:")?)),
        admits: Box::new(move |actor, whose| admits(&asked, actor, whose)),
        missed: Box::new(move |since, head| {
            let read = |tx: &ReadTx<'_>| missed(tx, since, head);
            store.read(DEADLINE, read).map_err(Failure::from)
        }),
        now: Box::new(move || clock.now().to_string()),
        ui: ui::hash(),
    }
}

fn permission(topic: &str) -> Option<&'static str> {
    if let Some(id) = topic.strip_prefix("patient:") {
        return PATIENT.parse(id).map(|_| PATIENTS.read);
    }
    if topic == break_glass::TOPIC {
        return Some(break_glass::REVIEW);
    }
    KINDS.values().find(|resource| resource.path == topic).map(|resource| resource.read)
}

fn missed(tx: &ReadTx<'_>, since: i64, head: i64) -> Result<Option<Vec<Notice>>, StoreError> {
    let few = (0..=MISSED_MAX).contains(&(head - since));
    if !few || !outbox::reaches_back_to(tx, since)? {
        return Ok(None);
    }
    let events = outbox::after(tx, since, head - since)?;
    notices(tx, &events).map(Some)
}

/// Whether `actor` may be told that something happened to a patient. Somebody who sees everybody
/// is told of all whose record is not confidential without a look into the store, because there
/// are thousands who follow the same list.
fn admits(desk: &Desk, actor: &Actor, whose: Whose) -> bool {
    let everybody = *actor.reach() == Reach::Everybody && !whose.confidential;
    let machine = actor.user_id().is_none();
    // Nothing is told to somebody of whom it is not known whom they see.
    everybody || machine || desk.standing(actor, whose.patient).is_ok_and(|it| it.is_open())
}

/// Events as they are told.
fn notices(tx: &ReadTx<'_>, events: &[Event]) -> Result<Vec<Notice>, StoreError> {
    let mut confidential: HashMap<i64, bool> = HashMap::new();
    for patient in events.iter().filter_map(|event| event.patient) {
        if let Entry::Vacant(place) = confidential.entry(patient) {
            place.insert(care_team::confidential(tx, patient)?.flatten().is_some());
        }
    }
    let whose = |event: &Event| {
        let patient = event.patient?;
        let confidential = confidential.get(&patient).copied().unwrap_or(true);
        Some(Whose { patient, confidential })
    };
    Ok(events.iter().filter_map(|event| notice(event, whose(event))).collect())
}

/// An event as it is told; nothing of a kind that nobody can read.
fn notice(event: &Event, patient: Option<Whose>) -> Option<Notice> {
    if event.kind == BREAK_GLASS.name {
        return Some(Notice {
            seq: event.seq,
            topics: vec![Arc::from(break_glass::TOPIC)],
            permission: break_glass::REVIEW,
            // Whoever reviews is told of everybody's, and of whom is not in it.
            patient: None,
            kind: BREAK_GLASS.name,
            id: BREAK_GLASS.show(event.id),
            event: event.event.clone(),
        });
    }
    if event.kind == CARE_TEAM_MEMBER.name {
        return Some(Notice {
            seq: event.seq,
            topics: vec![format!("patient:{}", PATIENT.show(event.patient?)).into()],
            permission: PATIENTS.read,
            patient,
            kind: CARE_TEAM_MEMBER.name,
            id: CARE_TEAM_MEMBER.show(event.id),
            event: event.event.clone(),
        });
    }
    let resource = KINDS.get(event.kind.as_str())?;
    let mut topics = vec![Arc::from(resource.path)];
    if let Some(patient) = event.patient {
        topics.push(format!("patient:{}", PATIENT.show(patient)).into());
    }
    Some(Notice {
        seq: event.seq,
        topics,
        permission: resource.permission_for_event(&event.event),
        patient,
        kind: resource.kind.name,
        id: resource.kind.show(event.id),
        event: event.event.clone(),
    })
}

/// Whose session the event may end or change.
fn doubt(event: &Event) -> Option<Doubt> {
    match event.kind.as_str() {
        kind if kind == USER.name => Some(Doubt::User(event.id)),
        kind if kind == SESSION.name || kind == API_TOKEN.name => Some(Doubt::Session(event.id)),
        kind if [ROLE, DEPARTMENT, SIGN_IN_RULES].iter().any(|of| of.name == kind) => {
            Some(Doubt::Everybody)
        }
        _ => None,
    }
}

/// The thread that reads each commit's events and hands them to the hub. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Pump(Arc<Mutex<Option<Running>>>);

/// What ends the thread, and the thread.
type Running = (oneshot::Sender<()>, JoinHandle<()>);

impl Pump {
    /// Starts it; what happened before is for those who resume.
    ///
    /// # Errors
    /// What the store says; the system gives no thread.
    pub fn start(store: &Store, hub: &Hub, known: &Known) -> Result<Self, super::OpenError> {
        let system = |cause| super::OpenError::System { what: "the live channel", cause };
        let commits = store.after_commit();
        let head = store.read(DEADLINE, outbox::head)?;
        hub.publish(&[], &HashSet::new(), head);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
        let runtime = runtime.map_err(system)?;
        let (stop, stopped) = oneshot::channel();
        let (store, hub, known) = (store.clone(), hub.clone(), known.clone());
        let work = move || {
            runtime.block_on(async {
                tokio::select! {
                    _ = stopped => {}
                    () = follow((&store, &hub, &known), commits) => {}
                }
            });
        };
        let thread = std::thread::Builder::new().name("live".to_owned()).spawn(work);
        Ok(Self(Arc::new(Mutex::new(Some((stop, thread.map_err(system)?))))))
    }

    /// Ends the thread.
    pub fn close(&self) {
        let running = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some((stop, thread)) = running {
            // Already ended is as good.
            let _ = stop.send(());
            let _ = thread.join();
        }
    }
}

/// What is read, who is told, and who holds which session.
type Parts<'a> = (&'a Store, &'a Hub, &'a Known);

async fn follow(parts: Parts<'_>, mut commits: watch::Receiver<u64>) {
    while commits.changed().await.is_ok() {
        loop {
            match hand_on(parts) {
                Ok(more) if more => tokio::task::yield_now().await,
                Ok(_) => break,
                Err(cause) => {
                    tracing::warn!("The live channel could not read what happened: {cause}");
                    tokio::time::sleep(RETRY).await;
                }
            }
        }
        tokio::time::sleep(PACE).await;
    }
}

/// Hands on the next events; whether there may be more.
fn hand_on((store, hub, known): Parts<'_>) -> Result<bool, StoreError> {
    let events = store.read(DEADLINE, |tx| outbox::after(tx, hub.head(), BATCH))?;
    let Some(last) = events.last() else { return Ok(false) };
    let doubts: HashSet<Doubt> = events.iter().filter_map(doubt).collect();
    for doubt in &doubts {
        match doubt {
            Doubt::User(id) | Doubt::Session(id) => known.forget(*id),
            Doubt::Everybody => known.forget_all(),
        }
    }
    let notices = store.read(DEADLINE, |tx| notices(tx, &events))?;
    hub.publish(&notices, &doubts, last.seq);
    Ok(i64::try_from(events.len()).unwrap_or(BATCH) == BATCH)
}
