//! What the hospital asks of those who sign in: how soon an unattended page locks, and of whom a
//! second factor is asked for.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use super::roles::{self, giving};
use super::standing;
use crate::platform::ledger::{RecordError, Work};
use crate::store::{ReadTx, StoreError, Tx};
use crate::vocab::id::Kind;
use crate::vocab::problem::Findings;

/// The rules in audit rows; there is one set of them.
pub const SIGN_IN_RULES: Kind = Kind::new("sign_in_rules", "sir");
/// The row of `setting` that holds the rules.
const SETTING: &str = "sign_in";
/// Minutes without anybody until a page locks.
pub const LOCK_MINUTES: RangeInclusive<i64> = 1..=60;
/// Roles that may be named.
pub const ROLES_MAX: usize = 100;
/// Characters of a role's code.
pub const ROLE_CHARS_MAX: usize = 64;

/// The rules of this hospital.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SignInRules {
    /// Minutes without anybody until a page locks.
    pub lock_minutes: i64,
    /// Other minutes for those of a role, by its code.
    pub lock_minutes_of_roles: BTreeMap<String, i64>,
    /// The roles of which a second factor is asked for.
    pub second_factor_roles: BTreeSet<String>,
}

impl Default for SignInRules {
    fn default() -> Self {
        Self {
            lock_minutes: 15,
            lock_minutes_of_roles: BTreeMap::new(),
            second_factor_roles: BTreeSet::new(),
        }
    }
}

impl SignInRules {
    /// Minutes without anybody until a page of somebody with `role` locks.
    #[must_use]
    pub fn lock_minutes_of(&self, role: &str) -> i64 {
        self.lock_minutes_of_roles.get(role).copied().unwrap_or(self.lock_minutes)
    }

    /// Whether a second factor is asked of those with `role`.
    #[must_use]
    pub fn asks_second_factor_of(&self, role: &str) -> bool {
        self.second_factor_roles.contains(role)
    }

    /// Notes in `findings` what is wrong with them.
    pub fn check(&self, findings: &mut Findings) {
        let mend = "Use 1 to 60 minutes.";
        findings.check(LOCK_MINUTES.contains(&self.lock_minutes), "lock_minutes", mend);
        let of_roles = &self.lock_minutes_of_roles;
        let fit = of_roles.values().all(|minutes| LOCK_MINUTES.contains(minutes));
        findings.check(fit, "lock_minutes_of_roles", mend);
        let mend = "Name roles by their codes, at most 100.";
        findings.check(are_roles(of_roles.keys()), "lock_minutes_of_roles", mend);
        let asked = &self.second_factor_roles;
        findings.check(are_roles(asked.iter()), "second_factor_roles", mend);
    }
}

/// The rules about roles in place of those of `before`: each is one of the hospital's, and nobody
/// takes the second factor from those who may more than they.
///
/// # Errors
/// The field and the role; what the store says.
pub fn check_roles(
    work: &Work<'_>,
    before: &SignInRules,
    rules: &SignInRules,
) -> Result<(), RecordError> {
    let mut findings = Findings::new();
    let had: BTreeSet<&String> =
        before.second_factor_roles.iter().chain(before.lock_minutes_of_roles.keys()).collect();
    let named = rules.lock_minutes_of_roles.keys().map(|code| ("lock_minutes_of_roles", code));
    let asked = rules.second_factor_roles.iter().map(|code| ("second_factor_roles", code));
    for (field, code) in named.chain(asked).filter(|(_, code)| !had.contains(code)) {
        let known = roles::by_code(work.tx(), code)?.is_some();
        findings.check(known, field, &format!("There is no role with the code {code}."));
    }
    for code in before.second_factor_roles.difference(&rules.second_factor_roles) {
        let role = roles::by_code(work.tx(), code)?;
        let more = role.as_ref().and_then(|role| giving::beyond(&work.call().actor, role));
        if let (Some(role), Some(more)) = (role, more) {
            let mend = format!(
                "Those with the role {} may more than you ({more}): you cannot take their second \
                 factor away.",
                role.name
            );
            findings.add("second_factor_roles", mend);
        }
    }
    Ok(findings.verdict()?)
}

fn are_roles<'a>(mut codes: impl ExactSizeIterator<Item = &'a String>) -> bool {
    let fine = |letter: char| letter.is_ascii_alphanumeric() || "._-".contains(letter);
    codes.len() <= ROLES_MAX
        && codes.all(|code| (1..=ROLE_CHARS_MAX).contains(&code.len()) && code.chars().all(fine))
}

/// The rules, and when they were changed last (microseconds, 0 for never), which is their
/// version.
///
/// # Errors
/// What the store says.
pub fn find(tx: &ReadTx<'_>) -> Result<(SignInRules, i64), StoreError> {
    let sql = "SELECT value, updated_at FROM setting WHERE name = ?1";
    let kept = tx.opt(sql, &[SETTING.into()], |row| {
        Ok::<_, StoreError>((row.get::<String>(0)?, row.get::<i64>(1)?))
    })?;
    let Some((text, at)) = kept else { return Ok((SignInRules::default(), 0)) };
    // Rules that cannot be read ask for nothing: better nobody comes in.
    let rules = serde_json::from_str(&text).map_err(|cause| {
        let detail = format!("the setting {SETTING} cannot be read: {cause}");
        StoreError::Statement { detail }
    })?;
    Ok((rules, at))
}

/// Whether a second factor is asked of the account `user`.
///
/// # Errors
/// What the store says.
pub fn asks_second_factor_of(tx: &ReadTx<'_>, user: i64) -> Result<bool, StoreError> {
    let (rules, _) = find(tx)?;
    let standing = standing::of(tx, user)?;
    Ok(standing.is_some_and(|standing| rules.asks_second_factor_of(&standing.role.code)))
}

/// Writes the rules.
///
/// # Errors
/// What the store says.
pub fn save(tx: &Tx<'_>, rules: &SignInRules, now: i64) -> Result<(), StoreError> {
    let text = serde_json::to_string(rules).unwrap_or_default();
    let sql = "INSERT INTO setting (name, value, updated_at) VALUES (?1, ?2, ?3) \
        ON CONFLICT (name) DO UPDATE \
        SET value = excluded.value, updated_at = excluded.updated_at";
    tx.execute(sql, &[SETTING.into(), text.into(), now.into()])?;
    Ok(())
}
