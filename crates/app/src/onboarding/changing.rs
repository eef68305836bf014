//! What changes later: more offices, other data, an end. Each is an application of its own under the session of the 法人用ID,
//! for the first month that the operator's calendar allows.

use calendar::Month;
use onboarding::{Change, Corporation, Draft, Office, Route, Surroundings};
use relay_api::applications::{AppliedOffice, Request};
use serde::Deserialize;
use specta::Type;

use super::applying::{applied_office, corporation};
use super::views::OnboardingView;
use super::{Standing, page};
use crate::problem::{Code, Problem};
use crate::{App, Topic};

/// What a clerk asks for; fields that a change does not need stay empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Type)]
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
    /// Sends what a clerk asks for; the corporation as typed is kept, so that it is typed once.
    ///
    /// # Errors
    ///
    /// [`Code::ChangeIncomplete`] with the first thing that is wrong; else what the relay says.
    pub async fn request_change(&self, request: ChangeRequest) -> Result<OnboardingView, Problem> {
        let mut standing = self.standing().await?;
        standing.draft.corporation = request.corporation.clone();
        self.write_page(page::DRAFT, &standing.draft).await?;
        let wish = wish(&request, &standing)?;
        self.send_application(wish, &standing.draft).await?;
        self.announce_change(Topic::Onboarding);
        self.onboarding().await
    }
}

fn incomplete(text: impl Into<String>) -> Problem {
    Problem::with(Code::ChangeIncomplete, text)
}

fn wish(request: &ChangeRequest, standing: &Standing) -> Result<Request, Problem> {
    let calendar = standing.calendar();
    let start = calendar.start_when_applied(standing.today).ok_or(Code::Internal)?;
    let start_month = start.first_window.processing_month.to_string();
    let numbers = || -> Result<Vec<String>, Problem> {
        let known = |number: &String| standing.offices.iter().any(|(own, _)| own == number);
        if request.numbers.is_empty() || !request.numbers.iter().all(known) {
            return Err(incomplete("対象の事業所を選んでください。"));
        }
        Ok(request.numbers.clone())
    };
    // What is typed is looked at by the rules of the first application.
    let draft = Draft {
        route: Some(Route::Proxy),
        corporation: request.corporation.clone(),
        offices: request.offices.clone(),
        ..Draft::default()
    };
    let present: Vec<String> = standing.offices.iter().map(|(number, _)| number.clone()).collect();
    let complete = |prefix: &str, present: &[String]| -> Result<(), Problem> {
        let printable = |c: char| paper::unprintable(c.encode_utf8(&mut [0; 4])).is_none();
        let around = Surroundings {
            today: standing.today,
            practice: standing.practice,
            present_offices: present,
            printable: &printable,
        };
        let remarks = onboarding::check(&draft, &around);
        match remarks.into_iter().find(|remark| remark.blocks && remark.field.starts_with(prefix)) {
            Some(remark) => Err(incomplete(remark.text)),
            None => Ok(()),
        }
    };
    let offices = || -> Result<Vec<AppliedOffice>, Problem> {
        request.offices.iter().map(|office| applied_office(office, &draft)).collect()
    };
    // Whoever applies can be called and written to.
    complete("corporation.", &[])?;
    match request.change.ok_or_else(|| incomplete("変更の種類を選んでください。"))? {
        Change::AddOffices => {
            complete("offices", &present)?;
            Ok(Request::AddOffices { start_month, offices: offices()?, option: standing.draft.option })
        }
        Change::ChangeData => {
            complete("offices.", &[])?;
            Ok(Request::Change {
                from_month: start_month,
                corporation: Some(corporation(&draft)?),
                offices: offices()?,
            })
        }
        Change::AddOption => Ok(Request::Option { start_month, offices: numbers()? }),
        Change::ChangedNumber => {
            complete("offices", &present)?;
            let former = numbers()?;
            match (&former[..], &offices()?[..]) {
                ([former], [office]) => {
                    Ok(Request::ChangedNumber { start_month, former: former.clone(), office: office.clone() })
                }
                _ => Err(incomplete("前の番号と新しい番号を1つずつ入れてください。")),
            }
        }
        Change::Stop => {
            let stop = calendar.stop_when_applied(standing.today).ok_or(Code::Internal)?;
            let last_month = Month::of(stop.end).map_err(|_| Problem::from(Code::Internal))?.to_string();
            Ok(Request::Stop { last_month, offices: numbers()? })
        }
        Change::LostPassword => Err(incomplete("パスワードは、ログインの画面で決め直します。申し込みはいりません。")),
    }
}
