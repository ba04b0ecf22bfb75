//! Compiles the seals of the store's pages (`src/store/sealed_pages.c`) against the headers of
//! the SQLite that is linked.

use std::path::PathBuf;

fn main() {
    let headers = std::env::var_os("DEP_SQLITE3_INCLUDE")
        .map(PathBuf::from)
        .expect("libsqlite3-sys says where its headers are");
    println!("cargo::rerun-if-changed=src/store/sealed_pages.c");
    cc::Build::new()
        .file("src/store/sealed_pages.c")
        .include(headers)
        // Runs at every page that is read, in tests as well.
        .opt_level(2)
        .warnings_into_errors(true)
        .cargo_metadata(false)
        .compile("sealed_pages");
    let out = std::env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    println!("cargo::rustc-link-search=native={out}");
    // Only SQLite calls into it, and comes later in the linker's order.
    println!("cargo::rustc-link-lib=static:+whole-archive=sealed_pages");
}
