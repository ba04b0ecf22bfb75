//! People who register patients as fast as they can, and remember what was acknowledged.

use std::collections::BTreeMap;
use std::thread::JoinHandle;

use serde_json::Value as Json;

use crate::client::{Answer, Client, person};

/// What was acknowledged: the family name, which nobody else has, and the id.
pub(crate) type Acknowledged = BTreeMap<String, String>;

/// Threads that register until the server answers no more.
#[derive(Debug)]
pub(crate) struct Writers(Vec<JoinHandle<Done>>);

/// What one or all of them have done.
#[derive(Debug, Default)]
pub(crate) struct Done {
    pub(crate) acknowledged: Acknowledged,
    /// Sent with its key, and no answer came: written or not.
    pub(crate) unanswered: Vec<String>,
    /// Answers that were neither "made" nor "gone".
    pub(crate) refusals: Vec<(u16, String)>,
}

/// A family name of letters only, far from its neighbours, so that a search for it finds it first.
pub(crate) fn family(round: usize, writer: usize, number: usize) -> String {
    let mut mixed = (round * 64 + writer) * 100_000 + number;
    let mut name = String::from("Q");
    for _ in 0..9 {
        // Steps of a fixed odd multiplier spread neighbours over the alphabet.
        mixed = mixed.wrapping_mul(0x9E37_79B9_7F4A_7C15_u64 as usize).rotate_left(17);
        name.push(char::from(b'a' + (mixed % 26) as u8));
    }
    name
}

/// Registers somebody called `family`; a repetition is the same intention.
pub(crate) fn register(client: &Client, family: &str) -> Result<Answer, ureq::Error> {
    let body = person("Test", family).to_string();
    let headers = [("content-type", "application/json"), ("idempotency-key", family)];
    client.try_send("POST", "/api/v1/patients", &headers, body.as_bytes())
}

impl Writers {
    /// Lets `count` of them begin.
    pub(crate) fn start(client: &Client, round: usize, count: usize) -> Self {
        let start = |writer| {
            let client = client.clone();
            std::thread::spawn(move || write(&client, round, writer))
        };
        Self((0..count).map(start).collect())
    }

    /// Waits until the server answers none of them any more.
    pub(crate) fn join(self) -> Done {
        let mut all = Done::default();
        for writer in self.0 {
            let done = writer.join().unwrap();
            all.acknowledged.extend(done.acknowledged);
            all.unanswered.extend(done.unanswered);
            all.refusals.extend(done.refusals);
        }
        all
    }
}

fn write(client: &Client, round: usize, writer: usize) -> Done {
    let mut done = Done::default();
    for number in 0.. {
        let family = family(round, writer, number);
        match register(client, &family) {
            Ok(answer) if answer.status == 201 => {
                let id = answer.data()["id"].as_str().unwrap().to_owned();
                done.acknowledged.insert(family, id);
            }
            Ok(answer) => {
                done.refusals.push((answer.status, answer.text()));
                return done;
            }
            Err(_) => {
                done.unanswered.push(family);
                return done;
            }
        }
    }
    done
}

/// Everybody who was acknowledged is there under their id and name.
pub(crate) fn expect_all_there(client: &Client, acknowledged: &Acknowledged) {
    for (family, id) in acknowledged {
        let answer = client.get(&format!("/api/v1/patients/{id}?fields=family"));
        answer.expect_status(200);
        assert_eq!(answer.data()["family"], Json::from(family.as_str()), "{id}");
    }
}
