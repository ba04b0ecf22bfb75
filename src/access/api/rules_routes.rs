//! What the hospital asks of those who sign in, over HTTP.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::HttpRequest;
use actix_web::web::{self, Data, ServiceConfig};
use serde::Deserialize;
use serde_json::json;

use super::SecurityWrite;
use crate::access::sign_in_rules::{self, SIGN_IN_RULES, SignInRules};
use crate::platform::ledger::{Desk, RecordError, Touch};
use crate::vocab::problem::Findings;
use crate::web::conditional::{self, IfMatch};
use crate::web::permit::demand_person;
use crate::web::{Answer, Body, Permit, query};

/// There is one set of them.
const THE_ONE: i64 = 1;

/// Mounts the rules.
pub(super) fn mount(config: &mut ServiceConfig) {
    config.service(
        web::resource("/api/v1/hospital/sign-in")
            .route(web::get().to(get_rules))
            .route(web::patch().to(patch_rules)),
    );
}

async fn get_rules(_by: Permit<SecurityWrite>, request: HttpRequest, desk: Data<Desk>) -> Answer {
    query::none(&request)?;
    show(&request, &desk)
}

fn show(request: &HttpRequest, desk: &Desk) -> Answer {
    let (rules, version) = desk.store().read(desk.screen_deadline(), sign_in_rules::find)?;
    let body = json!({"data": {
        "lock_minutes": rules.lock_minutes,
        "lock_minutes_of_roles": rules.lock_minutes_of_roles,
        "second_factor_roles": rules.second_factor_roles,
        "version": version,
    }});
    Ok(conditional::versioned(request, version, body.to_string().into_bytes()))
}

#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
struct Change {
    lock_minutes: Option<i64>,
    lock_minutes_of_roles: Option<BTreeMap<String, i64>>,
    second_factor_roles: Option<BTreeSet<String>>,
}

impl Change {
    /// `rules` with what was sent.
    fn over(self, rules: SignInRules) -> SignInRules {
        SignInRules {
            lock_minutes: self.lock_minutes.unwrap_or(rules.lock_minutes),
            lock_minutes_of_roles: self
                .lock_minutes_of_roles
                .unwrap_or(rules.lock_minutes_of_roles),
            second_factor_roles: self.second_factor_roles.unwrap_or(rules.second_factor_roles),
        }
    }
}

async fn patch_rules(
    by: Permit<SecurityWrite>,
    request: HttpRequest,
    desk: Data<Desk>,
    IfMatch(version): IfMatch,
    Body(change): Body<Change>,
) -> Answer {
    demand_person(&by.call)?;
    let mut findings = Findings::new();
    change.clone().over(SignInRules::default()).check(&mut findings);
    findings.verdict().map_err(RecordError::from)?;
    desk.write(&by.call, "hospital.sign_in", move |work| {
        let (rules, now) = sign_in_rules::find(work.tx())?;
        if now != version {
            return Err(RecordError::Stale(SIGN_IN_RULES.name));
        }
        // Later than before also when the clock was set back, or the version would repeat.
        let before = rules.clone();
        let rules = change.clone().over(rules);
        sign_in_rules::check_roles(work, &before, &rules)?;
        sign_in_rules::save(work.tx(), &rules, work.now().max(version + 1))?;
        let touch = Touch { kind: SIGN_IN_RULES, id: THE_ONE, patient: None, event: "amended" };
        work.touched(touch);
        Ok(())
    })
    .await?;
    show(&request, &desk)
}
