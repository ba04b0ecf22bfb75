//! By which ways a message leaves the house, as they are set.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::tz::TimeZone;

use super::channel::{self, Channels};
use super::error::NotifyError;
use super::mail;
use super::message::{Line, Message};
use super::recipients::{Recipient, To};
use crate::access::connections::Kept;
use crate::access::hospital;
use crate::access::secrets::Secrets;
use crate::store::{ReadTx, StoreError};
use crate::vocab::digest;

/// How long a mail server that did not answer is left alone: whoever waits for it need not all
/// find out by themselves.
const LEFT_ALONE: Duration = Duration::from_secs(30);

/// When the mail server did not answer.
#[derive(Debug, Default)]
pub(super) struct Brake(Mutex<Option<Instant>>);

impl Brake {
    /// Sends by `send`, unless the server did not answer a moment ago.
    fn send(&self, send: impl FnOnce() -> Result<(), NotifyError>) -> Result<(), NotifyError> {
        let failed = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if failed().is_some_and(|at| at.elapsed() < LEFT_ALONE) {
            return Err(NotifyError::Mail("it did not answer a moment ago".to_owned()));
        }
        let sent = send();
        *failed() = matches!(sent, Err(NotifyError::Mail(_))).then(Instant::now);
        sent
    }
}

/// The ways that are set, and who speaks.
#[derive(Debug, Clone)]
pub(super) struct Ways {
    hospital: String,
    mail: Option<Kept<mail::Settings>>,
    channels: Option<Kept<Channels>>,
}

impl Ways {
    /// What the store has.
    pub(super) fn find(tx: &ReadTx<'_>) -> Result<Self, StoreError> {
        let hospital = hospital::find(tx)?.map(|house| house.name).unwrap_or_default();
        Ok(Self { hospital, mail: mail::KEPT.find(tx)?, channels: channel::KEPT.find(tx)? })
    }

    /// Sends `lines` to `recipient`, at `now` in the time of `zone`. `from` is by what the message
    /// is known when it is sent twice, together with what it says.
    pub(super) fn send(
        &self,
        (secrets, brake): (&Secrets, &Brake),
        (recipient, lines): (&Recipient, &[Line]),
        (from, now, zone): (&str, i64, &TimeZone),
    ) -> Result<(), NotifyError> {
        let language = &recipient.language;
        let message = Message { hospital: &self.hospital, language, zone, lines };
        let said = digest::hex(&digest::sha256(&[message.text().as_bytes()]));
        let key = format!("healthflow-{from}-{}", said.get(..8).unwrap_or_default());
        match &recipient.to {
            To::Person(_) => {
                let unset = || NotifyError::Settings("Mail is not set up: see Messages".to_owned());
                let kept = self.mail.as_ref().filter(|kept| kept.settings.enabled);
                let kept = kept.ok_or_else(unset)?;
                let to = recipient.email.as_deref().ok_or_else(unset)?;
                let password = password(kept, secrets)?;
                let (subject, text) = (message.subject(), message.text());
                let letter = mail::Letter { to, key: &key, subject: &subject, text };
                brake.send(|| mail::send(&kept.settings, password, letter))
            }
            To::Channel(known) => {
                let gone = || NotifyError::Settings("The channel is not there any more".to_owned());
                let kept = self.channels.as_ref().ok_or_else(gone)?;
                let found = kept.settings.channels.iter().find(|channel| channel.key == *known);
                let sort = found.ok_or_else(gone)?.sort;
                let ways = kept.secret(secrets).map_err(NotifyError::Settings)?;
                let ways: channel::Ways = serde_json::from_str(&ways).unwrap_or_default();
                let way = ways.get(known).ok_or_else(gone)?;
                channel::send((sort, way), &message, (&key, now))
            }
        }
    }
}

/// The password of the account that mail goes out with, if it has one.
pub(super) fn password(
    kept: &Kept<mail::Settings>,
    secrets: &Secrets,
) -> Result<Option<String>, NotifyError> {
    let password = kept.settings.username.as_ref().map(|_| kept.secret(secrets));
    let failed = |cause: String| NotifyError::Settings(format!("Mail cannot be sent: {cause}"));
    password.transpose().map_err(failed)
}
