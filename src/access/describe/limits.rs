//! What the API's document says of how many requests are let in.

use serde_json::Value as Json;

use crate::access::api::SecurityWrite;
use crate::web::Permission;
use crate::web::limits::{BURST_MAX, LIMITS, PER_MINUTE_MAX};
use crate::web::openapi::{Document, Operation, schema};

/// Describes the limits.
pub(super) fn describe(document: &mut Document) {
    document.tag("limits", "How many requests are let in.");
    let limits = document.schema("Limits", shown());
    let here = "/api/v1/limits";
    let get = Operation::new("limits", "getLimits", "How many requests are let in")
        .detail(
            "Each limit is a token bucket: `burst` requests at once, `per_minute` in the long \
             run. Limits of `account` count everything that an account sends, those of `address` \
             what comes from one address (of IPv6 from one /64) with people signed in, those of \
             `anonymous` the rest. Answers have `RateLimit` and `RateLimit-Policy` for the one \
             that is nearest to its bound; beyond it comes a 429 with `Retry-After`. Programs of \
             the server's own machine are not counted.",
        )
        .needs(SecurityWrite::CODE)
        .answers(200, "The limits", schema::data(limits.clone()))
        .tagged();
    document.add("get", here, get);
    let patch = Operation::new("limits", "amendLimits", "Change how many requests are let in")
        .detail("What is absent stays; null takes the default again. It holds at once.")
        .needs(SecurityWrite::CODE)
        .if_match()
        .takes(each(|| schema::nullable(allowance(false)), false))
        .answers(200, "The limits after the change", schema::data(limits))
        .header(200, "ETag");
    document.add("patch", here, patch);
}

/// An object with every limit.
fn each(of: impl Fn() -> Json, required: bool) -> Json {
    let fields = LIMITS.iter().map(|limit| (limit.policy, of(), required)).collect();
    if required { schema::object(fields) } else { schema::body(fields) }
}

fn allowance(with_default: bool) -> Json {
    let mut fields = vec![
        ("burst", schema::integer(1, i64::from(BURST_MAX)), true),
        ("per_minute", schema::integer(1, i64::from(PER_MINUTE_MAX)), true),
    ];
    if with_default {
        fields.push(("default", allowance(false), true));
    }
    schema::object(fields)
}

fn shown() -> Json {
    let off = "False with `--rate-limits off`";
    schema::object(vec![
        ("enforced", schema::described(schema::boolean(), off), true),
        ("limits", each(|| allowance(true), true), true),
        ("version", schema::integer(0, i64::MAX), true),
        ("updated_at", schema::nullable(schema::time()), true),
    ])
}
