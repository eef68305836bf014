//! What changes later: more offices, other data, an end. Each is an application of its own under the session of the 法人用ID,
//! for the first month that the operator's calendar allows. What is typed is kept like the form of the first application.

use calendar::Month;
use onboarding::{Change, Corporation, Draft, Office, Remark, Route, StepId, Surroundings, applications};
use relay_api::applications::{ApplicationState, AppliedOffice, Request};
use serde::{Deserialize, Serialize};
use specta::Type;

use super::applying::{applied_office, corporation};
use super::views::OnboardingView;
use super::{Standing, page};
use crate::problem::{Code, Problem};
use crate::{App, Topic};

/// What a clerk asks for, as it was typed; fields that a change does not need stay empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ChangeRequest {
    /// Which change.
    pub change: Option<Change>,
    /// New offices, or offices with their new data; of a changed number the one new office.
    pub offices: Vec<Office>,
    /// 事業所番号 of present offices: those that end, those that get the option, or the former number.
    pub numbers: Vec<String>,
    /// The corporation and whom to reach there, as the operator shall know them from now on.
    pub corporation: Corporation,
}

impl App {
    /// Sends what a clerk asks for: new offices thirty at a time. Trying again after a failure goes on where it ended. The
    /// corporation as typed is kept, so that it is typed once.
    ///
    /// # Errors
    ///
    /// [`Code::ChangeIncomplete`] with the first thing that is wrong; else what the relay says.
    pub async fn request_change(&self, mut request: ChangeRequest) -> Result<OnboardingView, Problem> {
        self.write_page(page::CHANGE, &request).await?;
        let mut standing = self.standing().await?;
        if let Some(remark) = remarks(&request, &standing).into_iter().find(|remark| remark.blocks) {
            return Err(incomplete(remark.text));
        }
        let change = request.change.ok_or_else(|| incomplete("変更の種類を選んでください。"))?;
        standing.draft.corporation = request.corporation.clone();
        self.write_page(page::DRAFT, &standing.draft).await?;
        for wish in wishes(change, &request, &standing)? {
            let sent = match &wish {
                Request::AddOffices { offices, .. } => offices.len(),
                _ => request.offices.len(),
            };
            self.send_application(wish, &standing).await?;
            // What is on its way is no longer to be asked for, whatever happens to the next ones.
            request.offices.drain(..sent);
            self.write_page(page::CHANGE, &request).await?;
        }
        let corporation = request.corporation;
        self.write_page(page::CHANGE, &ChangeRequest { corporation, ..ChangeRequest::default() }).await?;
        self.announce_change(Topic::Onboarding);
        self.onboarding().await
    }
}

fn incomplete(text: impl Into<String>) -> Problem {
    Problem::with(Code::ChangeIncomplete, text)
}

/// Looks at what was typed, by the rules of the first application; each remark names its field.
pub(super) fn remarks(request: &ChangeRequest, standing: &Standing) -> Vec<Remark> {
    let Some(change) = request.change else { return Vec::new() };
    let mut found = Vec::new();
    let mut say = |field: &str, text: &str| {
        found.push(Remark { step: StepId::Done, field: field.to_owned(), text: text.to_owned(), blocks: true });
    };
    let known = |number: &String| standing.offices.iter().any(|(own, _)| own == number);
    let chosen = !request.numbers.is_empty() && request.numbers.iter().all(known);
    match change {
        Change::AddOption | Change::Stop if !chosen => say("numbers", "対象の事業所を選んでください。"),
        Change::ChangedNumber if !chosen || request.numbers.len() != 1 => {
            say("numbers", "番号が変わる事業所を1つ選んでください。");
        }
        Change::ChangedNumber if request.offices.len() > 1 => {
            say("offices", "新しい番号の事業所は1つだけ入れてください。");
        }
        Change::LostPassword => {
            say("change", "パスワードは、ログインの画面で決め直します。申し込みはいりません。");
        }
        _ => {}
    }
    // Offices that are customers, or on their way, are no new ones.
    let mut present: Vec<String> = standing.offices.iter().map(|(number, _)| number.clone()).collect();
    if change == Change::ChangeData {
        present.clear();
    } else {
        let open = standing.applied.list.iter().filter_map(|sent| sent.answer.as_ref());
        let open = open.filter(|answer| answer.state == ApplicationState::Open);
        present.extend(open.flat_map(|answer| &answer.offices).map(|office| office.office.clone()));
    }
    let draft = draft_of(request);
    let printable = |c: char| paper::unprintable(c.encode_utf8(&mut [0; 4])).is_none();
    let around = Surroundings {
        today: standing.today,
        practice: standing.practice,
        present_offices: &present,
        wordings: None,
        printable: &printable,
    };
    let asked = |field: &str| match change {
        Change::AddOffices | Change::ChangedNumber => field.starts_with("offices") || field.starts_with("corporation."),
        Change::ChangeData => field.starts_with("offices.") || field.starts_with("corporation."),
        Change::AddOption | Change::Stop => field.starts_with("corporation."),
        Change::LostPassword => false,
    };
    found.extend(onboarding::check(&draft, &around).into_iter().filter(|remark| asked(&remark.field)));
    found
}

fn draft_of(request: &ChangeRequest) -> Draft {
    Draft {
        route: Some(Route::Proxy),
        corporation: request.corporation.clone(),
        offices: request.offices.clone(),
        ..Draft::default()
    }
}

/// Makes what goes to the relay from a request without remarks.
fn wishes(change: Change, request: &ChangeRequest, standing: &Standing) -> Result<Vec<Request>, Problem> {
    let calendar = standing.rules().calendar;
    let start = calendar.start_when_applied(standing.today).ok_or(Code::Internal)?;
    let start_month = start.first_window.processing_month.to_string();
    let draft = draft_of(request);
    let needs_offices = matches!(change, Change::AddOffices | Change::ChangeData | Change::ChangedNumber);
    let typed = request.offices.iter().filter(|_| needs_offices);
    let offices: Vec<AppliedOffice> = typed.map(|office| applied_office(office, &draft)).collect::<Result<_, _>>()?;
    let one = match change {
        Change::AddOffices => {
            let option = standing.draft.option;
            return Ok(applications(&offices)
                .map(|offices| Request::AddOffices {
                    start_month: start_month.clone(),
                    offices: offices.to_vec(),
                    option,
                })
                .collect());
        }
        Change::ChangeData => {
            Request::Change { from_month: start_month, corporation: Some(corporation(&draft)?), offices }
        }
        Change::AddOption => Request::Option { start_month, offices: request.numbers.clone() },
        Change::ChangedNumber => match (&request.numbers[..], &offices[..]) {
            ([former], [office]) => {
                Request::ChangedNumber { start_month, former: former.clone(), office: office.clone() }
            }
            _ => return Err(incomplete("前の番号と新しい番号を1つずつ入れてください。")),
        },
        Change::Stop => {
            let stop = calendar.stop_when_applied(standing.today).ok_or(Code::Internal)?;
            let last_month = Month::of(stop.end).map_err(|_| Problem::from(Code::Internal))?.to_string();
            Request::Stop { last_month, offices: request.numbers.clone() }
        }
        Change::LostPassword => {
            return Err(incomplete("パスワードは、ログインの画面で決め直します。申し込みはいりません。"));
        }
    };
    Ok(vec![one])
}
