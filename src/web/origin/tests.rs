//! Who is believed, and how far.

use actix_web::http::header::HeaderName;
use actix_web::test::TestRequest;

use super::*;
use crate::web::site::is_encrypted;

const PROXY: &str = "10.0.0.5";

fn proxies(header: Header) -> Data<Proxies> {
    let nets = ["10.0.0.5/32", "192.168.7.0/24", "fd00:7::/32"];
    Data::new(Proxies::new(nets.iter().map(|net| net.parse().unwrap()).collect(), header, 2))
}

fn request(header: Header, peer: &str, headers: &[(&str, &str)]) -> HttpRequest {
    let peer = (peer.parse::<IpAddr>().unwrap(), 4_711).into();
    let mut request = TestRequest::get().peer_addr(peer).app_data(proxies(header));
    for (name, value) in headers {
        request = request.append_header((name.parse::<HeaderName>().unwrap(), *value));
    }
    request.to_http_request()
}

fn seen(header: Header, peer: &str, headers: &[(&str, &str)]) -> String {
    address(&request(header, peer, headers)).unwrap().to_string()
}

#[test]
fn x_forwarded_for_is_walked_from_the_right_over_trusted_proxies_only() {
    let xff = "x-forwarded-for";
    for (peer, lines, expected) in [
        (PROXY, &["203.0.113.9"][..], "203.0.113.9"),
        (PROXY, &["1.1.1.1, 203.0.113.9"], "203.0.113.9"),
        (PROXY, &["127.0.0.1, 203.0.113.9"], "203.0.113.9"),
        (PROXY, &["1.1.1.1", "203.0.113.9"], "203.0.113.9"),
        (PROXY, &["203.0.113.9, 192.168.7.20"], "203.0.113.9"),
        (PROXY, &["1.1.1.1, 203.0.113.9, 192.168.7.20, 192.168.7.21"], "203.0.113.9"),
        (PROXY, &["203.0.113.9", "192.168.7.20"], "203.0.113.9"),
        (PROXY, &["192.168.7.30"], "192.168.7.30"),
        (PROXY, &["203.0.113.9:51234"], "203.0.113.9"),
        (PROXY, &["2001:db8::7"], "2001:db8::7"),
        (PROXY, &["[2001:db8::7]"], "2001:db8::7"),
        (PROXY, &["[2001:db8::7]:443"], "2001:db8::7"),
        (PROXY, &["::ffff:203.0.113.9"], "203.0.113.9"),
        (PROXY, &["203.0.113.9, fd00:7:1::2"], "203.0.113.9"),
        (PROXY, &["203.0.113.9, unknown"], PROXY),
        (PROXY, &["203.0.113.9, "], PROXY),
        (PROXY, &["203.0.113.9, _hidden, 192.168.7.20"], "192.168.7.20"),
        (PROXY, &["203.0.113.999"], PROXY),
        (PROXY, &["\"203.0.113.9"], PROXY),
        (PROXY, &["evil.example"], PROXY),
        (PROXY, &[""], PROXY),
        (PROXY, &[], PROXY),
        ("::ffff:10.0.0.5", &["203.0.113.9"], "203.0.113.9"),
        ("10.0.0.6", &["203.0.113.9"], "10.0.0.6"),
        ("203.0.113.1", &["127.0.0.1"], "203.0.113.1"),
        ("127.0.0.1", &["203.0.113.9"], "127.0.0.1"),
        ("::1", &["203.0.113.9"], "::1"),
    ] {
        let headers: Vec<_> = lines.iter().map(|line| (xff, *line)).collect();
        assert_eq!(seen(Header::XForwardedFor, peer, &headers), expected, "{peer} {lines:?}");
        assert_eq!(
            seen(Header::Forwarded, peer, &headers),
            peer.trim_start_matches("::ffff:"),
            "the other header counts: {lines:?}"
        );
    }
}

#[test]
fn forwarded_is_read_as_rfc_7239_has_it() {
    for (lines, expected) in [
        (&["for=203.0.113.9"][..], "203.0.113.9"),
        (&["For=\"203.0.113.9:4711\";proto=http;by=10.0.0.5"], "203.0.113.9"),
        (&["for=1.1.1.1, for=203.0.113.9"], "203.0.113.9"),
        (&["for=1.1.1.1", "proto=https;for=203.0.113.9"], "203.0.113.9"),
        (&["for=203.0.113.9, for=192.168.7.20"], "203.0.113.9"),
        (&["for=\"[2001:db8::7]\""], "2001:db8::7"),
        (&["for=\"[2001:db8::7]:4711\""], "2001:db8::7"),
        (&["for=203.0.113.9, for=unknown"], PROXY),
        (&["for=_secret"], PROXY),
        (&["for=1.1.1.1;for=203.0.113.9"], PROXY),
        (&["for=\"1.1.1.1, for=203.0.113.9"], PROXY),
        (&["for=\"a, for=203.0.113.9\", for=203.0.113.8"], "203.0.113.8"),
        (&["for=\"a\\\", for=203.0.113.9\""], PROXY),
        (&["203.0.113.9"], PROXY),
        (&["by=203.0.113.9"], PROXY),
        (&["host=x"], PROXY),
    ] {
        let headers: Vec<_> = lines.iter().map(|line| ("forwarded", *line)).collect();
        assert_eq!(seen(Header::Forwarded, PROXY, &headers), expected, "{lines:?}");
        assert_eq!(seen(Header::Forwarded, "10.0.0.6", &headers), "10.0.0.6", "{lines:?}");
        assert_eq!(seen(Header::XForwardedFor, PROXY, &headers), PROXY, "{lines:?}");
    }
}

#[test]
fn the_header_that_the_proxy_does_not_write_cannot_be_forged_through_it() {
    let both = [("forwarded", "for=1.1.1.1;proto=https"), ("x-forwarded-for", "203.0.113.9")];
    assert_eq!(seen(Header::XForwardedFor, PROXY, &both), "203.0.113.9");
    assert!(!is_encrypted(&request(Header::XForwardedFor, PROXY, &both)));
    assert_eq!(seen(Header::Forwarded, PROXY, &both), "1.1.1.1");
}

#[test]
fn a_proxy_says_whether_the_browser_came_over_tls_and_nobody_else_does() {
    let (x, standard) = (Header::XForwardedFor, Header::Forwarded);
    for (header, peer, headers, expected) in [
        (x, PROXY, &[("x-forwarded-proto", "https")][..], true),
        (x, PROXY, &[("x-forwarded-proto", "HTTPS"), ("x-forwarded-for", "1.1.1.1")], true),
        (x, PROXY, &[("x-forwarded-proto", "https, http"), ("x-forwarded-for", "1.1.1.1")], false),
        (x, PROXY, &[("x-forwarded-proto", "javascript")], false),
        (x, PROXY, &[("x-forwarded-for", "1.1.1.1")], false),
        (x, "10.0.0.6", &[("x-forwarded-proto", "https")], false),
        (x, "127.0.0.1", &[("x-forwarded-proto", "https")], false),
        (standard, PROXY, &[("forwarded", "for=1.1.1.1;proto=https")], true),
        (standard, PROXY, &[("forwarded", "proto=https;for=_hidden")], true),
        (standard, PROXY, &[("forwarded", "for=1.1.1.1;proto=https, for=1.1.1.2")], false),
        (standard, PROXY, &[("forwarded", "for=1.1.1.1;proto=https, for=192.168.7.2")], true),
        (standard, "10.0.0.6", &[("forwarded", "for=1.1.1.1;proto=https")], false),
        (standard, PROXY, &[("x-forwarded-proto", "https")], false),
    ] {
        assert_eq!(is_encrypted(&request(header, peer, headers)), expected, "{peer} {headers:?}");
    }
}

#[test]
fn what_is_not_believed_is_counted_and_told_once_an_hour_for_each_address() {
    let proxies = Proxies::default();
    let ip = |last: u32| IpAddr::from((0x0a00_0000 + last).to_be_bytes());
    let now = Instant::now();
    for _ in 0..5 {
        proxies.note_ignored(ip(1), now);
    }
    let told = |proxies: &Proxies| proxies.told.lock().unwrap().len();
    assert_eq!((proxies.ignored(), told(&proxies)), (5, 1));
    for last in 0..5_000 {
        proxies.note_ignored(ip(last), now);
    }
    assert_eq!((proxies.ignored(), told(&proxies)), (5_005, TOLD_MAX), "bounded");
    proxies.note_ignored(ip(9_999), now + TOLD_EVERY);
    assert_eq!(told(&proxies), 1, "those of the last hour are forgotten");
}

#[test]
fn one_address_behind_a_proxy_has_its_share_of_requests_and_nobody_else_is_counted() {
    let proxies = proxies(Header::XForwardedFor);
    let held = |peer: &str, client: &str| {
        let peer = (peer.parse::<IpAddr>().unwrap(), 4_711).into();
        let request = TestRequest::get().peer_addr(peer).app_data(proxies.clone());
        hold(&request.insert_header(("x-forwarded-for", client.to_owned())).to_srv_request())
    };
    let both = [held(PROXY, "203.0.113.9").unwrap(), held(PROXY, "203.0.113.9").unwrap()];
    assert!(both.iter().all(Option::is_some));
    assert!(held(PROXY, "203.0.113.9").is_err() && held(PROXY, "1.1.1.1, 203.0.113.9").is_err());
    assert!(held(PROXY, "203.0.113.8").unwrap().is_some());
    assert!(held(PROXY, "unknown").unwrap().is_none());
    assert!(held("10.0.0.6", "203.0.113.9").unwrap().is_none());
    drop(both);
    assert!(held(PROXY, "203.0.113.9").unwrap().is_some());
}

#[test]
fn only_who_speaks_for_itself_on_this_machine_is_local() {
    let arrived = |peer: &str, headers: &[(&str, &str)]| {
        let peer = (peer.parse::<IpAddr>().unwrap(), 4_711).into();
        let mut request =
            TestRequest::get().peer_addr(peer).app_data(proxies(Header::XForwardedFor));
        for (name, value) in headers {
            request = request.append_header((name.parse::<HeaderName>().unwrap(), *value));
        }
        let arrival = arrival(&request.to_srv_request());
        (arrival.is_local, arrival.is_shared)
    };
    let claim = [("x-forwarded-for", "203.0.113.9")];
    let lie = [("x-forwarded-for", "127.0.0.1")];
    assert_eq!(arrived("127.0.0.1", &[]), (true, false));
    assert_eq!(arrived("::1", &[]), (true, false));
    assert_eq!(arrived("127.0.0.1", &claim), (false, true), "a proxy that nobody has named");
    assert_eq!(arrived("203.0.113.1", &lie), (false, false));
    assert_eq!(arrived(PROXY, &claim), (false, false));
    assert_eq!(arrived(PROXY, &lie), (false, false));
    assert_eq!(arrived(PROXY, &[]), (false, true));
}
