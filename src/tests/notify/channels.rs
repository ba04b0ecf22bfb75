//! Webhooks and chats, whatever the other end does.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value as Json, json};
use sha2::Sha256;

use super::{about, is, put};
use crate::client::Client;
use crate::harness::{Hospital, PASSWORD, eventually};

const PATH: &str = "/api/v1/notification-channels";

/// What the other end does with a request.
#[derive(Debug, Clone, Copy)]
enum Does {
    Takes,
    Fails,
    HangsUp,
    Answers(&'static str),
}

#[derive(Debug, Clone)]
struct Heard {
    headers: Vec<(String, String)>,
    body: String,
}

impl Heard {
    fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map_or("", |(_, value)| value)
    }
}

/// The other end of a channel.
struct End {
    url: String,
    does: Arc<Mutex<Does>>,
    heard: Arc<Mutex<Vec<Heard>>>,
}

impl End {
    fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/hook?secret=lantern", listener.local_addr().unwrap());
        let (does, heard) = (Arc::new(Mutex::new(Does::Takes)), Arc::default());
        let end = Self { url, does: Arc::clone(&does), heard: Arc::clone(&heard) };
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let does = *does.lock().unwrap();
                if let Some(one) = serve(stream, does) {
                    heard.lock().unwrap().push(one);
                }
            }
        });
        end
    }

    fn does(&self, what: Does) {
        *self.does.lock().unwrap() = what;
    }

    fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }
}

fn serve(mut stream: TcpStream, does: Does) -> Option<Heard> {
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let (mut headers, mut line) = (Vec::new(), String::new());
    reader.read_line(&mut line).ok()?;
    loop {
        line.clear();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.push((name.to_owned(), value.to_owned()));
    }
    let mut heard = Heard { headers, body: String::new() };
    let length = heard.header("content-length").parse().ok()?;
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    heard.body = String::from_utf8(body).unwrap();
    let answer = match does {
        Does::Takes => "HTTP/1.1 204 No Content\r\n\r\n",
        Does::Fails => "HTTP/1.1 500 Oh\r\ncontent-length: 0\r\n\r\n",
        Does::Answers(text) => text,
        Does::HangsUp => return None,
    };
    // Whoever has gone does not read it.
    let _ = stream.write_all(answer.as_bytes());
    matches!(does, Does::Takes).then_some(heard)
}

/// Adds a webhook that ends at `end`; its key and what it is signed with.
fn add(admin: &Client, end: &End) -> (String, String) {
    let body = json!({"channels": [{"name": "Pager", "sort": "webhook", "level": "all",
        "language": "en", "url": end.url}], "current_password": PASSWORD});
    let made = put(admin, PATH, &body);
    made.expect_status(200);
    let channel = made.data()["channels"][0].clone();
    let text = |name: &str| channel[name].as_str().unwrap().to_owned();
    (text("key"), text("signing_secret"))
}

fn test(admin: &Client, key: &str) -> u16 {
    admin.post(&format!("{PATH}/test"), &json!({"key": key})).status
}

#[test]
fn a_webhook_is_signed_and_its_address_stays_secret() {
    let hospital = Hospital::open();
    let (admin, end) = (&hospital.admin, End::open());
    let (key, secret) = add(admin, &end);
    let shown = admin.get(PATH);
    assert_eq!(shown.data()["channels"][0]["host"], "127.0.0.1");
    assert_eq!(shown.data()["channels"][0]["signing_secret"], Json::Null, "it is shown once");
    assert!(!shown.text().contains("lantern"));
    assert_eq!(test(admin, &key), 200);
    let heard = end.heard().remove(0);
    let signed = format!(
        "{}.{}.{}",
        heard.header("webhook-id"),
        heard.header("webhook-timestamp"),
        heard.body
    );
    let bytes = STANDARD.decode(secret.trim_start_matches("whsec_")).unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(&bytes).unwrap();
    mac.update(signed.as_bytes());
    let right = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
    assert_eq!(heard.header("webhook-signature"), right);
    let body: Json = serde_json::from_str(&heard.body).unwrap();
    assert_eq!(body["notifications"][0]["test"], true, "{body}");
    // A change of the name keeps where it leads and how it is signed.
    let body = json!({"channels": [{"key": key, "name": "Night pager", "sort": "webhook",
        "level": "critical", "language": "ar"}], "current_password": PASSWORD});
    put(admin, PATH, &body).expect_status(200);
    assert_eq!(test(admin, &key), 200);
    assert_eq!(end.heard().len(), 2);
    assert!(!hospital.server.stderr().contains("lantern"));
}

#[test]
fn what_the_other_end_does_not_take_is_told_and_comes_later() {
    let hospital = Hospital::open();
    let (admin, end) = (&hospital.admin, End::open());
    let (key, _) = add(admin, &end);
    let moved = "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n";
    for does in [Does::Fails, Does::HangsUp, Does::Answers("garbage\r\n\r\n"), Does::Answers(moved)]
    {
        end.does(does);
        assert_eq!(test(admin, &key), 409, "{does:?}");
    }
    end.does(Does::Fails);
    let aside = super::backups_into(&hospital);
    let gone = aside.with_extension("gone");
    std::fs::rename(&aside, &gone).unwrap();
    super::order_backup(admin);
    eventually("it is told on screen", || is(admin, "job:backup", "open"));
    let told = about(admin, "job:backup").unwrap();
    assert_eq!(told["deliveries"][0]["outcome"], Json::Null, "{told}");
    assert!(end.heard().is_empty());
    end.does(Does::Takes);
    eventually("it arrives", || !end.heard().is_empty());
    let body: Json = serde_json::from_str(&end.heard()[0].body).unwrap();
    assert_eq!(body["notifications"][0]["subject"], "job:backup", "{body}");
    assert!(!hospital.server.stderr().contains("lantern"));
}
