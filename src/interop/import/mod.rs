//! Imports: files of other systems become records, all that can, once.
//!
//! Owns `import_run`, `import_link`, `import_claim`, `import_medication`, `import_waiting`,
//! `import_waiting_link` and `import_reject`. [`office`] takes orders ([`refusal`] says why not),
//! with files that [`upload`] brings, and works them off one after the other on a thread of its
//! own; [`at_work`] is how one is stopped; [`run`] is one of them: pieces are read, mapped in
//! parallel ([`step`]) and written in bulk jobs of a few hundred ([`job`]). [`place`] decides
//! what a mapped resource is: known and unchanged, known and changed ([`compare`]), somebody
//! known by an identifier ([`identity`]), new; [`additions`] are no records of their own, and
//! [`links`] finds what references mean, [`claims`] whom a number means, [`rows`] which row of a
//! list a link was meant for. [`waiting`] keeps what came before the thing it
//! belongs to. [`tally`] counts everything read, [`resource`] says what an import looks like
//! from outside, [`resumed`] what it did before it was interrupted, and [`api`] serves it.
//!
//! **Invariant:** a resource, its link and its fingerprint are written in one transaction, so
//! an import that was killed goes on where it stopped, and a second run changes nothing.
mod additions;
pub mod api;
mod at_work;
mod claims;
mod compare;
mod describe;
mod identity;
mod job;
mod links;
mod office;
mod place;
mod plan;
mod refusal;
mod resource;
mod resumed;
mod rows;
mod run;
mod settle;
mod step;
mod tally;
#[cfg(test)]
mod tests;
mod upload;
mod waiting;

pub use describe::describe;
pub use office::Imports;
pub use plan::{Format, Plan};
pub use refusal::ImportError;
pub use resource::{IMPORT, IMPORTS};
pub use tally::Tally;
pub use upload::Staged;
