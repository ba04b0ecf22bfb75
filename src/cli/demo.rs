//! `healthflow demo`: makes a hospital of invented people in an empty data folder.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use jiff::tz::TimeZone;
use serde_json::{Value as Json, json};

use super::arguments::{DemoArguments, DemoHistory};
use super::failure::{Ended, Failure};
use super::output::{Output, columns};
use super::password::read_password;
use crate::access::guests::Guest;
use crate::access::password_rules::{self, For};
use crate::access::passwords::{self, Passwords};
use crate::config::Config;
use crate::demo::{self, HOSPITAL_NAME, History, Made, Order};
use crate::platform::ledger::RecordError;
use crate::server::House;
use crate::vocab::clock::{Clock, SystemClock};
use crate::vocab::moment;
use crate::vocab::network::network;
use crate::vocab::problem::Findings;

/// How often the search index is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// A server that starts before the index is whole builds it to its end.
const INDEX_MAX: Duration = Duration::from_secs(3_600);
/// What the clock shows in a hospital as of a day that was given.
const MORNING_MINUTES: i64 = 8 * 60;

/// Makes what `asked` says in the data folder of `config`.
pub(super) fn run(
    config: &Config,
    asked: &DemoArguments,
    output: &Output,
) -> Result<Ended, Failure> {
    let given = asked.password_stdin;
    let password = if given { read_password(true)? } else { random_password()? };
    let order = order(asked, &password)?;
    let (patients, seed) = (order.patients, order.seed);
    let began = Instant::now();
    let bar = bar(output, patients);
    let made = demo::make(&config.data, order, &mut |written| bar.inc(written));
    bar.finish_and_clear();
    let made = made?;
    let written = began.elapsed();
    let whole = build_index(config, output)?;
    if !whole {
        output.warning("The search index is not whole yet; healthflow serve goes on with it.");
    }
    let told = result(config, &made, (patients, seed), (written, began.elapsed()));
    output.result(&told.json((!given).then_some(&password)), || {
        told.plain((!given).then_some(&password))
    })?;
    Ok(Ended::Well)
}

fn order(asked: &DemoArguments, password: &str) -> Result<Order, Failure> {
    let mut findings = Findings::new();
    password_rules::check(&mut findings, password, &For::default());
    findings.verdict().map_err(RecordError::from)?;
    let (today, minutes) = match &asked.as_of {
        Some(text) => {
            let wrong = |_| Failure::new("demo.order", "--as-of: Give a day like 2026-03-01.");
            (text.parse().map_err(wrong)?, MORNING_MINUTES)
        }
        None => {
            let now = SystemClock.now();
            (moment::today(now, &TimeZone::UTC), now.as_second().rem_euclid(86_400) / 60)
        }
    };
    let history = match asked.history {
        DemoHistory::None => History::None,
        DemoHistory::Light => History::Light,
        DemoHistory::Full => History::Full,
    };
    let password_hash = hash(password)?;
    let (patients, seed) = (asked.patients, asked.seed);
    Ok(Order { patients, seed, history, today, minutes, password_hash })
}

/// Sixteen letters and digits in four groups, which can be read out.
fn random_password() -> Result<String, Failure> {
    let secret = passwords::secret(8)?;
    let groups = secret.as_bytes().chunks(4).map(|group| String::from_utf8_lossy(group));
    Ok(groups.collect::<Vec<_>>().join("-"))
}

fn hash(password: &str) -> Result<String, Failure> {
    let slots = Passwords::start(1)?;
    let guest = Guest { network: network(None), usual: true };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .map_err(|cause| Failure::new("demo.threads", format!("No thread: {cause}.")))?;
    Ok(runtime.block_on(slots.hash(guest, password.to_owned()))?)
}

fn bar(output: &Output, patients: u64) -> ProgressBar {
    if output.is_json() || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(patients);
    let style = "{bar:30} {human_pos} of {human_len} patients, {per_sec} ({eta} left)";
    if let Ok(style) = ProgressStyle::with_template(style) {
        bar.set_style(style);
    }
    bar
}

/// Builds the search index as a server would, so that the first one starts with it.
fn build_index(config: &Config, output: &Output) -> Result<bool, Failure> {
    output.note("Building the search index");
    let house = House::open(config)?;
    let began = Instant::now();
    while house.directory.is_rebuilding() && began.elapsed() < INDEX_MAX {
        std::thread::sleep(LOOK_EVERY);
    }
    let whole = !house.directory.is_rebuilding();
    house.close();
    Ok(whole)
}

/// What the command tells.
struct Told {
    fields: Json,
    accounts: Vec<Vec<String>>,
    counts: Vec<Vec<String>>,
    next: String,
}

fn result(
    config: &Config,
    made: &Made,
    (patients, seed): (u64, u64),
    (written, whole): (Duration, Duration),
) -> Told {
    let folder = config.data.display();
    let records: u64 = made.records.iter().map(|(_, count)| count).sum();
    let counts: serde_json::Map<String, Json> =
        made.records.iter().map(|(kind, count)| ((*kind).to_owned(), json!(count))).collect();
    let accounts: Vec<Json> = made
        .accounts
        .iter()
        .map(|(username, role)| json!({"username": username, "role": role}))
        .collect();
    let next = format!("healthflow serve --data {folder}");
    let rate = made.rows as f64 / written.as_secs_f64().max(0.001);
    let fields = json!({
        "data": config.data, "hospital_name": HOSPITAL_NAME, "patients": patients, "seed": seed,
        "records": counts, "records_total": records, "rows": made.rows,
        "seconds_writing": tenths(written), "seconds": tenths(whole),
        "rows_per_second": rate.round(), "accounts": accounts, "next": next,
    });
    let pair = |one: &str, other: &str| vec![one.to_owned(), other.to_owned()];
    let mut table = vec![pair("SIGN IN AS", "ROLE")];
    table.extend(made.accounts.iter().map(|(username, role)| pair(username, role)));
    let mut kinds = vec![pair("RECORDS", "COUNT")];
    kinds.extend(made.records.iter().map(|(kind, count)| pair(kind, &count.to_string())));
    Told { fields, accounts: table, counts: kinds, next }
}

fn tenths(time: Duration) -> f64 {
    (time.as_secs_f64() * 10.0).round() / 10.0
}

impl Told {
    fn json(&self, password: Option<&String>) -> Json {
        let mut fields = self.fields.clone();
        if let Some(password) = password {
            fields["password"] = password.as_str().into();
        }
        fields
    }

    fn plain(&self, password: Option<&String>) -> String {
        let told = |name: &str| self.fields[name].to_string();
        let secret = match password {
            Some(password) => format!("Their password, told only now: {password}"),
            None => "Their password is the one you gave.".to_owned(),
        };
        format!(
            "{HOSPITAL_NAME}: {} patients, {} records in {} s ({} rows/s).\n\n{}\n\n{}\n{secret}\
             \n\nNext: {}",
            told("patients"),
            told("records_total"),
            told("seconds"),
            self.fields["rows_per_second"].as_f64().unwrap_or(0.0),
            columns(&self.counts),
            columns(&self.accounts),
            self.next
        )
    }
}
