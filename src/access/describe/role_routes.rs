//! What the API's document says of roles, permissions and why somebody may do a thing.

use serde_json::{Value as Json, json};

use crate::access::roles::{PERMISSIONS, REACHES, ROLE, ROLES};
use crate::access::users::{DEPARTMENT, FACILITY, USER, USERS};
use crate::platform::resource::describe::{Offered, Offers, id};
use crate::web::openapi::{Document, Operation, schema};

/// Describes them.
pub(super) fn describe(document: &mut Document) {
    document.tag(ROLES.path, "What people may do: sets of permissions with a name.");
    Offered::new(&ROLES, Offers::Changes).describe(document);
    let restore = "/api/v1/roles/{id}/default";
    document.add("post", restore, post_default());
    document.id(restore, &id(ROLE));
    let permission = document.schema("Permission", permission());
    document.add("get", "/api/v1/permissions", get_permissions(permission));
    let access = document.schema("Access", access());
    let explain = "/api/v1/users/{id}/access";
    document.add("get", explain, get_access(access));
    document.id(explain, &id(USER));
}

fn post_default() -> Operation {
    let role = schema::data(schema::reference("Role"));
    Operation::new(ROLES.path, "restoreRole", "Have a built-in role hold its default again")
        .detail("What it holds and whose records it reaches, as it was when it was new.")
        .needs(ROLES.write)
        .if_match()
        .answers(200, "The role after the change", role)
        .header(200, "ETag")
        .refuses(&[422])
}

fn permission() -> Json {
    schema::object(vec![
        ("code", schema::words(&PERMISSIONS), true),
        ("area", schema::described(schema::any_text(), "What it is about"), true),
        ("may", schema::described(schema::any_text(), "What its holder may do"), true),
        ("default_of", schema::list(schema::any_text(), None), true),
    ])
}

fn get_permissions(permission: Json) -> Operation {
    let all = schema::object(vec![
        ("data", schema::list(permission, None), true),
        ("meta", json!({"type": "object"}), true),
    ]);
    Operation::new(ROLES.path, "listPermissions", "Everything that a role can hold")
        .detail("`default_of` names the built-in roles that hold it unless they were changed.")
        .answers(200, "All of them", all)
        .tagged()
}

/// One step of a decision.
pub(super) fn step() -> Json {
    schema::object(vec![
        ("step", schema::described(schema::any_text(), "What is looked at, e.g. account"), true),
        ("passes", schema::boolean(), true),
        ("code", schema::described(schema::any_text(), "What was found, as a word"), true),
        ("detail", schema::described(schema::any_text(), "The same as a sentence"), true),
    ])
}

fn access() -> Json {
    let named = |of| schema::object(vec![("id", id(of), true), ("name", schema::any_text(), true)]);
    let role = schema::object(vec![
        ("id", id(ROLE), true),
        ("code", schema::any_text(), true),
        ("name", schema::any_text(), true),
        ("active", schema::boolean(), true),
    ]);
    let reach = schema::object(vec![
        ("role", schema::described(schema::words(&REACHES), "As the role says"), true),
        ("effective", schema::described(schema::words(&REACHES), "As it comes out"), true),
        ("why", schema::any_text(), true),
    ]);
    let permissions = schema::words(&PERMISSIONS);
    schema::object(vec![
        ("user_id", id(USER), true),
        ("display_name", schema::any_text(), true),
        ("active", schema::boolean(), true),
        ("role", role.clone(), true),
        ("facility", schema::nullable(named(FACILITY)), true),
        ("departments", schema::list(named(DEPARTMENT), None), true),
        ("reach", reach, true),
        ("permissions", schema::list(permissions.clone(), None), true),
        ("permission", schema::nullable(permissions), true),
        ("allowed", schema::nullable(schema::boolean()), true),
        ("steps", schema::list(step(), None), true),
        ("held_by", schema::list(role, None), true),
    ])
}

fn get_access(access: Json) -> Operation {
    let permission = schema::words(&PERMISSIONS);
    Operation::new(USERS.path, "explainAccess", "What somebody may do, and why")
        .detail(
            "Everybody may ask about themselves; about others it needs `users.read`. With \
             `permission`, `allowed` says whether it is held, and `held_by` which roles hold it.",
        )
        .query("permission", permission, "The permission that is asked about.")
        .answers(200, "The steps of the decision, in order", schema::data(access))
        .refuses(&[403])
}
