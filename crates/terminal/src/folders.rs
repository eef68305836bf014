//! The folder pair and what lies in it.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use relay_api::terminals::{WorkItem, WorkJob, WorkResult};
use serde::Deserialize;

/// Largest file that is read whole, in bytes: a notice file may be as large as a claim file.
const MAX_FILE: u64 = relay_api::MAX_CONTENT_BYTES;
/// Largest answer, in bytes.
const MAX_RESULT: u64 = 64 * 1024;

/// Why a folder could not be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// Another process works with it.
    #[error("another terminal works with {0}")]
    InUse(PathBuf),
    /// The system said no.
    #[error("cannot use {path}")]
    Io {
        /// File or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// What lies beside was not written by this program.
    #[error("{0} cannot be understood")]
    Staged(PathBuf),
}

/// The folders of a terminal.
pub struct Folders {
    root: PathBuf,
    /// Held for as long as the program lives.
    _lock: File,
}

/// An answer as the transmission software writes it.
#[derive(Deserialize)]
struct ResultFile {
    id: u64,
    #[serde(flatten)]
    result: WorkResult,
}

impl Folders {
    pub(crate) fn open(root: PathBuf) -> Result<Self, FolderError> {
        for folder in ["outbox", "cancel", "inbox/results", "inbox/documents", "done", "rejected", "work"] {
            let path = root.join(folder);
            fs::create_dir_all(&path).map_err(at(&path))?;
        }
        let path = root.join("work/lock");
        let lock = File::create(&path).map_err(at(&path))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { root, _lock: lock }),
            Err(fs::TryLockError::WouldBlock) => Err(FolderError::InUse(root)),
            Err(fs::TryLockError::Error(source)) => Err(FolderError::Io { path, source }),
        }
    }

    /// Writes work beside its place: the content first, then the facts that make it known. Safe against a power cut when it
    /// returns.
    pub(crate) fn stage(&self, item: &WorkItem, content: &[u8]) -> Result<(), FolderError> {
        if item.job == WorkJob::Send {
            write(&self.staged_content(item), content)?;
        }
        let facts = serde_json::to_vec_pretty(item).map_err(|_| FolderError::Staged(self.staged_facts(item)))?;
        let unfinished = self.root.join("work").join(format!("{}.unfinished", item.id));
        write(&unfinished, &facts)?;
        rename(&unfinished, &self.staged_facts(item))
    }

    /// Returns what a killed round left beside its place.
    pub(crate) fn staged(&self) -> Result<Vec<WorkItem>, FolderError> {
        let facts = list(&self.root.join("work"), |name| has_extension(name, "json"))?;
        let read = |path: PathBuf| {
            let text = fs::read(&path).map_err(at(&path))?;
            serde_json::from_slice(&text).map_err(|_| FolderError::Staged(path))
        };
        facts.into_iter().map(read).collect()
    }

    /// Renames staged work into its place. The transmission software takes what it sees: the claim file, or the wish to
    /// cancel, comes last.
    pub(crate) fn publish(&self, item: &WorkItem) -> Result<(), FolderError> {
        match item.job {
            WorkJob::Send => {
                let staged = self.staged_content(item);
                // Gone when a killed round had renamed it already.
                if staged.exists() {
                    let facts = self.root.join("outbox").join(format!("{}.json", item.id));
                    fs::copy(self.staged_facts(item), &facts).map_err(at(&facts))?;
                    rename(&staged, &self.root.join("outbox").join(outbox_name(item)))?;
                }
                let facts = self.staged_facts(item);
                fs::remove_file(&facts).map_err(at(&facts))
            }
            WorkJob::Cancel => {
                rename(&self.staged_facts(item), &self.root.join("cancel").join(format!("{}.json", item.id)))
            }
        }
    }

    /// Removes staged work that may not be sent.
    pub(crate) fn unstage(&self, item: &WorkItem) -> Result<(), FolderError> {
        for path in [self.staged_content(item), self.staged_facts(item)] {
            match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(at(&path)(error)),
                _ => {}
            }
        }
        Ok(())
    }

    /// Returns the answers that lie ready, by name.
    pub(crate) fn results(&self) -> Result<Vec<PathBuf>, FolderError> {
        list(&self.root.join("inbox/results"), |name| has_extension(name, "json"))
    }

    /// Returns the notice files that lie ready, with their office, by name.
    pub(crate) fn documents(&self) -> Result<Vec<(String, PathBuf)>, FolderError> {
        let mut found = Vec::new();
        let folder = self.root.join("inbox/documents");
        for office in fs::read_dir(&folder).map_err(at(&folder))? {
            let office = office.map_err(at(&folder))?.path();
            let Some(name) = office.file_name().and_then(OsStr::to_str).map(str::to_owned) else { continue };
            if office.is_dir() {
                found.extend(list(&office, |_| true)?.into_iter().map(|path| (name.clone(), path)));
            }
        }
        found.sort();
        Ok(found)
    }

    /// Returns what the transmission software says of its last contact with 国保連, if it says anything.
    pub(crate) fn last_contact(&self) -> Result<Option<String>, FolderError> {
        let path = self.root.join("inbox/last-contact.txt");
        match fs::read_to_string(&path) {
            Ok(text) => {
                let text = text.trim();
                Ok(chrono::DateTime::parse_from_rfc3339(text).is_ok().then(|| text.to_owned()))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(at(&path)(error)),
        }
    }

    /// Moves a file of `inbox` that the relay has taken to `done`.
    pub(crate) fn finish(&self, path: &Path) -> Result<(), FolderError> {
        self.move_to("done", path).map(drop)
    }

    /// Moves a file of `inbox` that cannot be used to `rejected`, with the reason beside it.
    pub(crate) fn reject(&self, path: &Path, reason: &str) -> Result<(), FolderError> {
        tracing::warn!(reason, "A file of the inbox cannot be used");
        let place = self.move_to("rejected", path)?;
        let mut note = place.into_os_string();
        note.push(".reason.txt");
        write(Path::new(&note), reason.as_bytes())
    }

    /// Moves below `folder` with the same path as below `inbox`, under a new name when that one is there.
    fn move_to(&self, folder: &str, path: &Path) -> Result<PathBuf, FolderError> {
        let below = path.strip_prefix(self.root.join("inbox")).unwrap_or(path);
        let mut place = self.root.join(folder).join(below);
        let parent = place.parent().unwrap_or(&self.root).to_owned();
        fs::create_dir_all(&parent).map_err(at(&parent))?;
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let mut number = 2;
        while place.exists() {
            place = parent.join(format!("{number}-{name}"));
            number += 1;
        }
        rename(path, &place)?;
        Ok(place)
    }

    fn staged_facts(&self, item: &WorkItem) -> PathBuf {
        let job = match item.job {
            WorkJob::Send => "send",
            WorkJob::Cancel => "cancel",
        };
        self.root.join("work").join(format!("{job}-{}.json", item.id))
    }

    fn staged_content(&self, item: &WorkItem) -> PathBuf {
        self.root.join("work").join(format!("{}.content", item.id))
    }
}

/// Reads an answer; `Err` inside says why it is none.
pub(crate) fn read_result(path: &Path) -> Result<Result<(u64, WorkResult), String>, FolderError> {
    if fs::metadata(path).map_err(at(path))?.len() > MAX_RESULT {
        return Ok(Err("the file is too large for an answer".into()));
    }
    let text = fs::read(path).map_err(at(path))?;
    Ok(serde_json::from_slice(&text)
        .map(|ResultFile { id, result }| (id, result))
        .map_err(|error| format!("not an answer: {error}")))
}

/// Reads a notice file: its name and its bytes.
pub(crate) fn read_document(path: &Path) -> Result<(String, Vec<u8>), FolderError> {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    if fs::metadata(path).map_err(at(path))?.len() > MAX_FILE {
        // The relay refuses it with the reason.
        return Ok((name, Vec::new()));
    }
    Ok((name, fs::read(path).map_err(at(path))?))
}

/// Names a claim file in `outbox`: number, office and name, so that a person finds it too.
fn outbox_name(item: &WorkItem) -> String {
    // The relay lets no folders into a file name; Windows forbids a few characters more.
    let name = item.file_name.replace(['<', '>', ':', '"', '|', '?', '*', '/', '\\'], "_");
    format!("{}_{}_{name}", item.id, item.office)
}

/// Returns the plain files of `folder` by name, without those that are still being written.
fn list(folder: &Path, is_wanted: impl Fn(&str) -> bool) -> Result<Vec<PathBuf>, FolderError> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(at(folder))? {
        let entry = entry.map_err(at(folder))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_file = entry.file_type().map_err(at(folder))?.is_file();
        if is_file && !name.starts_with('.') && !has_extension(&name, "tmp") && is_wanted(&name) {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(found)
}

/// Returns whether a file name has this extension, in capitals or not.
fn has_extension(name: &str, extension: &str) -> bool {
    Path::new(name).extension().is_some_and(|found| found.eq_ignore_ascii_case(extension))
}

/// Writes a file and flushes it to the disk.
fn write(path: &Path, content: &[u8]) -> Result<(), FolderError> {
    let mut file = File::create(path).map_err(at(path))?;
    file.write_all(content).and_then(|()| file.sync_all()).map_err(at(path))
}

fn rename(from: &Path, to: &Path) -> Result<(), FolderError> {
    fs::rename(from, to).map_err(at(to))?;
    // What was renamed must not be undone by a power cut: the relay counts on it. Windows keeps folders durable itself.
    #[cfg(unix)]
    if let Some(folder) = to.parent() {
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(at(folder))?;
    }
    Ok(())
}

fn at(path: &Path) -> impl Fn(io::Error) -> FolderError {
    let path = path.to_owned();
    move |source| FolderError::Io { path: path.clone(), source }
}
