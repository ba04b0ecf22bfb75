//! Power failures, full disks, flipped bytes, crowds: what was acknowledged is there, and what
//! cannot be done is said.

mod clock;
mod crowd;
mod damage;
pub(crate) mod full_disk;
mod import;
mod ladder;
mod power;
mod slow;
mod stop;
pub(crate) mod writers;
