//! The office and its uploads, over a real store.
