//! Kinds of visits: how often, at what hour, how long.

use super::dice::Dice;
use super::knowledge::problems::Problem;
use super::people::DAY;

/// What kind of visit it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Clinic,
    Emergency,
    Stay,
    Call,
}

impl Kind {
    /// What somebody comes for with a problem that passes, or without one.
    pub(super) fn of(dice: &mut Dice, passing: Option<&Problem>, whole: bool) -> Self {
        let serious = passing.is_some_and(|it| ["233604007", "61462000"].contains(&it.code));
        match dice.between(0, 99) {
            0..=6 if serious => Self::Stay,
            0..=2 => Self::Stay,
            3..=16 if passing.is_some() => Self::Emergency,
            17..=20 if whole => Self::Call,
            _ => Self::Clinic,
        }
    }

    /// The word of `encounter.class`.
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Clinic => "ambulatory",
            Self::Emergency => "emergency",
            Self::Stay => "inpatient",
            Self::Call => "virtual",
        }
    }

    /// As people call it.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Clinic => "Outpatient visit",
            Self::Emergency => "Emergency visit",
            Self::Stay => "Hospital stay",
            Self::Call => "Telephone consultation",
        }
    }

    /// When on `day` it begins, in seconds since 1970.
    pub(super) fn start(self, dice: &mut Dice, day: i64) -> i64 {
        let minutes = match self {
            Self::Emergency | Self::Stay => dice.between(0, 1_439),
            // Most come in the morning.
            Self::Clinic | Self::Call => 8 * 60 + dice.between(0, 500).min(dice.between(0, 540)),
        };
        day * DAY + minutes * 60
    }

    /// How many seconds it takes.
    pub(super) fn length(self, dice: &mut Dice) -> i64 {
        match self {
            Self::Clinic => 60 * dice.around(10, 55),
            Self::Emergency => 60 * dice.around(40, 420),
            Self::Stay => DAY * dice.between(1, 9) + 3_600 * dice.between(0, 8),
            Self::Call => 60 * dice.between(4, 20),
        }
    }
}
