//! What the hospital may change of itself while it runs: its name and its time zone.

use actix_web::HttpRequest;
use actix_web::web::{self, Data, ServiceConfig};
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::json;

use crate::access::hospital::{self, Hospital};
use crate::platform::ledger::{Desk, RecordError, Touch};
use crate::store::StoreError;
use crate::vocab::clock::instant;
use crate::vocab::id::Kind;
use crate::vocab::problem::Findings;
use crate::vocab::text;
use crate::web::conditional::{self, IfMatch};
use crate::web::{Answer, Body, Permission, Permit, Signed, query};

/// The hospital in audit rows; there is one.
pub(super) const HOSPITAL: Kind = Kind::new("hospital", "hos");
pub(super) const THE_ONE: i64 = 1;

/// May change what the whole hospital goes by.
#[derive(Debug)]
pub(super) struct SettingsWrite;
impl Permission for SettingsWrite {
    const CODE: &'static str = "settings.write";
}

/// Mounts the hospital's own settings.
pub(super) fn mount(config: &mut ServiceConfig) {
    config.service(
        web::resource("/api/v1/hospital")
            .route(web::get().to(get_hospital))
            .route(web::patch().to(patch_hospital)),
    );
}

async fn get_hospital(_signed: Signed, request: HttpRequest, desk: Data<Desk>) -> Answer {
    query::none(&request)?;
    show(&request, &desk)
}

fn show(request: &HttpRequest, desk: &Desk) -> Answer {
    let found = desk.store().read(desk.screen_deadline(), |tx| {
        Ok::<_, StoreError>((hospital::find(tx)?, hospital::changed_at(tx)?))
    })?;
    let (Some(hospital), Some(changed_at)) = found else {
        return Err(RecordError::NotFound(HOSPITAL.name).into());
    };
    let body = json!({"data": {
        "name": hospital.name,
        "time_zone": hospital.time_zone,
        "version": changed_at,
        "updated_at": instant(changed_at).to_string(),
    }});
    Ok(conditional::versioned(request, changed_at, body.to_string().into_bytes()))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    name: Option<String>,
    time_zone: Option<String>,
}

async fn patch_hospital(
    by: Permit<SettingsWrite>,
    request: HttpRequest,
    desk: Data<Desk>,
    IfMatch(version): IfMatch,
    Body(change): Body<Change>,
) -> Answer {
    let mut findings = Findings::new();
    let name = change.name.map(|name| text::line(&name).unwrap_or_default());
    let fits = name.as_ref().is_none_or(|name| hospital::NAME.contains(&name.chars().count()));
    findings.check(fits, "name", "Give the name of the hospital, at most 200 characters.");
    let zone = change.time_zone.as_deref().map(TimeZone::get);
    let known = !matches!(zone, Some(Err(_)));
    findings.check(known, "time_zone", "Choose a time zone like Africa/Accra or UTC.");
    findings.verdict().map_err(RecordError::from)?;
    let time_zone = change.time_zone;
    desk.write(&by.call, "hospital.amend", move |work| {
        let Some(now) = hospital::find(work.tx())? else {
            return Err(RecordError::NotFound(HOSPITAL.name));
        };
        if hospital::changed_at(work.tx())? != Some(version) {
            return Err(RecordError::Stale(HOSPITAL.name));
        }
        let hospital = Hospital {
            name: name.clone().unwrap_or(now.name),
            time_zone: time_zone.clone().unwrap_or(now.time_zone),
        };
        // Later than before also when the clock was set back, or the version would repeat.
        hospital::save(work.tx(), &hospital, work.now().max(version + 1))?;
        let touch = Touch { kind: HOSPITAL, id: THE_ONE, patient: None, event: "amended" };
        work.touched(touch);
        Ok(())
    })
    .await?;
    if let Some(Ok(zone)) = zone {
        desk.set_zone(zone);
    }
    show(&request, &desk)
}
