//! How many requests are let in: of an address, of an account, by what they ask for.
//!
//! Token buckets ([`table`]) for each limit of [`classes`]. An address is counted when a request
//! comes, an account when it is known who asks. Programs of this machine that speak for
//! themselves are not counted, as their connections are not; the address of a proxy is not,
//! since it is everybody's. Where more keys owe something than there are places for, the others
//! share one bucket, [`SHARED`] times as large: nobody is locked out by a crowd.

mod classes;
mod table;
#[cfg(test)]
mod tests;

use std::fmt::Write as _;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::web::Data;
use actix_web::{HttpMessage, HttpRequest};

use super::site::SESSION_COOKIE;
use super::{Failure, origin};
use crate::vocab::actor::Actor;
use crate::vocab::network::network;
use crate::vocab::problem::ProblemKind;

pub use classes::{Class, LIMITS, Limit, Scope};
pub use table::{BURST_MAX, PER_MINUTE_MAX, Quota};

/// How many times as much the bucket lets in that those share for whom there is no place.
const SHARED: u32 = 64;

/// Counts requests, for all workers.
#[derive(Debug)]
pub struct Limiter {
    is_on: bool,
    /// Burst and rate of each limit, in one number so that no reader sees half of a change.
    quotas: [AtomicU64; LIMITS.len()],
    version: Mutex<i64>,
    table: table::Table,
    shared: [Mutex<u64>; LIMITS.len()],
    started: Instant,
    refused: AtomicU64,
    crowded: AtomicU64,
}

/// How much was let in, for those who watch the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LimiterStatus {
    /// Buckets that are not full.
    pub buckets: usize,
    /// Buckets that there is a place for.
    pub buckets_max: usize,
    /// Requests that were refused since the start.
    pub refused: u64,
    /// Requests for whose bucket there was no place.
    pub crowded: u64,
}

impl Limiter {
    /// One that counts if it `is_on`, with the quotas of [`LIMITS`].
    #[must_use]
    pub fn new(is_on: bool) -> Self {
        Self {
            is_on,
            quotas: std::array::from_fn(|at| AtomicU64::new(packed(LIMITS[at].default))),
            version: Mutex::new(0),
            table: table::Table::new(if is_on { table::PLACES } else { 1 }),
            shared: std::array::from_fn(|_| Mutex::default()),
            started: Instant::now(),
            refused: AtomicU64::new(0),
            crowded: AtomicU64::new(0),
        }
    }

    /// Whether it counts at all.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.is_on
    }

    /// What the limit at this place of [`LIMITS`] lets in.
    #[must_use]
    pub fn quota(&self, place: usize) -> Quota {
        unpacked(self.quotas[place].load(Ordering::Relaxed))
    }

    /// Lets in so much from now on, unless a newer `version` was set before: two changes may come
    /// here in another order than they were made.
    pub fn set(&self, version: i64, quotas: [Quota; LIMITS.len()]) {
        let mut newest = self.version.lock().unwrap_or_else(PoisonError::into_inner);
        if *newest <= version {
            *newest = version;
            for (place, quota) in self.quotas.iter().zip(quotas) {
                place.store(packed(quota), Ordering::Relaxed);
            }
        }
    }

    /// How it does.
    #[must_use]
    pub fn status(&self) -> LimiterStatus {
        let (buckets, buckets_max) = self.table.in_use(self.now());
        LimiterStatus {
            buckets,
            buckets_max,
            refused: self.refused.load(Ordering::Relaxed),
            crowded: self.crowded.load(Ordering::Relaxed),
        }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    /// Counts one request of `key` at `now`.
    fn take(&self, scope: Scope, class: Class, key: impl Hash, now: u64) -> Standing {
        let place = classes::place(scope, class);
        let quota = self.quota(place);
        let level = self.table.take((place, key), quota, now).unwrap_or_else(|| {
            self.crowded.fetch_add(1, Ordering::Relaxed);
            let wide = |number: u32| number.saturating_mul(SHARED);
            let quota = Quota { burst: wide(quota.burst), per_minute: wide(quota.per_minute) };
            let mut full_at = self.shared[place].lock().unwrap_or_else(PoisonError::into_inner);
            table::take(&mut full_at, quota, now)
        });
        if level.wait.is_some() {
            self.refused.fetch_add(1, Ordering::Relaxed);
        }
        Standing { place, quota, level }
    }
}

fn packed(quota: Quota) -> u64 {
    u64::from(quota.burst) << 32 | u64::from(quota.per_minute)
}

fn unpacked(number: u64) -> Quota {
    let half = |number: u64| u32::try_from(number & u64::from(u32::MAX)).unwrap_or(u32::MAX);
    Quota { burst: half(number >> 32), per_minute: half(number) }
}

/// How a bucket is after a request.
#[derive(Debug, Clone, Copy)]
struct Standing {
    place: usize,
    quota: Quota,
    level: table::Level,
}

impl Standing {
    /// # Errors
    /// `web.too_many_requests` if the request was one too many.
    fn verdict(self) -> Result<(), Failure> {
        let Some(wait) = self.level.wait else { return Ok(()) };
        let retry_after_s = u32::try_from(seconds(wait)).unwrap_or(u32::MAX);
        let who = match LIMITS[self.place].scope {
            Scope::Account => "Your account",
            Scope::Anonymous | Scope::Address => "Your address",
        };
        let detail = format!("{who} sends too many requests. Wait {retry_after_s} s.");
        let kind = ProblemKind::TooMany { retry_after_s };
        Err(Failure::new("web.too_many_requests", kind, detail))
    }

    /// The one that has less left of what it may have.
    fn tighter(self, other: Self) -> Self {
        let part = |one: &Self, by: &Self| one.level.left * u64::from(by.quota.burst);
        if part(&other, &self) <= part(&self, &other) { other } else { self }
    }

    /// `RateLimit` and `RateLimit-Policy` of draft-ietf-httpapi-ratelimit-headers-10: what a full
    /// bucket holds and how long it takes to fill, what is left of it and when it is full.
    fn tell(self, headers: &mut HeaderMap) {
        let Self { place, quota, level } = self;
        let policy = LIMITS[place].policy;
        let mut text = String::with_capacity(64);
        let mut put = |name: &'static str, value: std::fmt::Arguments<'_>| {
            text.clear();
            // Writing to a text cannot fail.
            let _ = text.write_fmt(value);
            if let Ok(value) = HeaderValue::from_str(&text) {
                headers.insert(HeaderName::from_static(name), value);
            }
        };
        let (burst, window) = (quota.burst, quota.window_s());
        put("ratelimit-policy", format_args!("\"{policy}\";q={burst};w={window}"));
        let (left, full_in) = (level.left, seconds(level.full_in));
        put("ratelimit", format_args!("\"{policy}\";r={left};t={full_in}"));
    }
}

/// Whole seconds of so many nanoseconds, at least 1.
fn seconds(nanos: u64) -> u64 {
    nanos.div_ceil(1_000_000_000).max(1)
}

/// What is known of a request that is counted, in its extensions.
#[derive(Debug, Clone, Copy)]
struct Counted {
    class: Class,
    /// The address that is counted; none where it is everybody's.
    from: Option<IpAddr>,
    standing: Option<Standing>,
    is_account_counted: bool,
}

/// Counts `request` for its address.
///
/// # Errors
/// `web.too_many_requests`.
pub(super) fn enter(request: &ServiceRequest) -> Result<(), Failure> {
    let arrival = origin::arrival(request);
    let Some(limiter) = request.app_data::<Data<Limiter>>().filter(|limiter| limiter.is_on) else {
        return Ok(());
    };
    let class = Class::of(request.method(), request.path());
    let Some(class) = class.filter(|_| !arrival.is_local) else { return Ok(()) };
    let from = arrival.address.filter(|_| !arrival.is_shared).map(|it| network(Some(it)));
    let standing = from.map(|from| {
        // At the door nobody looks whether what is said holds.
        let known = class != Class::SignIn && has_credentials(request);
        let scope = if known { Scope::Address } else { Scope::Anonymous };
        limiter.take(scope, class, from, limiter.now())
    });
    let counted = Counted { class, from, standing, is_account_counted: false };
    request.extensions_mut().insert(counted);
    standing.map_or(Ok(()), Standing::verdict)
}

/// Whether somebody says who they are. Who lies is counted as nobody by [`stranger`].
fn has_credentials(request: &ServiceRequest) -> bool {
    let headers = request.headers();
    headers.contains_key(header::AUTHORIZATION)
        || headers.get(header::COOKIE).is_some_and(|cookies| {
            let cookies = cookies.as_bytes();
            cookies.windows(SESSION_COOKIE.len()).any(|part| part == SESSION_COOKIE.as_bytes())
        })
}

/// Counts `request`, which nobody stands behind although it says so, for nobody's address.
///
/// # Errors
/// `web.too_many_requests`.
pub(super) fn stranger(request: &HttpRequest) -> Result<(), Failure> {
    count(request, |limiter, counted| {
        let is_counted = |before: Standing| LIMITS[before.place].scope == Scope::Anonymous;
        let from = counted.from.filter(|_| !counted.standing.is_some_and(is_counted))?;
        Some(limiter.take(Scope::Anonymous, counted.class, from, limiter.now()))
    })
}

/// Counts `request` for the account of `actor`, once. Machines have none.
///
/// # Errors
/// `web.too_many_requests`.
pub(super) fn known(request: &HttpRequest, actor: &Actor) -> Result<(), Failure> {
    count(request, |limiter, counted| {
        if std::mem::replace(&mut counted.is_account_counted, true) {
            return None;
        }
        Some(limiter.take(Scope::Account, counted.class, actor.user_id()?, limiter.now()))
    })
}

fn count(
    request: &HttpRequest,
    take: impl FnOnce(&Limiter, &mut Counted) -> Option<Standing>,
) -> Result<(), Failure> {
    let Some(limiter) = request.app_data::<Data<Limiter>>() else { return Ok(()) };
    let mut extensions = request.extensions_mut();
    let Some(counted) = extensions.get_mut::<Counted>() else { return Ok(()) };
    let Some(standing) = take(limiter, counted) else { return Ok(()) };
    let told = counted.standing.map_or(standing, |before| before.tighter(standing));
    counted.standing = Some(told);
    drop(extensions);
    standing.verdict()
}

/// Says in the headers of `answer` how much is left.
pub(super) fn tell<B>(answer: &mut ServiceResponse<B>) {
    let counted = answer.request().extensions().get::<Counted>().copied();
    if let Some(standing) = counted.and_then(|counted| counted.standing) {
        standing.tell(answer.headers_mut());
    }
}
