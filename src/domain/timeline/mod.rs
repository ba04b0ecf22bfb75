//! One patient's record in time: what happened, newest first, and how measured values went.
//!
//! Owns no table. The timeline merges seven kinds, each read by its own index from where the
//! last page ended, so that a page costs the same however long the record is; what has no time
//! comes last. What was entered in error stays in it, with that status. A series is the numbers
//! of one code in one unit, components included, so that no line joins two units. A printed
//! summary is all its kinds read at one moment. Needs `patients.read`, and for each kind what
//! that kind needs.
mod api;
mod describe;
mod items;
mod print;
mod series;
mod sources;

pub use api::mount;
pub use describe::describe;
pub use items::statements;
pub use series::statements as series_statements;
