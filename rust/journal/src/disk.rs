//! What the journal does to a disk. A trait, so that tests can have one that fails at any point.

use std::fmt;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::session_keys;

/// Only the gateway's own account may read what agents did.
const DIRECTORY_MODE: u32 = 0o700;
const FILE_MODE: u32 = 0o600;
const LOCK: &str = "journal.lock";

/// The changes that are made to the journal's directory. Names are relative to it.
pub(crate) trait Disk: Send + Sync + fmt::Debug {
    /// Makes an empty file that was not there.
    fn create(&self, name: &str) -> io::Result<Arc<dyn DiskFile>>;
    /// Opens a file to append to it, made if missing.
    fn append_to(&self, name: &str) -> io::Result<Arc<dyn DiskFile>>;
    /// Gives a file another name, whose file is replaced.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;
    /// Removes a file.
    fn remove(&self, name: &str) -> io::Result<()>;
    /// Has the names survive a power cut: those made, changed and removed until now.
    fn sync(&self) -> io::Result<()>;
}

/// A file that is written to at its end.
pub(crate) trait DiskFile: Send + Sync + fmt::Debug {
    /// One write(2) at the end.
    fn write(&self, bytes: &[u8]) -> io::Result<usize>;
    /// Cuts the file to `length` bytes.
    fn truncate(&self, length: u64) -> io::Result<()>;
    /// Has what was written survive a power cut.
    fn sync(&self) -> io::Result<()>;
}

impl DiskFile for File {
    fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        let mut file = self;
        Write::write(&mut file, bytes)
    }

    fn truncate(&self, length: u64) -> io::Result<()> {
        self.set_len(length)
    }

    fn sync(&self) -> io::Result<()> {
        self.sync_data()
    }
}

/// Writes all of `bytes`.
///
/// # Errors
/// A write failed; some of the bytes may be there.
pub(crate) fn write_all(file: &dyn DiskFile, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match file.write(bytes) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => bytes = bytes.get(written..).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Puts `bytes` in the place of the file `name`: whoever reads it finds the old or the new ones whole,
/// after a power cut too.
///
/// # Errors
/// The old file is still there.
pub(crate) fn replace(disk: &dyn Disk, name: &str, bytes: &[u8]) -> io::Result<()> {
    let new = format!("{name}.new");
    let file = disk.append_to(&new)?;
    file.truncate(0)?;
    write_all(file.as_ref(), bytes)?;
    file.sync()?;
    disk.rename(&new, name)?;
    disk.sync()
}

/// The directory that a journal lives in.
#[derive(Clone, Debug)]
pub(crate) struct Directory(PathBuf);

impl Directory {
    /// The directory at `path`, made if missing.
    pub(crate) fn make(path: &Path) -> io::Result<Directory> {
        make_private(path)?;
        make_private(&path.join(session_keys::DIRECTORY))?;
        Ok(Directory(path.to_owned()))
    }

    /// The directory at `path`, for reading.
    pub(crate) fn existing(path: &Path) -> Directory {
        Directory(path.to_owned())
    }

    /// The path of a file in it.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// The names in it, in no order.
    pub(crate) fn names(&self) -> io::Result<Vec<String>> {
        self.0.read_dir()?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
    }

    /// Takes the exclusive lock that is held for as long as the file stays open.
    pub(crate) fn lock(&self) -> io::Result<File> {
        let path = self.path(LOCK);
        let file = OpenOptions::new().create(true).append(true).mode(FILE_MODE).open(&path)?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(std::fs::TryLockError::WouldBlock) => Err(io::Error::new(
                io::ErrorKind::ResourceBusy,
                format!("{} is locked: another process writes this journal", path.display()),
            )),
            Err(std::fs::TryLockError::Error(error)) => Err(error),
        }
    }
}

impl Disk for Directory {
    fn create(&self, name: &str) -> io::Result<Arc<dyn DiskFile>> {
        let path = self.path(name);
        Ok(Arc::new(OpenOptions::new().create_new(true).append(true).mode(FILE_MODE).open(path)?))
    }

    fn append_to(&self, name: &str) -> io::Result<Arc<dyn DiskFile>> {
        let path = self.path(name);
        Ok(Arc::new(OpenOptions::new().create(true).append(true).mode(FILE_MODE).open(path)?))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        std::fs::rename(self.path(from), self.path(to))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        std::fs::remove_file(self.path(name))
    }

    fn sync(&self) -> io::Result<()> {
        File::open(&self.0)?.sync_all()?;
        File::open(self.path(session_keys::DIRECTORY))?.sync_all()
    }
}

/// Makes a directory that only its owner may enter, with those above it.
fn make_private(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(DIRECTORY_MODE).create(path)
}
