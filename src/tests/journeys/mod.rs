//! What people and programs do with the product, step by step.

mod audit;
mod demo;
mod door;
mod limits;
mod lists;
mod patients;
mod search;
mod wire;
