//! Views of the same page within a minute: the first is written at once, the further ones become
//! one row with their count and the time of the last, written when the minute is over.
//!
//! A first view is never held. What is counted lies in [`super::journal`] until it is written.

use std::collections::{HashMap, VecDeque};

use super::audit::Entry;
use crate::vocab::digest::sha256;

/// For how long after a first view further ones belong to it, in microseconds.
const MINUTE: i64 = 60_000_000;
/// First views that are remembered; the oldest is forgotten for a new one.
const FIRSTS_MAX: usize = 16_384;
/// Bytes of the rows that are held. Beyond them all are written before their time.
const BYTES_MAX: usize = 4 << 20;

/// Which page of whom, by whom, from where and why: a digest, so that its size is known.
type Page = [u8; 16];

/// What was looked at within the last minute.
#[derive(Debug, Default)]
pub(super) struct Repeats {
    /// When each was first seen, with the row that counts the further views.
    firsts: HashMap<Page, (i64, Option<Box<Entry>>)>,
    /// The same pages in the order of their first view.
    order: VecDeque<(Page, i64)>,
    held: usize,
    bytes: usize,
    /// How often all were written before their time.
    rounds: u64,
}

impl Repeats {
    /// Takes a view: a first one goes to `rows`, a further one is told to `counted` (with the
    /// minute and round to which it belongs) and counted. What its time has come for goes to
    /// `rows` too.
    pub(super) fn take(
        &mut self,
        view: Entry,
        rows: &mut Vec<Entry>,
        counted: impl FnOnce((i64, u64), &Entry),
    ) {
        self.due(view.at, rows);
        let page = page(&view);
        if let Some((first_at, again)) = self.firsts.get_mut(&page) {
            counted((*first_at, self.rounds), &view);
            match again {
                Some(again) => again.take_in(&view),
                None => {
                    self.held += 1;
                    self.bytes += weight(&view);
                    *again = Some(Box::new(view));
                }
            }
            if BYTES_MAX < self.bytes {
                self.write_all(rows);
            }
            return;
        }
        if FIRSTS_MAX <= self.firsts.len() {
            self.forget_oldest(rows);
        }
        self.firsts.insert(page, (view.at, None));
        self.order.push_back((page, view.at));
        rows.push(view);
    }

    /// Moves to `rows` what was counted for minutes that are over at `now`. A clock that was set
    /// back ends them too.
    pub(super) fn due(&mut self, now: i64, rows: &mut Vec<Entry>) {
        while let Some((_, first_at)) = self.order.front() {
            if (0..MINUTE).contains(&now.saturating_sub(*first_at)) {
                return;
            }
            self.forget_oldest(rows);
        }
    }

    /// Moves everything to `rows`; further views of the same minute begin a new count.
    pub(super) fn write_all(&mut self, rows: &mut Vec<Entry>) {
        let begun = rows.len();
        let held = self.firsts.values_mut().filter_map(|(_, again)| again.take());
        rows.extend(held.map(|again| *again));
        rows[begun..].sort_by_key(|row| row.at);
        (self.held, self.bytes) = (0, 0);
        self.rounds += 1;
    }

    /// Whether something waits for its minute to be over.
    pub(super) fn holds_any(&self) -> bool {
        self.held != 0
    }

    fn forget_oldest(&mut self, rows: &mut Vec<Entry>) {
        let Some((page, _)) = self.order.pop_front() else { return };
        if let Some(again) = self.firsts.remove(&page).and_then(|(_, again)| again) {
            self.held -= 1;
            self.bytes = self.bytes.saturating_sub(weight(&again));
            rows.push(*again);
        }
    }
}

fn page(view: &Entry) -> Page {
    let number = |value: Option<i64>| value.map(i64::to_le_bytes);
    let seen = &view.seen;
    let numbers = [view.actor_id, view.session, seen.id, seen.patient].map(number);
    let [actor, session, id, patient] =
        numbers.each_ref().map(|bytes| bytes.as_ref().map_or(&[][..], |bytes| &bytes[..]));
    let address = super::audit::shown(view.address).unwrap_or_default();
    let texts = [&seen.detail, &view.reason].map(|text| text.as_deref().unwrap_or_default());
    let whole = sha256(&[
        actor,
        session,
        id,
        patient,
        &[u8::from(view.refused)],
        view.actor_name.as_bytes(),
        view.role.as_bytes(),
        address.as_bytes(),
        view.act.as_bytes(),
        seen.kind.as_bytes(),
        texts[0].as_bytes(),
        texts[1].as_bytes(),
    ]);
    std::array::from_fn(|place| whole[place])
}

fn weight(view: &Entry) -> usize {
    let texts = [&view.actor_name, &view.role, &view.act, &view.request_id];
    let more = [&view.seen.detail, &view.reason].into_iter().flatten();
    let text: usize = texts.into_iter().chain(more).map(String::len).sum();
    size_of::<Entry>() + text
}

#[cfg(test)]
mod tests {
    use super::super::audit::Seen;
    use super::*;
    use crate::vocab::actor::{Actor, Call};

    const SECOND: i64 = 1_000_000;

    fn call(session: i64) -> Call {
        let actor = Actor::user(7, "Dr Osei", "clinician", None, Some(session), Vec::new());
        Call::new(actor, "r-1").sent_from(Some([10, 0, 0, 1].into()))
    }

    fn of(call: &Call, at: i64, patient: i64) -> Entry {
        let seen =
            Seen { kind: "patient", id: Some(patient), patient: Some(patient), detail: None };
        Entry::new(call, at, "patients.read", seen)
    }

    fn view(at: i64, patient: i64) -> Entry {
        of(&call(1), at, patient)
    }

    fn take(repeats: &mut Repeats, view: Entry, rows: &mut Vec<Entry>) {
        repeats.take(view, rows, |_, _| ());
    }

    /// Time of the first, count and time of the last of each row.
    fn told(rows: &[Entry]) -> Vec<(i64, i64, Option<i64>)> {
        rows.iter().map(|row| (row.at, row.count, row.last_at)).collect()
    }

    #[test]
    fn the_first_view_is_written_at_once_and_the_others_of_its_minute_as_one() {
        let (mut repeats, mut rows) = (Repeats::default(), Vec::new());
        for second in [0, 1, 20, 59] {
            take(&mut repeats, view(second * SECOND, 1), &mut rows);
        }
        assert_eq!(told(&rows), [(0, 1, None)]);
        assert!(repeats.holds_any());
        repeats.due(59 * SECOND, &mut rows);
        assert_eq!(rows.len(), 1, "the minute is not over");
        take(&mut repeats, view(60 * SECOND, 1), &mut rows);
        let all = [(0, 1, None), (SECOND, 3, Some(59 * SECOND)), (60 * SECOND, 1, None)];
        assert_eq!(told(&rows), all, "the next minute begins with a first view");
        assert!(!repeats.holds_any());
    }

    #[test]
    fn one_second_view_is_a_row_like_the_first() {
        let (mut repeats, mut rows) = (Repeats::default(), Vec::new());
        take(&mut repeats, view(0, 1), &mut rows);
        take(&mut repeats, view(5, 1), &mut rows);
        repeats.due(MINUTE, &mut rows);
        assert_eq!(told(&rows), [(0, 1, None), (5, 1, None)]);
    }

    #[test]
    fn whatever_differs_is_another_page() {
        let (mut repeats, mut rows) = (Repeats::default(), Vec::new());
        let mut views = vec![view(0, 1), view(1, 2), of(&call(2), 2, 1)];
        views.push(of(&call(1).because(Some("emergency".to_owned())), 3, 1));
        views.push(of(&call(1).sent_from(Some([10, 0, 0, 2].into())), 4, 1));
        views.push(view(5, 1).refused());
        let mut other = view(6, 1);
        other.act = "patients.print".to_owned();
        views.push(other);
        let mut other = view(7, 1);
        other.seen.detail = Some("with allergies".to_owned());
        views.push(other);
        let count = views.len();
        views.into_iter().for_each(|view| take(&mut repeats, view, &mut rows));
        assert_eq!(rows.len(), count);
        assert!(!repeats.holds_any());
    }

    #[test]
    fn a_clock_that_is_set_back_loses_nothing() {
        let (mut repeats, mut rows) = (Repeats::default(), Vec::new());
        for at in [100 * SECOND, 101 * SECOND, 10 * SECOND, 11 * SECOND] {
            take(&mut repeats, view(at, 1), &mut rows);
        }
        repeats.write_all(&mut rows);
        assert_eq!(rows.iter().map(|row| row.count).sum::<i64>(), 4);
    }

    #[test]
    fn what_is_remembered_is_bounded_and_all_views_are_counted() {
        let (mut repeats, mut rows) = (Repeats::default(), Vec::new());
        let pages = i64::try_from(FIRSTS_MAX).unwrap() + 5_000;
        for patient in 0..pages {
            take(&mut repeats, view(patient, patient), &mut rows);
            take(&mut repeats, view(patient, patient), &mut rows);
        }
        assert_eq!((repeats.firsts.len(), repeats.order.len()), (FIRSTS_MAX, FIRSTS_MAX));
        let mut long = view(pages, 1);
        long.seen.detail = Some("x".repeat(1 << 20));
        for session in 0..20 {
            long.session = Some(session);
            (0..3).for_each(|_| take(&mut repeats, long.clone(), &mut rows));
            assert!(repeats.bytes <= BYTES_MAX + (2 << 20), "{}", repeats.bytes);
        }
        repeats.write_all(&mut rows);
        assert_eq!(rows.iter().map(|row| row.count).sum::<i64>(), 2 * pages + 60);
        assert!(repeats.bytes == 0 && !repeats.holds_any());
    }
}
