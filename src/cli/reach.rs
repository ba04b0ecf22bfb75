//! How a command reaches the hospital: through the server that runs on the data folder, or,
//! when none runs, through one that it starts for itself on a loopback port and stops again.
//! Either way it is the same API with the same rules and the same audit.

use std::io::Read;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::mpsc::channel;
use std::time::Duration;

use serde_json::Value as Json;
use tokio::sync::oneshot;

use super::failure::Failure;
use super::output::Output;
use crate::config::Config;
use crate::server::{House, OpenError, control, run as server};
use crate::store::{Missing, StoreError};
use crate::vocab::problem::FieldError;

/// The longest that one answer may take; imports are polled.
const ANSWER_MAX: Duration = Duration::from_secs(120);

/// A connection to the hospital's API as the command line of its machine.
#[derive(Debug)]
pub(super) struct Counter {
    base: String,
    token: String,
    agent: ureq::Agent,
}

/// Runs `job` with a connection to the hospital of `config`.
pub(super) fn with_counter<T>(
    config: &Config,
    output: &Output,
    job: impl FnOnce(&Counter) -> Result<T, Failure>,
) -> Result<T, Failure> {
    match House::open(config) {
        Ok(house) => {
            // Nobody logs here, and the next server will not know.
            if let Some(recovery) = house.desk.store().recovery() {
                output.warning(&format!("{recovery}."));
            }
            if let Some(missing) = house.desk.store().missing() {
                output.warning(&format!("{missing}. {}", Missing::mend()));
            }
            alone(&house, job)
        }
        Err(OpenError::Store(StoreError::Locked { .. })) => {
            let counter = Counter::of_running(config).ok_or_else(|| {
                let detail = "Another HealthFlow uses this data folder and does not say where \
                     it serves. It may just be starting: try again. If it stays so, its disk is \
                     full: see its log.";
                Failure::new("cli.server", detail)
            })?;
            job(&counter)
        }
        Err(cause) => Err(cause.into()),
    }
}

fn alone<T>(house: &House, job: impl FnOnce(&Counter) -> Result<T, Failure>) -> Result<T, Failure> {
    let listen = SocketAddr::new(Ipv4Addr::LOCALHOST.into(), 0);
    let (stop, stopped) = oneshot::channel();
    let (ready, told) = channel();
    std::thread::scope(|scope| {
        let server = scope.spawn(move || {
            server::serve(house, listen, Some(stopped), |now| {
                let _ = ready.send(now.address);
            })
        });
        let outcome = match told.recv_timeout(server::START_MAX) {
            Ok(address) => job(&Counter::new(address, house.control_token.clone())),
            Err(_) => Err(Failure::new("cli.server", "HealthFlow did not start.")),
        };
        let _ = stop.send(());
        match server.join() {
            Ok(Ok(())) => outcome,
            Ok(Err(cause)) => Err(cause.into()),
            Err(_) => Err(Failure::new("cli.server", "HealthFlow ended unexpectedly.")),
        }
    })
}

impl Counter {
    fn new(address: SocketAddr, token: String) -> Self {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(ANSWER_MAX))
            .proxy(None)
            .build()
            .new_agent();
        Self { base: format!("http://{address}"), token, agent }
    }

    /// To the server that runs on the data folder of `config`, if one has said so.
    pub(super) fn of_running(config: &Config) -> Option<Self> {
        let running = control::find(&config.data)?;
        Some(Self::new(running.address, running.token))
    }

    /// `GET path` gives the answer's JSON.
    pub(super) fn get(&self, path: &str) -> Result<Json, Failure> {
        let request = self.agent.get(format!("{}{path}", self.base));
        read(request.header("authorization", format!("Bearer {}", self.token)).call())
    }

    /// `GET path` gives an answer of any length to `take`, piece by piece, until it has had
    /// enough.
    pub(super) fn stream(
        &self,
        path: &str,
        mut take: impl FnMut(&[u8]) -> Result<bool, Failure>,
    ) -> Result<(), Failure> {
        let request = self.agent.get(format!("{}{path}", self.base));
        let request = request.config().timeout_global(None).build();
        let answer = request.header("authorization", format!("Bearer {}", self.token)).call();
        let mut answer = match answer {
            Ok(answer) if answer.status().is_success() => answer,
            refused => return read(refused).map(|_| ()),
        };
        let (mut body, mut piece) = (answer.body_mut().as_reader(), vec![0; 64 << 10]);
        loop {
            let length = body.read(&mut piece).map_err(|cause| {
                let detail = format!("The answer ended before its end: {cause}.");
                Failure::new("cli.server", detail)
            })?;
            if length == 0 || !take(&piece[..length])? {
                return Ok(());
            }
        }
    }

    /// `POST path` with `body` gives the answer's JSON, null if it has none.
    pub(super) fn post(&self, path: &str, body: &Json) -> Result<Json, Failure> {
        let request = self.agent.post(format!("{}{path}", self.base));
        let request = request.header("authorization", format!("Bearer {}", self.token));
        read(request.send_json(body))
    }

    /// `POST path` for what still has `version` gives the answer's JSON.
    pub(super) fn post_to(&self, path: &str, version: i64) -> Result<Json, Failure> {
        let request = self.agent.post(format!("{}{path}", self.base));
        let request = request.header("authorization", format!("Bearer {}", self.token));
        read(request.header("if-match", format!("\"{version}\"")).send_empty())
    }

    /// `PUT path` with `body`, based on `version`.
    pub(super) fn put(&self, path: &str, version: i64, body: &Json) -> Result<Json, Failure> {
        let request = self.agent.put(format!("{}{path}", self.base));
        let request = request.header("authorization", format!("Bearer {}", self.token));
        read(request.header("if-match", format!("\"{version}\"")).send_json(body))
    }

    /// `DELETE path`.
    pub(super) fn delete(&self, path: &str) -> Result<Json, Failure> {
        let request = self.agent.delete(format!("{}{path}", self.base));
        read(request.header("authorization", format!("Bearer {}", self.token)).call())
    }

    /// `PATCH path` with `body`, based on `version`.
    pub(super) fn patch(&self, path: &str, version: i64, body: &Json) -> Result<Json, Failure> {
        let request = self.agent.patch(format!("{}{path}", self.base));
        let request = request.header("authorization", format!("Bearer {}", self.token));
        read(request.header("if-match", format!("\"{version}\"")).send_json(body))
    }
}

fn read(answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Result<Json, Failure> {
    let mut answer = answer.map_err(|cause| {
        Failure::new("cli.server", format!("The running HealthFlow did not answer: {cause}."))
    })?;
    let status = answer.status();
    let text = answer.body_mut().read_to_string().unwrap_or_default();
    let json: Json = serde_json::from_str(&text).unwrap_or(Json::Null);
    if status.is_success() {
        return Ok(json);
    }
    let detail = json["detail"].as_str().unwrap_or("The server refused without saying why.");
    let fields = json["errors"].as_array().into_iter().flatten();
    let fields = fields.map(|field| {
        let text = |name: &str| field[name].as_str().unwrap_or_default().to_owned();
        FieldError::new(text("field"), text("message"))
    });
    Err(Failure::refused(json["code"].as_str().unwrap_or("cli.server"), detail, fields.collect()))
}
