//! What is measured: every series, once, with its unit.

/// In what a series is counted; pages write it so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A number of things.
    Count,
    /// So many a second.
    PerSecond,
    /// Of a hundred.
    Percent,
    /// Milliseconds.
    Ms,
    /// Seconds.
    Seconds,
    /// Hours.
    Hours,
    /// Bytes.
    Bytes,
    /// Bytes a second.
    BytesPerSecond,
    /// 1 for yes, 0 for no.
    Yes,
}

impl Unit {
    /// All words.
    pub const WORDS: [&'static str; 9] = [
        "count",
        "per_second",
        "percent",
        "ms",
        "seconds",
        "hours",
        "bytes",
        "bytes_per_second",
        "yes",
    ];

    /// Its word in the API.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::WORDS[self as usize]
    }
}

/// A series. The numbers are in the store: new ones come at the end, and none is used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the table below says each in its word and unit")]
pub enum Series {
    RequestsPerSecond,
    ErrorsPercent,
    ErrorsPerMinute,
    DurationP50,
    DurationP95,
    DurationP99,
    DurationMean,
    RequestsInFlight,
    LiveConnections,
    ConnectionsPercent,
    CommitsPerSecond,
    CommitLongest,
    WriterQueue,
    ReadersInUse,
    StatementMean,
    WalBytes,
    WalWaiting,
    SnapshotOldest,
    DatabaseBytes,
    DatabaseUp,
    CacheHits,
    JobsWaiting,
    JobsOldest,
    JobsFailing,
    BackupLag,
    BackupBehind,
    BackupAge,
    BackupGood,
    ProcessCpu,
    ProcessMemory,
    MachineCpu,
    MachineMemory,
    DiskBusy,
    DiskFree,
    DiskFreeBytes,
    NetworkReceived,
    NetworkSent,
}

/// How many there are.
pub const COUNT: usize = 37;

/// All of them, in the order of their numbers.
static TABLE: [(Series, &str, Unit); COUNT] = [
    (Series::RequestsPerSecond, "requests_per_second", Unit::PerSecond),
    (Series::ErrorsPercent, "errors_percent", Unit::Percent),
    (Series::ErrorsPerMinute, "errors_per_minute", Unit::Count),
    (Series::DurationP50, "duration_p50_ms", Unit::Ms),
    (Series::DurationP95, "duration_p95_ms", Unit::Ms),
    (Series::DurationP99, "duration_p99_ms", Unit::Ms),
    (Series::DurationMean, "duration_mean_ms", Unit::Ms),
    (Series::RequestsInFlight, "requests_in_flight", Unit::Count),
    (Series::LiveConnections, "live_connections", Unit::Count),
    (Series::ConnectionsPercent, "connections_percent", Unit::Percent),
    (Series::CommitsPerSecond, "commits_per_second", Unit::PerSecond),
    (Series::CommitLongest, "commit_longest_ms", Unit::Ms),
    (Series::WriterQueue, "writer_queue", Unit::Count),
    (Series::ReadersInUse, "readers_in_use", Unit::Count),
    (Series::StatementMean, "statement_mean_ms", Unit::Ms),
    (Series::WalBytes, "wal_bytes", Unit::Bytes),
    (Series::WalWaiting, "wal_waiting_bytes", Unit::Bytes),
    (Series::SnapshotOldest, "snapshot_oldest_seconds", Unit::Seconds),
    (Series::DatabaseBytes, "database_bytes", Unit::Bytes),
    (Series::DatabaseUp, "database_up", Unit::Yes),
    (Series::CacheHits, "cache_hit_percent", Unit::Percent),
    (Series::JobsWaiting, "jobs_waiting", Unit::Count),
    (Series::JobsOldest, "jobs_oldest_seconds", Unit::Seconds),
    (Series::JobsFailing, "jobs_failing", Unit::Count),
    (Series::BackupLag, "backup_lag_seconds", Unit::Seconds),
    (Series::BackupBehind, "backup_behind_bytes", Unit::Bytes),
    (Series::BackupAge, "backup_age_hours", Unit::Hours),
    (Series::BackupGood, "backup_good", Unit::Yes),
    (Series::ProcessCpu, "process_cpu_percent", Unit::Percent),
    (Series::ProcessMemory, "process_memory_bytes", Unit::Bytes),
    (Series::MachineCpu, "machine_cpu_percent", Unit::Percent),
    (Series::MachineMemory, "machine_memory_percent", Unit::Percent),
    (Series::DiskBusy, "disk_busy_percent", Unit::Percent),
    (Series::DiskFree, "disk_free_percent", Unit::Percent),
    (Series::DiskFreeBytes, "disk_free_bytes", Unit::Bytes),
    (Series::NetworkReceived, "network_received_bytes_per_second", Unit::BytesPerSecond),
    (Series::NetworkSent, "network_sent_bytes_per_second", Unit::BytesPerSecond),
];

/// The words of all series, in the order of their numbers.
pub static CODES: [&str; COUNT] = {
    let mut codes = [""; COUNT];
    let mut at = 0;
    while at < COUNT {
        codes[at] = TABLE[at].1;
        at += 1;
    }
    codes
};

impl Series {
    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(|(series, ..)| *series)
    }

    /// Its place in a sample, and its number in the store.
    #[must_use]
    pub fn at(self) -> usize {
        self as usize
    }

    /// Its word in the API and the store.
    #[must_use]
    pub fn code(self) -> &'static str {
        TABLE[self.at()].1
    }

    /// In what it is counted.
    #[must_use]
    pub fn unit(self) -> Unit {
        TABLE[self.at()].2
    }

    /// The one of this word.
    #[must_use]
    pub fn of(code: &str) -> Option<Self> {
        TABLE.iter().find(|(_, known, _)| *known == code).map(|(series, ..)| *series)
    }
}

/// What was measured at one moment. What could not be found out is missing, and not zero.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// When, microseconds UTC.
    pub at: i64,
    values: [Option<f64>; COUNT],
}

impl Sample {
    /// One with nothing in it yet.
    #[must_use]
    pub fn new(at: i64) -> Self {
        Self { at, values: [None; COUNT] }
    }

    /// Notes a value; what is no number is missing.
    pub fn set(&mut self, series: Series, value: impl Into<Option<f64>>) {
        self.values[series.at()] = value.into().filter(|value| value.is_finite());
    }

    /// The value of `series`.
    #[must_use]
    pub fn get(&self, series: Series) -> Option<f64> {
        self.values[series.at()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_series_stands_at_its_number_and_has_a_word_of_its_own() {
        for (at, series) in Series::all().enumerate() {
            assert_eq!(series.at(), at);
            assert_eq!(Series::of(series.code()), Some(series));
            assert!(Unit::WORDS.contains(&series.unit().word()));
        }
        assert_eq!(CODES[Series::NetworkSent.at()], Series::NetworkSent.code());
        assert_eq!(Series::of("nothing"), None);
    }

    #[test]
    fn what_is_no_number_is_missing() {
        let mut sample = Sample::new(0);
        sample.set(Series::DiskBusy, f64::NAN);
        sample.set(Series::DiskFree, 0.0);
        assert_eq!((sample.get(Series::DiskBusy), sample.get(Series::DiskFree)), (None, Some(0.0)));
    }
}
