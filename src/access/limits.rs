//! How many requests are let in, as the hospital has set it: one setting with the limits that
//! differ from what the program begins with.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::platform::ledger::{RecordError, Touch, Work};
use crate::store::{ReadTx, StoreError};
use crate::vocab::id::Kind;
use crate::web::limits::{LIMITS, Limit, Limiter, Quota};

/// The limits in audit rows; there is one set of them.
pub const RATE_LIMITS: Kind = Kind::new("rate_limits", "lim");
const THE_ONE: i64 = 1;
/// The name of the setting.
const SETTING: &str = "rate_limits";

/// What one limit lets in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Allowance {
    /// Requests at once.
    pub burst: u32,
    /// Requests a minute in the long run.
    pub per_minute: u32,
}

impl From<Quota> for Allowance {
    fn from(Quota { burst, per_minute }: Quota) -> Self {
        Self { burst, per_minute }
    }
}

impl From<Allowance> for Quota {
    fn from(Allowance { burst, per_minute }: Allowance) -> Self {
        Self { burst, per_minute }
    }
}

/// Limits by the name of their policy.
pub type Allowances = BTreeMap<String, Allowance>;

/// What was set, and when, in microseconds, which is also its version: 0 if nothing ever was.
///
/// # Errors
/// What the store says.
pub fn find(tx: &ReadTx<'_>) -> Result<(Allowances, i64), StoreError> {
    let sql = "SELECT value, updated_at FROM setting WHERE name = ?1";
    let found = tx.opt(sql, &[SETTING.into()], |row| {
        Ok::<_, StoreError>((row.get::<String>(0)?, row.get::<i64>(1)?))
    })?;
    let Some((text, version)) = found else { return Ok((Allowances::new(), 0)) };
    let set = serde_json::from_str(&text).unwrap_or_else(|cause| {
        tracing::error!("The rate limits that were set cannot be read: {cause}");
        Allowances::new()
    });
    Ok((set, version))
}

/// Has `limiter` go by what was set.
///
/// # Errors
/// What the store says.
pub fn load(tx: &ReadTx<'_>, limiter: &Limiter) -> Result<(), StoreError> {
    let (set, version) = find(tx)?;
    follow(&set, version, limiter);
    Ok(())
}

/// Has `limiter` let in what is `set` since `version`, and the default where nothing is. A policy
/// that this program does not have is passed over.
pub fn follow(set: &Allowances, version: i64, limiter: &Limiter) {
    let quota = |limit: &Limit| set.get(limit.policy).map_or(limit.default, |set| (*set).into());
    limiter.set(version, std::array::from_fn(|place| quota(&LIMITS[place])));
}

/// Sets what is in `changes`, over `version`; `None` takes the default again. What is set then,
/// and its version.
///
/// # Errors
/// Somebody has set them meanwhile; what the store says.
pub fn change(
    work: &Work<'_>,
    version: i64,
    changes: &BTreeMap<String, Option<Allowance>>,
) -> Result<(Allowances, i64), RecordError> {
    let (mut set, now) = find(work.tx())?;
    if now != version {
        return Err(RecordError::Stale(RATE_LIMITS.name));
    }
    for (policy, allowance) in changes {
        match allowance {
            Some(allowance) => set.insert(policy.clone(), *allowance),
            None => set.remove(policy),
        };
    }
    let text = serde_json::to_string(&set).unwrap_or_default();
    let sql = "INSERT INTO setting (name, value, updated_at) VALUES (?1, ?2, ?3) \
        ON CONFLICT (name) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at";
    // Later than before also when the clock was set back, or the version would repeat.
    let at = work.now().max(version + 1);
    work.tx().execute(sql, &[SETTING.into(), text.as_str().into(), at.into()])?;
    let touch = Touch { kind: RATE_LIMITS, id: THE_ONE, patient: None, event: "amended" };
    work.touched(touch);
    Ok((set, at))
}
