//! What opens a door lies nowhere in clear: not in the data folder, not in what the program says.

use std::path::Path;

use data_encoding::BASE32_NOPAD;
use healthflow::vocab::clock::{Clock, SystemClock};
use serde_json::json;

use crate::client::{Answer, Client};
use crate::harness::{Hospital, PASSWORD};

const PIN: &str = "271828459";
const WRONG: &str = "a wrong password that stands nowhere";

#[test]
fn no_secret_of_the_door_is_in_the_data_folder_or_in_what_is_said() {
    let hospital = Hospital::open_with(&["--log-level", "debug"]);
    let nobody = hospital.server.client();
    let account = json!({
        "username": "joy", "display_name": "Joy", "role": "nurse", "password": PASSWORD,
    });
    hospital.admin.post("/api/v1/users", &account).expect_status(201);
    let seat = page(&nobody, "", "sessions", &json!({"username": "joy", "password": PASSWORD}));
    seat.expect_status(201);
    let cookies = cookies_of(&seat);
    page(&nobody, "", "sessions", &json!({"username": "joy", "password": WRONG}));
    let body = json!({"current_password": PASSWORD, "pin": PIN});
    page(&nobody, &cookies, "users/current/pin", &body).expect_status(204);
    let current = json!({"current_password": PASSWORD});
    let offer = page(&nobody, &cookies, "users/current/totp", &current).data();
    let key = offer["key"].as_str().unwrap().replace(' ', "");
    let secret = BASE32_NOPAD.decode(key.as_bytes()).unwrap();
    let body = json!({"offer": offer["offer"], "code": code(&secret)});
    let done = page(&nobody, &cookies, "users/current/totp/confirm", &body);
    done.expect_status(200);
    let codes = done.data()["recovery_codes"].clone();
    let recovery = codes[0].as_str().unwrap();
    let asked = nobody.post("/api/v1/sessions", &json!({"username": "joy", "password": PASSWORD}));
    let asked = asked.expect_problem(401, "access.second_factor");
    let challenge = asked["challenge"].as_str().unwrap();
    let body = json!({"challenge": challenge, "code": recovery});
    let opened = nobody.post("/api/v1/sessions/second-factor", &body);
    opened.expect_status(201);
    page(&nobody, &cookies, "sessions/current/lock", &json!({})).expect_status(204);
    let own = json!({"user_id": user_id(&opened), "pin": PIN});
    let back = page(&nobody, &cookies, "sessions/quick", &own);
    back.expect_status(201);
    let token = opened.json()["token"].as_str().unwrap().to_owned();
    let again = back.json()["token"].as_str().unwrap().to_owned();
    let place = cookies.split("hf_workstation=").nth(1).unwrap().to_owned();
    let said = hospital.server.stderr();
    let data = hospital.data();
    let Hospital { server, scratch, .. } = hospital;
    server.stop();
    let bytes = recovery.replace('-', "");
    let raw = BASE32_NOPAD.decode(bytes.as_bytes()).unwrap();
    let planted: [&[u8]; 12] = [
        PASSWORD.as_bytes(),
        WRONG.as_bytes(),
        PIN.as_bytes(),
        key.as_bytes(),
        &secret,
        recovery.as_bytes(),
        bytes.as_bytes(),
        &raw,
        challenge.as_bytes(),
        token.as_bytes(),
        again.as_bytes(),
        place.as_bytes(),
    ];
    let mut files = 0;
    each_file(&data, &mut |path, content| {
        files += 1;
        for (at, secret) in planted.iter().enumerate() {
            let found = content.windows(secret.len()).any(|window| window == *secret);
            assert!(!found, "secret {at} stands in {}", path.display());
        }
    });
    assert!(5 < files, "{files}");
    for (at, secret) in planted.iter().enumerate() {
        let secret = String::from_utf8_lossy(secret);
        assert!(!said.contains(&*secret), "secret {at} was said");
    }
    drop(scratch);
}

fn user_id(opened: &Answer) -> String {
    opened.json()["data"]["user"]["id"].as_str().unwrap().to_owned()
}

/// What a page sends whose browser has these cookies.
fn page(client: &Client, cookies: &str, path: &str, body: &serde_json::Value) -> Answer {
    let headers = [("x-healthflow-client", "ui"), ("cookie", cookies)];
    let headers = if cookies.is_empty() { &headers[..1] } else { &headers[..] };
    client.post_with(&format!("/api/v1/{path}"), headers, body)
}

fn cookies_of(answer: &Answer) -> String {
    let set = answer.headers.get_all("set-cookie").iter();
    let set = set.map(|it| it.to_str().unwrap().split(';').next().unwrap().to_owned());
    set.collect::<Vec<_>>().join("; ")
}

/// What an app shows now.
fn code(secret: &[u8]) -> String {
    let secret = totp_rs::Secret::new_stack(secret.try_into().unwrap());
    let app = totp_rs::Builder::new().with_secret(secret).build().unwrap();
    app.generate(u64::try_from(SystemClock.now().as_second()).unwrap()).to_string()
}

fn each_file(folder: &Path, seen: &mut impl FnMut(&Path, &[u8])) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => each_file(&path, seen),
            false => seen(&path, &std::fs::read(&path).unwrap()),
        }
    }
}
