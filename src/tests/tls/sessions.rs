//! Pages, sessions and the command line over an encrypted connection.

use futures_util::{SinkExt, StreamExt};
use healthflow::server::control;
use serde_json::json;
use std::sync::Arc;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use super::client::Secure;
use crate::client::Client;
use crate::harness::{PASSWORD, Scratch, Server, run};

#[test]
fn the_cookie_of_an_encrypted_session_belongs_to_this_host_alone() {
    let scratch = Scratch::new();
    let server = Server::start(&scratch.data(), &["--tls", "on"]);
    let client = Secure::of(&server, &scratch.data());
    let signed = client.set_up(&server);
    let set = signed.header("set-cookie");
    for part in ["__Host-hf_session=", "Secure", "HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(set.contains(part), "{part}: {set}");
    }
    assert!(!set.contains("Domain"), "{set}");
    let cookie = set.split(';').next().unwrap();
    let own = "/api/v1/sessions/current";
    assert_eq!(client.get(own, &[("cookie", cookie)]).status, 200);
    let plain = cookie.replace("__Host-", "");
    assert_eq!(client.get(own, &[("cookie", &plain)]).status, 401, "anybody could set that one");
    let out = client.ask(
        "DELETE",
        own,
        &[("cookie", cookie), ("x-healthflow-client", "web"), ("origin", &origin(&client))],
        "",
    );
    assert_eq!(out.status, 204, "{out:?}");
    assert!(out.header("set-cookie").starts_with("__Host-hf_session=;"), "{out:?}");
    assert!(out.header("set-cookie").contains("Secure"), "or the browser keeps it: {out:?}");
    for path in ["/", "/api/health", "/ui/x", "/api/v1/patients"] {
        let told = client.get(path, &[]);
        assert_eq!(told.header("strict-transport-security"), "max-age=86400", "{path}");
    }
}

fn origin(client: &Secure) -> String {
    format!("https://{}", client.host())
}

#[test]
fn nobody_is_told_to_come_encrypted_where_that_is_switched_off() {
    let scratch = Scratch::new();
    let server = Server::start(&scratch.data(), &["--tls", "on", "--tls-hsts-days", "0"]);
    let client = Secure::of(&server, &scratch.data());
    assert_eq!(client.get("/", &[]).header("strict-transport-security"), "");
    let plain = Scratch::new();
    let server = Server::start(&plain.data(), &[]);
    assert_eq!(server.client().get("/").header("strict-transport-security"), "");
}

#[test]
fn the_command_line_reaches_an_encrypted_server_and_nobody_else_its_way() {
    let scratch = Scratch::new();
    let data = scratch.data();
    let server = Server::start(&data, &["--tls", "on"]);
    let added = run(
        &["user", "add", "ama", "--role", "administrator", "--password-stdin"],
        &data,
        PASSWORD,
    );
    assert_eq!(added.code, Some(0), "{added:?}");
    let doctor = run(&["doctor", "--tls", "on"], &data, "").stdout;
    assert!(doctor.contains(&format!("{} is served by", server.address())), "{doctor}");
    assert!(doctor.contains("certificate") && doctor.contains("localhost"), "{doctor}");
    let running = control::find(&data).unwrap();
    assert!(running.address.ip().is_loopback());
    let stranger = Client::new(&format!("http://{}", running.address));
    for path in ["/", "/api/health", "/api/v1/setup", "/ca.crt", "/api/v1/patients"] {
        stranger.get(path).expect_problem(403, "server.counter");
    }
    // An account's session is no way in either.
    let client = Secure::of(&server, &data);
    let signed =
        client.post("/api/v1/sessions", &[], &json!({"username": "ama", "password": PASSWORD}));
    let token = signed.json()["token"].as_str().unwrap().to_owned();
    let account = stranger.clone().with_token(&token);
    account.get("/api/v1/sessions/current").expect_problem(403, "server.counter");
    stranger.with_token(&running.token).get("/api/v1/users").expect_status(200);
    server.stop();
}

#[test]
fn an_open_screen_is_told_over_an_encrypted_websocket() {
    let scratch = Scratch::new();
    let server = Server::start(&scratch.data(), &["--tls", "on"]);
    let client = Secure::of(&server, &scratch.data());
    let cookie = client.set_up(&server).header("set-cookie").split(';').next().unwrap().to_owned();
    let connect = |origin: String| {
        let (client, cookie) = (client.clone(), cookie.clone());
        async move {
            let tcp = tokio::net::TcpStream::connect(&client.address).await.unwrap();
            let connector = tokio_rustls::TlsConnector::from(Arc::clone(&client.config));
            let stream = connector.connect("localhost".try_into().unwrap(), tcp).await.unwrap();
            let place = format!("wss://{}/api/v1/live", client.host());
            let mut request = place.into_client_request().unwrap();
            for (name, value) in [("cookie", cookie), ("origin", origin)] {
                request.headers_mut().insert(name, value.parse().unwrap());
            }
            tokio_tungstenite::client_async(request, stream).await
        }
    };
    actix_web::rt::System::new().block_on(async {
        let foreign = ["https://evil.example".to_owned(), format!("http://{}", client.host())];
        for origin in foreign {
            let refused = connect(origin.clone()).await.unwrap_err().to_string();
            assert!(refused.contains("403"), "{origin}: {refused}");
        }
        let (mut screen, _) = connect(origin(&client)).await.unwrap();
        let hello = screen.next().await.unwrap().unwrap();
        assert!(hello.to_string().contains("hello"), "{hello}");
        let follow = json!({"subscribe": ["facilities"], "since": null}).to_string();
        screen.send(Message::text(follow)).await.unwrap();
        let body = json!({"name": "Ward B"});
        let headers = [
            ("cookie", cookie.as_str()),
            ("x-healthflow-client", "web"),
            ("origin", &origin(&client)),
        ];
        // The subscription is in force before the change: both go through one place.
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        let made = client.post("/api/v1/facilities", &headers, &body);
        assert_eq!(made.status, 201, "{made:?}");
        let told = loop {
            let message = screen.next().await.unwrap().unwrap().to_string();
            if message.contains("facilit") {
                break message;
            }
        };
        assert!(told.contains("created"), "{told}");
    });
}
