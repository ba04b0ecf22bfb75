//! A closure on its way through the writer: run, perhaps again, then answered.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::error::StoreError;
use super::queue::Job;
use super::tx::Tx;

/// A closure, what it answered last, and the way back to its caller.
pub(super) struct Closure<T, E, F, R> {
    work: F,
    answer: Option<Result<T, E>>,
    reply: R,
}

impl<T, E, F, R> Closure<T, E, F, R>
where
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
    F: Fn(&Tx<'_>) -> Result<T, E> + Send + 'static,
    R: FnOnce(Result<T, E>) + Send + 'static,
{
    pub(super) fn boxed(work: F, reply: R) -> Box<dyn Job> {
        Box::new(Self { work, answer: None, reply })
    }
}

impl<T, E, F, R> Job for Closure<T, E, F, R>
where
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
    F: Fn(&Tx<'_>) -> Result<T, E> + Send + 'static,
    R: FnOnce(Result<T, E>) + Send + 'static,
{
    fn run(&mut self, tx: &Tx<'_>) -> bool {
        // Whatever a panicking closure leaves half-done in the database is rolled back, and it
        // can only have read what it captured.
        let answer = catch_unwind(AssertUnwindSafe(|| (self.work)(tx)))
            .unwrap_or_else(|_| Err(StoreError::Panicked.into()));
        let done = answer.is_ok();
        self.answer = Some(answer);
        done
    }

    fn settle(self: Box<Self>, outcome: Result<(), StoreError>) {
        let answer = match outcome {
            Ok(()) => self.answer.unwrap_or_else(|| Err(StoreError::Closed.into())),
            Err(error) => Err(error.into()),
        };
        (self.reply)(answer);
    }
}
