use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use specta::Type;

/// Everything that a clerk has typed or ticked, exactly as it was typed. Half of a form is kept like a whole one, so that
/// nothing is lost on a way back, a crash or a power cut; [`check`](crate::check) says what is wrong with it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
#[expect(clippy::struct_excessive_bools, reason = "each is a box to tick on a form")]
pub struct Draft {
    /// How claims will be sent（O01）.
    pub route: Option<Route>,
    /// How claims are sent today（O41, O42）.
    pub present: Option<Present>,
    /// Last day on which the present agent still acts, as typed; empty when there is none.
    pub released: String,
    /// Numbers of the prefectures that the offices lie in.
    pub prefectures: Vec<String>,
    /// Calls to the 国保連, by number of the prefecture.
    pub calls: BTreeMap<String, Call>,
    /// When the filing was made, by number of the prefecture; as typed.
    pub filed: BTreeMap<String, String>,
    /// The corporation and who to reach there.
    pub corporation: Corporation,
    /// The offices, in the order of the application.
    pub offices: Vec<Office>,
    /// Processing month of the first claim, `YYYY-MM`; empty until chosen.
    pub first_claim: String,
    /// The return option（返戻管理）is ordered too（C10, C21）.
    pub option: bool,
    /// The operator's terms were read and agreed to（C24）.
    pub agreed_terms: bool,
    /// The use of personal data was agreed to（C24）.
    pub agreed_privacy: bool,
    /// Wording of the terms that was agreed to, as the operator names it; empty when there was none to read.
    pub terms_version: String,
    /// Wording of the privacy notice that was agreed to; empty when there was none to read.
    pub privacy_version: String,
    /// The cautions of 大阪 and 兵庫 were read（O21）.
    pub agreed_caution: bool,
    /// Steps that a person has ticked, and when: `YYYY-MM-DD` by [`Task`].
    pub ticked: BTreeMap<Task, String>,
}

/// How an office sends its claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Route {
    /// 代理請求: through the relay, with the certificate of its operator.
    Proxy,
    /// 事業所請求: by itself, with a certificate of its own.
    Own,
}

/// How an office has sent its claims so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Present {
    /// Not at all: a new office.
    New,
    /// On a disc or on paper.
    Media,
    /// By itself, with a certificate of its own.
    Own,
    /// Through another agent, whose authority must end first.
    Agent,
}

/// A call to a 国保連.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Call {
    /// Day, as typed.
    pub on: String,
    /// Who answered.
    pub person: String,
    /// What was said.
    pub note: String,
}

/// The corporation（法人）as the application and the 委任状 show it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Corporation {
    /// 法人名.
    pub name: String,
    /// Postal code.
    pub postal_code: String,
    /// Address.
    pub address: String,
    /// Title of the representative, for example `代表取締役`.
    pub title: String,
    /// Name of the representative.
    pub representative: String,
    /// Person in charge of the claims.
    pub contact: String,
    /// Telephone.
    pub phone: String,
    /// E-mail to which the operator writes.
    pub email: String,
    /// The same once more.
    pub email_again: String,
}

/// An office of the application.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Office {
    /// 事業所番号.
    pub number: String,
    /// 事業所名.
    pub name: String,
    /// Postal code.
    pub postal_code: String,
    /// Address.
    pub address: String,
    /// ユーザーID of the letter from 国保連.
    pub user_id: String,
    /// The same once more.
    pub user_id_again: String,
}

/// What only a person can say to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// The papers were sealed with the seal of the filing.
    Sealed,
    /// The papers were posted.
    Posted,
    /// Own claim: the computer was looked at.
    OwnComputer,
    /// Own claim: filed.
    OwnFiling,
    /// Own claim: signed in at the 電子請求受付システム.
    OwnSignIn,
    /// Own claim: the certificate is installed.
    OwnCertificate,
    /// Own claim: the installer has run and the claim software is set.
    OwnInstaller,
}

impl Draft {
    /// Returns whether nothing was typed or ticked yet.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
