//! The certificate: there, readable, and for long enough.

use super::{Finding, Scene, network};
use crate::config::tls::TlsSource;
use crate::server::tls::TlsError;
use crate::server::tls::authority::RENEWED_BEFORE_DAYS;
use crate::server::tls::certificate::day;
use crate::server::tls::folder::{self, TlsFolder};
use crate::server::tls::pair::Pair;
use crate::server::tls::report::WARNED_BEFORE_DAYS;
use jiff::Timestamp;

const NAME: &str = "certificate";

/// What the server would show holds, and for a while yet.
pub(super) fn holds(scene: &Scene<'_>) -> Option<Finding> {
    let folder = TlsFolder::of(scene.data());
    let outcome = match &scene.config.tls.source {
        TlsSource::Off => return None,
        TlsSource::Files { certificate, key } => of_files(certificate, key, scene.now),
        TlsSource::Folder => of_folder(&folder, scene.now).transpose()?,
    };
    Some(match outcome {
        Ok((pair, own)) => judged(scene, &pair, own),
        Err(cause @ TlsError::File { .. }) => Finding::fail(
            NAME,
            cause.to_string(),
            "Let the user that runs HealthFlow read it, and run doctor as that user.",
        ),
        Err(cause) => Finding::fail(
            NAME,
            cause.to_string(),
            "healthflow tls show tells which certificates there are.",
        ),
    })
}

fn of_files(
    certificate: &std::path::Path,
    key: &std::path::Path,
    now: Timestamp,
) -> Result<(Pair, bool), TlsError> {
    Ok((Pair::read(&folder::read(certificate)?, &folder::read(key)?, now)?, false))
}

/// `None` before the first start.
fn of_folder(folder: &TlsFolder, now: Timestamp) -> Result<Option<(Pair, bool)>, TlsError> {
    if let Some(both) = folder.installed()? {
        return Pair::read(&both, &both, now).map(|pair| Some((pair, false)));
    }
    let Some(both) = folder.server()? else { return Ok(None) };
    Pair::read(&both, &both, now).map(|pair| Some((pair, true)))
}

fn judged(scene: &Scene<'_>, pair: &Pair, own: bool) -> Finding {
    let (days, end) = (pair.about.days_left(scene.now), day(pair.about.ends_at));
    let names = pair.about.names.listed().join(", ");
    let told = format!("it ends on {end}, in {days} days; names: {names}");
    if !own && days < WARNED_BEFORE_DAYS {
        let mend = match scene.config.tls.source {
            TlsSource::Files { .. } => "Put a new one into the files; nothing has to be restarted.",
            _ => "Ask again: healthflow tls request, have it signed, healthflow tls install CERT.",
        };
        return Finding::warn(NAME, told, mend);
    }
    // A running server renews ours within seconds; the next start does too.
    if own && days + 1 < RENEWED_BEFORE_DAYS && network::holder(scene.data()).is_some() {
        return Finding::warn(NAME, told, "The server should have renewed it: look into its log.");
    }
    Finding::ok(NAME, told)
}
