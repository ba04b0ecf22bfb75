//! Channels of the house: a webhook of any program (signed as Standard Webhooks 1.0 says), Slack
//! and Discord (their incoming webhooks).

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::Sha256;

use super::digest::OFTEN;
use super::error::NotifyError;
use super::message::Message;
use super::recipients::{Recipient, To};
use crate::access::connections::Place;
use crate::access::trust;
use crate::store::{ReadTx, StoreError};

/// Where the store has the channels; the secret is where they lead and how they are signed, by
/// key, for whoever knows the address of a chat can write there.
pub const KEPT: Place<Channels> = Place::new("notification_channels", "notification_channel_ways");
/// Channels of one hospital.
pub const CHANNELS_MAX: usize = 10;
/// Characters of an address.
pub const URL_MAX: usize = 1_000;
/// Characters of a name.
pub const NAME_MAX: usize = 80;
/// The longest that the other end may take.
const TIME_MAX: Duration = Duration::from_secs(10);
/// Bytes of an answer that are looked at.
const ANSWER_MAX: u64 = 64 << 10;
/// Characters that Discord takes.
const DISCORD_MAX: usize = 2_000;
/// Characters that Slack shows.
const SLACK_MAX: usize = 3_000;
/// Before the Base64 of a signing secret.
const SECRET_PREFIX: &str = "whsec_";

/// What somebody wants to hear.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Everything.
    #[default]
    All,
    /// What cannot wait.
    Critical,
    /// Nothing.
    None,
}

/// The words of a level.
pub const LEVELS: [&str; 3] = ["all", "critical", "none"];

impl Level {
    /// What `word` says; everything, where it is not known.
    #[must_use]
    pub fn of(word: &str) -> Self {
        match word {
            "critical" => Self::Critical,
            "none" => Self::None,
            _ => Self::All,
        }
    }

    /// As one of [`LEVELS`].
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Critical => "critical",
            Self::None => "none",
        }
    }
}

/// What is at the other end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// Any program.
    Webhook,
    /// A chat of Slack.
    Slack,
    /// A chat of Discord.
    Discord,
}

/// The words of a sort.
pub const SORTS: [&str; 3] = ["webhook", "slack", "discord"];

/// A channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Channel {
    /// By what it is known.
    pub key: String,
    /// As people call it.
    pub name: String,
    /// What is at the other end.
    pub sort: Sort,
    /// What goes there.
    pub level: Level,
    /// In which language.
    pub language: String,
    /// On which machine it ends: all of its address that is shown.
    pub host: String,
}

/// All channels.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Channels {
    /// They, in the order of the page.
    pub channels: Vec<Channel>,
}

/// Where a channel leads; no Debug, for it is a secret.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Way {
    /// The address.
    pub url: String,
    /// What a webhook is signed with: `whsec_` and the Base64 of 32 bytes.
    pub signing_secret: Option<String>,
}

/// The ways by key.
pub type Ways = BTreeMap<String, Way>;

/// The channels as recipients.
///
/// # Errors
/// What the store says.
pub fn recipients(tx: &ReadTx<'_>) -> Result<Vec<Recipient>, StoreError> {
    let kept = KEPT.find(tx)?.map(|kept| kept.settings).unwrap_or_default();
    let recipient = |channel: Channel| Recipient {
        to: To::Channel(channel.key),
        name: channel.name,
        email: None,
        level: channel.level,
        quiet: None,
        language: channel.language,
        digest: OFTEN[0].to_owned(),
    };
    Ok(kept.channels.into_iter().map(recipient).collect())
}

/// A new secret to sign with.
///
/// # Errors
/// The system gives no random numbers.
pub fn new_secret() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(format!("{SECRET_PREFIX}{}", STANDARD.encode(bytes)))
}

/// The host of `url`, if anything may be sent there: HTTPS, and for any program of the house HTTP
/// too, for what is sent there is signed and no secret.
#[must_use]
pub fn host_of(url: &str, sort: Sort) -> Option<String> {
    let parsed = openidconnect::url::Url::parse(url).ok()?;
    let is_safe =
        parsed.scheme() == "https" || (parsed.scheme() == "http" && sort == Sort::Webhook);
    let is_plain = parsed.username().is_empty() && parsed.password().is_none();
    let fits =
        url.chars().count() <= URL_MAX && !url.chars().any(char::is_control) && is_safe && is_plain;
    parsed.host_str().filter(|_| fits).map(str::to_owned)
}

/// Sends `message`, which is known by `key` when it is sent twice, at `now` (microseconds).
///
/// # Errors
/// The other end is not there, or does not take it; the address is not named.
pub fn send(
    (sort, way): (Sort, &Way),
    message: &Message<'_>,
    (key, now): (&str, i64),
) -> Result<(), NotifyError> {
    let body = body(sort, message);
    let agent = trust::agent(None, TIME_MAX).map_err(NotifyError::Settings)?;
    let mut request = agent.post(&way.url).content_type("application/json");
    if let Some(secret) = &way.signing_secret {
        let seconds = now / 1_000_000;
        let signature = sign(secret, &format!("{key}.{seconds}.{body}"));
        request = request
            .header("webhook-id", key)
            .header("webhook-timestamp", seconds.to_string())
            .header("webhook-signature", format!("v1,{signature}"));
    }
    let failed = |cause: ureq::Error| NotifyError::Channel(unnamed(&cause));
    let mut answer = request.send(&body).map_err(failed)?;
    // Read to its end, so that the other side is not cut off in the middle.
    let _ = answer.body_mut().with_config().limit(ANSWER_MAX).read_to_vec();
    let status = answer.status();
    if status.is_success() {
        return Ok(());
    }
    Err(NotifyError::Channel(format!("The other end answers {status}")))
}

/// What `cause` says without the address.
fn unnamed(cause: &ureq::Error) -> String {
    match cause {
        ureq::Error::Timeout(_) => "The other end does not answer in time".to_owned(),
        ureq::Error::HostNotFound => "The name of the other end is not known".to_owned(),
        ureq::Error::Io(cause) => format!("The other end is not reached: {cause}"),
        ureq::Error::Rustls(cause) => format!("The other end is not trusted: {cause}"),
        _ => "The other end is not reached".to_owned(),
    }
}

fn sign(secret: &str, text: &str) -> String {
    let key = STANDARD.decode(secret.trim_start_matches(SECRET_PREFIX)).unwrap_or_default();
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&key) else { return String::new() };
    mac.update(text.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

fn body(sort: Sort, message: &Message<'_>) -> String {
    let short = |most: usize| -> String {
        let whole = format!("{}\n\n{}", message.subject(), message.text());
        whole.chars().take(most).collect()
    };
    match sort {
        Sort::Webhook => message.json().to_string(),
        Sort::Slack => json!({"text": escaped(&short(SLACK_MAX))}).to_string(),
        // Nobody is called by name because a name stands in an error.
        Sort::Discord => {
            json!({"content": short(DISCORD_MAX), "allowed_mentions": {"parse": []}}).to_string()
        }
    }
}

/// As Slack wants text that is no markup.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification, Standard Webhooks 1.0.0, "Signature scheme".
    #[test]
    fn a_signature_is_that_of_the_specification() {
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let payload = r#"{"test": 2432232314}"#;
        let text = format!("msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{payload}");
        assert_eq!(sign(secret, &text), "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn nothing_is_sent_in_clear_to_a_chat_or_with_a_password_in_the_address() {
        assert_eq!(host_of("https://hooks.slack.com/x", Sort::Slack).unwrap(), "hooks.slack.com");
        assert_eq!(host_of("http://pager.local:8/x", Sort::Webhook).unwrap(), "pager.local");
        for (url, sort) in [
            ("http://hooks.slack.com/x", Sort::Slack),
            ("https://ama:secret@hooks.example/x", Sort::Webhook),
            ("file:///etc/passwd", Sort::Webhook),
            ("", Sort::Webhook),
            ("hooks.example", Sort::Discord),
        ] {
            assert_eq!(host_of(url, sort), None, "{url}");
        }
    }
}
