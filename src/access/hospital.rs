//! The hospital itself: its name and its time zone.

use std::ops::RangeInclusive;

use jiff::tz::TimeZone;

use crate::store::{ReadTx, StoreError, Tx};

/// Characters that its name may have.
pub const NAME: RangeInclusive<usize> = 1..=200;

/// What the set-up asked about the house.
#[derive(Debug, Clone)]
pub struct Hospital {
    /// Its name, shown on every page.
    pub name: String,
    /// IANA name of the zone in which its days begin and end.
    pub time_zone: String,
}

impl Hospital {
    /// The zone, UTC if the database of zones lost it.
    #[must_use]
    pub fn zone(&self) -> TimeZone {
        TimeZone::get(&self.time_zone).unwrap_or(TimeZone::UTC)
    }
}

/// The hospital, or `None` before the set-up.
///
/// # Errors
/// What the store says.
pub fn find(tx: &ReadTx<'_>) -> Result<Option<Hospital>, StoreError> {
    let sql = "SELECT value FROM setting WHERE name = ?1";
    let name = tx.opt(sql, &["hospital_name".into()], |row| row.get::<String>(0))?;
    let zone = tx.opt(sql, &["time_zone".into()], |row| row.get::<String>(0))?;
    Ok(name.map(|name| Hospital { name, time_zone: zone.unwrap_or_else(|| "UTC".to_owned()) }))
}

/// When name or zone were written last, microseconds; also their version.
///
/// # Errors
/// What the store says.
pub fn changed_at(tx: &ReadTx<'_>) -> Result<Option<i64>, StoreError> {
    let sql = "SELECT max(updated_at) FROM setting WHERE name IN ('hospital_name', 'time_zone')";
    tx.one(sql, &[], |row| row.get(0))
}

/// The number in the setting `name`, if the hospital has set it.
///
/// # Errors
/// What the store says.
pub fn number(tx: &ReadTx<'_>, name: &str) -> Result<Option<i64>, StoreError> {
    let sql = "SELECT CAST(value AS INTEGER) FROM setting WHERE name = ?1";
    tx.opt(sql, &[name.into()], |row| row.get(0))
}

/// Writes name and zone.
///
/// # Errors
/// What the store says.
pub fn save(tx: &Tx<'_>, hospital: &Hospital, now: i64) -> Result<(), StoreError> {
    let settings = [("hospital_name", &hospital.name), ("time_zone", &hospital.time_zone)];
    for (name, value) in settings {
        let sql = "INSERT INTO setting (name, value, updated_at) VALUES (?1, ?2, ?3) \
            ON CONFLICT (name) DO UPDATE \
            SET value = excluded.value, updated_at = excluded.updated_at";
        tx.execute(sql, &[name.into(), value.as_str().into(), now.into()])?;
    }
    Ok(())
}
