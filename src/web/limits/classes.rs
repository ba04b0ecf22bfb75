//! What is counted together: who is counted, and which sort of request.

use actix_web::http::Method;

use super::table::Quota;

/// A sort of request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Signing in, and everything else that a password or a code is sent to.
    SignIn,
    /// Looking for something by words.
    Search,
    /// Any other question.
    Read,
    /// Any other change.
    Write,
    /// Taking much out at once.
    Export,
    /// Putting much in at once.
    Bulk,
}

/// Who is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// An address from which nobody is signed in.
    Anonymous,
    /// An address with people who are signed in: perhaps a whole ward, behind one.
    Address,
    /// An account, with all its sessions and tokens.
    Account,
}

/// A limit: who is counted, for what, and how much is let in when nobody has said otherwise.
#[derive(Debug)]
pub struct Limit {
    /// Who is counted.
    pub scope: Scope,
    /// For what.
    pub class: Class,
    /// What it is called in the header `RateLimit-Policy`.
    pub policy: &'static str,
    /// How much is let in by default.
    pub default: Quota,
}

const fn limit(
    scope: Scope,
    class: Class,
    policy: &'static str,
    (burst, per_minute): (u32, u32),
) -> Limit {
    Limit { scope, class, policy, default: Quota { burst, per_minute } }
}

/// Every limit there is.
///
/// A person on a screen makes some requests a second and a burst of dozens when a page opens;
/// 50 a second for as long as one likes hold up no work and stop a loop that has gone wild. An
/// address may be that of a building: 300 people sign in at the change of shifts.
pub static LIMITS: [Limit; 12] = [
    limit(Scope::Anonymous, Class::SignIn, "anonymous-sign-in", (300, 600)),
    limit(Scope::Anonymous, Class::Read, "anonymous-read", (300, 1_200)),
    limit(Scope::Address, Class::Search, "address-search", (4_000, 24_000)),
    limit(Scope::Address, Class::Read, "address-read", (10_000, 60_000)),
    limit(Scope::Address, Class::Write, "address-write", (5_000, 30_000)),
    limit(Scope::Address, Class::Export, "address-export", (100, 300)),
    limit(Scope::Address, Class::Bulk, "address-bulk", (2_000, 6_000)),
    limit(Scope::Account, Class::Search, "account-search", (300, 1_200)),
    limit(Scope::Account, Class::Read, "account-read", (500, 3_000)),
    limit(Scope::Account, Class::Write, "account-write", (500, 3_000)),
    limit(Scope::Account, Class::Export, "account-export", (20, 60)),
    limit(Scope::Account, Class::Bulk, "account-bulk", (1_000, 600)),
];

/// The place in [`LIMITS`] of what counts requests of this `class` for this `scope`.
pub(super) fn place(scope: Scope, class: Class) -> usize {
    let class = match (scope, class) {
        (Scope::Anonymous, Class::SignIn) => 0,
        (Scope::Anonymous, _) => return 1,
        (_, Class::Search) => 0,
        (_, Class::Read) => 1,
        // Whoever is signed in and sends a password changes something.
        (_, Class::Write | Class::SignIn) => 2,
        (_, Class::Export) => 3,
        (_, Class::Bulk) => 4,
    };
    match scope {
        Scope::Anonymous => class,
        Scope::Address => 2 + class,
        Scope::Account => 7 + class,
    }
}

impl Class {
    /// The class of a request for `path`; none for what is not counted: what balancers ask, and
    /// pages and their files, which cost less than the counting would spare.
    pub(super) fn of(method: &Method, path: &str) -> Option<Self> {
        let rest = path.strip_prefix("/api/").filter(|rest| !rest.starts_with("health"))?;
        let rest = rest.strip_prefix("v1/").unwrap_or(rest).trim_end_matches('/');
        let (room, last) = (rest.split('/').next(), rest.rsplit('/').next());
        let is_question = matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
        Some(match (room, last) {
            (_, Some("search" | "matches")) => Self::Search,
            (_, Some("export" | "archive")) => Self::Export,
            _ if rest.contains("/print/") => Self::Export,
            _ if is_question => Self::Read,
            (Some("setup"), _) | (_, Some("password")) => Self::SignIn,
            (Some("sessions"), _) if *method == Method::POST => Self::SignIn,
            (Some("imports"), _) => Self::Bulk,
            _ => Self::Write,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_limit_is_found_by_what_it_counts() {
        for (at, limit) in LIMITS.iter().enumerate() {
            assert_eq!(place(limit.scope, limit.class), at, "{}", limit.policy);
        }
        for class in [Class::Search, Class::Write, Class::Export, Class::Bulk] {
            assert_eq!(LIMITS[place(Scope::Anonymous, class)].policy, "anonymous-read");
        }
        assert_eq!(LIMITS[place(Scope::Account, Class::SignIn)].policy, "account-write");
    }

    #[test]
    fn requests_are_of_the_class_of_what_they_do() {
        let post = Method::POST;
        for (method, path, class) in [
            (Method::GET, "/", None),
            (Method::GET, "/ui/abc/app/main.js", None),
            (Method::GET, "/api/health/ready", None),
            (Method::GET, "/api/openapi.json", Some(Class::Read)),
            (Method::GET, "/api/v1/patients", Some(Class::Read)),
            (Method::HEAD, "/api/v1/patients", Some(Class::Read)),
            (Method::GET, "/api/v1/sessions/current", Some(Class::Read)),
            (Method::DELETE, "/api/v1/sessions/current", Some(Class::Write)),
            (Method::GET, "/api/v1/patients/pat_1/print/patient-summary", Some(Class::Export)),
            (Method::GET, "/api/v1/audit/export", Some(Class::Export)),
            (post.clone(), "/api/v1/patients/search", Some(Class::Search)),
            (Method::GET, "/api/v1/patients/matches", Some(Class::Search)),
            (post.clone(), "/api/v1/patients", Some(Class::Write)),
            (Method::PATCH, "/api/v1/patients/pat_1", Some(Class::Write)),
            (post.clone(), "/api/v1/imports", Some(Class::Bulk)),
            (Method::GET, "/api/v1/imports", Some(Class::Read)),
            (post.clone(), "/api/v1/sessions", Some(Class::SignIn)),
            (post.clone(), "/api/v1/sessions/", Some(Class::SignIn)),
            (post.clone(), "/api/v1/sessions/second-factor", Some(Class::SignIn)),
            (post.clone(), "/api/v1/sessions/quick", Some(Class::SignIn)),
            (post.clone(), "/api/v1/sessions/passkey/options", Some(Class::SignIn)),
            (post.clone(), "/api/v1/setup", Some(Class::SignIn)),
            (post, "/api/v1/users/current/password", Some(Class::SignIn)),
        ] {
            assert_eq!(Class::of(&method, path), class, "{method} {path}");
        }
    }
}
