//! Whether a standby is near the hospital that it follows.

use super::{Finding, Scene, network};
use crate::backup::standby::{State, is_standby};
use crate::vocab::clock::instant;

/// Behind by more than this, somebody should look, microseconds.
const BEHIND_WARN: i64 = 60_000_000;
const BEHIND_FAIL: i64 = 3_600_000_000;

/// It follows.
pub(super) fn follows(scene: &Scene<'_>) -> Option<Finding> {
    const NAME: &str = "standby";
    if !is_standby(scene.data()) {
        return None;
    }
    let Some(state) = State::read(scene.data()) else {
        let mend = "Begin it anew in an empty folder: healthflow standby --from PLACE.";
        return Some(Finding::fail(NAME, "standby.json cannot be read", mend));
    };
    let (reached, checked) = (instant(state.reached), instant(state.checked_at));
    let told = format!(
        "it has all that was at {} at {checked:.0}; the last change is from {reached:.0}",
        state.place
    );
    let behind = scene.now.as_microsecond() - state.checked_at;
    let runs = network::holder(scene.data()).is_some();
    let mend = match (&state.trouble, runs) {
        (_, false) => "Start it again: healthflow standby --from PLACE.".to_owned(),
        (Some(trouble), _) => format!("Mend what it says: {trouble}"),
        (None, _) => "Wait: it lays a backup, or has much to take.".to_owned(),
    };
    Some(match behind {
        _ if state.trouble.is_none() && runs && behind <= BEHIND_WARN => Finding::ok(NAME, told),
        BEHIND_FAIL.. => Finding::fail(NAME, told, mend),
        _ => Finding::warn(NAME, told, mend),
    })
}
