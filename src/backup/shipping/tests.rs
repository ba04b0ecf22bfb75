//! What the thread that ships the log does with a target that is full, or silent.

use super::*;
use crate::store::Store;
use crate::vocab::clock::SystemClock;
use crate::vocab::id::IdSource;

#[test]
fn a_target_that_never_answers_is_told_and_holds_up_no_end() {
    let clock = Arc::new(SystemClock);
    let ids = IdSource::new(clock.clone(), 0);
    let desk = Desk::open(Store::scratch(), clock, ids, Duration::from_secs(1));
    let shipping = Shipping::new(&desk, &Secrets::new([7; 32]));
    let inner = Arc::clone(&shipping.0);
    let (release, hangs) = std::sync::mpsc::channel::<()>();
    let (tell, told) = std::sync::mpsc::channel();
    let thread = std::thread::spawn(move || {
        let answer = inner.ask(|| {
            hangs.recv().ok();
            Ok(())
        });
        tell.send(answer).unwrap();
    });
    *lock(&shipping.0.thread) = Some(thread);
    while lock(&shipping.0.asked).is_none() {
        std::thread::yield_now();
    }
    assert_eq!(shipping.shipped().trouble, None);
    *lock(&shipping.0.asked) = Instant::now().checked_sub(HUNG);
    let trouble = shipping.shipped().trouble.unwrap();
    assert!(trouble.contains("has not answered for 30 s"), "{trouble}");
    let began = Instant::now();
    shipping.close_within(Duration::from_millis(50));
    assert!(began.elapsed() < Duration::from_secs(5));
    // Whoever hears the answer later leaves the data folder alone.
    release.send(()).unwrap();
    let answer = told.recv().unwrap();
    assert!(matches!(answer, Err(BackupError::Store(StoreError::Closed))), "{answer:?}");
    assert_eq!(shipping.shipped().trouble, None);
}
