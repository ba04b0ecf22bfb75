//! The permissions that roles list are those that the program asks for, and no others.

use std::collections::BTreeSet;

use healthflow::access::roles::declared::built_in;
use healthflow::access::roles::{BUILT_IN, PERMISSIONS, ROLES};
use healthflow::access::users::USERS;
use healthflow::backup::BACKUPS;
use healthflow::domain;
use healthflow::notify::NOTIFICATIONS;
use healthflow::platform::jobs::{JOBS, SCHEDULES};
use healthflow::watch::{ALERT_RULES, ALERTS};

use super::source;

/// The quoted text after each `marker` in the code.
fn quoted_after(code: &str, marker: &str) -> Vec<String> {
    let ends = code.match_indices(marker).map(|(at, _)| &code[at + marker.len()..]);
    ends.filter_map(|rest| rest.strip_prefix('"')?.split('"').next().map(str::to_owned)).collect()
}

#[test]
fn every_permission_is_asked_for_and_every_one_asked_for_is_known() {
    let mut asked: BTreeSet<String> = BTreeSet::new();
    let house =
        [&USERS, &ROLES, &JOBS, &SCHEDULES, &BACKUPS, &NOTIFICATIONS, &ALERTS, &ALERT_RULES];
    for resource in domain::ALL.into_iter().chain(house) {
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
fn roles_hold_known_permissions_and_only_those_who_treat_what_is_clinical() {
    let clinical = ["nurse", "clinician", "pharmacist", "laboratory", "integration"];
    for role in &BUILT_IN {
        let held = role.permissions;
        assert!(!held.is_empty(), "{}", role.code);
        assert!(held.iter().all(|code| PERMISSIONS.contains(code)), "{}", role.code);
        let sees = held.iter().any(|code| code.starts_with("records."));
        let may = role.code == "administrator" || clinical.contains(&role.code);
        assert_eq!(sees, may, "{}", role.code);
        assert_eq!(built_in(role.code).unwrap().permissions, held);
    }
    assert!(built_in("nobody").is_none());
}

/// Whether the parameters before a body say who asks.
fn knows_who_asks(before: &str) -> bool {
    let certain = before.replace("Option<Signed>", "");
    ["Permit<", ": Signed,", ": Held,", "(Signed,", ": Asked,"]
        .iter()
        .any(|who| certain.contains(who))
}

#[test]
fn no_body_is_gathered_before_it_is_known_who_sends_it() {
    let mut checked = 0;
    for file in source::rust().iter().filter(|file| !file.is_test()) {
        for (at, _) in file.code.match_indices(": Body<") {
            let start = file.code[..at].rfind("fn ").unwrap();
            let before = &file.code[start..at];
            assert!(knows_who_asks(before), "{}: put Permit or Signed first: {before}", file.path);
            checked += 1;
        }
        let asked = file.code.split("type Asked = ").nth(1);
        assert!(asked.is_none_or(|means| means.starts_with("(Signed, ")), "{}", file.path);
    }
    assert!(5 < checked, "{checked}");
    assert!(!knows_who_asks("fn post(signed: Option<Signed>, Body(body)"));
    assert!(!knows_who_asks("fn post(desk: Data<Desk>, Body(body)"));
}
