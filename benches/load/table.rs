//! The table, with what prototypes reached on such a machine beside what the product does.

use std::time::Duration;

use super::client::Measured;

/// What a prototype reached on two cores shared with its client, doing nothing but the thing
/// measured: no sign-in, no audit.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Ceiling {
    /// Requests in a second from 64 connections.
    PerSecond(f64),
    /// Half of the answers within so many milliseconds, one at a time, in the process itself.
    Milliseconds(f64),
    /// Nobody has measured one.
    Unknown,
}

/// Lines as they come.
#[derive(Debug)]
pub(crate) struct Table {
    lines: Vec<String>,
    /// What stands above the next line.
    heading: Option<String>,
    /// Only measurements whose name holds this are made.
    only: String,
}

impl Table {
    pub(crate) fn new(only: String) -> Self {
        Self { lines: Vec::new(), heading: None, only }
    }

    /// Whether somebody asked for the measurement `what`.
    pub(crate) fn wants(&self, what: &str) -> bool {
        what.contains(&self.only)
    }

    /// Begins a part; without a line it does not appear.
    pub(crate) fn heading(&mut self, text: &str) {
        self.heading = Some(text.to_owned());
    }

    fn line(&mut self, line: String) {
        if let Some(text) = self.heading.take() {
            self.lines.push(format!("\n{text}\n"));
            self.lines.push(format!(
                "| {:52} | {:>9} | {:>8} | {:>8} | {:>8} | {:>16} |",
                "what", "each s", "p50 ms", "p95 ms", "p99 ms", "of the ceiling"
            ));
            self.lines.push("|---|---:|---:|---:|---:|---:|".to_owned());
        }
        eprintln!("{line}");
        self.lines.push(line);
    }

    /// One figure.
    pub(crate) fn fact(&mut self, what: &str, figure: &str) {
        self.fact_beside(what, figure, "");
    }

    /// One figure beside what it was in the prototype.
    pub(crate) fn fact_beside(&mut self, what: &str, figure: &str, ceiling: &str) {
        if self.wants(what) {
            self.line(format!("| {what:52} | {figure:>9} | | | | {ceiling:>16} |"));
        }
    }

    /// Start and memory at rest, whose ceilings are 50 ms and 17 MiB with ten million patients.
    pub(crate) fn start(&mut self, first_answer: Duration, memory: f64) {
        let first = format!("{} ms", first_answer.as_millis());
        self.fact_beside("start to the first 200", &first, "50 ms");
        self.fact_beside("memory at rest", &format!("{memory:.0} MiB"), "17 MiB");
    }

    /// One measurement.
    pub(crate) fn row(&mut self, what: &str, found: &Measured, ceiling: Ceiling) {
        let share = match ceiling {
            Ceiling::PerSecond(most) => {
                format!("{:.0} % of {most:.0}/s", 100.0 * found.per_second() / most)
            }
            Ceiling::Milliseconds(least) => {
                format!("{:.1} × {least} ms", found.percentile(50) / least)
            }
            Ceiling::Unknown => String::new(),
        };
        let (rate, [half, most, nearly]) =
            (found.per_second(), [50, 95, 99].map(|percent| found.percentile(percent)));
        self.line(format!(
            "| {what:52} | {rate:>9.0} | {half:>8.2} | {most:>8.2} | {nearly:>8.2} | {share:>16} |"
        ));
        assert_eq!(found.refused, 0, "{what}: answers with another status");
    }

    pub(crate) fn print(&self) {
        println!("{}", self.lines.join("\n"));
    }
}
