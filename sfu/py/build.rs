//! Embeds a hash of the sources, so that a binary that is older than they are can be told from a fresh one.
//!
//! The hash is SHA-256 over these files of the repository, sorted by path: `Cargo.toml`, `Cargo.lock`, and of each
//! crate named below `Cargo.toml`, `build.rs` and all `*.rs` under `src`. Each file adds its path with `/`, a zero
//! byte, the length of its content as eight bytes little-endian, and the content. `salon.native` does the same.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

use sha2::{Digest, Sha256};

const CRATES: [&str; 6] = ["core", "listener", "net", "py", "recorder", "session"];

fn main() -> io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()?;
    let mut files = vec![root.join("Cargo.toml"), root.join("Cargo.lock")];
    for name in CRATES {
        let crate_root = root.join("sfu").join(name);
        files.extend([crate_root.join("Cargo.toml"), crate_root.join("build.rs")]);
        rust_files(&crate_root.join("src"), &mut files)?;
    }
    let mut named: Vec<(String, PathBuf)> = files
        .into_iter()
        .filter(|file| file.is_file())
        .filter_map(|file| {
            Some((
                file.strip_prefix(&root).ok()?.to_str()?.replace('\\', "/"),
                file,
            ))
        })
        .collect();
    named.sort();
    let mut hash = Sha256::new();
    for (name, file) in named {
        let content = fs::read(&file)?;
        hash.update(name.as_bytes());
        hash.update([0]);
        hash.update((content.len() as u64).to_le_bytes());
        hash.update(&content);
        println!("cargo::rerun-if-changed={}", file.display());
    }
    let hex: String = hash
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    println!("cargo::rustc-env=SALON_SOURCE_HASH={hex}");
    Ok(())
}

/// All `*.rs` below a folder. The folders themselves are watched for files that come.
fn rust_files(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    println!("cargo::rerun-if-changed={}", folder.display());
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            rust_files(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(())
}
