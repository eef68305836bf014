//! Fees: what is due follows from the contracts; what was charged is kept and never charged again.

use calendar::Month;
use relay_api::applications::Fees;

use super::audit::{About, AuditEvent, audit};
use super::sql::{Tx, values};
use super::{Error, Result, Storage};

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

    /// Returns the debit day of a run, if the month was charged.
    pub async fn charged_on(&self, month: Month) -> Result<Option<String>> {
        self.read(move |tx| {
            let sql = "SELECT debit_on FROM fee_run WHERE month = ?1";
            tx.row(sql, values![month.to_string()], |row| row.get(0))
        })
        .await
    }
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
