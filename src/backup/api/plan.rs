//! Setting where backups go.

use actix_web::HttpRequest;
use actix_web::web::{self, Data};
use serde::Deserialize;

use super::{ensure_keys, show, touch};
use crate::access::api::{Access, confirm_or_fresh};
use crate::access::connections::Kept;
use crate::access::error::AccessError;
use crate::backup::keep::Keep;
use crate::backup::settings::{self, KEPT, SECRET_MAX, Settings};
use crate::backup::target::{Address, TargetError};
use crate::platform::jobs::api::SystemWrite;
use crate::platform::ledger::{Desk, RecordError};
use crate::store::StoreError;
use crate::vocab::problem::Findings;
use crate::web::conditional::IfMatch;
use crate::web::permit::demand_person;
use crate::web::{Answer, Body, Failure, Permit};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sent {
    #[serde(default)]
    folder: String,
    #[serde(default)]
    bucket: Option<Address>,
    #[serde(default)]
    secret_key: Option<String>,
    #[serde(default)]
    keep: Keep,
    #[serde(default)]
    recipients: Vec<String>,
    #[serde(default)]
    current_password: Option<String>,
}

/// Who names a target and a recipient decides who can read everything: whoever does says their
/// password once more.
pub(super) async fn put_plan(
    by: Permit<SystemWrite>,
    request: HttpRequest,
    desk: Data<Desk>,
    access: Data<Access>,
    IfMatch(version): IfMatch,
    Body(sent): Body<Sent>,
) -> Answer {
    demand_person(&by.call)?;
    let Sent { folder, bucket, secret_key, keep, recipients, current_password } = sent;
    let mut settings = Settings { folder, bucket, keep, same_volume: None, recipients };
    let mut findings = Findings::new();
    settings.check(desk.store().folder(), &mut findings);
    findings.verdict().map_err(RecordError::from)?;
    let typed = secret_key.filter(|secret| !secret.is_empty());
    let secret = secret(&desk, &access, &settings, typed.clone())?;
    if by.call.actor.user_id().is_some() {
        let asked = (current_password, "backup.amend");
        confirm_or_fresh(&request, &desk, &access, &by.call, asked).await?;
    }
    let keys = ensure_keys(&by, &desk, &access).await?;
    if let Some(target) = settings.target(|| Ok::<_, Failure>(secret))? {
        let data = desk.store().folder().to_owned();
        let is_bucket = target.is_remote();
        // It may be at the other end of a network.
        let claimed = web::block(move || {
            let claim = settings::claim_of(&data, keys.hospital, &target)?;
            let claimed = claim.and_then(|claim| target.claim(&claim));
            Ok::<_, AccessError>(claimed.map(|()| target.shares_volume_with(&data)))
        });
        let claimed = claimed.await.map_err(|_| RecordError::from(StoreError::Closed))??;
        settings.same_volume = claimed.map_err(|cause| refused(&cause, is_bucket))?;
    }
    // What no bucket needs any more is not kept.
    let typed = if settings.bucket.is_some() { typed } else { Some(String::new()) };
    let sealed = typed.map(|typed| KEPT.seal(&access.secrets, &typed)).transpose()?;
    desk.write(&by.call, "backup.amend", move |work| {
        if KEPT.find(work.tx())?.map_or(0, |kept| kept.version) != version {
            return Err(RecordError::Stale("backup_plan"));
        }
        // Later than before also when the clock was set back, or the version would repeat.
        let now = work.now().max(version + 1);
        KEPT.save(work.tx(), &settings, sealed.as_deref(), now)?;
        work.touched(touch("amended"));
        Ok(())
    })
    .await?;
    show(&request, &desk, &access)
}

/// The secret key of the storage, if it is to be storage: the one that was typed, or the one from
/// before if it is for the same.
fn secret(
    desk: &Desk,
    access: &Access,
    settings: &Settings,
    typed: Option<String>,
) -> Result<String, Failure> {
    let Some(address) = &settings.bucket else { return Ok(String::new()) };
    let wrong = |mend: &str| RecordError::field("secret_key", mend.to_owned()).into();
    if let Some(typed) = typed {
        let fits = typed.len() <= SECRET_MAX && typed.bytes().all(|byte| byte.is_ascii_graphic());
        let mend = "This is no secret key: it has letters, digits and signs and no blanks.";
        return if fits { Ok(typed) } else { Err(wrong(mend)) };
    }
    let kept = desk.store().read(desk.screen_deadline(), |tx| KEPT.find(tx))?;
    let before = |kept: &Kept<Settings>| {
        let before = kept.settings.bucket.as_ref();
        kept.has_secret() && before.is_some_and(|before| address.keeps_secret_of(before))
    };
    let kept = kept.filter(before).ok_or_else(|| {
        wrong("Type the secret key that belongs to this access key of this storage.")
    })?;
    kept.secret(&access.secrets).map_err(|cause| wrong(&format!("Not usable: {cause}.")))
}

fn refused(cause: &TargetError, is_bucket: bool) -> RecordError {
    let field = match cause {
        TargetError::Storage { trouble, .. } => trouble.field(),
        _ if is_bucket => "bucket.prefix",
        _ => "folder",
    };
    RecordError::field(field, format!("{cause}."))
}
