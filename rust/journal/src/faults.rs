//! A disk that fails when it is told to, and forgets on a power cut what was not synced.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use crate::disk::{Directory, Disk, DiskFile};
use crate::session_keys;

mod clock;
mod every_point;
mod full_disk;

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The operation fails, once.
    Once,
    /// A write takes some bytes, then it and everything after it fails.
    FromThereOn,
}

#[derive(Clone, Debug)]
pub(crate) struct FaultyDisk {
    directory: Directory,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    operations: usize,
    fails: Option<(usize, Fault)>,
    /// Bytes that can be written still.
    room: Option<usize>,
    /// What a file holds after a power cut, by inode.
    synced: HashMap<u64, Vec<u8>>,
    /// The files that are there after a power cut.
    names: HashMap<String, u64>,
    /// Every file ever opened, so that no inode is given twice.
    opened: Vec<File>,
}

#[derive(Debug)]
struct FaultyFile {
    file: Arc<dyn DiskFile>,
    content: File,
    state: Arc<Mutex<State>>,
}

impl FaultyDisk {
    /// The directory's disk, on which `fails` goes wrong: the so-manieth operation.
    pub(crate) fn new(directory: &Path, fails: Option<(usize, Fault)>) -> FaultyDisk {
        let directory = Directory::make(directory).expect("made");
        let state = State { fails, ..State::default() };
        FaultyDisk { directory, state: Arc::new(Mutex::new(state)) }
    }

    pub(crate) fn directory(&self) -> Directory {
        self.directory.clone()
    }

    pub(crate) fn with_room(self, bytes: usize) -> FaultyDisk {
        self.state.lock().expect("no panic").room = Some(bytes);
        self
    }

    /// How many operations there were.
    pub(crate) fn operations(&self) -> usize {
        self.state.lock().expect("no panic").operations
    }

    /// Leaves in the directory what was synced.
    pub(crate) fn cut_power(&self) {
        let state = self.state.lock().expect("no panic");
        for name in all_names(&self.directory) {
            fs::remove_file(self.directory.path(&name)).expect("removed");
        }
        for (name, inode) in &state.names {
            let content = state.synced.get(inode).cloned().unwrap_or_default();
            fs::write(self.directory.path(name), content).expect("written");
        }
    }

    fn file(&self, name: &str, file: Arc<dyn DiskFile>) -> io::Result<Arc<dyn DiskFile>> {
        let content = File::open(self.directory.path(name))?;
        self.state.lock().expect("no panic").opened.push(content.try_clone()?);
        Ok(Arc::new(FaultyFile { file, content, state: Arc::clone(&self.state) }))
    }
}

fn all_names(directory: &Directory) -> Vec<String> {
    let mut names = directory.names().expect("listed");
    names.retain(|name| name != session_keys::DIRECTORY);
    let keys = fs::read_dir(directory.path(session_keys::DIRECTORY)).expect("listed");
    names.extend(keys.map(|entry| {
        format!("{}/{}", session_keys::DIRECTORY, entry.expect("an entry").file_name().to_string_lossy())
    }));
    names
}

/// Counts an operation and fails it if its time has come.
fn operate(state: &Mutex<State>) -> io::Result<()> {
    let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
    state.operations += 1;
    let at = state.operations;
    match state.fails {
        Some((number, Fault::Once)) if at == number => Err(io::Error::other("injected")),
        Some((number, Fault::FromThereOn)) if at >= number => Err(io::Error::other("injected")),
        _ => Ok(()),
    }
}

impl Disk for FaultyDisk {
    fn create(&self, name: &str) -> io::Result<Arc<dyn DiskFile>> {
        operate(&self.state)?;
        self.file(name, self.directory.create(name)?)
    }

    fn append_to(&self, name: &str) -> io::Result<Arc<dyn DiskFile>> {
        operate(&self.state)?;
        self.file(name, self.directory.append_to(name)?)
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        operate(&self.state)?;
        self.directory.rename(from, to)
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        operate(&self.state)?;
        self.directory.remove(name)
    }

    fn sync(&self) -> io::Result<()> {
        operate(&self.state)?;
        let names = all_names(&self.directory).into_iter().map(|name| {
            let inode = fs::metadata(self.directory.path(&name)).expect("there").ino();
            (name, inode)
        });
        self.state.lock().expect("no panic").names = names.collect();
        Ok(())
    }
}

impl DiskFile for FaultyFile {
    fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        if let Err(error) = operate(&self.state) {
            let fails = self.state.lock().expect("no panic").fails;
            if fails.is_some_and(|(number, fault)| {
                fault == Fault::FromThereOn && self.state.lock().expect("no panic").operations == number
            }) {
                self.file.write(&bytes[..bytes.len() / 2])?;
            }
            return Err(error);
        }
        let mut state = self.state.lock().expect("no panic");
        let room = state.room.map_or(bytes.len(), |room| room.min(bytes.len()));
        if room == 0 && !bytes.is_empty() {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let written = self.file.write(&bytes[..room])?;
        state.room = state.room.map(|room| room - written);
        Ok(written)
    }

    fn truncate(&self, length: u64) -> io::Result<()> {
        operate(&self.state)?;
        self.file.truncate(length)
    }

    fn sync(&self) -> io::Result<()> {
        operate(&self.state)?;
        let metadata = self.content.metadata()?;
        let mut content = vec![0; usize::try_from(metadata.len()).expect("short")];
        self.content.read_exact_at(&mut content, 0)?;
        self.state.lock().expect("no panic").synced.insert(metadata.ino(), content);
        Ok(())
    }
}
