//! Who can let people in.

use super::{Finding, Scene, network};
use crate::access::users;
use crate::store::peek;

/// An administrator can sign in. Silent where that cannot be found out without changing
/// anything: no hospital, or one that did not end in order.
pub(super) fn administrator(scene: &Scene<'_>) -> Option<Finding> {
    const NAME: &str = "administrator";
    let there = match scene.inside {
        Some(inside) => {
            let desk = &inside.desk;
            desk.store().read(desk.screen_deadline(), users::has_administrator).ok()?
        }
        None if network::holder(scene.data()).is_some() => return None,
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
