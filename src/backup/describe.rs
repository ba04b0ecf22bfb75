//! What the API's document says of backups.

use serde_json::Value as Json;

use super::api::KEY_MAX;
use super::resource::{BACKUPS, OUTCOMES};
use super::settings::{KEEP_MAX, PATH_MAX, RECIPIENTS_MAX};
use crate::access::directory::settings::PASSWORD_MAX;
use crate::platform::jobs::resource::{READ, WRITE};
use crate::platform::resource::describe::{Offered, Offers};
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
            "backup.none",
            "backup.too_early",
            "backup.ended",
        ],
    );
    Offered::new(&BACKUPS, Offers::Reads).describe(document);
    let plan = document.schema("BackupPlan", plan());
    let here = "/api/v1/backup";
    let get = Operation::new(TAG, "getBackupPlan", "How backups are set, and how they stand")
        .needs(READ)
        .answers(200, "The plan", schema::data(plan.clone()))
        .tagged();
    document.add("get", here, get);
    let put = Operation::new(TAG, "setBackupPlan", "Set where backups go")
        .detail("The folder is marked as this hospital's: it must be there now.")
        .needs(WRITE)
        .if_match()
        .takes(schema::body(vec![
            ("folder", folder(), true),
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

fn folder() -> Json {
    let about = "The whole path of a folder of another disk or a share; empty for no backups";
    schema::described(schema::text(0, PATH_MAX), about)
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
