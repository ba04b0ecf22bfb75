//! The hospital itself: its name, its time zone, and the numbers that it sets for itself.

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

/// A number that the hospital sets for itself.
#[derive(Debug)]
pub struct Number {
    /// Its name, in the store and in the API.
    pub name: &'static str,
    /// What holds until it is set.
    pub usual: i64,
    /// What it may be.
    pub bounds: RangeInclusive<i64>,
    /// What it is for.
    pub says: &'static str,
}

/// All of them.
pub static NUMBERS: [Number; 2] = [
    Number {
        name: super::break_glass::MINUTES_SETTING,
        usual: super::break_glass::MINUTES,
        bounds: super::break_glass::MINUTES_BOUNDS,
        says: "How many minutes a record opened in an emergency stays open",
    },
    Number {
        name: super::reach::DAYS_AFTER_SETTING,
        usual: super::reach::DAYS_AFTER,
        bounds: super::reach::DAYS_AFTER_BOUNDS,
        says: "How many days after its end a visit lets its department see the patient",
    },
];

/// When any of it was written last, microseconds; also their version.
///
/// # Errors
/// What the store says.
pub fn changed_at(tx: &ReadTx<'_>) -> Result<Option<i64>, StoreError> {
    let sql = "SELECT max(updated_at) FROM setting WHERE name IN \
        ('hospital_name', 'time_zone', 'break_glass_minutes', 'days_after_visit')";
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

/// Writes one of [`NUMBERS`].
///
/// # Errors
/// What the store says.
pub fn save_number(tx: &Tx<'_>, name: &str, value: i64, now: i64) -> Result<(), StoreError> {
    save_one(tx, (name, &value.to_string()), now)
}

/// Writes name and zone.
///
/// # Errors
/// What the store says.
pub fn save(tx: &Tx<'_>, hospital: &Hospital, now: i64) -> Result<(), StoreError> {
    let settings = [("hospital_name", &hospital.name), ("time_zone", &hospital.time_zone)];
    settings.into_iter().try_for_each(|(name, value)| save_one(tx, (name, value), now))
}

fn save_one(tx: &Tx<'_>, (name, value): (&str, &str), now: i64) -> Result<(), StoreError> {
    let sql = "INSERT INTO setting (name, value, updated_at) VALUES (?1, ?2, ?3) \
        ON CONFLICT (name) DO UPDATE \
        SET value = excluded.value, updated_at = excluded.updated_at";
    tx.execute(sql, &[name.into(), value.into(), now.into()])?;
    Ok(())
}
