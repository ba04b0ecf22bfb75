//! What is asked: point reads, lists, searches, timelines, and registrations.

use std::rc::Rc;
use std::time::Duration;

use serde_json::{Value as Json, json};

use super::client::{Connection, Measured, get, load, post};
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
    let token: Rc<str> = house.token.as_str().into();
    let scene = Scene { port: house.port, token: Rc::clone(&token), seconds };
    let found = scene.ask(CROWD, |_| "/api/health".to_owned()).await;
    table.row("health (no session)", &found, Ceiling::PerSecond(150_000.0));
    let known = Rc::clone(&people);
    let by_id = move |number| format!("/api/v1/patients/{}", some(&known.ids, number));
    let found = scene.ask(CROWD, by_id.clone()).await;
    table.row("patient by id", &found, Ceiling::PerSecond(47_000.0));
    let found = scene.ask(1, by_id).await;
    table.row("patient by id, 1 connection", &found, Ceiling::Unknown);
    let known = Rc::clone(&people);
    let found = scene
        .ask(CROWD, move |number| format!("/api/v1/patients?mrn={}", some(&known.mrns, number)))
        .await;
    table.row("patient by record number", &found, Ceiling::PerSecond(23_000.0));
    lists(&scene, &people, table).await;
    searches(&scene, &people, table).await;
    let known = Rc::clone(&people);
    let timeline = move |number| {
        format!("/api/v1/patients/{}/timeline?limit={PAGE}", some(&known.ids, number))
    };
    let found = scene.ask(CROWD, timeline).await;
    table.row("timeline", &found, Ceiling::Unknown);
}

async fn lists(scene: &Scene, people: &Rc<People>, table: &mut Table) {
    let page = format!("/api/v1/patients?limit={PAGE}");
    for (what, rest) in [
        ("page 1 by name", ""),
        ("page 1 by birth date", "&sort=birth_date"),
        ("page 1 by birth date, youngest first", "&sort=-birth_date"),
        ("page 1 by record number", "&sort=mrn"),
    ] {
        let path = format!("{page}{rest}");
        let found = scene.ask(CROWD, move |_| path.clone()).await;
        table.row(what, &found, Ceiling::PerSecond(9_800.0));
    }
    if let Some(cursor) = &people.deep {
        let path = format!("{page}{cursor}");
        let found = scene.ask(CROWD, move |_| path.clone()).await;
        table.row(&format!("page {DEEP} rows deep by name"), &found, Ceiling::PerSecond(9_800.0));
    }
    let path = format!("{page}&include=names,identifiers,telecoms,addresses");
    let found = scene.ask(CROWD, move |_| path.clone()).await;
    table.row("page 1 with names, numbers, phones, addresses", &found, Ceiling::Unknown);
    let known = Rc::clone(people);
    let visits = move |number| {
        let id = some(&known.ids, number);
        format!("/api/v1/encounters?patient_id={id}&limit={PAGE}&include=participants,location")
    };
    let found = scene.ask(CROWD, visits).await;
    table.row("visits of a patient with who and where", &found, Ceiling::Unknown);
}

async fn searches(scene: &Scene, people: &Rc<People>, table: &mut Table) {
    // Two cores at 0.68 ms of scoring each, as in the prototype.
    let ceiling = Ceiling::PerSecond(2.0 / 0.68e-3);
    let three: fn(&(String, String)) -> String = |(_, family)| start(family, 3);
    let two: fn(&(String, String)) -> String =
        |(given, family)| format!("{} {}", start(given, 3), start(family, 3));
    let slip: fn(&(String, String)) -> String = |(given, family)| {
        let mut letters: Vec<char> = family.chars().collect();
        let middle = letters.len() / 2;
        letters.swap(middle - 1, middle);
        format!("{} {}", letters.into_iter().collect::<String>(), start(given, 3))
    };
    for (what, text) in [
        ("search: 3 letters", three),
        ("search: two beginnings of 3 letters", two),
        ("search: family with a slip, and a beginning", slip),
    ] {
        let known = Rc::clone(people);
        let path = move |number| {
            // Those whose names are long enough for a slip.
            let spread = usize::try_from(number.wrapping_mul(7_919)).unwrap_or(0);
            let mut at = spread % known.names.len();
            while known.names[at].1.chars().count() < 5 || known.names[at].0.is_empty() {
                at = (at + 1) % known.names.len();
            }
            format!("/api/v1/patients?q={}&limit=20", encoded(&text(&known.names[at])))
        };
        let found = scene.ask(CROWD, path.clone()).await;
        table.row(what, &found, ceiling);
        let found = scene.ask(1, path).await;
        table.row(&format!("{what}, 1 connection"), &found, Ceiling::Milliseconds(0.68));
    }
}

/// Registrations, one by one and from many connections at once.
pub(crate) async fn writes(house: &Hospital, table: &mut Table, seconds: Duration) {
    table.heading("Durable registrations with audit");
    let token: Rc<str> = house.token.as_str().into();
    let scene = Scene { port: house.port, token, seconds };
    let single = scene.register(1, "A").await;
    table.row("from 1 connection: a commit for each", &single, Ceiling::PerSecond(426.0));
    let grouped = scene.register(CROWD, "B").await;
    let what = format!("from {CROWD} connections: group commit");
    table.row(&what, &grouped, Ceiling::PerSecond(10_400.0));
    let ratio = grouped.per_second() / single.per_second();
    table.fact("group commit against single commits", &format!("{ratio:.1} ×"));
}

/// Who asks whom, and for how long.
struct Scene {
    port: u16,
    token: Rc<str>,
    seconds: Duration,
}

impl Scene {
    async fn ask(&self, connections: usize, path: impl Fn(u64) -> String + 'static) -> Measured {
        let token = Rc::clone(&self.token);
        let bounds = (connections, self.seconds);
        load(self.port, bounds, 200, move |number| get(&path(number), &token)).await
    }

    async fn register(&self, connections: usize, series: &'static str) -> Measured {
        let token = Rc::clone(&self.token);
        let bounds = (connections, self.seconds);
        let request = move |number| post("/api/v1/patients", &token, &person(series, number));
        load(self.port, bounds, 201, request).await
    }
}

fn person(series: &str, number: u64) -> Json {
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
fn some(items: &[String], number: u64) -> &str {
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
