//! `healthflow config`: every setting as it holds, and where it comes from.

use super::failure::{Ended, Failure};
use super::output::{Output, columns};
use crate::config::shown::Shown;
use crate::config::sources::Origin;
use crate::config::{Config, Key};
use crate::server::doctor::absence;

/// Prints the settings, and in words what the sizes add up to.
pub(super) fn run(config: &Config, output: &Output) -> Result<Ended, Failure> {
    let absence = absence(config).map(|absence| absence.to_string());
    let mut shown = Shown::of(config);
    shown.warnings.extend(absence.clone());
    output.result(&shown, || match &absence {
        Some(words) => format!("{}\n\n{words}", plain(config)),
        None => plain(config),
    })?;
    Ok(Ended::Well)
}

/// A table for people, then the sums, then what does not fit.
pub(super) fn plain(config: &Config) -> String {
    let head = vec!["setting".to_owned(), "value".to_owned(), "from".to_owned()];
    let rows = config.settings().iter().map(|setting| {
        let from = match (setting.auto, &setting.origin) {
            (true, Origin::Default) => "auto".to_owned(),
            (true, origin) => format!("auto ({origin})"),
            (false, origin) => origin.to_string(),
        };
        vec![setting.key.spec().name.to_owned(), setting.value.clone(), from]
    });
    let mut text = columns(&std::iter::once(head).chain(rows).collect::<Vec<_>>());
    let sums = config.sizing.sums.iter().map(|line| format!("\n\n{line}"));
    text.extend(sums);
    text.extend(config.sizing.warnings.iter().map(|line| format!("\n\nwarning: {line}")));
    if config.listen.ip().is_loopback() && config.origin(Key::Listen) == &Origin::Default {
        text.push_str(
            "\n\nOnly this machine can reach HealthFlow. To serve the hospital's network: \
             --listen 0.0.0.0:8475",
        );
    }
    text
}
