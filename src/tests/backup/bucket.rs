//! Backups in S3-compatible storage: all that a folder does, from the setting to the worst day.

use std::io::Read;

use healthflow::backup::target::TargetError;
use serde_json::{Value as Json, json};

use super::storage::{BUCKET, KEY, PREFIX, SECRET, Storage, bucket, claim};
use super::{backups, done, finds, new_key, plan, prove, put_plan, standing, work};
use crate::client::{Answer, Client};
use crate::harness::{Hospital, PASSWORD, Scratch, Server, program, run, sign_in};

pub(super) fn set_bucket(admin: &Client, endpoint: &str) -> Answer {
    let body = json!({
        "bucket": bucket(endpoint), "secret_key": SECRET, "current_password": PASSWORD,
    });
    put_plan(admin, &plan(admin), &body)
}

/// A hospital whose backups go to the bucket behind `endpoint`, and the key of its sheet.
pub(super) fn backed(endpoint: &str) -> (Hospital, String) {
    let hospital = Hospital::open();
    set_bucket(&hospital.admin, endpoint).expect_status(200);
    let key = new_key(&hospital.admin);
    prove(&hospital.admin, &key).expect_status(200);
    (hospital, key)
}

/// Restores from the bucket with the two secrets on standard input.
pub(super) fn restore(
    endpoint: &str,
    key: &str,
    flags: &[&str],
    into: &Scratch,
) -> crate::harness::Ended {
    let from = format!("s3://{BUCKET}/{PREFIX}");
    let arguments = ["restore", "--json", "--from", &from, "--endpoint", endpoint];
    let arguments = [&arguments[..], &["--access-key", KEY], flags].concat();
    run(&arguments, &into.data(), &format!("{SECRET}\n{key}\n"))
}

fn random(length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    getrandom::fill(&mut bytes).unwrap();
    bytes
}

#[test]
fn a_hospital_comes_back_on_a_new_machine_from_a_bucket_and_the_sheet() {
    let storage = Storage::start();
    let (hospital, key) = backed(&storage.endpoint());
    let admin = &hospital.admin;
    admin.register("Abena", "Qbefore");
    assert_eq!(standing(admin), "none");
    assert!(done(admin, "backup").contains("was read back and is whole"));
    assert!(done(admin, "backup_drill").contains("is whole"));
    assert_eq!(standing(admin), "ok");
    let name = backups(admin)[0]["name"].as_str().unwrap().to_owned();

    // The secret from the environment, and from a file, for a list, which needs no key.
    let elsewhere = Scratch::new();
    let from = format!("s3://{BUCKET}/{PREFIX}");
    let output = program(&["restore", "--list", "--json", "--from", &from, "--data"])
        .arg(elsewhere.data())
        .env("AWS_ENDPOINT_URL", storage.endpoint())
        .env("AWS_ACCESS_KEY_ID", KEY)
        .env("AWS_SECRET_ACCESS_KEY", SECRET)
        .output()
        .unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && told.contains(&name), "{told}");
    let file = elsewhere.path().join("secret");
    std::fs::write(&file, format!("{SECRET}\n")).unwrap();
    let by_file = ["--list", "--secret-file", file.to_str().unwrap()];
    let listed = restore(&storage.endpoint(), &key, &by_file, &elsewhere);
    assert_eq!(listed.json()["data"][0]["name"], name.as_str(), "{listed:?}");

    let ended = restore(&storage.endpoint(), &key, &["--backup", &name], &elsewhere);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let server = Server::start(&elsewhere.data(), &[]);
    let client = sign_in(&server, "admin");
    finds(&client, "Qbefore");
    // What the storage is asked with came along, sealed; the mark keeps the copy from writing.
    let job = work(&client, "backup");
    assert!(job["error_detail"].as_str().unwrap().contains("another copy"), "{job}");
    done(admin, "backup");
    let same = json!({"bucket": bucket(&storage.endpoint()), "current_password": PASSWORD});
    put_plan(&client, &plan(&client), &same).expect_status(200);
    assert!(done(&client, "backup").contains("is whole"), "the new one takes over");
    let job = work(admin, "backup");
    assert!(job["error_detail"].as_str().unwrap().contains("another copy"), "{job}");
    server.stop();
    let other = Hospital::open();
    let refused = set_bucket(&other.admin, &storage.endpoint());
    let problem = refused.expect_problem(422, "record.invalid");
    assert!(problem["errors"][0]["message"].as_str().unwrap().contains("another hospital"));
}

/// The only field that is refused, and the words.
fn refusal(answer: &Answer) -> (String, String) {
    let problem = answer.expect_problem(422, "record.invalid");
    let one = &problem["errors"][0];
    let text = |name: &str| one[name].as_str().unwrap().to_owned();
    (text("field"), text("message"))
}

#[test]
fn what_is_wrong_with_storage_names_the_field_and_the_mend_and_nothing_is_kept() {
    let storage = Storage::start();
    let hospital = Hospital::open();
    let admin = &hospital.admin;
    let nobody = format!("http://127.0.0.1:{}", free_port());
    let changed = |name: &str, value: &str| {
        let mut bucket = bucket(&storage.endpoint());
        bucket[name] = json!(value);
        bucket
    };
    for (bucket, secret, field, part) in [
        (changed("name", BUCKET), "wrong", "secret_key", "does not fit"),
        (changed("access_key", "AKOTHER"), SECRET, "bucket.access_key", "does not know"),
        (changed("name", "elsewhere"), SECRET, "bucket.name", "no such bucket"),
        (changed("endpoint", &nobody), SECRET, "bucket.endpoint", "nobody answers"),
        (changed("endpoint", "http://10.0.0.1"), SECRET, "bucket.endpoint", "https://"),
        (changed("endpoint", &hospital.server.url), SECRET, "bucket.endpoint", "S3"),
        (changed("prefix", "a/../b"), SECRET, "bucket.prefix", "letters"),
        (changed("name", BUCKET), "", "secret_key", "Type the secret key"),
    ] {
        let body = json!({"bucket": bucket, "secret_key": secret, "current_password": PASSWORD});
        let refused = put_plan(admin, &plan(admin), &body);
        let (named, words) = refusal(&refused);
        assert_eq!(named, field, "{words}");
        assert!(words.contains(part), "{field}: {words}");
        assert_eq!(plan(admin)["bucket"], Json::Null);
    }
    let both = json!({
        "folder": "/mnt/backup", "bucket": bucket(&storage.endpoint()), "secret_key": SECRET,
        "current_password": PASSWORD,
    });
    assert_eq!(refusal(&put_plan(admin, &plan(admin), &both)).0, "folder");

    set_bucket(admin, &storage.endpoint()).expect_status(200);
    let told = plan(admin);
    assert_eq!((&told["has_secret"], &told["bucket"]["name"]), (&json!(true), &json!(BUCKET)));
    // The secret stays for the same storage only.
    let mut body = json!({
        "bucket": bucket(&storage.endpoint()), "keep": {"daily": 3}, "current_password": PASSWORD,
    });
    put_plan(admin, &plan(admin), &body).expect_status(200);
    body["bucket"]["endpoint"] = json!(nobody);
    assert_eq!(refusal(&put_plan(admin, &plan(admin), &body)).0, "secret_key");
    let audit = admin.get("/api/v1/audit?limit=100").text();
    for text in [told.to_string(), audit, hospital.server.stderr()] {
        assert!(!text.contains(SECRET) && !text.contains("X-Amz"), "{text}");
    }
    let (_, scratch) = hospital.stop_and_open_store();
    let bytes = std::fs::read(scratch.data().join("healthflow.db")).unwrap();
    assert!(!bytes.windows(SECRET.len()).any(|window| window == SECRET.as_bytes()));
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[test]
fn the_command_line_sets_a_bucket_and_never_takes_its_secret_as_an_argument() {
    let storage = Storage::start();
    let hospital = Hospital::open();
    let place = format!("s3://{BUCKET}/{PREFIX}");
    let arguments = ["backup", "to", &place, "--endpoint", &storage.endpoint(), "--json"];
    let arguments = [&arguments[..], &["--access-key", KEY]].concat();
    let wrong = run(&arguments, &hospital.data(), "wrong\n");
    assert!(wrong.stderr.contains("secret_key"), "{wrong:?}");
    let ended = run(&arguments, &hospital.data(), &format!("{SECRET}\n"));
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(ended.json()["data"]["bucket"]["prefix"], PREFIX);
    assert_eq!(plan(&hospital.admin)["has_secret"], true);
    let lacking = run(&["backup", "to", &place, "--json"], &hospital.data(), "");
    assert_eq!(lacking.code, Some(2), "{lacking:?}");
    assert!(lacking.stderr.contains("--endpoint"), "{lacking:?}");
    let help = run(&["restore", "--help"], &hospital.data(), "").stdout;
    assert!(help.contains("--secret-file") && !help.contains("--secret-key"), "{help}");
}

#[test]
fn large_files_go_and_come_in_parts_and_long_lists_in_pages() {
    let storage = Storage::start();
    let target = storage.target();
    for length in [0, 1, 16 << 20, (16 << 20) + 1, (40 << 20) + 7] {
        let bytes = random(length);
        target.put("files/large", &mut |file| file.write_all(&bytes)).unwrap();
        let mut read = Vec::new();
        let mut stored = target.open("files/large").unwrap().unwrap();
        stored.read_to_end(&mut read).unwrap();
        stored.check().unwrap();
        assert!(read == bytes, "{length} bytes");
    }
    let too_long = target.get("files/large", 1_000).unwrap_err();
    assert!(too_long.to_string().contains("larger"), "{too_long}");
    // What the writing says leaves nothing, however far it came.
    for length in [1_usize, 20 << 20] {
        let refused = target.put("files/none", &mut |file| {
            file.write_all(&random(length))?;
            Err(std::io::Error::other("the source is gone"))
        });
        assert!(refused.unwrap_err().to_string().contains("the source is gone"));
        assert!(target.open("files/none").unwrap().is_none());
    }
    let many = storage.file("log/chain");
    std::fs::create_dir_all(&many).unwrap();
    for number in 0..2_345 {
        std::fs::write(many.join(format!("{number:08}.hfl")), b"x").unwrap();
    }
    target.put("log/chain-2", &mut |file| file.write_all(b"x")).unwrap();
    let names = target.list("log/chain").unwrap();
    assert_eq!((names.len(), names[2_344].as_str()), (2_345, "00002344.hfl"));
    assert_eq!(target.list("log").unwrap(), ["chain", "chain-2"]);
    assert_eq!(target.list("nowhere").unwrap(), Vec::<String>::new());
    target.remove("log/chain").unwrap();
    target.remove("log/chain").unwrap();
    assert_eq!(target.list("log/chain").unwrap(), Vec::<String>::new());
    assert!(target.open("log/chain-2").unwrap().is_some(), "no more than was meant");
    target.claim(&claim("one", "first")).unwrap();
    assert_eq!(target.demand(&claim("one", "second")), Err(TargetError::Taken(target.place())));
    assert_eq!(target.claim(&claim("other", "third")), Err(TargetError::Foreign(target.place())));
    let shown = format!("{target:?}");
    assert!(!shown.contains(SECRET), "{shown}");
}
