//! Backups over HTTP: what there is, where they go, and the recovery sheet.
mod plan;
mod restore;

use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::resource::BACKUPS;
use super::sealing::SecretKey;
use super::settings::{self, KEPT, KEYS, Keys, SheetKey};
use super::shipping::{Shipped, Shipping};
use crate::access::api::{Access, confirm_or_fresh};
use crate::access::connections::Kept;
use crate::platform::jobs::api::{SystemRead, SystemWrite};
use crate::platform::ledger::{Desk, RecordError, Touch, Work};
use crate::platform::resource::api as common;
use crate::store::{ReadTx, StoreError};
use crate::vocab::clock::instant;
use crate::vocab::id::Kind;
use crate::web::conditional;
use crate::web::permit::demand_person;
use crate::web::{Answer, Body, Failure, Permit, query};

/// How backups are set, in audit rows; there is one.
const PLAN: Kind = Kind::new("backup_plan", "bpl");
const THE_ONE: i64 = 1;
/// Characters of a recovery key as it may be typed, with what groups them.
pub(super) const KEY_MAX: usize = 400;

/// Mounts backups and how they are set.
pub fn mount(config: &mut ServiceConfig) {
    config
        .service(
            web::resource("/api/v1/backup")
                .route(web::get().to(get_plan))
                .route(web::put().to(plan::put_plan)),
        )
        .service(web::resource("/api/v1/backup/key").route(web::post().to(post_key)))
        .service(web::resource("/api/v1/backup/key/proof").route(web::post().to(post_proof)));
    restore::mount(config);
    common::mount(config, &BACKUPS, common::Offers::Reads);
}

async fn get_plan(
    _by: Permit<SystemRead>,
    request: HttpRequest,
    desk: Data<Desk>,
    access: Data<Access>,
) -> Answer {
    query::none(&request)?;
    show(&request, &desk, &access)
}

fn show(request: &HttpRequest, desk: &Desk, access: &Access) -> Answer {
    let shipped = request.app_data::<Data<Shipping>>().map(|shipping| shipping.shipped());
    let (version, data) = desk.store().read(desk.screen_deadline(), |tx| {
        let kept = KEPT.find(tx)?;
        let version = kept.as_ref().map_or(0, |kept| kept.version);
        let has_secret = kept.as_ref().is_some_and(Kept::has_secret);
        let settings = kept.map(|kept| kept.settings).unwrap_or_default();
        let has_secret = has_secret && settings.bucket.is_some();
        let keys = KEYS.find(tx)?.map(|kept| kept.settings);
        let not_yet = settings::ready(tx, &access.secrets, desk.store().folder())?.err();
        let mut data = serde_json::to_value(settings).unwrap_or(Json::Null);
        data["version"] = json!(version);
        data["has_secret"] = json!(has_secret);
        data["hospital"] = json!(keys.as_ref().map(|keys| &keys.hospital));
        data["sheet"] = sheet(keys.as_ref().and_then(|keys| keys.sheet.as_ref()));
        data["pending"] = sheet(keys.as_ref().and_then(|keys| keys.pending.as_ref()));
        data["not_ready"] = json!(not_yet.map(|why| format!("{why}.")));
        data["newest"] = newest(tx)?;
        data["drilled"] = drilled(tx)?;
        data["log"] = shipped.as_ref().map_or(Json::Null, |it| log(it, desk.now()));
        Ok::<_, StoreError>((version, data))
    })?;
    let body = json!({"data": data}).to_string().into_bytes();
    Ok(conditional::versioned_with(request, version, body))
}

fn log(shipped: &Shipped, now: i64) -> Json {
    json!({
        "shipped_at": shipped.shipped_at.map(|at| instant(at).to_string()),
        "lag_ms": shipped.shipped_at.map(|at| (now - at).max(0) / 1_000),
        "behind_bytes": shipped.behind_bytes,
        "trouble": shipped.trouble,
        "is_on": shipped.is_on,
    })
}

fn sheet(key: Option<&SheetKey>) -> Json {
    key.map_or(Json::Null, |key| {
        json!({
            "recipient": key.recipient,
            "made_at": instant(key.made_at).to_string(),
            "proven_at": key.proven_at.map(|at| instant(at).to_string()),
        })
    })
}

fn newest(tx: &ReadTx<'_>) -> Result<Json, StoreError> {
    let sql = "SELECT name, made_at, stored_bytes FROM backup WHERE state = 'verified' \
        ORDER BY made_at DESC, id DESC LIMIT 1";
    let found = tx
        .opt(sql, &[], |row| Ok((row.get::<String>(0)?, row.get::<i64>(1)?, row.get::<i64>(2)?)))?;
    Ok(found.map_or(Json::Null, |(name, at, bytes)| {
        json!({"name": name, "made_at": instant(at).to_string(), "stored_bytes": bytes})
    }))
}

fn drilled(tx: &ReadTx<'_>) -> Result<Json, StoreError> {
    let sql = "SELECT name, drilled_at, drill_outcome, drill_took_ms, drill_detail FROM backup \
        WHERE drilled_at IS NOT NULL ORDER BY drilled_at DESC LIMIT 1";
    let found = tx.opt(sql, &[], |row| {
        let (name, at): (String, i64) = (row.get(0)?, row.get(1)?);
        let (outcome, took, detail): (String, Option<i64>, Option<String>) =
            (row.get(2)?, row.get(3)?, row.get(4)?);
        Ok(json!({
            "name": name,
            "drilled_at": instant(at).to_string(),
            "outcome": outcome,
            "took_ms": took,
            "detail": detail,
        }))
    })?;
    Ok(found.unwrap_or(Json::Null))
}

fn touch(event: &'static str) -> Touch {
    Touch { kind: PLAN, id: THE_ONE, patient: None, event }
}

/// The keys, made if there are none.
async fn ensure_keys(
    by: &Permit<SystemWrite>,
    desk: &Desk,
    access: &Access,
) -> Result<Keys, Failure> {
    let (keys, own) = Keys::generate()?;
    let sealed = KEYS.seal(&access.secrets, &own.reveal())?;
    let kept = desk
        .write(&by.call, "backup.keys", move |work| match KEYS.find(work.tx())? {
            Some(kept) => Ok::<_, RecordError>(kept.settings),
            None => {
                KEYS.save(work.tx(), &keys, Some(&sealed), work.now())?;
                work.touched(touch("keys_made"));
                Ok(keys.clone())
            }
        })
        .await?;
    Ok(kept)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    #[serde(default)]
    current_password: Option<String>,
}

/// Makes a recovery key. It is in this answer and nowhere else; backups go on with the one before
/// until somebody has shown the new one.
async fn post_key(
    by: Permit<SystemWrite>,
    request: HttpRequest,
    desk: Data<Desk>,
    access: Data<Access>,
    Body(asked): Body<Asked>,
) -> Answer {
    demand_person(&by.call)?;
    if by.call.actor.user_id().is_some() {
        let asked = (asked.current_password, "backup.key");
        confirm_or_fresh(&request, &desk, &access, &by.call, asked).await?;
    }
    ensure_keys(&by, &desk, &access).await?;
    let key = SecretKey::generate();
    let recipient = key.recipient();
    let body = json!({"data": {"recovery_key": key.reveal(), "recipient": recipient}});
    desk.write(&by.call, "backup.key", move |work| {
        let recipient = recipient.clone();
        change(work, "key_made", |keys, now| {
            keys.pending = Some(SheetKey { recipient, made_at: now, proven_at: None });
            true
        })
    })
    .await?;
    Ok(HttpResponse::Created().insert_header(("cache-control", "no-store")).json(body))
}

/// Changes the keys; false if `with` finds nothing to change.
fn change(
    work: &Work<'_>,
    event: &'static str,
    with: impl FnOnce(&mut Keys, i64) -> bool,
) -> Result<bool, RecordError> {
    let Some(kept) = KEYS.find(work.tx())? else { return Ok(false) };
    let mut keys = kept.settings;
    if !with(&mut keys, work.now()) {
        return Ok(false);
    }
    KEYS.save(work.tx(), &keys, None, work.now().max(kept.version + 1))?;
    work.touched(touch(event));
    Ok(true)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Proof {
    recovery_key: String,
}

/// Takes the key from the sheet as proof that somebody has it: from now on it counts.
async fn post_proof(
    by: Permit<SystemWrite>,
    request: HttpRequest,
    desk: Data<Desk>,
    access: Data<Access>,
    Body(proof): Body<Proof>,
) -> Answer {
    demand_person(&by.call)?;
    let wrong = || {
        let mend = "This is not the key of the newest recovery sheet. Type it as it stands there: \
             it begins with AGE-SECRET-KEY-1.";
        RecordError::field("recovery_key", mend)
    };
    let fits = proof.recovery_key.len() <= KEY_MAX;
    let key = Some(proof.recovery_key).filter(|_| fits).and_then(|text| SecretKey::parse(&text));
    let recipient = key.ok_or_else(wrong)?.recipient();
    let proven = desk
        .write(&by.call, "backup.proof", move |work| {
            let recipient = recipient.clone();
            change(work, "key_proven", |keys, now| {
                let is_pending = keys.pending.as_ref().is_some_and(|it| it.recipient == recipient);
                if is_pending && let Some(pending) = keys.pending.take() {
                    keys.sheet = Some(SheetKey { proven_at: Some(now), ..pending });
                    return true;
                }
                let is_sheet = keys.sheet.as_mut().filter(|sheet| sheet.recipient == recipient);
                is_sheet.map(|sheet| sheet.proven_at = Some(now)).is_some()
            })
        })
        .await?;
    if !proven {
        return Err(wrong().into());
    }
    show(&request, &desk, &access)
}
