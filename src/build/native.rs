//! Compiles what is written in C, because it stands between the program and the system: the
//! seals of the store's pages, against the headers of the SQLite that is linked, and what keeps
//! a search file that was cut short from ending the process.

use std::env::{VarError, var};

const FILES: [&str; 2] = ["src/store/sealed_pages.c", "src/platform/search/lost_pages.c"];

pub(crate) fn compile() -> Result<(), VarError> {
    for file in FILES {
        println!("cargo::rerun-if-changed={file}");
    }
    cc::Build::new()
        .files(FILES)
        .include(var("DEP_SQLITE3_INCLUDE")?)
        // The seals run at every page that is read, in tests as well.
        .opt_level(2)
        .warnings_into_errors(true)
        .cargo_metadata(false)
        .compile("native");
    println!("cargo::rustc-link-search=native={}", var("OUT_DIR")?);
    // Nothing in Rust calls into it: SQLite, which comes later in the linker's order, and the
    // system do.
    println!("cargo::rustc-link-lib=static:+whole-archive=native");
    Ok(())
}
