//! Roles and the permissions they hold. Everything not listed is denied.

/// Every permission that the program asks for.
pub const PERMISSIONS: [&str; 17] = [
    "patients.read",
    "patients.write",
    "encounters.read",
    "encounters.write",
    "records.read",
    "records.write",
    "providers.read",
    "providers.write",
    "facilities.read",
    "facilities.write",
    "users.read",
    "users.write",
    "tokens.read",
    "tokens.write",
    "imports.run",
    "system.read",
    "settings.write",
];

/// Reception sees who somebody is and when they come, nothing clinical.
const RECEPTION: [&str; 6] = [
    "patients.read",
    "patients.write",
    "encounters.read",
    "encounters.write",
    "providers.read",
    "facilities.read",
];

/// Those who treat.
const CLINICAL: [&str; 8] = [
    "patients.read",
    "patients.write",
    "encounters.read",
    "encounters.write",
    "records.read",
    "records.write",
    "providers.read",
    "facilities.read",
];

/// The words that `app_user.role` may hold.
pub const ROLES: [&str; 4] = ["administrator", "reception", "clinician", "nurse"];

/// The permissions of `role`; none for a word that is not a role.
#[must_use]
pub fn permissions(role: &str) -> Vec<&'static str> {
    match role {
        "administrator" => PERMISSIONS.to_vec(),
        "reception" => RECEPTION.to_vec(),
        "clinician" | "nurse" => CLINICAL.to_vec(),
        _ => Vec::new(),
    }
}
