//! Files, as little of them as a recording needs; a trait, so that a test can make the disk slow or full.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

/// One file that is only appended to.
pub trait Sink: Send {
    /// Appends.
    ///
    /// # Errors
    /// The disk is full or broken; a part may have been written.
    fn write(&mut self, bytes: &[u8]) -> io::Result<()>;
    /// Waits until what was written is on the disk.
    ///
    /// # Errors
    /// The disk is full or broken.
    fn sync(&mut self) -> io::Result<()>;
    /// Cuts off what follows the first `len` bytes.
    ///
    /// # Errors
    /// The disk is broken.
    fn truncate(&mut self, len: u64) -> io::Result<()>;
}

/// Where recordings lie.
pub trait Disk: Send {
    /// Makes a folder and those above it; it may be there.
    ///
    /// # Errors
    /// It cannot be made.
    fn make_folder(&mut self, path: &Path) -> io::Result<()>;
    /// Makes a file that is not there yet.
    ///
    /// # Errors
    /// It cannot be made.
    fn create(&mut self, path: &Path) -> io::Result<Box<dyn Sink>>;
    /// Opens a file at its end, making it if need be; tells its length and whether its last line is whole.
    ///
    /// # Errors
    /// It cannot be opened.
    fn append(&mut self, path: &Path) -> io::Result<(Box<dyn Sink>, u64)>;
    /// The highest number among names like `000012.mkv` in a folder; 0 if there is none.
    fn highest_number(&mut self, folder: &Path) -> u32;
}

/// The file system.
#[derive(Clone, Copy, Debug, Default)]
pub struct Files;

impl Sink for fs::File {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write_all(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()
    }

    fn truncate(&mut self, len: u64) -> io::Result<()> {
        self.set_len(len)
    }
}

impl Disk for Files {
    fn make_folder(&mut self, path: &Path) -> io::Result<()> {
        fs::create_dir_all(path)
    }

    fn create(&mut self, path: &Path) -> io::Result<Box<dyn Sink>> {
        let file = fs::File::options()
            .append(true)
            .create_new(true)
            .open(path)?;
        Ok(Box::new(file))
    }

    fn append(&mut self, path: &Path) -> io::Result<(Box<dyn Sink>, u64)> {
        let file = fs::File::options().append(true).create(true).open(path)?;
        // A line that a crash cut short is no line: the next begins where it began.
        let whole = whole_lines(path)?;
        file.set_len(whole)?;
        Ok((Box::new(file), whole))
    }

    fn highest_number(&mut self, folder: &Path) -> u32 {
        let Ok(entries) = fs::read_dir(folder) else {
            return 0;
        };
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        names
            .filter_map(|name| name.strip_suffix(".mkv")?.parse().ok())
            .max()
            .unwrap_or(0)
    }
}

/// Length of the file up to its last newline.
fn whole_lines(path: &Path) -> io::Result<u64> {
    use std::io::{BufReader, Read};
    let (mut at, mut whole) = (0u64, 0u64);
    let mut buffer = [0; 64 * 1024];
    let mut file = BufReader::new(fs::File::open(path)?);
    loop {
        let count = file.read(&mut buffer)?;
        let read = buffer.get(..count).unwrap_or_default();
        if let Some(last) = read.iter().rposition(|byte| *byte == b'\n') {
            whole = at + last as u64 + 1;
        }
        at += count as u64;
        if count == 0 {
            return Ok(whole);
        }
    }
}
