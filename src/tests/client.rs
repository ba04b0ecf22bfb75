//! A small HTTP client: JSON in, status, headers and JSON out.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value as Json, json};
use ureq::http::{HeaderMap, Method, Request};

use super::harness::PATIENCE;

/// Talks to one server, perhaps as somebody.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    base: String,
    agent: ureq::Agent,
    token: Option<String>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Client {
    pub(crate) fn new(base: &str) -> Self {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(PATIENCE))
            .allow_non_standard_methods(true)
            .proxy(None)
            .build()
            .new_agent();
        Self { base: base.to_owned(), agent, token: None }
    }

    /// The same, carrying a bearer token.
    pub(crate) fn with_token(mut self, token: &str) -> Self {
        self.token = Some(token.to_owned());
        self
    }

    pub(crate) fn token(&self) -> &str {
        self.token.as_deref().expect("the client is signed in")
    }

    /// Sends anything.
    ///
    /// # Errors
    /// No answer came: the connection broke or was refused.
    pub(crate) fn try_send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<Answer, ureq::Error> {
        let method: Method = method.parse().unwrap();
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.base));
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut answer = self.agent.run(request.body(body).unwrap())?;
        let bytes = answer.body_mut().with_config().limit(64 << 20).read_to_vec()?;
        let (parts, _) = answer.into_parts();
        Ok(Answer { status: parts.status.as_u16(), headers: parts.headers, body: bytes })
    }

    pub(crate) fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        let answer = self.try_send(method, path, headers, body);
        answer.unwrap_or_else(|cause| panic!("{method} {path}: {cause}"))
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], b"")
    }

    pub(crate) fn get_with(&self, path: &str, header: (&str, &str)) -> Answer {
        self.send("GET", path, &[header], b"")
    }

    pub(crate) fn post(&self, path: &str, body: &Json) -> Answer {
        self.post_with(path, &[], body)
    }

    pub(crate) fn post_with(&self, path: &str, headers: &[(&str, &str)], body: &Json) -> Answer {
        let headers = [&[("content-type", "application/json")], headers].concat();
        self.send("POST", path, &headers, body.to_string().as_bytes())
    }

    /// Changes what had `version`.
    pub(crate) fn patch(&self, path: &str, version: i64, body: &Json) -> Answer {
        let tag = format!("\"{version}\"");
        let headers = [("content-type", "application/json"), ("if-match", &tag)];
        self.send("PATCH", path, &headers, body.to_string().as_bytes())
    }

    /// The ids that a search finds, best first.
    pub(crate) fn search(&self, text: &str) -> Vec<String> {
        let answer = self.get(&format!("/api/v1/patients?q={}", encoded(text)));
        answer.expect_status(200);
        let items = answer.json()["data"].as_array().unwrap().clone();
        items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
    }

    /// Registers somebody with these names; the resource.
    pub(crate) fn register(&self, given: &str, family: &str) -> Json {
        self.register_as(&person(given, family))
    }

    pub(crate) fn register_as(&self, body: &Json) -> Json {
        let answer = self.post("/api/v1/patients", body);
        answer.expect_status(201);
        answer.data()
    }
}

impl Answer {
    /// The body, which must be JSON.
    pub(crate) fn json(&self) -> Json {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("not JSON: {self:?}"))
    }

    /// What is under `data`.
    pub(crate) fn data(&self) -> Json {
        self.json()["data"].take()
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// A header as text, empty if absent.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    #[track_caller]
    pub(crate) fn expect_status(&self, status: u16) {
        assert_eq!(self.status, status, "{}", self.text());
    }

    /// It is a problem with this status and code that carries the id of its request.
    #[track_caller]
    pub(crate) fn expect_problem(&self, status: u16, code: &str) -> Json {
        self.expect_status(status);
        assert_eq!(self.header("content-type"), "application/problem+json");
        let problem = self.json();
        assert_eq!(problem["code"], code, "{problem}");
        assert_eq!(problem["status"], status);
        assert_eq!(problem["type"], format!("/problems/{code}"));
        assert_eq!(problem["request_id"], self.header("x-request-id"));
        assert_ne!(problem["detail"], "");
        problem
    }
}

/// A person to register, born on a day that nobody else asks for.
pub(crate) fn person(given: &str, family: &str) -> Json {
    json!({
        "names": [{"family": family, "given": given.split(' ').collect::<Vec<_>>()}],
        "birth_date": "1963-05-10", "sex": "female",
    })
}

/// `text` for the query of an address.
pub(crate) fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

/// Sends bytes as they are and gives what comes back until the server closes or is silent for
/// `wait`; the second says whether it closed.
pub(crate) fn raw(address: &str, bytes: &[u8], wait: Duration) -> (String, bool) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(wait)).unwrap();
    // The server may close before it has read all of it.
    let _ = stream.write_all(bytes);
    let mut answer = Vec::new();
    let mut chunk = [0; 4096];
    let closed = loop {
        match stream.read(&mut chunk) {
            Ok(0) => break true,
            Ok(count) => answer.extend_from_slice(&chunk[..count]),
            Err(cause) => break cause.kind() == std::io::ErrorKind::ConnectionReset,
        }
    };
    (String::from_utf8_lossy(&answer).into_owned(), closed)
}
