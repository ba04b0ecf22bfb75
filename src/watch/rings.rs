//! Three rings of samples: an hour, a day and a month, each in steps of its own. A step of the
//! longer ones keeps the least, the mean and the most of what fell into it.

use std::collections::VecDeque;

use super::series::{COUNT, Sample, Series};

const SECOND: i64 = 1_000_000;

/// How a ring is made.
#[derive(Debug, Clone, Copy)]
pub struct Span {
    /// Its word in the API.
    pub word: &'static str,
    /// One step, microseconds.
    pub step: i64,
    /// Steps that are kept.
    pub most: usize,
}

/// The rings, by their numbers in the store.
pub const SPANS: [Span; 3] = [
    Span { word: "hour", step: 10 * SECOND, most: 360 },
    Span { word: "day", step: 300 * SECOND, most: 288 },
    Span { word: "month", step: 3_600 * SECOND, most: 744 },
];
/// Their words.
pub const WORDS: [&str; 3] = [SPANS[0].word, SPANS[1].word, SPANS[2].word];

/// What fell into one step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    /// The least.
    pub min: f32,
    /// The mean.
    pub mean: f32,
    /// The most.
    pub max: f32,
}

/// One step.
#[derive(Debug, Clone, PartialEq)]
pub struct Slot {
    /// When it began, microseconds UTC.
    pub at: i64,
    /// What was measured in it, by the numbers of the series.
    pub figures: Vec<Option<Spread>>,
}

/// A step that is not over.
#[derive(Debug, Clone)]
struct Filling {
    at: i64,
    sums: Vec<Option<(f64, f64, f64, u32)>>,
}

impl Filling {
    fn new(at: i64) -> Self {
        Self { at, sums: vec![None; COUNT] }
    }

    fn add(&mut self, number: usize, (min, mean, max): (f64, f64, f64)) {
        let Some(sum) = self.sums.get_mut(number) else { return };
        *sum = Some(match *sum {
            None => (min, mean, max, 1),
            Some((least, total, most, count)) => {
                (least.min(min), total + mean, most.max(max), count + 1)
            }
        });
    }

    #[expect(clippy::cast_possible_truncation, reason = "seven digits are enough for a chart")]
    fn finish(&self) -> Slot {
        let spread = |sum: &Option<(f64, f64, f64, u32)>| {
            sum.map(|(min, total, max, count)| Spread {
                min: min as f32,
                mean: (total / f64::from(count)) as f32,
                max: max as f32,
            })
        };
        Slot { at: self.at, figures: self.sums.iter().map(spread).collect() }
    }
}

/// The rings.
#[derive(Debug, Default)]
pub struct Rings {
    rings: [VecDeque<Slot>; 3],
    filling: [Option<Filling>; 3],
}

impl Rings {
    /// Rings with what was kept: `slots` of each ring in their order. The steps that were going
    /// on are found again from the shorter ring.
    #[must_use]
    pub fn restored(slots: [Vec<Slot>; 3]) -> Self {
        let mut rings = Self { rings: slots.map(VecDeque::from), filling: Default::default() };
        for (number, span) in SPANS.iter().enumerate().skip(1) {
            let newest = rings.rings[number].back().map_or(i64::MIN, |slot| slot.at);
            let shorter = std::mem::take(&mut rings.rings[0]);
            for slot in &shorter {
                let at = begin_of(slot.at, span.step);
                if newest < at {
                    rings.fill(number, at, |filling| {
                        for (series, spread) in slot.figures.iter().enumerate() {
                            if let Some(Spread { min, mean, max }) = spread {
                                let spread = (f64::from(*min), f64::from(*mean), f64::from(*max));
                                filling.add(series, spread);
                            }
                        }
                    });
                }
            }
            rings.rings[0] = shorter;
        }
        rings
    }

    /// Adds a sample; the steps that are over by it, with the numbers of their rings.
    pub fn add(&mut self, sample: &Sample) -> Vec<(usize, Slot)> {
        self.forget_after(sample.at);
        let mut over = Vec::new();
        for (number, span) in SPANS.iter().enumerate() {
            let at = begin_of(sample.at, span.step);
            let finished = self.fill(number, at, |filling| {
                for series in Series::all() {
                    if let Some(value) = sample.get(series) {
                        filling.add(series.at(), (value, value, value));
                    }
                }
            });
            over.extend(finished.map(|slot| (number, slot)));
        }
        over
    }

    /// What is later than `at`: the clock was set back, and what follows is later than that.
    fn forget_after(&mut self, at: i64) {
        for (number, span) in SPANS.iter().enumerate() {
            let begin = begin_of(at, span.step);
            while self.rings[number].back().is_some_and(|slot| begin <= slot.at) {
                self.rings[number].pop_back();
            }
            if self.filling[number].as_ref().is_some_and(|filling| begin < filling.at) {
                self.filling[number] = None;
            }
        }
    }

    /// Adds to the step that begins `at`; the one before it, if it is over by that.
    fn fill(&mut self, number: usize, at: i64, add: impl FnOnce(&mut Filling)) -> Option<Slot> {
        let filling = &mut self.filling[number];
        let finished = filling.as_ref().filter(|filling| filling.at != at).map(Filling::finish);
        if finished.is_some() {
            *filling = None;
        }
        add(filling.get_or_insert_with(|| Filling::new(at)));
        if let Some(slot) = &finished {
            let ring = &mut self.rings[number];
            ring.push_back(slot.clone());
            while SPANS[number].most < ring.len() {
                ring.pop_front();
            }
        }
        finished
    }

    /// The steps of the ring `number`, the oldest first; the one that goes on is the last.
    pub fn of(&self, number: usize) -> impl Iterator<Item = Slot> {
        let filling = self.filling[number].as_ref().map(Filling::finish);
        self.rings[number].iter().cloned().chain(filling)
    }

    /// The step of the shortest ring that goes on, with its number: what a stop would lose.
    #[must_use]
    pub fn going_on(&self) -> Option<(usize, Slot)> {
        self.filling[0].as_ref().map(|filling| (0, filling.finish()))
    }

    /// When the oldest step of the ring `number` that is over began.
    #[must_use]
    pub fn oldest(&self, number: usize) -> Option<i64> {
        self.rings[number].front().map(|slot| slot.at)
    }

    /// The mean of `series` in each step of the ring `number`, with when it began.
    #[must_use]
    pub fn line(&self, number: usize, series: Series) -> Vec<(i64, f64)> {
        let filling = self.filling[number].as_ref().map(Filling::finish);
        let value = |slot: &Slot| {
            let spread = slot.figures.get(series.at()).copied().flatten();
            spread.map(|spread| (slot.at, f64::from(spread.mean)))
        };
        self.rings[number].iter().chain(&filling).filter_map(value).collect()
    }
}

/// When the step began that `at` falls into.
fn begin_of(at: i64, step: i64) -> i64 {
    at - at.rem_euclid(step)
}

/// The figures of a step as they are kept: the number of the series and its values, each time.
/// Where least, mean and most are one, only one is written.
#[must_use]
pub fn encode(slot: &Slot) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (number, spread) in slot.figures.iter().enumerate() {
        let (Some(Spread { min, mean, max }), Ok(number)) = (spread, u16::try_from(number)) else {
            continue;
        };
        let is_one = min.to_bits() == max.to_bits() && min.to_bits() == mean.to_bits();
        let mark = if is_one { ONE } else { 0 };
        bytes.extend((number | mark).to_le_bytes());
        let values: &[f32] = if is_one { &[*mean] } else { &[*min, *mean, *max] };
        values.iter().for_each(|value| bytes.extend(value.to_le_bytes()));
    }
    bytes
}

/// Marks a series of which one value is written.
const ONE: u16 = 0x8000;

/// The way back. What another version has written and this one does not know is left out.
#[must_use]
pub fn decode(at: i64, bytes: &[u8]) -> Slot {
    let mut figures = vec![None; COUNT];
    let mut rest = bytes;
    while let Some((spread, number)) = next(&mut rest) {
        if let Some(place) = figures.get_mut(usize::from(number)) {
            *place = Some(spread);
        }
    }
    Slot { at, figures }
}

fn next(rest: &mut &[u8]) -> Option<(Spread, u16)> {
    let number = u16::from_le_bytes(*take(rest)?);
    let mut value = || Some(f32::from_le_bytes(*take(rest)?));
    let first = value()?;
    let spread = if number & ONE == 0 {
        Spread { min: first, mean: value()?, max: value()? }
    } else {
        Spread { min: first, mean: first, max: first }
    };
    Some((spread, number & !ONE))
}

fn take<'a, const N: usize>(rest: &mut &'a [u8]) -> Option<&'a [u8; N]> {
    let (head, tail) = rest.split_first_chunk()?;
    *rest = tail;
    Some(head)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sample(at_s: i64, value: f64) -> Sample {
        let mut sample = Sample::new(at_s * SECOND);
        sample.set(Series::DurationP95, value);
        sample
    }

    fn p95(slot: &Slot) -> Spread {
        slot.figures[Series::DurationP95.at()].unwrap()
    }

    #[test]
    fn every_ring_is_bounded_and_keeps_least_mean_and_most() {
        let mut rings = Rings::default();
        for step in 0..400_000 {
            rings.add(&sample(step * 10, f64::from(u32::try_from(step % 30).unwrap())));
        }
        for (number, span) in SPANS.iter().enumerate() {
            let all: Vec<Slot> = rings.of(number).collect();
            assert_eq!(all.len(), span.most + 1, "with the one that goes on");
            assert!(all.windows(2).all(|two| two[1].at - two[0].at == span.step));
        }
        let day = rings.of(1).next().unwrap();
        assert_eq!(p95(&day), Spread { min: 0.0, mean: 14.5, max: 29.0 });
        assert!(day.figures[Series::DiskBusy.at()].is_none(), "what is missing stays so");
    }

    #[test]
    fn a_restart_goes_on_in_the_middle_of_every_step() {
        let (mut whole, mut kept) = (Rings::default(), [Vec::new(), Vec::new(), Vec::new()]);
        for step in 0..1_234 {
            for (number, slot) in whole.add(&sample(step * 10, step as f64)) {
                kept[number].push(slot);
            }
        }
        let mut again = Rings::restored(kept.map(|mut slots| {
            slots.drain(..slots.len().saturating_sub(360));
            slots
        }));
        for step in 1_234..1_300 {
            whole.add(&sample(step * 10, step as f64));
            again.add(&sample(step * 10, step as f64));
        }
        for number in 1..3 {
            let (one, other) =
                (whole.line(number, Series::DurationP95), again.line(number, Series::DurationP95));
            assert_eq!(one.len(), other.len());
            for (one, other) in one.iter().zip(&other) {
                // The sample in the shortest step that was not over is lost, and no more.
                assert!(one.0 == other.0 && (one.1 - other.1).abs() < 3.0, "{one:?} {other:?}");
            }
        }
    }

    #[test]
    fn a_clock_that_was_set_back_leaves_nothing_from_the_future() {
        let mut rings = Rings::default();
        for step in 0..100 {
            rings.add(&sample(step * 10, 1.0));
        }
        rings.add(&sample(505, 2.0));
        let line = rings.line(0, Series::DurationP95);
        assert_eq!(line.last(), Some(&(500 * SECOND, 2.0)));
        assert!(line.is_sorted_by_key(|(at, _)| *at) && line.len() == 51, "{}", line.len());
    }

    proptest! {
        #[test]
        fn what_is_kept_is_read_again(values in proptest::collection::vec(
            proptest::option::of((any::<f32>(), any::<f32>(), any::<f32>())), COUNT))
        {
            let spread = |(min, mean, max)| Spread { min, mean, max };
            let figures = values.into_iter().map(|it| it.map(spread)).collect();
            let slot = Slot { at: 7, figures };
            let again = decode(7, &encode(&slot));
            prop_assert_eq!(format!("{slot:?}"), format!("{again:?}"));
        }

        #[test]
        fn no_bytes_are_too_strange(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert_eq!(decode(1, &bytes).figures.len(), COUNT);
        }
    }
}
