//! What is asked: point reads, lists, searches, timelines, and registrations.

use std::rc::Rc;
use std::time::Duration;

use serde_json::{Value as Json, json};

use super::client::{Connection, get, load, post};
use super::hospital::Hospital;
use super::table::{Ceiling, Table};

/// Connections that ask at once.
const CROWD: usize = 64;
/// Rows of a page, as screens ask for them.
const PAGE: usize = 50;
/// Rows of a page while walking to a deep one.
const STRIDE: usize = 200;
/// How deep the deep page lies, in rows.
const DEEP: usize = 50_000;

/// People of the hospital, in the order of the list.
struct People {
    ids: Vec<String>,
    mrns: Vec<String>,
    names: Vec<(String, String)>,
    /// Where the deep page begins, if the hospital has so many people.
    deep: Option<String>,
}

/// Walks through the list as far as the deep page and keeps who is there.
async fn meet(house: &Hospital) -> People {
    let mut connection = Connection::open(house.port).await;
    let (mut ids, mut mrns, mut names) = (Vec::new(), Vec::new(), Vec::new());
    let mut cursor = String::new();
    while ids.len() < DEEP {
        let path = format!("/api/v1/patients?limit={STRIDE}{cursor}");
        let page = connection.ask(&get(&path, &house.token)).await.json();
        for patient in page["data"].as_array().unwrap() {
            let text = |name: &str| patient[name].as_str().unwrap_or_default().to_owned();
            ids.push(text("id"));
            mrns.push(text("mrn"));
            let given = patient["given"][0].as_str().unwrap_or_default();
            names.push((given.to_owned(), text("family")));
        }
        match page["meta"]["cursor"]["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return People { ids, mrns, names, deep: None },
        }
    }
    People { ids, mrns, names, deep: Some(cursor) }
}

/// Everything that is read.
pub(crate) async fn reads(house: &Hospital, table: &mut Table, seconds: Duration) {
    let people = Rc::new(meet(house).await);
    table.heading(&format!("Reads with session and audit, {CROWD} connections"));
    let mut scene = Scene::new(house, table, seconds);
    let ceiling = Ceiling::PerSecond(150_000.0);
    scene.ask("health (no session)", CROWD, ceiling, |_| "/api/health".to_owned()).await;
    let known = Rc::clone(&people);
    let by_id = move |number| format!("/api/v1/patients/{}", some(&known.ids, number));
    scene.ask("patient by id", CROWD, Ceiling::PerSecond(47_000.0), by_id.clone()).await;
    scene.ask("patient by id, 1 connection", 1, Ceiling::Unknown, by_id).await;
    let known = Rc::clone(&people);
    let by_mrn = move |number| format!("/api/v1/patients?mrn={}", some(&known.mrns, number));
    scene.ask("patient by record number", CROWD, Ceiling::PerSecond(23_000.0), by_mrn).await;
    lists(&mut scene, &people).await;
    searches(&mut scene, &people).await;
    let timeline = move |number| {
        format!("/api/v1/patients/{}/timeline?limit={PAGE}", some(&people.ids, number))
    };
    scene.ask("timeline", CROWD, Ceiling::Unknown, timeline).await;
}

async fn lists(scene: &mut Scene<'_>, people: &Rc<People>) {
    let page = format!("/api/v1/patients?limit={PAGE}");
    let deep = people.deep.as_ref().map(|cursor| ("page 50,000 rows deep by name", &**cursor));
    let pages = [
        ("page 1 by name", ""),
        ("page 1 by birth date", "&sort=birth_date"),
        ("page 1 by birth date, youngest first", "&sort=-birth_date"),
        ("page 1 by record number", "&sort=mrn"),
    ];
    for (what, rest) in pages.into_iter().chain(deep) {
        let path = format!("{page}{rest}");
        scene.ask(what, CROWD, Ceiling::PerSecond(9_800.0), move |_| path.clone()).await;
    }
    let path = format!("{page}&include=names,identifiers,telecoms,addresses");
    let what = "page 1 with names, numbers, phones, addresses";
    scene.ask(what, CROWD, Ceiling::Unknown, move |_| path.clone()).await;
    let known = Rc::clone(people);
    let visits = move |number| {
        let id = some(&known.ids, number);
        format!("/api/v1/encounters?patient_id={id}&limit={PAGE}&include=participants,location")
    };
    scene.ask("visits of a patient with who and where", CROWD, Ceiling::Unknown, visits).await;
}

/// What somebody types, looking for who has this given and this family name.
type Typed = fn(&str, &str) -> String;

async fn searches(scene: &mut Scene<'_>, people: &Rc<People>) {
    let three: Typed = |_, family| start(family, 3);
    let two: Typed = |given, family| format!("{} {}", start(given, 3), start(family, 3));
    let slip: Typed = |given, family| {
        let mut letters: Vec<char> = family.chars().collect();
        let middle = letters.len() / 2;
        letters.swap(middle - 1, middle);
        format!("{} {}", letters.into_iter().collect::<String>(), start(given, 3))
    };
    // Those whose names are long enough for a slip.
    let long =
        |(given, family): &&(String, String)| !given.is_empty() && 4 < family.chars().count();
    let names: Rc<Vec<_>> = Rc::new(people.names.iter().filter(long).cloned().collect());
    for (what, text) in [
        ("search: 3 letters", three),
        ("search: two beginnings of 3 letters", two),
        ("search: family with a slip, and a beginning", slip),
    ] {
        let names = Rc::clone(&names);
        let path = move |number| {
            let (given, family) = some(&names, number);
            format!("/api/v1/patients?q={}&limit=20", encoded(&text(given, family)))
        };
        // Two cores at 0.68 ms of scoring each, as in the prototype.
        scene.ask(what, CROWD, Ceiling::PerSecond(2.0 / 0.68e-3), path.clone()).await;
        let alone = format!("{what}, 1 connection");
        scene.ask(&alone, 1, Ceiling::Milliseconds(0.68), path).await;
    }
}

/// Registrations, one by one and from many connections at once.
pub(crate) async fn writes(house: &Hospital, table: &mut Table, seconds: Duration) {
    table.heading("Durable registrations with audit");
    let mut scene = Scene::new(house, table, seconds);
    let what = "from 1 connection: a commit for each";
    let single = scene.register(what, 1, Ceiling::PerSecond(426.0)).await;
    let what = "from 64 connections: group commit";
    let grouped = scene.register(what, CROWD, Ceiling::PerSecond(10_400.0)).await;
    if let (Some(single), Some(grouped)) = (single, grouped) {
        table.fact("group commit against single commits", &format!("{:.1} ×", grouped / single));
    }
}

/// Who asks whom, for how long, and where it is written down.
pub(crate) struct Scene<'a> {
    port: u16,
    token: Rc<str>,
    seconds: Duration,
    table: &'a mut Table,
}

impl<'a> Scene<'a> {
    /// Everything is asked for by the clinician of `house`, for so long each.
    pub(crate) fn new(house: &Hospital, table: &'a mut Table, seconds: Duration) -> Self {
        Self { port: house.port, token: house.token.as_str().into(), seconds, table }
    }

    /// Asks for what `path` makes of each number.
    async fn ask(
        &mut self,
        what: &str,
        connections: usize,
        ceiling: Ceiling,
        path: impl Fn(u64) -> String + 'static,
    ) {
        if self.table.wants(what) {
            let token = Rc::clone(&self.token);
            let request = move |number| get(&path(number), &token);
            let found = load(self.port, (connections, self.seconds), 200, request).await;
            self.table.row(what, &found, ceiling);
        }
    }

    /// Registers people; how many in a second.
    pub(crate) async fn register(
        &mut self,
        what: &str,
        connections: usize,
        ceiling: Ceiling,
    ) -> Option<f64> {
        if !self.table.wants(what) {
            return None;
        }
        let token = Rc::clone(&self.token);
        let request = move |number| {
            post("/api/v1/patients", &token, &person(&format!("{connections}x"), number))
        };
        let found = load(self.port, (connections, self.seconds), 201, request).await;
        self.table.row(what, &found, ceiling);
        Some(found.per_second())
    }
}

/// Somebody new; nobody is twice in a `series`.
pub(crate) fn person(series: &str, number: u64) -> Json {
    json!({
        "names": [{"family": format!("Newcomer{series}{number}"), "given": ["Ama", "Serwaa"]}],
        "birth_date": format!("{}-05-1{}", 1940 + number % 80, number % 10), "sex": "female",
        "telecoms": [{"system": "phone", "value": format!("+999 24 {number:07}")}],
        "identifiers": [{
            "system": "urn:healthflow:demo:national-id", "value": format!("N{series}{number}"),
        }],
    })
}

/// One of `items` that lies far from the one before.
fn some<T>(items: &[T], number: u64) -> &T {
    &items[usize::try_from(number.wrapping_mul(7_919)).unwrap_or(0) % items.len()]
}

fn start(text: &str, letters: usize) -> String {
    text.chars().take(letters).collect()
}

fn encoded(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}
