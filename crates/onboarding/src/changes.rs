//! What can change later, by when it has to be said and what it leads to（C04–C06, C11, O20）.

use calendar::{DueDate, OperatorCalendar, StartPlan, StopPlan, wareki_date};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::Fees;

/// Something that changes after the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// 事業所を増やす.
    AddOffices,
    /// 法人や事業所の内容が変わる.
    ChangeData,
    /// 返戻管理（オプション）を加える.
    AddOption,
    /// 事業所番号が変わる: a new start and a stop.
    ChangedNumber,
    /// やめる.
    Stop,
    /// パスワードが分からない.
    LostPassword,
}

/// What a change takes and does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeRule {
    /// Which.
    pub change: Change,
    /// Name.
    pub title: &'static str,
    /// Last day to say it in the present round; `None` when it can be done at any time.
    pub due: Option<DueDate>,
    /// When it takes effect, what it costs.
    pub effect: String,
    /// What to prepare and to do.
    pub how: &'static str,
}

/// Returns all changes with their dates for one who says so today. Without a business day in the operator's calendar the
/// list is empty.
pub fn changes(today: NaiveDate, operator: &OperatorCalendar, fees: &Fees) -> Vec<ChangeRule> {
    let (Some(start), Some(stop)) = (operator.start_when_applied(today), operator.stop_when_applied(today)) else {
        return Vec::new();
    };
    let StartPlan { apply_by, start: first, .. } = start;
    let StopPlan { end, last_debit, .. } = stop;
    let (first, end, last) = (wareki_date(first), wareki_date(end), wareki_date(last_debit.date));
    vec![
        ChangeRule {
            change: Change::AddOffices,
            title: "事業所を増やす",
            due: Some(apply_by),
            effect: format!(
                "{first}から使えます。1事業所につき、初回登録料{}円と月額{}円です。",
                fees.registration, fees.monthly
            ),
            how: "新しい事業所のユーザーIDと委任状が必要です。国保連への届け出から始めます。",
        },
        ChangeRule {
            change: Change::ChangeData,
            title: "法人や事業所の名前・住所などが変わった",
            due: Some(apply_by),
            effect: format!("{first}から新しい内容になります。"),
            how: "変わったところを申し込みます。事業所番号が変わったときは、下の「事業所番号が変わった」を選びます。",
        },
        ChangeRule {
            change: Change::AddOption,
            title: "返戻管理（オプション）を加える",
            due: Some(apply_by),
            effect: format!(
                "{first}から使えます。1事業所につき、初回登録料{}円と月額{}円です。",
                fees.option_registration, fees.option_monthly
            ),
            how: "委任状はいりません。",
        },
        ChangeRule {
            change: Change::ChangedNumber,
            title: "事業所番号が変わった",
            due: Some(apply_by),
            effect: format!("新しい番号は{first}から使えます。前の番号は{end}で終わります。"),
            how: "変更ではなく、新しい番号の申し込みと、前の番号の終了の申し込みの2つになります。新しい番号のユーザーIDと委任状が必要です。",
        },
        ChangeRule {
            change: Change::Stop,
            title: "利用をやめる",
            due: Some(stop.apply_by),
            effect: format!("{end}まで使えます。最後の利用料の引き落としは{last}です。"),
            how: "最後の月までの通知を受け取り、次の請求のしかた（自分の証明書か、ほかの代理人）を国保連に届けてから申し込みます。申し込みのあとの取り消しには、費用がかかることがあります。",
        },
        ChangeRule {
            change: Change::LostPassword,
            title: "パスワードが分からなくなった",
            due: None,
            effect: format!(
                "ログインの画面で自分で決め直せば、費用はかかりません。運営者に頼むと、1つのIDにつき{}円です。",
                fees.password
            ),
            how: "まちがいが続くと30分ログインできなくなります。受付期間の終わりが近いときは、先に運営者へ電話してください。",
        },
    ]
}
