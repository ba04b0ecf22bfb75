//! How many requests are let in, over HTTP.

use std::collections::BTreeMap;

use actix_web::HttpRequest;
use actix_web::web::{self, Data, ServiceConfig};
use serde_json::{Map, Value as Json, json};

use crate::access::limits::{self, Allowance};
use crate::platform::ledger::{Desk, RecordError, Work};
use crate::vocab::clock::instant;
use crate::vocab::problem::Findings;
use crate::web::conditional::{self, IfMatch};
use crate::web::limits::{BURST_MAX, LIMITS, Limiter, PER_MINUTE_MAX};
use crate::web::{Answer, Body, Permission, Permit, query};

/// May see and change what holds attackers up.
#[derive(Debug)]
pub(in crate::access) struct SecurityWrite;
impl Permission for SecurityWrite {
    const CODE: &'static str = "security.write";
}

/// Mounts the limits.
pub(super) fn mount(config: &mut ServiceConfig) {
    config.service(
        web::resource("/api/v1/limits")
            .route(web::get().to(get_limits))
            .route(web::patch().to(patch_limits)),
    );
}

async fn get_limits(
    _by: Permit<SecurityWrite>,
    request: HttpRequest,
    desk: Data<Desk>,
    limiter: Data<Limiter>,
) -> Answer {
    query::none(&request)?;
    show(&request, &desk, &limiter)
}

fn show(request: &HttpRequest, desk: &Desk, limiter: &Limiter) -> Answer {
    let (set, version) = desk.store().read(desk.screen_deadline(), limits::find)?;
    let all: Map<String, Json> = LIMITS
        .iter()
        .map(|limit| {
            let default = Allowance::from(limit.default);
            let now = set.get(limit.policy).copied().unwrap_or(default);
            let shown = json!({
                "burst": now.burst, "per_minute": now.per_minute, "default": default,
            });
            (limit.policy.to_owned(), shown)
        })
        .collect();
    let body = json!({"data": {
        "enforced": limiter.is_on(),
        "limits": all,
        "version": version,
        "updated_at": (version != 0).then(|| instant(version).to_string()),
    }});
    Ok(conditional::versioned(request, version, body.to_string().into_bytes()))
}

/// Changes the limits that are sent, by policy; null takes the default again.
async fn patch_limits(
    by: Permit<SecurityWrite>,
    request: HttpRequest,
    desk: Data<Desk>,
    limiter: Data<Limiter>,
    IfMatch(version): IfMatch,
    Body(sent): Body<BTreeMap<String, Option<Allowance>>>,
) -> Answer {
    let mut findings = Findings::new();
    for (policy, allowance) in &sent {
        let known = LIMITS.iter().any(|limit| limit.policy == policy);
        findings.check(known, policy, "There is no such limit.");
        let Some(Allowance { burst, per_minute }) = allowance else { continue };
        let mend = format!("Give a number from 1 to {BURST_MAX}.");
        findings.check((1..=BURST_MAX).contains(burst), &format!("{policy}.burst"), &mend);
        let mend = format!("Give a number from 1 to {PER_MINUTE_MAX}.");
        let fits = (1..=PER_MINUTE_MAX).contains(per_minute);
        findings.check(fits, &format!("{policy}.per_minute"), &mend);
    }
    findings.verdict().map_err(RecordError::from)?;
    let change = move |work: &Work<'_>| limits::change(work, version, &sent);
    let (set, version) = desk.write(&by.call, "limits.amend", change).await?;
    limits::follow(&set, version, &limiter);
    show(&request, &desk, &limiter)
}
