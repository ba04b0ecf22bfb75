//! What somebody else lays into the target or changes there: nothing outside of it is touched, and
//! one thing that is damaged costs no more than itself.

use std::fs;
use std::os::unix::fs::symlink;

use super::{Backed, done, work};

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
