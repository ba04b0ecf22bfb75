//! What the API's document says of backups.

use serde_json::Value as Json;

use super::api::KEY_MAX;
use super::resource::{BACKUPS, OUTCOMES};
use super::settings::{KEEP_MAX, PATH_MAX, RECIPIENTS_MAX, SECRET_MAX};
use super::target::TEXT_MAX;
use crate::access::directory::settings::PASSWORD_MAX;
use crate::access::trust::PEM_MAX;
use crate::platform::jobs::JOB;
use crate::platform::jobs::resource::{READ, WRITE};
use crate::platform::resource::describe::{Offered, Offers, id};
use crate::web::openapi::{Document, Operation, schema};

const TAG: &str = "backup";

/// Describes them.
pub fn describe(document: &mut Document) {
    document.tag(BACKUPS.path, "The backups that lie at the target.");
    document.tag(TAG, "Where backups go, for how long they are kept, and the recovery sheet.");
    document.codes(
        409,
        &[
            "backup.not_ready",
            "backup.target",
            "backup.manifest",
            "backup.io",
            "backup.no_space",
            "backup.unequal",
            "backup.wrong_key",
            "backup.differs",
            "backup.of_the_future",
            "backup.none",
            "backup.too_early",
            "backup.nothing_to_follow",
            "backup.turned",
            "backup.stale",
            "backup.no_standby",
            "backup.not_whole",
            "backup.ended",
            "backup.nothing_ready",
            "backup.not_kept",
            "backup.at_work",
        ],
    );
    restores(document);
    Offered::new(&BACKUPS, Offers::Reads).describe(document);
    let plan = document.schema("BackupPlan", plan());
    let here = "/api/v1/backup";
    let get = Operation::new(TAG, "getBackupPlan", "How backups are set, and how they stand")
        .needs(READ)
        .answers(200, "The plan", schema::data(plan.clone()))
        .tagged();
    document.add("get", here, get);
    let put = Operation::new(TAG, "setBackupPlan", "Set where backups go")
        .detail("The folder or bucket is marked as this hospital's: it must be there now.")
        .needs(WRITE)
        .if_match()
        .takes(schema::body(vec![
            ("folder", folder(), false),
            ("bucket", schema::nullable(bucket()), false),
            ("secret_key", secret(), false),
            ("keep", keep(), false),
            ("recipients", recipients(), false),
            ("current_password", password(), false),
        ]))
        .answers(200, "The plan after the change", schema::data(plan.clone()))
        .refuses(&[404, 412, 428]);
    document.add("put", here, put);
    let key = schema::object(vec![
        ("recovery_key", schema::text(1, KEY_MAX), true),
        ("recipient", recipient(), true),
    ]);
    let make = Operation::new(TAG, "makeRecoveryKey", "Make the key of a new recovery sheet")
        .detail("It is in this answer and nowhere else, and counts once it was proven.")
        .needs(WRITE)
        .takes(schema::body(vec![("current_password", password(), false)]))
        .answers(201, "The key", schema::data(key));
    document.add("post", "/api/v1/backup/key", make);
    let prove = Operation::new(TAG, "proveRecoveryKey", "Show that somebody has the sheet")
        .needs(WRITE)
        .takes(schema::body(vec![("recovery_key", schema::text(1, KEY_MAX), true)]))
        .answers(200, "The plan after the change", schema::data(plan));
    document.add("post", "/api/v1/backup/key/proof", prove);
}

/// What it says of the worst day.
fn restores(document: &mut Document) {
    let at = || schema::described(schema::time(), "The moment");
    let ready = schema::object(vec![
        ("reached", schema::time(), true),
        ("patients", schema::integer(0, i64::MAX), true),
        ("log_is_broken", schema::boolean(), true),
    ]);
    let moments = schema::object(vec![
        ("from", schema::nullable(schema::time()), true),
        ("until", schema::nullable(schema::time()), true),
        ("ready", schema::nullable(ready), true),
        ("kept", schema::list(schema::any_text(), None), true),
    ]);
    let get =
        Operation::new(TAG, "getMoments", "To which moments the hospital can be brought back")
            .needs(READ)
            .answers(200, "The moments, and what stands ready", schema::data(moments));
    document.add("get", "/api/v1/backup/moments", get);
    let change = schema::object(vec![
        ("act", schema::any_text(), true),
        ("count", schema::integer(1, i64::MAX), true),
    ]);
    let lost = schema::object(vec![
        ("at", schema::time(), true),
        ("changes", schema::list(change, None), true),
    ]);
    let count = Operation::new(TAG, "countLost", "What was changed after a moment")
        .needs(READ)
        .takes(schema::body(vec![("at", at(), true)]))
        .answers(200, "How often each was done since", schema::data(lost));
    document.add("post", "/api/v1/backup/lost", count);
    let ordered = schema::object(vec![("id", id(JOB), true)]);
    let prepare = Operation::new(TAG, "prepareRestore", "Lay the hospital of a moment beside this")
        .needs(WRITE)
        .takes(schema::body(vec![("at", at(), true), ("current_password", password(), false)]))
        .answers(202, "It was ordered; the job says how it goes", schema::data(ordered))
        .header(202, "Location")
        .refuses(&[409]);
    document.add("post", "/api/v1/backup/restore", prepare);
    let state = || schema::data(schema::object(vec![("state", schema::any_text(), true)]));
    let begin = Operation::new(TAG, "beginRestore", "Turn to what stands ready")
        .detail("The server closes and opens again within seconds; what was there is kept.")
        .needs(WRITE)
        .takes(schema::body(vec![("current_password", password(), false)]))
        .answers(202, "It turns", state())
        .refuses(&[409]);
    document.add("post", "/api/v1/backup/restore/begin", begin);
    let undo = Operation::new(TAG, "undoRestore", "Turn back to what was there before a restore")
        .needs(WRITE)
        .takes(schema::body(vec![
            ("name", schema::text(1, 200), true),
            ("current_password", password(), false),
        ]))
        .answers(202, "It turns", state())
        .refuses(&[409]);
    document.add("post", "/api/v1/backup/restore/undo", undo);
}

fn folder() -> Json {
    let about = "The whole path of a folder of another disk or a share; empty for none";
    schema::described(schema::text(0, PATH_MAX), about)
}

fn bucket() -> Json {
    let text = |about| schema::described(schema::text(0, TEXT_MAX), about);
    let style = "Whether the bucket is named in the path, or else in front of the host";
    let pem = "Authorities whose certificates the storage shows; else those of this machine";
    let storage = schema::object(vec![
        ("endpoint", text("The address of the storage, without the bucket"), false),
        ("region", text("What the storage calls its place; us-east-1 if it has none"), false),
        ("name", text("The bucket, which must be there"), false),
        ("prefix", text("Below it lies everything"), false),
        ("path_style", schema::described(schema::boolean(), style), false),
        ("access_key", text("The access key, without its secret"), false),
        ("ca_pem", schema::nullable(schema::described(schema::text(1, PEM_MAX), pem)), false),
    ]);
    schema::described(storage, "A bucket of S3-compatible storage, in place of a folder")
}

fn secret() -> Json {
    let about = "The secret half of the access key; never told again. Left out, it stays for the \
        same storage and access key";
    schema::described(schema::text(1, SECRET_MAX), about)
}

fn password() -> Json {
    let about = "The present password of whoever asks; programs of this machine have none";
    schema::described(schema::text(1, PASSWORD_MAX), about)
}

fn recipient() -> Json {
    schema::described(schema::text(1, 200), "The public half of an age key")
}

fn recipients() -> Json {
    schema::list(recipient(), Some(RECIPIENTS_MAX))
}

fn keep() -> Json {
    let most = i64::try_from(KEEP_MAX).unwrap_or(i64::MAX);
    schema::object(vec![
        ("daily", schema::integer(1, most), false),
        ("weekly", schema::integer(0, most), false),
        ("monthly", schema::integer(0, most), false),
    ])
}

fn sheet() -> Json {
    schema::nullable(schema::object(vec![
        ("recipient", recipient(), true),
        ("made_at", schema::time(), true),
        ("proven_at", schema::nullable(schema::time()), true),
    ]))
}

fn plan() -> Json {
    let text = || schema::text(0, 1_000);
    let newest = schema::object(vec![
        ("name", text(), true),
        ("made_at", schema::time(), true),
        ("stored_bytes", schema::integer(0, i64::MAX), true),
    ]);
    let drilled = schema::object(vec![
        ("name", text(), true),
        ("drilled_at", schema::time(), true),
        ("outcome", schema::words(&OUTCOMES), true),
        ("took_ms", schema::nullable(schema::integer(0, i64::MAX)), true),
        ("detail", schema::nullable(text()), true),
    ]);
    let log = schema::object(vec![
        ("shipped_at", schema::nullable(schema::time()), true),
        ("lag_ms", schema::nullable(schema::integer(0, i64::MAX)), true),
        ("behind_bytes", schema::integer(0, i64::MAX), true),
        ("trouble", schema::nullable(text()), true),
        ("is_on", schema::boolean(), true),
    ]);
    let log = schema::described(log, "How far the write-ahead log is at the target");
    let same = "Whether they go to the very disk that the data folder is on";
    schema::object(vec![
        ("folder", folder(), true),
        ("bucket", schema::nullable(bucket()), true),
        ("has_secret", schema::boolean(), true),
        ("keep", keep(), true),
        ("recipients", recipients(), true),
        ("same_volume", schema::described(schema::nullable(schema::boolean()), same), true),
        ("version", schema::integer(0, i64::MAX), true),
        ("hospital", schema::nullable(text()), true),
        ("sheet", sheet(), true),
        ("pending", sheet(), true),
        ("not_ready", schema::described(schema::nullable(text()), "Why none is made"), true),
        ("newest", schema::nullable(newest), true),
        ("drilled", schema::nullable(drilled), true),
        ("log", schema::nullable(log), true),
    ])
}
