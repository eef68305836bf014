//! The map: what is done, what is next, what waits for whom.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::check::Remark;
use crate::draft::{Draft, Route, Task};
use crate::plan::Plan;

/// A step of the way, in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum StepId {
    /// 請求のしかたを選ぶ.
    Route,
    /// 国保連に電話する.
    Call,
    /// 国保連に届け出る.
    Filing,
    /// ユーザーIDを写す.
    UserIds,
    /// 法人と事業所.
    Corporation,
    /// はじめて請求する月.
    Month,
    /// 確かめて申し込む.
    Apply,
    /// 委任状を印刷して印を押す.
    PowerOfAttorney,
    /// 委任状を郵送する.
    Post,
    /// IDを受け取り、ログインする.
    Credentials,
    /// 地域区分を決める.
    Regions,
    /// テスト送信をする.
    Test,
    /// 準備ができました.
    Done,
    /// Own claim: パソコンを確かめる.
    OwnComputer,
    /// Own claim: 国保連に届け出る.
    OwnFiling,
    /// Own claim: 電子請求受付システムにログインする.
    OwnSignIn,
    /// Own claim: 電子証明書を入れる.
    OwnCertificate,
    /// Own claim: 統合インストーラを動かす.
    OwnInstaller,
}

/// Who acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// The clerk.
    You,
    /// 国保連.
    Kokuhoren,
    /// The operator of the relay.
    Operator,
}

/// Where a step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum StepState {
    /// Done.
    Done,
    /// The one to do now.
    Current,
    /// Somebody else acts; nothing can be done meanwhile.
    Waiting,
    /// Comes later.
    Ahead,
}

/// What the program knows without asking the clerk.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own; they do not exclude each other")]
pub struct Facts {
    /// When the relay took the application.
    pub applied: Option<NaiveDate>,
    /// A 委任状 came back as defective.
    pub defective: bool,
    /// Every 委任状 has arrived at the operator.
    pub received: bool,
    /// Every 委任状 is accepted.
    pub accepted: bool,
    /// The credentials were issued.
    pub issued: bool,
    /// An account is signed in, with a password of its own.
    pub signed_in: bool,
    /// Every office has its 地域区分.
    pub regions: bool,
    /// A test transmission is under way.
    pub testing: bool,
    /// A test transmission was accepted.
    pub tested: bool,
}

/// A step as the map shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Which.
    pub id: StepId,
    /// Where it stands.
    pub state: StepState,
    /// Who acts.
    pub who: Actor,
    /// By when.
    pub date: Option<NaiveDate>,
    /// The date is sure.
    pub certain: bool,
    /// What it waits for; empty when it waits for nothing.
    pub waits: String,
}

impl StepId {
    /// Returns its name.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Route => "請求のしかたを選ぶ",
            Self::Call => "国保連に電話する",
            Self::Filing | Self::OwnFiling => "国保連に届け出る",
            Self::UserIds => "ユーザーIDを写す",
            Self::Corporation => "法人と事業所を入れる",
            Self::Month => "はじめて請求する月を選ぶ",
            Self::Apply => "確かめて申し込む",
            Self::PowerOfAttorney => "委任状に印を押す",
            Self::Post => "委任状を郵送する",
            Self::Credentials => "ログインする",
            Self::Regions => "地域区分を決める",
            Self::Test => "テスト送信をする",
            Self::Done => "準備ができました",
            Self::OwnComputer => "パソコンを確かめる",
            Self::OwnSignIn => "受付システムに入る",
            Self::OwnCertificate => "電子証明書を入れる",
            Self::OwnInstaller => "送信のしくみを入れる",
        }
    }

    const fn task(self) -> Option<Task> {
        match self {
            Self::PowerOfAttorney => Some(Task::Sealed),
            Self::Post => Some(Task::Posted),
            Self::OwnComputer => Some(Task::OwnComputer),
            Self::OwnFiling => Some(Task::OwnFiling),
            Self::OwnSignIn => Some(Task::OwnSignIn),
            Self::OwnCertificate => Some(Task::OwnCertificate),
            Self::OwnInstaller => Some(Task::OwnInstaller),
            _ => None,
        }
    }
}

/// Steps of the way through the relay.
const PROXY: [StepId; 13] = [
    StepId::Route,
    StepId::Call,
    StepId::Filing,
    StepId::UserIds,
    StepId::Corporation,
    StepId::Month,
    StepId::Apply,
    StepId::PowerOfAttorney,
    StepId::Post,
    StepId::Credentials,
    StepId::Regions,
    StepId::Test,
    StepId::Done,
];

/// Steps of the own claim: the five of its guide, after the choice.
const OWN: [StepId; 6] = [
    StepId::Route,
    StepId::OwnComputer,
    StepId::OwnFiling,
    StepId::OwnSignIn,
    StepId::OwnCertificate,
    StepId::OwnInstaller,
];

/// Draws the map.
pub fn steps(draft: &Draft, remarks: &[Remark], facts: &Facts, plan: Option<&Plan>) -> Vec<Step> {
    let way: &[StepId] = if draft.route == Some(Route::Own) { &OWN } else { &PROXY };
    let mut list: Vec<Step> = way
        .iter()
        .map(|id| {
            let waits = waits(*id, draft, facts);
            let due = plan.and_then(|plan| plan.items.iter().find(|item| item.step == *id && item.who == Actor::You));
            let due = due.or_else(|| plan.and_then(|plan| plan.items.iter().find(|item| item.step == *id)));
            Step {
                id: *id,
                state: if is_done(*id, draft, remarks, facts) { StepState::Done } else { StepState::Ahead },
                who: waits.map_or(Actor::You, |(who, _)| who),
                date: due.map(|due| due.date),
                certain: due.is_none_or(|due| due.certain),
                waits: waits.map_or("", |(_, text)| text).to_owned(),
            }
        })
        .collect();
    let Some(first) = list.iter().position(|step| step.state == StepState::Ahead) else { return list };
    if list[first].waits.is_empty() {
        list[first].state = StepState::Current;
        return list;
    }
    list[first].state = StepState::Waiting;
    // While 国保連 takes its time, the clerk goes on with what comes before the application; the rest follows in order.
    let form = |step: &Step| step.state == StepState::Ahead && step.id < StepId::Apply;
    if let Some(next) = list.iter().position(form) {
        list[next].state = StepState::Current;
    }
    list
}

/// Who has to act before the clerk can go on with a step.
fn waits(id: StepId, draft: &Draft, facts: &Facts) -> Option<(Actor, &'static str)> {
    match id {
        StepId::UserIds
            if !draft.filed.is_empty() && draft.offices.iter().all(|office| office.user_id.trim().is_empty()) =>
        {
            Some((Actor::Kokuhoren, "国保連から「電子請求登録結果に関するお知らせ」が届くのを待っています。"))
        }
        StepId::Post if draft.ticked.contains_key(&Task::Posted) && !facts.defective && !facts.accepted => {
            let text = if facts.received {
                "委任状が届き、運営者が確かめています。"
            } else {
                "委任状が運営者に届くのを待っています。"
            };
            Some((Actor::Operator, text))
        }
        StepId::Credentials if !facts.issued && !facts.signed_in => {
            Some((Actor::Operator, "運営者からログインのIDと仮のパスワードが届くのを待っています。"))
        }
        StepId::Test if facts.testing && !facts.tested => {
            Some((Actor::Kokuhoren, "テストのファイルを送りました。結果が戻るのを待っています。"))
        }
        _ => None,
    }
}

fn is_done(id: StepId, draft: &Draft, remarks: &[Remark], facts: &Facts) -> bool {
    let clear = !remarks.iter().any(|remark| remark.step == id && remark.blocks);
    match id {
        StepId::Route | StepId::Call | StepId::Filing | StepId::UserIds | StepId::Corporation | StepId::Month => {
            clear || facts.applied.is_some() || facts.signed_in
        }
        StepId::Apply => facts.applied.is_some() || facts.signed_in,
        StepId::PowerOfAttorney => {
            (id.task().is_some_and(|task| draft.ticked.contains_key(&task)) && !facts.defective)
                || facts.accepted
                || facts.signed_in
        }
        StepId::Post => facts.accepted || facts.signed_in,
        StepId::Credentials => facts.signed_in,
        StepId::Regions => facts.signed_in && facts.regions,
        StepId::Test => facts.tested,
        StepId::Done => facts.tested && facts.signed_in && facts.regions,
        StepId::OwnComputer | StepId::OwnFiling | StepId::OwnSignIn | StepId::OwnCertificate | StepId::OwnInstaller => {
            id.task().is_some_and(|task| draft.ticked.contains_key(&task))
        }
    }
}
