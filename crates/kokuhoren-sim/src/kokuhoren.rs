use std::collections::{BTreeMap, BTreeSet, VecDeque};

use calendar::{ClaimWindow, Month};
use chrono::{NaiveDateTime, NaiveTime};
use serde::{Deserialize, Serialize};

use crate::intake::{self, Intake};
use crate::notices::{self, NoticeFile, Subject};
use crate::review::OfficeMemory;
use crate::scenario::{Scenario, Trouble, later};
use crate::statement::Statement;
use crate::texts;

/// Format of what [`Kokuhoren::save`] returns.
const VERSION: u32 = 1;

/// Handle of a submission at the simulated 国保連; unique within one [`Kokuhoren`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Reference(pub u64);

/// What a terminal learns when it asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// A submission entered a state.
    State {
        /// The submission.
        reference: Reference,
        /// 基本状態コード (features R03): `5C01` 到達完了, `5C02` 連合会到達, `5C03` 受付中, `5C04` 様式エラー, `5C05` 受付完了,
        /// `5C06` 送信完了, `5C07` 返戻通知処理完了, `5C08` 支払通知処理完了, `5C09` 完了, `5C10` 到達エラー, `5C11` 伝送エラー,
        /// `5C12` 外部エラー.
        basic_code: String,
        /// What 国保連 says of an error, id first; `None` without one.
        message: Option<String>,
        /// When.
        at: NaiveDateTime,
    },
    /// A cancellation ended.
    Cancellation {
        /// The submission.
        reference: Reference,
        /// 取消完了; `false` is 取消失敗: the claim goes its way.
        done: bool,
        /// When.
        at: NaiveDateTime,
    },
    /// A notice file lies ready.
    Document {
        /// 事業所番号.
        office: String,
        /// File name: データ種別 and a serial, for example `74100000.CSV`. Every month uses the same names.
        file_name: String,
        /// The file.
        bytes: Vec<u8>,
        /// When.
        at: NaiveDateTime,
    },
    /// A file of an お知らせ lies ready for every office of a prefecture（features N07）.
    Announcement {
        /// First two digits of the offices' numbers.
        prefecture: String,
        /// File name.
        file_name: String,
        /// The file: text or an attachment.
        bytes: Vec<u8>,
        /// When.
        at: NaiveDateTime,
    },
}

impl Event {
    /// Returns when it happened.
    pub fn at(&self) -> NaiveDateTime {
        match self {
            Self::State { at, .. }
            | Self::Cancellation { at, .. }
            | Self::Document { at, .. }
            | Self::Announcement { at, .. } => *at,
        }
    }
}

/// Why a submission cannot be cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CannotCancel {
    /// There is no such submission.
    #[error("no such submission")]
    Unknown,
    /// It has not arrived yet, or it never will (5C10).
    #[error("the submission has not arrived")]
    NotArrived,
    /// It was cancelled before, or is being cancelled.
    #[error("the submission was cancelled before")]
    AlreadyCancelled,
    /// The claim window is over (features X01): 国保連 has begun to work on it.
    #[error("the claim window is over")]
    WindowClosed,
}

/// Why a saved state cannot be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The bytes are not what [`Kokuhoren::save`] returned.
    #[error("not a saved state")]
    Malformed(#[from] serde_json::Error),
    /// Another version of the program saved it.
    #[error("saved in format {0}, this program reads format {VERSION}")]
    Version(u32),
}

/// The simulated 国保連.
///
/// Its clock only moves forward: a call with an earlier time than the call before is treated as if it came at that time.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Kokuhoren {
    version: u32,
    scenario: Scenario,
    clock: NaiveDateTime,
    last_reference: u64,
    submissions: BTreeMap<u64, Submission>,
    offices: BTreeMap<String, OfficeMemory>,
    /// Office and person of each mishap that has struck.
    #[serde(default)]
    struck: BTreeSet<(String, String)>,
    /// Payment notices that wait for their day; everything is decided at the review.
    unpaid: Vec<Unpaid>,
    /// What will happen, soonest first, in order of planning where times are equal.
    plan: VecDeque<Planned>,
    /// What happened and was not yet handed out.
    events: VecDeque<Event>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Submission {
    office: String,
    processing_month: Month,
    state: SubmissionState,
    /// Claims that the review will rule on; emptied by it.
    claims: Vec<Statement>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum SubmissionState {
    /// 5C10, or not arrived yet.
    NotArrived,
    /// Arrived; what comes next is planned.
    Arrived,
    Cancelling,
    Cancelled,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Unpaid {
    office: String,
    month: Month,
    files: Vec<NoticeFile>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Planned {
    at: NaiveDateTime,
    action: Action,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
enum Action {
    Tell {
        reference: Reference,
        basic_code: String,
        message: Option<String>,
    },
    EndCancelling(Reference),
    Review(Month),
    Pay(Month),
    /// Place of the お知らせ in the scenario.
    Announce(usize),
}

impl Kokuhoren {
    /// Returns a 国保連 that has seen nothing yet.
    pub fn new(scenario: Scenario) -> Self {
        let plan = scenario.announcements.iter().enumerate();
        let mut plan: Vec<Planned> =
            plan.map(|(place, word)| Planned { at: word.at, action: Action::Announce(place) }).collect();
        plan.sort_by_key(|planned| planned.at);
        Self {
            version: VERSION,
            scenario,
            clock: NaiveDateTime::default(),
            last_reference: 0,
            submissions: BTreeMap::new(),
            offices: BTreeMap::new(),
            struck: BTreeSet::new(),
            unpaid: Vec::new(),
            plan: plan.into(),
            events: VecDeque::new(),
        }
    }

    /// Names an office for the notices to come; a claim file carries no names.
    pub fn name_office(&mut self, number: &str, name: &str) {
        self.scenario.office_names.insert(number.to_owned(), name.to_owned());
    }

    /// Takes a file, as a terminal hands it over. What becomes of it is told by [`Kokuhoren::advance`].
    ///
    /// Errors of the file give 5C04; a file for another month than the present one, or sent after the 10th, gives 5C10;
    /// in both cases nothing is accepted. So it is with what the scenario lets happen on the way: 5C10, 5C11 or 5C12. Test files (`*TEST*` in control item 12) are taken on any day, run through the
    /// receipts to 5C09 and are never reviewed.
    pub fn submit(&mut self, bytes: &[u8], now: NaiveDateTime) -> Reference {
        self.run(now);
        let now = self.clock;
        self.last_reference += 1;
        let reference = Reference(self.last_reference);

        let delays = self.scenario.delays;
        let start = delays.taken_up(now);
        let receipt = |seconds, code: &str, message| {
            (later(start, seconds), Action::Tell { reference, basic_code: code.to_owned(), message })
        };
        let arrival = [
            receipt(delays.arrived, "5C01", None),
            receipt(delays.reached, "5C02", None),
            receipt(delays.receiving, "5C03", None),
        ];
        let (office, processing_month, claims) = match intake::take(bytes, now.date()) {
            Intake::Undeliverable(message) => {
                let (at, refusal) = receipt(delays.arrived, "5C10", Some(message));
                self.plan(at, refusal);
                return reference;
            }
            Intake::Refused { office, processing_month, message } => {
                let refusal = receipt(delays.received, "5C04", Some(message));
                self.plan_all(arrival.into_iter().chain([refusal]));
                (office, processing_month, Vec::new())
            }
            Intake::Accepted { office, processing_month, test: true, claims } => {
                let end = [receipt(delays.received, "5C05", None), receipt(delays.received + 1, "5C09", None)];
                self.plan_all(arrival.into_iter().chain(end));
                (office, processing_month, claims)
            }
            Intake::Accepted { office, processing_month, test: false, claims } => {
                if let Some(trouble) = self.mishap(&office, &claims) {
                    let (code, message) = texts::trouble(trouble);
                    let (arrived, seconds) = match trouble {
                        Trouble::NotArrived | Trouble::LineBroke => (0, delays.arrived),
                        Trouble::Outside => (2, delays.receiving),
                        Trouble::Form => (3, delays.received),
                    };
                    let failure = receipt(seconds, code, Some(message.to_owned()));
                    self.plan_all(arrival.into_iter().take(arrived).chain([failure]));
                    if trouble == Trouble::Form {
                        // A file with errors of form is there: it can be cancelled.
                        let (state, claims) = (SubmissionState::NotArrived, Vec::new());
                        self.submissions.insert(reference.0, Submission { office, processing_month, state, claims });
                    }
                    return reference;
                }
                let window_end =
                    ClaimWindow { processing_month }.closes().succ_opt().unwrap_or_default().and_time(NaiveTime::MIN);
                let (received_at, received) = receipt(delays.received, "5C05", None);
                let (_, closed) = receipt(0, "5C06", None);
                let closed_at = received_at.max(later(window_end, delays.closed));
                self.plan_all(arrival.into_iter().chain([(received_at, received), (closed_at, closed)]));
                if !claims.is_empty() {
                    self.plan_once(review_time(processing_month), Action::Review(processing_month));
                }
                (office, processing_month, claims)
            }
        };
        self.submissions
            .insert(reference.0, Submission { office, processing_month, state: SubmissionState::NotArrived, claims });
        reference
    }

    /// Returns what befalls a file of `office` with these claims. A mishap strikes an office once.
    fn mishap(&mut self, office: &str, claims: &[Statement]) -> Option<Trouble> {
        let mishap = self.scenario.mishaps.iter().find(|mishap| {
            claims.iter().any(|claim| claim.insured == mishap.insured)
                && !self.struck.contains(&(office.to_owned(), mishap.insured.clone()))
        })?;
        self.struck.insert((office.to_owned(), mishap.insured.clone()));
        Some(mishap.trouble)
    }

    /// Begins to cancel a submission, whole（取消）. How it ended is told by [`Kokuhoren::advance`]: done, or failed because
    /// the claim window closed before（features X03）.
    ///
    /// # Errors
    ///
    /// Returns why it stays: see [`CannotCancel`].
    pub fn cancel(&mut self, reference: Reference, now: NaiveDateTime) -> Result<(), CannotCancel> {
        if reference.0 == 0 || reference.0 > self.last_reference {
            return Err(CannotCancel::Unknown);
        }
        self.run(now);
        let today = self.clock.date();
        let submission = self.submissions.get_mut(&reference.0).ok_or(CannotCancel::NotArrived)?;
        match submission.state {
            SubmissionState::Cancelling | SubmissionState::Cancelled => return Err(CannotCancel::AlreadyCancelled),
            SubmissionState::NotArrived => return Err(CannotCancel::NotArrived),
            SubmissionState::Arrived => {}
        }
        if !(ClaimWindow { processing_month: submission.processing_month }).is_open(today) {
            return Err(CannotCancel::WindowClosed);
        }
        submission.state = SubmissionState::Cancelling;
        self.plan(later(self.clock, self.scenario.delays.cancelled), Action::EndCancelling(reference));
        Ok(())
    }

    /// Moves the clock to `now` and returns everything that happened since the last call, oldest first.
    pub fn advance(&mut self, now: NaiveDateTime) -> Vec<Event> {
        self.run(now);
        self.events.drain(..).collect()
    }

    /// Returns the moments after `now` at which notices will come, soonest first, with a Japanese label: the review of every
    /// month with undecided claims, and its payment day.
    pub fn milestones(&self, now: NaiveDateTime) -> Vec<(NaiveDateTime, String)> {
        let mut moments = BTreeSet::new();
        for planned in &self.plan {
            match planned.action {
                Action::Tell { .. } | Action::EndCancelling(_) | Action::Announce(_) => {}
                Action::Review(month) => {
                    let claimed = self
                        .submissions
                        .values()
                        .any(|submission| submission.processing_month == month && !submission.claims.is_empty());
                    let held = self.offices.values().flat_map(OfficeMemory::hold_months).any(|ends| ends <= month);
                    if claimed || held {
                        moments.insert((review_time(month), review_label(month)));
                    }
                    if claimed {
                        moments.insert((payment_time(month), payment_label(month)));
                    }
                }
                Action::Pay(month) => {
                    moments.insert((payment_time(month), payment_label(month)));
                }
            }
        }
        moments.into_iter().filter(|(at, _)| *at > now).collect()
    }

    /// Returns the whole state, to be kept and given to [`Kokuhoren::load`].
    pub fn save(&self) -> Vec<u8> {
        // Cannot fail: every map has text or integer keys, and no value refuses to be written.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Continues from what [`Kokuhoren::save`] returned.
    ///
    /// # Errors
    ///
    /// Returns why the bytes are no saved state of this version.
    pub fn load(bytes: &[u8]) -> Result<Self, LoadError> {
        #[derive(Deserialize)]
        struct Header {
            version: u32,
        }
        let Header { version } = serde_json::from_slice(bytes)?;
        if version != VERSION {
            return Err(LoadError::Version(version));
        }
        Ok(serde_json::from_slice(bytes)?)
    }

    /// Does everything that is planned up to `now`, in order. A step may plan further ones, even before `now`.
    fn run(&mut self, now: NaiveDateTime) {
        while let Some(planned) = self.plan.pop_front_if(|planned| planned.at <= now) {
            self.clock = self.clock.max(planned.at);
            match planned.action {
                Action::Tell { reference, basic_code, message } => {
                    self.tell(reference, basic_code, message, planned.at);
                }
                Action::EndCancelling(reference) => self.end_cancelling(reference, planned.at),
                Action::Review(month) => self.review(month, planned.at),
                Action::Pay(month) => self.pay(month, planned.at),
                Action::Announce(place) => self.announce(place, planned.at),
            }
        }
        self.clock = self.clock.max(now);
    }

    fn tell(&mut self, reference: Reference, basic_code: String, message: Option<String>, at: NaiveDateTime) {
        if let Some(submission) = self.submissions.get_mut(&reference.0)
            && submission.state == SubmissionState::NotArrived
        {
            submission.state = SubmissionState::Arrived;
        }
        self.events.push_back(Event::State { reference, basic_code, message, at });
    }

    fn end_cancelling(&mut self, reference: Reference, at: NaiveDateTime) {
        let Some(submission) = self.submissions.get_mut(&reference.0) else { return };
        let done = ClaimWindow { processing_month: submission.processing_month }.is_open(at.date());
        if done {
            submission.state = SubmissionState::Cancelled;
            submission.claims.clear();
            self.plan
                .retain(|planned| !matches!(&planned.action, Action::Tell { reference: of, .. } if *of == reference));
        } else {
            submission.state = SubmissionState::Arrived;
        }
        self.events.push_back(Event::Cancellation { reference, done, at });
    }

    fn review(&mut self, month: Month, at: NaiveDateTime) {
        let mut claims: BTreeMap<String, Vec<Statement>> = BTreeMap::new();
        let mut references = Vec::new();
        for (reference, submission) in &mut self.submissions {
            if submission.processing_month == month && !submission.claims.is_empty() {
                claims.entry(submission.office.clone()).or_default().append(&mut submission.claims);
                references.push(Reference(*reference));
            }
        }
        for (office, memory) in &self.offices {
            if memory.hold_months().any(|ends| ends <= month) {
                claims.entry(office.clone()).or_default();
            }
        }
        for (office, claims) in claims {
            let memory = self.offices.entry(office.clone()).or_default();
            let rulings = memory.review(&self.scenario, &office, month, claims);
            let taken_back = memory.take_back(&office, month, Subject::payable(&rulings));
            let hold_months: Vec<Month> = memory.hold_months().collect();
            for ends in hold_months {
                self.plan_once(review_time(ends), Action::Review(ends));
            }
            let name = self.scenario.office_names.get(&office).cloned().unwrap_or_else(|| texts::office_name(&office));
            let subject = Subject { office: &office, office_name: &name, month };
            let (decided, payment) = (subject.review_notices(&rulings), subject.payment_notices(&rulings, taken_back));
            self.hand_over(&office, decided, at);
            if !payment.is_empty() {
                self.unpaid.push(Unpaid { office, month, files: payment });
                self.plan_once(payment_time(month), Action::Pay(month));
            }
        }
        for reference in references {
            self.tell(reference, "5C07".to_owned(), None, at);
            // After the notices of the payment day, which is planned above.
            for basic_code in ["5C08", "5C09"] {
                self.plan(
                    payment_time(month),
                    Action::Tell { reference, basic_code: basic_code.to_owned(), message: None },
                );
            }
        }
    }

    fn pay(&mut self, month: Month, at: NaiveDateTime) {
        let (due, waiting): (Vec<Unpaid>, Vec<Unpaid>) =
            std::mem::take(&mut self.unpaid).into_iter().partition(|unpaid| unpaid.month == month);
        self.unpaid = waiting;
        for Unpaid { office, files, .. } in due {
            self.hand_over(&office, files, at);
        }
    }

    fn announce(&mut self, place: usize, at: NaiveDateTime) {
        let Some(word) = self.scenario.announcements.get(place) else { return };
        self.events.extend(word.files().into_iter().map(|(file_name, bytes)| Event::Announcement {
            prefecture: word.prefecture.clone(),
            file_name,
            bytes,
            at,
        }));
    }

    fn hand_over(&mut self, office: &str, files: Vec<NoticeFile>, at: NaiveDateTime) {
        self.events.extend(files.into_iter().map(|NoticeFile { name, bytes }| Event::Document {
            office: office.to_owned(),
            file_name: name,
            bytes,
            at,
        }));
    }

    /// Plans a step behind all that are planned for the same moment.
    fn plan(&mut self, at: NaiveDateTime, action: Action) {
        let position = self.plan.partition_point(|planned| planned.at <= at);
        self.plan.insert(position, Planned { at, action });
    }

    fn plan_all(&mut self, steps: impl IntoIterator<Item = (NaiveDateTime, Action)>) {
        for (at, action) in steps {
            self.plan(at, action);
        }
    }

    fn plan_once(&mut self, at: NaiveDateTime, action: Action) {
        if !self.plan.iter().any(|planned| planned.action == action) {
            self.plan(at, action);
        }
    }
}

/// The notices of a review come at 15:00 of the last day of its month.
fn review_time(month: Month) -> NaiveDateTime {
    notices::review_day(month).and_time(afternoon())
}

/// The payment notices come at 15:00 of the 17th of the following month.
fn payment_time(month: Month) -> NaiveDateTime {
    notices::payment_day(month).and_time(afternoon())
}

fn afternoon() -> NaiveTime {
    NaiveTime::from_hms_opt(15, 0, 0).unwrap_or_default()
}

fn review_label(month: Month) -> String {
    format!("{}月審査の結果が届きます", month.month())
}

fn payment_label(month: Month) -> String {
    format!("{}月分の支払通知が届きます", month.month())
}
