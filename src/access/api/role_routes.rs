//! Roles, what they may hold, and why somebody may or may not do a thing, over HTTP.

use actix_web::web::{self, Data, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Value as Json, json};

use crate::access::explain;
use crate::access::roles::declared::{BUILT_IN, CATALOGUE};
use crate::access::roles::{PERMISSIONS, ROLE, ROLES, defaults};
use crate::access::users::{USER, USERS};
use crate::platform::ledger::{Desk, RecordError};
use crate::platform::resource::api as resource_api;
use crate::vocab::problem::Findings;
use crate::web::conditional::{self, IfMatch};
use crate::web::permit::demand;
use crate::web::{Answer, Permission, Permit, Signed, query};

/// May change what roles may do.
#[derive(Debug)]
struct RolesWrite;
impl Permission for RolesWrite {
    const CODE: &'static str = "roles.write";
}

/// Mounts roles, the catalogue of permissions and the explanation.
pub(super) fn mount(config: &mut ServiceConfig) {
    config
        .service(web::resource("/api/v1/permissions").route(web::get().to(get_permissions)))
        .service(web::resource("/api/v1/roles/{id}/default").route(web::post().to(post_default)))
        .service(web::resource("/api/v1/users/{id}/access").route(web::get().to(get_access)));
    resource_api::mount(config, &ROLES, resource_api::Offers::Changes);
}

/// Everything that a role may hold. Who is signed in may know what there is to be held.
async fn get_permissions(_signed: Signed, request: HttpRequest) -> Answer {
    query::none(&request)?;
    let one = |permission: &crate::access::roles::declared::Permission| {
        let holds = BUILT_IN.iter().filter(|role| role.permissions.contains(&permission.code));
        json!({
            "code": permission.code,
            "area": permission.area(),
            "may": permission.may,
            "default_of": holds.map(|role| role.code).collect::<Vec<_>>(),
        })
    };
    let data: Vec<Json> = CATALOGUE.iter().map(one).collect();
    let body = json!({"data": data, "meta": {}});
    Ok(conditional::hashed(&request, body.to_string().into_bytes()))
}

/// Has a built-in role hold again what it held when it was new.
async fn post_default(
    by: Permit<RolesWrite>,
    desk: Data<Desk>,
    id: Path<String>,
    IfMatch(version): IfMatch,
) -> Answer {
    let id = resource_api::id_in_path(ROLE, &id)?;
    let one = desk
        .write(&by.call, "roles.default", move |work| defaults::restore(work, id, version))
        .await?;
    Ok(resource_api::changed(&one))
}

/// What somebody may do and why; for one permission, whether they may.
async fn get_access(
    signed: Signed,
    request: HttpRequest,
    desk: Data<Desk>,
    id: Path<String>,
) -> Answer {
    let own = signed.call.actor.user_id().map(|id| USER.show(id));
    if own.as_deref() != Some(id.as_str()) {
        // Before the id is looked at: who may not ask does not learn which ids there are.
        demand(&request, &signed.call, USERS.read)?;
    }
    let id = resource_api::id_in_path(USER, &id)?;
    let mut findings = Findings::new();
    let sent = query::once_each(&request, &["permission"], &mut findings)?;
    let asked = sent.first().map(|(_, code)| code.to_string());
    let known = asked.as_ref().map(|asked| PERMISSIONS.into_iter().find(|code| code == asked));
    let mend = "Send the code of a permission; GET /api/v1/permissions lists them.";
    findings.check(known != Some(None), "permission", mend);
    findings.verdict().map_err(query::bad_query)?;
    let found =
        desk.store().read(desk.screen_deadline(), |tx| explain::access(tx, id, known.flatten()))?;
    let data = found.ok_or(RecordError::NotFound(USER.name))?;
    let body = json!({"data": data});
    Ok(HttpResponse::Ok().insert_header(("cache-control", "no-store")).json(body))
}
