//! An OpenID provider that says whatever a test wants.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rcgen::{KeyPair, PKCS_ED25519, PublicKeyData, SigningKey};
use serde_json::{Value as Json, json};

/// What the provider says next.
#[derive(Debug, Clone, Default)]
pub(super) struct Says {
    pub(super) about: Json,
    pub(super) keys: Json,
    pub(super) tokens: Json,
    pub(super) person: Json,
    /// Addresses that were asked for, with what was sent.
    heard: Vec<String>,
}

/// A provider that says whatever the test wants.
pub(super) struct Provider {
    pub(super) url: String,
    pub(super) key: KeyPair,
    pub(super) says: Arc<Mutex<Says>>,
}

fn jwk(kid: &str, key: &KeyPair) -> Json {
    let x = URL_SAFE_NO_PAD.encode(key.der_bytes());
    json!({"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": kid, "x": x})
}

impl Provider {
    pub(super) fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let url = format!("http://127.0.0.1:{}", listener.local_addr().unwrap().port());
        let key = KeyPair::generate_for(&PKCS_ED25519).unwrap();
        let about = json!({
            "issuer": url, "authorization_endpoint": format!("{url}/door"),
            "token_endpoint": format!("{url}/token"), "jwks_uri": format!("{url}/keys"),
            "userinfo_endpoint": format!("{url}/person"), "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["EdDSA", "HS256", "none"],
        });
        let keys = json!({"keys": [jwk("one", &key)]});
        let says = Arc::new(Mutex::new(Says { about, keys, ..Says::default() }));
        let shared = Arc::clone(&says);
        // Ends with the process: the listener is asked by nobody any more.
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                answer(stream, &shared);
            }
        });
        Self { url, key, says }
    }

    pub(super) fn set(&self, change: impl FnOnce(&mut Says)) {
        change(&mut self.says.lock().unwrap());
    }

    pub(super) fn heard(&self, path: &str) -> usize {
        self.says.lock().unwrap().heard.iter().filter(|line| line.contains(path)).count()
    }
}

fn answer(mut stream: TcpStream, says: &Mutex<Says>) {
    let mut asked = String::new();
    let mut bytes = [0; 4096];
    while let Ok(count @ 1..) = stream.read(&mut bytes) {
        asked.push_str(&String::from_utf8_lossy(&bytes[..count]));
        let Some((head, body)) = asked.split_once("\r\n\r\n") else { continue };
        let length = head.to_lowercase().split_once("content-length: ").map_or(0, |(_, rest)| {
            rest.lines().next().unwrap_or_default().trim().parse().unwrap_or(0)
        });
        if length <= body.len() {
            break;
        }
    }
    let mut says = says.lock().unwrap();
    says.heard.push(asked.clone());
    let path = asked.split(' ').nth(1).unwrap_or_default();
    let said = match path {
        "/keys" => &says.keys,
        "/token" => &says.tokens,
        "/person" => &says.person,
        _ => &says.about,
    };
    let body = said.to_string();
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close";
    let _ = write!(stream, "{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
}

/// A token with this head and these claims, signed by `key`.
pub(super) fn token(head: &Json, claims: &Json, key: &KeyPair) -> String {
    let part = |value: &Json| URL_SAFE_NO_PAD.encode(value.to_string());
    let text = format!("{}.{}", part(head), part(claims));
    let signature = URL_SAFE_NO_PAD.encode(key.sign(text.as_bytes()).unwrap());
    format!("{text}.{signature}")
}
