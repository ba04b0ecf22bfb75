//! The hospital as a whole: every kind of record over HTTP and in the store, with what it
//! refuses, what it shows to whom, and how its lists are read.
mod adding;
mod api;
mod bad_bodies;
mod bad_requests;
mod bounds;
mod glass;
mod includes;
mod lasting;
mod paging;
mod plans;
mod privacy;
mod reach;
mod rules;
mod series;
mod timeline;
mod wards;
mod world;
