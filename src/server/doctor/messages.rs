//! Whether somebody hears of what goes wrong.

use super::state::asked;
use super::{Finding, Scene};
use crate::notify::recipients;
use crate::store::{ReadTx, StoreError};

/// Ways that are told.
const WAYS_MAX: i64 = 10;

/// Messages leave the house and arrive.
pub(super) fn arrive(scene: &Scene<'_>) -> Option<Finding> {
    const NAME: &str = "messages";
    let look = |tx: &ReadTx<'_>| {
        let sql = "SELECT count(*) FROM (SELECT 1 FROM notification \
            WHERE state = 'open' AND subject LIKE 'notify:%' LIMIT ?1)";
        let broken: i64 = tx.one(sql, &[WAYS_MAX.into()], |row| row.get(0))?;
        Ok::<_, StoreError>((recipients::all(tx)?.len(), broken))
    };
    let (told, broken) = asked(scene, look)?;
    Some(match (told, broken) {
        (0, _) => Finding::warn(
            NAME,
            "nobody is told outside of the page".to_owned(),
            "Open Messages: set mail up, or add a channel; then say under My settings where yours \
             goes.",
        ),
        (told, 0) => Finding::ok(NAME, format!("{told} are told by mail or channel")),
        (told, broken) => Finding::fail(
            NAME,
            format!("of the ways to {told} who are told, {broken} are interrupted"),
            "Open Messages: what is wrong stands there, and a test shows whether it is mended.",
        ),
    })
}
