//! The door: who gets in, for how long, and what is refused on the way.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix_web::App;
use actix_web::body::to_bytes;
use actix_web::dev::Service;
use actix_web::http::header::HeaderMap;
use actix_web::middleware::from_fn;
use actix_web::test::{TestRequest, init_service};
use actix_web::web::Data;
use serde_json::{Value as Json, json};

use super::api::{Access, mount};
use super::directory::link::DirectoryLink;
use super::gate::Door;
use super::openid::link::OpenidLink;
use super::passwords::Passwords;
use super::secrets::Secrets;
use super::setup::SetupKey;
use crate::platform::ledger::Desk;
use crate::store::{Store, StoreError};
use crate::vocab::clock::{Clock, FrozenClock};
use crate::vocab::id::IdSource;
use crate::web::body::BodyLimit;
use crate::web::envelope::Bounds;
use crate::web::limits::Limiter;
use crate::web::origin::{Header, Proxies};
use crate::web::{Gate, envelope};

mod authenticator;
mod directory;
mod directory_settings;
mod guests;
mod explain;
mod giving;
mod hospital;
mod limits;
mod openid;
mod outranked;
mod passkeys;
mod provider;
mod roles;
mod second_factor;
mod second_factor_elsewhere;
mod sessions;
mod setting_up;
mod slapd;
mod staffed;
mod temporary;
mod tokens;
mod upgrade;
mod workstations;

const SECOND: Duration = Duration::from_secs(1);
const PASSWORD: &str = "correct horse battery";

struct House {
    desk: Desk,
    clock: FrozenClock,
    access: Data<Access>,
    gate: Data<Arc<dyn Gate>>,
    limiter: Data<Limiter>,
    proxies: Data<Proxies>,
    link: String,
}

struct Reply {
    status: u16,
    headers: HeaderMap,
    body: Json,
}

impl Reply {
    fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.body);
        self
    }

    fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    fn fields(&self) -> Vec<&str> {
        let errors = self.body["errors"].as_array().map_or(&[][..], Vec::as_slice);
        errors.iter().filter_map(|error| error["field"].as_str()).collect()
    }

    fn token(&self) -> String {
        self.body["token"].as_str().unwrap().to_owned()
    }

    /// The cookies that a browser would send from now on.
    fn cookies(&self) -> String {
        let set = self.headers.get_all("set-cookie").filter_map(|it| it.to_str().ok());
        let set: Vec<&str> = set.filter_map(|it| it.split(';').next()).collect();
        set.join("; ")
    }

    fn id(&self) -> String {
        self.body["data"]["id"].as_str().unwrap().to_owned()
    }
}

/// An empty database, with a set-up link.
fn empty() -> House {
    let clock = FrozenClock::at("2026-03-01T12:00:00Z");
    let shared: Arc<dyn Clock> = Arc::new(clock.clone());
    let desk = Desk::open(Store::scratch(), shared.clone(), IdSource::new(shared, 0), SECOND);
    let secrets = Secrets::new([7; 32]);
    super::roles::defaults::settle(&desk).unwrap();
    let access = Access {
        passwords: Passwords::start(1).unwrap(),
        slowing: crate::access::slowing::Slowing::default(),
        setup: SetupKey::default(),
        setup_file: std::path::PathBuf::new(),
        session_time: Duration::from_secs(3600),
        directory: DirectoryLink::start(&desk, &secrets).unwrap(),
        openid: OpenidLink::start(&desk, &secrets).unwrap(),
        secrets,
        begun: super::api::Begun::default(),
    };
    let link = access.setup.issue().unwrap();
    let gate: Arc<dyn Gate> = Arc::new(Door::new(desk.clone(), "control"));
    let (access, gate) = (Data::new(access), Data::new(gate));
    let limiter = Data::new(Limiter::new(true));
    let trusted = vec!["10.0.0.5/32".parse().unwrap()];
    let proxies = Data::new(Proxies::new(trusted, Header::XForwardedFor, 100));
    House { desk, clock, access, gate, limiter, proxies, link }
}

impl House {
    async fn ask(&self, request: TestRequest) -> Reply {
        let app = App::new()
            .app_data(Data::new(self.desk.clone()))
            .app_data(self.gate.clone())
            .app_data(self.access.clone())
            .app_data(self.limiter.clone())
            .app_data(self.proxies.clone())
            .app_data(Data::new(Bounds::new(30 * SECOND)))
            .app_data(Data::new(BodyLimit(4 << 10)))
            .wrap(from_fn(envelope::wrap))
            .configure(mount);
        let app = Rc::new(init_service(app).await);
        let answer = app.call(request.to_request()).await.unwrap();
        let status = answer.status().as_u16();
        let headers = answer.headers().clone();
        let bytes = to_bytes(answer.into_body()).await.unwrap_or_default();
        let body = serde_json::from_slice(&bytes).unwrap_or(Json::Null);
        Reply { status, headers, body }
    }

    async fn post(&self, token: &str, path: &str, body: &Json) -> Reply {
        let request = TestRequest::post().uri(&format!("/api/v1/{path}")).set_json(body);
        self.ask(signed(request, token)).await
    }

    async fn get(&self, token: &str, path: &str) -> Reply {
        self.ask(signed(TestRequest::get().uri(&format!("/api/v1/{path}")), token)).await
    }

    async fn delete(&self, token: &str, path: &str) -> Reply {
        self.ask(signed(TestRequest::delete().uri(&format!("/api/v1/{path}")), token)).await
    }

    async fn patch(&self, token: &str, path: &str, body: &Json) -> Reply {
        let now = self.get(token, path).await.expect(200).body["data"]["version"].clone();
        let request = TestRequest::patch().uri(&format!("/api/v1/{path}")).set_json(body);
        let request = request.insert_header(("if-match", format!("\"{now}\"")));
        self.ask(signed(request, token)).await
    }

    fn set_up_body(&self) -> Json {
        json!({
            "token": self.link, "hospital_name": "St. Brigid", "time_zone": "Africa/Accra",
            "username": "admin", "display_name": "A. Admin", "password": PASSWORD,
        })
    }

    /// What a page sends whose browser has these cookies.
    async fn page(&self, cookies: &str, path: &str, body: &Json) -> Reply {
        let request = TestRequest::post().uri(&format!("/api/v1/{path}")).set_json(body);
        self.ask(of_page(request, cookies)).await
    }

    async fn page_gets(&self, cookies: &str, path: &str) -> Reply {
        let request = TestRequest::get().uri(&format!("/api/v1/{path}"));
        self.ask(of_page(request, cookies)).await
    }

    async fn sign_in(&self, username: &str, password: &str) -> Reply {
        let body = json!({"username": username, "password": password});
        self.post("", "sessions", &body).await
    }

    fn count(&self, table: &str) -> i64 {
        let sql = format!("SELECT count(*) FROM {table}");
        let counted = self.desk.store().read(SECOND, |tx| tx.one(&sql, &[], |row| row.get(0)));
        counted.map_err(|cause: StoreError| cause).unwrap()
    }
}

fn of_page(request: TestRequest, cookies: &str) -> TestRequest {
    let request = request.insert_header(("x-healthflow-client", "ui"));
    let request = request.insert_header(("host", "healthflow.example"));
    if cookies.is_empty() { request } else { request.insert_header(("cookie", cookies)) }
}

fn signed(request: TestRequest, token: &str) -> TestRequest {
    match token {
        "" => request,
        token => request.insert_header(("authorization", format!("Bearer {token}"))),
    }
}

/// A hospital that is set up, and its administrator's session.
async fn open() -> (House, String) {
    let house = empty();
    let reply = house.post("", "setup", &house.set_up_body()).await.expect(201);
    let token = reply.token();
    (house, token)
}

fn account(username: &str, role: &str) -> Json {
    json!({
        "username": username, "display_name": username, "role": role, "password": PASSWORD,
    })
}

#[actix_web::test]
async fn wrong_names_and_wrong_passwords_are_refused_in_the_same_words() {
    let (house, _) = open().await;
    for (username, password) in [
        ("admin", "wrong horse battery"),
        ("nobody", PASSWORD),
        ("admin", ""),
        ("", ""),
        ("admin\u{0}", PASSWORD),
        ("admin", &"x".repeat(3_000)),
    ] {
        let reply = house.sign_in(username, password).await.expect(401);
        assert_eq!(reply.code(), "access.wrong_credentials");
        assert!(!reply.body.to_string().contains("horse"));
    }
    house.sign_in(" ADMIN ", PASSWORD).await.expect(201);
    for wrong in [json!({}), json!({"username": "admin"}), json!({"username": 1, "password": 2})] {
        house.post("", "sessions", &wrong).await.expect(422);
    }
    let unknown = json!({"username": "admin", "password": PASSWORD, "remember": true});
    house.post("", "sessions", &unknown).await.expect(422);
}

#[actix_web::test]
async fn a_session_ends_with_its_time_and_when_somebody_signs_out() {
    let (house, admin) = open().await;
    let token = house.sign_in("admin", PASSWORD).await.expect(201).token();
    let away = TestRequest::delete().uri("/api/v1/sessions/current");
    house.ask(signed(away, &token)).await.expect(204);
    house.get(&token, "sessions/current").await.expect(401);
    house.get(&admin, "sessions/current").await.expect(200);
    house.clock.set("2026-03-01T12:59:59Z");
    house.get(&admin, "sessions/current").await.expect(200);
    house.clock.set("2026-03-01T13:00:00Z");
    assert_eq!(house.get(&admin, "sessions/current").await.expect(401).code(), "access.sign_in");
    for forged in ["hfs_", "hfs_0", "x", "é"] {
        house.get(forged, "sessions/current").await.expect(401);
    }
}

#[actix_web::test]
async fn a_new_password_and_a_closed_account_end_the_sessions() {
    let (house, admin) = open().await;
    let id = house.post(&admin, "users", &account("nurse.joy", "nurse")).await.expect(201).id();
    let token = house.sign_in("nurse.joy", PASSWORD).await.expect(201).token();
    let new = json!({"password": "another long password"});
    for wrong in [json!({"password": "short"}), json!({})] {
        house.post(&admin, &format!("users/{id}/password"), &wrong).await.expect(422);
    }
    house.get(&token, "sessions/current").await.expect(200);
    house.post(&admin, &format!("users/{id}/password"), &new).await.expect(204);
    house.get(&token, "sessions/current").await.expect(401);
    house.sign_in("nurse.joy", PASSWORD).await.expect(401);
    let token = house.sign_in("nurse.joy", "another long password").await.expect(201).token();
    let path = format!("users/{id}");
    house.patch(&admin, &path, &json!({"active": false})).await.expect(200);
    house.get(&token, "sessions/current").await.expect(401);
    house.sign_in("nurse.joy", "another long password").await.expect(401);
    house.post(&admin, "users/usr_0000000000001/password", &new).await.expect(404);
}

#[actix_web::test]
async fn accounts_are_made_by_whoever_may_and_named_once() {
    let (house, admin) = open().await;
    let id = house.post(&admin, "users", &account("nurse.joy", "nurse")).await.expect(201).id();
    let accounts = house.count("app_user");
    for (field, wrong) in [
        ("username", json!("Nurse.JOY")),
        ("username", json!("a b")),
        ("username", json!("")),
        ("username", json!("nurse\u{212a}im")),
        ("display_name", json!("System\u{1b}[2Kadmin")),
        ("display_name", json!("System\u{202e}admin")),
        ("role", json!("surgeon")),
        ("display_name", Json::Null),
        ("password", json!("short")),
        ("password", Json::Null),
        ("password", json!(1234567890)),
        ("facility_id", json!("fac_0000000000001")),
        ("password_hash", json!("x")),
    ] {
        let mut body = account("other", "nurse");
        body[field] = wrong.clone();
        let reply = house.post(&admin, "users", &body).await;
        let told = format!("{field} {wrong} {}", reply.body);
        assert!(matches!(reply.status, 409 | 422), "{told}");
        assert_eq!(reply.fields(), [field], "{told}");
        assert!(!reply.body.to_string().contains("1234567890"), "{told}");
    }
    assert_eq!(house.count("app_user"), accounts);
    let nurse = house.sign_in("nurse.joy", PASSWORD).await.expect(201).token();
    house.post(&nurse, "users", &account("other", "nurse")).await.expect(403);
    house.get(&nurse, "users").await.expect(403);
    let shown = house.get(&admin, &format!("users/{id}")).await.expect(200);
    assert!(!shown.body.to_string().contains("argon2"), "{}", shown.body);
}

#[actix_web::test]
async fn the_last_administrator_stays_one() {
    let (house, admin) = open().await;
    let session = house.get(&admin, "sessions/current").await.expect(200);
    let path = format!("users/{}", session.body["data"]["user"]["id"].as_str().unwrap());
    for (field, change) in
        [("active", json!({"active": false})), ("role", json!({"role": "nurse"}))]
    {
        let reply = house.patch(&admin, &path, &change).await.expect(422);
        assert_eq!(reply.fields(), [field]);
    }
    house.post(&admin, "users", &account("second", "administrator")).await.expect(201);
    house.patch(&admin, &path, &json!({"role": "nurse"})).await.expect(200);
    assert_eq!(house.get(&admin, "users").await.expect(403).code(), "access.not_allowed");
}
