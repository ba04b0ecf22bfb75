//! What whoever speaks plainly to an encrypted port is told: where to go, and the root by which
//! to trust it. Nothing else is said in clear there, and nothing that was asked is done.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::vocab::problem::ProblemKind;
use crate::web::Failure;
use crate::web::hosts::Hosts;

/// The code of a request that should have been encrypted.
pub(super) const CODE: &str = "server.not_encrypted";
/// A longer head is not looked at.
const HEAD_MAX: usize = 8 << 10;
/// How long what comes behind the head is taken and thrown away, so that the answer is read.
const LINGER: Duration = Duration::from_secs(1);

/// What can be told.
pub(super) struct Offer {
    /// The names under which the server may be called.
    pub(super) hosts: Arc<Hosts>,
    /// The root of the server's own authority, while it is in force, DER.
    pub(super) root: Option<Vec<u8>>,
}

/// Reads one request from `stream`, which came in at `here`, answers it and ends. Who calls bounds
/// the time.
pub(super) async fn answer<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: S,
    here: SocketAddr,
    offer: &Offer,
) -> io::Result<()> {
    let mut head = Vec::new();
    let ends = |head: &[u8]| head.windows(4).any(|four| four == b"\r\n\r\n");
    while !ends(&head) && head.len() < HEAD_MAX {
        let mut piece = [0; 1024];
        let count = stream.read(&mut piece).await?;
        if count == 0 {
            return Ok(());
        }
        head.extend_from_slice(&piece[..count]);
    }
    stream.write_all(&reply(&head, here, offer)).await?;
    stream.shutdown().await?;
    let rest = async {
        let mut rest = [0; 1024];
        while let Ok(1..) = stream.read(&mut rest).await {}
    };
    // Whoever goes on sending has had the answer.
    let _ = tokio::time::timeout(LINGER, rest).await;
    Ok(())
}

fn reply(head: &[u8], here: SocketAddr, offer: &Offer) -> Vec<u8> {
    let Some(asked) = Asked::of(head) else { return refusal("?") };
    let harmless = matches!(asked.method, "GET" | "HEAD");
    match (asked.path, &offer.root) {
        ("/ca.crt", Some(root)) if harmless => {
            return whole("application/x-x509-ca-cert", &asked, pem(root).as_bytes());
        }
        ("/ca.der", Some(root)) if harmless => {
            return whole("application/x-x509-ca-cert", &asked, root);
        }
        _ => {}
    }
    let authority = match asked.host {
        Some(host) if offer.hosts.knows(host) => host.to_owned(),
        _ => here.to_string(),
    };
    let address = format!("https://{authority}{}", asked.path);
    if !harmless {
        return refusal(&address);
    }
    let body = format!("This address is encrypted: {address}\n");
    format!(
        "HTTP/1.1 308 Permanent Redirect\r\nlocation: {address}\r\ncache-control: no-store\r\n\
         content-type: text/plain; charset=utf-8\r\nx-content-type-options: nosniff\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n{}",
        body.len(),
        if asked.method == "HEAD" { "" } else { &body }
    )
    .into_bytes()
}

/// A body or a token that came in clear may have been read by others; that must not go on
/// unnoticed by being led on.
fn refusal(address: &str) -> Vec<u8> {
    let detail = format!(
        "This address is encrypted, and what you sent was not. Nothing was done. Use {address}, \
         and take another password or token if one was sent."
    );
    let failure = Failure::new(CODE, ProblemKind::Malformed, detail);
    let body = failure.to_json().to_string();
    format!(
        "HTTP/1.1 400 Bad Request\r\ncontent-type: application/problem+json\r\n\
         cache-control: no-store\r\nx-content-type-options: nosniff\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

fn whole(kind: &str, asked: &Asked<'_>, body: &[u8]) -> Vec<u8> {
    let name = asked.path.trim_start_matches('/');
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncache-control: no-store\r\n\
         content-disposition: attachment; filename=\"healthflow-{name}\"\r\n\
         x-content-type-options: nosniff\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    let body = if asked.method == "HEAD" { &[] } else { body };
    [head.as_bytes(), body].concat()
}

fn pem(der: &[u8]) -> String {
    super::tls::request::pem("CERTIFICATE", der)
}

/// What a request says in its head.
struct Asked<'h> {
    method: &'h str,
    path: &'h str,
    host: Option<&'h str>,
}

impl<'h> Asked<'h> {
    /// `None` of what is no request, or has signs that must not stand in an answer.
    fn of(head: &'h [u8]) -> Option<Self> {
        let text = std::str::from_utf8(head).ok()?;
        let mut lines = text.split("\r\n");
        let mut words = lines.next()?.split(' ');
        let (method, path, version) = (words.next()?, words.next()?, words.next()?);
        let fine = path.starts_with('/')
            && !path.starts_with("//")
            && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
            && version.starts_with("HTTP/1.")
            && words.next().is_none();
        let host = lines.take_while(|line| !line.is_empty()).find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("host").then(|| value.trim())
        });
        fine.then_some(Self { method, path, host })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(head: &str) -> String {
        let hosts = Arc::new(Hosts::new(["his.korle.example".to_owned()]));
        let offer = Offer { hosts, root: Some(b"root".to_vec()) };
        let here = "10.0.0.5:8475".parse().unwrap();
        String::from_utf8(reply(head.as_bytes(), here, &offer)).unwrap()
    }

    #[test]
    fn whoever_looks_is_led_on_and_whoever_sends_is_told() {
        for (head, wanted) in [
            (
                "GET /p/pat_1?x=1 HTTP/1.1\r\nHost: his:8475",
                "location: https://his:8475/p/pat_1?x=1",
            ),
            ("HEAD / HTTP/1.0\r\n", "location: https://10.0.0.5:8475/"),
            ("GET / HTTP/1.1\r\nhost: his.korle.example", "location: https://his.korle.example/"),
            ("GET / HTTP/1.1\r\nhost: evil.example", "location: https://10.0.0.5:8475/"),
            ("GET / HTTP/1.1\r\nhost: a@evil", "location: https://10.0.0.5:8475/"),
            ("POST /api/v1/sessions HTTP/1.1\r\nhost: his", "HTTP/1.1 400 "),
            ("GET //evil.example/ HTTP/1.1\r\nhost: his", "HTTP/1.1 400 "),
            ("GET /\\evil HTTP/1.1\r\nhost: his", "HTTP/1.1 400 "),
            ("GET http://evil.example/ HTTP/1.1\r\nhost: his", "HTTP/1.1 400 "),
            ("GET / HTTP/1.1 x\r\nhost: his", "HTTP/1.1 400 "),
            ("nonsense", "HTTP/1.1 400 "),
            ("GET /ca.der HTTP/1.1\r\nhost: his", "HTTP/1.1 200 "),
        ] {
            let answer = told(&format!("{head}\r\n\r\n"));
            assert!(answer.contains(wanted), "{head}: {answer}");
            let (head, body) = answer.split_once("\r\n\r\n").unwrap();
            assert!(body.is_empty() || head.contains(&format!("length: {}\r\n", body.len())));
        }
        let post = told("POST /api/v1/sessions HTTP/1.1\r\nhost: his\r\n\r\n");
        assert!(post.contains(CODE) && post.contains("https://his/api/v1/sessions"), "{post}");
        assert!(told("GET /ca.crt HTTP/1.1\r\n\r\n").contains("BEGIN CERTIFICATE"));
    }
}
