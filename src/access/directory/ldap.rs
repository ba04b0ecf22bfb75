//! One conversation with one server of the directory: reaching it over TLS, asking as the service
//! account, looking somebody up, trying their password.
//!
//! Every step has its own time limit, and what the server may send is bounded. Nothing that it
//! says is taken for text to be shown but its own diagnostic message to administrators.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use ldap3::{
    Ldap, LdapConnAsync, LdapConnSettings, LdapError, LdapResult, Scope, SearchEntry,
    SearchOptions, StdStream,
};
use rustls::ClientConfig;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::settings::Server;

/// The longest that one step takes: finding the address, the connection with TLS, one question.
pub const STEP_MAX: Duration = Duration::from_secs(5);
/// Addresses of one name that are tried.
const ADDRESSES_MAX: usize = 3;
/// What RFC 4511 calls a wrong password.
const INVALID_CREDENTIALS: u32 = 49;
const NO_SUCH_OBJECT: u32 = 32;
const SIZE_LIMIT_EXCEEDED: u32 = 4;

/// What went wrong on the way to the directory, in words for administrators.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// The name of the server.
    #[error("The name {0} is not known to this machine. Check the spelling, and its DNS.")]
    NotResolved(String),
    /// Nobody listens.
    #[error("{server} cannot be reached: {cause}. Check the port, and firewalls between.")]
    NotReached {
        /// The server.
        server: String,
        /// What the system says.
        cause: String,
    },
    /// Its certificate.
    #[error(
        "{server} shows a certificate that is not trusted: {cause}. Paste the certificate of \
             the authority that made it, and use the name that stands in it."
    )]
    NotTrusted {
        /// The server.
        server: String,
        /// What the check says.
        cause: String,
    },
    /// It speaks no TLS.
    #[error("{server} does not speak TLS: {cause}. Nothing was sent to it.")]
    NoTls {
        /// The server.
        server: String,
        /// What it said.
        cause: String,
    },
    /// No answer in time.
    #[error("{0} does not answer in time.")]
    Silent(String),
    /// The service account.
    #[error(
        "The directory refuses the account that looks people up: {0}. Check its name and \
             password."
    )]
    BindRefused(String),
    /// The place where people or groups should be.
    #[error("There is no {0} in the directory, or the account may not look there.")]
    NoBase(String),
    /// Something else.
    #[error("The directory does not answer as it should: {0}.")]
    Strange(String),
}

impl Trouble {
    /// Whether another server may do better. What the directory refuses it refuses everywhere.
    #[must_use]
    pub fn is_of_server(&self) -> bool {
        !matches!(self, Self::BindRefused(_) | Self::NoBase(_))
    }
}

/// How far somebody's own password got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tried {
    /// It is theirs.
    Right,
    /// It is not, or the account may not be used.
    Wrong,
    /// It is theirs, and they must choose another one before anything else.
    Expired,
}

/// A conversation.
#[derive(Debug)]
pub struct Line {
    ldap: Ldap,
    server: String,
}

/// Where `server` is.
///
/// # Errors
/// Its name is not known, or was not found in time.
pub async fn resolve(server: &Server) -> Result<Vec<SocketAddr>, Trouble> {
    let asked = tokio::net::lookup_host((server.host.as_str(), server.port));
    let found = timeout(STEP_MAX, asked).await.map_err(|_| Trouble::Silent("DNS".to_owned()))?;
    let found: Vec<SocketAddr> = found.into_iter().flatten().take(ADDRESSES_MAX).collect();
    if found.is_empty() {
        return Err(Trouble::NotResolved(server.host.clone()));
    }
    Ok(found)
}

/// A connection to one of the `addresses` of `server`.
///
/// # Errors
/// None of them takes one in time.
pub async fn connect(server: &Server, addresses: &[SocketAddr]) -> Result<TcpStream, Trouble> {
    let cause = |cause: String| Trouble::NotReached { server: server.url(), cause };
    let mut last = Trouble::Silent(server.url());
    // One limit for all: an address that swallows packets leaves the others half of it.
    let each = STEP_MAX / u32::try_from(addresses.len()).unwrap_or(1).max(1);
    for address in addresses {
        match timeout(each, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(refused)) => last = cause(refused.to_string()),
            Err(_) => last = Trouble::Silent(server.url()),
        }
    }
    Err(last)
}

/// Goes over to TLS on `stream`.
///
/// # Errors
/// The server does not, or is not who it should be.
pub async fn secure(
    server: &Server,
    stream: TcpStream,
    tls: Arc<ClientConfig>,
) -> Result<Line, Trouble> {
    let url = server.url();
    let stream = stream.into_std().map_err(|cause| Trouble::Strange(cause.to_string()))?;
    let settings = LdapConnSettings::new()
        .set_config(tls)
        .set_starttls(!server.tls_first)
        .set_std_stream(StdStream::Tcp(stream));
    let opened = timeout(STEP_MAX, LdapConnAsync::with_settings(settings, &url)).await;
    let opened = opened.map_err(|_| Trouble::Silent(url.clone()))?;
    let (connection, ldap) = opened.map_err(|cause| no_tls(&url, &cause))?;
    tokio::spawn(async move {
        if let Err(cause) = connection.drive().await {
            tracing::debug!("A conversation with the directory ended: {cause}");
        }
    });
    Ok(Line { ldap, server: url })
}

fn no_tls(server: &str, cause: &LdapError) -> Trouble {
    let server = server.to_owned();
    let of_tls = match cause {
        LdapError::Io { source } => source.get_ref().and_then(|it| it.downcast_ref()),
        LdapError::Rustls { source } => Some(source),
        _ => None,
    };
    match of_tls {
        Some(rustls::Error::InvalidCertificate(why)) => {
            Trouble::NotTrusted { server, cause: why.to_string() }
        }
        Some(other) => Trouble::NoTls { server, cause: other.to_string() },
        None => Trouble::NoTls { server, cause: cause.to_string() },
    }
}

impl Line {
    /// Speaks as the service account from now on.
    ///
    /// # Errors
    /// The directory refuses it; no answer.
    pub async fn bind(&mut self, dn: &str, password: &str) -> Result<(), Trouble> {
        let answer = self.simple_bind(dn, password).await?;
        match answer.rc {
            0 => Ok(()),
            _ => Err(Trouble::BindRefused(said(&answer))),
        }
    }

    /// Tries the password of the person `dn`. An empty one is never sent: a directory takes it
    /// for somebody who wants to stay unknown, and says yes (RFC 4513, 5.1.2).
    ///
    /// # Errors
    /// No answer.
    pub async fn try_password(&mut self, dn: &str, password: &str) -> Result<Tried, Trouble> {
        if dn.is_empty() || password.is_empty() {
            return Ok(Tried::Wrong);
        }
        let answer = self.simple_bind(dn, password).await?;
        Ok(match answer.rc {
            0 => Tried::Right,
            // Active Directory says so only to whoever knows the password.
            INVALID_CREDENTIALS if is_expired(&answer.text) => Tried::Expired,
            _ => Tried::Wrong,
        })
    }

    async fn simple_bind(&mut self, dn: &str, password: &str) -> Result<LdapResult, Trouble> {
        self.ldap.with_timeout(STEP_MAX);
        let answer = self.ldap.simple_bind(dn, password).await;
        answer.map_err(|cause| self.trouble(&cause))
    }

    /// At most `most` entries below `base` that fit `filter`, and whether there were more.
    ///
    /// # Errors
    /// There is no such place; no answer.
    pub async fn search(
        &mut self,
        base: &str,
        filter: &str,
        attributes: &[&str],
        most: usize,
    ) -> Result<(Vec<SearchEntry>, bool), Trouble> {
        let sizes = SearchOptions::new()
            .sizelimit(i32::try_from(most + 1).unwrap_or(i32::MAX))
            .timelimit(i32::try_from(STEP_MAX.as_secs()).unwrap_or(5));
        self.ldap.with_timeout(STEP_MAX);
        self.ldap.with_search_options(sizes);
        let work = async {
            let scope = Scope::Subtree;
            let mut rows = self.ldap.streaming_search(base, scope, filter, attributes).await?;
            let mut found = Vec::new();
            // A server that does not keep to the limit is not listened to beyond it.
            while let Some(row) = rows.next().await? {
                if most < found.len() {
                    break;
                }
                if !row.is_ref() && !row.is_intermediate() {
                    found.push(SearchEntry::construct(row));
                }
            }
            Ok((found, rows.finish().await))
        };
        let asked = timeout(STEP_MAX, work).await;
        let asked = asked.map_err(|_| Trouble::Silent(self.server.clone()))?;
        let (mut found, end) = asked.map_err(|cause| self.trouble(&cause))?;
        let more = most < found.len() || end.rc == SIZE_LIMIT_EXCEEDED;
        match end.rc {
            NO_SUCH_OBJECT => return Err(Trouble::NoBase(base.to_owned())),
            // 88 is the library's own: the rest was not asked for.
            0 | SIZE_LIMIT_EXCEEDED | 88 => {}
            _ => return Err(Trouble::Strange(said(&end))),
        }
        found.truncate(most);
        Ok((found, more))
    }

    fn trouble(&self, cause: &LdapError) -> Trouble {
        match cause {
            LdapError::Timeout { .. } => Trouble::Silent(self.server.clone()),
            LdapError::LdapResult { result } => Trouble::Strange(said(result)),
            other => Trouble::Strange(other.to_string()),
        }
    }
}

/// What the server says about itself, bounded and on one line.
fn said(answer: &LdapResult) -> String {
    let text: String = answer.text.chars().filter(|it| !it.is_control()).take(200).collect();
    match text.is_empty() {
        true => format!("code {}", answer.rc),
        false => format!("code {}, {text}", answer.rc),
    }
}

/// `AcceptSecurityContext error, data 532` is a password that is too old, `773` one that must be
/// changed at the first sign-in.
fn is_expired(text: &str) -> bool {
    ["data 532,", "data 773,"].iter().any(|code| text.contains(code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_password_is_told_from_a_wrong_one() {
        let text = |code: &str| {
            format!(
                "80090308: LdapErr: DSID-0C09042A, comment: AcceptSecurityContext error, \
                data {code}, v3839"
            )
        };
        assert!(is_expired(&text("532")) && is_expired(&text("773")));
        assert!(!is_expired(&text("52e")) && !is_expired(&text("533")) && !is_expired(""));
    }
}
