//! The application: made once, repeated without harm, followed until the IDs have come.

use chrono::NaiveDate;
use onboarding::{Draft, Facts, Office, applications, email, office_number, postal_code};
use relay_api::applications::{
    Applicant, Application, ApplicationState, AppliedOffice, Consented, Corporation, CredentialsState, NewApplication,
    PoaState, Request,
};
use serde::{Deserialize, Serialize};

use super::views::{LetterView, LettersView, OnboardingView};
use super::{Standing, page};
use crate::problem::{Code, Problem};
use crate::tick::moment;
use crate::{App, Topic};

/// All applications that this computer has made, oldest first.
#[derive(Debug, Default, Clone, Serialize, Deserialize)]
pub(crate) struct Applied {
    pub list: Vec<Sent>,
}

/// One application. It is written down before it is sent, so that a crash or a cut line never makes a second one.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Sent {
    /// Names it at the relay; its key lies in the keychain.
    pub id: String,
    /// What was asked for.
    pub new: NewApplication,
    /// The relay's latest answer; `None` until it has answered.
    pub answer: Option<Application>,
}

impl Applied {
    /// Applications for a start that stand: not declined and not taken back.
    pub fn starting(&self) -> impl Iterator<Item = (&Sent, &Application)> {
        self.list
            .iter()
            .filter(|sent| matches!(sent.new.request, Request::New { .. }))
            .filter_map(|sent| Some((sent, sent.answer.as_ref()?)))
            .filter(|(_, answer)| matches!(answer.state, ApplicationState::Open | ApplicationState::Completed))
    }

    /// Returns the application that those for further offices of the same corporation join.
    fn first_of_set(&self) -> Option<&Sent> {
        self.starting().map(|(sent, _)| sent).find(|sent| matches!(&sent.new.request, Request::New { joins: None, .. }))
    }

    /// Applications of all kinds that are not finished; when there is none, those for a start.
    pub fn under_way(&self) -> Vec<(&Sent, &Application)> {
        let open: Vec<_> = self
            .list
            .iter()
            .filter_map(|sent| Some((sent, sent.answer.as_ref()?)))
            .filter(|(_, answer)| answer.state == ApplicationState::Open)
            .collect();
        if open.is_empty() { self.starting().collect() } else { open }
    }

    /// What the answers tell of the way. The application counts when each office of the draft stands in one.
    pub fn facts(&self, draft: &Draft) -> Facts {
        let standing: Vec<&Application> = self.starting().map(|(_, answer)| answer).collect();
        let applied: Vec<&str> =
            standing.iter().flat_map(|answer| &answer.offices).map(|office| office.office.as_str()).collect();
        let covered = !applied.is_empty()
            && draft
                .offices
                .iter()
                .all(|office| office_number(&office.number).is_ok_and(|number| applied.contains(&number.as_str())));
        let poas = || standing.iter().flat_map(|answer| &answer.offices).map(|office| office.poa.state);
        let latest: Option<NaiveDate> =
            standing.iter().filter_map(|answer| moment(&answer.received_at)).map(|at| at.date()).max();
        Facts {
            applied: latest.filter(|_| covered),
            defective: poas().any(|state| state == PoaState::Defective),
            received: covered && poas().all(|state| state != PoaState::Waiting),
            accepted: covered && poas().all(|state| matches!(state, PoaState::Accepted | PoaState::NotNeeded)),
            issued: covered
                && standing.iter().all(|answer| {
                    answer
                        .credentials
                        .as_ref()
                        .is_some_and(|credentials| credentials.state != CredentialsState::Pending)
                }),
            ..Facts::default()
        }
    }
}

impl App {
    /// Sends the application: of the offices of the draft, thirty at a time. Trying again after a failure goes on where it
    /// ended and never makes a second application.
    ///
    /// # Errors
    ///
    /// [`Code::DraftIncomplete`] while the form has a remark that blocks, [`Code::ForbiddenMonth`] when a rule forbids the
    /// month; else what the relay says.
    pub async fn apply(&self) -> Result<OnboardingView, Problem> {
        let standing = self.standing().await?;
        let open = standing.remarks().iter().filter(|remark| remark.blocks).count();
        if open > 0 {
            return Err(Problem::with(Code::DraftIncomplete, format!("{open}か所")));
        }
        if standing.facts.applied.is_none()
            && let Err(forbidden) = standing.plan()
        {
            return Err(Problem::with(Code::ForbiddenMonth, forbidden.text()));
        }
        let taken: Vec<String> = standing
            .applied
            .starting()
            .flat_map(|(_, answer)| &answer.offices)
            .map(|office| office.office.clone())
            .collect();
        let left: Vec<Office> = standing
            .draft
            .offices
            .iter()
            .filter(|office| {
                office_number(&office.number).is_ok_and(|number| !taken.iter().any(|taken| taken == number.as_str()))
            })
            .cloned()
            .collect();
        for offices in applications(&left) {
            // Written down before it is sent, so that also the first of a row that was cut off is found.
            let applied: Applied = self.page(page::APPLICATIONS).await?.unwrap_or_default();
            let request = Request::New {
                start_month: standing.draft.first_claim.clone(),
                corporation: corporation(&standing.draft)?,
                offices: offices
                    .iter()
                    .map(|office| applied_office(office, &standing.draft))
                    .collect::<Result<_, _>>()?,
                option: standing.draft.option,
                joins: applied.first_of_set().map(|first| first.id.clone()),
            };
            self.send_application(request, &standing).await?;
        }
        self.announce_change(Topic::Onboarding);
        self.onboarding().await
    }

    /// Takes back the applications for a start that the operator has not worked on, so that a mistake can be mended and the
    /// application be made anew.
    ///
    /// # Errors
    ///
    /// [`Code::TooLate`] when the operator has begun: then a call is the way.
    pub async fn withdraw_application(&self) -> Result<OnboardingView, Problem> {
        let applied: Applied = self.page(page::APPLICATIONS).await?.unwrap_or_default();
        for (sent, answer) in applied.starting() {
            if answer.state != ApplicationState::Open {
                return Err(Code::TooLate.into());
            }
            let key = self.application_key(&sent.id).await?;
            let answer = self.heard(self.relay()?.withdraw_application(&sent.id, &key).await)?;
            self.keep_answer(&sent.id, answer).await?;
        }
        self.announce_change(Topic::Onboarding);
        self.onboarding().await
    }

    /// Fetches the IDs with their temporary passwords. They are shown once and kept nowhere; fetching them anew makes new
    /// passwords, until one of the IDs was used.
    pub async fn fetch_letters(&self) -> Result<LettersView, Problem> {
        let standing = self.standing().await?;
        let mut view: Option<LettersView> = None;
        for (sent, answer) in standing.applied.starting() {
            if answer.credentials.as_ref().is_none_or(|credentials| credentials.state != CredentialsState::Issued) {
                continue;
            }
            let key = self.application_key(&sent.id).await?;
            let letters = self.heard(self.relay()?.letters(&sent.id, &key).await)?;
            let view = view.get_or_insert(LettersView { usable_from: letters.usable_from, letters: Vec::new() });
            view.letters.extend(letters.letters.into_iter().map(|letter| LetterView {
                corporation_number: letters.corporation_number.clone(),
                office_name: letter.office.as_ref().and_then(|number| name_of(&standing.draft, number)),
                office: letter.office,
                login_id: letter.login_id,
                password: letter.password,
            }));
        }
        view.ok_or_else(|| Code::NoLetters.into())
    }

    /// Asks how the open applications stand; returns whether anything is new.
    pub(crate) async fn follow_applications(&self) -> Result<bool, Problem> {
        let applied: Applied = self.page(page::APPLICATIONS).await?.unwrap_or_default();
        let mut changed = false;
        for sent in applied.list {
            match &sent.answer {
                // It was cut off: made known again, under the same id.
                None => changed |= self.repeat_application(&sent).await?,
                Some(answer) if answer.state == ApplicationState::Open => {
                    let key = self.application_key(&sent.id).await?;
                    let answer = self.heard(self.relay()?.application(&sent.id, &key).await)?;
                    changed |= self.keep_answer(&sent.id, answer).await?;
                }
                Some(_) => {}
            }
        }
        Ok(changed)
    }

    /// Writes an application down, sends it and keeps the answer.
    pub(crate) async fn send_application(&self, request: Request, standing: &Standing) -> Result<(), Problem> {
        let mut applied: Applied = self.page(page::APPLICATIONS).await?.unwrap_or_default();
        let draft = &standing.draft;
        let version = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let consented = Consented { terms: version(&draft.terms_version), privacy: version(&draft.privacy_version) };
        // One that joins another is opened by its key.
        let joined = match &request {
            Request::New { joins: Some(first), .. } => Some(self.application_key(first).await?),
            _ => None,
        };
        let consented = matches!(request, Request::New { .. }).then_some(consented);
        let new = NewApplication { applicant: applicant(draft), request, consent: true, consented };
        // The same wish that got no answer goes out under its first id.
        let cut_off = applied.list.iter().find(|sent| sent.answer.is_none() && sent.new == new).cloned();
        let sent = if let Some(sent) = cut_off {
            sent
        } else {
            let sent = Sent { id: hex::encode(rand::random::<[u8; 16]>()), new, answer: None };
            let key = joined.unwrap_or_else(|| hex::encode(rand::random::<[u8; 32]>()));
            self.0.config.secrets.write(&key_name(&sent.id), &key).await?;
            applied.list.push(sent.clone());
            self.write_page(page::APPLICATIONS, &applied).await?;
            sent
        };
        self.repeat_application(&sent).await.map(drop)
    }

    async fn repeat_application(&self, sent: &Sent) -> Result<bool, Problem> {
        let key = self.application_key(&sent.id).await?;
        let relay = self.relay()?;
        let answer = if matches!(sent.new.request, Request::New { .. }) {
            self.heard(relay.apply(&sent.id, &key, None, &sent.new).await)
        } else {
            self.call(|relay, token| {
                let (id, key, new) = (sent.id.clone(), key.clone(), sent.new.clone());
                async move { relay.apply(&id, &key, Some(&token), &new).await }
            })
            .await
        };
        match answer {
            Ok(answer) => self.keep_answer(&sent.id, answer).await,
            Err(problem) => {
                if refused(problem.code) {
                    // Nothing of it is at the relay; the mended one is another application.
                    let mut applied: Applied = self.page(page::APPLICATIONS).await?.unwrap_or_default();
                    applied.list.retain(|other| other.id != sent.id);
                    self.write_page(page::APPLICATIONS, &applied).await?;
                    self.0.config.secrets.forget(&key_name(&sent.id)).await?;
                }
                Err(problem)
            }
        }
    }

    async fn keep_answer(&self, id: &str, answer: Application) -> Result<bool, Problem> {
        let mut applied: Applied = self.page(page::APPLICATIONS).await?.unwrap_or_default();
        for sent in &mut applied.list {
            if sent.id == id {
                // Whether the answer was a repetition says nothing of the application.
                sent.answer = Some(Application { repeated: false, ..answer.clone() });
            }
        }
        self.write_page(page::APPLICATIONS, &applied).await
    }

    async fn application_key(&self, id: &str) -> Result<String, Problem> {
        let key = self.0.config.secrets.read(&key_name(id)).await?;
        key.map(|key| key.to_string()).ok_or_else(|| Code::ApplicationKeyMissing.into())
    }
}

/// Returns whether a problem means that the relay has looked at the application and does not want it.
fn refused(code: Code) -> bool {
    matches!(
        code,
        Code::OfficeTaken
            | Code::TooEarly
            | Code::TermsChanged
            | Code::RelayRefusedApplication
            | Code::AnnouncedDifferently
    )
}

fn key_name(id: &str) -> String {
    format!("application:{id}")
}

fn applicant(draft: &Draft) -> Applicant {
    Applicant {
        name: draft.corporation.contact.trim().to_owned(),
        phone: phone(&draft.corporation.phone),
        email: email(&draft.corporation.email),
    }
}

pub(crate) fn corporation(draft: &Draft) -> Result<Corporation, Problem> {
    let typed = &draft.corporation;
    Ok(Corporation {
        name: typed.name.trim().to_owned(),
        postal_code: seven_digits(&typed.postal_code)?,
        address: typed.address.trim().to_owned(),
        title: typed.title.trim().to_owned(),
        representative: typed.representative.trim().to_owned(),
        phone: phone(&typed.phone),
    })
}

pub(crate) fn applied_office(office: &Office, draft: &Draft) -> Result<AppliedOffice, Problem> {
    let incomplete = || Problem::with(Code::DraftIncomplete, "1か所");
    let number = office_number(&office.number).map_err(|_| incomplete())?;
    let user_id = onboarding::UserId::parse(&office.user_id, Some(&number)).map_err(|_| incomplete())?;
    Ok(AppliedOffice {
        number: number.as_str().to_owned(),
        name: office.name.trim().to_owned(),
        user_id: user_id.as_str().to_owned(),
        postal_code: seven_digits(&office.postal_code)?,
        address: office.address.trim().to_owned(),
        // The operator calls whoever fills the application in.
        phone: phone(&draft.corporation.phone),
    })
}

fn seven_digits(typed: &str) -> Result<String, Problem> {
    let code = postal_code(typed).ok_or_else(|| Problem::with(Code::DraftIncomplete, "1か所"))?;
    Ok(code.replace('-', ""))
}

fn phone(typed: &str) -> String {
    email(typed).replace(['(', ')'], "-").replace(['ー', '−', '‐', '―'], "-").trim_matches('-').to_owned()
}

fn name_of(draft: &Draft, number: &str) -> Option<String> {
    let office =
        draft.offices.iter().find(|office| office_number(&office.number).is_ok_and(|n| n.as_str() == number))?;
    Some(office.name.trim().to_owned())
}
