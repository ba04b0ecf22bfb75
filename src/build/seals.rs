//! Compiles the seals of the store's pages (`src/store/sealed_pages.c`) against the headers of
//! the SQLite that is linked.

use std::env::{VarError, var};

pub(crate) fn compile() -> Result<(), VarError> {
    println!("cargo::rerun-if-changed=src/store/sealed_pages.c");
    cc::Build::new()
        .file("src/store/sealed_pages.c")
        .include(var("DEP_SQLITE3_INCLUDE")?)
        // Runs at every page that is read, in tests as well.
        .opt_level(2)
        .warnings_into_errors(true)
        .cargo_metadata(false)
        .compile("sealed_pages");
    println!("cargo::rustc-link-search=native={}", var("OUT_DIR")?);
    // Only SQLite calls into it, and comes later in the linker's order.
    println!("cargo::rustc-link-lib=static:+whole-archive=sealed_pages");
    Ok(())
}
