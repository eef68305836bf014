//! The worklist: every item that is not paid, what a person wants to see of it, and what people decide about it.

use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Arc, PoisonError};

use calendar::{ClaimWindow, Month, wareki_date, wareki_month};
use chrono::{Days, NaiveDate};
use kokuho::codes::{Route, reduction_reason_name, service_type_name};
use kokuho::{Notice, Yen};
use ledger::{Case, CaseKey, CaseKind, CaseState, Forecast};
use store::NewDecision;
use unicode_normalization::UnicodeNormalization;

use crate::books::{Settled, files_by_office, interchange, notice_head};
use crate::decisions::{self, Human, Past, kind};
use crate::problem::{Code, Problem};
use crate::tick::rfc3339;
use crate::tracker::{alarm_view, id_of, kind_word, readable, return_view, route, state_word};
use crate::views::ReturnView;
use crate::withdrawal::withdrawal_view;
use crate::work::{
    AlarmView, AttemptView, Choice, DecidedView, NoticeLineView, PastView, ProposalView, RiskView, SavedFilterView,
    TabView, WorkItemView, WorkPageView, WorkQuery, WorkRowView,
};
use crate::{App, Topic, blocking, setting};

/// Tabs that every office has, in their order.
pub const TABS: [&str; 7] = ["mine", "fix", "wait", "limitation", "forgotten", "unfinished", "all"];

/// How many days before the limitation an item counts as near it: about six claim windows.
const NEAR_LIMITATION_DAYS: u64 = 183;
/// Longest name, and longest note or reason, in characters.
const LONGEST: (usize, usize) = (40, 2000);
/// Most saved filters; more than a person can tell apart.
const MOST_FILTERS: usize = 30;

/// The worklist as last filtered and sorted, so that scrolling asks for rows only.
pub(crate) struct Listed {
    books: Arc<Settled>,
    person: Option<String>,
    query: WorkQuery,
    /// Positions in the ledger's cases.
    found: Vec<u32>,
    /// The page without its rows.
    summary: WorkPageView,
}

/// What filters and sorting need to know of a case.
struct Facts<'a> {
    /// Position among the ledger's cases.
    position: u32,
    case: &'a Case,
    human: Option<&'a Human>,
    route: Route,
    due: Option<(NaiveDate, DueFrom)>,
    forgotten: bool,
    near_limitation: bool,
}

/// Where a due date comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum DueFrom {
    Person,
    Window,
    Limitation,
}

impl DueFrom {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Window => "window",
            Self::Limitation => "limitation",
        }
    }
}

impl<'a> Facts<'a> {
    fn of(position: usize, case: &'a Case, books: &'a Settled) -> Self {
        let human = books.human(case);
        let route = route(case, human);
        let open = case.state == CaseState::Open;
        let waits = matches!(route, Route::Wait | Route::GiveUp);
        let unfinished = case.state.is_unpaid();
        let by_window = case.next_window.filter(|_| open && !waits);
        let due = human
            .and_then(|human| human.due)
            .filter(|_| unfinished)
            .map(|day| (day, DueFrom::Person))
            .or_else(|| by_window.map(|month| (month.day(ClaimWindow::LAST_DAY), DueFrom::Window)))
            .or_else(|| {
                let lapses = matches!(case.state, CaseState::Open | CaseState::Held);
                case.limitation_date.filter(|_| lapses).map(|day| (day, DueFrom::Limitation))
            });
        // What came back in one month could have been claimed again in the next one.
        let window = ClaimWindow::current_or_next(books.today).processing_month;
        let forgotten =
            open && route != Route::GiveUp && case.story.last().is_some_and(|event| event.month.plus(2) <= window);
        let edge = books.today.checked_add_days(Days::new(NEAR_LIMITATION_DAYS)).unwrap_or(books.today);
        let near_limitation = matches!(case.state, CaseState::Open | CaseState::Held)
            && case.limitation_date.is_some_and(|day| books.today <= day && day <= edge);
        Self { position: position as u32, case, human, route, due, forgotten, near_limitation }
    }

    fn owner(&self) -> Option<&'a str> {
        self.human.and_then(|human| human.owner.as_deref())
    }

    fn is_in(&self, tab: &str, person: Option<&str>) -> bool {
        let case = self.case;
        let unfinished = case.state.is_unpaid();
        match tab {
            "fix" => case.state == CaseState::Open && !matches!(self.route, Route::Wait | Route::GiveUp),
            "wait" => {
                matches!(case.state, CaseState::Held | CaseState::Reclaimed)
                    || (case.state == CaseState::Open && self.route == Route::Wait)
            }
            "limitation" => self.near_limitation,
            "forgotten" => self.forgotten,
            "unfinished" => unfinished,
            "all" => true,
            _ => unfinished && (self.owner().is_none() || self.owner() == person),
        }
    }

    fn passes(&self, query: &WorkQuery, today: NaiveDate) -> bool {
        let case = self.case;
        let one_of = |list: &[String], value: &str| list.is_empty() || list.iter().any(|entry| entry == value);
        let has_text = |text: &str| {
            let wanted = readable(text.trim());
            wanted.is_empty()
                || case.key.insured.as_str().contains(&wanted)
                || case.insured_kana.as_deref().is_some_and(|kana| readable(kana).contains(&wanted))
        };
        one_of(&query.states, case.state.as_str())
            && one_of(&query.kinds, case.kind.as_str())
            && one_of(&query.routes, self.route.as_str())
            && (query.codes.is_empty() || case.codes.iter().any(|code| query.codes.contains(code)))
            && query.owner.as_deref().is_none_or(|owner| self.owner().unwrap_or_default() == owner)
            && query.min_yen.is_none_or(|yen| case.yen.0 >= yen)
            && query.max_yen.is_none_or(|yen| case.yen.0 <= yen)
            && query.min_age.is_none_or(|months| age(case, today) >= months)
            && query.text.as_deref().is_none_or(has_text)
    }
}

/// Returns the months since the notice that opened the case.
fn age(case: &Case, today: NaiveDate) -> u32 {
    Month::of(today).map_or(0, |month| month.months_since(case.first_month).max(0).unsigned_abs())
}

fn sort(found: &mut [Facts<'_>], query: &WorkQuery) {
    let compare: fn(&Facts<'_>, &Facts<'_>) -> Ordering = match query.sort.as_str() {
        "yen" => |a, b| a.case.yen.cmp(&b.case.yen),
        "person" => |a, b| name_of(a.case).cmp(&name_of(b.case)),
        "service_month" => |a, b| a.case.key.service_month.cmp(&b.case.key.service_month),
        "kind" => |a, b| kind_word(a.case.kind).cmp(kind_word(b.case.kind)),
        "owner" => |a, b| (a.owner().is_none(), a.owner()).cmp(&(b.owner().is_none(), b.owner())),
        "age" => |a, b| b.case.first_month.cmp(&a.case.first_month),
        _ => |a, b| (a.due.is_none(), a.due).cmp(&(b.due.is_none(), b.due)),
    };
    found.sort_by(|a, b| {
        let order = if query.descending { compare(b, a) } else { compare(a, b) };
        // What is worth most comes first among equals.
        order.then_with(|| (Reverse(a.case.yen), &a.case.key).cmp(&(Reverse(b.case.yen), &b.case.key)))
    });
}

/// Half-width kana sorts as full-width does not.
fn name_of(case: &Case) -> (bool, String) {
    (case.insured_kana.is_none(), readable(case.insured_kana.as_deref().unwrap_or(case.key.insured.as_str())))
}

impl App {
    /// Returns `count` rows from `offset` on of what the query finds, with sums over all of it.
    pub async fn worklist(&self, query: WorkQuery, offset: u32, count: u32) -> Result<WorkPageView, Problem> {
        let books = self.books().await?;
        let person = self.person().await?;
        let names = self.office_names().await?;
        let inner = Arc::clone(&self.0);
        blocking(move || {
            let mut listed = inner.listed.lock().unwrap_or_else(PoisonError::into_inner);
            let known = listed.as_ref().filter(|listed| {
                Arc::ptr_eq(&listed.books, &books) && listed.query == query && listed.person == person
            });
            if known.is_none() {
                *listed = Some(list(&books, person, query));
            }
            let Some(listed) = listed.as_ref() else { return Err(Code::Internal.into()) };
            let mut page = listed.summary.clone();
            page.offset = offset;
            page.rows = listed
                .found
                .iter()
                .skip(offset as usize)
                .take(count as usize)
                .filter_map(|position| Some((*position as usize, books.ledger.cases.get(*position as usize)?)))
                .map(|(position, case)| row(&Facts::of(position, case, &books), &names))
                .collect();
            Ok(page)
        })
        .await
    }

    /// Returns everything about one item of the worklist.
    ///
    /// # Errors
    ///
    /// [`Code::UnknownReturn`] for an id that names none.
    pub async fn work_item(&self, id: &str) -> Result<WorkItemView, Problem> {
        let books = self.books().await?;
        let person = self.person().await?;
        let (names, insurers) = (self.office_names().await?, self.insurers().await?);
        let now = self.now();
        let (id, inner) = (id.to_owned(), Arc::clone(&self.0));
        blocking(move || {
            let case = find(&books, &id).ok_or(Code::UnknownReturn)?;
            let facts = Facts::of(0, case, &books);
            let name = names.get(case.key.office.as_str()).cloned();
            let (attempts, notice_lines) = papers_of(&inner.store, case)?;
            let text = |date: NaiveDate| date.to_string();
            let human = facts.human;
            Ok(WorkItemView {
                row: row(&facts, &names),
                item: return_view(case, human, name.clone()),
                last_claim_day: case.limitation_date.map(ledger::last_claim_day).map(text),
                last_safe_day: case.limitation_date.map(ledger::last_safe_day).map(text),
                attempts,
                notice_lines,
                alarms: alarms_of(&books, case, &name.unwrap_or_default()),
                forecast: ledger::forecast(&books.ledger.cases, case, now.date()).map(forecast_text),
                withdrawal: withdrawal_view(&case.key, case.whereabouts, case.limitation_date, &insurers, now.date()),
                proposal: human.and_then(|human| human.proposal.as_ref()).map(|proposal| ProposalView {
                    reason: proposal.reason.clone(),
                    mine: person.as_ref() == Some(&proposal.by),
                    by: proposal.by.clone(),
                    at: rfc3339(proposal.at),
                }),
                notes: human.map(notes).unwrap_or_default(),
                history: human.map(|human| human.history.iter().map(past_view).collect()).unwrap_or_default(),
            })
        })
        .await
    }

    /// Decides the same about several claims of the worklist, all or none of them. Each decision can be taken back with
    /// [`App::undo_decisions`].
    ///
    /// Closing an item whose money is still to be had only proposes to give it up; it is closed by the second look of another
    /// person, or of the same one who says so.
    ///
    /// # Errors
    ///
    /// [`Code::UnknownReturn`] for a key that is not in the tracker or has only a 査定, which is settled anyway;
    /// [`Code::ReasonMissing`], [`Code::SecondLook`], [`Code::WrongDate`].
    pub async fn decide_returns(&self, keys: &[String], choice: Choice) -> Result<DecidedView, Problem> {
        let books = self.books().await?;
        let by = self.decider().await?;
        let mut made = Vec::new();
        for key in keys.iter().collect::<BTreeSet<_>>() {
            let case = key
                .trim()
                .parse::<CaseKey>()
                .ok()
                .and_then(|key| books.case(&key))
                .ok_or_else(|| Problem::from(Code::UnknownReturn))?;
            for (kind, reason) in steps(&choice, case, books.human(case), &by)? {
                let case_key = case.key.to_string();
                made.push(NewDecision { case_key, kind: kind.to_owned(), reason, by: by.clone() });
            }
        }
        let text = told(&choice, keys.len(), &made);
        self.keep_decisions(made, text).await
    }

    /// Takes decisions back, as if they had not been made. They stay in the history.
    ///
    /// # Errors
    ///
    /// [`Code::UnknownDecision`] for a number that names none, or one that was taken back before.
    pub async fn undo_decisions(&self, ids: &[u32]) -> Result<DecidedView, Problem> {
        let books = self.books().await?;
        let by = self.decider().await?;
        let wanted: HashSet<i64> = ids.iter().map(|id| i64::from(*id)).collect();
        let mut made: Vec<NewDecision> = Vec::new();
        for (key, human) in &books.human {
            let standing = human.history.iter().filter(|past| !past.undone && wanted.contains(&past.decision.id));
            made.extend(standing.map(|past| NewDecision {
                case_key: key.clone(),
                kind: kind::UNDO.to_owned(),
                reason: past.decision.id.to_string(),
                by: by.clone(),
            }));
        }
        if made.len() != wanted.len() || made.is_empty() {
            return Err(Code::UnknownDecision.into());
        }
        let text = format!("{}件の操作を元に戻しました。", made.len());
        self.keep_decisions(made, text).await
    }

    /// Returns who works on this computer, as that person said.
    pub async fn person(&self) -> Result<Option<String>, Problem> {
        self.store(|store| store.setting(setting::PERSON)).await
    }

    /// Remembers who works on this computer; an empty name forgets it.
    pub async fn set_person(&self, name: &str) -> Result<Option<String>, Problem> {
        let name = short(name, LONGEST.0);
        if name.is_empty() {
            self.store(|store| store.remove_setting(setting::PERSON)).await?;
        } else {
            self.store(move |store| store.set_setting(setting::PERSON, &name)).await?;
        }
        self.announce_change(Topic::Returns);
        self.person().await
    }

    /// Returns the filters that were given a name, in the order in which they were saved.
    pub async fn saved_filters(&self) -> Result<Vec<SavedFilterView>, Problem> {
        let kept: Vec<serde_json::Value> = self.setting(setting::SAVED_FILTERS).await?.unwrap_or_default();
        Ok(kept.iter().filter_map(saved_filter).collect())
    }

    /// Saves a filter under a name, in place of one that has the same name. `None` forgets it.
    ///
    /// # Errors
    ///
    /// [`Code::NameMissing`] without a name, or when there are thirty already.
    pub async fn save_filter(&self, name: &str, query: Option<WorkQuery>) -> Result<Vec<SavedFilterView>, Problem> {
        let name = short(name, LONGEST.0);
        let mut filters = self.saved_filters().await?;
        filters.retain(|filter| filter.name != name);
        if let Some(query) = query {
            if name.is_empty() || filters.len() >= MOST_FILTERS {
                return Err(Code::NameMissing.into());
            }
            filters.push(SavedFilterView { name, query });
        }
        self.keep_setting(setting::SAVED_FILTERS, &filters).await?;
        Ok(filters)
    }

    /// Returns everything about the claim with this key.
    ///
    /// # Errors
    ///
    /// [`Code::UnknownReturn`] for a key that is not in the tracker.
    pub async fn work_item_of(&self, key: &str) -> Result<WorkItemView, Problem> {
        let books = self.books().await?;
        let case = key.trim().parse().ok().and_then(|key| books.case(&key)).ok_or(Code::UnknownReturn)?;
        self.work_item(&id_of(case)).await
    }

    /// Returns the ids of what a query finds, spelled as [`return_id`] does.
    pub async fn found_returns(&self, query: WorkQuery) -> Result<HashSet<String>, Problem> {
        Ok(self.all_work(query).await?.rows.into_iter().map(|row| row.id).collect())
    }

    /// Returns all rows that a query finds, for papers and files.
    pub(crate) async fn all_work(&self, query: WorkQuery) -> Result<WorkPageView, Problem> {
        self.worklist(query, 0, u32::MAX).await
    }

    /// Returns the names of offices that are known on this computer: of whoever is signed in, else of whoever was, else what
    /// the notices say.
    pub(crate) async fn office_names(&self) -> Result<HashMap<String, String>, Problem> {
        let mut names: HashMap<String, String> = self.setting(setting::OFFICE_NAMES).await?.unwrap_or_default();
        if let Some(account) = self.account().await? {
            names.extend(account.offices.into_iter().map(|office| (office.number, office.name)));
        }
        Ok(names)
    }

    /// Returns the name under which decisions are kept: of the person, else of the ID that is signed in.
    pub(crate) async fn decider(&self) -> Result<String, Problem> {
        let person = self.person().await?;
        Ok(match person {
            Some(name) => name,
            None => self.account().await?.map(|account| account.login_id).unwrap_or_default(),
        })
    }

    async fn keep_decisions(&self, made: Vec<NewDecision>, text: String) -> Result<DecidedView, Problem> {
        let now = self.now();
        let kept = self.store(move |store| store.decide(made, now)).await?;
        self.announce_change(Topic::Returns);
        self.announce_change(Topic::Frame);
        Ok(DecidedView { ids: kept.iter().filter_map(|decision| u32::try_from(decision.id).ok()).collect(), text })
    }
}

/// Reads a saved filter. What an older version did not know yet does not narrow.
fn saved_filter(kept: &serde_json::Value) -> Option<SavedFilterView> {
    let mut whole = serde_json::json!({ "name": "", "query": WorkQuery::default() });
    whole["name"] = kept["name"].clone();
    for (name, value) in kept["query"].as_object()? {
        whole["query"][name] = value.clone();
    }
    serde_json::from_value(whole).ok()
}

fn list(books: &Arc<Settled>, person: Option<String>, query: WorkQuery) -> Listed {
    let cases = &books.ledger.cases;
    let mut tabs: Vec<TabView> = TABS.iter().map(|tab| TabView { tab: (*tab).to_owned(), count: 0, yen: 0 }).collect();
    let (mut codes, mut owners) = (BTreeSet::new(), BTreeSet::new());
    let mut found = Vec::new();
    let of_office = |case: &&Case| query.office.as_deref().is_none_or(|office| case.key.office.as_str() == office);
    for (position, case) in cases.iter().enumerate().filter(|(_, case)| of_office(case)) {
        let facts = Facts::of(position, case, books);
        for tab in tabs.iter_mut().filter(|tab| facts.is_in(&tab.tab, person.as_deref())) {
            tab.count += 1;
            tab.yen += case.yen.0;
        }
        if case.state.is_unpaid() {
            codes.extend(case.codes.iter().cloned());
        }
        owners.extend(facts.owner().map(str::to_owned));
        if facts.is_in(&query.tab, person.as_deref()) && facts.passes(&query, books.today) {
            found.push(facts);
        }
    }
    sort(&mut found, &query);
    let sum = |estimated_only: bool| {
        found.iter().filter(|facts| !estimated_only || facts.case.estimated).map(|facts| facts.case.yen.0).sum()
    };
    let at_risk = ledger::at_risk(cases.iter().filter(of_office), books.today);
    let summary = WorkPageView {
        total: found.len() as u32,
        yen: sum(false),
        estimated_yen: sum(true),
        offset: 0,
        rows: Vec::new(),
        tabs,
        codes: codes.into_iter().collect(),
        owners: owners.into_iter().collect(),
        risk: RiskView {
            too_late: at_risk.too_late.0,
            within_30_days: at_risk.within_30_days.0,
            within_60_days: at_risk.within_60_days.0,
            within_90_days: at_risk.within_90_days.0,
        },
        person: person.clone(),
    };
    let positions = found.iter().map(|facts| facts.position).collect();
    Listed { books: Arc::clone(books), person, query, found: positions, summary }
}

fn row(facts: &Facts<'_>, names: &HashMap<String, String>) -> WorkRowView {
    let case = facts.case;
    let item = return_view(case, facts.human, names.get(case.key.office.as_str()).cloned());
    WorkRowView {
        id: id_of(case),
        key: item.key,
        office: item.office,
        office_name: item.office_name,
        insurer: item.insurer,
        insured: item.insured,
        insured_kana: item.insured_kana,
        service_month: item.service_month,
        kind: item.kind,
        kind_word: item.kind_word,
        state: item.state,
        state_word: state_word(case.state).to_owned(),
        codes: item.codes,
        reason: item.reason,
        route: item.route,
        next: next(case, facts.route),
        yen: item.yen,
        estimated: item.estimated,
        times_returned: item.times_returned,
        due: facts.due.map(|(day, _)| day.to_string()),
        due_from: facts.due.map(|(_, from)| from.as_str().to_owned()),
        owner: facts.owner().map(str::to_owned),
        first_month: item.first_month,
        limitation_date: item.limitation_date,
        give_up_proposed: facts.human.is_some_and(|human| human.proposal.is_some()),
        forgotten: facts.forgotten,
        notes: facts.human.map_or(0, |human| human.notes.len() as u32),
    }
}

/// Returns the id of a row of [`App::returns`] in the worklist.
pub fn return_id(view: &ReturnView) -> String {
    format!("{}/{}/{}", view.key, view.kind, view.first_month)
}

pub(crate) fn find<'a>(books: &'a Settled, id: &str) -> Option<&'a Case> {
    let mut parts = id.trim().rsplitn(3, '/');
    let (first_month, kind, key) = (parts.next()?, parts.next()?, parts.next()?);
    let key: CaseKey = key.parse().ok()?;
    let exact = books
        .ledger
        .cases
        .iter()
        .find(|case| case.key == key && case.kind.as_str() == kind && case.first_month.to_string() == first_month);
    // A notice that came meanwhile changes the kind; the claim is still the same.
    exact.or_else(|| books.case(&key))
}

/// Says in a few words what to do next.
fn next(case: &Case, route: Route) -> String {
    let window = case.next_window.map_or_else(|| "もう一度請求".to_owned(), |month| format!("{}月請求", month.month()));
    match case.state {
        CaseState::Settled | CaseState::Closed => "することはありません".to_owned(),
        CaseState::Lapsed => "時効です".to_owned(),
        CaseState::Reclaimed => "審査の結果を待つ".to_owned(),
        CaseState::Held => "待つ（請求しない）".to_owned(),
        CaseState::Open => match (case.kind, route) {
            (CaseKind::Kago, Route::Kago) | (_, Route::FixNow) => format!("直して{window}に入れる"),
            (_, Route::Wait) => "認定や登録を待ってから請求".to_owned(),
            (_, Route::AskCareManager) => "ケアマネジャーに頼む".to_owned(),
            (_, Route::AskInsurer) => "保険者に確かめる".to_owned(),
            (_, Route::Kago) => "過誤を申し立てる".to_owned(),
            (_, Route::AskVendor) => "介護ソフトの会社に聞く".to_owned(),
            (_, Route::GiveUp) => "理由を書いて終わりにする".to_owned(),
            (_, Route::ReadAndChoose) => "通知を読んで決める".to_owned(),
        },
    }
}

/// Returns the decisions that a choice makes about one case.
fn steps(
    choice: &Choice,
    case: &Case,
    human: Option<&Human>,
    by: &str,
) -> Result<Vec<(&'static str, String)>, Problem> {
    Ok(match choice {
        Choice::Owner { name } => vec![(kind::OWNER, short(name, LONGEST.0))],
        Choice::Due { date: None } => vec![(kind::DUE, String::new())],
        Choice::Due { date: Some(date) } => {
            let date: NaiveDate = date.trim().parse().map_err(|_| Problem::from(Code::WrongDate))?;
            vec![(kind::DUE, date.to_string())]
        }
        Choice::Note { text } => vec![(kind::NOTE, reason(text)?)],
        Choice::Route { route: None } => vec![(kind::ROUTE, String::new())],
        Choice::Route { route: Some(name) } => {
            let route = decisions::route(name).ok_or_else(|| Problem::from(Code::Internal))?;
            vec![(kind::ROUTE, route.as_str().to_owned())]
        }
        Choice::Keep => vec![(kind::KEEP, String::new())],
        Choice::Reopen => vec![(kind::REOPEN, String::new())],
        Choice::Close { reason: why, looked_twice } => {
            let proposal = human.and_then(|human| human.proposal.as_ref());
            match proposal {
                // The wish and its reason were written down before; this is the second look.
                Some(proposal) if proposal.by != by || *looked_twice => {
                    vec![(kind::CLOSE, proposal.reason.clone())]
                }
                Some(_) => return Err(Code::SecondLook.into()),
                None if !gives_money_up(case) => vec![(kind::CLOSE, reason(why)?)],
                None if *looked_twice => vec![(kind::PROPOSE, reason(why)?), (kind::CLOSE, reason(why)?)],
                None => vec![(kind::PROPOSE, reason(why)?)],
            }
        }
    })
}

/// Returns whether closing the case would give up money that can still be had.
fn gives_money_up(case: &Case) -> bool {
    case.state.is_unpaid() && case.yen > Yen::ZERO
}

fn reason(text: &str) -> Result<String, Problem> {
    let text = short(text, LONGEST.1);
    if text.is_empty() { Err(Code::ReasonMissing.into()) } else { Ok(text) }
}

fn short(text: &str, longest: usize) -> String {
    text.trim().chars().take(longest).collect::<String>().trim_end().to_owned()
}

fn told(choice: &Choice, count: usize, made: &[NewDecision]) -> String {
    match choice {
        Choice::Owner { name } if name.trim().is_empty() => format!("{count}件の担当を空けました。"),
        Choice::Owner { name } => format!("{count}件の担当を{}さんにしました。", name.trim()),
        Choice::Due { date: Some(date) } => {
            let day = date.trim().parse().map_or_else(|_| date.clone(), wareki_date);
            format!("{count}件の期日を{day}にしました。")
        }
        Choice::Due { date: None } => format!("{count}件の期日を、もとの日に戻しました。"),
        Choice::Note { .. } => format!("{count}件にメモを書きました。"),
        Choice::Route { .. } => format!("{count}件の次にすることを変えました。"),
        Choice::Keep => format!("{count}件を、あきらめずに残しました。"),
        Choice::Reopen => format!("{count}件を、元の状態に戻しました。"),
        Choice::Close { .. } => {
            let closed = made.iter().filter(|decision| decision.kind == kind::CLOSE).count();
            match (closed, count - closed.min(count)) {
                (closed, 0) => format!("{closed}件を終わりにしました。"),
                (0, proposed) => {
                    format!("{proposed}件を、あきらめる候補にしました。もう一度確かめると終わりになります。")
                }
                (closed, proposed) => format!(
                    "{closed}件を終わりにし、{proposed}件をあきらめる候補にしました。候補は、もう一度確かめると終わりになります。"
                ),
            }
        }
    }
}

fn notes(human: &Human) -> Vec<PastView> {
    human
        .notes
        .iter()
        .map(|note| PastView {
            id: u32::try_from(note.id).unwrap_or(0),
            at: rfc3339(note.at),
            by: note.by.clone(),
            text: note.text.clone(),
            undone: false,
            undoable: true,
        })
        .collect()
}

fn past_view(past: &Past) -> PastView {
    let made = &past.decision;
    let text = &made.decision.reason;
    let named = |what: &str, empty: &str| {
        if text.is_empty() { empty.to_owned() } else { format!("{what}：{text}") }
    };
    PastView {
        id: u32::try_from(made.id).unwrap_or(0),
        at: rfc3339(made.at),
        by: made.decision.by.clone(),
        text: match made.decision.kind.as_str() {
            kind::OWNER => named("担当", "担当を空けた"),
            kind::DUE => match text.parse::<NaiveDate>() {
                Ok(day) => format!("期日：{}", wareki_date(day)),
                Err(_) => "期日をもとの日に戻した".to_owned(),
            },
            kind::NOTE => named("メモ", ""),
            kind::ROUTE => decisions::route(text).map_or_else(
                || "次にすることを、コードの表に戻した".to_owned(),
                |route| format!("次にすること：{}", route_word(route)),
            ),
            kind::PROPOSE => named("あきらめる候補", ""),
            kind::KEEP => "あきらめずに残した".to_owned(),
            kind::CLOSE => named("終わりにした", ""),
            kind::REOPEN => "元の状態に戻した".to_owned(),
            kind::UNDO => format!("操作を元に戻した（{text}番）"),
            _ => "新しい版のとどけでの操作".to_owned(),
        },
        undone: past.undone,
        // Taking back a taking-back would only confuse; the decision is simply made again.
        undoable: !past.undone && made.decision.kind != kind::UNDO,
    }
}

/// Names a route in words.
pub(crate) const fn route_word(route: Route) -> &'static str {
    match route {
        Route::FixNow => "直して請求する",
        Route::Wait => "待つ",
        Route::AskCareManager => "ケアマネジャーに頼む",
        Route::AskInsurer => "保険者に確かめる",
        Route::Kago => "過誤を申し立てる",
        Route::AskVendor => "介護ソフトの会社に聞く",
        Route::GiveUp => "終わりにする",
        Route::ReadAndChoose => "通知を読んで決める",
    }
}

fn alarms_of(books: &Settled, case: &Case, office_name: &str) -> Vec<AlarmView> {
    books
        .ledger
        .alarms
        .iter()
        .filter(|alarm| alarm.kind.key() == Some(&case.key))
        .map(|alarm| alarm_view(alarm, office_name.to_owned()))
        .collect()
}

/// Says when a claim will most likely pass, and what that rests on.
fn forecast_text(forecast: Forecast) -> String {
    let Forecast { earliest, latest, cases, percent } = forecast;
    let when = if earliest == latest {
        format!("{}の請求", wareki_month(earliest))
    } else {
        format!("{}から{}までの請求", wareki_month(earliest), wareki_month(latest))
    };
    format!(
        "{when}で通る見込みです（この保険者の同じ理由の返戻{cases}件から。100件のうち{percent}件以上がこの間に通る計算です）。"
    )
}

/// Finds where the claim files and the notices speak of a case.
fn papers_of(store: &store::Store, case: &Case) -> Result<(Vec<AttemptView>, Vec<NoticeLineView>), Problem> {
    let (mut attempts, mut lines) = (Vec::new(), Vec::new());
    let offices = files_by_office(store)?;
    let Some(files) = offices.get(&case.key.office) else { return Ok((attempts, lines)) };
    let months: BTreeSet<Month> = case.story.iter().map(|event| event.month).collect();
    let of = crate::of_store;
    let claim_files = store.claim_files().map_err(of)?;
    for facts in
        claim_files.iter().filter(|file| files.claims.contains(&file.id) && months.contains(&file.processing_month))
    {
        let Some(file) = interchange(store, &facts.id)?.filter(|file| !file.is_test()) else { continue };
        let claims = kokuho::claims(&file);
        attempts.extend(claims.iter().filter(|claim| CaseKey::of_claim(claim) == case.key).map(|claim| AttemptView {
            processing_month: claim.processing_month.to_string(),
            yen: claim.amount().0,
            units: claim.units,
            file: facts.file_name.clone(),
            sha256: facts.id.to_string(),
            line: claim.line,
        }));
    }
    attempts.sort_by(|a, b| (&a.processing_month, &a.file).cmp(&(&b.processing_month, &b.file)));
    let notices = store.notices().map_err(of)?;
    for facts in notices.iter().filter(|notice| {
        files.notices.contains(&notice.id) && notice.processing_month.is_some_and(|month| months.contains(&month))
    }) {
        let Some(file) = interchange(store, &facts.id)? else { continue };
        for notice in kokuho::notices(&file) {
            let head = notice_head(&notice);
            let month = head.processing_month;
            let title = kokuho::codes::notice_title(&head.exchange_id).unwrap_or("通知").to_owned();
            lines.extend(lines_about(&notice, case).into_iter().map(|text| NoticeLineView {
                month: month.to_string(),
                title: title.clone(),
                notice: facts.id.to_string(),
                text,
            }));
        }
    }
    lines.sort_by(|a, b| (&a.month, &a.title, &a.text).cmp(&(&b.month, &b.title, &b.text)));
    lines.dedup();
    Ok((attempts, lines))
}

/// Writes down what the lines of a notice say of a case.
fn lines_about(notice: &Notice, case: &Case) -> Vec<String> {
    let key = &case.key;
    let service = |code: &str| service_type_name(code).map_or_else(|| code.to_owned(), str::to_owned);
    match notice {
        Notice::Returns(list) => list
            .lines
            .iter()
            .filter(|line| line.insured == key.insured && line.service_month == key.service_month)
            .map(|line| {
                let remark = if line.remark.is_empty() { "備考なし" } else { &line.remark };
                let content: String = line.content.trim().nfkc().collect();
                let what = [remark, content.as_str()].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>();
                format!("{}（{} {}単位）", what.join("：").trim(), service(&line.service_type), Yen(line.units))
            })
            .collect(),
        Notice::Reductions(reductions) => reductions
            .lines
            .iter()
            .filter(|line| line.insured == key.insured && line.service_month == key.service_month)
            .filter_map(|line| {
                let reason = reduction_reason_name(&line.reason).unwrap_or(&line.reason);
                line.units.map(|units| format!("{} {}単位（{reason}）", service(&line.service_type), Yen(units)))
            })
            .collect(),
        Notice::Kago(kago) => kago
            .lines
            .iter()
            .filter(|line| line.insured == key.insured && line.service_month == key.service_month)
            .map(|line| {
                let (_, reason) = kokuho::codes::kago_reason(&line.reason);
                let reason = reason.map_or_else(|| line.reason.clone(), |name| format!("{} {name}", line.reason));
                format!("過誤 {}円 {}単位（{reason}）", line.yen, Yen(line.units))
            })
            .collect(),
        // A table counts claims of an insurer and month together; it speaks of this one where something was released.
        Notice::Changes(table) => table
            .rows
            .iter()
            .filter(|row| row.insurer == key.insurer && row.service_month == key.service_month)
            .filter(|row| row.counts.released != (0, 0))
            .map(|row| {
                let (count, units) = row.counts.released;
                format!("{}提供分の保留復活 {}件 {}単位", wareki_month(row.service_month), Yen(count), Yen(units))
            })
            .collect(),
        Notice::Payments(_) | Notice::Transfer(_) => Vec::new(),
    }
}
