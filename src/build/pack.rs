//! Writes each file of the web UI raw, gzipped and brotli-compressed.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::ui::{Files, Outcome, hex};

/// Bytes of one file as it is served.
pub(crate) struct Sizes {
    pub(crate) gzip: usize,
    pub(crate) brotli: usize,
}

/// Writes every file with its compressed copies; a copy that is not smaller is left out.
pub(crate) fn write_all(files: &Files, out: &Path) -> Outcome<BTreeMap<String, Sizes>> {
    let root = out.join("ui");
    let cache = out.join("compressed");
    if root.exists() {
        fs::remove_dir_all(&root)?;
    }
    fs::create_dir_all(&cache)?;
    let mut sizes = BTreeMap::new();
    for (path, bytes) in files {
        let target = root.join(path);
        if let Some(folder) = target.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&target, bytes)?;
        let mut served = [bytes.len(), bytes.len()];
        for (size, (ending, pack)) in served.iter_mut().zip(PACKERS) {
            let packed = cached(&cache, bytes, ending, pack)?;
            if packed.len() < bytes.len() {
                *size = packed.len();
                fs::write(root.join(format!("{path}.{ending}")), packed)?;
            }
        }
        sizes.insert(path.clone(), Sizes { gzip: served[0], brotli: served[1] });
    }
    Ok(sizes)
}

type Packer = fn(&[u8]) -> Outcome<Vec<u8>>;
const PACKERS: [(&str, Packer); 2] = [("gz", gzip), ("br", brotli)];

/// Compressing is slow, files rarely change: results are kept by content.
fn cached(cache: &Path, bytes: &[u8], ending: &str, pack: Packer) -> Outcome<Vec<u8>> {
    let kept = cache.join(format!("{}.{ending}", hex(&Sha256::digest(bytes))));
    if let Ok(packed) = fs::read(&kept) {
        return Ok(packed);
    }
    let packed = pack(bytes)?;
    fs::write(kept, &packed)?;
    Ok(packed)
}

fn gzip(bytes: &[u8]) -> Outcome<Vec<u8>> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packer.write_all(bytes)?;
    Ok(packer.finish()?)
}

fn brotli(bytes: &[u8]) -> Outcome<Vec<u8>> {
    let mut packed = Vec::new();
    let params = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 22, ..Default::default() };
    brotli::BrotliCompress(&mut &bytes[..], &mut packed, &params)?;
    Ok(packed)
}
