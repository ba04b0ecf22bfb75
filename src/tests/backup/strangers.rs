//! What somebody else lays into the target or changes there: nothing outside of it is touched, and
//! one thing that is damaged costs no more than itself.

use std::fs;
use std::io::Write;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};

use super::moments::{begun, log, restore, shipped};
use super::{Backed, backups, done, work};
use crate::faults::full_disk::{fill, small_disk};
use crate::harness::{Hospital, Scratch, Server, eventually, run};

/// What is in `folder`, sorted.
fn all_in(folder: &Path) -> Vec<PathBuf> {
    let names = fs::read_dir(folder).into_iter().flatten().map(|one| one.unwrap().path());
    let mut names: Vec<PathBuf> = names.collect();
    names.sort();
    names
}

#[test]
fn a_link_at_the_target_costs_nothing_that_it_leads_to() {
    let backed = Backed::open();
    let admin = backed.admin();
    done(admin, "backup");
    // What is not the program's own stays, wherever it lies.
    let strange = ["files/letter.txt", "backups/zz/manifest.json", "log/zz/00000001.hfl"];
    for name in strange.map(|name| backed.target.join(name)) {
        fs::create_dir_all(name.parent().unwrap()).unwrap();
        fs::write(name, b"{}").unwrap();
    }
    done(admin, "backup");
    for name in strange {
        assert!(backed.target.join(name).exists(), "{name}");
    }
    let data = backed.hospital.data();
    let in_data = || {
        let names = fs::read_dir(&data).unwrap().map(|one| one.unwrap().file_name());
        names.filter(|name| name.to_str().is_some_and(|it| !it.contains("healthflow.db-"))).count()
    };
    let before = in_data();
    fs::rename(backed.target.join("files"), backed.target.join("x")).unwrap();
    symlink(&data, backed.target.join("files")).unwrap();
    let job = work(admin, "backup");
    assert_eq!(job["error_code"], "backup.target", "{job}");
    assert!(job["error_detail"].as_str().unwrap().contains("is a link"), "{job}");
    assert!(before <= in_data() && data.join("secret.key").exists());
    fs::remove_file(backed.target.join("files")).unwrap();
    fs::rename(backed.target.join("x"), backed.target.join("files")).unwrap();
    done(admin, "backup");
}

#[test]
fn one_damaged_backup_stands_in_nobodys_way_and_a_log_that_is_gone_is_told() {
    let backed = Backed::open();
    let admin = backed.admin();
    begun(admin);
    admin.register("Abena", "Qfirst");
    done(admin, "backup");
    admin.register("Kofi", "Qsecond");
    shipped(admin);
    let newest = backups(admin)[0]["name"].as_str().unwrap().to_owned();
    let manifest = backed.target.join("backups").join(&newest).join("manifest.json");
    let whole = fs::read(&manifest).unwrap();
    let database = manifest.with_file_name("database.zst.age");
    let sealed = fs::read(&database).unwrap();
    let text = String::from_utf8(whole.clone()).unwrap();
    let said: Json = serde_json::from_str(&text).unwrap();
    let in_a_year = said["made_at"].as_i64().unwrap() + 400 * 24 * 3_600 * 1_000_000;
    let changed = |from: &str, to: &str| {
        assert!(text.contains(from), "{text}");
        text.replacen(from, to, 1).into_bytes()
    };
    let made_at = said["made_at"].to_string();
    for (file, damaged, why) in [
        (&manifest, b"{}".to_vec(), "is damaged"),
        (&manifest, changed("\"form\": 1", "\"form\": 9"), "newer HealthFlow"),
        (&manifest, changed(&made_at, &in_a_year.to_string()), "in the future"),
        (&manifest, changed("\"secret.key\"", "\"log.chain\""), "does not belong"),
        (&database, sealed[..sealed.len() / 2].to_vec(), "was changed or cut off"),
    ] {
        fs::write(file, damaged).unwrap();
        let ended = restore(&backed, &[], &Scratch::new());
        assert_eq!(ended.code, Some(0), "{ended:?}");
        let told = &ended.json()["data"];
        assert_eq!((&told["patients"], &told["log_is_broken"]), (&json!(2), &json!(false)));
        assert_eq!(told["skipped"][0]["name"], newest.as_str());
        assert!(told["skipped"][0]["why"].as_str().unwrap().contains(why), "{told}");
        assert!(ended.stderr.contains("was passed over"), "{ended:?}");
        if why != "in the future" {
            let named = restore(&backed, &["--backup", &newest], &Scratch::new());
            assert_eq!(named.code, Some(1), "{named:?}");
        }
        if ["is damaged", "newer HealthFlow"].contains(&why) {
            let from = backed.target.to_str().unwrap();
            let list = ["restore", "--list", "--json", "--from", from];
            let listed = run(&list, &Scratch::new().data(), "");
            let rows = listed.json()["data"].as_array().unwrap().clone();
            assert!(rows[0]["trouble"].as_str().unwrap().contains(why), "{listed:?}");
            assert!(rows[1]["made_at"].as_str() < rows[1]["until"].as_str(), "{listed:?}");
            let job = work(admin, "backup_drill");
            assert_eq!(job["error_code"], "backup.differs", "{job}");
            assert!(job["error_detail"].as_str().unwrap().contains("cannot be relied on"));
        }
        fs::write(&manifest, &whole).unwrap();
        fs::write(&database, &sealed).unwrap();
    }
    let target = backed.target.to_str().unwrap();
    let words = run(&["restore", "--list", "--from", target], &Scratch::new().data(), "").stdout;
    assert!(words.contains("reaches until ") && words.contains(" UTC"), "{words}");
    let nowhere = backed.target.with_extension("nowhere");
    let from = ["restore", "--list", "--from", nowhere.to_str().unwrap()];
    let refused = run(&from, &Scratch::new().data(), "");
    assert!(refused.code == Some(1) && refused.stderr.contains("no such folder"), "{refused:?}");

    let chain = all_in(&backed.target.join("log")).pop().unwrap();
    let away = backed.target.join("away");
    fs::rename(&chain, &away).unwrap();
    let ended = restore(&backed, &[], &Scratch::new());
    assert_eq!(ended.code, Some(3), "complete, and not to the end: {ended:?}");
    assert_eq!(ended.json()["data"]["log_is_broken"], true, "{ended:?}");
}

#[test]
fn behind_a_log_that_ends_in_zeros_a_new_chain_begins_with_a_backup() {
    let backed = Backed::open();
    begun(backed.admin());
    let file = backed.key_file();
    let Backed { hospital, target, .. } = backed;
    let Hospital { server, scratch, admin } = hospital;
    server.stop();
    let first = all_in(&target.join("log")).pop().unwrap();
    let last = all_in(&first).pop().unwrap();
    fs::File::options().append(true).open(last).unwrap().write_all(&[0; 4_096]).unwrap();
    let server = Server::start(&scratch.data(), &[]);
    let client = server.client().with_token(admin.token());
    client.register("Abena", "Qafter");
    eventually("a new chain has its backup", || {
        let chain = all_in(&target.join("log")).pop().filter(|chain| *chain != first);
        let newest = all_in(&target.join("backups")).pop();
        let text = newest.and_then(|it| fs::read_to_string(it.join("manifest.json")).ok());
        let chain = chain.as_ref().and_then(|chain| chain.file_name()?.to_str());
        text.zip(chain).is_some_and(|(text, chain)| text.contains(chain))
    });
    client.register("Kofi", "Qlater");
    shipped(&client);
    let order = ["restore", "--json", "--from", target.to_str().unwrap(), "--key-file"];
    let order = [&order[..], &[file.to_str().unwrap()]].concat();
    let ended = run(&order, &Scratch::new().data(), "");
    assert_eq!((ended.code, &ended.json()["data"]["patients"]), (Some(0), &json!(2)));
    server.stop();
}

#[test]
fn a_target_that_is_full_for_a_while_keeps_its_chain() {
    let backed = Backed::open();
    let admin = backed.admin();
    begun(admin);
    let scratch = Scratch::new();
    let Some(volume) = small_disk(&scratch, 4) else { return };
    let small = volume.path().join("target");
    fs::create_dir(&small).unwrap();
    super::set_plan(admin, &small).expect_status(200);
    eventually("the log goes there", || !all_in(&small.join("log")).is_empty());
    fill(&volume.path().join("filler"));
    admin.register("Abena", "Qmeanwhile");
    eventually("it is told", || log(admin)["trouble"].is_string());
    std::thread::sleep(std::time::Duration::from_secs(12));
    let chains = all_in(&small.join("log"));
    let empty = chains.iter().flat_map(|chain| all_in(chain));
    assert_eq!(empty.filter(|file| fs::metadata(file).unwrap().len() == 0).count(), 0);
    fs::remove_file(volume.path().join("filler")).unwrap();
    eventually("it goes on", || log(admin)["trouble"].is_null());
    shipped(admin);
    assert_eq!(all_in(&small.join("log")), chains);
}
