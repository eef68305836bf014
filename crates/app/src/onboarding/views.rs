//! What the wizard shows. Dates `YYYY-MM-DD`, months `YYYY-MM`, yen whole numbers.

use calendar::Month;
use onboarding::{Actor, Change, Desk, Draft, Firmness, Forbidden, Pasted, Plan, Remark, StepId, StepState};
use relay_api::applications::{Application, ApplicationState, CredentialsState, PoaState, Terms};
use serde::Serialize;
use specta::Type;
use specta_typescript::Number;
use store::SealedPhoto;

use super::applying::Sent;
use super::{ChangeRequest, Standing};
use crate::views::OfficeView;

/// The whole wizard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct OnboardingView {
    /// Which of two answers is the newer one, however they overtake each other on the way: the greater number.
    pub revision: u32,
    /// Something was typed or ticked before.
    pub started: bool,
    /// Everything is done.
    pub done: bool,
    /// What was typed.
    pub draft: Draft,
    /// The map, in order.
    pub steps: Vec<OnboardingStepView>,
    /// The step to open: the current one, or the one that waits.
    pub open: StepId,
    /// What is wrong with what was typed.
    pub remarks: Vec<Remark>,
    /// All prefectures; the invented one in a demonstration only.
    pub prefectures: Vec<PrefectureView>,
    /// How far the table of prefectures can be relied on.
    pub prefectures_source: String,
    /// Months that can be chosen for the first claim, and those around them that cannot.
    pub months: Vec<FirstMonthView>,
    /// The plan of the chosen month, or of the first possible one.
    pub plan: Option<PlanView>,
    /// Why the chosen month cannot be kept, and which one can.
    pub plan_problem: Option<String>,
    /// Cautions that have to be read.
    pub cautions: Vec<String>,
    /// What it costs.
    pub fees: FeesView,
    /// The operator, once the relay has told who it is.
    pub operator: Option<OperatorView>,
    /// Applications, oldest first.
    pub applications: Vec<ApplicationView>,
    /// IDs and temporary passwords can be fetched.
    pub letters_ready: bool,
    /// Offices of the account without a 地域区分.
    pub without_region: Vec<OfficeView>,
    /// Offices of the account.
    pub offices: Vec<OfficeView>,
    /// Latest test transmission.
    pub test: Option<TestTransmissionView>,
    /// What can change later.
    pub changes: Vec<LaterChangeView>,
    /// What is being asked for later, as it was typed.
    pub change: ChangeRequest,
    /// What is wrong with it.
    pub change_remarks: Vec<Remark>,
    /// Who to call for what: the operator's own desks first.
    pub desks: Vec<Desk>,
    /// How far the public desks can be relied on.
    pub desks_source: String,
}

/// A step of the map.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct OnboardingStepView {
    /// Which.
    pub id: StepId,
    /// Name.
    pub title: String,
    /// Where it stands.
    pub state: StepState,
    /// Who acts.
    pub who: Actor,
    /// By when.
    pub date: Option<String>,
    /// Days until then; negative when it is over.
    pub days_left: Option<i32>,
    /// The date rests on published holidays.
    pub certain: bool,
    /// What it waits for.
    pub waits: String,
}

/// A prefecture and its 国保連.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct PrefectureView {
    /// Two digits.
    pub code: String,
    /// Name.
    pub name: String,
    /// 国保連.
    pub kokuhoren: String,
    /// Telephone.
    pub phone: String,
    /// Section.
    pub section: String,
    /// It wants to be called before the filing.
    pub call_first: bool,
    /// Days of the month that its 国保連 has set, in words; empty without any.
    pub days: String,
}

/// A month that can or cannot be chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct FirstMonthView {
    /// Processing month of the first claim.
    pub month: String,
    /// Service month that is claimed then.
    pub service_month: String,
    /// Last day to apply; `null` on the way of the own claim.
    pub apply_by: Option<String>,
    /// Why it cannot be chosen.
    pub problem: Option<String>,
}

/// The plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct PlanView {
    /// Processing month of the first claim.
    pub first_claim: String,
    /// First day of use; `null` on the way of the own claim.
    pub start: Option<String>,
    /// Last day to apply.
    pub apply_by: Option<String>,
    /// First debit.
    pub first_debit: Option<String>,
    /// All dates, ascending.
    pub items: Vec<PlanItemView>,
    /// Months whose claims go on a disc.
    pub gap: Vec<String>,
    /// A date rests on holidays that are not published yet.
    pub provisional: bool,
}

/// A date of the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct PlanItemView {
    /// Step.
    pub step: StepId,
    /// Day.
    pub date: String,
    /// What.
    pub title: String,
    /// Why.
    pub note: String,
    /// Who.
    pub who: Actor,
    /// A rule; otherwise a good day.
    pub rule: bool,
    /// Rests on published holidays.
    pub certain: bool,
}

/// What it costs, per office and with tax.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct FeesView {
    /// Per month.
    #[specta(type = Number)]
    pub monthly: i64,
    /// Once.
    #[specta(type = Number)]
    pub registration: i64,
    /// Return option, per month.
    #[specta(type = Number)]
    pub option_monthly: i64,
    /// Return option, once.
    #[specta(type = Number)]
    pub option_registration: i64,
    /// First debit of the offices of the draft.
    #[specta(type = Number)]
    pub first_debit: i64,
    /// Each later debit.
    #[specta(type = Number)]
    pub monthly_debit: i64,
    /// The operator has told them; otherwise they are the usual ones.
    pub told: bool,
}

/// The operator of the relay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct OperatorView {
    /// Name of the service.
    pub service: String,
    /// Name of its corporation.
    pub name: String,
    /// Postal code of the place that the 委任状 is posted to, `999-0001`.
    pub postal_code: String,
    /// Its address.
    pub address: String,
    /// Name on the envelope.
    pub addressee: String,
    /// The profile is an example.
    pub sample: bool,
    /// 利用規約; `null` when they are handed out on paper.
    pub terms: Option<TermsView>,
    /// 個人情報の取り扱い.
    pub privacy: Option<TermsView>,
}

/// A text that an applicant agrees to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct TermsView {
    /// Names the wording.
    pub version: String,
    /// Paragraphs; an empty line parts them.
    pub text: String,
}

/// A photo of a sealed paper.
#[derive(Clone, PartialEq, Eq, Serialize, Type)]
pub struct PictureView {
    /// When it was kept.
    pub kept_at: String,
    /// The picture as a `data:` address.
    pub data: String,
}

/// An application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct ApplicationView {
    /// Names it.
    pub id: String,
    /// 受付番号; empty until the relay has answered.
    pub number: String,
    /// `new`, `add_offices`, `change`, `stop`, `option` or `changed_number`.
    pub kind: String,
    /// What it is about, in words.
    pub title: String,
    /// `sending`, `open`, `completed`, `declined` or `withdrawn`.
    pub state: String,
    /// When the relay took it.
    pub received: Option<String>,
    /// By when the IDs are to be expected.
    pub credentials_expected: Option<String>,
    /// What became of each office.
    pub offices: Vec<OfficeProgressView>,
    /// Why it was declined.
    pub reason: Option<String>,
}

/// What became of an office of an application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct OfficeProgressView {
    /// 事業所番号.
    pub number: String,
    /// 事業所名.
    pub name: String,
    /// State of its 委任状: `not_needed`, `waiting`, `received`, `defective` or `accepted`.
    pub poa: String,
    /// What is wrong with it.
    pub reason: Option<String>,
    /// When the photo of the sealed paper was kept; `null` without one.
    pub photo: Option<String>,
}

/// A test transmission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct TestTransmissionView {
    /// SHA-256: the id of the submission.
    pub id: String,
    /// Where it stands, in words.
    pub state_word: String,
    /// It was not accepted.
    pub failed: bool,
}

/// Something that can change later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct LaterChangeView {
    /// Which.
    pub change: Change,
    /// Name.
    pub title: String,
    /// Last day in the present round.
    pub due: Option<String>,
    /// The day rests on published holidays.
    pub certain: bool,
    /// When it takes effect and what it costs.
    pub effect: String,
    /// What to prepare.
    pub how: String,
}

/// IDs with their temporary passwords. Kept nowhere; `Debug` is left out on purpose.
#[derive(Clone, Serialize, Type)]
pub struct LettersView {
    /// First day of use.
    pub usable_from: String,
    /// One per ID: the 法人用ID first.
    pub letters: Vec<LetterView>,
}

/// One ID.
#[derive(Clone, Serialize, Type)]
pub struct LetterView {
    /// 法人番号 of the contract; it belongs to the ID.
    pub corporation_number: String,
    /// 事業所番号 of a 事業所用ID; `null` for the 法人用ID.
    pub office: Option<String>,
    /// 事業所名.
    pub office_name: Option<String>,
    /// ID.
    pub login_id: String,
    /// Temporary password.
    pub password: String,
}

/// The wizard after pasting, and what became of the rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct PastedView {
    /// The wizard.
    pub onboarding: OnboardingView,
    /// What became of the rows.
    pub pasted: Pasted,
}

/// Months that are offered.
const MONTHS_OFFERED: i32 = 6;

pub(super) fn view(standing: &Standing) -> OnboardingView {
    let remarks = standing.remarks();
    let (plan, forbidden) = match standing.plan() {
        Ok(plan) => (plan, None),
        Err(forbidden) => (None, Some(forbidden)),
    };
    let steps = onboarding::steps(&standing.draft, &remarks, &standing.facts, plan.as_ref());
    let open = steps
        .iter()
        .find(|step| step.state == StepState::Current)
        .or_else(|| steps.iter().find(|step| step.state == StepState::Waiting))
        .or(steps.last())
        .map_or(StepId::Route, |step| step.id);
    let (fees, count) = (standing.fees(), standing.draft.offices.len());
    let option = standing.draft.option;
    OnboardingView {
        revision: standing.revision,
        started: !standing.draft.is_empty(),
        done: steps.iter().all(|step| step.state == StepState::Done),
        draft: standing.draft.clone(),
        steps: steps
            .iter()
            .map(|step| OnboardingStepView {
                id: step.id,
                title: step.id.title().to_owned(),
                state: step.state,
                who: step.who,
                date: step.date.map(|date| date.to_string()),
                days_left: step.date.map(|date| (date - standing.today).num_days() as i32),
                certain: step.certain,
                waits: step.waits.clone(),
            })
            .collect(),
        open,
        remarks,
        prefectures: prefectures(standing),
        prefectures_source: onboarding::PREFECTURES_SOURCE.to_owned(),
        months: months(standing),
        plan_problem: forbidden.map(|forbidden| replanned(&forbidden, standing)),
        plan: plan.as_ref().map(plan_view),
        cautions: onboarding::cautions(&standing.draft)
            .filter_map(|prefecture| prefecture.caution().map(str::to_owned))
            .take(1)
            .collect(),
        fees: FeesView {
            monthly: fees.monthly.0,
            registration: fees.registration.0,
            option_monthly: fees.option_monthly.0,
            option_registration: fees.option_registration.0,
            first_debit: fees.first_debit(count, option).0,
            monthly_debit: fees.monthly_debit(count, option).0,
            told: standing.operator.is_some(),
        },
        operator: standing.operator.as_ref().map(|operator| OperatorView {
            service: operator.service_name.clone(),
            name: operator.agent.corporation_name.clone(),
            postal_code: onboarding::postal_code(&operator.poa_return.postal_code).unwrap_or_default(),
            address: operator.poa_return.address.clone(),
            addressee: operator.poa_return.addressee.clone(),
            sample: operator.sample,
            terms: operator.terms.as_ref().map(terms),
            privacy: operator.privacy.as_ref().map(terms),
        }),
        applications: standing.applied.list.iter().map(|sent| application(sent, &standing.photos)).collect(),
        letters_ready: standing.applied.starting().any(|(_, answer)| {
            answer.credentials.as_ref().is_some_and(|credentials| credentials.state == CredentialsState::Issued)
        }),
        without_region: standing
            .offices
            .iter()
            .filter(|(number, _)| standing.without_region.contains(number))
            .map(office_name)
            .collect(),
        offices: standing.offices.iter().map(office_name).collect(),
        test: standing.test.clone().map(|(id, state_word, failed)| TestTransmissionView { id, state_word, failed }),
        changes: onboarding::changes(standing.today, &standing.rules().calendar, &fees)
            .into_iter()
            .map(|rule| LaterChangeView {
                change: rule.change,
                title: rule.title.to_owned(),
                due: rule.due.map(|due| due.date.to_string()),
                certain: rule.due.is_none_or(|due| due.certain),
                effect: rule.effect,
                how: rule.how.to_owned(),
            })
            .collect(),
        change: standing.change.clone(),
        change_remarks: super::changing::remarks(&standing.change, standing),
        desks: desks(standing),
        desks_source: onboarding::DESKS_SOURCE.to_owned(),
    }
}

fn terms(terms: &Terms) -> TermsView {
    TermsView { version: terms.version.clone(), text: terms.text.clone() }
}

fn office_name((number, name): &(String, String)) -> OfficeView {
    OfficeView { number: number.clone(), name: name.clone() }
}

fn prefectures(standing: &Standing) -> Vec<PrefectureView> {
    let rules = standing.rules();
    onboarding::PREFECTURES
        .iter()
        .chain(standing.practice.then_some(&onboarding::PRACTICE))
        .map(|prefecture| {
            let filing =
                prefecture.filing_day().map(|day| format!("届け出は、はじめて請求する月の前の月の{day}日まで。"));
            let agent = rules.agent_day(prefecture).map(|day| format!("代理人の登録は、前の月の{day}日まで。"));
            PrefectureView {
                code: prefecture.code.to_owned(),
                name: prefecture.name.to_owned(),
                kokuhoren: prefecture.kokuhoren(),
                phone: prefecture.phone.to_owned(),
                section: prefecture.section.to_owned(),
                call_first: prefecture.call_first,
                days: [filing, agent, calendar::hours_text(prefecture.code)].into_iter().flatten().collect(),
            }
        })
        .collect()
}

fn months(standing: &Standing) -> Vec<FirstMonthView> {
    let Ok(first) = Month::of(standing.today) else { return Vec::new() };
    let rules = standing.rules();
    // From next month on: this month's services are claimed then at the earliest.
    (1..=MONTHS_OFFERED)
        .map(|later| first.plus(later))
        .map(|month| {
            let plan = onboarding::plan(month, &standing.draft, &standing.facts, standing.today, &rules);
            FirstMonthView {
                month: month.to_string(),
                service_month: month.plus(-1).to_string(),
                apply_by: rules.calendar.start_for_first_claim(month).map(|start| start.apply_by.date.to_string()),
                problem: plan.err().map(|forbidden| forbidden.text()),
            }
        })
        .collect()
}

/// Says why the month slips and what can be kept instead.
fn replanned(forbidden: &Forbidden, standing: &Standing) -> String {
    let earliest = onboarding::earliest(&standing.draft, &standing.facts, standing.today, &standing.rules())
        .map(calendar::wareki_month);
    let next = earliest
        .map_or_else(String::new, |month| format!("いちばん早いのは{month}の請求です。月を選び直してください。"));
    let applied = if standing.facts.applied.is_some() {
        "申し込みの開始月も変わるため、運営者に電話してください。"
    } else {
        ""
    };
    format!("{}{next}{applied}", forbidden.text())
}

pub(super) fn plan_view(plan: &Plan) -> PlanView {
    PlanView {
        first_claim: plan.first_claim.to_string(),
        start: plan.start.map(|start| start.start.to_string()),
        apply_by: plan.start.map(|start| start.apply_by.date.to_string()),
        first_debit: plan.start.map(|start| start.first_debit.date.to_string()),
        items: plan
            .items
            .iter()
            .map(|item| PlanItemView {
                step: item.step,
                date: item.date.to_string(),
                title: item.title.clone(),
                note: item.note.clone(),
                who: item.who,
                rule: item.firmness == Firmness::Rule,
                certain: item.certain,
            })
            .collect(),
        gap: plan.gap.iter().map(ToString::to_string).collect(),
        provisional: plan.items.iter().any(|item| !item.certain),
    }
}

fn application(sent: &Sent, photos: &[SealedPhoto]) -> ApplicationView {
    use relay_api::applications::Request;
    let (kind, title) = match &sent.new.request {
        Request::New { offices, .. } => ("new", format!("新規のお申込み（{}事業所）", offices.len())),
        Request::AddOffices { offices, .. } => ("add_offices", format!("事業所の追加（{}事業所）", offices.len())),
        Request::Change { .. } => ("change", "内容の変更".to_owned()),
        Request::Stop { offices, .. } => ("stop", format!("利用の終了（{}事業所）", offices.len())),
        Request::Option { offices, .. } => ("option", format!("返戻管理の追加（{}事業所）", offices.len())),
        Request::ChangedNumber { former, office, .. } => {
            ("changed_number", format!("事業所番号の変更（{former}から{}へ）", office.number))
        }
    };
    let answer = sent.answer.as_ref();
    ApplicationView {
        id: sent.id.clone(),
        number: answer.map(|answer| answer.number.clone()).unwrap_or_default(),
        kind: kind.to_owned(),
        title,
        state: answer
            .map_or("sending", |answer| match answer.state {
                ApplicationState::Open => "open",
                ApplicationState::Completed => "completed",
                ApplicationState::Declined => "declined",
                ApplicationState::Withdrawn => "withdrawn",
            })
            .to_owned(),
        received: answer.map(|answer| answer.received_at.clone()),
        credentials_expected: answer
            .and_then(|answer| answer.credentials.as_ref())
            .map(|credentials| credentials.expected_on.clone()),
        offices: answer.map(|answer| progress(sent, answer, photos)).unwrap_or_default(),
        reason: answer
            .filter(|answer| answer.state == ApplicationState::Declined)
            .and_then(|answer| answer.events.last()?.reason.clone()),
    }
}

/// Returns what became of each office of an application, in its order.
pub(super) fn progress(sent: &Sent, answer: &Application, photos: &[SealedPhoto]) -> Vec<OfficeProgressView> {
    use relay_api::applications::Request;
    let named = match &answer.applied.request {
        Request::New { offices, .. } | Request::AddOffices { offices, .. } | Request::Change { offices, .. } => {
            offices.as_slice()
        }
        Request::ChangedNumber { office, .. } => std::slice::from_ref(office),
        Request::Stop { .. } | Request::Option { .. } => &[],
    };
    answer
        .offices
        .iter()
        .map(|office| OfficeProgressView {
            number: office.office.clone(),
            name: named
                .iter()
                .find(|named| named.number == office.office)
                .map(|named| named.name.clone())
                .unwrap_or_default(),
            poa: match office.poa.state {
                PoaState::NotNeeded => "not_needed",
                PoaState::Waiting => "waiting",
                PoaState::Received => "received",
                PoaState::Defective => "defective",
                PoaState::Accepted => "accepted",
            }
            .to_owned(),
            reason: office.poa.reason.clone(),
            photo: photos
                .iter()
                .find(|photo| photo.application == sent.id && photo.office == office.office)
                .map(|photo| photo.kept_at.format("%Y-%m-%d").to_string()),
        })
        .collect()
}

/// Who to call: the operator, the 国保連 of the offices, the public desks.
fn desks(standing: &Standing) -> Vec<Desk> {
    let own = standing.operator.iter().flat_map(|operator| {
        operator.contacts.iter().map(|contact| Desk {
            about: contact.purpose.clone(),
            name: operator.service_name.clone(),
            phone: contact.phone.clone().unwrap_or_default(),
            fax: String::new(),
            email: contact.email.clone().unwrap_or_default(),
            hours: contact.hours.clone(),
        })
    });
    let kokuhoren =
        onboarding::prefectures(&standing.draft).into_iter().filter(|prefecture| !prefecture.phone.is_empty());
    let kokuhoren = kokuhoren.map(|prefecture| Desk {
        about: "届け出・審査の結果".to_owned(),
        name: format!(
            "{}{}",
            prefecture.kokuhoren(),
            if prefecture.section.is_empty() { String::new() } else { format!("（{}）", prefecture.section) }
        ),
        phone: prefecture.phone.to_owned(),
        fax: String::new(),
        email: String::new(),
        hours: "国保連のホームページで確かめてください".to_owned(),
    });
    own.chain(kokuhoren).chain(onboarding::public_desks()).collect()
}
