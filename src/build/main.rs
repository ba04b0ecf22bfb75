//! What is made before the program is compiled: the seals of the store's pages ([`seals`]) and
//! the web UI, checked and hashed ([`ui`]) and compressed ([`pack`]).
#![expect(clippy::print_stdout, reason = "this is how a build script talks to cargo")]

mod pack;
mod seals;
mod ui;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed=src/build");
    seals::compile()?;
    ui::embed()
}
