//! What of the data folder goes into a backup beside the database.

use crate::access::secrets;
use crate::backup::Extent;
use crate::config::sources::FILE_NAME;
use crate::platform::ledger::custody::{anchors, archive};
use crate::server::tls;

/// The files and folders that rooms of this program keep there, and that nothing makes anew.
#[must_use]
pub fn extent() -> Extent {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    Extent {
        files: names(&[secrets::KEY_FILE, FILE_NAME, anchors::FILE]),
        folders: names(&[archive::FOLDER, tls::folder::FOLDER]),
    }
}
