//! Brings the built-in roles of a store up to what this program declares, and restores them.
//!
//! `role_default` keeps what was declared last time. What is new in the declaration is added to
//! a role and what has gone from it is taken away; all else stays as an administrator made it.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json, json};

use super::declared::{self, BUILT_IN, BuiltIn};
use super::{PERMISSIONS, ROLE, ROLES};
use crate::platform::ledger::{Desk, RecordError, Work};
use crate::platform::resource::select::{self, One};
use crate::platform::resource::{history, verbs};
use crate::store::{ReadTx, StoreError, Tx};
use crate::vocab::actor::{Actor, Call};

/// What changes in one role.
struct Difference {
    id: i64,
    role: &'static BuiltIn,
    added: Vec<&'static str>,
    gone: Vec<String>,
}

impl Difference {
    /// `nurse +break_glass.use -stock.read`, for the audit.
    fn told(&self) -> String {
        let added = self.added.iter().map(|code| format!(" +{code}"));
        let gone = self.gone.iter().map(|code| format!(" -{code}"));
        added.chain(gone).fold(self.role.code.to_owned(), |told, one| told + &one)
    }
}

/// Has the built-in roles hold what this program says they do. To be called when a store is
/// opened, before anybody asks anything. Writes nothing if there is nothing new.
///
/// # Errors
/// What the store says.
pub fn settle(desk: &Desk) -> Result<(), StoreError> {
    if desk.store().read(desk.screen_deadline(), differences)?.is_empty() {
        return Ok(());
    }
    let call = Call::new(Actor::machine("program", Vec::new()), "start");
    let now = desk.now();
    desk.write_founding(&call, "roles.defaults", move |tx| {
        let all = differences(tx)?;
        for one in &all {
            apply(tx, one, now)?;
        }
        Ok(all.iter().map(Difference::told).collect::<Vec<_>>().join(", "))
    })
}

fn differences(tx: &ReadTx<'_>) -> Result<Vec<Difference>, StoreError> {
    let mut all = Vec::new();
    for role in &BUILT_IN {
        let sql = "SELECT id FROM role WHERE code = ?1 AND built_in = 1";
        let Some(id) = tx.opt(sql, &[role.code.into()], |row| row.get::<i64>(0))? else {
            continue;
        };
        let sql = "SELECT permission FROM role_default WHERE role_id = ?1 ORDER BY permission";
        let before = tx.all(sql, &[id.into()], |row| row.get::<String>(0))?;
        let is_new = |code: &&str| !before.iter().any(|known| known == code);
        let added = role.permissions.iter().copied().filter(is_new).collect::<Vec<_>>();
        let is_gone = |code: &String| !role.permissions.contains(&code.as_str());
        let gone = before.iter().filter(|code| is_gone(code)).cloned().collect::<Vec<_>>();
        if !added.is_empty() || !gone.is_empty() {
            all.push(Difference { id, role, added, gone });
        }
    }
    Ok(all)
}

fn apply(tx: &Tx<'_>, change: &Difference, now: i64) -> Result<(), StoreError> {
    let id = change.id;
    let sql = "SELECT 1 FROM role_default WHERE role_id = ?1 LIMIT 1";
    let is_first = tx.opt(sql, &[id.into()], |_| Ok(()))?.is_none();
    if let Some(before) = select::whole(tx, &ROLES, id)?.filter(|_| !is_first) {
        history::keep(tx, &ROLES, (id, before.version), &before.body, (now, None))?;
    }
    let sql = "SELECT permission FROM role_permission WHERE role_id = ?1";
    let held = tx.all(sql, &[id.into()], |row| row.get::<String>(0))?;
    let mut held: BTreeSet<String> = held.into_iter().collect();
    held.retain(|code| !change.gone.contains(code));
    held.extend(change.added.iter().map(|code| (*code).to_owned()));
    tx.execute("DELETE FROM role_permission WHERE role_id = ?1", &[id.into()])?;
    let place = |code: &String| PERMISSIONS.iter().position(|known| known == code);
    let mut ordered: Vec<String> = held.into_iter().collect();
    ordered.sort_by_key(|code| place(code).unwrap_or(PERMISSIONS.len()));
    for (position, code) in (0_i64..).zip(ordered) {
        let sql = "INSERT INTO role_permission (role_id, position, permission) VALUES (?1, ?2, ?3)";
        tx.execute(sql, &[id.into(), position.into(), code.into()])?;
    }
    tx.execute("DELETE FROM role_default WHERE role_id = ?1", &[id.into()])?;
    for code in change.role.permissions {
        let sql = "INSERT INTO role_default (role_id, permission) VALUES (?1, ?2)";
        tx.execute(sql, &[id.into(), (*code).into()])?;
    }
    let sql = if is_first {
        "UPDATE role SET created_at = ?2, updated_at = ?2 WHERE id = ?1"
    } else {
        "UPDATE role SET version = version + 1, updated_at = ?2 WHERE id = ?1"
    };
    tx.execute(sql, &[id.into(), now.into()])?;
    Ok(())
}

/// Has the role `id` hold what the program declares again, as a change by whoever asks.
///
/// # Errors
/// No such role; another version; it is not built in; what may not be given.
pub fn restore(work: &Work<'_>, id: i64, version: i64) -> Result<One, RecordError> {
    let role = super::find(work.tx(), id)?.ok_or(RecordError::NotFound(ROLE.name))?;
    let Some(declared) = declared::built_in(&role.code).filter(|_| role.built_in) else {
        let mend = "Only a built-in role has a default.";
        return Err(RecordError::field("code", mend));
    };
    let mut patch: Map<String, Json> = Map::new();
    patch.insert("permissions".to_owned(), json!(declared.permissions));
    patch.insert("reach".to_owned(), json!(declared.reach));
    verbs::amend(work, &ROLES, (id, Some(version)), &patch)
}
