//! The product from outside: the real executable on a fresh data folder, over HTTP and the
//! command line, and the rules of the house that no compiler checks.
//!
//! [`harness`] starts and ends servers, [`client`] talks to them. `journeys` are what people do,
//! `live` what open screens are told, [`routes`] is all that is mounted, `permissions` who may,
//! `reach` that nobody guesses their way to a patient, `openapi` what the API says of itself,
//! `guide` its examples, `typescript` the page's types, `cli` the command line, `doctor` what is
//! found wrong, `support_bundle` what of it goes out, `whereabouts` which folder it means, `tls`
//! encryption, `backup` that the hospital comes back, `jobs` what is done in the background,
//! `metrics` what monitors scrape, `watch` what
//! the dashboard shows and warns of, `service` what systemd hears, `faults` what happens when the
//! power fails, the disk fills or bytes flip, `secrets` what must never be told, `hostile` what
//! attackers try, `tidy` the rules of the source.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "all of it is tests; the lints except only what stands inside a test function"
)]

mod harness;
mod client;
mod backup;
mod cli;
mod doctor;
mod faults;
mod guide;
mod hostile;
mod jobs;
mod journeys;
mod live;
mod metrics;
mod notify;
mod openapi;
mod permissions;
mod reach;
mod routes;
mod secrets;
mod service;
mod spans;
mod support_bundle;
mod tidy;
mod tls;
mod typescript;
mod watch;
mod whereabouts;
