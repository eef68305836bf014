//! The ledger over everything on hand, office by office, so that memory holds the files of one office at a time and a new
//! notice costs the settling of its own office only.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, PoisonError};

use chrono::NaiveDate;
use kokuho::{Claim, Notice, OfficeNumber};
use ledger::{Area, Books, Case, CaseKey, CaseKind, Decision, Ledger, Sent};
use store::{ContentId, Store};

use crate::areas::areas_of;
use crate::decisions::{self, Human};
use crate::problem::{Code, Problem};
use crate::{App, Inner, blocking, of_store, outbox};

/// What was computed from the database, and for which state of it.
pub(crate) struct Kept {
    revision: store::Revision,
    books: Arc<Settled>,
    offices: HashMap<OfficeNumber, OfficeBooks>,
}

/// The ledger and what people decided about its cases.
pub(crate) struct Settled {
    /// The day as of which it was settled.
    pub today: NaiveDate,
    /// Cases, balances and alarms of all offices.
    pub ledger: Ledger,
    /// What people decided, by the spelling of the case's key.
    pub human: HashMap<String, Human>,
}

impl Settled {
    /// Returns the case that a decision about `key` is about. 査定 are settled and need none.
    pub fn case(&self, key: &CaseKey) -> Option<&Case> {
        let cases = &self.ledger.cases;
        let start = cases.partition_point(|case| case.key < *key);
        cases[start..].iter().take_while(|case| case.key == *key).find(|case| case.kind != CaseKind::Assessed)
    }

    /// Returns what people decided about a case.
    pub fn human(&self, case: &Case) -> Option<&Human> {
        // 査定 share the key of the claim that they reduced; nothing is decided about them.
        if case.kind == CaseKind::Assessed { None } else { self.human.get(&case.key.to_string()) }
    }
}

/// The books of one office, kept while neither its files nor what was decided about it change.
struct OfficeBooks {
    /// Of the files, the decisions and the day.
    fingerprint: u64,
    ledger: Arc<Ledger>,
}

/// The files of one office.
#[derive(Default)]
pub(crate) struct OfficeFiles {
    pub claims: Vec<ContentId>,
    pub notices: Vec<ContentId>,
}

impl App {
    /// Settles the books over everything on hand. Kept until the database or the day changes.
    pub(crate) async fn books(&self) -> Result<Arc<Settled>, Problem> {
        let today = self.now().date();
        let inner = Arc::clone(&self.0);
        blocking(move || inner.settle(today)).await
    }

    /// Settles the books of one office, without reading the files of the others unless one of them speaks of it. What is
    /// told of the others is not to be used.
    pub(crate) async fn books_of(&self, office: &OfficeNumber) -> Result<Arc<Ledger>, Problem> {
        let today = self.now().date();
        if self.on_hand().await?.alone {
            let (inner, only) = (Arc::clone(&self.0), BTreeSet::from([office.clone()]));
            if let Some(ledger) = blocking(move || inner.settle_only(&only, today)).await? {
                return Ok(Arc::new(ledger));
            }
        }
        Ok(Arc::new(self.books().await?.ledger.clone()))
    }
}

/// What the books rest on beside the files.
struct Given {
    areas: BTreeMap<OfficeNumber, Area>,
    /// What people decided, by the spelling of the case's key.
    human: HashMap<String, Human>,
    decisions: HashMap<OfficeNumber, Vec<Decision>>,
}

impl Given {
    fn read(store: &Store, today: NaiveDate) -> Result<Self, Problem> {
        let month = calendar::Month::of(today).map_err(|_| Code::Internal)?;
        let areas = areas_of(store.areas().map_err(of_store)?).in_month(month);
        let human = decisions::fold(store.decisions().map_err(of_store)?);
        let mut decisions: HashMap<OfficeNumber, Vec<Decision>> = HashMap::new();
        for decision in human.iter().filter_map(|(key, human)| human.for_ledger(key)) {
            decisions.entry(decision.key.office.clone()).or_default().push(decision);
        }
        Ok(Self { areas, human, decisions })
    }

    fn decided(&self, office: &OfficeNumber) -> &[Decision] {
        self.decisions.get(office).map_or(&[][..], Vec::as_slice)
    }
}

impl Inner {
    fn settle(&self, today: NaiveDate) -> Result<Arc<Settled>, Problem> {
        // Held while settling: whoever asks meanwhile waits for this answer instead of computing it again.
        let mut kept = self.books.lock().unwrap_or_else(PoisonError::into_inner);
        let revision = self.store.revision().map_err(of_store)?;
        if let Some(kept) = kept.as_ref().filter(|kept| kept.revision == revision && kept.books.today == today) {
            return Ok(Arc::clone(&kept.books));
        }
        let known = kept.take().map(|kept| kept.offices).unwrap_or_default();
        let files = files_by_office(&self.store)?;
        let given = Given::read(&self.store, today)?;

        let mut offices = HashMap::with_capacity(files.len());
        let mut has_strays = false;
        for (office, files) in &files {
            let fingerprint = fingerprint(files, given.decided(office), given.areas.get(office).copied(), today);
            let ledger = if let Some(books) = known.get(office).filter(|books| books.fingerprint == fingerprint) {
                Arc::clone(&books.ledger)
            } else {
                let read = read(&self.store, files)?;
                has_strays |= read.names_other_offices(office);
                Arc::new(read.settle(given.decided(office), &given.areas, today))
            };
            offices.insert(office.clone(), OfficeBooks { fingerprint, ledger });
        }
        let ledger = if has_strays {
            // Rows that name another office than their file: rare enough to settle everything at once.
            offices.clear();
            let decided: Vec<Decision> = given.decisions.into_values().flatten().collect();
            read(&self.store, &together(&files))?.settle(&decided, &given.areas, today)
        } else {
            merge(files.keys().filter_map(|office| offices.get(office)).map(|books| &*books.ledger))
        };
        let books = Arc::new(Settled { today, ledger, human: given.human });
        *kept = Some(Kept { revision, books: Arc::clone(&books), offices });
        Ok(books)
    }

    /// Settles some offices alone. `None` when one of their files names another office: then only all of them together tell
    /// the truth.
    pub(crate) fn settle_only(
        &self,
        offices: &BTreeSet<OfficeNumber>,
        today: NaiveDate,
    ) -> Result<Option<Ledger>, Problem> {
        let files = files_by_office(&self.store)?;
        let given = Given::read(&self.store, today)?;
        let mut ledgers = Vec::with_capacity(offices.len());
        for office in offices {
            let Some(files) = files.get(office) else { continue };
            let read = read(&self.store, files)?;
            if read.names_other_offices(office) {
                return Ok(None);
            }
            ledgers.push(read.settle(given.decided(office), &given.areas, today));
        }
        Ok(Some(merge(ledgers.iter())))
    }
}

impl Inner {
    /// Returns every claim of an office that was sent or that a notice speaks of, sorted by key. `alone`: no file of an office
    /// speaks of another, so that its own files tell everything.
    pub(crate) fn sent(&self, office: &OfficeNumber, alone: bool, today: NaiveDate) -> Result<Vec<Sent>, Problem> {
        let mut files = files_by_office(&self.store)?;
        let telling = if alone { files.remove(office).unwrap_or_default() } else { together(&files) };
        let read = read(&self.store, &telling)?;
        let books = Books { claims: &read.claims, notices: &read.notices, decisions: &[], today };
        let mut sent = ledger::sent(&books, &Given::read(&self.store, today)?.areas);
        sent.retain(|sent| sent.key.office == *office);
        Ok(sent)
    }
}

fn together(files: &BTreeMap<OfficeNumber, OfficeFiles>) -> OfficeFiles {
    OfficeFiles {
        claims: files.values().flat_map(|files| files.claims.iter().copied()).collect(),
        notices: files.values().flat_map(|files| files.notices.iter().copied()).collect(),
    }
}

/// Returns the files that count, by office. What was cancelled or never arrived does not.
pub(crate) fn files_by_office(store: &Store) -> Result<BTreeMap<OfficeNumber, OfficeFiles>, Problem> {
    let mut offices: BTreeMap<OfficeNumber, OfficeFiles> = BTreeMap::new();
    for file in store.claim_files().map_err(of_store)? {
        if file.imported_at.is_some() || file.submission.as_ref().is_some_and(outbox::counts) {
            offices.entry(file.office).or_default().claims.push(file.id);
        }
    }
    for notice in store.notices().map_err(of_store)?.into_iter().filter(|notice| !is_announcement(&notice.office)) {
        offices.entry(notice.office).or_default().notices.push(notice.id);
    }
    for files in offices.values_mut() {
        files.claims.sort_unstable();
        files.notices.sort_unstable();
    }
    Ok(offices)
}

/// Returns whether a notice is an お知らせ to a whole prefecture（features N07）: two digits and eight asterisks stand in the place
/// of the office.
pub(crate) fn is_announcement(office: &OfficeNumber) -> bool {
    office.as_str().ends_with("********")
}

fn fingerprint(files: &OfficeFiles, decisions: &[Decision], area: Option<Area>, today: NaiveDate) -> u64 {
    let mut decisions: Vec<String> = decisions.iter().map(|decision| format!("{decision:?}")).collect();
    decisions.sort_unstable();
    let mut hasher = DefaultHasher::new();
    (&files.claims, &files.notices, decisions, area, today).hash(&mut hasher);
    hasher.finish()
}

/// Claims and notices of some files.
#[derive(Default)]
struct Read {
    claims: Vec<Claim>,
    notices: Vec<Notice>,
}

impl Read {
    fn names_other_offices(&self, office: &OfficeNumber) -> bool {
        let named: BTreeSet<&OfficeNumber> = self
            .claims
            .iter()
            .map(|claim| &claim.office)
            .chain(self.notices.iter().map(|notice| &notice_head(notice).office))
            .collect();
        named.into_iter().any(|named| named != office)
    }

    fn settle(&self, decisions: &[Decision], areas: &BTreeMap<OfficeNumber, Area>, today: NaiveDate) -> Ledger {
        let books = Books { claims: &self.claims, notices: &self.notices, decisions, today };
        ledger::settle_with_areas(&books, areas)
    }
}

fn read(store: &Store, files: &OfficeFiles) -> Result<Read, Problem> {
    let mut read = Read::default();
    for id in &files.claims {
        if let Some(file) = interchange(store, id)?.filter(|file| !file.is_test()) {
            read.claims.extend(kokuho::claims(&file));
        }
    }
    for id in &files.notices {
        if let Some(file) = interchange(store, id)? {
            read.notices.extend(kokuho::notices(&file));
        }
    }
    Ok(read)
}

/// Reads a file of the database; `None` for one that is kept although it cannot be read.
pub(crate) fn interchange(store: &Store, id: &ContentId) -> Result<Option<kokuho::Interchange>, Problem> {
    let bytes = store.content(id).map_err(of_store)?;
    Ok(bytes.and_then(|bytes| kokuho::read(&bytes).ok()))
}

/// Returns the head of a notice.
pub(crate) fn notice_head(notice: &Notice) -> &kokuho::NoticeHead {
    match notice {
        Notice::Returns(list) => &list.head,
        Notice::Changes(table) => &table.head,
        Notice::Reductions(reductions) => &reductions.head,
        Notice::Payments(detail) => &detail.head,
        Notice::Transfer(transfer) => &transfer.head,
        Notice::Kago(kago) => &kago.head,
    }
}

fn merge<'a>(ledgers: impl Iterator<Item = &'a Ledger>) -> Ledger {
    let mut all = Ledger::default();
    for ledger in ledgers {
        all.cases.extend_from_slice(&ledger.cases);
        all.balances.extend_from_slice(&ledger.balances);
        all.alarms.extend_from_slice(&ledger.alarms);
    }
    all
}
