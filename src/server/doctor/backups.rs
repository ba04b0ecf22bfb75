//! Whether the hospital would come back.

use super::state::asked;
use super::{Finding, Scene};
use crate::backup::catalog::{self, Ages};
use crate::backup::settings;
use crate::store::{ReadTx, StoreError};

const HOUR: i64 = 3_600_000_000;

/// Backups are made, new, and can be restored.
pub(super) fn are_proven(scene: &Scene<'_>) -> Option<Finding> {
    const NAME: &str = "backups";
    let now = scene.now.as_microsecond();
    let look = |tx: &ReadTx<'_>| {
        Ok::<_, StoreError>((settings::standing(tx, now)?, catalog::ages(tx, now)?))
    };
    let (standing, Ages { newest, proven }) = asked(scene, look)?;
    let hours = |age: Option<i64>| age.map_or("never".to_owned(), |age| ago(age / HOUR));
    let told = format!("the newest: {}; last restored: {}", hours(newest), hours(proven));
    Some(match standing {
        "ok" => Finding::ok(NAME, told),
        // A new hospital is no broken one.
        "unset" => Finding::warn(
            NAME,
            "they are not set up: if this disk breaks, the hospital is gone".to_owned(),
            "Open Backups, say where they go, and print the recovery sheet.",
        ),
        "none" => Finding::fail(
            NAME,
            "none is whole yet".to_owned(),
            "Run one under Jobs now, and look there why not if it fails.",
        ),
        "unproven" => {
            Finding::warn(NAME, told, "Run the trial restore under Jobs, or wait for the night.")
        }
        "broken" => Finding::fail(
            NAME,
            format!("the newest could not be restored; {told}"),
            "Open Backups for what was wrong, make another one now, and look at its target.",
        ),
        _ => Finding::fail(
            NAME,
            told,
            "Look under Jobs why none was made, and whether the target can be written to.",
        ),
    })
}

fn ago(hours: i64) -> String {
    if hours < 48 { format!("{hours} h ago") } else { format!("{} days ago", hours / 24) }
}
