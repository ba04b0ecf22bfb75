//! The permissions that roles list are those that the program asks for, and no others.

use std::collections::BTreeSet;

use healthflow::access::roles::{PERMISSIONS, ROLES, permissions};
use healthflow::access::users::USERS;
use healthflow::domain;

use super::source;

/// The quoted text after each `marker` in the code.
fn quoted_after(code: &str, marker: &str) -> Vec<String> {
    let ends = code.match_indices(marker).map(|(at, _)| &code[at + marker.len()..]);
    ends.filter_map(|rest| rest.strip_prefix('"')?.split('"').next().map(str::to_owned)).collect()
}

#[test]
fn every_permission_is_asked_for_and_every_one_asked_for_is_known() {
    let mut asked: BTreeSet<String> = BTreeSet::new();
    for resource in domain::ALL.into_iter().chain([&USERS]) {
        asked.extend([resource.read.to_owned(), resource.write.to_owned()]);
        asked.extend(resource.all_columns().filter_map(|column| column.needs).map(str::to_owned));
    }
    for file in source::rust().iter().filter(|file| !file.is_test()) {
        asked.extend(quoted_after(&file.code, "const CODE: &'static str = "));
    }
    let known: BTreeSet<String> = PERMISSIONS.iter().map(|code| (*code).to_owned()).collect();
    let unknown: Vec<_> = asked.difference(&known).collect();
    assert!(unknown.is_empty(), "asked for, and no role can hold it: {unknown:?}");
    let idle: Vec<_> = known.difference(&asked).collect();
    assert!(idle.is_empty(), "held by roles, and nothing asks for it: {idle:?}");
}

#[test]
fn roles_hold_known_permissions_and_reception_nothing_clinical() {
    for role in ROLES {
        let held = permissions(role);
        assert!(!held.is_empty(), "{role}");
        assert!(held.iter().all(|code| PERMISSIONS.contains(code)), "{role}");
    }
    let reception = permissions("reception");
    assert!(!reception.iter().any(|code| code.starts_with("records.")), "{reception:?}");
    assert!(permissions("nobody").is_empty());
}
