//! The directory over HTTP: its settings, trying them out, and signing in with it.

use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::link::Ready;
use super::mapping::Rule;
use super::settings::{KEPT, PASSWORD_MAX, Settings};
use super::trial::{self, Step};
use crate::access::api::{Access, SettingsWrite, UsersWrite, signed_in_guest};
use crate::access::connections::Kept;
use crate::access::error::AccessError;
use crate::access::roles::{self, giving};
use crate::access::trust;
use crate::access::users::NAME_MAX;
use crate::platform::ledger::{Desk, RecordError, Touch};
use crate::store::StoreError;
use crate::vocab::actor::Actor;
use crate::vocab::clock::instant;
use crate::vocab::id::Kind;
use crate::vocab::problem::Findings;
use crate::web::conditional::{self, IfMatch};
use crate::web::permit::{demand, demand_person};
use crate::web::{Answer, Body, Permission, Permit, query};

/// The directory in audit rows; there is one.
const DIRECTORY: Kind = Kind::new("directory", "dir");
const THE_ONE: i64 = 1;

/// Mounts the settings of the directory.
pub fn mount(config: &mut ServiceConfig) {
    config
        .service(
            web::resource("/api/v1/directory")
                .route(web::get().to(get_settings))
                .route(web::put().to(put_settings)),
        )
        .service(web::resource("/api/v1/directory/test").route(web::post().to(post_test)));
}

async fn get_settings(
    _by: Permit<SettingsWrite>,
    request: HttpRequest,
    desk: Data<Desk>,
    access: Data<Access>,
) -> Answer {
    query::none(&request)?;
    show(&request, &desk, &access)
}

fn show(request: &HttpRequest, desk: &Desk, access: &Access) -> Answer {
    let kept = desk.store().read(desk.screen_deadline(), |tx| KEPT.find(tx))?;
    let version = kept.as_ref().map_or(0, |kept| kept.version);
    let has_password = kept.as_ref().is_some_and(Kept::has_secret);
    let settings = kept.map(|kept| kept.settings).unwrap_or_else(fresh);
    let mut data = serde_json::to_value(settings).unwrap_or(Json::Null);
    data["has_password"] = json!(has_password);
    data["version"] = json!(version);
    let heard = access.directory.heard();
    data["asked_at"] = json!(heard.as_ref().map(|heard| instant(heard.at).to_string()));
    data["trouble"] = json!(heard.and_then(|heard| heard.trouble));
    let body = json!({"data": data}).to_string().into_bytes();
    Ok(conditional::versioned_with(request, version, body))
}

/// What a hospital begins with that has set nothing.
fn fresh() -> Settings {
    Settings { nested_groups: true, ..Settings::default() }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sent {
    #[serde(default)]
    bind_password: Option<String>,
    settings: Settings,
}

async fn put_settings(
    by: Permit<SettingsWrite>,
    request: HttpRequest,
    desk: Data<Desk>,
    access: Data<Access>,
    IfMatch(version): IfMatch,
    Body(sent): Body<Sent>,
) -> Answer {
    // The rules give roles to people.
    demand(&request, &by.call, UsersWrite::CODE)?;
    demand_person(&by.call)?;
    let kept = desk.store().read(desk.screen_deadline(), |tx| KEPT.find(tx))?;
    let Sent { bind_password, mut settings } = sent;
    let findings =
        check((&desk, &by.call.actor), &mut settings, kept.as_ref(), bind_password.as_deref())?;
    findings.verdict().map_err(RecordError::from)?;
    let secrets = access.directory.secrets();
    let sealed = bind_password.map(|password| KEPT.seal(secrets, &password)).transpose()?;
    desk.write(&by.call, "directory.amend", move |work| {
        if KEPT.find(work.tx())?.map_or(0, |kept| kept.version) != version {
            return Err(RecordError::Stale("directory"));
        }
        // Later than before also when the clock was set back, or the version would repeat.
        KEPT.save(work.tx(), &settings, sealed.as_deref(), work.now().max(version + 1))?;
        let touch = Touch { kind: DIRECTORY, id: THE_ONE, patient: None, event: "amended" };
        work.touched(touch);
        Ok(())
    })
    .await?;
    access.directory.set_as_kept(&desk)?;
    show(&request, &desk, &access)
}

/// What is wrong with `settings`, beside what they say themselves: roles and facilities that are
/// not there, and a password that would be said to somebody it was not typed for.
fn check(
    (desk, actor): (&Desk, &Actor),
    settings: &mut Settings,
    kept: Option<&Kept<Settings>>,
    password: Option<&str>,
) -> Result<Findings, AccessError> {
    let mut findings = Findings::new();
    settings.check(&mut findings);
    check_mapping(desk, actor, &settings.mapping, &mut findings)?;
    match password {
        Some(text) => {
            let fits = (1..=PASSWORD_MAX).contains(&text.len());
            let mend = "Type the password of the account that looks people up: an empty one would \
                 be taken for somebody who wants to stay unknown.";
            findings.check(fits, "bind_password", mend);
        }
        None => {
            let held = kept.filter(|kept| kept.has_secret());
            let same = held.is_some_and(|kept| settings.keeps_password_of(&kept.settings));
            let mend = "Type the password again: it is kept for the servers, the account and the \
                 authority that it was typed for.";
            findings.check(same, "bind_password", mend);
        }
    }
    Ok(findings)
}

/// Notes roles and facilities of `rules` that are not there, and roles that go beyond that of
/// `actor`: nobody gives by a rule what he could not give himself.
///
/// # Errors
/// What the store says.
pub fn check_mapping(
    desk: &Desk,
    actor: &Actor,
    rules: &[Rule],
    findings: &mut Findings,
) -> Result<(), StoreError> {
    desk.store().read(desk.screen_deadline(), |tx| {
        for (at, rule) in rules.iter().enumerate() {
            let field = format!("mapping[{at}].role");
            match roles::by_code(tx, &rule.role)?.filter(|role| role.active) {
                None => findings.add(field, "There is no such role, or it is not in use."),
                Some(role) => {
                    if let Some(more) = giving::beyond(actor, &role) {
                        let mend =
                            format!("You cannot give this role: it goes beyond your own ({more}).");
                        findings.add(field, mend);
                    }
                }
            }
            let Some(id) = rule.facility() else { continue };
            let sql = "SELECT 1 FROM facility WHERE id = ?1";
            let there = tx.opt(sql, &[id.into()], |_| Ok(()))?.is_some();
            let mend = "There is no facility with this id.";
            findings.check(there, &format!("mapping[{at}].facility_id"), mend);
        }
        Ok(())
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Test {
    #[serde(default)]
    bind_password: Option<String>,
    settings: Settings,
    /// Somebody to look up.
    #[serde(default)]
    username: Option<String>,
}

/// Tries settings out, with the password that is kept if none is sent.
async fn post_test(
    by: Permit<SettingsWrite>,
    request: HttpRequest,
    desk: Data<Desk>,
    access: Data<Access>,
    Body(sent): Body<Test>,
) -> Answer {
    let kept = desk.store().read(desk.screen_deadline(), |tx| KEPT.find(tx))?;
    let Test { bind_password, mut settings, username } = sent;
    let mut findings =
        check((&desk, &by.call.actor), &mut settings, kept.as_ref(), bind_password.as_deref())?;
    let username = username.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
    let fits = username.as_ref().is_none_or(|name| name.chars().count() <= NAME_MAX);
    findings.check(fits, "username", "A user name has at most 64 characters.");
    findings.verdict().map_err(RecordError::from)?;
    let password = match (bind_password, kept) {
        (Some(password), _) => Ok(password),
        (None, Some(kept)) => kept.secret(access.directory.secrets()),
        (None, None) => Err("There is no password.".to_owned()),
    };
    let password = password.map_err(|mend| RecordError::field("bind_password", mend))?;
    let tls = trust::client(settings.ca_pem.as_deref());
    let tls = tls.map_err(|mend| RecordError::field("ca_pem", mend))?;
    let ready = Ready { settings, password, tls };
    desk.write(&by.call, "directory.test", |work| {
        work.touched(Touch { kind: DIRECTORY, id: THE_ONE, patient: None, event: "tested" });
        Ok::<_, RecordError>(())
    })
    .await?;
    let job = move |runtime: &tokio::runtime::Runtime| {
        runtime.block_on(trial::run(&ready, username.as_deref()))
    };
    let steps = access.directory.errands().run(signed_in_guest(&request), job).await?;
    // Every server was reached in every step, and what was asked for is there.
    let works = steps.iter().all(|step: &Step| step.ok);
    let body = json!({"data": {"works": works, "steps": steps}});
    Ok(HttpResponse::Ok().insert_header(("cache-control", "no-store")).json(body))
}
