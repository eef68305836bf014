//! The desk: files that a person laid down to look at, and what stands in them. Nothing here is stored.
//!
//! The page names a file by its content; only files that were checked, or that the database holds, can be looked into.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use calendar::Month;
use futures_util::stream::{self, StreamExt, TryStreamExt};
use kokuho::{OfficeNumber, Section, SectionKind};
use store::ContentId;

use crate::files::{self, Content, Looked, Stopped, of_not_interchange, office_name, read_file};
use crate::problem::{Code, Problem};
use crate::review::{Known, StandingClaims};
use crate::sheet;
use crate::views::{CheckView, CheckingView, PartView, SheetView};
use crate::{App, Topic, blocking};

/// What lies on the desk.
#[derive(Default)]
pub(crate) struct Desk {
    laid: Mutex<HashMap<String, CheckView>>,
    /// The file looked into last, whole in memory, so that turning its pages is quick.
    opened: Mutex<Option<Arc<Opened>>>,
    progress: Mutex<Option<CheckingView>>,
    /// One call checks at a time; another waits for its turn.
    turn: tokio::sync::Mutex<()>,
    /// Counts how often a person has stopped checking.
    stops: AtomicU64,
}

/// A file in memory with its parts.
pub(crate) struct Opened {
    pub name: String,
    pub sha256: String,
    pub bytes: Vec<u8>,
    pub sections: Vec<Section>,
}

impl Opened {
    pub fn new(content: Content) -> Result<Self, Problem> {
        let sections = kokuho::sections(&content.bytes).map_err(|not| of_not_interchange(&not))?;
        Ok(Self { name: content.name, sha256: content.sha256, bytes: content.bytes, sections })
    }

    /// Returns 処理対象年月 of the control record.
    pub fn processing_month(&self) -> Option<Month> {
        let control = self.sections.iter().find(|section| section.kind == SectionKind::Control)?;
        control.rows(&self.bytes).ok()?.first()?.columns().nth(10)?.trim().parse().ok()
    }

    /// Returns the claim that a part makes.
    pub fn claim(&self, section: &Section) -> Option<kokuho::Claim> {
        section.claim(&self.bytes, self.processing_month()?).ok().flatten()
    }
}

/// What one call of [`App::check_files`] has to do, and how far it is.
struct Work {
    app: App,
    /// Stops counted before it began.
    stops: u64,
    files: u32,
    finished: AtomicU32,
    /// Bytes to deal with, and those dealt with.
    whole: u64,
    done: AtomicU64,
    shown: AtomicU64,
    known: tokio::sync::Mutex<KnownOffices>,
}

/// What is known about an office before a 処理対象年月.
type KnownOffices = HashMap<(OfficeNumber, Option<Month>), Arc<Known>>;

/// Every byte is dealt with three times: read, checked, and held against the office's own records.
const PASSES: u64 = 3;

impl Work {
    fn new(app: App, paths: &[String], stops: u64) -> Self {
        Self {
            app,
            stops,
            files: paths.len() as u32,
            finished: AtomicU32::new(0),
            whole: paths.iter().map(|path| to_do(Path::new(path))).sum(),
            done: AtomicU64::new(0),
            shown: AtomicU64::new(u64::MAX),
            known: tokio::sync::Mutex::default(),
        }
    }
}

/// A file takes a byte more than it has, so that many empty ones move the progress too.
fn to_do(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |facts| facts.len()).saturating_mul(PASSES) + 1
}

/// The part of one file in the work.
struct Share {
    name: String,
    left: AtomicU64,
    work: Arc<Work>,
}

impl Share {
    fn new(path: &Path, work: Arc<Work>) -> Self {
        Self { name: files::file_name(path), left: AtomicU64::new(to_do(path)), work }
    }

    /// Counts `bytes` as done and shows it; returns whether to go on.
    fn go_on(&self, bytes: u64) -> bool {
        let Work { app, stops, files, finished, whole, done, shown, .. } = &*self.work;
        // A file that grows while it is read moves the progress no further than its share.
        let bytes = bytes.min(self.left.load(Ordering::Relaxed));
        self.left.fetch_sub(bytes, Ordering::Relaxed);
        let done = done.fetch_add(bytes, Ordering::Relaxed) + bytes;
        // In steps of five, so that a thousand small files do not drown out everything else that changes.
        let percent = (done.saturating_mul(20) / (*whole).max(1)).min(20) * 5;
        let go_on = app.0.desk.stops.load(Ordering::Relaxed) == *stops;
        if go_on && shown.swap(percent, Ordering::Relaxed) != percent {
            let number = (finished.load(Ordering::Relaxed) + 1).min(*files);
            let file = self.name.clone();
            app.show_progress(Some(CheckingView { file, number, files: *files, percent: percent as u8 }));
        }
        go_on
    }

    /// Counts what is left as done: not every file needs every pass.
    fn finish(&self) {
        self.work.finished.fetch_add(1, Ordering::Relaxed);
        self.go_on(u64::MAX);
    }
}

impl Desk {
    pub(crate) fn laid(&self) -> MutexGuard<'_, HashMap<String, CheckView>> {
        self.laid.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn opened(&self) -> MutexGuard<'_, Option<Arc<Opened>>> {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn progress(&self) -> MutexGuard<'_, Option<CheckingView>> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl App {
    /// Checks files for a person who is about to send them, several at a time, and says what the office's own records know
    /// about them. The views stand in the order of `paths`; a file that cannot be read gives a view with its problem.
    /// Nothing is stored. After [`App::stop_checking`] the files that were not done are left out.
    ///
    /// # Errors
    ///
    /// Problems of the database.
    pub async fn check_files(&self, paths: &[String]) -> Result<Vec<CheckView>, Problem> {
        let stops = self.0.desk.stops.load(Ordering::Relaxed);
        let _turn = self.0.desk.turn.lock().await;
        let work = Arc::new(Work::new(self.clone(), paths, stops));
        let checks: Vec<_> =
            paths.iter().map(|path| self.clone().check_one(PathBuf::from(path), Arc::clone(&work))).collect();
        let views: Result<Vec<Option<CheckView>>, Problem> =
            stream::iter(checks).buffered(files::at_once()).try_collect().await;
        if views.is_err() {
            // The files beside the one that failed have nobody to tell about them any more.
            self.stop_checking();
        }
        self.show_progress(None);
        Ok(views?.into_iter().flatten().collect())
    }

    /// Checks files as [`App::check_files`] does, and remembers which ones they were, for the list of files looked at last.
    ///
    /// # Errors
    ///
    /// Problems of the database.
    pub async fn lay_files(&self, paths: &[String]) -> Result<Vec<CheckView>, Problem> {
        let views = self.check_files(paths).await?;
        self.remember_files(&views).await?;
        Ok(views)
    }

    /// Stops what [`App::check_files`] is doing for anybody.
    pub fn stop_checking(&self) {
        self.0.desk.stops.fetch_add(1, Ordering::Relaxed);
    }

    /// Returns how far a check has come; `None` while nothing is checked.
    pub fn checking(&self) -> Option<CheckingView> {
        self.0.desk.progress().clone()
    }

    /// Lists the parts of a file in their order: control record, 請求書, statements.
    ///
    /// # Errors
    ///
    /// [`Code::UnknownFile`] for a content that was neither checked nor stored, [`Code::ChangedFile`] when the file on disk
    /// is another one by now.
    pub async fn file_parts(&self, sha256: &str) -> Result<Vec<PartView>, Problem> {
        let file = self.open_file(sha256).await?;
        blocking(move || {
            let month = file.processing_month();
            let yen = |section: &Section| {
                let claim = month.and_then(|month| section.claim(&file.bytes, month).ok().flatten());
                claim.map_or(0, |claim| claim.amount().0)
            };
            Ok(file.sections.iter().map(|section| part_view(section, yen(section))).collect())
        })
        .await
    }

    /// Lays the part of a file in which `line` stands out like the paper form.
    ///
    /// # Errors
    ///
    /// As [`App::file_parts`]; [`Code::UnknownFile`] too for a line beyond the end.
    pub async fn claim_sheet(&self, sha256: &str, line: u64) -> Result<SheetView, Problem> {
        let file = self.open_file(sha256).await?;
        let marked: sheet::Marked = self.0.desk.laid().get(sha256).map_or_else(sheet::Marked::new, |view| {
            view.findings.iter().map(|finding| (finding.line, finding.item)).collect()
        });
        blocking(move || {
            let section =
                file.sections.iter().find(|section| section.lines.contains(&line)).ok_or(Code::UnknownFile)?;
            sheet_view(&file, section, &marked)
        })
        .await
    }

    /// Returns a file that was checked or stored, in memory.
    pub(crate) async fn open_file(&self, sha256: &str) -> Result<Arc<Opened>, Problem> {
        if let Some(opened) = self.0.desk.opened().clone().filter(|opened| opened.sha256 == sha256) {
            return Ok(opened);
        }
        let laid = self.0.desk.laid().get(sha256).map(|view| view.path.clone());
        let content = match laid {
            Some(path) => {
                let content = blocking(move || read_file(Path::new(&path))).await?;
                if content.sha256 != sha256 {
                    return Err(Code::ChangedFile.into());
                }
                content
            }
            None => self.stored_file(sha256).await?,
        };
        let opened = Arc::new(blocking(move || Opened::new(content)).await?);
        *self.0.desk.opened() = Some(Arc::clone(&opened));
        Ok(opened)
    }

    /// Returns a claim file that the database holds.
    pub(crate) async fn stored_file(&self, sha256: &str) -> Result<Content, Problem> {
        let id: ContentId = sha256.parse().map_err(|_| Problem::from(Code::UnknownFile))?;
        let found = self
            .store(move |store| {
                let file = store.claim_files()?.into_iter().find(|file| file.id == id);
                Ok((file, store.content(&id)?))
            })
            .await?;
        match found {
            (Some(file), Some(bytes)) => Ok(Content { name: file.file_name, sha256: sha256.to_owned(), bytes }),
            _ => Err(Code::UnknownFile.into()),
        }
    }

    /// Reads, checks and reviews one file. `None` when a person has stopped it.
    async fn check_one(self, path: PathBuf, work: Arc<Work>) -> Result<Option<CheckView>, Problem> {
        let share = Arc::new(Share::new(&path, Arc::clone(&work)));
        let watched = Arc::clone(&share);
        let looked = blocking(move || {
            Ok(if watched.go_on(0) { files::look(&path, &|bytes| watched.go_on(bytes)).ok() } else { None })
        });
        let Some(looked) = looked.await? else { return Ok(None) };
        let Some(view) = self.reviewed(looked, &share).await? else { return Ok(None) };
        share.finish();
        if view.problem.is_none() {
            self.0.desk.laid().insert(view.sha256.clone(), view.clone());
        }
        Ok(Some(view))
    }

    /// Adds what the office's own records say. `None` when a person has stopped it.
    async fn reviewed(&self, looked: Looked, share: &Arc<Share>) -> Result<Option<CheckView>, Problem> {
        let Looked { mut view, data_type, content } = looked;
        let account = self.account().await?;
        view.office_name = account.as_ref().and_then(|account| office_name(account, &view.office));
        let Ok(id) = view.sha256.parse::<ContentId>() else { return Ok(Some(view)) };
        let known = self.store(move |store| store.submission(&id)).await?;
        view.same_as = known.filter(|row| !row.hidden).map(|row| row.id.to_string());
        let Some(content) = content.filter(|_| matches!(view.kind.as_str(), "claim" | "benefit_management")) else {
            return Ok(Some(view));
        };
        view.replaces = self.replaced(&view, data_type).await?;
        let office = OfficeNumber::from_file(&view.office);
        let month = view.processing_month.as_ref().and_then(|month| month.parse().ok());
        let known = self.known(office, month, &share.work).await?;
        let watched = Arc::clone(share);
        let reviewed = blocking(move || {
            let file = Opened::new(content)?;
            let review = known.review(&file, &|bytes| watched.go_on(bytes));
            Ok(review.map(|review| (file, known, review)))
        });
        match reviewed.await? {
            Ok((file, known, review)) => self.take_review(&mut view, &known, review, &file).await?,
            Err(Stopped) => return Ok(None),
        }
        Ok(Some(view))
    }

    /// Returns what is known about an office before `month`, looked up once for all the files of one check.
    async fn known(&self, office: OfficeNumber, month: Option<Month>, work: &Work) -> Result<Arc<Known>, Problem> {
        let mut known = work.known.lock().await;
        if let Some(known) = known.get(&(office.clone(), month)) {
            return Ok(Arc::clone(known));
        }
        let standing = match month {
            Some(month) => self.claims_that_stand(&office, month).await?,
            None => StandingClaims::default(),
        };
        let cases = self.open_cases(&office).await?;
        let found = Arc::new(Known { cases, areas: self.areas().await?, standing, office: office.clone() });
        known.insert((office, month), Arc::clone(&found));
        Ok(found)
    }

    fn show_progress(&self, progress: Option<CheckingView>) {
        *self.0.desk.progress() = progress;
        self.announce_change(Topic::Checking);
    }
}

fn part_view(section: &Section, yen: i64) -> PartView {
    let (kind, title) = match section.kind {
        SectionKind::Control => ("control", "コントロールレコード".to_owned()),
        SectionKind::End => ("end", "エンドレコード".to_owned()),
        SectionKind::Totals => ("totals", title(section)),
        SectionKind::Person => ("person", title(section)),
        SectionKind::Other => ("other", title(section)),
    };
    let service_month = section.service_month.parse::<calendar::Month>().ok();
    PartView {
        kind: kind.to_owned(),
        title,
        exchange_id: section.exchange_id.clone(),
        insured: section.insured.as_ref().map(ToString::to_string),
        insurer: if section.insured.is_some() { section.insurer.to_string() } else { String::new() },
        service_month: service_month.map(|month| month.to_string()),
        yen,
        line: section.lines.start,
        last_line: section.lines.end.saturating_sub(1),
    }
}

fn title(section: &Section) -> String {
    kokuho::codes::exchange_title(&section.exchange_id)
        .map_or_else(|| format!("登録されていない種類の行（{}）", section.exchange_id), str::to_owned)
}

pub(crate) fn sheet_view(file: &Opened, section: &Section, marked: &sheet::Marked) -> Result<SheetView, Problem> {
    let rows = section.rows(&file.bytes).map_err(|not| of_not_interchange(&not))?;
    let blocks = match (section.kind, rows.first()) {
        (SectionKind::Control | SectionKind::End, Some(row)) => {
            sheet::control(row.line, &row.columns().collect::<Vec<_>>())
        }
        _ => sheet::blocks(&rows, marked),
    };
    let yen = file.claim(section).map_or(0, |claim| claim.amount().0);
    Ok(SheetView { part: part_view(section, yen), office: section.office.to_string(), blocks })
}
