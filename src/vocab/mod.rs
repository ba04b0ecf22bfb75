//! vocab: words every room speaks, no I/O.
