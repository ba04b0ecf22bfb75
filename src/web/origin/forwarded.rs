//! What proxies say of whom they speak for: the headers `X-Forwarded-For` and `Forwarded`
//! (RFC 7239), read from the right, where the nearest proxy has written.

use std::net::{IpAddr, SocketAddr};

use actix_web::http::header::HeaderMap;

/// The de-facto header.
pub(super) const X_FORWARDED_FOR: &str = "x-forwarded-for";
/// The scheme that goes with it.
pub(super) const X_FORWARDED_PROTO: &str = "x-forwarded-proto";
/// The standard's header.
pub(super) const FORWARDED: &str = "forwarded";

/// The header that the proxies of this hospital write. They pass on others as they came, so that
/// anybody may have written those; that is why one has to be named.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Header {
    /// `X-Forwarded-For` and `X-Forwarded-Proto`.
    #[default]
    XForwardedFor,
    /// `Forwarded`, RFC 7239.
    Forwarded,
}

/// One proxy's word: for whom it speaks, and whether that one came over TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hop {
    /// `None` where it does not say, hides it, or cannot be understood.
    pub(super) address: Option<IpAddr>,
    /// `None` where it does not say.
    pub(super) is_secure: Option<bool>,
}

/// The words of all proxies in `headers`, the nearest first.
pub(super) fn hops(headers: &HeaderMap, header: Header) -> Box<dyn Iterator<Item = Hop> + '_> {
    match header {
        Header::XForwardedFor => {
            // The scheme is one word of the nearest proxy, not one for each.
            let nearest = parts(headers, X_FORWARDED_PROTO, false).next();
            let is_secure = nearest.and_then(scheme);
            let mut all = parts(headers, X_FORWARDED_FOR, false).peekable();
            let silent = all.peek().is_none() && is_secure.is_some();
            let silent = silent.then_some(Hop { address: None, is_secure });
            let all = all.map(move |part| Hop { address: address(part), is_secure });
            Box::new(all.chain(silent))
        }
        Header::Forwarded => Box::new(parts(headers, FORWARDED, true).map(element)),
    }
}

/// The parts of all lines of the header `name`, the last first. Bytes that are no text end it.
fn parts<'a>(headers: &'a HeaderMap, name: &str, quoted: bool) -> impl Iterator<Item = &'a str> {
    let lines: Vec<&str> =
        headers.get_all(name).map(|value| value.to_str().unwrap_or("?")).collect();
    lines.into_iter().rev().flat_map(move |line| {
        let mut parts = split(line, ',', quoted);
        parts.reverse();
        parts
    })
}

/// `text` cut at each `mark` outside of quotation marks.
fn split(text: &str, mark: char, quoted: bool) -> Vec<&str> {
    let (mut parts, mut start, mut inside, mut escaped) = (Vec::new(), 0, false, false);
    for (at, letter) in text.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' if inside => escaped = true,
            '"' if quoted => inside = !inside,
            _ if letter == mark && !inside => {
                parts.push(text[start..at].trim());
                start = at + letter.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(text[start..].trim());
    parts
}

/// `for=192.0.2.43;proto=https`; a name that is there twice says nothing.
fn element(text: &str) -> Hop {
    let (mut sender, mut proto) = (Vec::new(), Vec::new());
    for pair in split(text, ';', true) {
        let Some((name, value)) = pair.split_once('=') else { continue };
        match name.trim().to_ascii_lowercase().as_str() {
            "for" => sender.push(value.trim()),
            "proto" => proto.push(value.trim()),
            _ => {}
        }
    }
    let one = |all: &[&str]| match all {
        [only] => Some(unquoted(only).to_owned()),
        _ => None,
    };
    Hop {
        address: one(&sender).as_deref().and_then(address),
        is_secure: one(&proto).as_deref().and_then(scheme),
    }
}

/// Without its quotation marks. What is escaped in it is no address and no scheme.
fn unquoted(text: &str) -> &str {
    text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text)
}

/// An address as proxies write it: `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`, `[2001:db8::1]`,
/// `[2001:db8::1]:4711`. Not `unknown`, `_hidden` or anything else.
fn address(text: &str) -> Option<IpAddr> {
    let bare = || text.parse().ok();
    let in_brackets = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok().map(IpAddr::V6);
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    bare().or_else(in_brackets).or_else(with_port).map(|address: IpAddr| address.to_canonical())
}

fn scheme(text: &str) -> Option<bool> {
    match text {
        _ if text.eq_ignore_ascii_case("https") || text.eq_ignore_ascii_case("wss") => Some(true),
        _ if text.eq_ignore_ascii_case("http") || text.eq_ignore_ascii_case("ws") => Some(false),
        _ => None,
    }
}
