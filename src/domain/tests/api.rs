//! The hospital's routes over a scratch store, asked as a caller would.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix_web::body::to_bytes;
use actix_web::dev::Service;
use actix_web::middleware::from_fn;
use actix_web::test::{TestRequest, init_service};
use actix_web::web::{Data, ServiceConfig};
use actix_web::{App, http::Method};
use serde_json::{Value as Json, json};

use crate::access::gate::{Door, command_line};
use crate::access::hospital::Hospital;
use crate::access::{sessions, setup, users};
use crate::domain::patients::{Directory, Shelves};
use crate::platform::ledger::{Desk, RecordError, Work};
use crate::platform::resource::form::Form;
use crate::platform::search::Search;
use crate::store::{ReadTx, Store, StoreError};
use crate::vocab::actor::Call;
use crate::vocab::clock::{Clock, FrozenClock};
use crate::vocab::id::IdSource;
use crate::web::body::BodyLimit;
use crate::web::{Gate, envelope};

/// The most bytes of a body in these tests.
pub(super) const BODY_MAX: usize = 64 << 10;
/// The present in these tests.
pub(super) const NOW: &str = "2026-03-01T12:00:00Z";
pub(super) const SECOND: Duration = Duration::from_secs(1);

type Answering = Pin<Box<dyn Future<Output = Reply>>>;

/// A set-up hospital with one account for each role, and its routes.
pub(super) struct House {
    pub(super) desk: Desk,
    pub(super) clock: FrozenClock,
    answer: Box<dyn Fn(TestRequest) -> Answering>,
}

/// What came back.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) etag: Option<String>,
    pub(super) body: Json,
}

impl Reply {
    /// The record's fields.
    pub(super) fn data(&self) -> &Json {
        &self.body["data"]
    }

    pub(super) fn id(&self) -> String {
        self.data()["id"].as_str().unwrap_or_default().to_owned()
    }

    pub(super) fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }

    /// The fields that were refused.
    pub(super) fn fields(&self) -> Vec<&str> {
        let errors = self.body["errors"].as_array().map_or(&[][..], Vec::as_slice);
        errors.iter().filter_map(|error| error["field"].as_str()).collect()
    }

    /// The same, which must have been answered with `status`.
    pub(super) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{:?}", self.body);
        self
    }
}

impl House {
    pub(super) async fn open() -> Self {
        Self::open_with(|_| {}).await
    }

    /// The same with routes beside those of the product.
    pub(super) async fn open_with(also: fn(&mut ServiceConfig)) -> Self {
        let frozen = FrozenClock::at(NOW);
        let clock: Arc<dyn Clock> = Arc::new(frozen.clone());
        let store = Store::scratch();
        let desk = Desk::open(store.clone(), clock.clone(), IdSource::new(clock, 0), 2 * SECOND);
        crate::access::roles::defaults::settle(&desk).unwrap();
        desk.write_blocking(&Call::new(command_line(), "setup"), "setup", people).unwrap();
        let gate: Arc<dyn Gate> = Arc::new(Door::new(desk.clone(), "control"));
        let directory = Data::new(Directory::open(store, Search::in_memory()).unwrap());
        let app = App::new()
            .app_data(Data::new(desk.clone()))
            .app_data(Data::new(gate))
            .app_data(directory)
            .app_data(Data::new(Shelves::new(&desk)))
            .app_data(Data::new(BodyLimit(BODY_MAX)))
            .wrap(from_fn(envelope::wrap))
            .configure(crate::domain::mount)
            .configure(also);
        let app = Rc::new(init_service(app).await);
        let answer = Box::new(move |request: TestRequest| -> Answering {
            let app = Rc::clone(&app);
            Box::pin(async move {
                let answer = app.call(request.to_request()).await.unwrap();
                let status = answer.status().as_u16();
                let header = |name: &str| {
                    let value = answer.headers().get(name)?;
                    value.to_str().ok().map(str::to_owned)
                };
                let (etag, kind) = (header("etag"), header("content-type"));
                let bytes = to_bytes(answer.into_body()).await.unwrap_or_default();
                if 400 <= status {
                    assert_eq!(kind.as_deref(), Some("application/problem+json"), "{bytes:?}");
                }
                let body = serde_json::from_slice(&bytes).unwrap_or(Json::Null);
                Reply { status, etag, body }
            })
        });
        Self { desk, clock: frozen, answer }
    }

    /// A request as it stands, signed by nobody.
    pub(super) async fn ask(&self, request: TestRequest) -> Reply {
        (self.answer)(request).await
    }

    pub(super) async fn get_as(&self, role: &str, path: &str) -> Reply {
        let request = TestRequest::get().uri(&format!("/api/v1/{path}"));
        self.ask(request.insert_header(bearer(role))).await
    }

    pub(super) async fn get(&self, path: &str) -> Reply {
        self.get_as("administrator", path).await
    }

    pub(super) async fn post_as(&self, role: &str, path: &str, body: &Json) -> Reply {
        let request = TestRequest::post().uri(&format!("/api/v1/{path}"));
        self.ask(request.insert_header(bearer(role)).set_json(body)).await
    }

    pub(super) async fn post(&self, path: &str, body: &Json) -> Reply {
        self.post_as("administrator", path, body).await
    }

    pub(super) async fn patch_as(
        &self,
        role: &str,
        path: &str,
        version: i64,
        body: &Json,
    ) -> Reply {
        let request = TestRequest::patch().uri(&format!("/api/v1/{path}"));
        let request = request.insert_header(("if-match", format!("\"{version}\"")));
        self.ask(request.insert_header(bearer(role)).set_json(body)).await
    }

    /// A change of the record as it stands now.
    pub(super) async fn patch(&self, path: &str, body: &Json) -> Reply {
        let version = self.get(path).await.data()["version"].as_i64().unwrap();
        self.patch_as("administrator", path, version, body).await
    }

    /// A request of any method with raw bytes and headers.
    pub(super) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&'static str, &str)],
        body: &[u8],
    ) -> Reply {
        let mut request = TestRequest::with_uri(&format!("/api/v1/{path}")).method(method);
        request = request.insert_header(bearer("administrator")).set_payload(body.to_vec());
        for header in headers {
            request = request.insert_header(*header);
        }
        self.ask(request).await
    }

    pub(super) fn read<T>(&self, look: impl Fn(&ReadTx<'_>) -> Result<T, StoreError>) -> T {
        self.desk.store().read(30 * SECOND, look).unwrap()
    }

    /// Rows of all tables that a change may write, so that nothing half-written goes unseen.
    pub(super) fn weight(&self) -> Vec<i64> {
        let tables = crate::domain::ALL.iter().flat_map(|resource| {
            let children = resource.children.iter().map(|child| child.table);
            std::iter::once(resource.table).chain(children)
        });
        let tables: Vec<_> = tables.chain(["history", "outbox", "idempotency"]).collect();
        self.read(|tx| {
            let count = |table: &&str| {
                tx.one(&format!("SELECT count(*) FROM {table}"), &[], |row| row.get(0))
            };
            tables.iter().map(count).collect()
        })
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.desk.close();
    }
}

/// The header of the session of `role`.
pub(super) fn bearer(role: &str) -> (&'static str, String) {
    ("authorization", format!("Bearer session-of-{role}"))
}

/// The hospital, and an account with an open session for each role.
fn people(work: &Work<'_>) -> Result<(), RecordError> {
    let hospital = Hospital { name: "St. Brigid".to_owned(), time_zone: "UTC".to_owned() };
    setup::first_facility(work, &hospital).unwrap();
    for role in crate::access::roles::BUILT_IN.iter().map(|role| role.code) {
        let fields = json!({"username": role, "display_name": role, "role": role});
        let form = Form::read(&users::USERS, fields.as_object().unwrap(), work.zone())?;
        let id = users::add(work, form, "no password")?;
        sessions::open(work, id, &format!("session-of-{role}"), i64::MAX, &Default::default())
            .unwrap();
    }
    Ok(())
}
