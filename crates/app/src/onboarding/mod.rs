//! 利用開始: the wizard. What was typed lies in the database page by page, and everything shown follows from it, from the
//! answers of the relay and from today.

mod applying;
mod changing;
mod photos;
mod reading;
mod sheets;
mod test_file;
#[cfg(test)]
mod tests;
pub mod views;

use std::sync::atomic::Ordering;

use calendar::{Month, OperatorCalendar};
use chrono::NaiveDate;
use kokuho::OfficeNumber;
use onboarding::{Facts, Fees, OperatorRules, Plan, Surroundings};
use relay_api::applications::OperatorProfile;
use store::SealedPhoto;

use crate::problem::{Code, Problem};
use crate::views::SubmissionState;
use crate::{App, Topic};
use applying::Applied;
use views::{OnboardingView, PastedView};

pub use ::onboarding::{Draft, StepState};
pub use changing::ChangeRequest;
pub use sheets::{StartPlanView, plan_of, powers_of_attorney};

/// Pages of the onboarding in the database.
mod page {
    /// What the clerk typed.
    pub const DRAFT: &str = "draft";
    /// Applications and the relay's latest answers.
    pub const APPLICATIONS: &str = "applications";
    /// The operator's profile as the relay last told it.
    pub const OPERATOR: &str = "operator";
    /// What a clerk is asking for later, not sent yet.
    pub const CHANGE: &str = "change";
}

/// Everything that the screens and papers of the onboarding follow from.
pub(crate) struct Standing {
    /// Counts how often this was read: everything that was kept before stands in it.
    pub revision: u32,
    pub draft: Draft,
    pub applied: Applied,
    pub operator: Option<OperatorProfile>,
    pub facts: Facts,
    pub today: NaiveDate,
    pub practice: bool,
    /// Offices of the account that is signed in.
    pub offices: Vec<(String, String)>,
    /// Latest test transmission: its id, its state in words, and whether it failed.
    pub test: Option<(String, String, bool)>,
    /// Offices without a 地域区分.
    pub without_region: Vec<String>,
    /// Photos of sealed papers, the latest of each.
    pub photos: Vec<SealedPhoto>,
    /// What a clerk is asking for later, not sent yet.
    pub change: ChangeRequest,
}

impl Standing {
    pub fn rules(&self) -> OperatorRules {
        self.operator.as_ref().map(rules_of).unwrap_or_default()
    }

    pub fn fees(&self) -> Fees {
        self.operator.as_ref().map(fees_of).unwrap_or_default()
    }

    pub fn remarks(&self) -> Vec<onboarding::Remark> {
        let printable = |c: char| paper::unprintable(c.encode_utf8(&mut [0; 4])).is_none();
        let numbers: Vec<String> = self.offices.iter().map(|(number, _)| number.clone()).collect();
        onboarding::check(
            &self.draft,
            &Surroundings {
                today: self.today,
                practice: self.practice,
                present_offices: if self.facts.applied.is_some() { &[] } else { &numbers },
                // What was agreed to with an application stands.
                wordings: self.operator.as_ref().filter(|_| self.facts.applied.is_none()).map(wordings_of),
                printable: &printable,
            },
        )
    }

    /// Returns the plan of the chosen month; before one is chosen, of the first possible one.
    pub fn plan(&self) -> Result<Option<Plan>, onboarding::Forbidden> {
        let rules = self.rules();
        let chosen = self.draft.first_claim.parse::<Month>().ok();
        let month = chosen.or_else(|| onboarding::earliest(&self.draft, &self.facts, self.today, &rules));
        month.map(|month| onboarding::plan(month, &self.draft, &self.facts, self.today, &rules)).transpose()
    }
}

/// Reads the days of an operator's profile. A closed day that is none is left out.
fn rules_of(profile: &OperatorProfile) -> OperatorRules {
    OperatorRules {
        calendar: OperatorCalendar {
            application_day: profile.calendar.application_day,
            debit_day: profile.calendar.debit_day,
            closed_days: profile.calendar.closed_days.iter().filter_map(|day| day.parse().ok()).collect(),
        },
        agent_days: profile
            .prefectures
            .iter()
            .filter_map(|rule| Some((rule.code.clone(), rule.agent_cut_off_day?)))
            .collect(),
    }
}

/// Returns the wordings of terms and privacy notice that a profile shows; empty where it has none.
fn wordings_of(profile: &OperatorProfile) -> [&str; 2] {
    [&profile.terms, &profile.privacy].map(|terms| terms.as_ref().map_or("", |terms| terms.version.as_str()))
}

pub(crate) fn fees_of(profile: &OperatorProfile) -> Fees {
    let fees = &profile.fees;
    Fees {
        monthly: kokuho::Yen(fees.monthly),
        registration: kokuho::Yen(fees.registration),
        option_monthly: kokuho::Yen(fees.option_monthly),
        option_registration: kokuho::Yen(fees.option_registration),
        password: kokuho::Yen(fees.password_by_hand),
        recovery: kokuho::Yen(fees.recovery),
    }
}

impl App {
    /// Returns the wizard as it stands. Works without a line.
    pub async fn onboarding(&self) -> Result<OnboardingView, Problem> {
        Ok(views::view(&self.standing().await?))
    }

    /// Keeps what the clerk typed, whole or not, and returns the wizard with its remarks.
    pub async fn save_onboarding(&self, draft: Draft) -> Result<OnboardingView, Problem> {
        let before = self.draft().await?;
        self.write_page(page::DRAFT, &draft).await?;
        if before.is_empty() != draft.is_empty() {
            // The frame says that the way was begun.
            self.announce_change(Topic::Frame);
        }
        self.onboarding().await
    }

    /// Takes what stands in a JSON file in place of what was typed; fields that it lacks are empty.
    ///
    /// # Errors
    ///
    /// [`Code::NotAnApplication`] when the file is none.
    pub async fn read_onboarding(&self, json: &[u8]) -> Result<OnboardingView, Problem> {
        let draft = reading::draft(json)
            .map_err(|error| Problem::with(Code::NotAnApplication, format!("（{}行目）", error.line())))?;
        self.save_onboarding(draft).await
    }

    /// Adds offices pasted from a spreadsheet to the draft; nothing that was typed is replaced.
    pub async fn paste_offices(&self, text: &str) -> Result<PastedView, Problem> {
        let mut draft = self.draft().await?;
        let pasted = onboarding::paste(&mut draft.offices, text);
        Ok(PastedView { onboarding: self.save_onboarding(draft).await?, pasted })
    }

    /// Keeps what the clerk is asking for later, whole or not, and returns the wizard with the remarks about it.
    pub async fn save_change(&self, request: ChangeRequest) -> Result<OnboardingView, Problem> {
        self.write_page(page::CHANGE, &request).await?;
        self.onboarding().await
    }

    /// Adds offices pasted from a spreadsheet to what the clerk is asking for later.
    pub async fn paste_change_offices(&self, text: &str) -> Result<PastedView, Problem> {
        let mut request = self.standing().await?.change;
        let pasted = onboarding::paste(&mut request.offices, text);
        Ok(PastedView { onboarding: self.save_change(request).await?, pasted })
    }

    /// Fetches the operator's profile, so that dates, fees and papers are its own. Needs no session.
    pub async fn fetch_operator(&self) -> Result<OnboardingView, Problem> {
        let profile = self.heard(self.relay()?.operator().await)?;
        self.write_page(page::OPERATOR, &profile).await?;
        self.onboarding().await
    }

    /// Returns whether the way was begun and not gone to its end, so that the program opens at it again.
    pub(crate) async fn onboarding_under_way(&self) -> Result<bool, Problem> {
        if self.draft().await?.is_empty() {
            return Ok(false);
        }
        Ok(!self.submissions().await?.iter().any(|submission| submission.test && passed(submission.state)))
    }

    pub(crate) async fn standing(&self) -> Result<Standing, Problem> {
        // Before anything is read: what is kept while this is read may or may not be in it.
        let revision = self.0.onboarding_read.fetch_add(1, Ordering::Relaxed);
        let draft = self.draft().await?;
        let applied: Applied = self.page(page::APPLICATIONS).await?.unwrap_or_default();
        let operator: Option<OperatorProfile> = self.page(page::OPERATOR).await?;
        let account = self.account().await?;
        let tests = self.submissions().await?.into_iter().filter(|submission| submission.test);
        let mut facts = applied.facts(&draft);
        let mut test = None;
        for submission in tests {
            let done = passed(submission.state);
            let failed = matches!(
                submission.state,
                SubmissionState::Refused
                    | SubmissionState::FormatError
                    | SubmissionState::ExternalError
                    | SubmissionState::Cancelled
            );
            facts.tested |= done;
            facts.testing |= !done && !failed;
            // The newest one comes first.
            test.get_or_insert((submission.id, submission.state_word, failed));
        }
        let offices: Vec<(String, String)> = account
            .iter()
            .flat_map(|account| &account.offices)
            .map(|office| (office.number.clone(), office.name.clone()))
            .collect();
        facts.signed_in = account.is_some_and(|account| !account.must_change_password);
        let without_region = self.offices_without_area(&offices).await?;
        facts.regions = facts.signed_in && without_region.is_empty();
        let practice = self.line().demo.is_some();
        let photos = self.store(store::Store::sealed_photos).await?;
        let change: Option<ChangeRequest> = self.page(page::CHANGE).await?;
        let change = change
            .unwrap_or_else(|| ChangeRequest { corporation: draft.corporation.clone(), ..ChangeRequest::default() });
        Ok(Standing {
            revision,
            photos,
            change,
            draft,
            applied,
            operator,
            facts,
            today: self.now().date(),
            practice,
            offices,
            test,
            without_region,
        })
    }

    /// Returns those of `offices` whose 地域区分 of this month is not set.
    async fn offices_without_area(&self, offices: &[(String, String)]) -> Result<Vec<String>, Problem> {
        let areas = self.areas().await?;
        let month = Month::of(self.now().date()).map_err(|_| Problem::from(Code::Internal))?;
        let numbers = offices.iter().map(|(number, _)| number);
        Ok(numbers.filter(|number| areas.of(&OfficeNumber::from_file(number), month).is_none()).cloned().collect())
    }

    /// Asks the relay how open applications stand and keeps what it says. Failures of the line show in the frame.
    pub(crate) async fn follow_onboarding(&self) -> Result<(), Problem> {
        if self.draft().await?.is_empty() {
            return Ok(());
        }
        let profile = self.heard(self.relay()?.operator().await)?;
        let mut changed = self.write_page(page::OPERATOR, &profile).await?;
        changed |= self.follow_applications().await?;
        if changed {
            self.announce_change(Topic::Onboarding);
        }
        Ok(())
    }

    pub(crate) async fn page<T: serde::de::DeserializeOwned + 'static>(
        &self,
        name: &'static str,
    ) -> Result<Option<T>, Problem> {
        let text = self.store(move |store| store.onboarding_page(name)).await?;
        text.map(|text| serde_json::from_str(&text)).transpose().map_err(|error| unreadable(name, &error))
    }

    async fn draft(&self) -> Result<Draft, Problem> {
        let text = self.store(|store| store.onboarding_page(page::DRAFT)).await?;
        let draft = text.map(|text| reading::draft(text.as_bytes())).transpose();
        draft.map(Option::unwrap_or_default).map_err(|error| unreadable(page::DRAFT, &error))
    }

    pub(crate) async fn write_page<T: serde::Serialize>(&self, name: &'static str, value: &T) -> Result<bool, Problem> {
        let text = serde_json::to_string(value).map_err(|_| Problem::from(Code::Internal))?;
        let now = self.now();
        self.store(move |store| store.write_onboarding_page(name, &text, now)).await
    }
}

fn unreadable(page: &str, error: &serde_json::Error) -> Problem {
    tracing::error!(cause = %error, page, "A page of the onboarding cannot be read");
    Code::Internal.into()
}

/// Returns whether 国保連 has accepted a file in this state.
const fn passed(state: SubmissionState) -> bool {
    matches!(state, SubmissionState::Accepted | SubmissionState::Processing | SubmissionState::Completed)
}
