//! What the program tells about itself while it runs.
//!
//! [`logging`] sends events to standard error and to [`log_files`], which turn over by day and by
//! size, and to [`recent`], which keeps the last lines in memory; [`metrics`] counts, [`pace`] how
//! fast requests are answered. Nothing here ever writes to standard output, and no event carries
//! patient data.
pub mod log_files;
pub mod logging;
pub mod metrics;
pub mod pace;
pub mod recent;
