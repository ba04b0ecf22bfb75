//! What people and programs do with the product, step by step.

mod audit;
mod audit_kept;
mod audit_read;
mod browse;
mod demo;
mod door;
mod limits;
mod lists;
mod midway;
mod patients;
mod print;
mod search;
mod secrets;
mod wire;
