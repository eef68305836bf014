use std::collections::BTreeMap;

use chrono::{Days, Duration, NaiveDateTime, NaiveTime};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::announcement::{self, Announcement};

/// What the simulated 国保連 decides, and how fast. The same scenario always gives the same notices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scenario {
    /// Source of every draw.
    pub seed: u64,
    /// How long the receipts take.
    pub delays: Delays,
    /// Decisions for particular persons; each counts once per office, for the person's first claim there.
    pub verdicts: Vec<Verdict>,
    /// Decisions for all other claims.
    pub rates: Rates,
    /// Files that never get as far as the receipt.
    #[serde(default)]
    pub mishaps: Vec<Mishap>,
    /// お知らせ to all offices of a prefecture.
    #[serde(default)]
    pub announcements: Vec<Announcement>,
    /// 事業所名 by 事業所番号, as the notices print them. A claim file carries no name; an office that is missing here gets
    /// an invented one.
    pub office_names: BTreeMap<String, String>,
}

impl Scenario {
    /// Returns the scenario of demonstrations: person 0000000101 is returned (12PA), 0000000202 held and released a month
    /// later, 0000000303 paid, 0000000505 paid and taken back（過誤）a month later, of all others a few in a hundred are returned, held or reduced. The first file with person
    /// 0000000904 meets a 様式エラー, with 0000000910 a 到達エラー, with 0000000911 a 伝送エラー, with 0000000912 an 外部エラー. On
    /// 2026-07-21 an お知らせ with a PDF goes to all offices of prefecture 99.
    pub fn demo() -> Self {
        let verdict = |insured: &str, outcome| Verdict { insured: insured.to_owned(), outcome };
        Self {
            seed: 2026,
            delays: Delays::quick(),
            verdicts: vec![
                verdict("0000000101", Outcome::Return("12PA".to_owned())),
                verdict("0000000202", Outcome::Hold { end: HoldEnd::Released, after_months: 1 }),
                verdict("0000000303", Outcome::Pay),
                verdict("0000000505", Outcome::Kago { after_months: 1 }),
            ],
            rates: Rates { returned: 50, held: 20, reduced: 20, hold_returned: 300 },
            mishaps: [
                ("0000000904", Trouble::Form),
                ("0000000910", Trouble::NotArrived),
                ("0000000911", Trouble::LineBroke),
                ("0000000912", Trouble::Outside),
            ]
            .map(|(insured, trouble)| Mishap { insured: insured.to_owned(), trouble })
            .into(),
            announcements: vec![announcement::of_demonstrations()],
            office_names: BTreeMap::new(),
        }
    }

    /// Returns a number in `0..bound` that depends on the seed, on what it is drawn for and on the claim, and on nothing
    /// else: neither on the order of files nor on other claims. `bound` 0 gives 0.
    pub(crate) fn draw(&self, purpose: &str, key: &str, bound: u64) -> u64 {
        let mut hash = Sha256::new();
        hash.update(self.seed.to_be_bytes());
        hash.update(purpose.as_bytes());
        hash.update([0]);
        hash.update(key.as_bytes());
        let number = hash.finalize().iter().take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        number.checked_rem(bound).unwrap_or(0)
    }
}

/// A decision for a person's first claim at an office.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// 被保険者番号, ten characters.
    pub insured: String,
    /// What is decided.
    pub outcome: Outcome,
}

/// What befalls a file on its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mishap {
    /// 被保険者番号, ten characters: it befalls the first file of each office in which the person occurs.
    pub insured: String,
    /// What befalls it.
    pub trouble: Trouble,
}

/// How a file fails although the program finds nothing wrong with it. Nothing is accepted; sent again it passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Trouble {
    /// 5C04 様式エラー: the federation found what nobody before it can know.
    Form,
    /// 5C10 到達エラー: the federation was not reached.
    NotArrived,
    /// 5C11 伝送エラー: the line broke while it was transmitted.
    LineBroke,
    /// 5C12 外部エラー: it arrived, and a system beyond the federation's own failed.
    Outside,
}

/// What is decided on a claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// 返戻 with this code, for example `12PA`.
    Return(String),
    /// 保留, ended `after_months` reviews later (at least one).
    Hold {
        /// How it ends.
        end: HoldEnd,
        /// Number of reviews until it ends.
        after_months: u8,
    },
    /// 決定, and `after_months` reviews later 過誤: the insurer takes the whole statement back（features X07）, in the first
    /// review from then on in which the office claims at least as much.
    Kago {
        /// Number of reviews until it is taken back.
        after_months: u8,
    },
    /// 査定: fewer units are paid than claimed. A claim whose amounts do not follow from its units is paid as claimed.
    Reduce,
    /// 決定.
    Pay,
}

/// How a 保留 ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum HoldEnd {
    /// 保留復活: paid.
    Released,
    /// 返戻: the 給付管理票 never came.
    Returned,
}

/// Shares of claims that are not simply paid, per mille.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Rates {
    /// 返戻.
    pub returned: u16,
    /// 保留.
    pub held: u16,
    /// 査定.
    pub reduced: u16,
    /// Of the held ones, those that end as 返戻; the others are released.
    pub hold_returned: u16,
}

/// How long after a submission each receipt comes, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delays {
    /// 5C01 到達完了.
    pub arrived: u32,
    /// 5C02 連合会到達.
    pub reached: u32,
    /// 5C03 受付中.
    pub receiving: u32,
    /// 5C05 受付完了, or 5C04 様式エラー.
    pub received: u32,
    /// 5C06 送信完了, counted from the end of the claim window.
    pub closed: u32,
    /// 取消完了 or 取消失敗, counted from the wish to cancel (features X03).
    #[serde(default)]
    pub cancelled: u32,
    /// The night rule (features R05): what is sent between 17:00 and 9:00 is taken up at 9:30 in the morning.
    pub night: bool,
}

impl Delays {
    /// Returns the delays of demonstrations: 1, 2, 3 and 5 seconds.
    pub fn quick() -> Self {
        Self { arrived: 1, reached: 2, receiving: 3, received: 5, closed: 0, cancelled: 4, night: false }
    }

    /// Returns delays as offices know them: 到達 within minutes, 受付 within hours, at night only the next morning.
    pub fn real() -> Self {
        Self {
            arrived: 5 * 60,
            reached: 10 * 60,
            receiving: 30 * 60,
            received: 2 * 60 * 60,
            closed: 60 * 60,
            cancelled: 30 * 60,
            night: true,
        }
    }

    /// Returns the moment from which a submission sent at `sent` is worked on.
    pub(crate) fn taken_up(self, sent: NaiveDateTime) -> NaiveDateTime {
        let time = |hour, minute| NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or_default();
        let day = if !self.night || (time(9, 0) <= sent.time() && sent.time() < time(17, 0)) {
            return sent;
        } else if sent.time() < time(9, 0) {
            sent.date()
        } else {
            sent.date().checked_add_days(Days::new(1)).unwrap_or(sent.date())
        };
        day.and_time(time(9, 30))
    }
}

/// Adds seconds to a moment; stays where it is at the end of chrono's range.
pub(crate) fn later(moment: NaiveDateTime, seconds: u32) -> NaiveDateTime {
    moment.checked_add_signed(Duration::seconds(i64::from(seconds))).unwrap_or(moment)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(sent: &str, expected: &str) {
        assert_eq!(Delays::real().taken_up(sent.parse().unwrap()), expected.parse().unwrap(), "sent {sent}");
    }

    #[test]
    fn works_by_day_and_waits_at_night() {
        check("2026-06-05T09:00:00", "2026-06-05T09:00:00");
        check("2026-06-05T16:59:59", "2026-06-05T16:59:59");
        check("2026-06-05T17:00:00", "2026-06-06T09:30:00");
        check("2026-06-05T08:59:59", "2026-06-05T09:30:00");
        check("2026-06-10T22:00:00", "2026-06-11T09:30:00");
    }

    #[test]
    fn draws_depend_on_seed_purpose_and_claim() {
        let scenario = Scenario::demo();
        let other = Scenario { seed: 1, ..scenario.clone() };
        let draw = scenario.draw("verdict", "a", u64::MAX);
        assert_eq!(draw, scenario.clone().draw("verdict", "a", u64::MAX));
        assert_ne!(draw, scenario.draw("verdict", "b", u64::MAX));
        assert_ne!(draw, scenario.draw("hold", "a", u64::MAX));
        assert_ne!(draw, other.draw("verdict", "a", u64::MAX));
        assert_eq!(scenario.draw("verdict", "a", 0), 0);
    }
}
