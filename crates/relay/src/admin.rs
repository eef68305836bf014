//! What the operator does: corporations, offices, IDs and their letters.

use kokuho::OfficeNumber;
use relay_api::Office;

use crate::failure::Failure;
use crate::storage::{AddError, CorporationRow, DebitAccount, NewContract};
use crate::{Relay, password, session};

/// Why the operator's command was not done.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    /// 法人番号 of the contract has another shape.
    #[error("法人番号は数字4桁から13桁です")]
    CorporationNumber,
    /// Not a 事業所番号.
    #[error("事業所番号が正しくありません（10桁、検査数字を含む）")]
    OfficeNumber,
    /// Not an ID.
    #[error("IDは英小文字・数字・ハイフンで4文字から32文字です")]
    LoginId,
    /// A name is empty.
    #[error("名称が空です")]
    Name,
    /// It is there already.
    #[error("すでに登録されています")]
    Exists,
    /// What it belongs to is not there.
    #[error("見つかりません。法人番号、事業所番号、IDをお確かめください")]
    NotFound,
    /// Not a 受付番号 of an application.
    #[error("受付番号は「M」と数字8桁です（例：M00000012）")]
    ApplicationNumber,
    /// The application is completed, declined or withdrawn.
    #[error("この申込みは、もう終わっています（完了・お断り・取下げ）")]
    Closed,
    /// It is not this kind's way, or not its turn.
    #[error("いまはできません。申込みの種類と、委任状・代理人登録の状態をお確かめください")]
    NotNow,
    /// An office still lacks something.
    #[error("事業所{0}の準備が終わっていません。委任状の受理、代理人の登録、契約をお確かめください")]
    OfficeNotReady(String),
    /// No certificate has room.
    #[error("空きのある証明書がありません（1つの証明書で100事業所まで。期限切れのものは使えません）")]
    NoRoom,
    /// A reason is missing.
    #[error("理由を書いてください。申込者にそのまま表示されます")]
    Reason,
    /// The profile makes no sense.
    #[error("運営者情報が正しくありません：{0}")]
    Profile(String),
    /// A field of a debit account makes no sense.
    #[error("口座が正しくありません：{0}")]
    DebitAccount(&'static str),
    /// The fees of this month were not charged yet.
    #[error("{0}分の利用料は、まだ計算していません。先に fee run を使ってください")]
    NotCharged(String),
    /// Not a month that fees can be charged for.
    #[error("まだ始まっていない月か、計算できない月です")]
    Month,
    /// A later month was charged before.
    #[error("{0}分まで計算が済んでいます。それより前の月は、もう計算できません")]
    LaterRun(String),
    /// The password could not be hashed.
    #[error(transparent)]
    Failure(#[from] Failure),
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] crate::storage::Error),
}

impl From<AddError> for AdminError {
    fn from(error: AddError) -> Self {
        match error {
            AddError::Exists => Self::Exists,
            AddError::NotFound => Self::NotFound,
            AddError::Storage(error) => Self::Storage(error),
        }
    }
}

/// What a welcome letter says.
#[derive(Clone, PartialEq, Eq)]
pub struct Letter {
    /// 法人名.
    pub corporation_name: String,
    /// 法人番号 of the relay's contract.
    pub corporation_number: String,
    /// 事業所番号 and 事業所名, for a 事業所用ID.
    pub office: Option<Office>,
    /// The ID.
    pub login_id: String,
    /// Temporary password; `None` in a letter that is printed again, because nobody knows it any more.
    pub password: Option<String>,
    /// Address of the relay.
    pub address: Option<String>,
}

impl Letter {
    /// Writes the letter.
    pub fn text(&self) -> String {
        let kind = match &self.office {
            None => "法人用ID（すべての事業所）".to_owned(),
            Some(office) => format!("事業所用ID（{} {}）", office.number, office.name),
        };
        let password = self.password.as_deref().unwrap_or("（はじめにお送りしたお知らせをご覧ください）");
        let address = self.address.as_ref().map(|address| format!("接続先　　　　{address}\n")).unwrap_or_default();
        format!(
            "ログイン情報のお知らせ\n\
             \n\
             {name} 御中\n\
             \n\
             「とどけ」にログインするための情報をお知らせします。\n\
             \n\
             法人番号　　　{number}\n\
             ID　　　　　　{login}\n\
             仮パスワード　{password}\n\
             種類　　　　　{kind}\n\
             {address}\
             \n\
             ・はじめてログインすると、新しいパスワードを決める画面が出ます（12文字以上）。\n\
             ・パスワードを5回続けて間違えると、30分のあいだログインできなくなります（続くたびに長くなります）。\n\
             ・このお知らせは、ほかの人の目に触れない場所に保管してください。\n",
            name = self.corporation_name,
            number = self.corporation_number,
            login = self.login_id,
        )
    }
}

impl Relay {
    /// Adds a corporation. `number` is the 法人番号 of the relay's contract, 4 to 13 digits.
    pub async fn add_corporation(&self, number: &str, name: &str) -> Result<(), AdminError> {
        check_corporation_number(number)?;
        let name = checked_name(name)?;
        Ok(self.storage().add_corporation(number.to_owned(), name, self.now()).await?)
    }

    /// Adds an office to a corporation, with the contract that fees and limits follow from.
    ///
    /// # Errors
    ///
    /// Returns [`AdminError::NoRoom`] when the certificate has 100 offices or has expired.
    pub async fn add_office(
        &self,
        corporation_number: &str,
        number: &str,
        name: &str,
        contract: NewContract,
    ) -> Result<(), AdminError> {
        let number = OfficeNumber::parse(number).map_err(|_| AdminError::OfficeNumber)?;
        let office = Office { number: number.as_str().to_owned(), name: checked_name(name)? };
        let today = self.clock().business().date_naive().to_string();
        let corporation = corporation_number.to_owned();
        Ok(self.storage().add_office(corporation, office, contract, today, self.now()).await?)
    }

    /// Notes where the fees of a corporation are debited, in place of the account that was noted before: a corporation has
    /// one（features C08）.
    pub async fn set_debit_account(&self, corporation_number: &str, account: DebitAccount) -> Result<(), AdminError> {
        account.check().map_err(AdminError::DebitAccount)?;
        Ok(self.storage().set_debit_account(corporation_number.to_owned(), account, self.now()).await?)
    }

    /// Adds an ID with a temporary password: a 事業所用ID when `office` is given, else the 法人用ID, of which each
    /// corporation has one. A password is made up unless `password` is given.
    pub async fn add_login(
        &self,
        corporation_number: &str,
        login_id: &str,
        office: Option<&str>,
        password: Option<&str>,
    ) -> Result<Letter, AdminError> {
        check_login_id(login_id)?;
        let password = password.map_or_else(password::temporary, str::to_owned);
        let hash = self.hasher().hash(password.clone()).await?;
        let (number, id, office) = (corporation_number.to_owned(), login_id.to_owned(), office.map(str::to_owned));
        self.storage().add_login(number, id, office, hash, self.now()).await?;
        self.letter_with(corporation_number, login_id, Some(password)).await
    }

    /// Gives an ID a new temporary password, ends its sessions and lifts its lock-out.
    pub async fn reset_login(&self, corporation_number: &str, login_id: &str) -> Result<Letter, AdminError> {
        let password = password::temporary();
        let hash = self.hasher().hash(password.clone()).await?;
        let credential = session::credential(corporation_number, login_id);
        let (number, id) = (corporation_number.to_owned(), login_id.to_owned());
        self.storage().reset_login(number, id, credential, hash, self.now()).await?;
        self.letter_with(corporation_number, login_id, Some(password)).await
    }

    /// Makes a one-time code with which the person of an ID sets a new password. Returns it and the minutes that it is good
    /// for.
    pub async fn issue_reset_code_by_hand(
        &self,
        corporation_number: &str,
        login_id: &str,
    ) -> Result<(String, u32), AdminError> {
        let (code, hash, ends) = self.new_reset_code();
        let (number, id) = (corporation_number.to_owned(), login_id.to_owned());
        if self.storage().issue_reset_code_by_hand(number, id, hash, ends, self.now()).await? {
            Ok((code, session::RESET_MINUTES))
        } else {
            Err(AdminError::NotFound)
        }
    }

    /// Writes the letter of an ID again, without its password.
    pub async fn letter(&self, corporation_number: &str, login_id: &str) -> Result<Letter, AdminError> {
        self.letter_with(corporation_number, login_id, None).await
    }

    /// Lists all corporations with their offices and IDs.
    pub async fn corporations(&self) -> Result<Vec<CorporationRow>, AdminError> {
        Ok(self.storage().corporations().await?)
    }

    async fn letter_with(
        &self,
        corporation_number: &str,
        login_id: &str,
        password: Option<String>,
    ) -> Result<Letter, AdminError> {
        let corporations = self.corporations().await?;
        let corporation =
            corporations.into_iter().find(|row| row.number == corporation_number).ok_or(AdminError::NotFound)?;
        let (login_id, office, _) =
            corporation.logins.into_iter().find(|(id, ..)| id == login_id).ok_or(AdminError::NotFound)?;
        let office = office.and_then(|number| corporation.offices.into_iter().find(|o| o.number == number));
        Ok(Letter {
            corporation_name: corporation.name,
            corporation_number: corporation.number,
            office,
            login_id,
            password,
            address: None,
        })
    }
}

pub(crate) fn check_login_id(login_id: &str) -> Result<(), AdminError> {
    let is_id = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let is_good = (4..=32).contains(&login_id.len()) && login_id.bytes().all(is_id);
    if is_good { Ok(()) } else { Err(AdminError::LoginId) }
}

pub(crate) fn check_corporation_number(number: &str) -> Result<(), AdminError> {
    let is_number = (4..=13).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
    if is_number { Ok(()) } else { Err(AdminError::CorporationNumber) }
}

pub(crate) fn checked_name(name: &str) -> Result<String, AdminError> {
    let name = name.trim();
    if name.is_empty() || name.chars().any(char::is_control) { Err(AdminError::Name) } else { Ok(name.to_owned()) }
}
