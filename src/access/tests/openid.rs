//! Coming back from an OpenID provider that is hostile: every proof that does not hold is turned
//! away. That a real one is understood is tested in a browser.

use actix_web::test::TestRequest;
use rcgen::{KeyPair, PKCS_ED25519};
use serde_json::{Value as Json, json};

use super::directory::put;
use super::explain::run;
use super::provider::{Provider, token};
use super::{House, PASSWORD, Reply, account, open};
use crate::vocab::clock::Clock;

const SECRET: &str = "only this server knows it";

/// What becomes of the head and the claims of a proof at this second.
type Change = fn(&mut Json, &mut Json, i64);

/// Somebody who has begun to sign in.
struct Visit {
    cookie: String,
    state: String,
    nonce: String,
}

/// Asks to begin as a browser does that has this server as `host`.
async fn begin_at(house: &House, host: &str) -> Reply {
    let request = TestRequest::get().uri("/api/v1/sessions/openid");
    house.ask(request.insert_header(("host", host.to_owned()))).await.expect(303)
}

async fn begin(house: &House) -> Visit {
    let reply = begin_at(house, "localhost").await;
    let door = openidconnect::url::Url::parse(reply.header("location")).unwrap();
    let part = |name: &str| {
        let found = door.query_pairs().find(|(known, _)| known == name);
        found.map(|(_, value)| value.into_owned()).unwrap_or_default()
    };
    assert_eq!(part("code_challenge_method"), "S256");
    assert_eq!(part("redirect_uri"), "http://localhost/api/v1/sessions/openid/callback");
    let cookie = &cookies(&reply)[0];
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
    let cookie = cookie.split(';').next().unwrap().to_owned();
    Visit { cookie, state: part("state"), nonce: part("nonce") }
}

async fn come_back(house: &House, cookie: &str, query: &str) -> Reply {
    let path = format!("/api/v1/sessions/openid/callback?{query}");
    let request = TestRequest::get().uri(&path);
    let request = if cookie.is_empty() {
        request
    } else {
        request.insert_header(("cookie", cookie.to_owned()))
    };
    house.ask(request).await.expect(303)
}

fn cookies(reply: &Reply) -> Vec<String> {
    let all = reply.headers.get_all("set-cookie");
    all.map(|cookie| cookie.to_str().unwrap().to_owned()).collect()
}

/// The word that the page is told.
fn word(reply: &Reply) -> String {
    let place = reply.header("location");
    let signed_in = cookies(reply).iter().any(|cookie| cookie.starts_with("hf_session=hfs_"));
    let word = place.strip_prefix("/sign-in#openid=").unwrap().to_owned();
    assert_eq!(signed_in, word == "done", "{word}: {:?}", cookies(reply));
    word
}

fn claims(house: &House, provider: &Provider, visit: &Visit) -> Json {
    let now = house.clock.now().as_second();
    json!({
        "iss": provider.url, "sub": "person-1", "aud": "healthflow", "iat": now,
        "exp": now + 300, "nonce": visit.nonce, "preferred_username": "ama.openid",
        "name": "Ama Mensah", "groups": ["visitors", "nurses"],
    })
}

pub(super) fn settings(provider: &Provider) -> Json {
    json!({"client_secret": SECRET, "settings": {
        "enabled": true, "name": "Hospital ID", "issuer": provider.url,
        "own_url": "http://localhost", "client_id": "healthflow",
        "mapping": [{"group": "nurses", "role": "nurse"}],
    }})
}

pub(super) async fn with_provider() -> (House, String, Provider) {
    let (house, admin) = open().await;
    let provider = Provider::start();
    put(&house, &admin, "openid", &settings(&provider)).await.expect(200);
    (house, admin, provider)
}

/// Signs in with what `change` makes of a proof that would hold; the word for the page.
pub(super) async fn tried(
    house: &House,
    provider: &Provider,
    change: impl FnOnce(&mut Json, &mut Json),
) -> String {
    word(&came_back(house, provider, change).await)
}

async fn came_back(
    house: &House,
    provider: &Provider,
    change: impl FnOnce(&mut Json, &mut Json),
) -> Reply {
    let visit = begin(house).await;
    let mut head = json!({"alg": "EdDSA", "typ": "JWT", "kid": "one"});
    let mut said = claims(house, provider, &visit);
    change(&mut head, &mut said);
    let signed = token(&head, &said, &provider.key);
    provider.set(|says| says.tokens = tokens(&signed));
    come_back(house, &visit.cookie, &format!("code=c&state={}", visit.state)).await
}

/// The cookies of a browser whose person has come back.
pub(super) async fn signed_in(house: &House, provider: &Provider) -> String {
    let reply = came_back(house, provider, |_, _| {}).await;
    assert_eq!(word(&reply), "done");
    let all = reply.cookies();
    all.split("; ").filter(|it| !it.starts_with("hf_openid=")).collect::<Vec<_>>().join("; ")
}

fn tokens(id_token: &str) -> Json {
    json!({"access_token": "a", "token_type": "Bearer", "expires_in": 60, "id_token": id_token})
}

#[actix_web::test]
async fn a_proof_that_holds_lets_its_person_in_once() {
    let (house, admin, provider) = with_provider().await;
    let ways = house.get("", "sessions/ways").await.expect(200).body;
    assert_eq!(ways["data"]["openid"], json!({"name": "Hospital ID"}));
    let visit = begin(&house).await;
    let said = claims(&house, &provider, &visit);
    let signed = token(&json!({"alg": "EdDSA", "kid": "one"}), &said, &provider.key);
    provider.set(|says| says.tokens = tokens(&signed));
    let query = format!("code=c&state={}&iss={}", visit.state, provider.url);
    let reply = come_back(&house, &visit.cookie, &query).await;
    assert_eq!(word(&reply), "done");
    let cookies = cookies(&reply);
    let session = cookies.iter().find_map(|it| it.strip_prefix("hf_session=")).unwrap();
    let session = session.split(';').next().unwrap().to_owned();
    let me = house.get(&session, "sessions/current").await.expect(200).body;
    assert_eq!(me["data"]["user"]["role"], "nurse");
    assert_eq!(me["data"]["user"]["username"], "ama.openid");
    let users = house.get(&admin, "users").await.expect(200).body.to_string();
    assert!(users.contains("\"openid\"") && !users.contains("person-1"));
    assert_eq!(word(&come_back(&house, &visit.cookie, &query).await), "over", "a second time");
    assert_eq!(provider.heard("POST /token"), 1);
    house.sign_in("ama.openid", PASSWORD).await.expect(401);
    assert_eq!(tried(&house, &provider, |_, _| {}).await, "done");
    assert_eq!(house.count("app_user WHERE origin = 'openid'"), 1);
    assert_eq!(
        house.count("audit WHERE detail = 'sessions.openid.over'"),
        0,
        "anybody could fill it"
    );
}

#[actix_web::test]
async fn what_does_not_belong_to_the_browser_reaches_the_provider_not_at_all() {
    let (house, _, provider) = with_provider().await;
    let (mine, other) = (begin(&house).await, begin(&house).await);
    let query = |state: &str| format!("code=c&state={state}");
    for (cookie, query) in [
        ("", query(&mine.state)),
        (other.cookie.as_str(), query(&mine.state)),
        ("hf_openid=forged", query(&mine.state)),
        (mine.cookie.as_str(), query("guess")),
        (mine.cookie.as_str(), "code=c".to_owned()),
        (mine.cookie.as_str(), String::new()),
        (mine.cookie.as_str(), format!("{}&state=x", query(&mine.state))),
    ] {
        assert_eq!(word(&come_back(&house, cookie, &query).await), "over", "{query}");
    }
    let refused = format!("error=access_denied&state={}", mine.state);
    assert_eq!(word(&come_back(&house, &mine.cookie, &refused).await), "failed");
    let mixed = format!("{}&iss=https://other.example", query(&other.state));
    assert_eq!(word(&come_back(&house, &other.cookie, &mixed).await), "failed");
    let late = begin(&house).await;
    house.clock.set("2026-03-01T12:10:00Z");
    assert_eq!(word(&come_back(&house, &late.cookie, &query(&late.state)).await), "over");
    assert_eq!(provider.heard("POST /token"), 0);
}

#[actix_web::test]
async fn no_forged_or_stale_proof_lets_anybody_in() {
    let (house, admin, provider) = with_provider().await;
    let now = house.clock.now().as_second();
    let cases: [(&str, Change); 12] = [
        ("nonce", |_, said, _| said["nonce"] = json!("another")),
        ("no nonce", |_, said, _| drop(said.as_object_mut().unwrap().remove("nonce"))),
        ("expired", |_, said, now| said["exp"] = json!(now - 300)),
        ("old", |_, said, now| said["iat"] = json!(now - 3_600)),
        ("of tomorrow", |_, said, now| said["iat"] = json!(now + 3_600)),
        ("issuer", |_, said, _| said["iss"] = json!("https://id.example")),
        ("audience", |_, said, _| said["aud"] = json!("another")),
        ("audiences", |_, said, _| said["aud"] = json!(["healthflow", "another"])),
        ("azp", |_, said, _| said["azp"] = json!("another")),
        ("kid", |head, _, _| head["kid"] = json!("two")),
        ("alg none", |head, _, _| head["alg"] = json!("none")),
        ("at_hash", |_, said, _| said["at_hash"] = json!("another")),
    ];
    for (name, change) in cases {
        let word = tried(&house, &provider, |head, said| change(head, said, now)).await;
        assert_eq!(word, "failed", "{name}");
    }
    // No signature at all; one with the shared secret; one of another key under the same name.
    let none = |signed: &str| signed.rsplit_once('.').unwrap().0.to_owned() + ".";
    let stranger = KeyPair::generate_for(&PKCS_ED25519).unwrap();
    for case in 0..3 {
        let visit = begin(&house).await;
        let said = claims(&house, &provider, &visit);
        let forged = match case {
            0 => none(&token(&json!({"alg": "none"}), &said, &stranger)),
            1 => token(&json!({"alg": "HS256", "kid": "one"}), &said, &stranger),
            _ => token(&json!({"alg": "EdDSA", "kid": "one"}), &said, &stranger),
        };
        provider.set(|says| says.tokens = tokens(&forged));
        let query = format!("code=c&state={}", visit.state);
        assert_eq!(word(&come_back(&house, &visit.cookie, &query).await), "failed", "{case}");
    }
    assert_eq!(provider.heard("GET /keys"), 1, "keys that nobody knows do not make it ask");
    assert_eq!(house.count("app_user"), 1);
    assert_eq!(tried(&house, &provider, |_, _| {}).await, "done");
    let users = house.get(&admin, "users").await.expect(200).body;
    assert_eq!(users["data"].as_array().unwrap().len(), 2);
}

#[actix_web::test]
async fn who_has_no_group_or_no_fitting_name_is_told_so() {
    let (house, admin, provider) = with_provider().await;
    let none = |_: &mut Json, said: &mut Json| said["groups"] = json!(["Nurses"]);
    assert_eq!(tried(&house, &provider, none).await, "no_group");
    let unfit = |_: &mut Json, said: &mut Json| said["preferred_username"] = json!("Ama Mensah!");
    assert_eq!(tried(&house, &provider, unfit).await, "account_unfit");
    house.post(&admin, "users", &account("ama.openid", "nurse")).await.expect(201);
    assert_eq!(tried(&house, &provider, |_, _| {}).await, "name_taken");
    // What the proof does not say the provider is asked for, about the same person only.
    let bare = |_: &mut Json, said: &mut Json| {
        let said = said.as_object_mut().unwrap();
        said.remove("groups");
        said.remove("preferred_username");
    };
    let person = |sub: &str| json!({"sub": sub, "preferred_username": "zoe", "groups": "nurses"});
    provider.set(|says| says.person = person("person-2"));
    assert_eq!(tried(&house, &provider, bare).await, "failed");
    provider.set(|says| says.person = person("person-1"));
    assert_eq!(tried(&house, &provider, bare).await, "done");
    let users = house.get(&admin, "users").await.expect(200).body;
    let zoe = users["data"].as_array().unwrap().iter().find(|it| it["username"] == "zoe");
    let id = zoe.unwrap()["id"].as_str().unwrap().to_owned();
    house.patch(&admin, &format!("users/{id}"), &json!({"active": false})).await.expect(200);
    assert_eq!(tried(&house, &provider, bare).await, "disabled");
}

#[actix_web::test]
async fn a_provider_that_is_off_silent_or_unsafe_sends_nobody_anywhere() {
    let (house, admin) = open().await;
    let begun = |reply: Reply| word(&reply.expect(303));
    assert_eq!(begun(house.get("", "sessions/openid").await), "off");
    let provider = Provider::start();
    for (change, said) in [
        ("authorization_endpoint", "http://evil.example/door"),
        ("token_endpoint", "http://evil.example/token"),
        ("issuer", "https://id.example"),
        ("jwks_uri", "file:///etc/passwd"),
    ] {
        let about = provider.says.lock().unwrap().about.clone();
        provider.set(|says| says.about[change] = json!(said));
        let tried = house.post(&admin, "openid/test", &settings(&provider)).await.expect(200);
        let works = tried.body["data"]["works"] == true;
        // The address of tokens is looked at when something would be sent there.
        assert_eq!(works, change == "token_endpoint", "{change}: {}", tried.body);
        put(&house, &admin, "openid", &settings(&provider)).await.expect(200);
        match works {
            false => assert_eq!(begun(begin_at(&house, "localhost").await), "silent"),
            true => {
                let visit = begin(&house).await;
                let query = format!("code=c&state={}", visit.state);
                assert_eq!(word(&come_back(&house, &visit.cookie, &query).await), "silent");
            }
        }
        provider.set(|says| says.about = about);
    }
    let kept = house.get(&admin, "openid").await.expect(200).body;
    assert_eq!(kept["data"]["has_secret"], true);
    assert!(!kept.to_string().contains(SECRET));
    let mut elsewhere = settings(&Provider::start());
    elsewhere.as_object_mut().unwrap().remove("client_secret");
    let refused = put(&house, &admin, "openid", &elsewhere).await.expect(422);
    assert_eq!(refused.fields(), ["client_secret"]);
    house.sign_in("admin", PASSWORD).await.expect(201);
}

#[actix_web::test]
async fn whoever_begins_under_another_name_begins_where_the_provider_sends_them_back() {
    let (house, ..) = with_provider().await;
    for host in ["10.0.0.5:8475", "localhost:8475", "localhost.evil.example", ""] {
        let led = begin_at(&house, host).await;
        assert_eq!(led.header("location"), "http://localhost/api/v1/sessions/openid?here=true");
        assert!(cookies(&led).is_empty(), "{host}: {:?}", cookies(&led));
    }
    for host in ["localhost", "LOCALHOST:80"] {
        assert_eq!(cookies(&begin_at(&house, host).await).len(), 1, "{host}");
    }
    // A proxy that passes another host on leads nobody round in circles.
    let stays = house.get("", "sessions/openid?here=true").await.expect(303);
    assert!(stays.header("location").contains("code_challenge="), "{:?}", stays.headers);
    house.get("", "sessions/openid?here=false").await.expect(400);
}

#[actix_web::test]
async fn whoever_has_no_password_here_makes_a_token_only_just_after_signing_in() {
    let (house, _, provider) = with_provider().await;
    run(
        &house,
        "INSERT INTO role_permission (role_id, position, permission) \
        SELECT id, 900, 'tokens.write' FROM role WHERE code = 'nurse'",
    );
    let seat = signed_in(&house, &provider).await;
    let wanted = |name: &str| json!({"name": name, "scopes": ["patients.read"]});
    house.clock.set("2026-03-01T12:09:59Z");
    house.page(&seat, "tokens", &wanted("in time")).await.expect(201);
    house.clock.set("2026-03-01T12:10:00Z");
    let late = house.page(&seat, "tokens", &wanted("late")).await.expect(403);
    assert_eq!(late.code(), "access.sign_in_again");
    assert_eq!(house.count("api_token"), 1);
}
