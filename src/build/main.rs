//! What is made before the program is compiled: the C files ([`native`]) and the web UI,
//! checked and hashed ([`ui`]) and compressed ([`pack`]).
#![expect(clippy::print_stdout, reason = "this is how a build script talks to cargo")]

mod native;
mod pack;
mod ui;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed=src/build");
    native::compile()?;
    ui::embed()
}
