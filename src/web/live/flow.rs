//! How far a client is behind what it was sent, by what it has confirmed.

use std::time::Duration;

use tokio::time::Instant;

/// Bytes that may be on the way beyond what the client has confirmed. Less than what the
/// server's own buffer of a connection takes, so that the stream is always polled.
pub const WINDOW: usize = 16 * 1024;
/// Unconfirmed bytes after which the client is asked to confirm.
const ASK_AFTER: usize = 4 * 1024;
/// A client that has not confirmed for so long is gone or too slow.
const CONFIRM_WITHIN: Duration = Duration::from_secs(20);

/// How far the client is behind what it was sent.
#[derive(Debug, Default)]
pub(super) struct Flow {
    unconfirmed: usize,
    since_asked: usize,
    asked: Option<Instant>,
}

impl Flow {
    pub(super) fn has_room(&self) -> bool {
        self.unconfirmed < WINDOW
    }

    /// Whether it is time to ask the client to confirm.
    pub(super) fn is_unsure(&self) -> bool {
        ASK_AFTER <= self.unconfirmed
    }

    pub(super) fn is_asking(&self) -> bool {
        self.asked.is_some()
    }

    /// When the patience with the client ends, if it was asked.
    pub(super) fn ends_at(&self) -> Option<Instant> {
        self.asked.map(|asked| asked + CONFIRM_WITHIN)
    }

    pub(super) fn sent(&mut self, bytes: usize) {
        self.unconfirmed += bytes;
        self.since_asked += bytes;
    }

    pub(super) fn ask(&mut self) {
        self.asked = Some(Instant::now());
        self.since_asked = 0;
    }

    pub(super) fn confirmed(&mut self) {
        self.asked = None;
        self.unconfirmed = self.since_asked;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sent_since_the_question_stays_unconfirmed() {
        let mut flow = Flow::default();
        flow.sent(WINDOW);
        assert!(!flow.has_room() && flow.is_unsure() && !flow.is_asking());
        flow.ask();
        flow.sent(10);
        assert!(flow.is_asking() && flow.ends_at().is_some());
        flow.confirmed();
        assert!(flow.has_room() && !flow.is_asking() && !flow.is_unsure());
        assert_eq!(flow.unconfirmed, 10);
    }
}
