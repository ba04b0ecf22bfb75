//! What makes the whole less than healthy.

use super::*;

#[test]
fn a_part_that_fails_is_in_the_whole_and_a_warning_is_not() {
    let well = Services {
        database: "ok",
        cache: "ok",
        queue: "ok",
        queue_size: 0,
        events: "ok",
        audit: "ok",
        search: "ok",
        disk: "ok",
        clock: "ok",
    };
    for (services, state) in [
        (well, "healthy"),
        (Services { queue: "busy", queue_size: 5_000, ..well }, "healthy"),
        (Services { events: "behind", ..well }, "healthy"),
        (Services { events: "failing", ..well }, "degraded"),
        (Services { events: "failed", ..well }, "degraded"),
        (Services { cache: "failed", ..well }, "degraded"),
        (Services { audit: "waiting", ..well }, "degraded"),
        (Services { audit: "refusing", ..well }, "degraded"),
        (Services { search: "rebuilding", ..well }, "degraded"),
        (Services { search: "failing", ..well }, "degraded"),
        (Services { disk: "imports_paused", ..well }, "healthy"),
        (Services { disk: "pruning_early", ..well }, "healthy"),
        (Services { disk: "uploads_stopped", ..well }, "degraded"),
        (Services { disk: "charting_only", ..well }, "degraded"),
        (Services { clock: "behind", ..well }, "degraded"),
        (Services { database: "disk_full", ..well }, "degraded"),
        (Services { database: "read_only", ..well }, "degraded"),
        (Services { database: "failed", events: "failed", ..well }, "unhealthy"),
    ] {
        assert_eq!(services.state(), state, "{services:?}");
    }
}
