//! Which role people have here, by the groups they are in there. The first rule that fits holds;
//! whoever is in none of the groups is not let in.

use serde::{Deserialize, Serialize};

use super::names;
use crate::access::users::FACILITY;
use crate::vocab::problem::Findings;
use crate::vocab::text;

/// Rules that a hospital may have.
pub const RULES_MAX: usize = 100;
/// Characters of the name of a group.
pub const GROUP_MAX: usize = 400;

/// Whoever is in `group` has `role`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// A distinguished name, or the name of a group alone; with OpenID a value of the claim.
    pub group: String,
    /// The code of a role.
    pub role: String,
    /// The facility they work at; without one that of the account stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub facility_id: Option<String>,
}

impl Rule {
    /// The facility, if one is named.
    #[must_use]
    pub fn facility(&self) -> Option<i64> {
        self.facility_id.as_deref().and_then(|id| FACILITY.parse(id))
    }
}

/// What of the rules is wrong whatever the hospital has; whether roles and facilities are there
/// is looked at when they are saved.
pub fn check(rules: &mut [Rule], findings: &mut Findings) {
    let many = format!("Keep at most {RULES_MAX} rules.");
    findings.check(rules.len() <= RULES_MAX, "mapping", &many);
    for (at, rule) in rules.iter_mut().enumerate() {
        rule.group = text::line(&rule.group).unwrap_or_default();
        let fits = (1..=GROUP_MAX).contains(&rule.group.chars().count());
        let mend = format!("Name the group, in at most {GROUP_MAX} characters.");
        findings.check(fits, &format!("mapping[{at}].group"), &mend);
        let facility = rule.facility_id.is_none() || rule.facility().is_some();
        let mend = "Send the id of a facility, which starts with fac_.";
        findings.check(facility, &format!("mapping[{at}].facility_id"), mend);
    }
}

/// The first rule for somebody in the groups with these distinguished names. A rule with a bare
/// name is for groups under `base` only: who may make groups elsewhere must not give out roles.
#[must_use]
pub fn of_directory<'a>(rules: &'a [Rule], groups: &[String], base: &str) -> Option<&'a Rule> {
    let base = names::normal(base);
    let groups: Vec<String> = groups.iter().map(|group| names::normal(group)).collect();
    rules.iter().find(|rule| {
        if rule.group.contains('=') {
            return groups.contains(&names::normal(&rule.group));
        }
        let wanted = names::normal(&rule.group);
        let mut own = groups.iter().filter(|group| names::is_under(group, &base));
        own.any(|group| names::first_value(group) == wanted)
    })
}

/// The first rule for somebody whose claim has these values, which are compared as they stand.
#[must_use]
pub fn of_claim<'a>(rules: &'a [Rule], values: &[String]) -> Option<&'a Rule> {
    rules.iter().find(|rule| values.contains(&rule.group))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(group: &str, role: &str) -> Rule {
        Rule { group: group.to_owned(), role: role.to_owned(), facility_id: None }
    }

    fn role<'a>(rules: &'a [Rule], groups: &[&str]) -> Option<&'a str> {
        let groups: Vec<String> = groups.iter().map(|group| (*group).to_owned()).collect();
        of_directory(rules, &groups, "ou=groups,dc=x").map(|rule| rule.role.as_str())
    }

    #[test]
    fn the_first_rule_that_fits_holds_and_without_one_there_is_no_role() {
        let rules = [
            rule("cn=IT,ou=Groups,dc=x", "administrator"),
            rule("Ward Nurses", "nurse"),
            rule("Everybody", "reception"),
        ];
        let (it, all) = ("CN=it, OU=groups,DC=X", "cn=everybody,ou=groups,dc=x");
        let nurses = "cn=ward nurses,ou=wards,ou=groups,dc=x";
        assert_eq!(role(&rules, &[all, nurses, it]), Some("administrator"));
        assert_eq!(role(&rules, &[all, nurses]), Some("nurse"));
        assert_eq!(role(&rules, &[all]), Some("reception"));
        for strange in ["cn=visitors,ou=groups,dc=x", "", "everybody"] {
            assert_eq!(role(&rules, &[strange]), None, "{strange}");
        }
        assert_eq!(role(&rules, &[]), None);
        assert_eq!(role(&[], &[it]), None);
    }

    #[test]
    fn a_group_of_the_same_name_elsewhere_gives_no_role() {
        let rules = [rule("IT", "administrator")];
        assert_eq!(role(&rules, &["cn=it,ou=students,dc=x"]), None);
        assert_eq!(role(&rules, &["cn=it\\,ou=groups\\,dc=x,ou=students,dc=x"]), None);
        assert_eq!(role(&rules, &["cn=it,ou=groups,dc=x"]), Some("administrator"));
    }

    #[test]
    fn claims_are_compared_as_they_stand() {
        let rules = [rule("it", "administrator"), rule("nurses", "nurse")];
        let role = |values: &[&str]| {
            let values: Vec<String> = values.iter().map(|value| (*value).to_owned()).collect();
            of_claim(&rules, &values).map(|rule| rule.role.clone())
        };
        assert_eq!(role(&["nurses", "it"]).as_deref(), Some("administrator"));
        assert_eq!((role(&["IT"]), role(&["it "]), role(&[])), (None, None, None));
    }

    #[test]
    fn each_wrong_rule_is_named() {
        let mut rules = vec![rule(" \n", "nurse"), rule(&"x".repeat(401), "nurse")];
        rules[1].facility_id = Some("usr_1".to_owned());
        let mut findings = Findings::new();
        check(&mut rules, &mut findings);
        let told = findings.verdict().unwrap_err();
        let fields: Vec<&str> = told.iter().map(|one| one.field.as_str()).collect();
        assert_eq!(fields, ["mapping[0].group", "mapping[1].group", "mapping[1].facility_id"]);
    }
}
