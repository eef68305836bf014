//! Taking files in from disk: years of them, from any vendor, in any order, as often as one likes（features idea 6）.
//!
//! One thread reads and understands, another one stores; between them stands one bundle, so that memory does not grow with
//! the folder. Each bundle is stored in one transaction, and a file that is here already changes nothing: an import that
//! was cut off is simply done once more.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::{Path, PathBuf};
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, PoisonError};

use calendar::Month;
use chrono::NaiveDateTime;
use kokuho::{FileKind, OfficeNumber, Yen};
use relay_api::Account;
use store::{ContentId, NewClaimFile, NewNotice, Taken};

use crate::files::{Content, file_name, of_not_interchange, office_name, read_file};
use crate::problem::{Code, Problem};
use crate::sync::facts_of;
use crate::views::{ImportView, RefusedView};
use crate::work::{ImportOfficeView, ImportPreviewView, ImportProgressView};
use crate::{App, Inner, Topic, blocking, of_store, setting};

/// Deepest folder that an import enters below the one it was given; deeper ones are no folders of claim files.
const DEPTH: usize = 8;
/// A bundle is stored when it holds this many files or bytes: large enough that flushing to disk costs little beside
/// writing, small enough that a cut loses seconds of work.
const BUNDLE: (usize, usize) = (2048, 8 * 1024 * 1024);
/// Refusals that a preview or a result names one by one; a photo folder chosen by mistake has thousands.
const NAMED: usize = 500;

impl App {
    /// Takes claim files and notices from files and folders. Works without a line, and goes on where it was cut off when it
    /// is called again with the same paths.
    ///
    /// # Errors
    ///
    /// [`Code::ImportRuns`] while another import of this program runs. What is wrong with single files stands in the view.
    pub async fn import(&self, paths: &[String]) -> Result<ImportView, Problem> {
        let account = self.account().await?;
        let now = self.now();
        let running = Running::begin(self, "storing")?;
        self.keep_setting(setting::UNFINISHED_IMPORT, &paths).await?;
        let (inner, roots) = (Arc::clone(&self.0), roots(paths));
        let (app, view, names) = blocking(move || {
            let (view, names) = inner.import(&roots, account.as_ref(), now)?;
            Ok((running, view, names))
        })
        .await?;
        let known = self.office_names().await?;
        // What the notices print stands back behind what the relay says.
        self.remember_names(names.into_iter().filter(|(office, _)| !known.contains_key(office))).await?;
        self.store(|store| store.remove_setting(setting::UNFINISHED_IMPORT)).await?;
        drop(app);
        if view.new > 0 {
            self.announce_change(Topic::Notices);
            self.announce_change(Topic::Returns);
            self.announce_change(Topic::Frame);
        }
        Ok(view)
    }

    /// Looks through files and folders and tells what an import would do. Stores nothing.
    ///
    /// # Errors
    ///
    /// [`Code::ImportRuns`] while an import runs.
    pub async fn preview_import(&self, paths: &[String]) -> Result<ImportPreviewView, Problem> {
        let account = self.account().await?;
        let running = Running::begin(self, "looking")?;
        let (inner, roots) = (Arc::clone(&self.0), roots(paths));
        let paths = paths.to_vec();
        let (running, mut view) = blocking(move || {
            let view = inner.preview(&roots, account.as_ref())?;
            Ok((running, view))
        })
        .await?;
        drop(running);
        view.paths = paths;
        Ok(view)
    }

    /// Returns how far the running import is; `None` when none runs.
    pub fn import_progress(&self) -> Option<ImportProgressView> {
        self.0.importing.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Returns the files and folders of an import that was cut off, by a crash or a power failure; empty when there is none.
    pub async fn unfinished_import(&self) -> Result<Vec<String>, Problem> {
        if self.import_progress().is_some() {
            return Ok(Vec::new());
        }
        Ok(self.setting(setting::UNFINISHED_IMPORT).await?.unwrap_or_default())
    }

    /// Forgets that an import was cut off; what it had taken in stays.
    pub async fn forget_unfinished_import(&self) -> Result<(), Problem> {
        self.store(|store| store.remove_setting(setting::UNFINISHED_IMPORT)).await
    }
}

/// Marks that an import runs, until it is dropped.
struct Running(App);

impl Running {
    fn begin(app: &App, phase: &str) -> Result<Self, Problem> {
        let mut importing = app.0.importing.lock().unwrap_or_else(PoisonError::into_inner);
        if importing.is_some() {
            return Err(Code::ImportRuns.into());
        }
        *importing = Some(ImportProgressView { phase: phase.to_owned(), done: 0, total: 0, new: 0, refused: 0 });
        drop(importing);
        app.announce_change(Topic::Import);
        Ok(Self(app.clone()))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        *self.0.0.importing.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.0.announce_change(Topic::Import);
    }
}

fn roots(paths: &[String]) -> Vec<PathBuf> {
    paths.iter().map(PathBuf::from).collect()
}

/// A file from disk, understood as far as taking it in needs.
struct Found {
    name: String,
    id: ContentId,
    bytes: Vec<u8>,
    office: OfficeNumber,
    month: Option<Month>,
    /// 交換情報識別番号 of the first row.
    exchange_id: String,
    kind: FileKind,
    /// 事業所名 on the head of a notice.
    office_name: Option<String>,
    /// What only a preview tells.
    preview: Option<InPreview>,
}

/// What a preview tells of a file beside its kind.
#[derive(Debug, Clone, Copy, Default)]
struct InPreview {
    claims: u32,
    yen: Yen,
    /// A notice with rows of which no layout is known.
    odd: bool,
}

type Looked = (String, Result<Found, Problem>);

/// What waits to be stored together.
#[derive(Default)]
struct Bundle {
    files: Vec<Looked>,
    bytes: usize,
}

impl Inner {
    /// Takes everything under `roots`, and returns the names of offices that the notices print, too.
    fn import(
        &self,
        roots: &[PathBuf],
        account: Option<&Account>,
        now: NaiveDateTime,
    ) -> Result<(ImportView, BTreeMap<String, String>), Problem> {
        let mut names: BTreeMap<String, String> = BTreeMap::new();
        let paths: Vec<PathBuf> = roots.iter().flat_map(|root| files_under(root, DEPTH)).collect();
        let mut view = ImportView { files: paths.len() as u32, new: 0, repeated: 0, refused: Vec::new() };
        self.look(&paths, account, false, |bundle| {
            let (mut claims, mut notices) = (Vec::new(), Vec::new());
            for (name, looked) in bundle.files {
                if let Ok(Found { office, office_name: Some(name), .. }) = &looked {
                    names.entry(office.to_string()).or_insert_with(|| name.clone());
                }
                match looked {
                    Ok(found) => match (found.kind, found.month) {
                        (FileKind::Claim | FileKind::BenefitManagement, Some(processing_month)) => {
                            claims.push(NewClaimFile {
                                file_name: found.name,
                                office: found.office,
                                processing_month,
                                bytes: found.bytes,
                            });
                        }
                        _ => notices.push(NewNotice {
                            file_name: found.name,
                            exchange_id: found.exchange_id,
                            office: found.office,
                            processing_month: found.month,
                            received_at: now,
                            bytes: found.bytes,
                        }),
                    },
                    Err(problem) => view.refused.push(RefusedView { file: name, problem: problem.into() }),
                }
            }
            let Taken { new, repeated } = self.store.take_files(&claims, &notices, now).map_err(of_store)?;
            view.new += new.len() as u32;
            view.repeated += repeated as u32;
            Ok((new.len() as u32, view.refused.len() as u32))
        })?;
        Ok((view, names))
    }

    fn preview(&self, roots: &[PathBuf], account: Option<&Account>) -> Result<ImportPreviewView, Problem> {
        let paths: Vec<PathBuf> = roots.iter().flat_map(|root| files_under(root, DEPTH)).collect();
        let mut view = ImportPreviewView { files: paths.len() as u32, ..ImportPreviewView::default() };
        let mut seen: HashSet<ContentId> = HashSet::new();
        let mut offices: BTreeMap<OfficeNumber, Seen> = BTreeMap::new();
        let mut odd: BTreeSet<String> = BTreeSet::new();
        self.look(&paths, account, true, |bundle| {
            let mut new = 0;
            for (name, looked) in bundle.files {
                let found = match looked {
                    Ok(found) => found,
                    Err(problem) => {
                        view.refused_count += 1;
                        if view.refused.len() < NAMED {
                            view.refused.push(RefusedView { file: name, problem: problem.into() });
                        }
                        continue;
                    }
                };
                if !seen.insert(found.id) {
                    view.twice += 1;
                } else if self.store.has_file(&found.id).map_err(of_store)? {
                    view.repeated += 1;
                } else {
                    new += 1;
                    view.new += 1;
                    offices.entry(found.office.clone()).or_default().add(&found);
                }
                if found.preview.is_some_and(|preview| preview.odd) {
                    odd.insert(found.name);
                }
            }
            Ok((new, view.refused_count))
        })?;
        view.odd = odd.into_iter().take(NAMED).collect();
        view.offices = offices
            .into_iter()
            .map(|(office, seen)| seen.view(&office, account.and_then(|account| office_name(account, office.as_str()))))
            .collect();
        Ok(view)
    }

    /// Reads and understands `paths` in bundles while `take` works on the bundle before. `take` returns how many files were
    /// new and how many were refused so far, for the progress.
    fn look(
        &self,
        paths: &[PathBuf],
        account: Option<&Account>,
        closely: bool,
        mut take: impl FnMut(Bundle) -> Result<(u32, u32), Problem>,
    ) -> Result<(), Problem> {
        self.tell_progress(|progress| progress.total = paths.len() as u32);
        std::thread::scope(|scope| {
            let (sender, bundles) = sync_channel::<Bundle>(1);
            scope.spawn(move || {
                let mut bundle = Bundle::default();
                for path in paths {
                    let looked = understand(path, account, closely);
                    bundle.bytes += looked.as_ref().map_or(0, |found| found.bytes.len());
                    bundle.files.push((file_name(path), looked));
                    if bundle.files.len() >= BUNDLE.0 || bundle.bytes >= BUNDLE.1 {
                        // The other side stopped because of a failure, which it returns.
                        let Ok(()) = sender.send(std::mem::take(&mut bundle)) else { return };
                    }
                }
                drop(sender.send(bundle));
            });
            for bundle in bundles {
                let count = bundle.files.len() as u32;
                let (new, refused) = take(bundle)?;
                self.tell_progress(|progress| {
                    progress.done += count;
                    progress.new += new;
                    progress.refused = refused;
                });
            }
            Ok(())
        })
    }

    fn tell_progress(&self, change: impl FnOnce(&mut ImportProgressView)) {
        if let Some(progress) = self.importing.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            change(progress);
        }
        drop(self.changed.send(Topic::Import));
    }
}

/// Reads a file and finds out what it is; `closely` for a preview.
fn understand(path: &Path, account: Option<&Account>, closely: bool) -> Result<Found, Problem> {
    let Content { name, bytes, sha256 } = read_file(path)?;
    let file = kokuho::read(&bytes).map_err(|not| of_not_interchange(&not))?;
    let office = file.office();
    if account.is_some_and(|account| !account.offices.iter().any(|own| own.number == office.as_str())) {
        return Err(Problem::with(Code::OtherOffice, office.as_str()));
    }
    let kind = file.kind();
    let (exchange_id, month) = facts_of(&file);
    if matches!(kind, FileKind::Claim | FileKind::BenefitManagement) && month.is_none() {
        return Err(Code::NotInterchange.into());
    }
    let id = sha256.parse().map_err(|_| Problem::from(Code::Internal))?;
    let office_name = (kind == FileKind::Notice).then(|| kokuho::office_name(&file)).flatten();
    let preview = closely.then(|| {
        let claims = kokuho::claims(&file);
        InPreview {
            claims: claims.len() as u32,
            yen: claims.iter().map(kokuho::Claim::amount).sum(),
            odd: kind == FileKind::Notice && file.rows.iter().any(|row| row.layout().is_none()),
        }
    });
    Ok(Found { name, id, bytes, office, month, exchange_id, kind, office_name, preview })
}

/// What a preview saw of one office.
#[derive(Default)]
struct Seen {
    claim_files: u32,
    notices: u32,
    claims: u32,
    yen: Yen,
    months: BTreeSet<Month>,
}

impl Seen {
    fn add(&mut self, found: &Found) {
        self.months.extend(found.month);
        if matches!(found.kind, FileKind::Claim | FileKind::BenefitManagement) {
            let InPreview { claims, yen, .. } = found.preview.unwrap_or_default();
            self.claim_files += 1;
            self.claims += claims;
            self.yen += yen;
        } else {
            self.notices += 1;
        }
    }

    fn view(self, office: &OfficeNumber, name: Option<String>) -> ImportOfficeView {
        let text = |month: Option<&Month>| month.map(ToString::to_string);
        ImportOfficeView {
            office: office.to_string(),
            office_name: name.unwrap_or_default(),
            claim_files: self.claim_files,
            notices: self.notices,
            claims: self.claims,
            yen: self.yen.0,
            from: text(self.months.first()),
            to: text(self.months.last()),
        }
    }
}

/// Returns the files under `path` in order of their names; a file is itself. Links are not followed.
fn files_under(path: &Path, depth: usize) -> Vec<PathBuf> {
    let is_folder = std::fs::symlink_metadata(path).is_ok_and(|facts| facts.is_dir());
    if !is_folder {
        return vec![path.to_owned()];
    }
    let Ok(entries) = std::fs::read_dir(path) else { return vec![path.to_owned()] };
    let mut inside: Vec<PathBuf> = entries.filter_map(Result::ok).map(|entry| entry.path()).collect();
    inside.sort();
    inside
        .iter()
        .filter(|path| depth > 0 || !path.is_dir())
        .flat_map(|path| files_under(path, depth.saturating_sub(1)))
        .collect()
}
