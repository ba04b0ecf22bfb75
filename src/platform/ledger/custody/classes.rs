//! What kind of act a row tells of, and for how long rows of each kind stay in the audit.

/// A kind of act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AuditClass {
    /// Somebody looked at records.
    Reads,
    /// Records of the hospital were made or changed.
    Changes,
    /// Somebody came in, went, or was refused.
    Access,
    /// Accounts, settings, imports, the audit itself.
    Administration,
}

/// The last words of acts that only look.
const LOOKS: [&str; 10] = [
    "read", "list", "search", "matches", "history", "timeline", "series", "print", "replay",
    "access",
];
/// The first words of acts at the door.
const DOOR: [&str; 3] = ["access", "sessions", "second_factor"];
/// The first words of acts on the house and not on a patient.
const HOUSE: [&str; 18] = [
    "users",
    "roles",
    "departments",
    "hospital",
    "facilities",
    "settings",
    "setup",
    "imports",
    "jobs",
    "schedules",
    "tokens",
    "directory",
    "openid",
    "limits",
    "tls",
    "backup",
    "audit",
    "demo",
];

impl AuditClass {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Reads, Self::Changes, Self::Access, Self::Administration];

    /// The class of `act`. What is not known is taken for a change, which is kept longest.
    #[must_use]
    pub fn of(act: &str) -> Self {
        let (first, rest) = act.split_once('.').unwrap_or((act, ""));
        let last = rest.rsplit('.').next().unwrap_or_default();
        if DOOR.contains(&first) {
            Self::Access
        } else if HOUSE.contains(&first) {
            Self::Administration
        } else if LOOKS.contains(&last) {
            Self::Reads
        } else {
            Self::Changes
        }
    }

    /// Its word in settings, in the API and on the command line.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Reads => "reads",
            Self::Changes => "changes",
            Self::Access => "access",
            Self::Administration => "administration",
        }
    }

    /// The class with this word.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.word() == word)
    }
}

/// For how many days rows of each class stay, at least.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Of [`AuditClass::Reads`].
    pub reads_days: u32,
    /// Of [`AuditClass::Changes`].
    pub changes_days: u32,
    /// Of [`AuditClass::Access`].
    pub access_days: u32,
    /// Of [`AuditClass::Administration`].
    pub administration_days: u32,
}

impl Retention {
    /// The time before which rows of `class` may go, in microseconds, if it is `now`.
    #[must_use]
    pub fn kept_since(&self, class: AuditClass, now: i64) -> i64 {
        let days = match class {
            AuditClass::Reads => self.reads_days,
            AuditClass::Changes => self.changes_days,
            AuditClass::Access => self.access_days,
            AuditClass::Administration => self.administration_days,
        };
        now.saturating_sub(i64::from(days) * DAY)
    }
}

/// A day in microseconds.
pub const DAY: i64 = 86_400_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn acts_fall_into_the_class_that_keeps_them_long_enough() {
        for (act, class) in [
            ("patients.read", AuditClass::Reads),
            ("medication-requests.list", AuditClass::Reads),
            ("patients.print", AuditClass::Reads),
            ("allergies.replay", AuditClass::Reads),
            ("patients.amend", AuditClass::Changes),
            ("allergies.create", AuditClass::Changes),
            ("something.new", AuditClass::Changes),
            ("", AuditClass::Changes),
            ("sessions.create", AuditClass::Access),
            ("access.refused", AuditClass::Access),
            ("users.amend", AuditClass::Administration),
            ("users.history", AuditClass::Administration),
            ("users.own_totp_add", AuditClass::Administration),
            ("hospital.sign_in", AuditClass::Administration),
            ("limits.amend", AuditClass::Administration),
            ("openid.amend", AuditClass::Administration),
            ("sessions.unlock", AuditClass::Access),
            ("setup", AuditClass::Administration),
            ("audit.prune", AuditClass::Administration),
            ("audit.list", AuditClass::Administration),
        ] {
            assert_eq!(AuditClass::of(act), class, "{act}");
        }
        for class in AuditClass::ALL {
            assert_eq!(AuditClass::named(class.word()), Some(class));
        }
    }
}
