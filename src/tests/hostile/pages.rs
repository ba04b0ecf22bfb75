//! What other people's pages and programs try with a browser that is signed in here.

use serde_json::json;

use crate::client::Client;
use crate::harness::{Hospital, Server};

/// Our own page's headers around a change.
fn change(server: &Server, cookie: &str, more: &[(&str, &str)]) -> u16 {
    let body = json!({"name": "Ward"}).to_string();
    let mut headers = vec![("cookie", cookie)];
    if !more.iter().any(|(name, _)| *name == "content-type") {
        headers.push(("content-type", "application/json"));
    }
    headers.extend(more);
    server.client().send("POST", "/api/v1/facilities", &headers, body.as_bytes()).status
}

fn cookie_of(client: &Client) -> String {
    format!("hf_session={}", client.token())
}

#[test]
fn only_our_own_page_can_change_anything_with_the_cookie() {
    let hospital = Hospital::open();
    let cookie = cookie_of(&hospital.admin);
    let own = format!("http://{}", hospital.server.address());
    let ours = ("x-healthflow-client", "web");
    for (headers, expected) in [
        // Our page: browsers say where it comes from, older ones less.
        (vec![ours], 201),
        (vec![ours, ("origin", own.as_str())], 201),
        (vec![ours, ("origin", &own), ("sec-fetch-site", "same-origin")], 201),
        // A form of another page, with and without what browsers tell of it.
        (vec![("content-type", "application/x-www-form-urlencoded")], 403),
        (vec![("content-type", "multipart/form-data; boundary=x")], 403),
        (vec![("content-type", "text/plain"), ("origin", "http://evil.example")], 403),
        (vec![("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")], 403),
        // Whoever got around the header is stopped by where they come from.
        (vec![ours, ("origin", "http://evil.example")], 403),
        (vec![ours, ("origin", "null")], 403),
        (vec![ours, ("origin", "")], 403),
        (vec![ours, ("origin", &own.replace("http://", "ftp://"))], 403),
        (vec![ours, ("origin", &format!("{own}0"))], 403),
        (vec![ours, ("origin", &format!("{own}.evil.example"))], 403),
        (vec![ours, ("sec-fetch-site", "cross-site")], 403),
        // Another service of the same host gets the cookie along, and no further.
        (vec![ours, ("sec-fetch-site", "same-site")], 403),
        // Text that a page may send unasked is no JSON, whatever is in it.
        (vec![ours, ("content-type", "text/plain")], 415),
        (vec![ours, ("content-type", "application/x-www-form-urlencoded")], 415),
    ] {
        assert_eq!(change(&hospital.server, &cookie, &headers), expected, "{headers:?}");
    }
}

#[test]
fn other_pages_cannot_even_look_with_the_cookie() {
    let hospital = Hospital::open();
    let cookie = cookie_of(&hospital.admin);
    let nobody = hospital.server.client();
    for (site, expected) in
        [("same-origin", 200), ("none", 200), ("cross-site", 403), ("same-site", 403)]
    {
        let headers = [("cookie", cookie.as_str()), ("sec-fetch-site", site)];
        let answer = nobody.send("GET", "/api/v1/patients", &headers, b"");
        assert_eq!(answer.status, expected, "{site}");
        assert_eq!(answer.header("access-control-allow-origin"), "", "nobody is let in so");
    }
    // Signing somebody else in needs a body that a page cannot send unasked.
    let body = br#"{"username":"admin","password":"x"}"#;
    for kind in ["text/plain", "application/x-www-form-urlencoded", ""] {
        let answer = nobody.send("POST", "/api/v1/sessions", &[("content-type", kind)], body);
        answer.expect_problem(415, "web.content_type");
        assert_eq!(answer.header("set-cookie"), "");
    }
    let asked = nobody.send(
        "OPTIONS",
        "/api/v1/patients",
        &[("origin", "http://evil.example"), ("access-control-request-method", "POST")],
        b"",
    );
    assert!(asked.headers.keys().all(|name| !name.as_str().starts_with("access-control")));
}

#[test]
fn a_name_that_somebody_else_pointed_here_shows_nothing() {
    let hospital = Hospital::open_with(&["--host-names", "his.korle.example"]);
    let nobody = hospital.server.client();
    for (host, path, expected) in [
        ("evil.example", "/", 421),
        ("evil.example", "/api/v1/setup", 421),
        ("evil.example:8475", "/api/v1/patients", 421),
        ("evil.example", "/ui/x/y", 421),
        ("127.0.0.1.evil.example", "/", 421),
        ("his.korle.example.evil.example", "/", 421),
        ("his.korle.example", "/", 200),
        ("HIS.korle.example:8475", "/", 200),
        ("localhost:1", "/", 200),
        ("his", "/", 200),
        ("10.1.2.3", "/", 200),
        ("[::1]:8475", "/", 200),
        // Balancers ask under any name.
        ("evil.example", "/api/health", 200),
        ("evil.example", "/api/health/ready", 200),
    ] {
        let answer = nobody.get_with(path, ("host", host));
        assert_eq!(answer.status, expected, "{host} {path}");
    }
    let problem = nobody.get_with("/api/v1/setup", ("host", "evil.example"));
    let problem = problem.expect_problem(421, "web.host");
    assert!(problem["detail"].as_str().unwrap().contains("host_names"), "{problem}");
    let seen = [("host", "evil.example"), ("accept", "text/html")];
    let page = nobody.send("GET", "/", &seen, b"");
    page.expect_status(421);
    assert!(page.text().contains("evil.example") && page.text().contains("host_names"));
    assert!(page.header("content-security-policy").starts_with("default-src 'none'"));
    let odd = [("host", "<script>.example"), ("accept", "text/html")];
    let page = nobody.send("GET", "/", &odd, b"");
    page.expect_status(421);
    assert!(!page.text().contains("script"), "{}", page.text());
    for (path, token) in [
        ("/", "Bearer x"),
        ("/api/v1/sessions/ways", "Bearer x"),
        ("/api/v1/setup", "Bearer x"),
        ("/api/v1/users", "x"),
    ] {
        let seen = [("host", "evil.example"), ("authorization", token)];
        nobody.send("GET", path, &seen, b"").expect_status(421);
    }
    // A program that has a token is no page.
    hospital.admin.get_with("/api/v1/users", ("host", "alias.korle.example")).expect_status(200);
}

#[test]
fn people_come_back_from_the_openid_provider_to_a_name_that_is_known_only() {
    let hospital = Hospital::open_with(&["--host-names", "his.korle.example"]);
    for (own, expected) in [
        ("https://evil.example", 422),
        ("https://his.korle.example.evil.example:8475", 422),
        ("https://his.korle.example", 200),
    ] {
        let settings = json!({
            "name": "Hospital ID", "issuer": "https://id.korle.example", "own_url": own,
            "client_id": "healthflow",
        });
        let body = json!({"client_secret": "typed once", "settings": settings}).to_string();
        let headers = [("content-type", "application/json"), ("if-match", "\"0\"")];
        let answer = hospital.admin.send("PUT", "/api/v1/openid", &headers, body.as_bytes());
        answer.expect_status(expected);
        let told = answer.text();
        let named = told.contains("\"own_url\"") && told.contains("host_names");
        assert_eq!(named, expected == 422, "{own}: {told}");
    }
}

#[test]
fn what_is_sent_here_never_acts_as_a_page() {
    let hospital = Hospital::open();
    let script = "<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>";
    let names = json!([{"family": "<img src=x onerror=alert(1)>", "given": ["Ada"]}]);
    let made = hospital.admin.register_as(&json!({"names": names}));
    let place = format!("/api/v1/patients/{}", made["id"].as_str().unwrap());
    let upload = "/api/v1/imports?name=picture.svg&source=x";
    let sent = [("content-type", "image/svg+xml")];
    let import = hospital.admin.send("POST", upload, &sent, script.as_bytes());
    let rejects = match import.status {
        201 | 202 => format!("/api/v1/imports/{}", import.data()["id"].as_str().unwrap()),
        _ => "/api/v1/imports".to_owned(),
    };
    for path in [place.as_str(), &rejects, "/api/v1/imports", "/favicon.ico", "/api/health"] {
        let answer = hospital.admin.get_with(path, ("accept", "text/html,image/svg+xml"));
        answer.expect_status(200);
        let kind = answer.header("content-type");
        assert!(!kind.contains("html"), "{path}: {kind}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        let policy = answer.header("content-security-policy");
        assert_eq!(policy, "default-src 'none'; frame-ancestors 'none'", "{path}");
        assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin", "{path}");
    }
    let page = hospital.server.client().get("/");
    let policy = page.header("content-security-policy");
    for part in
        ["frame-ancestors 'self'", "base-uri 'none'", "form-action 'self'", "connect-src 'self'"]
    {
        assert!(policy.contains(part), "{policy}");
    }
    assert!(page.header("permissions-policy").contains("camera=()"));
    assert_eq!(page.header("cross-origin-opener-policy"), "same-origin");
}
