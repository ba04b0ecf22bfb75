//! A client that speaks TLS, one connection for each question unless it is kept.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;

use healthflow::server::tls::certificate;
use healthflow::server::tls::pair::provider;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned, SupportedProtocolVersion,
};
use serde_json::{Value as Json, json};

use crate::harness::{PASSWORD, PATIENCE, Server};

pub(crate) type Stream = StreamOwned<ClientConnection, TcpStream>;

/// What somebody's browser or program is: whom it trusts, whom it asks.
#[derive(Debug, Clone)]
pub(crate) struct Secure {
    pub(crate) config: Arc<ClientConfig>,
    pub(crate) address: String,
    pub(crate) name: String,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

pub(crate) const BOTH: &[&SupportedProtocolVersion] =
    &[&rustls::version::TLS13, &rustls::version::TLS12];

/// Trusts `root` alone and speaks these versions.
pub(crate) fn trusting(
    root: CertificateDer<'static>,
    versions: &[&'static SupportedProtocolVersion],
) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add(root).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(provider()))
        .with_protocol_versions(versions)
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    Arc::new(config)
}

/// The certificate in the file at `path`.
pub(crate) fn first_of(path: &Path) -> CertificateDer<'static> {
    certificate::chain(&std::fs::read(path).unwrap()).unwrap().remove(0)
}

impl Secure {
    /// Trusts the own root of the server on `data`.
    pub(crate) fn of(server: &Server, data: &Path) -> Self {
        let config = trusting(first_of(&data.join("tls/root.crt")), BOTH);
        let address = server.address().to_owned();
        Self { config, address, name: "localhost".to_owned() }
    }

    /// A connection after its handshake.
    pub(crate) fn connect(&self) -> std::io::Result<Stream> {
        let tcp = TcpStream::connect(&self.address)?;
        tcp.set_read_timeout(Some(PATIENCE))?;
        let name = ServerName::try_from(self.name.clone()).unwrap();
        let connection = ClientConnection::new(Arc::clone(&self.config), name).unwrap();
        let mut stream = StreamOwned::new(connection, tcp);
        while stream.conn.is_handshaking() {
            stream.conn.complete_io(&mut stream.sock)?;
        }
        Ok(stream)
    }

    /// The fingerprint of the certificate that is shown.
    pub(crate) fn shown(&self) -> String {
        let stream = self.connect().unwrap();
        let leaf = &stream.conn.peer_certificates().unwrap()[0];
        certificate::About::of(leaf).unwrap().fingerprint
    }

    /// Asks once, over a connection that ends with the answer.
    pub(crate) fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Told {
        let mut stream = self.connect().unwrap();
        let mut text = format!("{method} {path} HTTP/1.1\r\nconnection: close\r\n");
        if !headers.iter().any(|(name, _)| *name == "host") {
            text.push_str(&format!("host: {}\r\n", self.host()));
        }
        for (name, value) in headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        text.push_str(&format!("content-length: {}\r\n\r\n{body}", body.len()));
        stream.write_all(text.as_bytes()).unwrap();
        Told::read(&mut stream)
    }

    pub(crate) fn get(&self, path: &str, headers: &[(&str, &str)]) -> Told {
        self.ask("GET", path, headers, "")
    }

    pub(crate) fn post(&self, path: &str, headers: &[(&str, &str)], body: &Json) -> Told {
        let headers = [&[("content-type", "application/json")], headers].concat();
        self.ask("POST", path, &headers, &body.to_string())
    }

    /// The name and the port by which it asks.
    pub(crate) fn host(&self) -> String {
        format!("{}:{}", self.name, self.address.rsplit(':').next().unwrap())
    }

    /// Sets the hospital up; what is told to the first administrator.
    pub(crate) fn set_up(&self, server: &Server) -> Told {
        let link = server.setup_link.as_deref().unwrap();
        let (place, token) = link.split_once("/setup#token=").unwrap();
        assert!(place.starts_with("https://"), "{link}");
        let told = self.post(
            "/api/v1/setup",
            &[],
            &json!({
                "token": token, "hospital_name": "Korle Hospital", "time_zone": "Africa/Accra",
                "username": "admin", "display_name": "Ama Admin", "password": PASSWORD,
            }),
        );
        assert_eq!(told.status, 201, "{told:?}");
        told
    }
}

impl Told {
    pub(crate) fn read(stream: &mut impl Read) -> Self {
        let mut bytes = Vec::new();
        // The end of a connection may come without its farewell.
        let _ = stream.read_to_end(&mut bytes);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{text:?}"));
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Self { status, head: head.to_owned(), body: body.to_owned() }
    }

    /// A header as text, empty if absent.
    pub(crate) fn header(&self, name: &str) -> &str {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        let mut found = lines.filter(|(known, _)| known.eq_ignore_ascii_case(name));
        found.next().map_or("", |(_, value)| value)
    }

    pub(crate) fn json(&self) -> Json {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("not JSON: {self:?}"))
    }
}
