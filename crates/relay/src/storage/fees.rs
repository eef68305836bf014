//! Fees: what is due follows from the contracts; what was charged is kept and never charged again.

use calendar::Month;
use relay_api::applications::Fees;

use super::audit::{About, AuditEvent, audit};
use super::sql::{Row, Tx, values};
use super::{AddError, Error, Result, Storage};

/// Work by hand that costs（features C11, C12）.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExtraItem {
    /// パスワード再発行 that the operator did.
    PasswordByHand,
    /// 削除情報の復旧.
    Recovery,
}

impl ExtraItem {
    fn name(self) -> &'static str {
        match self {
            Self::PasswordByHand => "password_by_hand",
            Self::Recovery => "recovery",
        }
    }
}

/// A line of a fee run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeeLine {
    /// 法人番号 of the relay's contract.
    pub corporation_number: String,
    /// 法人名.
    pub corporation_name: String,
    /// 事業所番号.
    pub office: String,
    /// 事業所名.
    pub office_name: String,
    /// `monthly`, `registration`, `option_monthly`, `option_registration`, `password_by_hand` or `recovery`.
    pub item: String,
    /// Month that it is for, `YYYY-MM`.
    pub month: String,
    /// Yen, tax included.
    pub yen: i64,
}

/// Where the fees of a corporation are debited（口座振替）, in the shape of the banks' own files. `Debug` is left out on
/// purpose.
#[derive(Clone, PartialEq, Eq)]
pub struct DebitAccount {
    /// 金融機関コード: 4 digits.
    pub bank: String,
    /// 支店コード: 3 digits.
    pub branch: String,
    /// 預金種目.
    pub kind: AccountKind,
    /// 口座番号: 7 digits.
    pub number: String,
    /// 口座名義 in カナ, 1 to 48 characters.
    pub holder: String,
}

/// 預金種目.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountKind {
    /// 普通.
    Ordinary,
    /// 当座.
    Current,
}

impl DebitAccount {
    /// Says which field is wrong.
    pub(crate) fn check(&self) -> std::result::Result<(), &'static str> {
        let digits = |text: &str, count: usize| text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
        let is_kana = |c: char| matches!(c, 'ァ'..='ヶ' | 'ー' | 'ｦ'..='ﾟ' | 'A'..='Z' | '0'..='9');
        let is_sign = |c: char| "（）．－・　().-･ ".contains(c);
        let length = self.holder.chars().count();
        if !digits(&self.bank, 4) {
            Err("金融機関コードは数字4桁です")
        } else if !digits(&self.branch, 3) {
            Err("支店コードは数字3桁です")
        } else if !digits(&self.number, 7) {
            Err("口座番号は数字7桁です（足りないときは前に0を付けます）")
        } else if !(1..=48).contains(&length) || !self.holder.chars().all(|c| is_kana(c) || is_sign(c)) {
            Err("口座名義はカナと英大文字と数字で、48文字までです")
        } else {
            Ok(())
        }
    }
}

/// What is debited from one corporation for a run.
pub struct Debit {
    /// 法人番号 of the relay's contract.
    pub corporation_number: String,
    /// 法人名.
    pub corporation_name: String,
    /// Sum of the run's lines, tax included.
    pub yen: i64,
    /// Where from; `None` while it was not noted.
    pub account: Option<DebitAccount>,
}

/// Why a fee was not noted or charged. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum FeeRefusal {
    /// No such office.
    #[error("not found")]
    NotFound,
    /// A later month was charged before, with everything that was due by then.
    #[error("{0} was charged before")]
    LaterRun(String),
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] Error),
}

impl Storage {
    /// Notes work by hand, to be charged with the run of `month`.
    pub async fn note_extra_fee(
        &self,
        office: String,
        item: ExtraItem,
        month: Month,
        now: i64,
    ) -> std::result::Result<(), FeeRefusal> {
        self.write(move |tx| {
            let added = tx.execute(
                "INSERT INTO extra_fee (office, item, month) SELECT id, ?2, ?3 FROM office WHERE number = ?1",
                values![office, item.name(), month.to_string()],
            )?;
            if added == 0 {
                return Err(FeeRefusal::NotFound);
            }
            let detail = format!("{office} {} {month}", item.name());
            Ok(audit(tx, now, AuditEvent::ExtraFeeNoted, About::detail(&detail))?)
        })
        .await
    }

    /// Charges everything that is due up to `month` and was not charged before; returns the lines of that month's run. A
    /// month that was charged before gives the same lines again.
    pub async fn charge(
        &self,
        month: Month,
        debit_on: String,
        fees: Fees,
        made_at: String,
        now: i64,
    ) -> std::result::Result<Vec<FeeLine>, FeeRefusal> {
        self.write(move |tx| {
            let run = month.to_string();
            let latest: Option<String> = tx.only("SELECT max(month) FROM fee_run", values![], |row| row.get(0))?;
            let is_new = latest.as_ref().is_none_or(|latest| *latest < run);
            let is_known: bool =
                tx.only("SELECT EXISTS (SELECT 1 FROM fee_run WHERE month = ?1)", values![&run], |row| row.get(0))?;
            if let (false, false, Some(latest)) = (is_new, is_known, latest) {
                return Err(FeeRefusal::LaterRun(latest));
            }
            if is_new {
                tx.execute(
                    "INSERT INTO fee_run (month, debit_on, made_at) VALUES (?1, ?2, ?3)",
                    values![run, debit_on, made_at],
                )?;
                charge(tx, month, &run, fees)?;
                audit(tx, now, AuditEvent::FeesCharged, About::detail(&run))?;
            }
            Ok(lines(tx, &run)?)
        })
        .await
    }

    /// Notes the account of a corporation.
    pub async fn set_debit_account(
        &self,
        corporation_number: String,
        account: DebitAccount,
        now: i64,
    ) -> std::result::Result<(), AddError> {
        self.write(move |tx| {
            let corporation = super::accounts::corporation(tx, &corporation_number)?;
            let kind = match account.kind {
                AccountKind::Ordinary => "ordinary",
                AccountKind::Current => "current",
            };
            tx.execute(
                "INSERT INTO debit_account (corporation, bank, branch, kind, number, holder)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                 ON CONFLICT (corporation) DO UPDATE SET bank = excluded.bank, branch = excluded.branch,
                     kind = excluded.kind, number = excluded.number, holder = excluded.holder",
                values![corporation, account.bank, account.branch, kind, account.number, account.holder],
            )?;
            Ok(audit(tx, now, AuditEvent::DebitAccountSet, About::corporation(corporation))?)
        })
        .await
    }

    /// Returns what the run of `month` takes from each corporation, by 法人番号; `None` while the month was not charged.
    pub async fn debits(&self, month: Month) -> Result<Option<(String, Vec<Debit>)>> {
        self.read(move |tx| {
            let run = month.to_string();
            let sql = "SELECT debit_on FROM fee_run WHERE month = ?1";
            let debit_on: Option<String> = tx.row(sql, values![run], |row| row.get(0))?;
            let Some(debit_on) = debit_on else { return Ok(None) };
            let debits = tx.rows(
                "SELECT corporation.number, corporation.name, CAST(sum(yen) AS BIGINT), bank, branch, kind,
                     debit_account.number, holder
                 FROM fee JOIN office ON office.id = fee.office JOIN corporation ON corporation.id = office.corporation
                     LEFT JOIN debit_account ON debit_account.corporation = corporation.id
                 WHERE run = ?1
                 GROUP BY corporation.number, corporation.name, bank, branch, kind, debit_account.number, holder
                 ORDER BY corporation.number",
                values![run],
                read_debit,
            )?;
            Ok(Some((debit_on, debits)))
        })
        .await
    }

    /// Returns the debit day of a run, if the month was charged.
    pub async fn charged_on(&self, month: Month) -> Result<Option<String>> {
        self.read(move |tx| {
            let sql = "SELECT debit_on FROM fee_run WHERE month = ?1";
            tx.row(sql, values![month.to_string()], |row| row.get(0))
        })
        .await
    }
}

fn read_debit(row: &Row) -> Result<Debit> {
    let account = match row.get::<Option<String>>(3)? {
        None => None,
        Some(bank) => Some(DebitAccount {
            bank,
            branch: row.get(4)?,
            kind: if row.get::<String>(5)? == "current" { AccountKind::Current } else { AccountKind::Ordinary },
            number: row.get(6)?,
            holder: row.get(7)?,
        }),
    };
    Ok(Debit { corporation_number: row.get(0)?, corporation_name: row.get(1)?, yen: row.get(2)?, account })
}

fn charge(tx: &Tx<'_>, month: Month, run: &str, fees: Fees) -> Result<()> {
    let sql = "SELECT office, start_month, last_month, option_from FROM contract ORDER BY office, start_month";
    let contracts = tx.rows(sql, &[], |row| {
        let month = |text: Option<String>| text.as_deref().map(parse).transpose();
        Ok((row.get::<i64>(0)?, parse(&row.get::<String>(1)?)?, month(row.get(2)?)?, month(row.get(3)?)?))
    })?;
    for (office, start, last, option) in contracts {
        let last = last.map_or(month, |last| last.min(month));
        // The registration fee goes with the first monthly fee, once.
        if start <= last {
            add(tx, run, office, "registration", start, fees.registration)?;
        }
        for month in months(start, last) {
            add(tx, run, office, "monthly", month, fees.monthly)?;
        }
        let Some(option) = option.filter(|option| *option <= last) else { continue };
        add(tx, run, office, "option_registration", option, fees.option_registration)?;
        for month in months(option, last) {
            add(tx, run, office, "option_monthly", month, fees.option_monthly)?;
        }
    }
    for (item, yen) in [(ExtraItem::PasswordByHand, fees.password_by_hand), (ExtraItem::Recovery, fees.recovery)] {
        tx.execute(
            "INSERT INTO fee (run, office, item, month, extra, yen)
             SELECT ?1, office, item, month, id, ?3 FROM extra_fee
             WHERE item = ?2 AND month <= ?1 AND id NOT IN (SELECT extra FROM fee WHERE extra IS NOT NULL)
             ORDER BY id",
            values![run, item.name(), yen],
        )?;
    }
    Ok(())
}

fn add(tx: &Tx<'_>, run: &str, office: i64, item: &str, month: Month, yen: i64) -> Result<()> {
    tx.execute(
        "INSERT INTO fee (run, office, item, month, yen) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (office, item, month) WHERE extra IS NULL DO NOTHING",
        values![run, office, item, month.to_string(), yen],
    )?;
    Ok(())
}

fn lines(tx: &Tx<'_>, run: &str) -> Result<Vec<FeeLine>> {
    let sql = "SELECT corporation.number, corporation.name, office.number, office.name, item, month, yen
         FROM fee JOIN office ON office.id = fee.office JOIN corporation ON corporation.id = office.corporation
         WHERE run = ?1 ORDER BY corporation.number, office.number, fee.id";
    tx.rows(sql, values![run], |row| {
        Ok(FeeLine {
            corporation_number: row.get(0)?,
            corporation_name: row.get(1)?,
            office: row.get(2)?,
            office_name: row.get(3)?,
            item: row.get(4)?,
            month: row.get(5)?,
            yen: row.get(6)?,
        })
    })
}

fn months(first: Month, last: Month) -> impl Iterator<Item = Month> {
    (0..=last.months_since(first)).map(move |count| first.plus(count))
}

fn parse(text: &str) -> Result<Month> {
    text.parse().map_err(|_| Error::Corrupt("month"))
}
