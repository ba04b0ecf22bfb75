//! Limits as callers meet them: what they are told, and what a crowd does.

use super::*;

fn standing(burst: u32, left: u64) -> Standing {
    let quota = Quota { burst, per_minute: 60 };
    Standing { place: 8, quota, level: table::Level { left, full_in: 1_500_000_000, wait: None } }
}

#[test]
fn headers_are_structured_fields_that_say_what_is_left() {
    let mut headers = HeaderMap::new();
    standing(90, 7).tell(&mut headers);
    assert_eq!(headers.get("ratelimit-policy").unwrap(), "\"account-read\";q=90;w=90");
    assert_eq!(headers.get("ratelimit").unwrap(), "\"account-read\";r=7;t=2");
}

#[test]
fn the_limit_that_is_nearest_to_its_bound_is_told() {
    for (one, other, told) in [((10, 9), (100, 50), 50), ((10, 1), (100, 50), 1)] {
        let (one, other) = (standing(one.0, one.1), standing(other.0, other.1));
        assert_eq!(one.tighter(other).level.left, told);
        assert_eq!(other.tighter(one).level.left, told);
    }
}

#[test]
fn whoever_is_refused_hears_for_how_long_and_waits_no_longer() {
    let limiter = Limiter::new(true);
    let quotas = LIMITS.each_ref().map(|_| Quota { burst: 1, per_minute: 7 });
    limiter.set(1, quotas);
    let take = |now| limiter.take(Scope::Account, Class::Read, 1_i64, now);
    assert!(take(0).verdict().is_ok());
    let refused = take(0).verdict().unwrap_err();
    assert_eq!(refused.kind(), ProblemKind::TooMany { retry_after_s: 9 });
    assert!(take(9_000_000_000).verdict().is_ok());
    assert_eq!(limiter.status().refused, 1);
}

#[test]
fn an_older_change_that_comes_late_is_passed_over() {
    let limiter = Limiter::new(true);
    let quotas = |burst| LIMITS.each_ref().map(|_| Quota { burst, per_minute: 60 });
    limiter.set(2, quotas(2));
    limiter.set(1, quotas(1));
    assert_eq!(limiter.quota(0).burst, 2);
    limiter.set(3, quotas(BURST_MAX));
    let widest = Quota { burst: BURST_MAX, per_minute: PER_MINUTE_MAX };
    assert_eq!(unpacked(packed(widest)), widest);
    assert_eq!(limiter.quota(LIMITS.len() - 1).burst, BURST_MAX);
}

#[test]
fn a_crowd_of_a_million_addresses_shares_a_bucket_and_nobody_else_feels_it() {
    let limiter = Limiter::new(true);
    let quotas = LIMITS.each_ref().map(|_| Quota { burst: 2, per_minute: 60 });
    limiter.set(1, quotas);
    let ask = |address: u32, now| {
        let address = IpAddr::from(address.to_be_bytes());
        limiter.take(Scope::Anonymous, Class::Read, address, now).verdict().is_ok()
    };
    let early = (0..2).all(|_| ask(1, 0)) && !ask(1, 0);
    assert!(early, "it has used up its bucket before the crowd comes");
    let let_in = (1_000..1_001_000).filter(|address| ask(*address, 1)).count();
    let status = limiter.status();
    assert_eq!(status.buckets_max, 1 << 17);
    assert!(status.buckets <= status.buckets_max);
    // Each with a place has its own bucket, the others together one.
    let shared = usize::try_from(2 * SHARED).unwrap();
    assert!(let_in <= status.buckets_max + shared, "{let_in}");
    assert!((1_000_000 - status.buckets_max) as u64 <= status.crowded, "{status:?}");
    assert!(!ask(1, 2), "its wait was not pushed out");
    let account = limiter.take(Scope::Account, Class::Read, 5_i64, 2).verdict();
    assert!(account.is_ok() || status.crowded != 0);
    let later = 3_000_000_000;
    assert!((2_000_000..2_000_500).all(|address| ask(address, later)), "all is forgotten");
}
