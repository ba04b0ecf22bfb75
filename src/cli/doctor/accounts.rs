//! Who can let people in.

use super::{Finding, Scene};
use crate::access::users;
use crate::cli::reach::Counter;
use crate::store::peek;

/// An administrator can sign in. Silent where that cannot be found out without changing
/// anything: no hospital, or one that did not end in order.
pub(super) fn administrator(scene: &Scene<'_>) -> Option<Finding> {
    const NAME: &str = "administrator";
    let there = match Counter::of_running(scene.config) {
        Some(counter) => !counter.get("/api/v1/setup").ok()?["data"]["needed"].as_bool()?,
        None => peek(scene.data(), users::has_administrator).ok().flatten()?,
    };
    Some(if there {
        Finding::ok(NAME, "somebody can let people in")
    } else {
        Finding::warn(
            NAME,
            "no administrator can sign in, so nobody can let anybody in or import",
            "Open the set-up link that healthflow serve prints, or use healthflow user add \
             USERNAME --role administrator.",
        )
    })
}
